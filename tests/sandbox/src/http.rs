//! Blocking HTTP to peers on this machine.

use std::net::TcpListener;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::error::{Context, PeerError};

static AGENT: LazyLock<Agent> = LazyLock::new(|| agent(None));

fn agent(authority: Option<Certificate<'static>>) -> Agent {
    let mut tls = TlsConfig::builder();
    if let Some(authority) = authority {
        tls = tls.root_certs(RootCerts::new_with_certs(&[authority]));
    }
    Agent::config_builder()
        .proxy(None) // everything is on 127.0.0.1
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .tls_config(tls.build())
        .build()
        .into()
}

/// Whether a GET gives 200.
pub(crate) fn answers(url: &str) -> bool {
    AGENT.get(url).call().is_ok_and(|answer| answer.status() == 200)
}

/// Who asks a peer, and whom that trusts: nobody and nobody beside public authorities, by default.
#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    authorization: Option<String>,
}

impl Default for Client {
    fn default() -> Self {
        Self { agent: AGENT.clone(), authorization: None }
    }
}

impl Client {
    /// With an `Authorization` header, trusting the private authority of a PEM only.
    pub(crate) fn new(authorization: String, authority: &str) -> Result<Self, PeerError> {
        let authority =
            Certificate::from_pem(authority.as_bytes()).when(|| "reading an authority".into())?.to_owned();
        Ok(Self { agent: agent(Some(authority)), authorization: Some(authorization) })
    }

    /// GET; the JSON of a 2xx answer.
    pub(crate) fn get(&self, url: &str) -> Result<Value, PeerError> {
        let mut request = self.agent.get(url);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        read(&format!("GET {url}"), request.call())
    }

    /// A request with a body; the JSON of a 2xx answer.
    pub(crate) fn send(
        &self,
        method: &str,
        url: &str,
        content_type: &str,
        body: &[u8],
    ) -> Result<Value, PeerError> {
        let doing = format!("{method} {url}");
        let mut request =
            ureq::http::Request::builder().method(method).uri(url).header("content-type", content_type);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let request = request.body(body).when(|| doing.clone())?;
        read(&doing, self.agent.run(request))
    }
}

type Answer = Result<ureq::http::Response<ureq::Body>, ureq::Error>;

fn read(doing: &str, answer: Answer) -> Result<Value, PeerError> {
    let mut answer = answer.when(|| doing.to_owned())?;
    // Answers to bulk requests hold a line for each document.
    let body = answer.body_mut().with_config().limit(256 * 1024 * 1024).read_to_string();
    let body = body.when(|| doing.to_owned())?;
    if !answer.status().is_success() {
        return Err(PeerError::new(doing, format!("{}: {body}", answer.status())));
    }
    serde_json::from_str(&body).when(|| doing.to_owned())
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16, PeerError> {
    let free = || TcpListener::bind(("127.0.0.1", 0))?.local_addr();
    free().map(|address| address.port()).when(|| "looking for a free port".into())
}
