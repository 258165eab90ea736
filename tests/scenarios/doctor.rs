//! The check from inside: the deployed function looks at real peers, and at peers that aren't there.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tanets_sandbox::corpus::{Corpus, Recipe};
use tanets_sandbox::manners::Fault;
use tanets_sandbox::{Inbox, SearchServer, require_peer};

use crate::output::types;
use crate::world::{Emulator, Run, World, run};

const LEVELS: [&str; 2] = ["Fatal", "Warning"];

fn write(world: &World, endpoint: &str, indexes: &str, webhook: &str, function: &str) {
    world.write(&format!(
        "name = \"NAME\"\nschedule = \"rate(1 day)\"\n[elasticsearch]\nendpoint = \"{endpoint}\"\n\
         indexes = [\"{indexes}\"]\n[slack]\nwebhook = \"{webhook}\"\n[digest]\nlevels = [\"Fatal\", \"Warning\"]\n\
         [function]\narchitecture = \"ARCHITECTURE\"\npackage = \"PACKAGE\"\n{function}\n"
    ));
}

fn checking(world: &World, arguments: &[&str]) -> Run {
    run(world.checking(arguments))
}

/// The state of each finding, or the kind of its failure.
fn found(run: &Run) -> Vec<(String, String)> {
    assert!(types(run).contains(&"doctor".to_owned()), "{run:#?}");
    let line = run.lines().pop().expect("a line");
    let text = |finding: &Value, key: &str| finding[key].as_str().map(str::to_owned);
    let of = |finding: &Value| {
        let state = text(finding, "kind").or_else(|| text(finding, "state")).expect("a state");
        (text(finding, "what").expect("a name"), state)
    };
    line["findings"].as_array().expect("findings").iter().map(of).collect()
}

fn is(findings: &[(String, String)], what: &str, state: &str) -> bool {
    findings.iter().any(|(name, found)| name == what && found == state)
}

#[test]
fn a_deploy_against_real_peers_ends_with_the_truth_about_today_and_posts_nothing() {
    let world = require_peer!(World::new(Emulator::Ministack));
    let (search, inbox) = (require_peer!(SearchServer::shared()), require_peer!(Inbox::start()));
    let index = format!("doctor-{}", world.name);
    let today = || Timestamp::now().to_zoned(TimeZone::UTC).date();
    let day = today();
    let corpus = Recipe { seed: 7, zone: TimeZone::UTC, first: day, last: day, per_day: 300 }.generate();
    search.create_index(&index, &Corpus::mappings()).expect("an index");
    search.bulk(&index, corpus.documents().iter().map(|document| document.to_json())).expect("documents");
    write(&world, search.url(), &index, &inbox.webhook_url(), "");

    let deploy = checking(&world, &["deploy", "--yes", "-vv"]);
    assert_eq!(deploy.code, 0, "{deploy:#?}");
    let (outcome, table) = deploy.stdout.split_once("Checked from inside").expect("a table");
    assert!(outcome.contains("Deployed ") && outcome.contains(":function:"), "{outcome}");
    assert!(table.contains("All is well") && !table.contains('✗') && !table.contains("not tried"), "{table}");
    assert!(deploy.stderr.contains("  checking from inside the function ...\n"), "{}", deploy.stderr);
    let truth = corpus.truth(day, &LEVELS);
    if today() == day {
        let [fatal, warning] = [truth.levels[0], truth.levels[1]];
        let count = format!("{} today (Fatal {fatal}, Warning {warning})", truth.total);
        assert!(table.contains(&count), "{count}: {table}");
    }
    assert!(table.contains(&index) && table.contains("@timestamp (date), message (text)"), "{table}");
    assert_eq!(deploy.operations().iter().filter(|operation| **operation == "Invoke").count(), 1);

    // Nothing changed: nothing is checked.
    let again = checking(&world, &["deploy", "--yes", "-vv"]);
    assert_eq!((again.code, again.operations().contains(&"Invoke")), (0, false), "{again:#?}");
    assert!(again.stdout.contains("Nothing to do") && !again.stdout.contains("Checked"), "{}", again.stdout);

    let doctor = world.succeed(&["doctor", "-o", "json"]);
    let findings = found(&doctor);
    assert!(findings.len() >= 10 && findings.iter().all(|(_, state)| state == "ok"), "{findings:?}");
    assert_eq!(inbox.requests(), 0, "nothing was posted");
    assert!(!format!("{deploy:?}{doctor:?}").contains(inbox.token()));
    // A check is no run.
    let logs = world.succeed(&["logs"]);
    assert_eq!(logs.stdout, "", "{logs:#?}");
}

