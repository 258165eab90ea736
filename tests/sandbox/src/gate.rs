//! A gate in front of a search server that lets only signed requests in, as Amazon's search services do. Botocore
//! computes each signature again; the gate itself knows no request and no answer.

use std::time::Duration;

use crate::error::PeerError;
use crate::paths::workspace_root;
use crate::process::{Launch, Process, scratch};
use crate::progress::Progress;
use crate::python::{Environment, MOTO};

/// Who may sign: an access key, which tells what IAM and the domain let its owner do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// May search.
    Permitted,
    /// IAM doesn't let it.
    WithoutPermission,
    /// IAM lets it, and fine-grained access control doesn't know it.
    WithoutRole,
}

impl Signer {
    /// `AWS_ACCESS_KEY_ID`
    pub fn access_key(self) -> &'static str {
        match self {
            Self::Permitted => "AKIDPERMITTED",
            Self::WithoutPermission => "AKIDWITHOUTPERMISSION",
            Self::WithoutRole => "AKIDWITHOUTROLE",
        }
    }
}

/// A running gate.
#[derive(Debug)]
pub struct Gate {
    url: String,
    _process: Process,
}

impl Gate {
    /// The region it stands in.
    pub const REGION: &str = "ap-northeast-1";
    /// `AWS_SECRET_ACCESS_KEY` of every signer.
    pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYGATE";
    /// `AWS_SESSION_TOKEN` of every signer.
    pub const TOKEN: &str = "FwoGZXIvYXdzEBYaDH+/gate==";

    /// Sets up what is missing and starts one in front of an address; `service` is `es` or `aoss`.
    ///
    /// # Errors
    /// If Python, the packages or a port are missing, or it does not start in time.
    pub fn start(upstream: &str, service: &str, progress: &Progress<'_>) -> Result<Self, PeerError> {
        // Botocore comes with moto.
        let environment = Environment::of(MOTO, progress)?;
        let mut command = vec![environment.python().into(), "-B".into()];
        command.push(workspace_root().join("tests/sandbox/python/gate.py").into());
        command.extend([upstream, service, Self::REGION, Self::SECRET, Self::TOKEN].map(Into::into));
        let launch = Launch { name: "gate", command, env: Vec::new(), scratch: scratch("gate")? };
        let mut process = Process::start(&environment, launch)?;
        let port = process.wait(Duration::from_secs(60), |log| {
            let (line, _) = log.split_once('\n')?;
            line.strip_prefix("listening on ")?.parse::<u16>().ok()
        })?;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), _process: process })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }
}
