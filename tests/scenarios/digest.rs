//! The deployed zip, invoked on MiniStack, against a real OpenSearch whose true counts are known; and the message
//! that arrives.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tanets_sandbox::corpus::{Corpus, Recipe, Truth};
use tanets_sandbox::{Inbox, Ministack, PeerError, SearchServer, require_peer};

use crate::neighbour::Neighbour;
use crate::world::{Emulator, World};

/// Log lines of the corpus hold up to two of these words.
const LEVELS: [&str; 3] = ["Fatal", "Error", "Warning"];

/// A deployed stack with a cluster to search and an inbox to post to.
struct Digest {
    world: World,
    search: &'static SearchServer,
    inbox: Inbox,
    /// The start of the names of this scenario's indexes.
    prefix: String,
    zone: &'static str,
}

impl Digest {
    fn new(zone: &'static str) -> Result<Self, PeerError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let prefix = format!("t{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let (search, inbox) = (SearchServer::shared()?, Inbox::start()?);
        Ok(Self { world: World::new(Emulator::Ministack)?, search, inbox, prefix, zone })
    }

    /// Indexes a corpus, an index a service, and gives it.
    fn fill(&self, first: Date, last: Date, mappings: &Value) -> Corpus {
        let zone = TimeZone::get(self.zone).expect("a zone");
        let corpus = Recipe { seed: 7, zone, first, last, per_day: 300 }.generate();
        for index in corpus.indexes() {
            let name = format!("{}-{index}", self.prefix);
            self.search.create_index(&name, mappings).expect("an index");
            let of_index = corpus.documents().iter().filter(|document| document.index() == index);
            self.search.bulk(&name, of_index.map(|document| document.to_json())).expect("documents");
        }
        corpus
    }

    fn deploy(&self, indexes: &str) {
        let webhook = self.inbox.webhook_url();
        self.deploy_with(indexes, &webhook, self.search.url(), "");
    }

    fn deploy_with(&self, indexes: &str, webhook: &str, endpoint: &str, elasticsearch: &str) {
        self.write(indexes, webhook, endpoint, elasticsearch);
        self.world.succeed(&["deploy", "--yes"]);
        self.world.assert_converged();
    }

    fn write(&self, indexes: &str, webhook: &str, endpoint: &str, elasticsearch: &str) {
        self.world.write(&format!(
            "name = \"NAME\"\nschedule = \"rate(1 day)\"\n[elasticsearch]\nendpoint = \"{endpoint}\"\n\
             indexes = [{indexes}]\n{elasticsearch}\n[slack]\nwebhook = \"{webhook}\"\n[digest]\n\
             levels = [\"Fatal\", \"Error\", \"Warning\"]\nlanguage = \"en\"\ntimezone = \"{}\"\n[function]\n\
             architecture = \"ARCHITECTURE\"\npackage = \"PACKAGE\"\n",
            self.zone
        ));
    }

    /// Invokes the function as EventBridge does at this moment; its answer, or its error.
    fn fire(&self, time: &str) -> Value {
        self.world.invoke(&json!({
            "version": "0", "id": "89d1a02d", "detail-type": "Scheduled Event", "source": "aws.events",
            "account": self.world.account, "time": time, "region": "ap-northeast-1", "resources": [], "detail": {},
        }))
    }

    /// The day's counts, in the function's answer and in the message that arrived.
    fn assert_reports(&self, answer: &Value, day: Date, truth: &Truth) {
        let levels: serde_json::Map<_, _> = LEVELS
            .iter()
            .zip(&truth.levels)
            .map(|(level, count)| ((*level).to_owned(), json!(count)))
            .collect();
        let expected = json!({
            "day": day.to_string(), "timezone": self.zone, "posted": true, "total": truth.total, "levels": levels,
        });
        assert_eq!(*answer, expected);
        let messages = self.inbox.wait_for(1, Duration::from_secs(5)).expect("a message");
        assert_eq!(messages.len(), 1, "one digest, one message");
        let text = messages[0].payload["text"].as_str().expect("a text");
        for (level, count) in LEVELS.iter().zip(&truth.levels) {
            assert!(text.contains(&format!("*{level}*: {} ", grouped(*count))), "{level} {count} in {text}");
        }
        assert!(text.contains(&format!("*Total*: {} ", grouped(truth.total))), "{} in {text}", truth.total);
        assert!(text.contains(&format!("({} hours)", truth.hours.len())), "{text}");
        let shown = messages[0].payload.to_string();
        for (index, level) in LEVELS.iter().enumerate() {
            let peak = truth.hours.iter().map(|hour| hour.levels[index]).max().unwrap_or_default();
            assert!(shown.contains(&format!("({})", grouped(peak))), "{level}'s peak {peak} in {shown}");
        }
    }
}

