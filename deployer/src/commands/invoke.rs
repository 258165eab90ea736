//! `tanets invoke`: one run of the deployed function, now. Dry by default: the message comes back and isn't posted.

use std::time::Duration;

use jiff::Timestamp;

use super::{connect, event_of_a_day, identify, load, zone};
use crate::attributes::Value;
use crate::aws::{Aws, Identity, Invoked};
use crate::cli::{Global, InvokeArgs};
use crate::config::Config;
use crate::deadline::Deadline;
use crate::exit::{Exit, Failure};
use crate::plan::{Goal, NotOurs};
use crate::resource::{Observed, Owner, function};
use crate::stack::Stack;
use crate::view::View;

pub(super) async fn invoke(
    global: &Global,
    args: &InvokeArgs,
    view: &dyn View,
    now: Timestamp,
) -> Result<Exit, Failure> {
    let deadline = Deadline::of_a_run(global.timeout);
    let Deployed { config, aws, identity: _, timeout } = deadline.hold(deployed(global, view)).await??;
    // The function may take as long as it is allowed to, unless somebody knows better.
    let deadline = if global.timeout.is_none() { deadline.extended(timeout) } else { deadline };
    let event = event_of_a_day(args.date, args.post, zone(&config), now);
    let invoked = deadline.hold(aws.invoke(&config.name, &event, timeout)).await.map_err(Failure::Lost)?;
    let invoked = invoked.map_err(Failure::Invoke)?;
    view.invoked(&invoked);
    end(&invoked, args.post)
}

/// How the run ended, for whoever wanted a message in Slack, or not.
fn end(invoked: &Invoked, post: bool) -> Result<Exit, Failure> {
    match invoked.error() {
        Some((kind, message)) => Err(Failure::Run { kind, message }),
        None if post && invoked.answer["posted"] != true => Err(Failure::NotPosted),
        None => Ok(Exit::Done),
    }
}

/// A function of ours that is there, and what it takes to run it.
pub(super) struct Deployed {
    pub config: Config,
    pub aws: Aws,
    pub identity: Identity,
    /// Its time limit, as it is deployed.
    pub timeout: Duration,
}

/// Looks for the deployed function. Another's may not know what a dry run is, and post: that is refused.
pub(super) async fn deployed(global: &Global, view: &dyn View) -> Result<Deployed, Failure> {
    let config = load(global, view)?;
    let aws = connect(global, &config, view).await?;
    let identity = identify(&aws, &config).await?;
    let stack = Stack::new(&config, &identity, None, Goal::Present { adopt: false });
    let Some(resource) = stack.resource(&function::ADDRESS) else {
        return Err(Failure::NotDeployed("function"));
    };
    let observed = resource.observe(&aws).await;
    let observed = observed.map_err(|error| Failure::Unreadable(vec![(function::ADDRESS, error)]))?;
    let timeout = match observed {
        None => return Err(Failure::NotDeployed("function")),
        Some(Observed { owner: Owner::Ours, attributes, .. }) => match attributes.get("timeout") {
            Value::Number(seconds) => u64::try_from(*seconds).unwrap_or_default(),
            _ => config.function.timeout.into(),
        },
        Some(_) => {
            let why = "isn't this stack's function".to_owned();
            return Err(Failure::NotOurs(vec![NotOurs {
                address: function::ADDRESS,
                name: config.name,
                why,
            }]));
        }
    };
    Ok(Deployed { config, aws, identity, timeout: Duration::from_secs(timeout) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_post_that_the_answer_does_not_tell_of_is_no_success() {
        let end = |answer: serde_json::Value, failed, post| {
            let (log, duration, memory) = (String::new(), Duration::ZERO, None);
            end(&Invoked { answer, failed, duration, memory, log }, post).map_err(|failure| failure.exit())
        };
        assert_eq!(end(json!({ "posted": true }), false, true), Ok(Exit::Done));
        assert_eq!(end(json!({ "posted": false }), false, false), Ok(Exit::Done));
        for answer in [json!(null), json!("done"), json!({ "posted": false })] {
            assert_eq!(end(answer, false, true), Err(Exit::Failed));
        }
        assert_eq!(end(json!({ "errorType": "SearchError" }), true, false), Err(Exit::Failed));
    }
}
