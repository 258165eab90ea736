//! Every key, with its default and what depends on it: the file read from top to bottom.

use std::collections::BTreeMap;
use std::path::Path;

use tanets_function::settings::{
    Auth, DEFAULT_FIELD, DEFAULT_MESSAGE_FIELD, DEFAULT_TIME_FIELD, Reference, Settings,
};

use super::document::{Document, Text};
use super::{
    Config, Function, Vpc, digest, domain_from_host, environment_size, host_of, is_in_vpc, reference,
    region_from_host, settings_size, values, webhook,
};

/// CloudWatch's retentions, in days (PutRetentionPolicy's model).
pub(super) const RETENTION: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Tags that the file may have: AWS takes 50, and the function has three of ours (stack, role id, version).
const MAX_TAGS: usize = 47;

/// Bytes that a function's environment may have, as compact JSON (Lambda quotas: 4 KB).
const MAX_ENVIRONMENT: usize = 4096;

/// Bytes that a change of a function's settings must stay below, as a whole (Lambda developer guide, troubleshooting
/// deployments).
const MAX_SETTINGS: usize = 5120;

/// All of the file; none only if a problem was noted.
pub(super) fn config(doc: &mut Document<'_>, file: &Path) -> Option<Config> {
    let name = doc.required("", "name", "error_log_daily_notify");
    let name = name.and_then(|text| doc.check(&text, values::name));
    let schedule = doc.required("", "schedule", "cron(15 1 * * ? *)");
    let schedule = schedule.and_then(|text| doc.check(&text, values::schedule));
    let region = doc.text("", "region").and_then(|text| doc.check(&text, values::region));
    let account = doc.text("", "account").and_then(|text| doc.check(&text, values::account));
    let enabled = doc.flag("", "enabled");
    let protect = doc.flag("", "protect").filter(|protect| *protect).and_then(|_| doc.line("", "protect"));
    let vpc = vpc(doc);
    let function = function(doc, file);
    let tags = tags(doc);
    let (settings, domain) = settings(doc)?;
    if let (Reference::Plain(endpoint), None) = (&settings.endpoint, &vpc)
        && is_in_vpc(host_of(endpoint.expose()))
    {
        doc.warn_of(
            "elasticsearch",
            "endpoint",
            "is inside a VPC, where a function without [vpc] can't reach it",
            "write [vpc] with `subnets` that have a route to a NAT gateway, and `security_groups` that the domain lets in",
        );
    }
    let size = environment_size(&settings);
    if size > MAX_ENVIRONMENT {
        doc.problem_of_all(
            format!(
                "the function's environment would be {size} bytes, Lambda takes at most {MAX_ENVIRONMENT}"
            ),
            "use fewer or shorter `indexes` and `levels`: patterns such as `app-*` say more in less",
        );
    }
    let kms_key = function.kms_key.as_deref();
    let whole = settings_size(size, name.as_deref().unwrap_or_default(), vpc.as_ref(), kms_key);
    if size <= MAX_ENVIRONMENT && whole >= MAX_SETTINGS {
        doc.problem_of_all(
            format!(
                "the function's settings would be {whole} bytes, of them {size} environment; Lambda takes less than \
                 {MAX_SETTINGS}"
            ),
            "use fewer or shorter `indexes`, `levels` and `subnets`",
        );
    }
    Some(Config {
        name: name?,
        schedule: schedule?,
        region,
        account,
        enabled,
        protect,
        settings,
        domain,
        vpc,
        function,
        tags,
        warnings: Vec::new(),
    })
}

/// What the function is told, and the domain that its role may search.
fn settings(doc: &mut Document<'_>) -> Option<(Settings, Option<String>)> {
    let endpoint = endpoint(doc);
    let indexes = doc.required_texts("elasticsearch", "indexes", "app-*");
    let indexes = indexes.map(|texts| doc.check_all(&texts, values::index));
    let hook = doc.required("slack", "webhook", "ssm:/tanets/slack-webhook");
    let (channel, username) = (doc.text("slack", "channel"), doc.text("slack", "username"));
    let hook = hook.and_then(|text| {
        webhook::warn(doc, &text);
        doc.check(&text, reference::webhook)
    });
    let plain = |doc: &mut Document<'_>, text: Option<Text>| doc.check(&text?, values::plain);
    let (channel, username) = (plain(doc, channel), plain(doc, username));
    let digest = digest::digest(doc);
    let field = doc.text("elasticsearch", "field");
    let field = plain(doc, field).unwrap_or_else(|| DEFAULT_FIELD.to_owned());
    let message_field = doc.text("elasticsearch", "message_field");
    let message_field = plain(doc, message_field).unwrap_or_else(|| DEFAULT_MESSAGE_FIELD.to_owned());
    let time_field = doc.text("elasticsearch", "time_field");
    let time_field = plain(doc, time_field).unwrap_or_else(|| DEFAULT_TIME_FIELD.to_owned());
    let auth = auth(doc);
    let domain = domain(doc, endpoint.as_ref(), auth);
    let credentials = credentials(doc, auth);
    let ca = doc.text("elasticsearch", "ca").and_then(|text| doc.check(&text, reference::ca));
    let settings = Settings {
        webhook: hook?,
        channel,
        username,
        kibana: digest.kibana,
        dashboards: digest.dashboards,
        data_view: digest.data_view,
        endpoint: endpoint?,
        indexes: indexes?,
        levels: digest.levels?,
        unit: digest.unit,
        field,
        message_field,
        time_field,
        auth: auth?,
        credentials,
        ca,
        timezone: digest.timezone,
        language: digest.language,
        opening: digest.opening,
        chart: digest.chart,
        messages: digest.messages,
        zero: digest.zero,
        warn: digest.warn,
        alert: digest.alert,
        mention: digest.mention,
    };
    Some((settings, domain))
}

