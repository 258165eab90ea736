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
fn charts_and_tables_are_taken_as_documented() {
    let series = |name: &str, labels: &[&str]| {
        let data: Vec<_> = labels.iter().map(|label| json!({"label": label, "value": 1})).collect();
        json!({"name": name, "data": data})
    };
    let chart = |series: Vec<Value>| {
        json!({"type": "data_visualization", "title": "t", "chart": {
            "type": "bar", "series": series, "axis_config": {"categories": ["a", "b"]},
        }})
    };
    let good = chart(vec![series("x", &["a", "b"]), series("y", &["a", "b"])]);
    let table = json!({"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]], "column_settings": [{"align": "right"}]});
    let of = |blocks: Vec<Value>| refusal(&json!({"text": "t", "blocks": blocks})).map(|(_, why)| why);
    assert_eq!(of(vec![good.clone(), good.clone(), table.clone()]), None);
    let refused = [
        (vec![good.clone(), good.clone(), good], "blocks: 3 of at most 2 data_visualization"),
        (vec![table.clone(), table], "blocks: 2 of at most 1 table"),
        (
            vec![chart(vec![series("x", &["b", "a"])])],
            "blocks[0].chart: series \"x\" has other labels than the categories",
        ),
        (
            vec![chart(vec![series("x", &["a", "b"]), series("x", &["a", "b"])])],
            "blocks[0].chart: two series are called \"x\"",
        ),
        (vec![chart(vec![])], "blocks[0].chart.series: empty"),
    ];
    for (blocks, why) in refused {
        assert_eq!(of(blocks).as_deref(), Some(why));
    }
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
