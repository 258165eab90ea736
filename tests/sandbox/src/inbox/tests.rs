use serde_json::json;
use ureq::Agent;

use super::*;

/// Posts and gives status, content type and body.
fn post(url: &str, body: &str) -> (u16, String, String) {
    let agent: Agent = Agent::config_builder().proxy(None).http_status_as_error(false).build().into();
    let mut answer = agent.post(url).header("content-type", "application/json").send(body).unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), kind, answer.body_mut().read_to_string().unwrap())
}

fn answer(status: u16, body: &str) -> (u16, String, String) {
    (status, "text/html".into(), body.into())
}

#[test]
fn a_message_is_taken_kept_and_listed() {
    let inbox = Inbox::start().unwrap();
    let payload = json!({"text": "hello", "blocks": [{"type": "divider"}]});
    assert_eq!(post(&inbox.webhook_url(), &payload.to_string()), answer(200, "ok"));
    let messages = inbox.wait_for(1, Duration::from_secs(5)).unwrap();
    assert_eq!(messages, inbox.messages());
    assert_eq!(messages[0].payload, payload);
    let listed = crate::http::Client::default().get(&format!("{}messages", inbox.page_url())).unwrap();
    assert_eq!(listed[0]["payload"], payload);
    assert!(crate::http::answers(&inbox.page_url()));
}

#[test]
fn what_slack_refuses_is_refused_and_not_kept() {
    let inbox = Inbox::start().unwrap();
    let url = inbox.webhook_url();
    for (body, said) in
        [("{", "invalid_payload"), ("{}", "no_text"), (r#"{"blocks":[{}]}"#, "invalid_blocks")]
    {
        assert_eq!(post(&url, body), answer(400, said));
    }
    assert_eq!(post(&url.replace("inboxToken", "otherToken"), r#"{"text":"t"}"#), answer(404, "no_service"));
    assert_eq!(post(&url.replace("/services/", "/hooks/"), r#"{"text":"t"}"#), answer(404, "no_service"));
    assert!(inbox.messages().is_empty());
    assert_eq!(inbox.refusals()[2].why, "blocks[0]: type null is not known here");
    let missing = inbox.wait_for(1, Duration::from_millis(20)).unwrap_err().explain();
    assert!(missing.contains("0 came, 3 were refused"), "{missing}");
}

#[test]
fn only_the_legacy_webhook_lets_a_message_choose_channel_and_name() {
    let inbox = Inbox::start().unwrap();
    let payload = r##"{"text":"t","channel":"#ops","username":"Mio"}"##;
    for (url, channel, username) in
        [(inbox.webhook_url(), "#error-log", "tanets"), (inbox.legacy_webhook_url(), "#ops", "Mio")]
    {
        assert_eq!(post(&url, payload), answer(200, "ok"));
        let last = inbox.messages().pop().unwrap();
        assert_eq!((last.channel.as_str(), last.username.as_str()), (channel, username));
    }
}

#[test]
fn scripted_answers_come_once_each_and_in_order() {
    let inbox = Inbox::start().unwrap();
    inbox.answer_next(429, "rate_limited", &[("retry-after", "1")]);
    inbox.answer_next(500, "rollup_error", &[]);
    let url = inbox.webhook_url();
    let answers: Vec<_> = (0..3).map(|_| post(&url, r#"{"text":"t"}"#).0).collect();
    assert_eq!(answers, [429, 500, 200]);
    assert_eq!((inbox.requests(), inbox.messages().len()), (3, 1));
}

#[test]
fn long_text_is_cut_at_slacks_limit() {
    let inbox = Inbox::start().unwrap();
    let text = "あ".repeat(TEXT + 1);
    post(&inbox.webhook_url(), &json!({"text": text}).to_string());
    assert_eq!(inbox.messages()[0].payload["text"].as_str().unwrap().chars().count(), TEXT);
}
