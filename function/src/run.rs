//! One run, from event to message: the order of things, and what happens when one of them fails.

mod error;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

pub use self::error::RunError;
use crate::auth::Authentication;
use crate::check::{Report, check};
use crate::digest::{Digest, Verdict, Window};
use crate::environment::Environment;
use crate::error::chain;
use crate::event::Event;
use crate::fingerprint::top_messages;
use crate::http::{Http, parse_url};
use crate::links::{Links, links};
use crate::reference::resolve;
use crate::search::{Cluster, Found, Query};
use crate::secret::Secret;
use crate::settings::{Reference, Settings};
use crate::slack::{self, Form, Message};
use crate::webhook::{self, Kind, WebhookError};

/// Time kept back from the search, so that a failure can still be told in Slack.
const RESERVE: Duration = Duration::from_secs(5);

/// What a run did: the function's answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The day that was counted.
    pub day: String,
    /// The zone whose calendar counts.
    pub timezone: String,
    /// True if a message is in Slack.
    pub posted: bool,
    /// True if there was nothing to count and the settings want no message then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
    /// Log lines of any level, each counted once.
    pub total: u64,
    /// Log lines by level.
    pub levels: BTreeMap<String, u64>,
    /// The message, for whoever asked by hand: for a certain day, or without posting it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

impl Outcome {
    /// Of a digest.
    pub(crate) fn of(digest: &Digest, posted: bool, quiet: bool, message: Option<Message>) -> Self {
        let counts = digest.tally.day();
        Self {
            day: digest.window.date.to_string(),
            timezone: digest.window.zone_name().to_owned(),
            posted,
            quiet,
            total: counts.total,
            levels: digest.levels.iter().cloned().zip(counts.levels.iter().copied()).collect(),
            message,
        }
    }
}

/// What the function answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To an event that asks for a day.
    Digest(Box<Outcome>),
    /// To an event that asks for a check.
    Check(Report),
}

/// The function: settings, surroundings, and what is found out once and kept.
#[derive(Debug)]
pub struct Function {
    settings: Settings,
    environment: Environment,
    http: OnceLock<Http>,
    /// Slack refused charts, tables or buttons before: the next message does without.
    plain: AtomicBool,
    /// The last event that led to a message, and its answer.
    last: Mutex<Option<(String, Outcome)>>,
}

impl Function {
    /// Does nothing yet. References are read by each run: what stands there may have been replaced.
    pub fn new(settings: Settings, environment: Environment) -> Self {
        Self {
            settings,
            environment,
            http: OnceLock::new(),
            plain: AtomicBool::new(false),
            last: Mutex::new(None),
        }
    }

    /// Does what the event asks for, within the time that there is: a check, or a digest as [`run`](Self::run) makes it.
    ///
    /// # Errors
    /// As of [`run`](Self::run). A check that finds something is none.
    pub async fn answer(
        &self,
        event: &Value,
        id: Option<&str>,
        now: Timestamp,
        time: Duration,
    ) -> Result<Answer, RunError> {
        match Event::parse(event).map_err(RunError::Event)?.check {
            true => check(&self.settings, &self.environment, now, time).await.map(Answer::Check),
            false => self.run(event, id, now, time).await.map(|outcome| Answer::Digest(Box::new(outcome))),
        }
    }

    /// Counts the day that the event asks for and posts the digest, within the time that there is. `id` names the
    /// run in its message. An event that comes twice, as EventBridge may deliver it, is answered as the first time
    /// and posted once, as far as this process remembers: the last one.
    ///
    /// # Errors
    /// Whatever stands between event and message. Counting that fails is also told in Slack, if that is possible and
    /// nobody asked for the day by hand.
    pub async fn run(
        &self,
        event: &Value,
        id: Option<&str>,
        now: Timestamp,
        time: Duration,
    ) -> Result<Outcome, RunError> {
        let deadline = Instant::now() + time;
        let event = Event::parse(event).map_err(RunError::Event)?;
        if let Some(outcome) = self.answered(&event) {
            tracing::info!(event = event.id, "the event was delivered before; nothing is posted again");
            return Ok(outcome);
        }
        let day = event.day(now, &self.settings.timezone).map_err(RunError::Event)?;
        let window = Window::of(day, &self.settings.timezone).map_err(RunError::Window)?;
        // Whoever asks for a day by hand wants its message, and hears of a failure where it was asked.
        let by_hand = event.date.is_some() || event.dry_run;
        let http = self.http()?;
        // Before the search, so that a failed search can be told.
        let webhook = if event.dry_run { None } else { Some(self.webhook(http, deadline).await?) };
        let found = match self.count(http, &window, deadline - RESERVE.min(time / 2)).await {
            Ok(found) => found,
            Err(error) => {
                if let Some(webhook) = webhook.as_ref().filter(|_| !by_hand) {
                    self.tell(http, webhook, day, &error, deadline).await;
                }
                return Err(error);
            }
        };
        let took_ms = found.took;
        let digest = self.digest(window, found, id, now);
        let links = links(&self.settings, &digest.window);
        let verdict = if by_hand { Verdict::Post } else { digest.verdict(self.settings.zero) };
        let message = match (&webhook, verdict) {
            (None, _) => Some(slack::message(&digest, &self.settings, links.as_ref(), Form::Rich)),
            (Some(_), Verdict::Silence) => None,
            (Some(webhook), verdict) => {
                let posted = self.post(http, webhook, &digest, links.as_ref(), verdict, deadline).await;
                Some(posted.map_err(|source| RunError::Webhook { day, source })?)
            }
        };
        // From here on nothing may fail: the message is in Slack, and an error would make somebody send it again.
        let duration_ms = (time - deadline.saturating_duration_since(Instant::now())).as_millis() as u64;
        let quiet = verdict == Verdict::Silence;
        let posted = webhook.is_some() && !quiet;
        let outcome = Outcome::of(&digest, posted, quiet, message.filter(|_| by_hand));
        let Outcome { total, levels, .. } = &outcome;
        tracing::info!(%day, total, ?levels, posted, quiet, dry_run = event.dry_run, duration_ms, took_ms, "digest made");
        if let Some(id) = event.id.filter(|_| posted) {
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((id, outcome.clone()));
        }
        Ok(outcome)
    }

