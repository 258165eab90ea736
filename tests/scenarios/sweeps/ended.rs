//! How a command must end after something happened to one of its requests.

use tanets_sandbox::manners::{Fault, REQUEST_ID, Request};

use crate::world::Run;

/// Whether the same run goes through.
pub fn survives(fault: Fault) -> bool {
    matches!(fault, Fault::Throttle | Fault::ServerError | Fault::Cut | Fault::LoseAnswer)
}

/// Requires the right exit code and the right words. `number` is the request that it happened to; none if the run had
/// fewer.
pub fn assert_ended_well(fault: Fault, number: Option<usize>, run: &Run, requests: &[Request]) {
    if let Some(number) = number {
        assert_hit(fault, &requests[number - 1]);
    }
    let Some(number) = number.filter(|_| !survives(fault)) else {
        assert_eq!(run.code, 0, "{run:#?}");
        return;
    };
    let hit = &requests[number - 1];
    // Whether the plan was still being made.
    let reading = requests[..number].iter().all(Request::is_read);
    let written = || requests.iter().filter(|request| !request.is_read()).map(ToString::to_string);
    if reading {
        assert_eq!(Vec::from_iter(written()), Vec::<String>::new(), "written although the plan failed");
    }
    let said = format!("{}{}", run.stdout, run.stderr);
    let says = |text: &str| assert!(said.contains(text), "`{text}` is not said: {run:#?}");
    match fault {
        Fault::KillBefore | Fault::KillAfter => assert_eq!(run.signal, Some(9), "{run:#?}"),
        Fault::Deny => {
            assert_eq!(run.code, if reading { 4 } else { 1 }, "{run:#?}");
            says(&format!("{}: AccessDenied", hit.operation));
            says("no identity-based policy allows the");
            says(REQUEST_ID);
            says(&format!("allow `{}:{}`", hit.service, hit.operation));
        }
        Fault::Expired => {
            assert_eq!(run.code, if reading { 4 } else { 1 }, "{run:#?}");
            says("ExpiredToken");
            says("run again");
            if !reading {
                says("Not finished: ");
                says("what is done stays done");
            }
        }
        Fault::Interrupt => {
            // Before there is anything to finish, the signal itself ends the run; a shell says 130 of that, too. A
            // signal that comes together with the last answer may find nothing left to interrupt.
            let all_done = ["Deployed", "Destroyed"].iter().any(|done| run.stdout.starts_with(done));
            let ended = run.code == 130 || (reading && run.signal == Some(2)) || (all_done && run.code == 0);
            assert!(ended, "{run:#?}");
            if !reading && run.code == 130 {
                says("Interrupted: waiting for the steps that are under way");
                // An interrupt during the last steps leaves nothing to report but that all is done.
                assert!(all_done || said.contains(", 0 failed, "), "{run:#?}");
            }
        }
        _ => panic!("no sweep of {fault:?}"),
    }
}

/// Requires that the fault did happen: a sweep in which nothing goes wrong proves nothing.
fn assert_hit(fault: Fault, request: &Request) {
    let expected = match fault {
        Fault::Cut | Fault::LoseAnswer | Fault::KillBefore | Fault::KillAfter => 0..=0,
        Fault::Throttle | Fault::Deny | Fault::Expired => 400..=429,
        Fault::ServerError => 500..=500,
        Fault::Interrupt => 200..=499,
        Fault::Refuse(..) | Fault::FailedEntry => panic!("no sweep of {fault:?}"),
    };
    assert!(expected.contains(&request.status), "{fault:?} did not happen: {request}");
}
