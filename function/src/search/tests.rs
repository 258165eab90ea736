use std::collections::BTreeMap;

use jiff::civil::date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;
use crate::digest::Counts;
use crate::http::parse_url;
use crate::testing::{Played, Server};

const LIMIT: Duration = Duration::from_secs(3);

fn window() -> Window {
    Window::of(date(2026, 11, 1), &TimeZone::get("America/New_York").unwrap()).unwrap()
}

fn levels() -> Vec<String> {
    vec!["Fatal".to_owned(), "Warning".to_owned()]
}

fn indexes() -> Vec<String> {
    vec!["app-*".to_owned()]
}

fn bucket(total: u64, fatal: u64, warning: u64) -> Value {
    json!({"doc_count": total, "levels": {"buckets": {"l0": {"doc_count": fatal}, "l1": {"doc_count": warning}}}})
}

/// A right answer: 3 lines in the first hour, of which one has both levels, and 2 in the last.
fn right() -> Value {
    let mut hours: BTreeMap<String, Value> = (0..25).map(|n| (format!("h{n}"), bucket(0, 0, 0))).collect();
    let mut days: BTreeMap<String, Value> = (0..14).map(|n| (format!("d{n}"), bucket(0, 0, 0))).collect();
    days.insert("d13".to_owned(), bucket(5, 2, 4));
    days.insert("d12".to_owned(), bucket(1, 1, 0));
    hours.insert("h0".to_owned(), bucket(3, 2, 2));
    hours.insert("h24".to_owned(), bucket(2, 0, 2));
    json!({
        "took": 5, "timed_out": false, "terminated_early": true,
        "_shards": {"total": 4, "successful": 4, "skipped": 2, "failed": 0},
        "hits": {"total": 0, "hits": []},
        "aggregations": {
            "days": {"meta": {}, "buckets": days},
            "hours": {"buckets": hours},
        },
    })
}

/// The right answer with one place changed.
fn wrong(pointer: &str, value: Value) -> Value {
    let mut answer = right();
    *answer.pointer_mut(pointer).unwrap() = value;
    answer
}

async fn asked(answers: Vec<Played>) -> (Result<Found, SearchError>, Vec<crate::testing::Seen>) {
    asked_for(None, answers).await
}

/// With samples of a field.
async fn asked_for(
    field: Option<&str>,
    answers: Vec<Played>,
) -> (Result<Found, SearchError>, Vec<crate::testing::Seen>) {
    let server = Server::play(answers);
    let cluster = Cluster { endpoint: parse_url(&server.url).unwrap(), authentication: Authentication::None };
    let (indexes, levels) = (indexes(), levels());
    let query = Query {
        indexes: &indexes,
        levels: &levels,
        field: "message",
        time_field: "@timestamp",
        message_field: field,
    };
    let result = cluster.count(&Http::new().unwrap(), &query, &window(), Instant::now() + LIMIT).await;
    (result, server.seen())
}

#[tokio::test]
async fn one_request_gives_all_counts() {
    let (found, seen) = asked(vec![("200 OK", "", right().to_string())]).await;
    let Found { tally, samples, took } = found.unwrap();
    assert_eq!(took, 5);
    assert_eq!(*tally.day(), Counts { total: 5, levels: vec![2, 4] });
    assert_eq!(*tally.day_before(), Counts { total: 1, levels: vec![1, 0] });
    assert_eq!(*tally.week_before(), Counts { total: 0, levels: vec![0, 0] });
    assert_eq!(tally.hours.len(), 25);
    assert_eq!(samples, [Sample::default(), Sample::default()]);
    assert_eq!(tally.hours[24], Counts { total: 2, levels: vec![0, 2] });
    assert_eq!(seen[0].line, "POST /app-%2A/_search?ignore_unavailable=true");
    assert!(seen[0].headers.contains(&"content-type: application/json".to_owned()));
    let body: Value = serde_json::from_str(&seen[0].body).unwrap();
    let timeout: u64 = body["timeout"].as_str().unwrap().trim_end_matches("ms").parse().unwrap();
    assert!(timeout < LIMIT.as_millis() as u64, "the cluster gives up before we do");
}