#[test]
fn an_index_that_is_missing_is_told_with_those_that_are_there() {
    let world = require_peer!(World::new(Emulator::Ministack));
    let (search, inbox) = (require_peer!(SearchServer::shared()), require_peer!(Inbox::start()));
    let index = format!("doctor-{}", world.name);
    search.create_index(&index, &Corpus::mappings()).expect("an index");
    for indexes in ["doctor-typo", "doctor-typo-*"] {
        write(&world, search.url(), indexes, &inbox.webhook_url(), "");
        let deploy = checking(&world, &["deploy", "--yes"]);
        assert_eq!(deploy.code, 6, "{deploy:#?}");
        let line = deploy.stdout.lines().find(|line| line.contains("✗ cluster: indexes")).expect("a failure");
        assert!(line.contains("; there are "), "{line}");
        assert!(deploy.stdout.contains("hint: check `elasticsearch.indexes`"), "{}", deploy.stdout);
    }
}

#[test]
fn what_cannot_be_reached_is_told_in_time_and_what_was_deployed_stays() {
    let world = require_peer!(World::new(Emulator::Ministack));
    // Takes connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", silent.local_addr().expect("an address"));
    let webhook = "http://127.0.0.1:1/services/T0/B0/Xq7sEcReTwEbHoOkToKeN";
    write(&world, &endpoint, "app-*", webhook, "timeout = 10");
    let begun = Instant::now();
    let deploy = checking(&world, &["deploy", "--yes"]);
    assert!(begun.elapsed() < Duration::from_secs(60), "it took {:?}", begun.elapsed());
    assert_eq!(deploy.code, 6, "{deploy:#?}");
    let (outcome, table) = deploy.stdout.split_once("Checked from inside").expect("a table");
    assert!(outcome.contains("Deployed ") && outcome.contains(":function:"), "{outcome}");
    for told in [
        "✗ cluster: answer",
        "- cluster: count",
        "not tried, after cluster: answer",
        "✗ Slack: port",
        "hint: ",
        "Deployed, but 2 of ",
        "run `tanets doctor` again",
    ] {
        assert!(table.contains(told), "{told}: {table}");
    }
    world.assert_converged();
    let again = checking(&world, &["deploy", "--yes"]);
    assert_eq!(again.code, 0, "{again:#?}");
    assert!(again.stdout.contains("Nothing to do"), "{}", again.stdout);

    let doctor = world.tanets(&["doctor", "-o", "json"]);
    assert_eq!(doctor.code, 6, "{doctor:#?}");
    let findings = found(&doctor);
    assert!(is(&findings, "cluster_http", "timeout") && is(&findings, "slack_tcp", "connection_refused"));
    assert!(is(&findings, "cluster_count", "not_tried") && is(&findings, "time", "ok"), "{findings:?}");
    let short = world.tanets(&["doctor", "--timeout", "3s"]);
    assert_eq!(short.code, 6, "{short:#?}");
    assert!(short.stdout.contains("not checked: the time of this run is up (3s)"), "{}", short.stdout);

    // A change is checked, unless nobody wants it.
    write(&world, &endpoint, "app-*", webhook, "timeout = 11");
    let unchecked = checking(&world, &["deploy", "--yes", "--no-check"]);
    assert_eq!((unchecked.code, unchecked.stdout.contains("hecked")), (0, false), "{unchecked:#?}");
    write(&world, &endpoint, "app-*", webhook, "timeout = 10");
    let checked = checking(&world, &["deploy", "--yes", "-o", "json"]);
    let told = types(&checked);
    assert_eq!((checked.code, told.last().map(String::as_str)), (6, Some("doctor")), "{told:?}");
    let outcome = checked.lines().into_iter().find(|line| line["type"] == "outcome").expect("an outcome");
    assert_eq!(outcome["result"], "done");

    github_shows_the_failures(&world);
    interrupt_ends_it(&world);
}

/// An annotation each, and a line each in the job's summary.
fn github_shows_the_failures(world: &World) {
    let summary = world.folder().join("summary");
    let mut command = world.command(&["doctor"]);
    command.env("CI", "true").env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &summary);
    let doctor = run(command);
    assert!(doctor.stderr.contains("::error title=check%3A Slack%3A port::"), "{}", doctor.stderr);
    let summary = std::fs::read_to_string(summary).expect("a summary");
    assert!(summary.contains("2 of 1") && summary.contains("- Slack&#58; port: <code>"), "{summary}");
}

