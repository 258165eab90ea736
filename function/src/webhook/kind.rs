//! What is behind a webhook's address, as far as the address tells, and which settings that ignores.

use reqwest::Url;

/// What takes the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A Slack app's webhook, or one of the legacy custom integration: their addresses look alike.
    Slack,
    /// The trigger of a workflow: it takes variables, all of them text, and knows no blocks.
    Workflow,
    /// Something else that takes what Slack takes.
    Other,
}

impl Kind {
    /// From the address: `/services/…` of Slack's hosts, and `/triggers/…`, earlier `/workflows/…`, of any.
    pub fn of(webhook: &Url) -> Self {
        let begins = |path: &str| webhook.path().starts_with(path);
        let host = webhook.host_str().unwrap_or_default();
        match () {
            () if begins("/triggers/") || begins("/workflows/") => Self::Workflow,
            () if begins("/services/") && ["hooks.slack.com", "hooks.slack-gov.com"].contains(&host) => {
                Self::Slack
            }
            () => Self::Other,
        }
    }

    /// The settings that it ignores, by their variables, and why.
    pub fn ignores(self) -> (&'static [&'static str], &'static str) {
        match self {
            Self::Slack => (
                &["SLACK_CHANNEL", "USER_NAME"],
                "is ignored by the webhook of a Slack app: only legacy webhooks honour it",
            ),
            Self::Workflow => (
                &["SLACK_CHANNEL", "USER_NAME", "DIGEST_CHART", "DIGEST_MENTION"],
                "is ignored by a workflow: it takes the variables `title` and `text`, which are plain text",
            ),
            Self::Other => (&[], ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflows_are_told_from_webhooks_by_their_addresses() {
        let cases = [
            ("https://hooks.slack.com/services/T0/B0/x", Kind::Slack),
            ("https://hooks.slack-gov.com/services/T0/B0/x", Kind::Slack),
            ("https://hooks.slack.com/triggers/T0/1/x", Kind::Workflow),
            ("https://hooks.slack.com/workflows/T0/A0/1/x", Kind::Workflow),
            ("https://hooks.slack-gov.com/triggers/T0/1/x", Kind::Workflow),
            ("https://chat.example.com/hooks/triggers", Kind::Other),
            ("http://127.0.0.1:3000/services/T0/B0/x", Kind::Other),
        ];
        for (url, expected) in cases {
            assert_eq!(Kind::of(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
