use aws_credential_types::Credentials;
use serde_json::json;

use super::*;
use crate::testing::{Played, Seen, Server, found};

const NOW: &str = "2018-12-10T01:15:00Z";

fn ok() -> Played {
    ("200 OK", "", "ok".to_owned())
}

struct Peers {
    search: Server,
    slack: Server,
    aws: Server,
}

impl Peers {
    fn play(search: Vec<Played>, slack: Vec<Played>, aws: Vec<Played>) -> Self {
        Self { search: Server::play(search), slack: Server::play(slack), aws: Server::play(aws) }
    }

    /// A function in front of these peers, with changes to its variables.
    fn function(&self, changes: &[(&str, &str)]) -> Function {
        let get = |name: &str| {
            let change = changes.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            change.or_else(|| match name {
                "SLACK_WEBHOOK_URL" => Some(format!("{}/services/secret", self.slack.url)),
                "ES_ENDPOINT" => Some(self.search.url.clone()),
                "ES_INDEXES" => Some("app".to_owned()),
                "ERROR_LEVEL" => Some("Fatal,Warning".to_owned()),
                "DIGEST_TIMEZONE" => Some("Asia/Tokyo".to_owned()),
                "DIGEST_LANGUAGE" => Some("en".to_owned()),
                "KIBANA_URL" => Some("https://k.test/?from={from}".to_owned()),
                _ => None,
            })
        };
        let environment = Environment {
            region: Some("eu-west-1".to_owned()),
            credentials: Some(Credentials::new("AKID", "key", None, None, "test")),
            function_name: Some("notify".to_owned()),
            endpoints: ["ssm", "secretsmanager", "kms"].map(|service| (service, self.aws.url.clone())).into(),
        };
        Function::new(Settings::from_env(get).unwrap().0, environment)
    }

    fn seen(self) -> (Vec<Seen>, Vec<Seen>, Vec<Seen>) {
        (self.search.seen(), self.slack.seen(), self.aws.seen())
    }
}

async fn run(function: &Function, event: Value) -> Result<Outcome, RunError> {
    function.run(&event, Some("8b1d"), NOW.parse().unwrap(), Duration::from_secs(6)).await
}

#[tokio::test]
async fn a_scheduled_event_posts_the_day_before_it() {
    let peers = Peers::play(vec![found(2)], vec![ok()], vec![]);
    let function = peers.function(&[]);
    let outcome =
        run(&function, json!({"time": "2018-12-09T15:00:00Z", "source": "aws.events"})).await.unwrap();
    assert_eq!(
        serde_json::to_value(&outcome).unwrap(),
        json!({
            "day": "2018-12-09", "timezone": "Asia/Tokyo", "posted": true, "total": 48,
            "levels": {"Fatal": 48, "Warning": 48},
        })
    );
    let (search, slack, _) = peers.seen();
    assert_eq!(search[0].line, "POST /app/_search");
    assert!(search[0].body.contains("\"gte\":\"2018-12-08T15:00:00.000Z\""));
    let message: Value = serde_json::from_str(&slack[0].body).unwrap();
    let text = message["text"].as_str().unwrap();
    assert!(
        text.starts_with("Attention, everybody! Here are yesterday's *Fatal, Warning* counts!"),
        "{text}"
    );
    assert!(text.contains("*Total*: 48"), "{text}");
    assert!(text.contains("<https://k.test/?from=2018-12-08T15%3A00%3A00.000Z|Kibana>"), "{text}");
    assert!(text.ends_with("run 8b1d"), "{text}");
}

#[tokio::test]
async fn a_dry_run_gives_the_message_and_does_not_even_look_for_the_webhook() {
    let peers = Peers::play(vec![found(0)], vec![], vec![]);
    let function = peers.function(&[("SLACK_WEBHOOK_URL", "ssm:/unreadable")]);
    let outcome = run(&function, json!({"date": "2018-12-01", "dry_run": true})).await.unwrap();
    assert_eq!((outcome.day.as_str(), outcome.posted, outcome.total), ("2018-12-01", false, 0));
    let message = outcome.message.unwrap();
    assert!(
        message.text.contains("Not a single *Fatal, Warning* on Saturday, December 1"),
        "{}",
        message.text
    );
    peers.seen();
}

