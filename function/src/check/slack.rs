//! Whether Slack can be reached: the webhook's host, at its root. The webhook itself isn't called.

use tokio::time::Instant;

use super::chain::{After, Chain, Failure};
use super::reach::reach;
use super::secrets::{Read, Secrets};
use super::{Finding, What};
use crate::http::parse_url;
use crate::secret::Secret;
use crate::settings::Settings;
use crate::webhook::{self, WebhookError};

/// The webhook's reference, then the stages of its host.
pub(super) async fn check(settings: &Settings, secrets: &Secrets<'_>, deadline: Instant) -> Vec<Finding> {
    let Read { finding, value } = secrets.read(What::SecretWebhook, Some(&settings.webhook)).await;
    let stages = [What::SlackName, What::SlackTcp, What::SlackTls, What::SlackHttp];
    let mut chain = Chain::new(finding.into_iter().collect(), stages);
    let end = stages_of(&mut chain, value, secrets, deadline).await;
    chain.finish(end)
}

async fn stages_of(
    chain: &mut Chain,
    webhook: Result<Option<Secret>, After>,
    secrets: &Secrets<'_>,
    deadline: Instant,
) -> Result<(), After> {
    let webhook = webhook?;
    let url = match parse_url(webhook.as_ref().map_or("", Secret::expose)) {
        Ok(url) => url,
        Err(error) => {
            let error = WebhookError::Url(error);
            return chain.found(None, Err(Failure::invalid(&error, error.hint())));
        }
    };
    if url.scheme() == "http" {
        chain.without(What::SlackTls);
    }
    reach(chain, &url, Ok(secrets.http), webhook::unreached, deadline).await
}
