//! The Slack inbox: an incoming webhook that refuses what Slack refuses, keeps what it takes, and shows it as a page.
//! It knows nothing of the product but that page.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{net, thread};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::{any, get};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tanets_function::preview::PAGE;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::error::{Context, PeerError};
use crate::slack_limits::{self, Refusal, TEXT};

const TEAM: &str = "T00000000";
/// A webhook of a Slack app: always the app's channel, name and icon.
const APP: &str = "B00000001";
/// A webhook of the legacy custom integration: a message may choose them.
const LEGACY: &str = "B00000002";
/// The secret part of the address: no output of the product may hold it.
const TOKEN: &str = "inboxTokenThatNobodySees";

/// A message that Slack would show.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// When it arrived.
    pub at: Timestamp,
    /// Where it is shown: the payload's `channel` only for the legacy webhook.
    pub channel: String,
    /// Under which name: the payload's `username` only for the legacy webhook.
    pub username: String,
    /// The payload, its `text` cut as Slack cuts it.
    pub payload: Value,
}

/// An answer prepared by a test.
struct Scripted {
    status: StatusCode,
    body: String,
    headers: HeaderMap,
}

#[derive(Default)]
struct Received {
    messages: Vec<Message>,
    refusals: Vec<Refusal>,
    requests: usize,
    scripted: VecDeque<Scripted>,
}

#[derive(Default)]
struct Shared {
    received: Mutex<Received>,
    changed: Condvar,
}

/// A running inbox.
pub struct Inbox {
    port: u16,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

impl Inbox {
    /// Starts one on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If there is no port or thread left.
    pub fn start() -> Result<Self, PeerError> {
        let doing = || "starting the Slack inbox".to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().when(doing)?;
        let listener = net::TcpListener::bind(("127.0.0.1", 0)).when(doing)?;
        listener.set_nonblocking(true).when(doing)?;
        let port = listener.local_addr().when(doing)?.port();
        let shared = Arc::new(Shared::default());
        let app = Router::new()
            .route("/", get(|| async { Html(PAGE) }))
            .route("/messages", get(list))
            .route("/services/{team}/{bot}/{token}", any(receive))
            .fallback(|| async { slack(StatusCode::NOT_FOUND, "no_service") })
            .with_state(Arc::clone(&shared));
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            runtime.block_on(async {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                tokio::select! {
                    _ = axum::serve(listener, app) => {}
                    _ = stopped => {}
                }
            });
        };
        let server = thread::Builder::new().name("inbox".into()).spawn(serve).when(doing)?;
        Ok(Self { port, shared, stop: Some(stop), server: Some(server) })
    }

    /// The page that shows the messages.
    pub fn page_url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The webhook of a Slack app.
    pub fn webhook_url(&self) -> String {
        self.webhook(APP)
    }

    /// The webhook of the legacy custom integration, which lets a message choose channel, name and icon.
    pub fn legacy_webhook_url(&self) -> String {
        self.webhook(LEGACY)
    }

    fn webhook(&self, bot: &str) -> String {
        format!("http://127.0.0.1:{}/services/{TEAM}/{bot}/{TOKEN}", self.port)
    }

    /// The secret part of both webhooks.
    pub fn token(&self) -> &'static str {
        TOKEN
    }

    /// The messages that were taken, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        self.received().messages.clone()
    }

    /// The payloads that were refused, with the reason that Slack keeps to itself.
    pub fn refusals(&self) -> Vec<Refusal> {
        self.received().refusals.clone()
    }

    /// How many posts reached a webhook, whatever they were answered.
    pub fn requests(&self) -> usize {
        self.received().requests
    }

    /// Answers the next post with this and forgets it; several are used in order.
    ///
    /// # Panics
    /// If a header or the status is none.
    pub fn answer_next(&self, status: u16, body: &str, headers: &[(&str, &str)]) {
        let parse = |(name, value): &(&str, &str)| {
            let name: HeaderName = name.parse().expect("a header's name");
            (name, HeaderValue::from_str(value).expect("a header's value"))
        };
        let status = StatusCode::from_u16(status).expect("an HTTP status");
        let headers = headers.iter().map(parse).collect();
        self.received().scripted.push_back(Scripted { status, body: body.to_owned(), headers });
    }

    /// Waits until so many messages are there and returns all.
    ///
    /// # Errors
    /// After `timeout`, with what did arrive.
    pub fn wait_for(&self, count: usize, timeout: Duration) -> Result<Vec<Message>, PeerError> {
        let deadline = Instant::now() + timeout;
        let mut received = self.received();
        while received.messages.len() < count {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let refused: Vec<_> = received.refusals.iter().map(|refusal| &refusal.why).collect();
                let why =
                    format!("{} came, {} were refused: {refused:?}", received.messages.len(), refused.len());
                return Err(PeerError::new(format!("waiting {timeout:?} for message {count}"), why));
            }
            let waited = self.shared.changed.wait_timeout(received, left);
            received = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(received.messages.clone())
    }

    fn received(&self) -> MutexGuard<'_, Received> {
        self.shared.lock()
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        if let (Some(stop), Some(server)) = (self.stop.take(), self.server.take()) {
            // Both fail only if the server has ended by itself.
            let _ = stop.send(());
            let _ = server.join();
        }
    }
}

impl Shared {
    /// A panic elsewhere leaves nothing half-done in there.
    fn lock(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Slack's way to answer: the text alone, as HTML.
fn slack(status: StatusCode, body: impl Into<String>) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html")], body.into()).into_response()
}

async fn list(State(shared): State<Arc<Shared>>) -> Json<Vec<Message>> {
    Json(shared.lock().messages.clone())
}

async fn receive(
    State(shared): State<Arc<Shared>>,
    Path((team, bot, token)): Path<(String, String, String)>,
    body: Bytes,
) -> Response {
    let mut received = shared.lock();
    received.requests += 1;
    if let Some(Scripted { status, body, headers }) = received.scripted.pop_front() {
        let mut answer = slack(status, body);
        answer.headers_mut().extend(headers);
        return answer;
    }
    if team != TEAM || ![APP, LEGACY].contains(&bot.as_str()) || token != TOKEN {
        return slack(StatusCode::NOT_FOUND, "no_service");
    }
    match slack_limits::check(&body) {
        Ok(payload) => {
            received.messages.push(message(payload, bot == LEGACY));
            shared.changed.notify_all();
            slack(StatusCode::OK, "ok")
        }
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
            let answer = slack(status, refusal.body);
            received.refusals.push(refusal);
            answer
        }
    }
}

fn message(mut payload: Value, legacy: bool) -> Message {
    let chosen = |key: &str, default: &str| match payload[key].as_str() {
        Some(value) if legacy => value.to_owned(),
        _ => default.to_owned(),
    };
    let (channel, username) = (chosen("channel", "#error-log"), chosen("username", "tanets"));
    if let Some(text) = payload["text"].as_str()
        && let Some((end, _)) = text.char_indices().nth(TEXT)
    {
        payload["text"] = text[..end].into();
    }
    Message { at: Timestamp::now(), channel, username, payload }
}

#[cfg(test)]
mod tests;