    /// The answer to this very event, if it led to a message before.
    fn answered(&self, event: &Event) -> Option<Outcome> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (id, outcome) = last.as_ref()?;
        (event.id.as_ref() == Some(id) && !event.dry_run).then(|| outcome.clone())
    }

    fn digest(&self, window: Window, found: Found, id: Option<&str>, now: Timestamp) -> Digest {
        let (settings, tally) = (&self.settings, found.tally);
        let counts = tally.day().levels.iter().copied().zip(tally.day_before().levels.iter().copied());
        let messages = top_messages(&found.samples, &counts.collect::<Vec<_>>(), settings.messages);
        let (levels, run) = (settings.levels.clone(), id.map(str::to_owned));
        Digest { window, levels, tally, messages, counted_at: now, run }
    }

    /// Posts the message and gives it; where Slack refuses its newer blocks, once more without them.
    async fn post(
        &self,
        http: &Http,
        webhook: &Secret,
        digest: &Digest,
        links: Option<&Links>,
        verdict: Verdict,
        deadline: Instant,
    ) -> Result<Message, WebhookError> {
        let settings = &self.settings;
        if verdict == Verdict::AllQuiet {
            let quiet = slack::all_quiet(digest, settings);
            return webhook::post(http, webhook, &quiet, deadline).await.map(|()| quiet);
        }
        let plain = slack::message(digest, settings, links, Form::Plain);
        let rich = slack::message(digest, settings, links, Form::Rich);
        if self.plain.load(Ordering::Relaxed) || rich == plain {
            return webhook::post(http, webhook, &plain, deadline).await.map(|()| plain);
        }
        match webhook::post(http, webhook, &rich, deadline).await {
            Err(error) if error.is_about_the_blocks() => {
                tracing::warn!(error = chain(&error), "posting again without charts, tables and buttons");
                self.plain.store(true, Ordering::Relaxed);
                webhook::post(http, webhook, &plain, deadline).await.map(|()| plain)
            }
            posted => posted.map(|()| rich),
        }
    }

    async fn count(&self, http: &Http, window: &Window, deadline: Instant) -> Result<Found, RunError> {
        let (cluster, http) = self.cluster(http, deadline).await?;
        let found = cluster.count(&http, &Query::from(&self.settings), window, deadline).await;
        found.map_err(|source| RunError::Search { day: window.date, source })
    }

    /// Says in Slack why there is no digest; that it cannot be said is only worth a line in the log.
    async fn tell(&self, http: &Http, webhook: &Secret, day: Date, error: &RunError, deadline: Instant) {
        // What the notice says itself, it need not hear again.
        let reason = match error {
            RunError::Search { source, .. } => chain(source),
            error => chain(error),
        };
        let notice = slack::notice(&self.settings, day, &reason, error.hint());
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

    async fn webhook(&self, http: &Http, deadline: Instant) -> Result<Secret, RunError> {
        let webhook = self.value("SLACK_WEBHOOK_URL", &self.settings.webhook, http, deadline).await?;
        for warning in ignored(&self.settings, &webhook) {
            tracing::warn!("{warning}");
        }
        Ok(webhook)
    }

    /// The cluster, and the client that reaches it.
    async fn cluster(&self, http: &Http, deadline: Instant) -> Result<(Cluster, Http), RunError> {
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
        let http = match &settings.ca {
            Some(reference) => {
                let ca = self.value("ES_CA", reference, http, deadline).await?;
                Http::with_authority(ca.expose()).map_err(RunError::Authority)?
            }
            None => http.clone(),
        };
        Ok((Cluster { endpoint, authentication }, http))
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

/// The settings that the webhook ignores, as far as its address tells: for the log.
fn ignored(settings: &Settings, webhook: &Secret) -> Vec<String> {
    let Ok(url) = parse_url(webhook.expose()) else { return Vec::new() };
    let (names, why) = Kind::of(&url).ignores();
    let variables = settings.variables();
    let set = names.iter().filter(|name| matches!(variables.get(*name), Some(Some(_))));
    set.map(|name| format!("{name} {why}")).collect()
}

#[cfg(test)]
mod tests;
