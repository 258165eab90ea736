//! MiniStack: the AWS that runs the function's very zip and fires its schedule.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::error::PeerError;
use crate::http;
use crate::process::{Launch, Process, scratch};
use crate::progress::{Progress, to_stderr};
use crate::python::{Environment, MINISTACK};

/// A running MiniStack.
#[derive(Debug)]
pub struct Ministack {
    url: String,
    process: Process,
}

impl Ministack {
    /// The one that this process's tests share.
    ///
    /// # Errors
    /// If it could not be set up or started: the same error for all.
    pub fn shared() -> Result<&'static Self, PeerError> {
        static SHARED: OnceLock<Result<Ministack, PeerError>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&to_stderr)).as_ref().map_err(Clone::clone)
    }

    /// Sets up what is missing and starts one.
    ///
    /// # Errors
    /// If Python, the packages or a port are missing, or it does not answer in time.
    pub fn start(progress: &Progress<'_>) -> Result<Self, PeerError> {
        let environment = Environment::of(MINISTACK, progress)?;
        progress("starting MiniStack");
        let port = http::free_port()?;
        let url = format!("http://127.0.0.1:{port}");
        let launch = Launch {
            name: "ministack",
            command: vec![environment.python().into(), "-m".into(), "ministack".into()],
            env: vec![
                ("BIND_HOST", "127.0.0.1".into()),
                ("GATEWAY_PORT", port.to_string().into()),
                // Its functions inherit this: their calls to SSM, KMS and others come back here.
                ("AWS_ENDPOINT_URL", url.clone().into()),
                // What it logs has an arrow in it.
                ("PYTHONUTF8", "1".into()),
                ("PYTHONUNBUFFERED", "1".into()),
            ],
            scratch: scratch("ministack")?,
        };
        let mut process = Process::start(&environment, launch)?;
        process.wait(Duration::from_secs(60), |_| {
            http::answers(&format!("{url}/_ministack/health")).then_some(())
        })?;
        Ok(Self { url, process })
    }

    /// The endpoint of every service, such as `http://127.0.0.1:4566`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A new account: use it as access key id, and all that is created belongs to it alone. Twelve digits.
    pub fn fresh_account(&self) -> String {
        static LAST: AtomicU64 = AtomicU64::new(100_000_000_000);
        (LAST.fetch_add(1, Ordering::Relaxed) + 1).to_string()
    }

    /// How often schedules have invoked this function: invocations by API calls are not among them.
    pub fn firings(&self, function: &str) -> usize {
        let line = format!("EventBridge → Lambda {function}: dispatched");
        self.process.log().lines().filter(|logged| logged.ends_with(&line)).count()
    }

    /// Where its log is.
    pub fn log(&self) -> &Path {
        self.process.log_path()
    }
}
