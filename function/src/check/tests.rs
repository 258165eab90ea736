//! The check in front of real sockets, a real resolver and real TLS.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Instant;

use aws_credential_types::Credentials;
use serde_json::{Value, json};

use super::*;
use crate::run::{Answer, Function};
use crate::testing::{Played, answering, found, tls_server};

/// The webhook's secret part.
const SECRET: &str = "Xq7sEcReT";
const CAPS: &str = r#"{"indices":["app-1","app-2"],"fields":{"@timestamp":{"date":{}},"level":{"keyword":{}},"message":{"text":{}}}}"#;

fn ok(body: &str) -> Played {
    ("200 OK", "", body.to_owned())
}

/// A cluster in which all is well.
fn well(line: &str) -> Played {
    match line {
        "HEAD /" => ok(""),
        line if line.contains("_field_caps") => ok(CAPS),
        _ => found(2),
    }
}

/// A cluster that answers searches with this, and everything else well.
fn searched(status: &'static str, body: &str) -> String {
    let body = body.to_owned();
    answering(move |line| if line.contains("_search") { (status, "", body.clone()) } else { well(line) }).0
}

fn function(variables: &[(&str, &str)]) -> (Settings, Environment) {
    let get = |name: &str| {
        let given = variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        given.or_else(|| match name {
            "ES_INDEXES" => Some("app-*".to_owned()),
            "ES_FIELD" => Some("level".to_owned()),
            "ERROR_LEVEL" => Some("Fatal,Warning".to_owned()),
            _ => None,
        })
    };
    let aws = variables.iter().find(|(key, _)| *key == "AWS").map(|(_, url)| (*url).to_owned());
    let environment = Environment {
        region: Some("eu-west-1".to_owned()),
        credentials: Some(Credentials::new("AKID", "key", None, None, "test")),
        function_name: Some("notify".to_owned()),
        endpoints: ["ssm", "secretsmanager", "kms"].into_iter().zip(aws.into_iter().cycle()).collect(),
    };
    (Settings::from_env(get).unwrap().0, environment)
}

async fn report(variables: &[(&str, &str)], seconds: u64) -> Report {
    let (settings, environment) = function(variables);
    let now = "2018-12-10T01:15:00Z".parse().unwrap();
    let begun = Instant::now();
    let report = check(&settings, &environment, now, Duration::from_secs(seconds)).await.unwrap();
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(seconds * 1000 + 300), "it took {took:?} of {seconds} s");
    let shown = serde_json::to_string(&report).unwrap();
    assert!(!shown.contains(SECRET) && !format!("{report:?}").contains(SECRET), "{shown}");
    assert_eq!(serde_json::from_str::<Report>(&shown).unwrap(), report);
    report
}

/// The findings in a line each: `cluster_tcp: ok`, `cluster_tcp: connection_refused`, `cluster_tls: -`.
fn lines(report: &Report) -> Vec<String> {
    let line = |finding: &Finding| {
        let found = serde_json::to_value(finding).unwrap();
        let text = |key: &str| found[key].as_str().map(str::to_owned);
        let state = match &finding.state {
            State::Ok { .. } => "ok".to_owned(),
            State::Failed { .. } => text("kind").unwrap(),
            State::NotTried { after } => {
                format!("- {}", serde_json::to_value(after).unwrap().as_str().unwrap())
            }
        };
        format!("{}: {state}", text("what").unwrap())
    };
    report.findings.iter().map(line).collect()
}

fn error(report: &Report, what: What) -> (String, String) {
    let finding = report.findings.iter().find(|finding| finding.what == what).unwrap();
    match &finding.state {
        State::Failed { error, hint, .. } => (error.clone(), hint.clone().unwrap_or_default()),
        state => panic!("{what:?}: {state:?}"),
    }
}

