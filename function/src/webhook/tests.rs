use super::*;
use crate::testing::{Played, Seen, Server};

async fn posted(answers: Vec<Played>) -> (Result<(), WebhookError>, Vec<Seen>) {
    let server = Server::play(answers);
    let webhook = Secret::new(format!("{}/services/T0/B0/secret", server.url));
    let message = Message {
        channel: None,
        username: None,
        icon_emoji: None,
        text: "みんな".to_owned(),
        blocks: vec![],
        attachments: vec![],
        unfurl_links: false,
        unfurl_media: false,
    };
    let result =
        post(&Http::new().unwrap(), &webhook, &message, Instant::now() + Duration::from_secs(3)).await;
    (result, server.seen())
}

fn ok() -> Played {
    ("200 OK", "", "ok".to_owned())
}

#[tokio::test]
async fn ok_means_posted_and_nothing_is_sent_after_it() {
    let (result, seen) = posted(vec![ok()]).await;
    result.unwrap();
    assert_eq!(seen[0].line, "POST /services/T0/B0/secret");
    assert_eq!(seen[0].body, r#"{"text":"みんな","blocks":[],"unfurl_links":false,"unfurl_media":false}"#);
}

#[tokio::test]
async fn what_certainly_posted_nothing_is_sent_once_more() {
    let first: [Played; 3] = [
        ("429 Too Many Requests", "retry-after: 1\r\n", "rate_limited".to_owned()),
        ("500 Error", "", "rollup_error".to_owned()),
        ("503 Error", "", String::new()),
    ];
    for answer in first {
        let (result, seen) = posted(vec![answer, ok()]).await;
        result.unwrap();
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[0].body, seen[1].body);
    }
    let down = || ("503 Error", "", "service_unavailable".to_owned());
    let (result, _) = posted(vec![down(), down()]).await;
    assert_eq!(result.unwrap_err().to_string(), "Slack answered 503: service_unavailable");
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    let began = Instant::now();
    let (result, _) = posted(vec![("429 Too Many", "retry-after: 60\r\n", "rate_limited".to_owned())]).await;
    assert!(result.is_err());
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn what_may_have_posted_is_not_sent_again() {
    let (result, _) = posted(vec![("", "", String::new())]).await;
    let error = result.unwrap_err();
    assert!(matches!(error, WebhookError::Http(HttpError::Broken(_))), "{error:?}");
    assert!(!format!("{error:?}{}", crate::error::chain(&error)).contains("secret"));
}

#[tokio::test]
async fn slacks_words_decide_and_lead_to_a_hint() {
    let cases = [
        ("400 Bad Request", "invalid_payload", "report it"),
        ("404 Not Found", "no_service", "make a new one"),
        ("403 Forbidden", "invalid_token", "make a new one"),
        ("410 Gone", "channel_is_archived", "unarchive"),
        ("404 Not Found", "channel_not_found", "SLACK_CHANNEL"),
        ("403 Forbidden", "action_prohibited", "administrator"),
        ("200 OK", "<html>Sign in</html>", "incoming webhook"),
        ("200 OK", "", "incoming webhook"),
        ("302 Found", "", "incoming webhook"),
    ];
    for (status, body, hint) in cases {
        let (result, seen) = posted(vec![(status, "", body.to_owned())]).await;
        let error = result.unwrap_err();
        assert_eq!(seen.len(), 1, "{body} is not sent again");
        assert!(error.hint().unwrap().contains(hint), "{body}: {:?}", error.hint());
    }
}

#[tokio::test]
async fn a_webhook_that_is_no_url_is_not_shown() {
    let http = Http::new().unwrap();
    let message = crate::slack::notice(
        &crate::settings::Settings::from_env(|name| match name {
            "SLACK_WEBHOOK_URL" | "ES_ENDPOINT" | "ES_INDEXES" | "ERROR_LEVEL" => Some("x".to_owned()),
            _ => None,
        })
        .unwrap()
        .0,
        jiff::civil::date(2018, 12, 9),
        "x",
        None,
    );
    let webhook = Secret::new("ftp://hooks.test/secret");
    let error = post(&http, &webhook, &message, Instant::now() + Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(
        crate::error::chain(&error),
        "the webhook's URL cannot be used: it is not an https:// or http:// URL"
    );
}
