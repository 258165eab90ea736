//! `tanets status`: did the digest go out, when is the next one, and is all there as it should be. Reads only.

use futures_util::future::join;
use jiff::{SignedDuration, Timestamp};

use super::{Wanted, connect_to, identify_as, pending, read_if_there, upcoming, want, zone};
use crate::aws;
use crate::cli::{ExitArgs, Global};
use crate::deadline::Deadline;
use crate::delivery::{Delivery, Due, Standing};
use crate::exit::{Exit, Failure};
use crate::observe::observe;
use crate::plan::Goal;
use crate::resource::{log_group, rule};
use crate::run_log::{Line, Reader};
use crate::stacks;
use crate::view::View;

const GOAL: Goal = Goal::Present { adopt: false };

pub(super) async fn status(
    global: &Global,
    exit: ExitArgs,
    view: &dyn View,
    now: Timestamp,
) -> Result<Exit, Failure> {
    let deadline = Deadline::of_a_run(global.timeout);
    deadline.hold(look(global, exit, view, now)).await?
}

async fn look(global: &Global, exit: ExitArgs, view: &dyn View, now: Timestamp) -> Result<Exit, Failure> {
    let Wanted { config, identity: _, aws, stack, mut deployment } = want(global, view, GOAL).await?;
    let due = Due::before(now, &config.schedule, zone(&config), config.function.timeout);
    let group = log_group::name_of(&config.name);
    let (observation, log) = join(observe(&stack, &aws), aws.log_lines(&group, due.since())).await;
    let observation = observation.map_err(Failure::Unreadable)?;
    let retention = config.function.log_retention_days;
    let retention = retention.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
    let delivery = delivery(&due, log, Standing::of(&observation), retention);
    // What a deploy would make of the rule, `drift` tells.
    deployment.disabled = match observation.get(&rule::ADDRESS) {
        Some(rule) => rule::is_disabled(Some(rule)),
        None => config.enabled == Some(false),
    };
    let plan = stack.plan(observation, GOAL);
    view.status(&deployment, &plan, &upcoming(&config, deployment.disabled, now), &delivery);
    Ok(pending(&plan, exit.detailed_exitcode))
}

/// The way of `status --all`.
pub(super) async fn all(global: &Global, exit: ExitArgs, view: &dyn View) -> Result<Exit, Failure> {
    let config = read_if_there(global, view)?;
    let config = config.as_ref();
    let aws = connect_to(global, config.and_then(|config| config.region.as_ref()), view).await?;
    let looked = async {
        let identity = identify_as(&aws, config.and_then(|config| config.account.as_ref())).await?;
        let stacks = stacks::all(&aws, &identity, config.map(|config| config.name.as_str())).await;
        Ok::<_, Failure>((identity, stacks))
    };
    let deadline = Deadline::of_a_run(global.timeout);
    let (identity, stacks) = deadline.hold(looked).await??;
    view.stacks(&identity, aws.endpoint_override.as_deref(), &stacks);
    let orphans = stacks.stacks.iter().any(|stack| stack.orphan().is_some());
    let unread = !stacks.unread.is_empty() || stacks.stacks.iter().any(|stack| !stack.unread.is_empty());
    Ok(match exit.detailed_exitcode {
        // Nobody knows whether all is there.
        true if unread => Exit::Failed,
        true if orphans => Exit::Changes,
        _ => Exit::Done,
    })
}

/// A log that can't be read leaves one question open, and all else can be told.
fn delivery(
    due: &Due,
    log: Result<Option<Vec<Line>>, aws::Error>,
    standing: Standing,
    retention: Option<SignedDuration>,
) -> Delivery {
    match log {
        // Without a log group nothing has run since the last deploy.
        Ok(lines) => {
            Delivery::judge(due, Reader::default().read(lines.unwrap_or_default()), standing, retention)
        }
        Err(error) => Delivery::unknown(due, error.to_string(), error.hint()),
    }
}