#[tokio::test]
async fn samples_come_with_the_counts() {
    let mut answer = right();
    let line = |text: &str| json!({"_index": "app-1", "_score": 0.9, "_source": {"log": {"text": text}}});
    let lines = |texts: &[&str]| json!({"hits": {"total": 9, "hits": texts.iter().map(|text| line(text)).collect::<Vec<_>>()}});
    let level = |texts: &[&str]| json!({"doc_count": 9, "lines": lines(texts)});
    let day = |l0: &[&str], l1: &[&str]| json!({"doc_count": 9, "levels": {"buckets": {"l0": level(l0), "l1": level(l1)}}});
    answer["aggregations"]["sample"] =
        json!({"buckets": {"day": day(&["a", "b"], &["c\nd"]), "day_before": day(&[], &["e"])}});
    let (found, seen) = asked_for(Some("log.text"), vec![("200 OK", "", answer.to_string())]).await;
    let sample = |day: &[&str], day_before: &[&str]| Sample {
        day: day.iter().map(|text| (*text).to_owned()).collect(),
        day_before: day_before.iter().map(|text| (*text).to_owned()).collect(),
    };
    assert_eq!(found.unwrap().samples, [sample(&["a", "b"], &[]), sample(&["c"], &["e"])]);
    assert_eq!(seen.len(), 1);
}

#[tokio::test]
async fn lines_that_cannot_be_sampled_cost_the_samples_and_not_the_counts() {
    let refusal = r#"{"error":{"root_cause":[{"type":"illegal_argument_exception","reason":"Top hits result window is too large"}]}}"#;
    let endless: [Played; 2] =
        [("400 Bad Request", "", refusal.to_owned()), ("200 OK", "", "x".repeat(9 * 1024 * 1024))];
    for first in endless {
        let (found, seen) =
            asked_for(Some("message"), vec![first, ("200 OK", "", right().to_string())]).await;
        assert_eq!(found.unwrap().tally.day().total, 5);
        assert!(seen[0].body.contains("top_hits") && !seen[1].body.contains("top_hits"));
    }
}

#[tokio::test]
async fn a_zero_that_is_none_is_an_error() {
    let cases = [
        (wrong("/_shards", json!({"total": 0, "successful": 0, "failed": 0})), "no open index matches app-*"),
        (
            // As OpenSearch answers when shards have no node: `failed` is 0.
            wrong("/_shards", json!({"total": 6, "successful": 4, "skipped": 0, "failed": 0})),
            "only 4 of 6 shards answered: they are not allocated",
        ),
        (
            wrong(
                "/_shards",
                json!({"total": 2, "successful": 1, "failed": 1, "failures": [
                    {"shard": 0, "index": "app-1", "reason": {"type": "query_shard_exception", "reason": "not a date"}},
                ]}),
            ),
            "only 1 of 2 shards answered: app-1: not a date",
        ),
        (wrong("/timed_out", json!(true)), "the search ran out of time, its counts are too low"),
        (wrong("/aggregations", json!(null)), "the answer lacks aggregations"),
        (wrong("/aggregations/hours", json!({"buckets": {}})), "the answer lacks hours.h0"),
        (wrong("/aggregations/days/buckets/d13/levels", json!(null)), "the answer lacks days.d13.levels"),
        (
            wrong("/aggregations/days/buckets/d12/levels/buckets", json!({"l0": {"doc_count": 1}})),
            "the answer lacks days.d12.levels.l1",
        ),
        (
            wrong("/aggregations/hours/buckets/h0/doc_count", json!(0)),
            "the hours of the day add up to 2, the day has 5",
        ),
        (
            wrong("/aggregations/hours/buckets/h24/levels/buckets/l1/doc_count", json!(1)),
            "the hours of the day add up to 3, the day has 4",
        ),
        (json!({"acknowledged": true}), "the answer is not that of a search: {\"acknowledged\":true}"),
    ];
    for (answer, expected) in cases {
        let (result, _) = asked(vec![("200 OK", "", answer.to_string())]).await;
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().is_some(), "{expected}");
    }
    let page = "<html>\n<title>Sign in</title></html>".to_owned();
    let (result, _) = asked(vec![("200 OK", "content-type: text/html\r\n", page)]).await;
    assert_eq!(
        result.unwrap_err().to_string(),
        "the answer is not that of a search: <html> <title>Sign in</title></html>"
    );
}

