use serde_json::json;

use super::*;

fn plain(length: usize) -> Value {
    json!({"type": "plain_text", "text": "あ".repeat(length)})
}

fn mrkdwn(length: usize) -> Value {
    json!({"type": "mrkdwn", "text": "x".repeat(length)})
}

fn button(text: usize, url: usize) -> Value {
    json!({"type": "button", "text": plain(text), "url": "u".repeat(url)})
}

fn refusal(payload: &Value) -> Option<(&'static str, String)> {
    check(payload.to_string().as_bytes()).err().map(|refusal| (refusal.body, refusal.why))
}

/// Each limit: the most that is taken, and one more.
#[test]
fn each_limit_is_taken_and_one_more_is_not() {
    type Make = fn(usize) -> Value;
    let table: [(usize, Make); 13] = [
        (150, |n| json!([{"type": "header", "text": plain(n)}])),
        (3000, |n| json!([{"type": "section", "text": mrkdwn(n)}])),
        (2000, |n| json!([{"type": "section", "fields": [mrkdwn(n)]}])),
        (10, |n| json!([{"type": "section", "fields": vec![mrkdwn(1); n]}])),
        (10, |n| json!([{"type": "context", "elements": vec![mrkdwn(1); n]}])),
        (25, |n| json!([{"type": "actions", "elements": vec![button(1, 1); n]}])),
        (75, |n| json!([{"type": "actions", "elements": [button(n, 1)]}])),
        (3000, |n| json!([{"type": "actions", "elements": [button(1, n)]}])),
        (2000, |n| json!([{"type": "image", "image_url": "u", "alt_text": "a".repeat(n)}])),
        (12_000, |n| json!([{"type": "markdown", "text": "m".repeat(n)}])),
        (
            12_000,
            |n| json!([{"type": "markdown", "text": "m".repeat(n - 1)}, {"type": "markdown", "text": "m"}]),
        ),
        (255, |n| json!([{"type": "divider", "block_id": "b".repeat(n)}])),
        (50, |n| json!(vec![json!({"type": "divider"}); n])),
    ];
    for (most, make) in table {
        assert_eq!(refusal(&json!({"text": "t", "blocks": make(most)})), None, "{most}");
        let (body, why) = refusal(&json!({"blocks": make(most + 1)})).unwrap();
        assert_eq!(body, "invalid_blocks");
        assert!(why.contains(&format!("of at most {most}")), "{why}");
    }
}

#[test]
fn each_mistake_has_slacks_answer() {
    let section = |text: Value| json!({"blocks": [{"type": "section", "text": text}]});
    let table = [
        (json!([]), "invalid_payload", "not an object"),
        (json!({}), "no_text", "nothing to show"),
        (json!({"text": ""}), "no_text", "nothing to show"),
        (json!({"blocks": []}), "no_text", "nothing to show"),
        (json!({"text": 1}), "invalid_payload", "text: not a string"),
        (json!({"blocks": "[]"}), "invalid_blocks_format", "blocks: not a list"),
        (
            json!({"text": "t", "attachments": vec![json!({}); 101]}),
            "too_many_attachments",
            "attachments: 101 of at most 100",
        ),
        (
            json!({"attachments": [{"blocks": [1]}]}),
            "invalid_blocks",
            "attachments[0].blocks[0]: not an object",
        ),
        (
            json!({"blocks": [{"type": "sektion"}]}),
            "invalid_blocks",
            "blocks[0]: type \"sektion\" is not known here",
        ),
        (json!({"blocks": [{"type": "section"}]}), "invalid_blocks", "blocks[0]: neither text nor fields"),
        (
            json!({"blocks": [{"type": "header", "text": mrkdwn(1)}]}),
            "invalid_blocks",
            "blocks[0].text: takes a plain_text object",
        ),
        (section(mrkdwn(0)), "invalid_blocks", "blocks[0].text.text: empty"),
        (section(json!("t")), "invalid_blocks", "blocks[0].text: takes a text object"),
        (
            section(json!({"type": "mrkdwn", "text": "t", "emoji": true})),
            "invalid_blocks",
            "blocks[0].text.emoji: no property of mrkdwn",
        ),
        (
            json!({"blocks": [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}]}),
            "invalid_blocks",
            "blocks[1].block_id: used before",
        ),
    ];
    for (payload, body, why) in table {
        assert_eq!(refusal(&payload), Some((body, why.to_owned())), "{payload}");
    }
    assert_eq!(check(b"{\"text\":").unwrap_err().body, "invalid_payload");
}

#[test]
fn text_or_blocks_or_attachments_suffice() {
    for payload in [
        json!({"text": "t"}),
        json!({"blocks": [{"type": "divider"}]}),
        json!({"text": null, "blocks": [{"type": "divider"}]}),
        json!({"attachments": [{"text": "t"}]}),
        json!({"blocks": [{"type": "rich_text", "elements": [
            {"type": "rich_text_list", "style": "bullet", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "t"}]}]}
        ]}]}),
    ] {
        assert_eq!(refusal(&payload), None, "{payload}");
    }
}
