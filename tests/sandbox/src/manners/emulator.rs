//! The emulator behind the proxy: requests passed on, and questions of the proxy's own, in the name of the client.

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;
use std::time::Duration;

/// Emulators close connections that are idle for some seconds; a request that meets the closing would be lost.
const IDLE: Duration = Duration::from_secs(1);

/// Why the emulator has no answer.
pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// An answer, whole.
pub(super) type Answer = axum::http::Response<Bytes>;

#[derive(Clone)]
pub(super) struct Emulator {
    authority: Authority,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Emulator {
    pub(super) fn new(authority: Authority) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Self { authority, client }
    }

    /// Passes a request on and takes the answer.
    pub(super) async fn forward(&self, mut parts: Parts, body: Bytes) -> Result<Answer, Failure> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri =
            Uri::builder().scheme("http").authority(self.authority.clone()).path_and_query(path).build()?;
        for name in [header::HOST, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
            parts.headers.remove(name);
        }
        let request = axum::http::Request::from_parts(parts, Full::new(body));
        let (mut parts, body) = self.client.request(request).await?.into_parts();
        for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
            parts.headers.remove(name);
        }
        parts.version = axum::http::Version::HTTP_11;
        Ok(Answer::from_parts(parts, body.collect().await?.to_bytes()))
    }

    /// Asks IAM: the text of its answer, empty where it refuses.
    pub(super) async fn iam(&self, parts: &Parts, form: String) -> Result<String, Failure> {
        let form = format!("{form}&Version=2010-05-08");
        let (status, body) = self
            .ask(parts, "iam", Method::POST, "/", "application/x-www-form-urlencoded", None, form)
            .await?;
        Ok(if status.is_success() { String::from_utf8_lossy(&body).into_owned() } else { String::new() })
    }

    /// Asks EventBridge: its answer, null where it refuses.
    pub(super) async fn events(
        &self,
        parts: &Parts,
        operation: &str,
        body: &Value,
    ) -> Result<Value, Failure> {
        let target = HeaderValue::from_str(&format!("AWSEvents.{operation}"))?;
        let json = "application/x-amz-json-1.1";
        let (status, body) =
            self.ask(parts, "events", Method::POST, "/", json, Some(target), body.to_string()).await?;
        Ok(if status.is_success() { serde_json::from_slice(&body)? } else { Value::Null })
    }

    /// Asks Lambda: its answer, null where it refuses.
    pub(super) async fn lambda(&self, parts: &Parts, path: &str) -> Result<Value, Failure> {
        let (status, body) =
            self.ask(parts, "lambda", Method::GET, path, "application/json", None, String::new()).await?;
        Ok(if status.is_success() { serde_json::from_slice(&body)? } else { Value::Null })
    }

    /// A request with the client's credentials, which an emulator only reads and does not verify.
    #[expect(clippy::too_many_arguments, reason = "the parts of a request, at its one place")]
    async fn ask(
        &self,
        client: &Parts,
        service: &str,
        method: Method,
        path: &str,
        content_type: &'static str,
        target: Option<HeaderValue>,
        body: String,
    ) -> Result<(StatusCode, Bytes), Failure> {
        let (mut parts, ()) = axum::http::Request::new(()).into_parts();
        parts.method = method;
        parts.uri = path.parse()?;
        parts.headers =
            HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        if let Some(target) = target {
            parts.headers.insert("x-amz-target", target);
        }
        let signature = client.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some((before, after)) = signature.and_then(|signature| signature.split_once("/aws4_request")) {
            let scope = before.rsplit_once('/').map_or(before, |(scope, _)| scope);
            let signature = format!("{scope}/{service}/aws4_request{after}");
            parts.headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&signature)?);
        }
        let (parts, body) = self.forward(parts, Bytes::from(body)).await?.into_parts();
        Ok((parts.status, body))
    }
}
