//! `tanets deploy` and `destroy`: plan, ask, apply, tell, and let the deployed function check from inside.

use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use jiff::Timestamp;

use super::{Prepared, doctor, prepare, refuse, somebody_is_there};
use crate::apply::{Event, Interruption, Outcome, Part, apply};
use crate::aws::Aws;
use crate::cli::{ConfirmArgs, Global, GuardArgs};
use crate::deadline::{Deadline, OutOfTime};
use crate::exit::{Exit, Failure};
use crate::plan::{Goal, Plan};
use crate::resource::{Error, role};
use crate::retry;
use crate::stack::Stack;
use crate::view::View;

/// The way of `deploy` and `destroy`: plan, ask, apply, tell; what was deployed is checked from inside.
pub(super) async fn change(
    command: &'static str,
    global: &Global,
    view: &dyn View,
    now: Timestamp,
    goal: Goal,
    confirm: ConfirmArgs,
    guard: Option<&GuardArgs>,
) -> Result<Exit, Failure> {
    if !confirm.yes && !somebody_is_there() {
        return Err(Failure::NoTerminal);
    }
    let Prepared { aws, around, stack, plan, deployment, runs, mut deadline } =
        prepare(global, view, now, goal).await?;
    view.plan(command, &deployment, &plan, &runs);
    refuse(&plan, guard.and_then(|guard| guard.expect.as_ref()))?;
    if !plan.steps.is_empty() && !confirm.yes {
        let asked = Instant::now();
        if !view.confirm(command, &deployment.name, &plan) {
            return Err(Failure::NotConfirmed);
        }
        deadline = deadline.without(asked.elapsed());
    }
    if global.timeout.is_none() && plan.steps.iter().any(role::waits_for_interfaces) {
        deadline = deadline.extended(retry::NETWORK_INTERFACES);
    }
    let outcome = carry_out(&aws, &stack, &plan, view, deadline).await;
    view.outcome(command, &deployment, &plan, &outcome, &runs);
    match &outcome {
        Outcome { interrupted: Some(Interruption::Signal), .. } => return Ok(Exit::Interrupted),
        outcome if !outcome.succeeded() => return Ok(Exit::Failed),
        _ => {}
    }
    if plan.steps.is_empty() || guard.is_none_or(|guard| guard.no_check) {
        return Ok(Exit::Done);
    }
    let role = plan.steps.iter().any(|step| step.address == role::ADDRESS);
    let timeout = Duration::from_secs(around.config.function.timeout.into());
    let deployed = Some(doctor::JustDeployed { role });
    Ok(doctor::Check { aws: &aws, around, timeout, deadline, deployed }.run(view).await)
}

async fn carry_out(aws: &Aws, stack: &Stack, plan: &Plan, view: &dyn View, deadline: Deadline) -> Outcome {
    let part_of = async |step, part| {
        let progress = |text| view.event(Event::Progress(step, text));
        match (stack.resource(&step.address), part) {
            (Some(resource), Part::Write) => resource.apply(aws, step, &progress).await,
            (Some(resource), Part::Settle) => resource.settle(aws, step, &progress).await,
            (None, _) => Ok(()),
        }
    };
    let run = async |step, part| match deadline.cut(part_of(step, part)).await {
        Ok(ended) => ended,
        Err(OutOfTime(limit)) => {
            Err(Error::TimedOut { state: "under way".to_owned(), seconds: limit.as_secs() })
        }
    };
    let interrupt = async {
        let (asked, passed) = (pin!(interrupted()), pin!(deadline.passed()));
        let why = match select(asked, passed).await {
            Either::Left(((), _)) => Interruption::Signal,
            Either::Right((up, _)) => Interruption::Time(up),
        };
        // Whoever asks twice doesn't want to wait: nothing is lost, the next run goes on.
        tokio::spawn(async {
            interrupted().await;
            std::process::exit(i32::from(Exit::Interrupted as u8));
        });
        why
    };
    apply(plan, run, interrupt, |event| view.event(event)).await
}

/// Comes with Ctrl-C, or with the SIGTERM by which CI cancels: from this call on, not from the first look at it.
#[cfg(unix)]
pub(super) fn interrupted() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let come = |kind| {
        let signal = signal(kind).ok();
        Box::pin(async {
            match signal {
                Some(mut signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        })
    };
    let either = select(come(SignalKind::interrupt()), come(SignalKind::terminate()));
    async { drop(either.await) }
}

/// Comes with Ctrl-C.
#[cfg(not(unix))]
pub(super) async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
