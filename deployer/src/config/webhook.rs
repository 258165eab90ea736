//! What should be known about `slack.webhook`: what it ignores, as far as its address tells, and who can read it.

use tanets_function::http::parse_url;
use tanets_function::webhook::Kind;

use super::document::{Document, Text};
use super::host::host_of;
use super::reference;

/// The keys that only some webhooks honour: table, key, and the function's variable.
const NOT_FOR_ALL: [(&str, &str, &str); 4] = [
    ("slack", "channel", "SLACK_CHANNEL"),
    ("slack", "username", "USER_NAME"),
    ("digest", "chart", "DIGEST_CHART"),
    ("digest", "mention", "DIGEST_MENTION"),
];

/// Notes it.
pub(super) fn warn(doc: &mut Document<'_>, webhook: &Text) {
    let url = webhook.value.as_str();
    if reference::is_url(url) {
        warn_of_ignored(doc, url);
    } else {
        // Charts and mentions are for nearly every webhook; these two for hardly any.
        for (table, key, _) in &NOT_FOR_ALL[..2] {
            let hint = "where the reference leads can't be told here; the function says it in its log";
            doc.warn_of(table, key, "is honoured by legacy webhooks only", hint);
        }
    }
    let local = ["localhost", "127.0.0.1", "[::1]"].contains(&host_of(url));
    if url.starts_with("http://") {
        doc.warn(
            webhook,
            "is not encrypted: the digest and the URL's secret travel as plain text",
            "use https://",
        );
    }
    if !webhook.from_env && reference::is_url(url) && !(local && url.starts_with("http://")) {
        doc.warn(
            webhook,
            "is a secret that stands in the file and in the function's environment",
            "write `ssm:/tanets/slack-webhook` and run `tanets secret set`, or write `${SLACK_WEBHOOK_URL}`",
        );
    }
}

fn warn_of_ignored(doc: &mut Document<'_>, url: &str) {
    let Ok(url) = parse_url(url) else { return };
    let (variables, why) = Kind::of(&url).ignores();
    let (why, hint) = why.split_once(": ").unwrap_or((why, ""));
    for (table, key, _) in NOT_FOR_ALL.iter().filter(|(_, _, variable)| variables.contains(variable)) {
        doc.warn_of(table, key, why, hint);
    }
}
