//! A message elsewhere than in Slack: in a terminal, as a page, in Slack's own builder, and one made of invented counts.
//! Takes payloads as JSON, as they are sent; posts nothing and asks nobody.

mod fold;
mod sample;
mod terminal;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

pub use self::fold::{columns, fold};
pub use self::sample::sample;
pub use self::terminal::{Window, draw, link};

/// A page that looks like Slack. As it is, it asks its server for `messages`; [`page`] gives it one.
pub const PAGE: &str = include_str!("preview/page.html");
/// What stands in [`PAGE`] where a message can.
const PLACE: &str = "const given = null;";

/// The page of one message, which needs no server. `at` is an instant in RFC 3339.
pub fn page(payload: &Value, at: &str) -> String {
    let message =
        json!({ "at": at, "username": sender(payload), "channel": channel(payload), "payload": payload });
    // A log line may hold `</script>`.
    let message = message.to_string().replace('<', "\\u003c");
    PAGE.replacen(PLACE, &format!("const given = {message};"), 1)
}

/// Who a message comes from: its own choice, which only legacy webhooks honour.
pub fn sender(payload: &Value) -> &str {
    payload["username"].as_str().unwrap_or("tanets")
}

/// Where a message is shown: its own choice, or the webhook's channel.
pub fn channel(payload: &Value) -> &str {
    payload["channel"].as_str().unwrap_or("the webhook's channel")
}

/// The address at which Slack's Block Kit Builder shows a message to whoever is signed in there. The builder keeps what
/// stands behind the `#` in the browser.
pub fn builder_url(payload: &Value) -> String {
    let shown = json!({ "blocks": payload["blocks"], "attachments": payload["attachments"] });
    let shown = match shown["attachments"] {
        Value::Null => json!({ "blocks": payload["blocks"] }),
        _ => shown,
    };
    format!(
        "https://app.slack.com/block-kit-builder/#{}",
        utf8_percent_encode(&shown.to_string(), NON_ALPHANUMERIC)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_its_message_and_nothing_in_the_message_leaves_its_script() {
        let payload = json!({ "text": "</script><script>alert(1)</script>", "blocks": [] });
        let page = page(&payload, "2018-12-10T01:15:00Z");
        assert_eq!(PAGE.matches(PLACE).count(), 1);
        assert_eq!(page.matches("</script>").count(), PAGE.matches("</script>").count());
        let given = page.split("const given = ").nth(1).and_then(|rest| rest.split(";\n").next()).unwrap();
        let given: Value = serde_json::from_str(given).unwrap();
        assert_eq!((&given["payload"], &given["username"]), (&payload, &json!("tanets")));
    }

    #[test]
    fn the_builder_gets_the_blocks_and_not_what_only_a_webhook_takes() {
        let payload = json!({ "text": "t", "channel": "#c", "blocks": [{ "type": "divider" }] });
        let url = builder_url(&payload);
        let shown = url.split_once('#').unwrap().1;
        let shown = percent_encoding::percent_decode_str(shown).decode_utf8().unwrap();
        assert_eq!(shown, r#"{"blocks":[{"type":"divider"}]}"#);
    }
}
