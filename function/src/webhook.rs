//! Posting to a Slack webhook. Slack's answer is decided by its body, and after `ok` nothing is an error.

mod kind;

use std::time::Duration;

use reqwest::Url;
use serde_json::Value;
use tokio::time::Instant;

pub use self::kind::Kind;
use crate::http::{Answer, Http, HttpError, Unreached, UrlError, parse_url, post_json, quote};
use crate::retry::Retry;
use crate::secret::Secret;
use crate::slack::Message;

/// How long Slack may take to answer. It takes well below a second.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often Slack is asked again after an answer, or none, that certainly posted nothing.
const FURTHER_ATTEMPTS: u32 = 1;

/// Why a message is not in Slack. Never holds the webhook's URL.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The webhook is not a URL.
    #[error("the webhook's URL cannot be used")]
    Url(#[source] UrlError),
    /// The message is not JSON: a fault of this program.
    #[error("the message cannot be written as JSON")]
    Json(#[source] serde_json::Error),
    /// No answer. After a time-out the message may nevertheless be there.
    #[error("Slack gave no answer")]
    Http(#[source] HttpError),
    /// Slack said something else than ok.
    #[error("Slack answered {status}: {reason}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Slack's error code, or its words, cut.
        reason: String,
    },
}

/// Slack's error codes for webhooks, and what to do about them. Codes, not statuses: lists of statuses disagree.
const HINTS: &[(&str, &str)] = &[
    ("invalid_payload", "this version's message is not understood: please report it"),
    ("invalid_blocks", "this version's message is not understood: please report it"),
    ("no_text", "the service behind the webhook wants another form of message"),
    ("too_many_attachments", "this version's message is not understood: please report it"),
    ("user_not_found", "SLACK_CHANNEL names a user that does not exist"),
    ("channel_not_found", "SLACK_CHANNEL does not exist, or the webhook may not post there"),
    ("channel_is_archived", "unarchive the channel, or make a webhook for another one"),
    ("action_prohibited", "an administrator's rule forbids this webhook to post there"),
    ("posting_to_general_channel_denied", "only some members may post to this channel: choose another one"),
    ("invalid_token", "the webhook was revoked or mistyped: make a new one"),
    ("no_service", "the webhook was removed or mistyped: make a new one"),
    ("no_active_hooks", "the webhook was disabled: enable it or make a new one"),
    ("no_team", "the workspace of the webhook does not exist"),
    ("team_disabled", "the workspace of the webhook is disabled"),
    ("rate_limited", "too many messages go through this webhook"),
    ("rollup_error", "Slack has a problem: see status.slack.com"),
    ("service_unavailable", "Slack has a problem: see status.slack.com"),
];

impl WebhookError {
    /// Whether Slack refused the message for what it is made of, and a simpler one may pass.
    pub fn is_about_the_blocks(&self) -> bool {
        matches!(self, Self::Refused { reason, .. }
            if ["invalid_blocks", "invalid_attachments", "invalid_payload"].iter().any(|code| reason.starts_with(code)))
    }

    /// The way out, where there is a typical one.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Url(_) => Some("SLACK_WEBHOOK_URL takes a URL such as https://hooks.slack.com/services/…"),
            Self::Json(_) => None,
            Self::Http(HttpError::Timeout) => Some("the message may have arrived all the same"),
            Self::Http(error) => Some(unreached(error.why())),
            Self::Refused { status, reason } => match HINTS.iter().find(|(code, _)| reason.starts_with(code))
            {
                Some((_, hint)) => Some(hint),
                None if *status == 429 => Some("too many messages go through this webhook"),
                None if *status >= 500 => Some("Slack has a problem: see status.slack.com"),
                None if *status < 400 => Some("is SLACK_WEBHOOK_URL the address of an incoming webhook?"),
                None => None,
            },
        }
    }
}

/// What to do where Slack's host can't be reached.
pub fn unreached(why: Unreached) -> &'static str {
    match why {
        Unreached::UnknownName => {
            "the host of SLACK_WEBHOOK_URL is not known: check its spelling, and that the VPC resolves public names"
        }
        Unreached::UnknownAuthority | Unreached::WrongName | Unreached::Certificate | Unreached::NoTls => {
            "something between the function and Slack answers in its place: look at proxies and firewalls that read TLS"
        }
        _ => "a function in a VPC reaches Slack only through a NAT gateway",
    }
}

/// Posts a message, once: it is sent again only if it certainly did not arrive.
pub async fn post(
    http: &Http,
    webhook: &Secret,
    message: &Message,
    deadline: Instant,
) -> Result<(), WebhookError> {
    let url = parse_url(webhook.expose()).map_err(WebhookError::Url)?;
    let body = match Kind::of(&url) {
        Kind::Workflow => serde_json::to_string(&message.variables()),
        Kind::Slack | Kind::Other => serde_json::to_string(message),
    };
    let body = body.map_err(WebhookError::Json)?;
    let mut retry = Retry::new(FURTHER_ATTEMPTS, deadline);
    loop {
        let (error, transient, retry_after) = match send(http, &url, &body, retry.remaining()).await {
            Ok(answer) if is_ok(&answer) => return Ok(()),
            Ok(answer) => {
                let (transient, retry_after) = (is_transient(&answer), answer.retry_after);
                (refused(&answer), transient, retry_after)
            }
            Err(error) => {
                let transient = matches!(error, HttpError::Connect(_));
                (WebhookError::Http(error), transient, None)
            }
        };
        if !(transient && retry.again(retry_after).await) {
            return Err(error);
        }
    }
}

async fn send(http: &Http, url: &Url, body: &str, remaining: Duration) -> Result<Answer, HttpError> {
    let request = post_json(url.clone(), "application/json; charset=utf-8", body.to_owned());
    http.exchange(request, PATIENCE.min(remaining)).await
}

/// Webhooks answer `ok`, workflows `{"ok":true}`.
fn is_ok(answer: &Answer) -> bool {
    let body = answer.body.trim_ascii();
    let flag = || serde_json::from_slice::<Value>(body).is_ok_and(|answer| answer["ok"] == true);
    answer.status.is_success() && (body == b"ok" || flag())
}

fn is_transient(answer: &Answer) -> bool {
    answer.status.is_server_error() || answer.status.as_u16() == 429
}

fn refused(answer: &Answer) -> WebhookError {
    let reason = quote(&String::from_utf8_lossy(&answer.body));
    let reason = if reason.is_empty() { "an empty body".to_owned() } else { reason };
    WebhookError::Refused { status: answer.status.as_u16(), reason }
}

#[cfg(test)]
mod tests;
