//! Sweeps: something happens at each single request of a first deploy, of an update and of a destroy, and the account
//! ends as if nothing had happened. A point is one fault at one request of one command.
//!
//! A chain is one account's life with the fault at request `n` of each of the three commands; chains run side by side.

mod account;
mod ended;
mod life;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use tanets_sandbox::manners::Fault;
use tanets_sandbox::progress::to_stderr;
use tanets_sandbox::{PeerError, require_peer};

use account::differences;
use ended::{assert_ended_well, survives};
use life::{Clean, Command, Life};

/// Chains of a sweep that run at the same time: they mostly wait.
const SIDE_BY_SIDE: usize = 6;

/// Runs a fault at each request of each command, and tells how many points that were.
fn sweep(fault: Fault) -> Result<(), PeerError> {
    let begun = Instant::now();
    let clean = Clean::shared()?;
    let (next, points) = (AtomicUsize::new(1), Mutex::new(BTreeMap::<&str, usize>::new()));
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number > clean.longest() {
                        break;
                    }
                    for (command, result) in chain(clean, fault, number) {
                        if let Some(failure) = result.err() {
                            failures.lock().expect("no panic").push(failure);
                        }
                        *points.lock().expect("no panic").entry(command).or_default() += 1;
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no panic");
    let points = points.into_inner().expect("no panic");
    let count: usize = points.values().sum();
    to_stderr(&format!(
        "{fault:?}: {count} points {points:?}, {} failed, in {:.0} s",
        failures.len(),
        begun.elapsed().as_secs_f64()
    ));
    assert!(failures.is_empty(), "{fault:?}: {} of {count}:\n{}", failures.len(), failures.join("\n\n"));
    assert!(count >= clean.longest(), "the sweep ended early: {points:?}");
    Ok(())
}

/// One account's life with the fault at request `number` of each command; how each point ended. The life ends with
/// the first failure.
fn chain(clean: &Clean, fault: Fault, number: usize) -> Vec<(&'static str, Result<(), String>)> {
    let mut points = Vec::new();
    let life = match Life::new() {
        Ok(life) => life,
        Err(error) => return vec![("start", Err(error.explain()))],
    };
    for command in Command::ALL {
        let mut happened = false;
        let point = catch_unwind(AssertUnwindSafe(|| {
            let run = life.run_with(command, Some((number, fault)));
            let requests = life.requests();
            happened = requests.len() >= number;
            assert_ended_well(fault, happened.then_some(number), &run, &requests);
            if happened && !survives(fault) {
                let again = life.run_with(command, None);
                assert_eq!(again.code, 0, "the second run: {again:#?}");
            }
            let differences = differences(&life.account(), clean.account(command));
            assert!(differences.is_empty(), "not as after a clean run:\n{}", differences.join("\n"));
        }));
        let failed = point.is_err();
        if happened || failed {
            let result = point.map_err(|panic| {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                let requests = life.requests();
                let at = requests.get(number - 1).map(ToString::to_string).unwrap_or_default();
                format!(
                    "{} with {fault:?} at request {number} ({at}): {}",
                    command.name(),
                    text.unwrap_or_default()
                )
            });
            points.push((command.name(), result));
        }
        if failed {
            break;
        }
    }
    points
}

macro_rules! sweeps {
    ($($name:ident: $fault:expr;)*) => { $(
        #[test]
        fn $name() {
            require_peer!(sweep($fault));
        }
    )* };
}

sweeps! {
    killed_before_any_request_the_next_run_finishes: Fault::KillBefore;
    killed_after_any_request_the_next_run_finishes: Fault::KillAfter;
    throttled_at_any_request_the_run_goes_through: Fault::Throttle;
    failed_by_aws_at_any_request_the_run_goes_through: Fault::ServerError;
    cut_off_at_any_request_the_run_goes_through: Fault::Cut;
    left_without_an_answer_at_any_request_the_run_goes_through: Fault::LoseAnswer;
    denied_at_any_request_the_run_says_what_to_allow: Fault::Deny;
    expired_at_any_request_the_run_says_what_is_left: Fault::Expired;
    interrupted_at_any_request_the_run_finishes_what_it_began: Fault::Interrupt;
}