#[derive(Deserialize)]
struct Recorded {
    server: String,
    case: String,
    status: u16,
    body: String,
}

/// Answers of real servers (`search-answers.jsonl`): each is an error that says why, and what to do. The `.txt`
/// beside it holds what is said about each, cut at 110 and 60 characters.
#[test]
fn what_real_servers_answer_instead_of_counts_is_an_error_with_a_hint() {
    let (indexes, levels) = (indexes(), levels());
    let query = Query {
        indexes: &indexes,
        levels: &levels,
        field: "message",
        time_field: "@timestamp",
        message_field: None,
    };
    let mut shown = String::new();
    for line in include_str!("../../testdata/search-answers.jsonl").lines() {
        let recorded: Recorded = serde_json::from_str(line).unwrap();
        let error = match recorded.status {
            200 => answer::read(recorded.body.as_bytes(), &query, &window()).unwrap_err(),
            status => {
                SearchError::refused(reqwest::StatusCode::from_u16(status).unwrap(), recorded.body.as_bytes())
            }
        };
        let text: String = error.to_string().chars().take(110).collect();
        let hint: String = error.hint().unwrap().chars().take(60).collect();
        shown += &format!("{} {}\n  {text}\n  {hint}\n", recorded.server, recorded.case);
    }
    assert_eq!(shown, include_str!("../../testdata/search-answers.txt"));
}

#[test]
fn amazons_and_a_proxys_refusals_are_told_apart() {
    let cases = [
        (
            403,
            r#"{"Message":"User: anonymous is not authorized to perform: es:ESHttpPost"}"#,
            "the cluster refused (403): User: anonymous is not authorized to perform: es:ESHttpPost",
            "was not signed",
        ),
        (
            403,
            r#"{"Message":"User: arn:aws:sts::1:assumed-role/x/y is not authorized to perform: es:ESHttpPost with an explicit deny"}"#,
            "the cluster refused (403): User: arn:aws:sts::1:assumed-role/x/y is not authorized to perform: \
             es:ESHttpPost with an explicit deny",
            "IAM refused",
        ),
        (
            403,
            r#"{"message":"The security token included in the request is expired"}"#,
            "the cluster refused (403): The security token included in the request is expired",
            "the signature was refused",
        ),
        (403, "", "the cluster refused (403): Forbidden", "check what the user"),
        (
            413,
            "<html>too large</html>",
            "the cluster refused (413): <html>too large</html>",
            "limits requests",
        ),
        (
            429,
            "429 Too Many Requests /x/_search",
            "the cluster refused (429): 429 Too Many Requests /x/_search",
            "overloaded",
        ),
        (502, "<html><h1>502</h1></html>", "the cluster refused (502): <html><h1>502</h1></html>", "health"),
        (302, "", "the cluster refused (302): Found", "redirects"),
        (
            403,
            r#"{"error":{"root_cause":[{"type":"security_exception","reason":"no permissions for [indices:data/read/search] and User [name=arn:aws:iam::1:role/x, backend_roles=[arn:aws:iam::1:role/x], requestedTenant=null]"}]},"status":403}"#,
            "the cluster refused (403): security_exception: no permissions for [indices:data/read/search] and User \
             [name=arn:aws:iam::1:role/x, backend_roles=[arn:aws:iam::1:role/x], requestedTenant=null]",
            "fine-grained access control refused",
        ),
        (500, "", "the cluster refused (500): Internal Server Error", "health"),
        (418, "", "the cluster refused (418): I'm a teapot", "did not understand"),
        (400, "{}", "the cluster refused (400): Bad Request", "did not understand"),
        (404, "default backend - 404", "the cluster refused (404): default backend - 404", "ES_ENDPOINT"),
    ];
    for (status, body, expected, hint) in cases {
        let error = SearchError::refused(reqwest::StatusCode::from_u16(status).unwrap(), body.as_bytes());
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().unwrap().contains(hint), "{expected}: {:?}", error.hint());
    }
}

