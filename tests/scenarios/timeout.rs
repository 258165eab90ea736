//! A run that is ended from outside, by `--timeout` or by a CI that cancels: it tells what is left, and the next one goes
//! on.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tanets_sandbox::manners::Manners;
use tanets_sandbox::require_peer;

use crate::output::types;
use crate::world::{Emulator, World, run_watched};

#[test]
fn a_run_whose_time_is_up_tells_what_is_left_and_the_next_one_goes_on() {
    let world = require_peer!(World::new(Emulator::Ministack));
    // Long enough for the time to pass while the function waits for its role, short enough for the step to end then.
    world.aws.play(Manners { role_unseen: Duration::from_secs(6), ..Manners::VISIBLE });
    let run = world.tanets(&["deploy", "--yes", "-o", "json", "--timeout", "4s"]);
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(types(&run).contains(&"interrupted".to_owned()));
    let lines = run.lines();
    let interrupted = lines.iter().find(|line| line["type"] == "interrupted").expect("a line of it");
    assert_eq!(interrupted["reason"], "timeout");
    let outcome = lines.last().expect("an outcome");
    let done = outcome["done"].as_array().expect("steps").clone();
    assert!(done.contains(&"function".into()), "what was under way has ended: {outcome}");
    assert_eq!(outcome["result"], "interrupted");
    assert!(!outcome["skipped"].as_array().expect("steps").is_empty(), "{outcome}");
    world.succeed(&["deploy", "--yes"]);
    world.assert_converged();
}

#[test]
fn a_step_that_does_not_end_is_cut_off() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.aws.play(Manners { pending: Duration::from_secs(60), ..Manners::VISIBLE });
    let begun = Instant::now();
    let run = world.tanets(&["deploy", "--yes", "--timeout", "3s"]);
    let seconds = begun.elapsed().as_secs();
    assert_eq!(run.code, 1, "{run:#?}");
    assert!((30..50).contains(&seconds), "{seconds} s");
    for told in ["the time of this run is up (3s)", "still under way after 33 s", "it goes on from here"] {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
    assert!(run.stdout.starts_with("Out of time: "), "{}", run.stdout);
}

#[test]
fn an_account_that_does_not_answer_in_time_is_left_as_it_is() {
    let world = require_peer!(World::new(Emulator::Moto));
    world.aws.set_latency(Duration::from_secs(20));
    let run = world.tanets(&["plan", "--timeout", "2s"]);
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(run.stderr.contains("the time of this run is up (2s)"), "{}", run.stderr);
    assert!(run.stderr.contains("give it more time with `--timeout`"), "{}", run.stderr);
    assert_eq!(world.tanets(&["plan", "--timeout", "0s"]).code, 64);
}

#[test]
fn a_ci_that_cancels_gets_the_end_of_what_was_begun() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.aws.play(Manners { pending: Duration::from_secs(3), ..Manners::VISIBLE });
    let run = thread::scope(|scope| {
        run_watched(world.command(&["deploy", "--yes"]), |pid| {
            let aws = &world.aws;
            scope.spawn(move || {
                while !aws.requests().iter().any(|request| request.operation == "CreateFunction") {
                    thread::sleep(Duration::from_millis(20));
                }
                let killed = Command::new("kill").args(["-TERM", &pid.to_string()]).status();
                assert!(killed.is_ok_and(|status| status.success()));
            });
        })
    });
    assert_eq!(run.code, 130, "{run:#?}");
    assert!(run.stdout.starts_with("Interrupted: ") && run.stdout.contains("not started"), "{}", run.stdout);
    world.succeed(&["deploy", "--yes"]);
    world.assert_converged();
}
