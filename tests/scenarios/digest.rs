//! The deployed zip, invoked on MiniStack, against a real OpenSearch whose true counts are known; and the message
//! that arrives.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tanets_sandbox::corpus::{Corpus, Recipe, Truth};
use tanets_sandbox::{Inbox, Ministack, PeerError, SearchServer, require_peer};

use crate::world::{Emulator, World};

/// Log lines of the corpus hold up to two of these words.
pub const LEVELS: [&str; 3] = ["Fatal", "Error", "Warning"];

/// A deployed stack with a cluster to search and an inbox to post to.
pub struct Digest {
    pub world: World,
    pub search: &'static SearchServer,
    pub inbox: Inbox,
    /// The start of the names of this scenario's indexes.
    pub prefix: String,
    zone: &'static str,
}

impl Digest {
    pub fn new(zone: &'static str) -> Result<Self, PeerError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let prefix = format!("t{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let (search, inbox) = (SearchServer::shared()?, Inbox::start()?);
        Ok(Self { world: World::new(Emulator::Ministack)?, search, inbox, prefix, zone })
    }

    /// Indexes a corpus, an index a service, and gives it.
    pub fn fill(&self, first: Date, last: Date, mappings: &Value) -> Corpus {
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

    pub fn deploy(&self, indexes: &str) {
        let webhook = self.inbox.webhook_url();
        self.deploy_with(indexes, &webhook, self.search.url(), "");
    }

    fn deploy_with(&self, indexes: &str, webhook: &str, endpoint: &str, elasticsearch: &str) {
        self.write(indexes, webhook, endpoint, elasticsearch);
        self.world.succeed(&["deploy", "--yes"]);
        self.world.assert_converged();
    }

    pub fn write(&self, indexes: &str, webhook: &str, endpoint: &str, elasticsearch: &str) {
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
pub fn grouped(number: u64) -> String {
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