/// 1234567 as people write it.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group).into_owned());
    groups.collect::<Vec<_>>().join(",")
}

#[test]
fn the_digest_of_a_day_in_tokyo_is_the_truth_about_it() {
    let digest = require_peer!(Digest::new("Asia/Tokyo"));
    let day = date(2018, 12, 9);
    let corpus = digest.fill(date(2018, 12, 1), date(2018, 12, 10), &Corpus::mappings());
    let truth = corpus.truth(day, &LEVELS);
    // The corpus has a line in the first and in the last millisecond of each day, and lines with both words.
    assert!(truth.levels.iter().sum::<u64>() > truth.total, "levels overlap");
    digest.deploy(&format!("\"{}-app-*\"", digest.prefix));
    let answer = digest.fire("2018-12-10T01:15:00Z");
    digest.assert_reports(&answer, day, &truth);
    // The same event again is answered the same, whatever the clock says, and posted once.
    assert_eq!(digest.fire("2018-12-10T01:15:00Z"), answer);
    assert_eq!(digest.inbox.messages().len(), 1);
    assert_eq!(digest.inbox.refusals(), []);
}

#[test]
fn the_message_pictures_two_weeks_and_says_what_the_lines_say() {
    let digest = require_peer!(Digest::new("Asia/Tokyo"));
    let day = date(2018, 12, 9);
    let corpus = digest.fill(date(2018, 11, 26), day, &Corpus::mappings());
    digest.deploy(&format!("\"{}-app-*\"", digest.prefix));
    digest.fire("2018-12-10T01:15:00Z");
    let payload = digest.inbox.wait_for(1, Duration::from_secs(5)).expect("a message").remove(0).payload;
    let blocks = payload["blocks"].as_array().expect("blocks");
    let of = |kind: &'static str| blocks.iter().filter(move |block| block["type"] == kind);
    let values = |series: &Value| -> Vec<u64> {
        series["data"].as_array().into_iter().flatten().filter_map(|point| point["value"].as_u64()).collect()
    };
    let charts: Vec<&Value> = of("data_visualization").collect();
    let (hours, days) = (&charts[0]["chart"]["series"], &charts[1]["chart"]["series"]);
    for (index, level) in LEVELS.iter().enumerate() {
        let truth = corpus.truth(day, &LEVELS);
        let pairs: Vec<u64> =
            truth.hours.chunks(2).map(|pair| pair.iter().map(|hour| hour.levels[index]).sum()).collect();
        assert_eq!(values(&hours[index]), pairs, "{level} by hours");
        let trend = date(2018, 11, 26).series(jiff::Span::new().days(1)).take_while(|one| *one <= day);
        let trend: Vec<u64> = trend.map(|one| corpus.truth(one, &LEVELS).levels[index]).collect();
        assert_eq!(values(&days[index]), trend, "{level} by days");
    }
    // Every message comes from a line of the corpus, without its numbers.
    let rows = of("table").next().expect("a table")["rows"].as_array().expect("rows");
    assert!(rows.len() > LEVELS.len(), "{rows:?}");
    for row in &rows[1..] {
        let (level, text) =
            (row[0]["text"].as_str().expect("a level"), row[2]["text"].as_str().expect("a text"));
        assert!(text.to_lowercase().contains(&level.to_lowercase()), "{level}: {text}");
        assert!(!text.contains(|c: char| c.is_ascii_digit()), "{text}");
    }
}

