//! The peers themselves, for real: each is started, asked something that only the real one knows, and ends with us.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tanets_sandbox::corpus::{Corpus, Recipe};
use tanets_sandbox::{Ministack, Moto, SearchServer, progress, require_peer};

/// A search server counts what the truth says, day and hour by hour, in a zone whose clock changes.
#[test]
fn opensearch_agrees_with_the_truth_about_the_corpus() {
    let server = require_peer!(SearchServer::shared());
    let day: Date = "2018-11-04".parse().unwrap();
    let recipe = Recipe {
        seed: 3,
        zone: TimeZone::get("America/New_York").unwrap(),
        first: day.yesterday().unwrap(),
        last: day.tomorrow().unwrap(),
        per_day: 1500,
    };
    let corpus = recipe.generate();
    for index in corpus.indexes() {
        let name = format!("truth-{index}");
        server.create_index(&name, &Corpus::mappings()).unwrap();
        let documents = corpus.documents().iter().filter(|document| document.index() == index);
        server.bulk(&name, documents.map(|document| document.to_json())).unwrap();
    }
    let levels = ["Fatal", "Error", "Warning"];
    let truth = corpus.truth(day, &levels);
    assert_eq!(truth.hours.len(), 25);
    let phrase = |level: &&str| json!({"match_phrase": {"message": level}});
    let count = |query: Value| {
        let body = json!({"size": 0, "track_total_hits": true, "query": query});
        server.post("/truth-*/_search", &body).unwrap()["hits"]["total"]["value"].as_u64().unwrap()
    };
    let within = |start: jiff::Timestamp, end: jiff::Timestamp, queries: Vec<Value>| {
        let range = json!({"range": {"@timestamp": {"gte": start.to_string(), "lt": end.to_string()}}});
        count(json!({"bool": {"filter": [range], "should": queries, "minimum_should_match": 1}}))
    };
    let hour = jiff::SignedDuration::from_hours(1);
    let (start, end) = (truth.hours[0].start, truth.hours[24].start + hour);
    let counted: Vec<_> = levels.iter().map(|level| within(start, end, vec![phrase(level)])).collect();
    assert_eq!(counted, truth.levels);
    assert_eq!(within(start, end, levels.iter().map(phrase).collect()), truth.total);
    for expected in &truth.hours {
        let counted = within(expected.start, expected.start + hour, levels.iter().map(phrase).collect());
        assert_eq!(counted, expected.total, "{}", expected.start);
    }
}

#[test]
fn a_refused_document_is_an_error() {
    let server = require_peer!(SearchServer::shared());
    server.create_index("refused", &Corpus::mappings()).unwrap();
    let error = server.bulk("refused", [json!({"@timestamp": "no time"})]).unwrap_err().explain();
    assert!(error.starts_with("indexing into refused: ") && error.contains("@timestamp"), "{error}");
}

#[test]
fn ministack_gives_each_account_its_own_world() {
    let ministack = require_peer!(Ministack::shared());
    let accounts = [ministack.fresh_account(), ministack.fresh_account()];
    assert_ne!(accounts[0], accounts[1]);
    for account in &accounts {
        assert!(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()), "{account}");
        assert!(caller(ministack.url(), account).contains(&format!("<Account>{account}</Account>")));
    }
    assert_eq!(ministack.firings("none"), 0);
}

#[test]
fn moto_answers() {
    let moto = require_peer!(Moto::shared());
    assert!(caller(moto.url(), "test").contains("<Account>123456789012</Account>"));
}

/// STS's GetCallerIdentity, signed as far as an emulator looks.
fn caller(url: &str, key: &str) -> String {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={key}/20181210/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0"
    );
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let mut answer = agent
        .post(url)
        .header("authorization", &authorization)
        .header("content-type", "application/x-www-form-urlencoded")
        .send("Action=GetCallerIdentity&Version=2011-06-15")
        .expect("an answer");
    answer.body_mut().read_to_string().expect("a text")
}

/// The process of this test is killed without a chance to clean up: a copy of this program that runs `owner`.
#[test]
fn a_peer_ends_with_its_owner_however_that_ends() {
    require_peer!(Ministack::shared());
    let mut owner = Command::new(env::current_exe().unwrap())
        .args(["--exact", "owner", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    let url =
        lines.map(Result::unwrap).find_map(|line| Some(line.split_once("owns ")?.1.to_owned())).unwrap();
    let address = url.trim_start_matches("http://").to_owned();
    assert!(TcpStream::connect(&address).is_ok());
    owner.kill().unwrap();
    owner.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(&address).is_ok() {
        assert!(Instant::now() < deadline, "MiniStack outlived its owner");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
#[ignore = "the owner that a_peer_ends_with_its_owner_however_that_ends kills"]
fn owner() {
    let ministack = Ministack::start(&progress::to_stderr).unwrap();
    println!("owns {}", ministack.url());
    thread::sleep(Duration::from_secs(600));
}
