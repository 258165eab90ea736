//! `tanets invoke`: one run of the deployed function, now. Dry by default: the message comes back and isn't posted.

use std::time::Duration;

use jiff::Timestamp;

use super::{connect, event_of_a_day, identify, load, zone};
use crate::attributes::Value;
use crate::aws::{Aws, Identity};
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
    let event = event_of_a_day(args.date, args.post, zone(&config), now);
    let invoked = aws.invoke(&config.name, &event, timeout).await.map_err(Failure::Invoke)?;
    view.invoked(&invoked);
    match invoked.error() {
        Some((kind, message)) => Err(Failure::Run { kind, message }),
        None => Ok(Exit::Done),
    }
}