#[test]
fn what_slack_refuses_for_its_blocks_arrives_without_them() {
    let digest = require_peer!(Digest::new("UTC"));
    let day = date(2018, 12, 9);
    let corpus = digest.fill(day, day, &Corpus::mappings());
    digest.deploy(&format!("\"{}-app-*\"", digest.prefix));
    digest.inbox.answer_next(400, "invalid_blocks", &[]);
    digest.assert_reports(&digest.fire("2018-12-10T01:15:00Z"), day, &corpus.truth(day, &LEVELS));
    assert_eq!(digest.inbox.requests(), 2);
    let shown = digest.inbox.messages()[0].payload.to_string();
    assert!(!shown.contains("data_visualization") && shown.contains('█'), "{shown}");
}

#[test]
fn days_of_23_and_25_hours_in_new_york_are_counted_whole() {
    for (day, time, hours) in
        [(date(2018, 3, 11), "2018-03-12T12:00:00Z", 23), (date(2018, 11, 4), "2018-11-05T12:00:00Z", 25)]
    {
        let digest = require_peer!(Digest::new("America/New_York"));
        let week = day.checked_sub(jiff::Span::new().days(8)).expect("a day");
        let corpus = digest.fill(week, day.tomorrow().expect("a day"), &Corpus::mappings());
        let truth = corpus.truth(day, &LEVELS);
        assert_eq!(truth.hours.len(), hours);
        digest.deploy(&format!("\"{}-app-*\"", digest.prefix));
        digest.assert_reports(&digest.fire(time), day, &truth);
    }
}

#[test]
fn nanosecond_dates_beside_named_indexes_are_counted_too() {
    let digest = require_peer!(Digest::new("UTC"));
    let mut mappings = Corpus::mappings();
    mappings["properties"]["@timestamp"]["type"] = json!("date_nanos");
    let day = date(2018, 12, 9);
    let corpus = digest.fill(date(2018, 12, 2), day, &mappings);
    // Thousands of documents: with a few, the servers' trouble with `date_nanos` doesn't show.
    assert!(corpus.documents().len() > 1_500);
    let names = Vec::from_iter(corpus.indexes().iter().map(|index| format!("\"{}-{index}\"", digest.prefix)));
    digest.deploy(&names.join(", "));
    digest.assert_reports(&digest.fire("2018-12-10T01:15:00Z"), day, &corpus.truth(day, &LEVELS));
}

#[test]
fn an_index_that_is_missing_is_an_error_and_said_in_slack_not_a_zero() {
    let digest = require_peer!(Digest::new("UTC"));
    let corpus = digest.fill(date(2018, 12, 9), date(2018, 12, 9), &Corpus::mappings());
    let good = corpus.indexes().pop_first().expect("an index");
    let (nothing, half) =
        (format!("\"{}-typo-*\"", digest.prefix), format!("\"{0}-{good}\", \"{0}-typo\"", digest.prefix));
    for (round, indexes) in [nothing, half].iter().enumerate() {
        digest.deploy(indexes);
        let error = digest.fire("2018-12-10T01:15:00Z");
        assert_eq!(error["errorType"], "SearchError", "{error}");
        let messages =
            digest.inbox.wait_for(round + 1, Duration::from_secs(5)).expect("the failure in Slack");
        let notice = messages[round].payload.to_string();
        assert!(notice.contains("2018-12-09") || notice.contains("December 9"), "{notice}");
    }
}

#[test]
fn a_date_is_reported_on_request_and_a_dry_run_posts_nothing() {
    let digest = require_peer!(Digest::new("Asia/Tokyo"));
    let corpus = digest.fill(date(2018, 12, 2), date(2018, 12, 9), &Corpus::mappings());
    digest.deploy(&format!("\"{}-app-*\"", digest.prefix));
    let answer = digest.world.invoke(&json!({ "date": "2018-12-08", "dry_run": true }));
    let truth = corpus.truth(date(2018, 12, 8), &LEVELS);
    assert_eq!((&answer["total"], &answer["posted"]), (&json!(truth.total), &json!(false)));
    let text = answer["message"]["text"].as_str().expect("the message");
    assert!(text.contains(&format!("*Total*: {}", grouped(truth.total))), "{text}");
    assert!(digest.inbox.messages().is_empty());
}

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

    let status = digest.world.succeed(&["status"]);
    assert!(status.stdout.starts_with("✓ the digest of Sun 2018-12-09 was posted "), "{}", status.stdout);

    let failed = digest.world.tanets(&["invoke", "--date", "2999-01-01"]);
    assert_eq!(failed.code, 1, "{failed:#?}");
    assert!(failed.stderr.contains("the run failed: EventError: "), "{}", failed.stderr);

    let status = digest.world.succeed(&["status"]);
    assert!(status.stdout.starts_with("✗ the last run failed "), "{}", status.stdout);

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

