//! `tanets status`: did the digest go out, as far as the function's log tells?

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use tanets_sandbox::manners::Fault;
use tanets_sandbox::require_peer;

use crate::output::types;
use crate::world::{CONFIG, Emulator, Run, World};

/// Writes a line into the function's log, now.
fn log(world: &World, stream: &str, line: &Value) {
    let group = format!("/aws/lambda/{}", world.name);
    let place = json!({ "logGroupName": group, "logStreamName": stream });
    world.request(
        "logs",
        "/",
        &[("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "Logs_20140328.CreateLogStream")],
        &place.to_string(),
    );
    let event = json!({ "timestamp": Timestamp::now().as_millisecond(), "message": line.to_string() });
    let put = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": [event] });
    world.call("logs", "Logs_20140328.PutLogEvents", &put);
}

fn made(posted: bool, day: &str) -> Value {
    json!({
        "level": "INFO", "message": "digest made", "day": day, "total": 15, "levels": "{\"Fatal\": 3, \"Warning\": 12}",
        "posted": posted, "quiet": !posted, "dry_run": false, "duration_ms": 512,
    })
}

/// The day of the last run that was due at 01:15 UTC, for Tokyo.
fn last_day() -> String {
    let now = Timestamp::now().to_zoned(TimeZone::UTC);
    let today = now.date().at(1, 15, 0, 0).to_zoned(TimeZone::UTC).expect("a time");
    let due = if today <= now { today } else { today - 1.day() };
    (due.with_time_zone(TimeZone::get("Asia/Tokyo").expect("a zone")).date() - 1.day()).to_string()
}

fn first_line(run: &Run) -> &str {
    run.stdout.lines().next().unwrap_or_default()
}

#[test]
fn the_first_line_says_whether_the_digest_went_out() {
    for emulator in [Emulator::Moto, Emulator::Ministack] {
        let world = require_peer!(World::new(emulator));
        let status = || world.succeed(&["status"]);
        assert_eq!(first_line(&status()), "- nothing is deployed");
        world.succeed(&["deploy", "--yes"]);
        assert!(first_line(&status()).starts_with("- no run was due yet; the first run comes "));

        let fate = |expected: &str| {
            let run = world.succeed(&["status", "-o", "json"]);
            assert_eq!(types(&run).last().map(String::as_str), Some("status"));
            let line = run.lines().pop().expect("a status");
            assert_eq!(
                (&line["delivery"]["fate"], &line["in_sync"]),
                (&json!(expected), &json!(true)),
                "{line}"
            );
            line["delivery"].clone()
        };
        assert_eq!(fate("not_yet")["run"], Value::Null);
        log(&world, "a", &made(true, "2018-12-09"));
        assert_eq!(fate("not_yet")["run"]["day"], "2018-12-09", "another day's digest");
        let killed = json!({ "level": "ERROR", "message": "SearchError: no connection" });
        log(&world, "b", &killed);
        assert_eq!(fate("failed")["run"]["error"], "SearchError: no connection");
        assert!(first_line(&status()).ends_with(": SearchError: no connection"));
        log(&world, "c", &made(true, &last_day()));
        let posted = fate("posted");
        assert_eq!((&posted["run"]["total"], &posted["due"]["day"]), (&json!(15), &json!(last_day())));
        let told = status().stdout;
        assert!(
            told.starts_with("✓ ") && told.contains(": total 15, Fatal 3, Warning 12 (512 ms)\n"),
            "{told}"
        );
        assert!(told.contains("  drift      none: all is in sync\n"), "{told}");

        world.write(&CONFIG.replace("= 128", "= 256"));
        let drifted = world.tanets(&["status", "--detailed-exitcode"]);
        assert_eq!(drifted.code, 2);
        assert!(drifted.stdout.contains("  drift      function differs (memory);"), "{}", drifted.stdout);
    }
}

#[test]
fn a_log_that_may_not_be_read_leaves_the_rest_of_the_status() {
    let world = require_peer!(World::new(Emulator::Moto));
    world.succeed(&["deploy", "--yes"]);
    world.aws.clear();
    world.aws.on("FilterLogEvents", 1, Fault::Deny);
    let status = world.succeed(&["status"]);
    let line = first_line(&status);
    assert!(
        line.starts_with("? cannot tell whether the digest went out: FilterLogEvents: AccessDenied"),
        "{line}"
    );
    for told in ["hint: allow `logs:FilterLogEvents`", "drift      none", "= function    in sync"] {
        assert!(status.stdout.contains(told), "{told} in {}", status.stdout);
    }
    let unknown = world.succeed(&["status", "-o", "json"]);
    assert_eq!(types(&unknown).last().map(String::as_str), Some("status"));
}