#[tokio::test]
async fn where_all_is_well_each_stage_says_what_it_found_and_nothing_is_posted() {
    let (cluster, asked) = answering(well);
    let (slack, posted) = answering(|_| ("302 Found", "", String::new()));
    let webhook = format!("{slack}/services/T0/B0/{SECRET}");
    let variables = [("ES_ENDPOINT", cluster.as_str()), ("SLACK_WEBHOOK_URL", &webhook)];
    let (settings, environment) = function(&variables);
    let function = Function::new(settings, environment);
    let event = json!({ "check": true, "dry_run": true });
    let now = "2018-12-10T01:15:00Z".parse().unwrap();
    let Answer::Check(report) = function.answer(&event, None, now, Duration::from_secs(6)).await.unwrap()
    else {
        panic!("no check");
    };
    let details = |finding: &Finding| match &finding.state {
        State::Ok { detail } => {
            // Ports are free ones.
            let detail = detail.rsplit_once(':').map_or(detail.as_str(), |(address, _)| address);
            format!("{}: {detail}", serde_json::to_value(finding.what).unwrap().as_str().unwrap())
        }
        state => panic!("{:?}: {state:?}", finding.what),
    };
    let (time, told) = report.findings.split_last().unwrap();
    assert_eq!(time.what, What::Time);
    insta::assert_snapshot!(Vec::from_iter(told.iter().map(details)).join("\n"), @"
    cluster_name: 127.0.0.1
    cluster_tcp: connected to 127.0.0.1
    cluster_http: it answers (200)
    cluster_authentication: none
    cluster_indexes: app-1, app-2
    cluster_fields: @timestamp (date), level (keyword), message (text)
    cluster_count: 48 today (Fatal 48, Warning 48), 49 in two weeks
    slack_name: 127.0.0.1
    slack_tcp: connected to 127.0.0.1
    slack_http: it answers (302)
    ");
    assert_eq!(*posted.lock().unwrap(), ["HEAD /"]);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 3, "{asked:?}");
    // The digest's own search, for today.
    assert!(asked.iter().any(|line| line == "POST /app-%2A/_search?ignore_unavailable=true"), "{asked:?}");
}