#[tokio::test]
async fn a_day_that_is_asked_for_is_posted_and_its_message_given_back() {
    let peers = Peers::play(vec![found(1)], vec![ok()], vec![]);
    let outcome = run(&peers.function(&[]), json!({"date": "2018-12-01"})).await.unwrap();
    assert!(outcome.posted);
    let (_, slack, _) = peers.seen();
    let posted: Value = serde_json::from_str(&slack[0].body).unwrap();
    assert_eq!(serde_json::to_value(outcome.message).unwrap(), posted);
}

#[tokio::test]
async fn what_references_stand_for_may_be_replaced_between_two_runs_of_one_process() {
    let gone = ("404 Not Found", "", "no_service".to_owned());
    let peers = Peers::play(vec![], vec![gone, ok()], vec![]);
    let search = Server::play(vec![found(1), found(1)]);
    let parameter = |value: &str| ("200 OK", "", json!({"Parameter": {"Value": value}}).to_string());
    let secret = |value: &str| ("200 OK", "", json!({ "SecretString": value }).to_string());
    let (old, new) =
        (format!("{}/services/old", peers.slack.url), format!("{}/services/new", peers.slack.url));
    let endpoint = || parameter(&search.url);
    let answers = [&old, &new].map(|webhook| [parameter(webhook), endpoint(), secret("user:pass")]);
    let aws = Server::play(answers.into_iter().flatten().collect());
    let peers = Peers { search, aws, ..peers };
    let function = peers.function(&[
        ("SLACK_WEBHOOK_URL", "ssm:/webhook"),
        ("ES_ENDPOINT", "ssm:/endpoint"),
        ("ES_CREDENTIALS", "secretsmanager:logs"),
    ]);
    let error = run(&function, json!({})).await.unwrap_err();
    assert!(chain(&error).ends_with("Slack answered 404: no_service"), "{error:?}");
    assert!(run(&function, json!({})).await.unwrap().posted);
    let (search, slack, aws) = peers.seen();
    assert_eq!(aws.len(), 6);
    assert!(search[1].headers.contains(&"authorization: Basic dXNlcjpwYXNz".to_owned()));
    assert_eq!([&slack[0].line, &slack[1].line], ["POST /services/old", "POST /services/new"]);
}

#[tokio::test]
async fn a_failed_count_is_an_error_that_slack_is_told_too() {
    let refusal =
        r#"{"error":{"root_cause":[{"type":"index_not_found_exception","reason":"no such index <app>"}]}}"#;
    let peers = Peers::play(vec![("404 Not Found", "", refusal.to_owned())], vec![ok()], vec![]);
    let error = run(&peers.function(&[]), json!({})).await.unwrap_err();
    assert_eq!(
        chain(&error),
        "the logs of 2018-12-09 cannot be counted: the cluster refused (404): \
         index_not_found_exception: no such index <app>"
    );
    assert_eq!(error.kind(), "SearchError");
    let (_, slack, _) = peers.seen();
    let notice: Value = serde_json::from_str(&slack[0].body).unwrap();
    let text = notice["text"].as_str().unwrap();
    assert!(text.starts_with("Sorry! The logs of Sunday, December 9 could not be counted."), "{text}");
    assert!(text.contains("no such index &lt;app&gt;"), "{text}");
    assert!(text.contains("Hint: check ES_INDEXES"), "{text}");
}

#[tokio::test]
async fn a_failed_count_that_was_asked_for_by_hand_is_not_told_to_slack() {
    let peers = Peers::play(vec![("401 Unauthorized", "", String::new())], vec![], vec![]);
    let error = run(&peers.function(&[]), json!({ "date": "2018-12-09" })).await.unwrap_err();
    assert_eq!(error.kind(), "SearchError");
    assert_eq!(peers.seen().1.len(), 0);
}

