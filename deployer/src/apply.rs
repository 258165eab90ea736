//! Carries out a plan: dependency order, independent steps side by side, events for whoever watches.
//!
//! Decides nothing and prints nothing; what a step does is its caller's. A step has two parts: it is written, then whatever
//! needs it goes on, and then it settles.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::Instant;

use crate::deadline::OutOfTime;
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
    Interrupted(Interruption),
}

/// Why nothing more is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// Somebody asked for the end: with Ctrl-C, or CI with a SIGTERM.
    Signal,
    /// The run's time is up.
    Time(OutOfTime),
}

/// Why a step wasn't started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// It comes after a step that isn't done.
    After(Address),
    /// The run was interrupted.
    Interrupted,
}

/// A part of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What others need of it.
    Write,
    /// The rest, once all that needs it is written.
    Settle,
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
    /// Whether it was interrupted, and by what.
    pub interrupted: Option<Interruption>,
}

impl Outcome {
    /// Whether all is done.
    pub fn succeeded(&self) -> bool {
        self.steps.iter().all(|(_, _, ended)| matches!(ended, Ended::Done))
    }

    fn skip(&mut self, step: &Step, skipped: Skipped, emit: impl Fn(Event<'_>)) {
        emit(Event::Skipped(step, &skipped));
        self.steps.push((step.address.clone(), step.action, Ended::Skipped(skipped)));
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
/// `interrupt` nothing more is started. Steps in flight are always waited for, until they are settled.
pub async fn apply<'p, F>(
    plan: &'p Plan,
    run: impl Fn(&'p Step, Part) -> F,
    interrupt: impl Future<Output = Interruption>,
    emit: impl Fn(Event<'_>),
) -> Outcome
where
    F: Future<Output = Result<(), Error>>,
{
    let mut outcome = Outcome::default();
    let mut waiting: Vec<&Step> = plan.steps.iter().collect();
    let mut writing: Vec<&Step> = Vec::new();
    let mut written: Vec<(&Step, Instant)> = Vec::new();
    let mut done = BTreeSet::new();
    let mut running = FuturesUnordered::new();
    let mut interrupt = pin!(interrupt);
    let start = |step, part, begun: Instant| {
        let work = run(step, part);
        async move { (step, part, work.await, begun) }
    };
    loop {
        for step in waiting.extract_if(.., |step| step.after.is_subset(&done)) {
            emit(Event::Started(step));
            writing.push(step);
            running.push(start(step, Part::Write, Instant::now()));
        }
        let is_needed = |(step, _): &mut (&Step, Instant)| {
            waiting.iter().chain(&writing).any(|other| other.after.contains(&step.address))
        };
        for (step, begun) in written.extract_if(.., |it| !is_needed(it)) {
            running.push(start(step, Part::Settle, begun));
        }
        let ended = if outcome.interrupted.is_some() {
            running.next().await
        } else {
            match select(running.next(), interrupt.as_mut()).await {
                Either::Left((ended, _)) => ended,
                Either::Right((why, _)) => {
                    outcome.interrupted = Some(why);
                    emit(Event::Interrupted(why));
                    for step in waiting.drain(..) {
                        outcome.skip(step, Skipped::Interrupted, &emit);
                    }
                    continue;
                }
            }
        };
        let Some((step, part, result, begun)) = ended else { break };
        writing.retain(|other| other.address != step.address);
        match (result, part) {
            (Ok(()), Part::Write) => {
                done.insert(step.address.clone());
                written.push((step, begun));
            }
            (Ok(()), Part::Settle) => {
                emit(Event::Finished(step, begun.elapsed()));
                outcome.steps.push((step.address.clone(), step.action, Ended::Done));
            }
            (Err(error), _) => {
                emit(Event::Failed(step, &error, begun.elapsed()));
                outcome.steps.push((step.address.clone(), step.action, Ended::Failed(error)));
                let mut lost = vec![&step.address];
                while let Some(address) = lost.pop() {
                    for step in waiting.extract_if(.., |step| step.after.contains(address)) {
                        outcome.skip(step, Skipped::After(address.clone()), &emit);
                        lost.push(&step.address);
                    }
                }
            }
        }
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

    /// Takes 50 ms for each part, and fails in the part named `STEP` or `settle STEP`.
    async fn work(step: &Step, part: Part, failing: &str) -> Result<(), Error> {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let fails = match part {
            Part::Write => failing == step.name,
            Part::Settle => failing.strip_prefix("settle ") == Some(&step.name),
        };
        if fails {
            return Err(Error::TimedOut { state: "pending".into(), seconds: 1 });
        }
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_independent_runs_side_by_side() {
        let begun = Instant::now();
        let plan = six();
        let outcome = apply(&plan, |step, part| work(step, part, ""), std::future::pending(), |_| ()).await;
        assert!(outcome.succeeded());
        assert_eq!(begun.elapsed().as_millis(), 250, "four layers of 50 ms, and the last one's settling");
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_settles_once_what_needs_it_is_written() {
        let plan = six();
        let begun = Instant::now();
        let parts = RefCell::new(Vec::new());
        let run = |step, part| {
            parts.borrow_mut().push((step, part, begun.elapsed().as_millis()));
            work(step, part, "")
        };
        apply(&plan, run, std::future::pending(), |_| ()).await;
        let parts = parts.into_inner();
        let settled = |name: &str| {
            let part = parts.iter().find(|(step, part, _)| step.name == name && *part == Part::Settle);
            part.map(|(_, _, begun)| *begun)
        };
        assert_eq!(settled("role"), Some(100), "the function is written");
        assert_eq!(settled("function"), Some(200), "permission and target are written");
        assert_eq!(settled("target"), Some(200), "nothing needs it");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_skips_what_depends_on_it_and_nothing_else() {
        let plan = six();
        let run = |step, part| work(step, part, "function");
        let outcome = apply(&plan, run, std::future::pending(), |_| ()).await;
        assert_eq!(outcome.counts(), (3, 1, 2));
        let skipped: Vec<_> = outcome.steps.iter().filter(|s| matches!(s.2, Ended::Skipped(_))).collect();
        assert_eq!(skipped[0].0, Address::new("permission"));
        assert!(matches!(&skipped[0].2, Ended::Skipped(Skipped::After(a)) if *a == Address::new("function")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_that_does_not_settle_has_failed() {
        let plan = six();
        let run = |step, part| work(step, part, "settle function");
        let outcome = apply(&plan, run, std::future::pending(), |_| ()).await;
        assert_eq!(outcome.counts(), (5, 1, 0));
        assert_eq!(
            outcome.failures().next().map(|(address, _, _)| address.clone()),
            Some(Address::new("function"))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_interrupt_lets_what_runs_settle_and_starts_nothing_more() {
        let plan = six();
        let events = RefCell::new(Vec::new());
        let interrupt = async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Interruption::Signal
        };
        let outcome = apply(
            &plan,
            |step, part| work(step, part, ""),
            interrupt,
            |event| {
                events
                    .borrow_mut()
                    .push(format!("{event:?}").split('(').next().unwrap_or_default().to_owned());
            },
        )
        .await;
        assert!(outcome.interrupted.is_some() && !outcome.succeeded());
        assert_eq!(outcome.counts(), (3, 0, 3));
        let count = |name: &str| events.borrow().iter().filter(|event| *event == name).count();
        assert_eq!((count("Started"), count("Finished"), count("Skipped")), (3, 3, 3));
    }
}