#[tokio::test]
async fn what_fails_has_a_kind_and_what_needs_it_is_not_tried() {
    let (slack, _) = answering(|_| ok(""));
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap();
    // Speaks, but no TLS.
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let no_tls = format!("https://{}", plain.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in plain.incoming().flatten() {
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let (authority, other_name) = tls_server("other.test");
    let (_, other_authority) = tls_server("localhost");
    let not_found =
        r#"{"error":{"root_cause":[{"type":"index_not_found_exception","reason":"no such index [app]"}]}}"#;
    let no_shards = r#"{"took":1,"timed_out":false,"_shards":{"total":0,"successful":0},"aggregations":{}}"#;
    let anonymous = r#"{"Message":"User: anonymous is not authorized to perform: es:ESHttpPost"}"#;
    let cases = [
        ("http://127.0.0.1:1".to_owned(), What::ClusterTcp, "connection_refused", "security groups"),
        ("https://no-such-cluster.invalid".to_owned(), What::ClusterName, "unknown_name", "ES_ENDPOINT"),
        (format!("http://{silent}"), What::ClusterHttp, "timeout", "security group"),
        (format!("https://{silent}"), What::ClusterTls, "timeout", "security group"),
        (no_tls, What::ClusterTls, "no_tls", "http://"),
        (other_authority, What::ClusterTls, "unknown_authority", "set ES_CA"),
        (other_name, What::ClusterTls, "wrong_name", "another name"),
        ("ftp://x".to_owned(), What::ClusterName, "invalid", "host name or a URL"),
        (
            searched("401 Unauthorized", "{}"),
            What::ClusterAuthentication,
            "unauthenticated",
            "ES_CREDENTIALS",
        ),
        (searched("403 Forbidden", anonymous), What::ClusterAuthentication, "denied", "sigv4"),
        (searched("404 Not Found", not_found), What::ClusterIndexes, "not_found", "ES_INDEXES"),
        (searched("200 OK", no_shards), What::ClusterIndexes, "not_found", "ES_INDEXES"),
        (searched("500 Oops", "{}"), What::ClusterCount, "unavailable", "health"),
    ];
    for (endpoint, what, kind, hint) in cases {
        let variables =
            [("ES_ENDPOINT", endpoint.as_str()), ("SLACK_WEBHOOK_URL", &slack), ("ES_CA", &authority)];
        let report = report(&variables, 2).await;
        let name = serde_json::to_value(what).unwrap().as_str().unwrap().to_owned();
        let told = lines(&report);
        let at = told.iter().position(|line| *line == format!("{name}: {kind}"));
        let at = at.unwrap_or_else(|| panic!("{endpoint}: {name}: {kind}: {told:#?}"));
        let (before, after) = told.split_at(at);
        assert!(before.iter().all(|line| line.ends_with(": ok")), "{told:#?}");
        let cluster = after[1..].iter().filter(|line| line.starts_with("cluster_"));
        assert!(cluster.clone().all(|line| line.ends_with(&format!("- {name}"))), "{told:#?}");
        let others = after[1..].iter().filter(|line| !line.starts_with("cluster_"));
        assert!(others.clone().all(|line| line.ends_with(": ok")), "Slack and time: {told:#?}");
        let (error, told_hint) = error(&report, what);
        assert!(told_hint.contains(hint), "{endpoint}: {error}: {told_hint}");
        if what == What::ClusterIndexes {
            assert!(error.ends_with("; there are app-1, app-2"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_field_that_is_missing_or_of_another_type_is_found() {
    let (slack, _) = answering(|_| ok(""));
    let (cluster, _) = answering(|line| if line.contains("_search") { nothing() } else { well(line) });
    let (busy, _) = answering(well);
    let cases = [
        (&cluster, ("ES_TIME_FIELD", "time"), "no_field", "no index has a field time"),
        (&cluster, ("ES_TIME_FIELD", "level"), "wrong_type", "the field level is of type keyword"),
        (&cluster, ("ES_FIELD", "severity"), "no_field", "no index has a field severity"),
        // Time and level are found; only the messages would be missing.
        (&busy, ("ES_MESSAGE_FIELD", "text"), "no_field", "no index has a field text"),
    ];
    for (endpoint, setting, kind, expected) in cases {
        let variables = [("ES_ENDPOINT", endpoint.as_str()), ("SLACK_WEBHOOK_URL", &slack), setting];
        let report = report(&variables, 6).await;
        assert!(lines(&report).contains(&format!("cluster_fields: {kind}")), "{:#?}", lines(&report));
        let (error, hint) = error(&report, What::ClusterFields);
        assert!(error.contains(expected) && hint.contains("set ES_"), "{error}; {hint}");
    }
    let off = [("ES_MESSAGE_FIELD", "text"), ("DIGEST_MESSAGES", "off")];
    let variables = [&[("ES_ENDPOINT", busy.as_str()), ("SLACK_WEBHOOK_URL", &slack)], &off[..]].concat();
    assert_eq!(report(&variables, 6).await.failures().next(), None, "nobody asks for messages");
}

/// Two weeks without a line.
fn nothing() -> Played {
    let (status, headers, body) = found(0);
    let mut body: Value = serde_json::from_str(&body).unwrap();
    body["aggregations"]["days"]["buckets"]["d0"] = body["aggregations"]["days"]["buckets"]["d1"].clone();
    (status, headers, body.to_string())
}

#[tokio::test]
async fn a_reference_that_cannot_be_read_leaves_what_needs_it_untried() {
    let (cluster, _) = answering(well);
    let denied =
        r#"{"__type":"AccessDeniedException","Message":"not authorized to perform: ssm:GetParameter"}"#;
    let missing = r#"{"__type":"ParameterNotFound"}"#;
    for (body, kind) in [(denied, "denied"), (missing, "not_found")] {
        let (aws, _) = answering(move |_| ("400 Bad Request", "", body.to_owned()));
        let variables =
            [("ES_ENDPOINT", cluster.as_str()), ("SLACK_WEBHOOK_URL", "ssm:/hook"), ("AWS", &aws)];
        let told = lines(&report(&variables, 6).await);
        assert_eq!(told[0], format!("secret_webhook: {kind}"), "{told:#?}");
        let slack = Vec::from_iter(told.iter().filter(|line| line.starts_with("slack_")));
        assert!(slack.len() == 4 && slack.iter().all(|line| line.ends_with("- secret_webhook")), "{told:#?}");
        assert!(told.contains(&"cluster_count: ok".to_owned()), "{told:#?}");
    }
    // A certificate that is none still lets name and port be tried.
    let (_, secure) = tls_server("localhost");
    let variables =
        [("ES_ENDPOINT", secure.as_str()), ("SLACK_WEBHOOK_URL", cluster.as_str()), ("ES_CA", "ca.pem")];
    let told = lines(&report(&variables, 6).await);
    assert_eq!(told[..3], ["secret_ca: invalid", "cluster_name: ok", "cluster_tcp: ok"], "{told:#?}");
    assert_eq!(told[3], "cluster_tls: - secret_ca", "{told:#?}");
    // Credentials that can't be read still let the host be tried.
    let (aws, _) = answering(|_| ("400 Bad Request", "", r#"{"__type":"AccessDeniedException"}"#.to_owned()));
    let variables = [
        ("ES_ENDPOINT", cluster.as_str()),
        ("SLACK_WEBHOOK_URL", cluster.as_str()),
        ("ES_AUTH", "basic"),
        ("ES_CREDENTIALS", "secretsmanager:logs"),
        ("AWS", &aws),
    ];
    let told = lines(&report(&variables, 6).await);
    assert!(told.contains(&"cluster_http: ok".to_owned()), "{told:#?}");
    assert!(told.contains(&"cluster_authentication: - secret_credentials".to_owned()), "{told:#?}");
    assert!(told.contains(&"cluster_count: - secret_credentials".to_owned()), "{told:#?}");
}

#[tokio::test]
async fn silence_everywhere_costs_seconds_and_the_answer_comes_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    let webhook = format!("{silent}/services/{SECRET}");
    let variables = [("ES_ENDPOINT", silent.as_str()), ("SLACK_WEBHOOK_URL", &webhook)];
    let begun = Instant::now();
    let told = lines(&report(&variables, 60).await);
    assert!(begun.elapsed() < Duration::from_secs(7), "{:?}", begun.elapsed());
    assert!(told.contains(&"cluster_http: timeout".to_owned()), "{told:#?}");
    assert!(told.contains(&"slack_http: timeout".to_owned()), "{told:#?}");
    // A silent service for secrets, and next to no time.
    let variables = [("ES_ENDPOINT", "ssm:/a"), ("SLACK_WEBHOOK_URL", "ssm:/b"), ("AWS", &silent)];
    let told = lines(&report(&variables, 1).await);
    assert_eq!(told[..2], ["secret_webhook: timeout", "secret_endpoint: timeout"], "{told:#?}");
}

#[tokio::test]
async fn what_stands_in_the_place_of_a_webhook_is_not_shown() {
    let (cluster, _) = answering(well);
    for webhook in [format!("xoxb-{SECRET}"), format!("https://user:{SECRET}@x"), format!("ftp://{SECRET}")] {
        let told =
            lines(&report(&[("ES_ENDPOINT", cluster.as_str()), ("SLACK_WEBHOOK_URL", &webhook)], 3).await);
        assert!(told.iter().any(|line| line == "slack_name: invalid" || line == "slack_name: unknown_name"));
    }
}

#[test]
fn a_run_that_needs_more_than_half_of_its_time_is_told_only_if_all_else_is_well() {
    let state = |spent, all_is_well| {
        let state = enough(Duration::from_secs(spent), Duration::from_secs(10), all_is_well);
        matches!(state, State::Failed { kind: Kind::LittleTime, .. })
    };
    assert_eq!([state(5, true), state(6, true), state(6, false)], [false, true, false]);
}