#[tokio::test]
async fn an_unreadable_endpoint_is_told_but_a_notice_that_fails_hides_nothing() {
    let denied = ("400 Bad Request", "", r#"{"__type":"AccessDeniedException","Message":"no"}"#.to_owned());
    let gone = ("404 Not Found", "", "no_service".to_owned());
    let peers = Peers::play(vec![], vec![gone], vec![denied]);
    let error = run(&peers.function(&[("ES_ENDPOINT", "ssm:/endpoint")]), json!({})).await.unwrap_err();
    assert_eq!(
        chain(&error),
        "ES_ENDPOINT cannot be read from where it stands: GetParameter: AccessDeniedException: no"
    );
    assert_eq!(peers.seen().1.len(), 1, "the notice was tried");
}

#[tokio::test]
async fn a_refused_message_is_an_error_and_not_told_to_slack() {
    let peers = Peers::play(vec![found(1)], vec![("403 Forbidden", "", "invalid_token".to_owned())], vec![]);
    let error = run(&peers.function(&[]), json!({})).await.unwrap_err();
    assert_eq!(chain(&error), "the digest of 2018-12-09 cannot be posted: Slack answered 403: invalid_token");
    assert_eq!(error.hint(), Some("the webhook was revoked or mistyped: make a new one"));
    peers.seen();
}

#[tokio::test]
async fn a_bad_event_asks_nobody() {
    let peers = Peers::play(vec![], vec![], vec![]);
    let error = run(&peers.function(&[]), json!({"date": "yesterday"})).await.unwrap_err();
    assert_eq!(error.kind(), "EventError");
    peers.seen();
}

#[tokio::test]
async fn a_silent_cluster_ends_the_run_in_time_to_tell_it() {
    // Accepts connections, and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let peers = Peers::play(vec![], vec![ok()], vec![]);
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let function = peers.function(&[("ES_ENDPOINT", &endpoint)]);
    let began = Instant::now();
    let error =
        function.run(&json!({}), None, NOW.parse().unwrap(), Duration::from_secs(2)).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(
        chain(&error).ends_with("the cluster gave no answer: no answer within the time limit"),
        "{error:?}"
    );
    assert_eq!(peers.seen().1.len(), 1);
}

#[tokio::test]
async fn an_event_that_comes_twice_is_posted_once_and_answered_alike() {
    let peers = Peers::play(vec![found(2), found(2)], vec![ok(), ok()], vec![]);
    let function = peers.function(&[]);
    let event = |id: &str| json!({"id": id, "time": "2018-12-10T01:15:00Z"});
    let first = run(&function, event("a")).await.unwrap();
    assert_eq!(run(&function, event("a")).await.unwrap(), first);
    run(&function, event("b")).await.unwrap();
    let (search, slack, _) = peers.seen();
    assert_eq!((search.len(), slack.len()), (2, 2));
}

#[tokio::test]
async fn an_event_whose_post_failed_is_tried_again() {
    let down = || ("403 Forbidden", "", "invalid_token".to_owned());
    let peers = Peers::play(vec![found(2), found(2)], vec![down(), ok()], vec![]);
    let function = peers.function(&[]);
    assert!(run(&function, json!({"id": "a"})).await.is_err());
    assert!(run(&function, json!({"id": "a"})).await.unwrap().posted);
    peers.seen();
}

#[tokio::test]
async fn what_slack_refuses_for_its_blocks_is_posted_plainly_then_and_from_then_on() {
    let refused = || ("400 Bad Request", "", "invalid_blocks".to_owned());
    let peers = Peers::play(vec![found(2), found(2)], vec![refused(), ok(), ok()], vec![]);
    let function = peers.function(&[]);
    for _ in 0..2 {
        assert!(run(&function, json!({})).await.unwrap().posted);
    }
    let (_, slack, _) = peers.seen();
    let rich = |seen: &Seen| seen.body.contains("data_visualization") || seen.body.contains("button");
    assert_eq!(slack.iter().map(rich).collect::<Vec<_>>(), [true, false, false]);
    assert!(
        slack[1].body.contains('▁') || slack[1].body.contains('█'),
        "the hours as text: {}",
        slack[1].body
    );
}

#[tokio::test]
async fn a_refusal_of_the_plain_message_too_is_the_error() {
    let refused = || ("400 Bad Request", "", "invalid_blocks".to_owned());
    let peers = Peers::play(vec![found(2)], vec![refused(), refused()], vec![]);
    assert!(run(&peers.function(&[]), json!({})).await.is_err());
    peers.seen();
}

#[tokio::test]
async fn a_quiet_rule_is_kept_by_the_schedule_and_not_by_a_request_by_hand() {
    let peers = Peers::play(vec![found(0), found(0), found(2)], vec![ok(), ok()], vec![]);
    let function = peers.function(&[("DIGEST_ZERO", "quiet")]);
    let outcome = run(&function, json!({})).await.unwrap();
    assert_eq!((outcome.posted, outcome.quiet, outcome.message), (false, true, None));
    assert!(run(&function, json!({"date": "2018-12-09"})).await.unwrap().posted);
    assert!(run(&function, json!({})).await.unwrap().posted);
    peers.seen();
}

#[tokio::test]
async fn a_week_without_anything_is_told_in_one_line() {
    let peers = Peers::play(vec![found(0)], vec![ok()], vec![]);
    let outcome = run(&peers.function(&[("DIGEST_ZERO", "weekly")]), json!({})).await.unwrap();
    assert!(outcome.posted);
    let (_, slack, _) = peers.seen();
    assert!(slack[0].body.contains("for a whole week"), "{}", slack[0].body);
}

#[tokio::test]
async fn a_workflow_gets_variables_instead_of_blocks() {
    let peers = Peers::play(vec![found(2)], vec![("200 OK", "", r#"{"ok":true}"#.to_owned())], vec![]);
    let webhook = format!("{}/triggers/T0/1/secret", peers.slack.url);
    assert!(run(&peers.function(&[("SLACK_WEBHOOK_URL", &webhook)]), json!({})).await.unwrap().posted);
    let (_, slack, _) = peers.seen();
    let variables: BTreeMap<String, String> = serde_json::from_str(&slack[0].body).unwrap();
    assert_eq!(variables.keys().collect::<Vec<_>>(), ["text", "title"]);
    assert!(variables["title"].contains("Sunday, December 9, 2018"), "{variables:?}");
}

#[test]
fn settings_that_the_webhook_ignores_are_told_by_their_variables() {
    let get = |name: &str| match name {
        "SLACK_WEBHOOK_URL" | "ES_ENDPOINT" | "ES_INDEXES" | "ERROR_LEVEL" => Some("x".to_owned()),
        "SLACK_CHANNEL" => Some("#ops".to_owned()),
        "DIGEST_CHART" => Some("text".to_owned()),
        _ => None,
    };
    let settings = Settings::from_env(get).unwrap().0;
    let told = |url: &str| ignored(&settings, &Secret::new(url)).join("; ");
    assert_eq!(
        told("https://hooks.slack.com/services/T0/B0/x"),
        "SLACK_CHANNEL is ignored by the webhook of a Slack app: only legacy webhooks honour it"
    );
    assert_eq!(
        told("https://hooks.slack.com/triggers/T0/1/x"),
        "SLACK_CHANNEL is ignored by a workflow: it takes the variables `title` and `text`, which are plain text; \
         DIGEST_CHART is ignored by a workflow: it takes the variables `title` and `text`, which are plain text"
    );
    assert_eq!(told("https://chat.example.com/hooks/x"), "");
}