#[test]
fn a_refusal_quotes_at_most_300_characters() {
    let body = json!({"error": {"root_cause": [{"type": "x", "reason": "é".repeat(9000)}]}}).to_string();
    let error = SearchError::refused(reqwest::StatusCode::BAD_REQUEST, body.as_bytes());
    assert!(error.to_string().chars().count() < 350);
}

#[tokio::test]
async fn an_overloaded_cluster_is_asked_again_but_not_for_what_will_happen_again() {
    let busy = || ("503 Service Unavailable", "", "busy".to_owned());
    let (result, seen) = asked(vec![
        busy(),
        ("429 Too Many", "retry-after: 1\r\n", String::new()),
        ("200 OK", "", right().to_string()),
    ])
    .await;
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(seen.len(), 3);

    let refused: [Played; 4] = [
        ("400 Bad Request", "", "{}".to_owned()),
        ("401 Unauthorized", "", String::new()),
        ("429 Too Many", "", r#"{"error":{"type":"circuit_breaking_exception"}}"#.to_owned()),
        ("504 Gateway", "", r#"{"error":{"root_cause":[{"reason":"Time exceeded"}]}}"#.to_owned()),
    ];
    for answer in refused {
        // A second request would find nobody listening, and its error would be another one.
        let (result, _) = asked(vec![answer.clone()]).await;
        assert!(matches!(result, Err(SearchError::Refused { .. })), "{answer:?}: {result:?}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_not_a_count() {
    let whole = right().to_string();
    let cut = |length| whole[..length].to_owned();
    // Before the answer, in the middle of a transfer, and whole for HTTP but not for JSON.
    let cases = [
        (("", "", String::new()), "the cluster gave no answer"),
        (
            ("200 OK", "transfer-encoding: chunked\r\n", format!("fff\r\n{}", cut(100))),
            "the cluster gave no answer",
        ),
        (("200 OK", "", cut(100)), "the answer breaks off after 100 bytes"),
        (
            ("200 OK", "", cut(whole.len() - 1)),
            &format!("the answer breaks off after {} bytes", whole.len() - 1),
        ),
        (("200 OK", "", String::new()), "the answer breaks off after 0 bytes"),
    ];
    for (answer, expected) in cases {
        let error = asked(vec![answer]).await.0.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().unwrap().contains("ends answers early"), "{expected}: {:?}", error.hint());
    }
}

/// A right answer without a single line.
fn nothing() -> Value {
    let mut answer = right();
    for aggregation in ["days", "hours"] {
        for (_, one) in answer["aggregations"][aggregation]["buckets"].as_object_mut().unwrap() {
            *one = bucket(0, 0, 0);
        }
    }
    answer
}

#[tokio::test]
async fn two_weeks_of_nothing_are_believed_only_if_the_fields_exist() {
    let caps = |fields: Value| ("200 OK", "", json!({"fields": fields}).to_string());
    let both = json!({"@timestamp": {"date": {}}, "message": {"text": {}}});
    let denied = ("403 Forbidden", "", "{}".to_owned());
    for fields in [caps(both), denied] {
        let (found, seen) = asked(vec![("200 OK", "", nothing().to_string()), fields]).await;
        assert_eq!(found.unwrap().tally.day().total, 0);
        assert_eq!(
            seen[1].line,
            "GET /app-%2A/_field_caps?ignore_unavailable=true&fields=%40timestamp%2Cmessage"
        );
    }
    let missing = caps(json!({"@timestamp": {"date": {}}}));
    let (found, _) = asked(vec![("200 OK", "", nothing().to_string()), missing]).await;
    assert_eq!(found.unwrap_err().to_string(), "no index has a field message");
}