/// Ctrl-C while the function waits for its silent cluster.
fn interrupt_ends_it(world: &World) {
    let mut command = world.command(&["doctor"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let stderr = BufReader::new(child.stderr.take().expect("its stderr"));
    let begun = stderr.lines().map_while(Result::ok).any(|line| line.contains("checking from inside"));
    assert!(begun, "it tells what it does");
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupted.is_ok_and(|status| status.success()));
    let ended = child.wait_with_output().expect("its end");
    assert_eq!(ended.status.code(), Some(130));
    assert!(String::from_utf8_lossy(&ended.stdout).contains("not checked: interrupted"));
}

#[test]
fn a_check_that_may_not_be_asked_for_or_cannot_run_is_said_so() {
    let world = require_peer!(World::new(Emulator::Ministack));
    let early = world.tanets(&["doctor"]);
    assert_eq!(early.code, 4, "{early:#?}");
    assert!(early.stderr.contains("there is no deployed function"), "{}", early.stderr);

    write(&world, "http://127.0.0.1:1", "app", "http://127.0.0.1:1/services/T0/B0/Xq7sEcReTwEbHoOkToKeN", "");
    world.aws.on("Invoke", 1, Fault::Deny);
    let denied = checking(&world, &["deploy", "--yes"]);
    assert_eq!(denied.code, 6, "{denied:#?}");
    for told in ["Deployed ", "allow `lambda:InvokeFunction`", "`tanets policy`", "`deploy --no-check`"] {
        assert!(denied.stdout.contains(told), "{told}: {}", denied.stdout);
    }
    world.assert_converged();
    world.aws.clear();

    // A program that is none: a header and nothing behind it.
    let path = world.folder().join("bootstrap");
    let header = std::fs::read(&path).expect("the function")[..64].to_vec();
    std::fs::write(&path, header).expect("another function");
    let broken = checking(&world, &["deploy", "--yes"]);
    assert_eq!(broken.code, 6, "{broken:#?}");
    assert!(broken.stdout.contains("not checked: the function failed: "), "{}", broken.stdout);
}

/// A cluster that denies the first search and finds no index later. Speaks just enough of HTTP.
fn denying_at_first() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        let mut denials = 1;
        for mut stream in listener.incoming().flatten() {
            let mut head = String::new();
            let mut reader = BufReader::new(stream.try_clone().expect("the same connection"));
            while reader.read_line(&mut head).is_ok_and(|length| length > 2) {}
            let length = head.to_lowercase().lines().find_map(|line| {
                line.strip_prefix("content-length: ").and_then(|length| length.parse().ok())
            });
            let mut body = vec![0; length.unwrap_or_default()];
            reader.read_exact(&mut body).expect("a body");
            let (status, reason) = match head.split(' ').next() {
                Some("HEAD") => ("200 OK", ""),
                Some("POST") if denials > 0 => {
                    denials -= 1;
                    ("403 Forbidden", "security_exception: no permissions for [indices:data/read/search]")
                }
                Some("POST") => ("404 Not Found", "index_not_found_exception"),
                _ => ("403 Forbidden", ""),
            };
            let body = if reason.is_empty() { String::new() } else { json!({ "error": reason }).to_string() };
            let length = body.len();
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
            // A probe of the port hears nothing any more.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn what_a_new_role_is_denied_is_asked_for_again() {
    let world = require_peer!(World::new(Emulator::Ministack));
    let inbox = require_peer!(Inbox::start());
    write(&world, &denying_at_first(), "app", &inbox.webhook_url(), "");
    let deploy = checking(&world, &["deploy", "--yes"]);
    assert_eq!(deploy.code, 6, "{deploy:#?}");
    assert!(deploy.stderr.contains("waiting for AWS to know the role's rights ..."), "{}", deploy.stderr);
    for told in ["✓ cluster: authentication", "✗ cluster: indexes"] {
        assert!(deploy.stdout.contains(told), "{told}: {}", deploy.stdout);
    }
    // Rights that are long known are what they are.
    write(&world, &denying_at_first(), "app", &inbox.webhook_url(), "timeout = 50");
    let again = checking(&world, &["deploy", "--yes"]);
    assert!(again.stdout.contains("✗ cluster: authentication"), "{again:#?}");
    assert!(!again.stderr.contains("waiting for AWS to know"), "{}", again.stderr);
}
