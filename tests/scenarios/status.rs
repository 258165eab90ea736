//! `tanets status`: did the digest go out, as far as the function's log tells? And which stacks are there?

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use tanets_sandbox::manners::Fault;
use tanets_sandbox::require_peer;

use crate::neighbour::Neighbour;
use crate::output::types;
use crate::world::{CONFIG, Emulator, Run, World};

/// Writes lines into a new stream of the function's log, now.
fn log(world: &World, stream: &str, lines: &[&Value]) {
    let group = format!("/aws/lambda/{}", world.name);
    let place = json!({ "logGroupName": group, "logStreamName": stream });
    world.request(
        "logs",
        "/",
        &[("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "Logs_20140328.CreateLogStream")],
        &place.to_string(),
    );
    let at = Timestamp::now().as_millisecond();
    let events = lines.iter().map(|line| json!({ "timestamp": at, "message": line.to_string() }));
    let put = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": Vec::from_iter(events) });
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
        log(&world, "a", &[&made(true, "2018-12-09")]);
        assert_eq!(fate("not_yet")["run"]["day"], "2018-12-09", "another day's digest");
        let killed = json!({ "level": "ERROR", "message": "SearchError: no connection" });
        let asked = json!({ "level": "INFO", "message": "asked by hand", "dry_run": true });
        log(&world, "by-hand", &[&asked, &killed]);
        assert_eq!(fate("not_yet")["run"]["error"], "SearchError: no connection", "somebody's own");
        log(&world, "b", &[&killed]);
        assert_eq!(fate("failed")["run"]["error"], "SearchError: no connection");
        assert!(first_line(&status()).ends_with(": SearchError: no connection"));
        log(&world, "c", &[&made(true, &last_day())]);
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

/// The stacks that `status --all` sees, by name: whether it has everything of each, or why it is an orphan.
fn stacks(world: &World, more: &[&str]) -> (i32, BTreeMap<String, Option<String>>) {
    let run = world.tanets(&[&["status", "--all", "--detailed-exitcode", "-o", "json"], more].concat());
    assert_eq!(types(&run), ["stacks"], "{run:#?}");
    let line = run.lines().remove(0);
    let stacks = line["stacks"].as_array().expect("stacks").iter();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    (run.code, stacks.map(|stack| (text(&stack["name"]).expect("a name"), text(&stack["orphan"]))).collect())
}

#[test]
fn every_stack_of_the_region_is_listed_and_so_are_orphans() {
    let world = require_peer!(World::new(Emulator::Ministack));
    let without_file = ["-c", "none.toml"];
    assert_eq!(stacks(&world, &without_file), (0, BTreeMap::new()));
    world.succeed(&["deploy", "--yes"]);
    let name = world.name.clone();
    world.write(&CONFIG.replace("NAME", "another-stack"));
    world.succeed(&["deploy", "--yes"]);
    let both = [(name.clone(), None), ("another-stack".to_owned(), None)];
    assert_eq!(stacks(&world, &without_file), (0, both.clone().into()));
    let told = world.succeed(&["status", "--all"]).stdout;
    assert!(told.starts_with("2 stacks in account "), "{told}");
    assert!(told.contains("role, log_group, function, rule  at 01:15 UTC, every day\n"), "{told}");

    // A stack whose function somebody deleted, and one that has only left its log: of that MiniStack knows no tags, but
    // the file has its name.
    let neighbour = Neighbour::of(&world);
    let delete = neighbour.lambda.delete_function().function_name(&name).send();
    neighbour.runtime.block_on(delete).expect("deleted");
    world.succeed(&["destroy", "--yes", "--keep-logs"]);
    let (code, seen) = stacks(&world, &[]);
    assert_eq!((code, seen[&name].as_deref()), (2, Some("without function, permission")));
    assert!(seen["another-stack"].as_deref().is_some_and(|why| why.starts_with("only its log is left")));
    let told = world.succeed(&["status", "--all"]).stdout;
    assert!(
        told.contains("orphan: without function, permission\n") && told.contains("`tanets destroy`"),
        "{told}"
    );
}

#[test]
fn a_log_that_was_kept_is_found_by_its_tag_and_a_role_by_its_description() {
    let world = require_peer!(World::new(Emulator::Moto));
    let orphan = |expected: &str| {
        let (code, seen) = stacks(&world, &["-c", "none.toml"]);
        let why = seen[&world.name].clone().unwrap_or_default();
        assert!(code == 2 && why.starts_with(expected), "{code} {why}");
    };
    world.succeed(&["deploy", "--yes"]);
    assert_eq!(stacks(&world, &["-c", "none.toml"]).1[&world.name], None);
    world.succeed(&["destroy", "--yes", "--keep-logs"]);
    orphan("only its log is left");
    // The tags may not be asked for: what the roles tell is told, and that there may be more.
    world.succeed(&["deploy", "--yes"]);
    world.aws.clear();
    world.aws.on("GetResources", 1, Fault::Deny);
    let denied = world.succeed(&["status", "--all", "-c", "none.toml"]);
    assert!(denied.stdout.contains(&format!("✓ {} ", world.name)), "{denied:#?}");
    assert!(denied.stderr.contains("stacks may be missing here: GetResources: AccessDenied"), "{denied:#?}");
    world.aws.clear();
    // One part of it may not be read: the rest is shown.
    world.aws.on("DescribeRule", 1, Fault::Deny);
    let denied = world.succeed(&["status", "--all"]);
    assert!(denied.stdout.contains("cannot tell: rule: DescribeRule: AccessDenied"), "{denied:#?}");
    world.aws.clear();
    world.succeed(&["destroy", "--yes"]);
    assert_eq!(stacks(&world, &[]).1.get(&world.name), None, "nothing is left");
}

#[test]
fn a_service_that_is_asked_by_hand_and_throttles_is_asked_again() {
    let world = require_peer!(World::new(Emulator::Moto));
    for fault in [Fault::Throttle, Fault::ServerError, Fault::Cut] {
        world.aws.clear();
        world.aws.on("GetResources", 1, fault);
        let all = world.succeed(&["status", "--all", "-vv"]);
        assert!(!all.stderr.contains("warning: stacks"), "{fault:?}: {all:#?}");
        let asked = all.operations().into_iter().filter(|name| *name == "GetResources").count();
        assert!(asked >= 2, "{fault:?}: {all:#?}");
    }
    // What can't be known is not taken for nothing.
    world.aws.clear();
    world.aws.on("GetResources", 1, Fault::Deny);
    let all = world.tanets(&["status", "--all", "--detailed-exitcode"]);
    assert_eq!(all.code, 1, "{all:#?}");
    assert!(all.stderr.contains("warning: stacks"), "{all:#?}");
}
