//! The check from inside: looks at all that a run needs, stage by stage, from where the function is, and says what it
//! found. Posts nothing, and shows no secret: neither a referenced value nor the webhook's host, unless that is Slack's own.

mod chain;
mod cluster;
mod kind;
mod reach;
mod secrets;
mod slack;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

pub use self::kind::Kind;
use crate::environment::Environment;
use crate::http::Http;
use crate::run::RunError;
use crate::settings::Settings;

/// What a stage may take that waits for one answer of a host: an unreachable one shall cost seconds.
const STAGE: Duration = Duration::from_secs(5);

/// What is looked at, in the order in which a run needs it; a name that stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The reference to the webhook can be read.
    SecretWebhook,
    /// The reference to the cluster's address can be read.
    SecretEndpoint,
    /// The reference to the cluster's credentials can be read.
    SecretCredentials,
    /// The private authority's certificate can be read, and is one.
    SecretCa,
    /// The cluster's host has addresses.
    ClusterName,
    /// The cluster's port takes connections.
    ClusterTcp,
    /// The cluster's certificate is trusted. Not looked at where the address is `http://`.
    ClusterTls,
    /// The cluster's host answers HTTP, whatever it answers.
    ClusterHttp,
    /// The cluster lets the function in.
    ClusterAuthentication,
    /// There is an index to search.
    ClusterIndexes,
    /// The indexes have the fields that are searched and shown.
    ClusterFields,
    /// The digest's search counts today.
    ClusterCount,
    /// The host of the webhook has addresses.
    SlackName,
    /// The port of the webhook takes connections.
    SlackTcp,
    /// The certificate of the webhook's host is trusted. Not looked at where the address is `http://`.
    SlackTls,
    /// The webhook's host answers HTTP at its root, whatever it answers. Whether the webhook still exists, only a message
    /// tells.
    SlackHttp,
    /// There was time to spare.
    Time,
}

/// What became of a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// All is well.
    Ok {
        /// What was found.
        detail: String,
    },
    /// It stands in the way of a digest.
    Failed {
        /// What kind of failure it is.
        kind: Kind,
        /// The error with its causes.
        error: String,
        /// What to do, where there is a typical way out. Names settings by their variables.
        hint: Option<String>,
    },
    /// It can't be looked at, because something before it failed.
    NotTried {
        /// What.
        after: What,
    },
}

/// What was looked at, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was looked at.
    pub what: What,
    /// What became of it.
    #[serde(flatten)]
    pub state: State,
    /// Milliseconds that it took; none where it was found together with the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
}

/// All findings: the function's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// In the order in which a run needs them.
    pub findings: Vec<Finding>,
}

impl Report {
    /// What failed.
    pub fn failures(&self) -> impl Iterator<Item = What> {
        let failed = self.findings.iter().filter(|finding| matches!(finding.state, State::Failed { .. }));
        failed.map(|finding| finding.what)
    }
}

/// Looks at everything, within the time that there is: cluster and Slack side by side. References are read anew, and
/// connections are new ones, so that nothing passes for what it was some runs ago.
///
/// # Errors
/// Only if no request can be made at all; all else is a finding.
pub async fn check(
    settings: &Settings,
    environment: &Environment,
    now: Timestamp,
    time: Duration,
) -> Result<Report, RunError> {
    let begun = Instant::now();
    let deadline = begun + time;
    let http = Http::new().map_err(RunError::Http)?;
    let secrets = secrets::Secrets { http: &http, environment, deadline: deadline.min(begun + STAGE) };
    let (mut cluster, mut slack) = tokio::join!(
        cluster::check(settings, &secrets, now, deadline),
        slack::check(settings, &secrets, deadline)
    );
    cluster.append(&mut slack);
    cluster.sort_by_key(|finding| finding.what);
    let mut report = Report { findings: cluster };
    let spent = begun.elapsed();
    let spare = enough(spent, time, report.failures().next().is_none());
    report.findings.push(Finding { what: What::Time, state: spare, ms: Some(spent.as_millis() as u64) });
    let failed = Vec::from_iter(report.failures());
    tracing::info!(?failed, duration_ms = spent.as_millis() as u64, "check made");
    Ok(report)
}

/// Whether a digest of a worse day will have time enough: half of it is to be left. What failed may have waited, and
/// tells nothing of this.
fn enough(spent: Duration, time: Duration, all_is_well: bool) -> State {
    let (spent_s, time_s) = (spent.as_secs_f32(), time.as_secs_f32());
    let detail = format!("{spent_s:.1} s of {time_s:.1} s");
    match all_is_well && spent > time / 2 {
        false => State::Ok { detail },
        true => State::Failed {
            kind: Kind::LittleTime,
            error: format!("it took {detail}"),
            hint: Some("raise the function's timeout".to_owned()),
        },
    }
}

/// The first names of a list, and how many more there are.
fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut text = names[..names.len().min(SHOWN)].join(", ");
    if names.len() > SHOWN {
        text += &format!(" and {} more", names.len() - SHOWN);
    }
    text
}
