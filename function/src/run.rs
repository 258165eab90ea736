//! One run, from event to message: the order of things, and what happens when one of them fails.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::auth::{AuthError, Authentication};
use crate::digest::{Digest, Window, WindowError};
use crate::environment::Environment;
use crate::error::chain;
use crate::event::{Event, EventError};
use crate::http::{Http, HttpError, UrlError, parse_url};
use crate::links;
use crate::reference::{ReferenceError, resolve};
use crate::search::{Cluster, Found, Query, SearchError};
use crate::secret::Secret;
use crate::settings::{Reference, Settings, SettingsError};
use crate::slack::{self, Message};
use crate::webhook::{self, WebhookError};

/// Time kept back from the search, so that a failure can still be told in Slack.
const RESERVE: Duration = Duration::from_secs(5);

/// Why a run failed. The outer text says what was being done.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The environment holds no usable settings.
    #[error("the settings cannot be used")]
    Settings(#[source] SettingsError),
    /// The event asks for something that does not exist.
    #[error("the event cannot be used")]
    Event(#[source] EventError),
    /// The day has no window.
    #[error("the day cannot be counted")]
    Window(#[source] WindowError),
    /// The HTTPS client did not start.
    #[error("no request can be made")]
    Http(#[source] HttpError),
    /// A setting stands elsewhere and cannot be read there.
    #[error("{name} cannot be read from where it stands")]
    Reference {
        /// The environment variable.
        name: &'static str,
        /// Why.
        source: ReferenceError,
    },
    /// The cluster's address is not one.
    #[error("ES_ENDPOINT cannot be used")]
    Endpoint(#[source] UrlError),
    /// The cluster cannot be authenticated to as the settings ask.
    #[error("ES_AUTH cannot be followed")]
    Auth(#[source] AuthError),
    /// There are no counts.
    #[error("the logs of {day} cannot be counted")]
    Search {
        /// The day.
        day: Date,
        /// Why.
        source: SearchError,
    },
    /// There is a message, but not in Slack.
    #[error("the digest of {day} cannot be posted")]
    Webhook {
        /// The day.
        day: Date,
        /// Why.
        source: WebhookError,
    },
}

impl RunError {
    /// A stable name for alarms and filters: Lambda's `errorType`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Settings(_) => "SettingsError",
            Self::Event(_) => "EventError",
            Self::Window(_) => "WindowError",
            Self::Http(_) => "HttpError",
            Self::Reference { .. } => "ReferenceError",
            Self::Endpoint(_) => "EndpointError",
            Self::Auth(_) => "AuthError",
            Self::Search { .. } => "SearchError",
            Self::Webhook { .. } => "WebhookError",
        }
    }

    /// The way out, where there is a typical one.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Settings(_) | Self::Event(_) | Self::Window(_) | Self::Http(_) => None,
            Self::Reference { source, .. } => source.hint(),
            Self::Endpoint(UrlError::UserInfo) => {
                Some("give user and password as ES_CREDENTIALS, with ES_AUTH=basic")
            }
            Self::Endpoint(_) => Some("it takes a host name or a URL, such as https://logs.example:9200"),
            Self::Auth(source) => source.hint(),
            Self::Search { source, .. } => source.hint(),
            Self::Webhook { source, .. } => source.hint(),
        }
    }
}

/// What a run did: the function's answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The day that was counted.
    pub day: String,
    /// The zone whose calendar counts.
    pub timezone: String,
    /// True if the message is in Slack.
    pub posted: bool,
    /// Log lines of any level, each counted once.
    pub total: u64,
    /// Log lines by level.
    pub levels: BTreeMap<String, u64>,
    /// The message, when it was not to be posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

/// The function: settings, surroundings, and what is found out once and kept.
#[derive(Debug)]
pub struct Function {
    settings: Settings,
    environment: Environment,
    http: OnceLock<Http>,
    webhook: OnceLock<Secret>,
    cluster: OnceLock<Cluster>,
}

impl Function {
    /// Does nothing yet: references are resolved when the first run needs them.
    pub fn new(settings: Settings, environment: Environment) -> Self {
        Self {
            settings,
            environment,
            http: OnceLock::new(),
            webhook: OnceLock::new(),
            cluster: OnceLock::new(),
        }
    }

    /// Counts the day that the event asks for and posts the digest, within the time that there is.
    ///
    /// # Errors
    /// Whatever stands between event and message. Counting that fails is also told in Slack, if that is possible.
    pub async fn run(&self, event: &Value, now: Timestamp, time: Duration) -> Result<Outcome, RunError> {
        let deadline = Instant::now() + time;
        let event = Event::parse(event).map_err(RunError::Event)?;
        let day = event.day(now, &self.settings.timezone).map_err(RunError::Event)?;
        let window = Window::of(day, &self.settings.timezone).map_err(RunError::Window)?;
        let http = self.http()?;
        // Before the search, so that a failed search can be told.
        let webhook = if event.dry_run { None } else { Some(self.webhook(http, deadline).await?) };
        let found = match self.count(http, &window, deadline - RESERVE.min(time / 2)).await {
            Ok(found) => found,
            Err(error) => {
                if let Some(webhook) = webhook {
                    self.tell(http, webhook, day, &error, deadline).await;
                }
                return Err(error);
            }
        };
        let settings = &self.settings;
        let query = Query::from(settings);
        let link = settings.kibana.as_deref().map(|setting| links::kibana(setting, &query, &window));
        let digest = Digest { window, levels: settings.levels.clone(), tally: found.tally, counted_at: now };
        let message = slack::message(&digest, settings, link.as_deref());
        if let Some(webhook) = webhook {
            let posted = webhook::post(http, webhook, &message, deadline).await;
            posted.map_err(|source| RunError::Webhook { day, source })?;
        }
        // From here on nothing may fail: the message is in Slack, and an error would make somebody send it again.
        let counts = &digest.tally.day;
        let levels: BTreeMap<_, _> =
            digest.levels.iter().cloned().zip(counts.levels.iter().copied()).collect();
        let duration_ms = (time - deadline.saturating_duration_since(Instant::now())).as_millis() as u64;
        let (total, posted, took_ms) = (counts.total, webhook.is_some(), found.took);
        tracing::info!(%day, total, ?levels, posted, duration_ms, took_ms, "digest made");
        Ok(Outcome {
            day: day.to_string(),
            timezone: digest.window.zone_name().to_owned(),
            posted,
            total,
            levels,
            message: (!posted).then_some(message),
        })
    }

    async fn count(&self, http: &Http, window: &Window, deadline: Instant) -> Result<Found, RunError> {
        let cluster = self.cluster(http, deadline).await?;
        let found = cluster.count(http, &Query::from(&self.settings), window, deadline).await;
        found.map_err(|source| RunError::Search { day: window.date, source })
    }

    /// Says in Slack why there is no digest; that it cannot be said is only worth a line in the log.
    async fn tell(&self, http: &Http, webhook: &Secret, day: Date, error: &RunError, deadline: Instant) {
        let notice = slack::notice(&self.settings, day, &chain(error), error.hint());
        if let Err(error) = webhook::post(http, webhook, &notice, deadline).await {
            tracing::warn!(error = chain(&error), "the failure could not be told in Slack");
        }
    }

    fn http(&self) -> Result<&Http, RunError> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let http = Http::new().map_err(RunError::Http)?;
        Ok(self.http.get_or_init(|| http))
    }

    async fn webhook(&self, http: &Http, deadline: Instant) -> Result<&Secret, RunError> {
        if let Some(webhook) = self.webhook.get() {
            return Ok(webhook);
        }
        let webhook = self.value("SLACK_WEBHOOK_URL", &self.settings.webhook, http, deadline).await?;
        Ok(self.webhook.get_or_init(|| webhook))
    }

    async fn cluster(&self, http: &Http, deadline: Instant) -> Result<&Cluster, RunError> {
        if let Some(cluster) = self.cluster.get() {
            return Ok(cluster);
        }
        let settings = &self.settings;
        let endpoint = self.value("ES_ENDPOINT", &settings.endpoint, http, deadline).await?;
        let endpoint = parse_url(endpoint.expose()).map_err(RunError::Endpoint)?;
        let credentials = match &settings.credentials {
            Some(reference) => Some(self.value("ES_CREDENTIALS", reference, http, deadline).await?),
            None => None,
        };
        let authentication =
            Authentication::choose(settings.auth, &endpoint, credentials.as_ref(), &self.environment)
                .map_err(RunError::Auth)?;
        Ok(self.cluster.get_or_init(|| Cluster { endpoint, authentication }))
    }

    async fn value(
        &self,
        name: &'static str,
        reference: &Reference,
        http: &Http,
        deadline: Instant,
    ) -> Result<Secret, RunError> {
        resolve(reference, http, &self.environment, deadline)
            .await
            .map_err(|source| RunError::Reference { name, source })
    }
}

#[cfg(test)]
mod tests;
