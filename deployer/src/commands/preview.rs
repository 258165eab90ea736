//! `tanets preview`: the very library that the Lambda runs, from here. Deploys nothing, and posts only with `--post`.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tanets_function::environment::Environment;
use tanets_function::http::parse_url;
use tanets_function::run::{Function, Outcome};
use tanets_function::settings::{Auth, Reference, Settings};
use tanets_function::{auth, preview};

use super::{connect, event_of_a_day, identify, load, zone};
use crate::cli::{DEFAULT_CONFIG, Global, PreviewArgs};
use crate::config::{Config, Problem};
use crate::exit::{Exit, Failure};
use crate::init::Draft;
use crate::view::{Preview, View};

pub(super) async fn preview(
    global: &Global,
    args: &PreviewArgs,
    view: &dyn View,
    now: Timestamp,
) -> Result<Exit, Failure> {
    let config = match args.sample {
        true => load_or_imagine(global, view)?,
        false => load(global, view)?,
    };
    let event = event_of_a_day(args.date, args.post, zone(&config), now);
    let outcome = match args.sample {
        true => preview::sample(&config.settings, &event, now).map_err(Failure::Preview)?,
        false => count(global, args, view, &config, &event, now).await?,
    };
    let payload = serde_json::to_value(&outcome.message).unwrap_or_default();
    if let Some(file) = &args.html {
        let page = preview::page(&payload, &now.to_string());
        view.page(file, &page).map_err(|source| Failure::Write { path: file.clone(), source })?;
    }
    view.preview(&Preview {
        outcome: &outcome,
        payload: &payload,
        sample: args.sample,
        only_payload: args.json,
    });
    if args.open {
        let url = preview::builder_url(&payload);
        view.opened(&url, open::that_detached(&url).is_ok());
    }
    Ok(Exit::Done)
}

/// The configuration; that of `init`'s examples where there is none yet and none is asked for by name.
fn load_or_imagine(global: &Global, view: &dyn View) -> Result<Config, Failure> {
    let path = &global.config;
    if path.exists() || path.as_os_str() != DEFAULT_CONFIG {
        return load(global, view);
    }
    view.warning(&Problem {
        file: path.display().to_string(),
        key: None,
        place: None,
        message: "is not here, so the message is made for the examples of `tanets init`".to_owned(),
        hint: Some("run `tanets init` first, and see your own levels, language and links".to_owned()),
    });
    Ok(Config::parse(&Draft::of_examples().text(), path, &|_| None)?)
}

/// A run of the function, here.
async fn count(
    global: &Global,
    args: &PreviewArgs,
    view: &dyn View,
    config: &Config,
    event: &Value,
    now: Timestamp,
) -> Result<Outcome, Failure> {
    let environment = match asks_aws(&config.settings, args.post) {
        true => {
            let aws = connect(global, config, view).await?;
            if config.account.is_some() {
                identify(&aws, config).await?;
            }
            aws.environment(&config.name).await.map_err(Failure::Identity)?
        }
        false => Environment::default(),
    };
    // As long as Lambda would give it, unless somebody knows better.
    let time = global.timeout.unwrap_or(Duration::from_secs(config.function.timeout.into()));
    let function = Function::new(config.settings.clone(), environment);
    function.run(event, None, now, time).await.map_err(Failure::Preview)
}

/// Whether the run signs any request: to read a reference, or to search.
fn asks_aws(settings: &Settings, post: bool) -> bool {
    let stands_elsewhere = |reference: &Reference| !matches!(reference, Reference::Plain(_));
    let Settings { webhook, endpoint, credentials, ca, auth: way, .. } = settings;
    let signs = match (way, endpoint) {
        (Auth::SigV4, _) => true,
        (Auth::Auto, Reference::Plain(endpoint)) => {
            let url = parse_url(endpoint.expose()).ok();
            let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
            credentials.is_none() && auth::amazon_service(host).is_some()
        }
        _ => false,
    };
    let read = [Some(endpoint), credentials.as_ref(), ca.as_ref(), Some(webhook).filter(|_| post)];
    signs || read.into_iter().flatten().any(stands_elsewhere)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn aws_is_asked_only_by_what_signs() {
        let asks = |endpoint: &str, more: &str, webhook: &str, post| {
            let text = format!(
                "name = \"digest\"\nschedule = \"rate(1 day)\"\n[elasticsearch]\nindexes = [\"app\"]\n\
                 endpoint = \"{endpoint}\"\n{more}\n[slack]\nwebhook = \"{webhook}\"\n[digest]\nlevels = [\"Fatal\"]"
            );
            let env = |_: &str| Some("user:password".to_owned());
            asks_aws(&Config::parse(&text, Path::new("tanets.toml"), &env).unwrap().settings, post)
        };
        let (own, domain) = ("http://127.0.0.1:9200", "vpc-logs-x.ap-northeast-1.es.amazonaws.com");
        let (url, ssm) = ("https://hooks.slack.com/services/T0/B0/x", "ssm:/tanets/webhook");
        let basic = "auth = \"basic\"\ncredentials = \"${SEARCH}\"";
        for (endpoint, more, webhook, post, expected) in [
            (own, "", url, true, false),
            (own, "", ssm, false, false),
            (own, "", ssm, true, true),
            (own, "auth = \"sigv4\"\ndomain = \"logs-x\"", url, false, true),
            (own, "auth = \"basic\"\ncredentials = \"ssm:/tanets/search\"", url, false, true),
            (domain, "", url, false, true),
            (domain, basic, url, false, false),
            ("ssm:/tanets/endpoint", "domain = \"logs-x\"", url, false, true),
        ] {
            assert_eq!(asks(endpoint, more, webhook, post), expected, "{endpoint} {more} {webhook} {post}");
        }
    }
}
