//! `tanets invoke`: one run of the deployed function, now. Dry by default: the message comes back and isn't posted.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::{connect, identify, load};
use crate::attributes::Value;
use crate::aws::{Aws, Identity};
use crate::cli::{Global, InvokeArgs};
use crate::config::Config;
use crate::deadline::{self, Deadline};
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
    let deadline = Deadline::after(global.timeout.unwrap_or(deadline::DEFAULT));
    deadline.hold(run(global, args, view, now)).await?
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

async fn run(global: &Global, args: &InvokeArgs, view: &dyn View, now: Timestamp) -> Result<Exit, Failure> {
    let Deployed { config, aws, identity: _, timeout } = deployed(global, view).await?;
    // With a day, the message comes back, and a day without anything has one too.
    let yesterday = || now.to_zoned(config.settings.timezone.clone()).date().yesterday().ok();
    let day = args.date.or_else(yesterday).map(|day| day.to_string());
    let event = json!({ "date": day, "dry_run": !args.post });
    let invoked = aws.invoke(&config.name, &event, timeout).await.map_err(Failure::Invoke)?;
    view.invoked(&invoked);
    let text = |key: &str| invoked.answer[key].as_str().unwrap_or("unknown").to_owned();
    match invoked.failed {
        true => Err(Failure::Run { kind: text("errorType"), message: text("errorMessage") }),
        false => Ok(Exit::Done),
    }
}
