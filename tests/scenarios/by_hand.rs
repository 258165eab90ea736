//! What people run by hand against the real cluster: preview from here, invoke and logs of the deployed function.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use jiff::civil::date;
use serde_json::json;
use tanets_sandbox::corpus::Corpus;
use tanets_sandbox::require_peer;

use crate::digest::{Digest, LEVELS, grouped};
use crate::neighbour::Neighbour;

#[test]
fn a_preview_counts_the_real_cluster_reads_references_with_the_callers_keys_and_posts_only_on_request() {
    let digest = require_peer!(Digest::new("Asia/Tokyo"));
    let day = date(2018, 12, 9);
    let corpus = digest.fill(date(2018, 12, 2), day, &Corpus::mappings());
    let truth = corpus.truth(day, &LEVELS);
    let webhook =
        json!({ "Name": "/tanets/webhook", "Value": digest.inbox.webhook_url(), "Type": "SecureString" });
    digest.world.call("ssm", "AmazonSSM.PutParameter", &webhook);
    digest.write(&format!("\"{}-app-*\"", digest.prefix), "ssm:/tanets/webhook", digest.search.url(), "");

    let seen = digest.world.succeed(&["preview", "--date", "2018-12-09"]);
    assert!(seen.stdout.contains(&format!("Total: {} ", grouped(truth.total))), "{}", seen.stdout);
    assert!(seen.stderr.contains("Nothing was posted"), "{}", seen.stderr);
    assert_eq!(digest.inbox.requests(), 0);

    let posted = digest.world.succeed(&["preview", "--date", "2018-12-09", "--post", "-o", "json"]);
    assert!(crate::output::types(&posted).contains(&"preview".to_owned()));
    let line = posted.lines().pop().expect("a preview");
    assert_eq!((&line["total"], &line["posted"]), (&json!(truth.total), &json!(true)));
    let messages = digest.inbox.messages();
    assert_eq!((messages.len(), &messages[0].payload), (1, &line["payload"]));
    assert!(!format!("{seen:?}{posted:?}").contains(digest.inbox.token()));
}

#[test]
fn the_deployed_function_is_run_by_hand_and_posts_only_on_request() {
    let digest = require_peer!(Digest::new("Asia/Tokyo"));
    let day = date(2018, 12, 9);
    let truth = digest.fill(date(2018, 12, 2), day, &Corpus::mappings()).truth(day, &LEVELS);
    let early = digest.world.tanets(&["invoke"]);
    assert_eq!(early.code, 4, "{early:#?}");
    assert!(early.stderr.contains("there is no deployed function"), "{}", early.stderr);
    let early = digest.world.tanets(&["logs"]);
    assert_eq!(early.code, 4, "{early:#?}");
    assert!(early.stderr.contains("there is no deployed log group"), "{}", early.stderr);

    digest.deploy(&format!("\"{}-app-*\"", digest.prefix));
    let dry = digest.world.succeed(&["invoke", "--date", "2018-12-09"]);
    assert!(dry.stdout.contains(&format!("Total: {} ", grouped(truth.total))), "{}", dry.stdout);
    for told in ["digest made", "Nothing was posted of 2018-12-09", "It took "] {
        assert!(dry.stderr.contains(told), "{told}: {}", dry.stderr);
    }
    assert_eq!(digest.inbox.requests(), 0);

    let posted = digest.world.succeed(&["invoke", "--date", "2018-12-09", "--post", "-o", "json"]);
    assert!(crate::output::types(&posted).contains(&"invocation".to_owned()));
    let answer = &posted.lines().pop().expect("a run")["answer"];
    assert_eq!((&answer["total"], &answer["posted"]), (&json!(truth.total), &json!(true)));
    assert_eq!(digest.inbox.messages()[0].payload, answer["message"]);
    assert_eq!(digest.inbox.requests(), 1, "a run is asked for once");

    // Neither that day's digest nor a failure by hand is what the schedule owes.
    let not_yet = || {
        let status = digest.world.succeed(&["status"]).stdout;
        assert!(status.starts_with("- no run was due yet; "), "{status}");
        status
    };
    assert!(not_yet().contains("  last run   ") && not_yet().contains("of 2018-12-09: "));

    let failed = digest.world.tanets(&["invoke", "--date", "2999-01-01"]);
    assert_eq!(failed.code, 1, "{failed:#?}");
    assert!(failed.stderr.contains("the run failed: EventError: "), "{}", failed.stderr);

    assert!(not_yet().contains("failed: EventError: "));

    // Its log tells all three runs.
    let log = digest.world.succeed(&["logs"]);
    let ends = ["not posted: a dry run", "posted", "failed: EventError: "];
    let lines = Vec::from_iter(log.stdout.lines());
    assert_eq!(lines.len(), ends.len(), "{log:#?}");
    assert!(lines.iter().zip(ends).all(|(line, end)| line.contains(end)), "{log:#?}");
    assert!(
        lines[0].contains(&format!("of 2018-12-09: total {}, Error {}", truth.total, truth.levels[1])),
        "{log:#?}"
    );
    let failed = digest.world.succeed(&["logs", "--failed", "--since", "1d", "-o", "json"]);
    assert_eq!(crate::output::types(&failed).iter().filter(|kind| *kind == "logged_run").count(), 1);

    // Who follows it sees the next run too.
    let mut follow = digest.world.command(&["logs", "-f", "-q"]);
    let mut follow = follow.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary runs");
    let (told, lines) = mpsc::channel();
    let output = BufReader::new(follow.stdout.take().expect("its output"));
    let reader =
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| told.send(line)));
    let next = || lines.recv_timeout(Duration::from_secs(60)).expect("a line");
    assert_eq!([next(), next(), next()].join("\n"), log.stdout.trim_end());
    digest.world.succeed(&["invoke", "--date", "2018-12-08"]);
    assert!(next().contains("of 2018-12-08: "));
    follow.kill().expect("it goes on until somebody ends it");
    follow.wait().expect("its end");
    reader.join().expect("no more lines").ok();

    // Another's function may not know what a dry run is.
    let neighbour = Neighbour::of(&digest.world);
    let untag = neighbour.lambda.untag_resource().resource(neighbour.function_arn()).tag_keys("tanets:stack");
    neighbour.runtime.block_on(untag.send()).expect("untagged");
    assert_eq!(digest.world.tanets(&["invoke"]).code, 4);
    assert_eq!(digest.inbox.requests(), 1);
}
