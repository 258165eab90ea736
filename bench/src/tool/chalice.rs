//! AWS Chalice with the smallest app that has a schedule.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tanets_sandbox::PeerError;
use tanets_sandbox::progress::Progress;
use tanets_sandbox::python::{CHALICE, Environment};

use super::{Desired, Phase, Tool, words, write};

const APP: &str = include_str!("../../tools/app.py");

pub struct Chalice {
    command: PathBuf,
    version: &'static str,
}

impl Chalice {
    /// Chalice, in an environment of its own.
    pub fn install(progress: &Progress<'_>) -> Result<Self, PeerError> {
        let command = Environment::of(CHALICE, progress)?.bin().join("chalice");
        Ok(Self { command, version: CHALICE.version() })
    }
}

impl Tool for Chalice {
    fn name(&self) -> &'static str {
        "Chalice"
    }

    fn version(&self) -> &str {
        self.version
    }

    fn differs(&self) -> Option<&'static str> {
        Some(
            "a Python app of 20 kB instead of the function of 2 MB; one inline policy instead of the managed ones; \
             it deploys all again each time, and waits five seconds between two looks at the function",
        )
    }

    fn runs(&self, runs: u16) -> u16 {
        runs.div_ceil(3)
    }

    fn write(&self, folder: &Path, Desired { revision, memory }: Desired) -> Result<(), PeerError> {
        let settings = folder.join(".chalice");
        fs::create_dir_all(&settings).map_err(|error| PeerError::new("creating .chalice", error))?;
        let config = json!({ "version": "2.0", "app_name": "bench", "stages": { "dev": {
            "lambda_memory_size": memory,
            "lambda_timeout": 60,
            "log_retention_in_days": 30,
            "autogen_policy": false,
            "iam_policy_file": "policy.json",
            "subnet_ids": ["subnet-0a1", "subnet-0c2"],
            "security_group_ids": ["sg-0d3"],
            "environment_variables": {
                "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x",
                "ES_ENDPOINT": "https://vpc-logs-x.ap-northeast-1.es.amazonaws.com",
                "ES_INDEXES": "app-*",
                "ERROR_LEVEL": "Fatal,Warning",
            },
        } } });
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Action": ["es:ESHttpGet", "es:ESHttpPost", "logs:*", "ec2:*NetworkInterface*"],
            "Resource": "*",
        }] });
        write(&settings.join("config.json"), config.to_string())?;
        write(&settings.join("policy.json"), policy.to_string())?;
        write(&folder.join("requirements.txt"), "")?;
        write(&folder.join("app.py"), format!("{APP}\n\nREVISION = {revision}\n"))
    }

    fn command(&self, phase: Phase) -> Option<Vec<OsString>> {
        let arguments: &[&str] = match phase {
            Phase::Start => &["--help"],
            Phase::Init => return None,
            Phase::Destroy => &["delete"],
            _ => &["deploy"],
        };
        Some(words(&self.command, arguments))
    }
}
