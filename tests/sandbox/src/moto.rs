//! Moto's server: the second opinion, strict where MiniStack is not. It runs no function and fires no schedule, and all
//! tests share its one account: give each its own names.

use std::sync::OnceLock;
use std::time::Duration;

use crate::error::PeerError;
use crate::http;
use crate::process::{Launch, Process, scratch};
use crate::progress::{Progress, to_stderr};
use crate::python::{Environment, MOTO};

/// A running moto server.
#[derive(Debug)]
pub struct Moto {
    url: String,
    _process: Process,
}

impl Moto {
    /// The one that this process's tests share.
    ///
    /// # Errors
    /// If it could not be set up or started: the same error for all.
    pub fn shared() -> Result<&'static Self, PeerError> {
        static SHARED: OnceLock<Result<Moto, PeerError>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&to_stderr)).as_ref().map_err(Clone::clone)
    }

    /// Sets up what is missing and starts one.
    ///
    /// # Errors
    /// If Python, the packages or a port are missing, or it does not answer in time.
    pub fn start(progress: &Progress<'_>) -> Result<Self, PeerError> {
        let environment = Environment::of(MOTO, progress)?;
        progress("starting moto");
        let port = http::free_port()?.to_string();
        let url = format!("http://127.0.0.1:{port}");
        let server = ["-m", "moto.server", "-H", "127.0.0.1", "-p"].map(Into::into);
        let mut command = vec![environment.python().into()];
        command.extend(server);
        command.push(port.into());
        let launch = Launch {
            name: "moto",
            command,
            // Without this it knows no AWS-managed policy.
            env: vec![("MOTO_IAM_LOAD_MANAGED_POLICIES", "true".into()), ("PYTHONUNBUFFERED", "1".into())],
            scratch: scratch("moto")?,
        };
        let mut process = Process::start(&environment, launch)?;
        process.wait(Duration::from_secs(60), |_| {
            http::answers(&format!("{url}/moto-api/data.json")).then_some(())
        })?;
        Ok(Self { url, _process: process })
    }

    /// The endpoint of every service.
    pub fn url(&self) -> &str {
        &self.url
    }
}
