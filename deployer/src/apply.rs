//! Carries out a plan: dependency order, independent steps side by side, events for whoever watches.
//!
//! Decides nothing and prints nothing; what a step does is its caller's.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::Instant;

use crate::plan::{Action, Plan, Step};
use crate::resource::{Address, Error};

/// What happens while a plan is carried out.
#[derive(Debug)]
pub enum Event<'a> {
    /// A step begins.
    Started(&'a Step),
    /// A step waits for something.
    Progress(&'a Step, String),
    /// A step is done.
    Finished(&'a Step, Duration),
    /// A step failed.
    Failed(&'a Step, &'a Error, Duration),
    /// A step won't be started.
    Skipped(&'a Step, &'a Skipped),
    /// No more steps are started; those that run are waited for.
    Interrupted,
}

/// Why a step wasn't started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// It comes after a step that isn't done.
    After(Address),
    /// The run was interrupted.
    Interrupted,
}

/// How a step ended.
#[derive(Debug)]
pub enum Ended {
    /// As planned.
    Done,
    /// With an error.
    Failed(Error),
    /// It was never started.
    Skipped(Skipped),
}

/// How a run ended.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Each step, in the order in which they ended.
    pub steps: Vec<(Address, Action, Ended)>,
    /// Whether it was interrupted.
    pub interrupted: bool,
}

impl Outcome {
    /// Whether all is done.
    pub fn succeeded(&self) -> bool {
        self.steps.iter().all(|(_, _, ended)| matches!(ended, Ended::Done))
    }

    /// The steps that failed.
    pub fn failures(&self) -> impl Iterator<Item = (&Address, Action, &Error)> {
        self.steps.iter().filter_map(|(address, action, ended)| match ended {
            Ended::Failed(error) => Some((address, *action, error)),
            Ended::Done | Ended::Skipped(_) => None,
        })
    }

    /// The numbers of steps done, failed and skipped.
    pub fn counts(&self) -> (usize, usize, usize) {
        self.steps.iter().fold((0, 0, 0), |(done, failed, skipped), (_, _, ended)| match ended {
            Ended::Done => (done + 1, failed, skipped),
            Ended::Failed(_) => (done, failed + 1, skipped),
            Ended::Skipped(_) => (done, failed, skipped + 1),
        })
    }
}

/// Carries out the plan's steps with `run`. After a failure whatever doesn't depend on it still goes on; after
/// `interrupt` nothing more is started. Steps in flight are always waited for.
pub async fn apply<'p, F>(
    plan: &'p Plan,
    run: impl Fn(&'p Step) -> F,
    interrupt: impl Future<Output = ()>,
    emit: impl Fn(Event<'_>),
) -> Outcome
where
    F: Future<Output = Result<(), Error>>,
{
    let mut outcome = Outcome::default();
    let mut waiting: Vec<&Step> = plan.steps.iter().collect();
    let mut done = BTreeSet::new();
    let mut running = FuturesUnordered::new();
    let mut interrupt = pin!(interrupt);
    loop {
        let ready = |step: &mut &Step| !outcome.interrupted && step.after.is_subset(&done);
        for step in waiting.extract_if(.., ready) {
            emit(Event::Started(step));
            let (begun, work) = (Instant::now(), run(step));
            running.push(async move { (step, work.await, begun.elapsed()) });
        }
        let ended = if outcome.interrupted {
            running.next().await
        } else {
            match select(running.next(), interrupt.as_mut()).await {
                Either::Left((ended, _)) => ended,
                Either::Right(((), _)) => {
                    outcome.interrupted = true;
                    emit(Event::Interrupted);
                    continue;
                }
            }
        };
        let Some((step, result, elapsed)) = ended else { break };
        let ended = match result {
            Ok(()) => {
                emit(Event::Finished(step, elapsed));
                done.insert(step.address.clone());
                Ended::Done
            }
            Err(error) => {
                emit(Event::Failed(step, &error, elapsed));
                Ended::Failed(error)
            }
        };
        outcome.steps.push((step.address.clone(), step.action, ended));
    }
    for step in waiting {
        let missing = step.after.difference(&done).next();
        let skipped = match missing {
            Some(address) if !outcome.interrupted => Skipped::After(address.clone()),
            _ => Skipped::Interrupted,
        };
        emit(Event::Skipped(step, &skipped));
        outcome.steps.push((step.address.clone(), step.action, Ended::Skipped(skipped)));
    }
    outcome
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::attributes::Attributes;
    use crate::plan::Reason;

    fn step(address: &'static str, after: &[&'static str]) -> Step {
        Step {
            address: Address::new(address),
            name: address.to_owned(),
            action: Action::Create,
            reason: Reason::Missing,
            changes: Vec::new(),
            before: Attributes::default(),
            revision: None,
            after: after.iter().map(|name| Address::new(name)).collect(),
        }
    }

    fn six() -> Plan {
        let steps = vec![
            step("role", &[]),
            step("log_group", &[]),
            step("function", &["role", "log_group"]),
            step("rule", &[]),
            step("permission", &["function", "rule"]),
            step("target", &["permission", "rule", "function"]),
        ];
        Plan { steps, ..Plan::default() }
    }

    async fn work(step: &Step, failing: &str) -> Result<(), Error> {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if step.name == failing {
            return Err(Error::TimedOut { state: "pending".into(), seconds: 1 });
        }
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_independent_runs_side_by_side() {
        let begun = Instant::now();
        let plan = six();
        let outcome = apply(&plan, |step| work(step, ""), std::future::pending(), |_| ()).await;
        assert!(outcome.succeeded());
        assert_eq!(begun.elapsed().as_millis(), 200, "four layers of 50 ms");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_skips_what_depends_on_it_and_nothing_else() {
        let plan = six();
        let outcome = apply(&plan, |step| work(step, "function"), std::future::pending(), |_| ()).await;
        assert_eq!(outcome.counts(), (3, 1, 2));
        let skipped: Vec<_> = outcome.steps.iter().filter(|s| matches!(s.2, Ended::Skipped(_))).collect();
        assert_eq!(skipped[0].0, Address::new("permission"));
        assert!(matches!(&skipped[0].2, Ended::Skipped(Skipped::After(a)) if *a == Address::new("function")));
    }

    #[tokio::test(start_paused = true)]
    async fn an_interrupt_waits_for_what_runs_and_starts_nothing_more() {
        let plan = six();
        let events = RefCell::new(Vec::new());
        let interrupt = tokio::time::sleep(Duration::from_millis(10));
        let outcome = apply(
            &plan,
            |step| work(step, ""),
            interrupt,
            |event| {
                events
                    .borrow_mut()
                    .push(format!("{event:?}").split('(').next().unwrap_or_default().to_owned());
            },
        )
        .await;
        assert!(outcome.interrupted && !outcome.succeeded());
        assert_eq!(outcome.counts(), (3, 0, 3));
        assert_eq!(events.borrow().iter().filter(|e| *e == "Started").count(), 3);
    }
}