fn endpoint(doc: &mut Document<'_>) -> Option<Reference> {
    let text = doc.required("elasticsearch", "endpoint", "https://search.example.com")?;
    if text.value.starts_with("http://") {
        doc.warn(
            &text,
            "is not encrypted: queries, log lines and credentials travel as plain text",
            "use https://",
        );
    }
    doc.check(&text, reference::endpoint)
}

/// None only if it is wrong.
fn auth(doc: &mut Document<'_>) -> Option<Auth> {
    match doc.entry("elasticsearch", "auth") {
        Some(_) => {
            let text = doc.text("elasticsearch", "auth")?;
            doc.check(&text, |auth| values::choice(auth, Auth::ALL))
        }
        None => Some(Auth::default()),
    }
}

fn credentials(doc: &mut Document<'_>, auth: Option<Auth>) -> Option<Reference> {
    // A wrong `auth` is one problem, not two.
    let auth = auth?;
    let needed = matches!(auth, Auth::Basic | Auth::ApiKey);
    if needed && doc.entry("elasticsearch", "credentials").is_none() {
        doc.missing("elasticsearch", "credentials", "\"ssm:/tanets/search-credentials\"");
    }
    let text = doc.text("elasticsearch", "credentials")?;
    if !needed {
        let message = format!("is not used with `auth = \"{auth}\"`");
        doc.problem(&text, message, "set `auth = \"basic\"` or `auth = \"api-key\"`, or remove it");
        return None;
    }
    doc.check(&text, |value| reference::credentials(value, auth, text.from_env))
}

/// The domain that signed requests go to: as given, or from the endpoint's host; a problem if neither tells.
fn domain(doc: &mut Document<'_>, endpoint: Option<&Reference>, auth: Option<Auth>) -> Option<String> {
    if doc.entry("elasticsearch", "domain").is_some() {
        return doc.text("elasticsearch", "domain").and_then(|text| doc.check(&text, values::domain));
    }
    let host = match endpoint? {
        Reference::Plain(endpoint) => Some(host_of(endpoint.expose())),
        Reference::Ssm(_) | Reference::SecretsManager(_) | Reference::Kms(_) => None,
    };
    let is_aws = host.and_then(region_from_host).is_some();
    let is_signed = match auth? {
        Auth::SigV4 => true,
        Auth::Auto => is_aws || host.is_none(),
        Auth::Basic | Auth::ApiKey | Auth::None => false,
    };
    if is_signed && !is_aws {
        doc.missing_because(
            "elasticsearch",
            "domain",
            "is required, because the endpoint does not tell which OpenSearch domain the role may search",
            "add `domain = \"logs\"` with the domain's name, or `auth = \"none\"` if requests are not signed",
        );
    }
    host.filter(|_| is_signed).and_then(domain_from_host)
}

fn vpc(doc: &mut Document<'_>) -> Option<Vpc> {
    if !doc.has("vpc") {
        return None;
    }
    let subnets = doc.required_texts("vpc", "subnets", "subnet-0a1");
    let security_groups = doc.required_texts("vpc", "security_groups", "sg-0d3");
    let subnets = ids(doc, &subnets?, "subnet-", 16);
    let security_groups = ids(doc, &security_groups?, "sg-", 5);
    Some(Vpc { subnets, security_groups })
}

fn ids(doc: &mut Document<'_>, texts: &[Text], prefix: &str, most: usize) -> Vec<String> {
    if let Some(surplus) = texts.get(most) {
        doc.problem(surplus, format!("is one too many: Lambda takes at most {most}"), "remove some");
    }
    doc.check_all(texts, |value| values::id(value, prefix))
}

fn function(doc: &mut Document<'_>, file: &Path) -> Function {
    let table = "function";
    let architecture =
        doc.text(table, "architecture").and_then(|text| doc.check(&text, values::architecture));
    let package = doc.text(table, "package").and_then(|text| doc.check(&text, values::plain));
    let folder = file.parent().unwrap_or(Path::new(""));
    Function {
        memory: doc.number(table, "memory", 128..=10_240, "MB").unwrap_or(128),
        timeout: doc.number(table, "timeout", 1..=900, "seconds").unwrap_or(60),
        architecture: architecture.unwrap_or_default(),
        log_retention_days: doc.days(table, "log_retention_days", &RETENTION).unwrap_or(Some(30)),
        kms_key: doc.text(table, "kms_key").and_then(|text| doc.check(&text, values::kms_key)),
        package: package.map(|path| folder.join(path)),
    }
}

fn tags(doc: &mut Document<'_>) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    for (index, (key, text)) in doc.all_texts("tags").into_iter().enumerate() {
        if index == MAX_TAGS {
            doc.problem(
                &text,
                format!("is one too many: at most {MAX_TAGS}, AWS's 50 less our own"),
                "remove some",
            );
        }
        // IAM does not tell keys apart by case.
        if tags.keys().any(|known: &String| known.to_lowercase() == key.to_lowercase()) {
            doc.problem(
                &text,
                "is there twice: IAM takes both spellings for the same key",
                "remove one of them",
            );
        }
        if let Some(value) = doc.check(&text, |value| values::tag(&key, value)) {
            tags.insert(key, value);
        }
    }
    tags
}
