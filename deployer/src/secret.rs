//! A secret before it goes where the configuration refers to: what it may be, and what it looks like. Pure, and no part of a
//! value is ever told.

use std::io;

use tanets_function::http::parse_url;
use tanets_function::secret::Secret;
use tanets_function::webhook::Kind;

use crate::aws;

/// What Parameter Store takes without charge, in bytes (its standard tier).
const LONGEST: usize = 4096;

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `slack.webhook`.
    Webhook,
    /// Another reference of the configuration.
    Other,
    /// Nothing that the configuration refers to.
    Unknown,
}

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The address of a Slack webhook.
    Slack,
    /// The trigger of a workflow of Slack's.
    Workflow,
    /// Another URL.
    Url,
    /// No URL.
    Text,
}

impl Form {
    /// Of a value.
    pub fn of(value: &Secret) -> Self {
        let text = value.expose();
        let is_url = text.starts_with("https://") || text.starts_with("http://");
        // The URL's reader passes over line breaks.
        let whole = !text.contains(|c: char| c.is_whitespace() || c.is_control());
        match parse_url(text).ok().filter(|_| is_url && whole).map(|url| Kind::of(&url)) {
            Some(Kind::Slack) => Self::Slack,
            Some(Kind::Workflow) => Self::Workflow,
            Some(Kind::Other) => Self::Url,
            None => Self::Text,
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Slack => "a Slack webhook",
            Self::Workflow => "the webhook of a workflow",
            Self::Url => "a URL that isn't Slack's",
            Self::Text => "no URL",
        }
    }
}

/// Why a secret is not kept, or not right.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The value can't be read.
    #[error("cannot read the value from standard input")]
    Input(#[source] io::Error),
    /// There is none.
    #[error("the value is empty")]
    Empty,
    /// More than Parameter Store takes.
    #[error("the value is too long: Parameter Store takes {LONGEST} bytes")]
    TooLong,
    /// No webhook can be posted to at this.
    #[error("the value is no webhook: it must be a URL, https://…, on one line")]
    NoWebhook,
    /// The name is none; it isn't quoted, for it may be the value.
    #[error("the name {0}")]
    Name(String),
    /// The reference isn't Parameter Store's.
    #[error("`{kind}:` is not kept in Parameter Store")]
    Elsewhere {
        /// `secretsmanager` or `kms`.
        kind: &'static str,
        /// How it is done instead.
        instead: String,
    },
    /// The configuration has no reference.
    #[error("`slack.webhook` is no reference, so there is nothing to keep")]
    NoReference,
    /// There is no such parameter.
    #[error("there is no parameter `{0}`")]
    Absent(String),
    /// It is readable by whoever may read parameters.
    #[error("the parameter `{name}` is a {kind}, which nothing encrypts")]
    NotSecure {
        /// Its name.
        name: String,
        /// Its type.
        kind: String,
    },
    /// Somebody else was faster.
    #[error("the parameter `{0}` was made by somebody else meanwhile")]
    Overtaken(String),
    /// AWS refuses, or can't be asked.
    #[error("cannot {doing} the parameter `{name}`")]
    Aws {
        /// `read` or `write`.
        doing: &'static str,
        /// Its name.
        name: String,
        /// Why.
        source: Box<aws::Error>,
    },
}

impl SecretError {
    /// Whether nothing was asked of AWS, or nothing was to be changed.
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::Absent(_) | Self::NotSecure { .. } | Self::Aws { .. } | Self::Overtaken(_))
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Input(_) | Self::Overtaken(_) => return None,
            Self::Empty => "pipe it in, as with `tanets secret set < webhook.txt`, or type it where you are asked".to_owned(),
            Self::TooLong => "keep it in Secrets Manager, which takes 64 KB, and write `secretsmanager:ID`".to_owned(),
            Self::NoWebhook => "Slack shows it under \"Incoming Webhooks\" of the app: https://hooks.slack.com/services/…".to_owned(),
            Self::Name(_) => "such as `/tanets/slack-webhook`; the value comes from standard input, and a URL that was typed here \
                              now stands in the shell's history"
                .to_owned(),
            Self::Elsewhere { instead, .. } => instead.clone(),
            Self::NoReference => {
                "write `webhook = \"ssm:/tanets/slack-webhook\"` in [slack], and run `tanets secret set`".to_owned()
            }
            Self::Absent(name) => format!("`tanets secret set {name}` makes it"),
            Self::NotSecure { name, .. } => {
                format!("`tanets secret set {name}` replaces it with a SecureString; then make the value a new one")
            }
            Self::Aws { source, .. } => return source.hint(),
        })
    }
}

/// A value as it was typed or piped: without the line break that ends it.
///
/// # Errors
/// If it is empty, too long, or not what it is for.
pub fn accept(text: &str, purpose: Purpose) -> Result<(Secret, Form), SecretError> {
    let value = text.strip_suffix('\n').unwrap_or(text);
    let value = Secret::new(value.strip_suffix('\r').unwrap_or(value));
    if value.expose().trim().is_empty() {
        return Err(SecretError::Empty);
    }
    if value.expose().len() > LONGEST {
        return Err(SecretError::TooLong);
    }
    let form = Form::of(&value);
    match (purpose, form) {
        (Purpose::Webhook, Form::Text) => Err(SecretError::NoWebhook),
        _ => Ok((value, form)),
    }
}

/// What should be known of a value that is taken all the same.
pub fn notes(value: &Secret, form: Form, purpose: Purpose) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if purpose == Purpose::Webhook && form == Form::Url {
        notes.push("it is no address of Slack's: right for another chat that takes what Slack takes");
    }
    if value.expose().starts_with("http://") {
        notes.push("it is http://: what is sent there travels as plain text");
    }
    if purpose == Purpose::Unknown {
        notes.push("tanets.toml doesn't refer to it");
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_without_its_line_break_and_told_by_its_form() {
        const URL: &str = "https://hooks.slack.com/services/T0/B0/x";
        for (text, form) in [
            (URL, Form::Slack),
            ("https://hooks.slack.com/triggers/T0/1/x\n", Form::Workflow),
            ("http://127.0.0.1:3000/services/T0/B0/x\r\n", Form::Url),
            ("user:password\n", Form::Text),
            ("hooks.slack.com/services/T0/B0/x", Form::Text),
        ] {
            let (value, told) = accept(text, Purpose::Other).unwrap();
            assert_eq!((value.expose(), told), (text.trim_end(), form));
        }
        let kept = accept("two\nlines\n\n", Purpose::Unknown).unwrap();
        assert_eq!(kept.0.expose(), "two\nlines\n", "one line break, no more");
        for text in ["", "\n", "  \r\n"] {
            assert!(matches!(accept(text, Purpose::Other), Err(SecretError::Empty)), "{text:?}");
        }
        assert!(accept(&"x".repeat(4096), Purpose::Other).is_ok());
        assert!(matches!(accept(&"x".repeat(4097), Purpose::Other), Err(SecretError::TooLong)));
        for text in ["xoxb-1", "https://hooks.slack.com/services/T0/B0/x\nmore", "https://", "ftp://x"] {
            assert!(matches!(accept(text, Purpose::Webhook), Err(SecretError::NoWebhook)), "{text}");
        }
        let (value, form) = accept("http://chat.example.com/hook", Purpose::Webhook).unwrap();
        assert_eq!(notes(&value, form, Purpose::Webhook).len(), 2);
        let (value, form) = accept(URL, Purpose::Webhook).unwrap();
        assert!(notes(&value, form, Purpose::Webhook).is_empty());
    }
}