#[test]
fn references_of_the_three_kinds_are_resolved_by_the_function() {
    let digest = require_peer!(Digest::new("UTC"));
    let world = &digest.world;
    let corpus = digest.fill(date(2018, 12, 2), date(2018, 12, 9), &Corpus::mappings());
    let webhook = digest.inbox.webhook_url();
    world.call(
        "ssm",
        "AmazonSSM.PutParameter",
        &json!({
            "Name": "/tanets/webhook", "Value": webhook, "Type": "SecureString",
        }),
    );
    world.call(
        "secretsmanager",
        "secretsmanager.CreateSecret",
        &json!({
            "Name": "tanets/endpoint", "SecretString": digest.search.url(),
            "ClientRequestToken": "01234567-89ab-cdef-0123-456789abcdef",
        }),
    );
    let key = world.call("kms", "TrentService.CreateKey", &json!({}));
    let encrypted = world.call(
        "kms",
        "TrentService.Encrypt",
        &json!({
            "KeyId": key["KeyMetadata"]["KeyId"], "Plaintext": "cmVhZGVyOnBhc3N3b3Jk", // reader:password
            "EncryptionContext": { "LambdaFunctionName": world.name },
        }),
    );
    let ciphertext = encrypted["CiphertextBlob"].as_str().expect("a ciphertext");
    let indexes = format!("\"{}-app-*\"", digest.prefix);
    let auth = format!("auth = \"basic\"\ncredentials = \"kms:{ciphertext}\"");
    digest.deploy_with(&indexes, "ssm:/tanets/webhook", "secretsmanager:tanets/endpoint", &auth);
    let day = date(2018, 12, 9);
    digest.assert_reports(&digest.fire("2018-12-10T01:15:00Z"), day, &corpus.truth(day, &LEVELS));
}

#[test]
fn the_rule_fires_by_itself_and_yesterdays_digest_arrives() {
    let digest = require_peer!(Digest::new("UTC"));
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let first = today.checked_sub(jiff::Span::new().days(9)).expect("a day");
    let corpus = digest.fill(first, today.tomorrow().expect("a day"), &Corpus::mappings());
    let webhook = digest.inbox.webhook_url();
    digest.deploy_with(&format!("\"{}-app-*\"", digest.prefix), &webhook, digest.search.url(), "");
    let config = std::fs::read_to_string(digest.world.folder().join("tanets.toml")).expect("tanets.toml");
    digest.world.write(&config.replace("rate(1 day)", "rate(1 minute)"));
    digest.world.succeed(&["deploy", "--yes"]);
    // MiniStack sweeps its rules each 10 s, so a rate of a minute comes after 60 to 80 s.
    let messages = digest.inbox.wait_for(1, Duration::from_secs(150)).expect("a digest");
    let fired =
        Ministack::shared().map(|ministack| ministack.firings(&digest.world.name)).unwrap_or_default();
    assert!(fired > 0, "the rule has fired");
    let text = messages[0].payload["text"].as_str().expect("a text").to_owned();
    // The day of the event: midnight may have passed meanwhile.
    let now = Timestamp::now() - SignedDuration::from_secs(1);
    let days = [now.to_zoned(TimeZone::UTC).date().yesterday(), today.yesterday()];
    let found = days
        .into_iter()
        .flatten()
        .any(|day| text.contains(&format!("*Total*: {} ", grouped(corpus.truth(day, &LEVELS).total))));
    assert!(found, "{text}");
    digest.world.succeed(&["destroy", "--yes"]);
}
