//! HTTP on both sides: takes a request whole, asks what is to happen to it, passes it on, and answers.

use std::process::{Command, Stdio};
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::call::Call;
use super::emulator::{Answer, Emulator, Failure};
use super::faults::{Fault, Signal};
use super::refusal::Refusal;
use super::shared::Shared;
use super::{limits, refusal, roles, validation};

type Response = axum::http::Response<Full<Bytes>>;

/// Why a connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Closed {
    #[error("a fault asked for it")]
    Fault,
    #[error("the request was cut short")]
    Client(#[source] hyper::Error),
    #[error("the emulator did not answer")]
    Emulator(#[source] Failure),
    #[error("the proxy is ending")]
    Ending(#[source] tokio::task::JoinError),
}

/// Serves until the listener fails.
pub(super) async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let emulator = Emulator::new(shared.upstream.clone());
    while let Ok((stream, _)) = listener.accept().await {
        // Only a matter of speed.
        let _ = stream.set_nodelay(true);
        let (shared, emulator) = (Arc::clone(&shared), emulator.clone());
        tokio::spawn(async move {
            let service = service_fn(|request: axum::http::Request<Incoming>| {
                let (shared, emulator) = (Arc::clone(&shared), emulator.clone());
                async move {
                    let (parts, body) = request.into_parts();
                    let body = body.collect().await.map_err(Closed::Client)?.to_bytes();
                    // A task of its own: AWS finishes what it has received, whether its client lives or not.
                    let handled = tokio::spawn(async move { handle(&shared, &emulator, parts, body).await });
                    handled.await.map_err(Closed::Ending)?
                }
            });
            let connection = hyper::server::conn::http1::Builder::new();
            // A connection that ends in an error is closed: that is what the client shall see.
            let _ = connection.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn handle(shared: &Shared, emulator: &Emulator, parts: Parts, body: Bytes) -> Result<Response, Closed> {
    let call = Call::read(shared.models, &parts, &body);
    let (entry, fault) = shared.enter(&call);
    let answered = answer(shared, emulator, &call, fault, parts, body).await;
    shared.close(&entry, answered.as_ref().map_or(0, |answer| answer.status().as_u16()));
    answered
}

async fn answer(
    shared: &Shared,
    emulator: &Emulator,
    call: &Call,
    fault: Option<Fault>,
    parts: Parts,
    body: Bytes,
) -> Result<Response, Closed> {
    let latency = shared.lock().latency;
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    match fault {
        Some(Fault::Cut) => return Err(Closed::Fault),
        Some(Fault::KillBefore) => {
            signal(shared, Signal::Kill);
            return Err(Closed::Fault);
        }
        Some(Fault::Interrupt) => signal(shared, Signal::Interrupt),
        Some(Fault::Refuse(status, code, message)) => {
            return Ok(Refusal::new(status, code, message).answer(call));
        }
        Some(Fault::FailedEntry) => return Ok(refusal::failed_entry(call)),
        Some(fault @ (Fault::Throttle | Fault::ServerError | Fault::Deny | Fault::Expired)) => {
            return Ok(Refusal::of(&fault, call).answer(call));
        }
        Some(Fault::LoseAnswer | Fault::KillAfter) | None => {}
    }
    let answer = politely(shared, emulator, call, parts, body).await.map_err(Closed::Emulator)?;
    match fault {
        Some(Fault::LoseAnswer) => Err(Closed::Fault),
        Some(Fault::KillAfter) => {
            signal(shared, Signal::Kill);
            Err(Closed::Fault)
        }
        _ => Ok(answer),
    }
}

/// As AWS would answer: with a refusal, or with the emulator's answer and Lambda's state in it.
async fn politely(
    shared: &Shared,
    emulator: &Emulator,
    call: &Call,
    parts: Parts,
    body: Bytes,
) -> Result<Response, Failure> {
    let manners = shared.lock().manners;
    if manners.strict
        && let Some(refusal) = violation(shared, call)
    {
        return Ok(refusal.answer(call));
    }
    if let Some(refusal) = shared.lock().too_early(call) {
        return Ok(refusal.answer(call));
    }
    if manners.strict
        && let Some(refusal) = out_of_order(emulator, &parts, call).await?
    {
        return Ok(refusal.answer(call));
    }
    let (parts, body) = without_revision(call, parts, body)?;
    let mut answer = emulator.forward(parts, body).await?;
    if answer.status().is_success() {
        let mut state = shared.lock();
        state.roles.learn(call);
        if call.service == "lambda" && manners.has_states() {
            let mut told = serde_json::from_slice(answer.body()).unwrap_or(Value::Null);
            state.functions.learn(call, &manners, &mut told);
            if !told.is_null() {
                *answer.body_mut() = Bytes::from(told.to_string());
            }
        }
    }
    Ok(whole(answer))
}

/// What AWS answers to an input that it never takes. A client that sends one is wrong, so that is kept.
fn violation(shared: &Shared, call: &Call) -> Option<Refusal> {
    let found = validation::violations(shared.models, call);
    let refusal = match found.is_empty() {
        true => limits::refusal(call)?,
        false => {
            let s = if found.len() == 1 { "" } else { "s" };
            let message = format!("{} validation error{s} detected: {}", found.len(), found.join("; "));
            let code = match call.service.as_str() {
                "iam" | "sts" => "ValidationError",
                "logs" => "InvalidParameterException",
                _ => "ValidationException",
            };
            Refusal::new(400, code, message)
        }
    };
    shared.lock().violations.push(format!("{}: {}: {}", call.action(), refusal.code, refusal.message));
    Some(refusal)
}

/// What AWS refuses because of what is there, and an emulator does not.
async fn out_of_order(emulator: &Emulator, parts: &Parts, call: &Call) -> Result<Option<Refusal>, Failure> {
    match call.operation.as_str() {
        "CreateFunction" | "UpdateFunctionConfiguration" => roles::lacking(emulator, parts, call).await,
        "DeleteRule" => {
            let rule = json!({ "Rule": call.text("Name") });
            let targets = emulator.events(parts, "ListTargetsByRule", &rule).await?;
            let message = "Rule can't be deleted since it has targets.";
            let left = targets["Targets"].as_array().is_some_and(|targets| !targets.is_empty());
            Ok(left.then(|| Refusal::new(400, "ValidationException", message)))
        }
        "AddPermission" => {
            let id = call.text("StatementId");
            let path = format!("/2015-03-31/functions/{}/policy", call.text("FunctionName"));
            let policy = emulator.lambda(parts, &path).await?;
            let policy: Value = serde_json::from_str(policy["Policy"].as_str().unwrap_or("{}"))?;
            let mut statements = policy["Statement"].as_array().into_iter().flatten();
            Ok(statements.any(|statement| statement["Sid"] == id).then(|| {
                let message = format!(
                    "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the \
                     existing statement."
                );
                Refusal::new(409, "ResourceConflictException", message)
            }))
        }
        _ => Ok(None),
    }
}

/// The request without the revision, which is the proxy's own: the emulator knows another one, or none.
fn without_revision(call: &Call, mut parts: Parts, body: Bytes) -> Result<(Parts, Bytes), Failure> {
    if call.service != "lambda" || call.input["RevisionId"].is_null() {
        return Ok((parts, body));
    }
    let query = parts.uri.query().unwrap_or_default().split('&');
    let query = Vec::from_iter(query.filter(|pair| !pair.starts_with("RevisionId="))).join("&");
    parts.uri = format!("{}?{query}", parts.uri.path()).trim_end_matches('?').parse::<Uri>()?;
    if body.is_empty() {
        return Ok((parts, body));
    }
    let mut input: Value = serde_json::from_slice(&body)?;
    if let Some(input) = input.as_object_mut() {
        input.remove("RevisionId");
    }
    Ok((parts, Bytes::from(input.to_string())))
}

fn whole(answer: Answer) -> Response {
    let (mut parts, body) = answer.into_parts();
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response::from_parts(parts, Full::new(body))
}

/// Signals the registered client; without one, nobody.
fn signal(shared: &Shared, signal: Signal) {
    let Some(pid) = shared.lock().client else { return };
    let name = match signal {
        Signal::Kill => "-KILL",
        Signal::Interrupt => "-INT",
    };
    // The client may have ended in this moment.
    let _ = Command::new("kill").args([name, &pid.to_string()]).stderr(Stdio::null()).status();
}
