//! AWS's manners, played in front of an emulator: a proxy on 127.0.0.1 that records each request, may refuse it as
//! AWS would, and can slow it down, fail it, or kill the client at it.
//!
//! It owns what the emulators hide; what they answer rightly it passes on. It knows nothing of the product.

mod call;
mod chain;
mod emulator;
mod faults;
mod functions;
mod limits;
mod models;
mod refusal;
mod roles;
mod schedule;
mod server;
mod settings;
mod shared;
mod validation;

use std::fmt;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::oneshot;

pub use chain::chain;
pub use faults::Fault;
pub use refusal::REQUEST_ID;
pub use settings::Manners;

use crate::error::{Context, PeerError};
use models::Models;
use shared::Shared;

/// How long requests that are under way may take to end after their client is gone.
const QUIET: Duration = Duration::from_secs(30);

/// A request that came through.
#[derive(Clone, Debug)]
pub struct Request {
    /// From 1, in the order in which they came.
    pub number: usize,
    /// `iam`, `lambda`, `events`, `logs`, `sts` or whatever the signature says.
    pub service: String,
    /// `CreateRole` and the like; for a request that no model knows and that names no
    /// action, its method and path.
    pub operation: String,
    /// When it came, since the proxy's start.
    pub began: Duration,
    /// When it was answered, or its connection closed.
    pub ended: Duration,
    /// The status of the answer; 0 where the connection was closed without one.
    pub status: u16,
    /// Its input as AWS's model names the members, without the bytes of packages.
    pub input: Value,
}

impl Request {
    /// Whether it only looks.
    pub fn is_read(&self) -> bool {
        ["Get", "List", "Describe"].iter().any(|read| self.operation.starts_with(read))
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, service, operation, status, .. } = self;
        write!(f, "{number} {service} {operation} {status}")
    }
}

/// A running proxy.
pub struct Proxy {
    url: String,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Starts one on a free port of 127.0.0.1, in front of an emulator's `http://` address.
    ///
    /// # Errors
    /// If AWS's service models cannot be set up, or there is no port or thread left.
    pub fn in_front_of(upstream_url: &str) -> Result<Self, PeerError> {
        let doing = || format!("starting a proxy in front of {upstream_url}");
        let upstream = upstream_url.trim_start_matches("http://").trim_end_matches('/');
        let upstream = upstream.parse().when(doing)?;
        let shared = Arc::new(Shared::new(upstream, Models::shared()?));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().when(doing)?;
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).when(doing)?;
        listener.set_nonblocking(true).when(doing)?;
        let url = format!("http://{}", listener.local_addr().when(doing)?);
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let serve = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = server::serve(listener, served) => {}
                    _ = stopped => {}
                }
            });
        };
        let server = thread::Builder::new().name("manners".into()).spawn(serve).when(doing)?;
        Ok(Self { url, shared, stop: Some(stop), server: Some(server) })
    }

    /// Where clients send their requests.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The requests since the start or the last [`Proxy::clear`], in the order in which they came.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }

    /// Forgets requests, faults and the client: the next request is number 1. What AWS would remember (states of
    /// functions, roles that are not visible yet) stays.
    pub fn clear(&self) {
        let mut state = self.shared.lock();
        state.requests.clear();
        state.generation += 1;
        state.faults.clear();
        state.client = None;
    }

    /// Adds this to the time of each request from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.lock().latency = latency;
    }

    /// What is played from now on; at the start nothing is.
    pub fn play(&self, manners: Manners) {
        self.shared.lock().manners = manners;
    }

    /// What strict manners refused because AWS never takes it, since the start: a client that sent it is wrong.
    pub fn violations(&self) -> Vec<String> {
        self.shared.lock().violations.clone()
    }

    /// What happens to request number `number`.
    pub fn at(&self, number: usize, fault: Fault) {
        self.shared.lock().faults.at(number, fault);
    }

    /// What happens to the `nth` request (from 1) of an operation, counted from now.
    pub fn on(&self, operation: &str, nth: usize, fault: Fault) {
        self.shared.lock().faults.on(operation, nth, fault);
    }

    /// The process that kills and interrupts are for.
    pub fn client(&self, pid: u32) {
        self.shared.lock().client = Some(pid);
    }

    /// Waits until no request is under way: a client that was killed may have left some.
    ///
    /// # Panics
    /// If that takes longer than half a minute.
    pub fn wait_until_quiet(&self) {
        let deadline = Instant::now() + QUIET;
        while self.shared.lock().under_way > 0 {
            assert!(Instant::now() < deadline, "requests are still under way after {QUIET:?}");
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let (Some(stop), Some(server)) = (self.stop.take(), self.server.take()) {
            // Both fail only if the server has ended by itself.
            let _ = stop.send(());
            let _ = server.join();
        }
    }
}

#[cfg(test)]
mod tests;
