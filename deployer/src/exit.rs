//! How a run can end badly, in words, and with which exit code.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use tanets_function::http::HttpError;
use tanets_function::run::RunError;
use tanets_function::search::SearchError;

use crate::aws;
use crate::cargo_lambda::BuildError;
use crate::config::{ConfigError, Problem};
use crate::deadline::OutOfTime;
use crate::doctor::{in_toml, runtimes};
use crate::migration::MigrationError;
use crate::package::PackageError;
use crate::plan::{NotOurs, PlanDigest};
use crate::resource::Address;
use crate::secret::SecretError;
use crate::terraform::TerraformError;

/// The exit codes: README and `--help` list them for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// Failed; safe to run again.
    Failed = 1,
    /// Changes are pending: only with `--detailed-exitcode`.
    Changes = 2,
    /// The configuration is invalid.
    Config = 3,
    /// Refused before any change: credentials, account, not ours.
    Refused = 4,
    /// Not confirmed.
    NotConfirmed = 5,
    /// Deployed, but the check of the deployed function failed.
    CheckFailed = 6,
    /// Wrong usage. clap's own code is 2, which means changes here.
    Usage = 64,
    /// Interrupted, as a shell says it of SIGINT.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do its work. A step that failed is told by the outcome, not by this.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line can't be read.
    #[error("{message}")]
    Usage {
        /// What is wrong with it.
        message: String,
        /// The way out, if there is one to name.
        hint: Option<String>,
    },
    /// tanets.toml is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The package can't be deployed.
    #[error("cannot deploy the function's package")]
    Package(#[source] PackageError),
    /// There is no package.
    #[error("cannot build the function")]
    Build(#[source] BuildError),
    /// No region.
    #[error(transparent)]
    NoRegion(#[from] aws::NoRegion),
    /// AWS doesn't say who we are.
    #[error("cannot tell which account this is")]
    Identity(#[source] aws::Error),
    /// Not the account that the configuration names.
    #[error("this is account {is}, and `account` in the configuration is {wanted}")]
    WrongAccount {
        /// The account of the credentials.
        is: String,
        /// The configuration's.
        wanted: String,
    },
    /// `--account` isn't the account that the configuration names.
    #[error("`--account` is {flag}, and `account` in the configuration is {wanted}")]
    OtherAccount {
        /// The flag's.
        flag: String,
        /// The configuration's.
        wanted: String,
    },
    /// Something could not be read: that doesn't mean that it isn't there.
    #[error("cannot tell what is there: {}", list(.0.iter().map(|(address, error)| format!("{address}: {error}"))))]
    Unreadable(Vec<(Address, aws::Error)>),
    /// Other people's resources have our names.
    #[error("not ours: {}", list(.0.iter().map(|NotOurs { address, name, why }| format!("{address} `{name}` {why}"))))]
    NotOurs(Vec<NotOurs>),
    /// The configuration keeps the stack from being destroyed.
    #[error("{}:{line}: `protect = true` keeps this stack from being destroyed", file.display())]
    Protected {
        /// The configuration.
        file: PathBuf,
        /// Where it says so, from 1.
        line: usize,
    },
    /// Not the plan that was looked at before.
    #[error("the plan's digest is {is}, not {expected}: nothing was changed")]
    Moved {
        /// This plan's.
        is: PlanDigest,
        /// The one that was to be.
        expected: PlanDigest,
    },
    /// The time was up before the first change.
    #[error("not done in time")]
    OutOfTime(#[from] OutOfTime),
    /// There is no message. The function names its variables, a preview the keys of tanets.toml.
    #[error("{}", in_toml(&.0.to_string()))]
    Preview(RunError),
    /// There is no function to run, or no log to read.
    #[error("there is no deployed {0}")]
    NotDeployed(&'static str),
    /// The log can't be read.
    #[error("cannot read the function's log")]
    Log(#[source] aws::Error),
    /// The function didn't run, or nobody knows.
    #[error("cannot run the function")]
    Invoke(#[source] aws::Error),
    /// The function's run failed.
    #[error("the run failed: {kind}: {message}")]
    Run {
        /// Lambda's `errorType`.
        kind: String,
        /// The function's words, or Lambda's.
        message: String,
    },
    /// Posting was asked for, and the answer doesn't say that it was done.
    #[error("nothing was posted, as far as the function tells: its answer isn't that of this version")]
    NotPosted,
    /// The time was up while the function ran.
    #[error("nobody knows how the function's run has ended")]
    Lost(#[source] OutOfTime),
    /// The time was up while a secret was written.
    #[error("nobody knows whether the parameter was written")]
    Unwritten(#[source] OutOfTime),
    /// A secret can't be kept, or isn't right.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// `init` has found a configuration.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// `init` has nobody to ask.
    #[error("not answered, and nobody is there to ask: {}{}", flags.join(", "), String::from_iter(why.iter().map(|why| format!("\n  {why}"))))]
    Unanswered {
        /// What answers.
        flags: Vec<&'static str>,
        /// Why the Terraform files don't.
        why: Vec<Problem>,
    },
    /// The Terraform files can't be read.
    #[error("cannot take over the old module")]
    Terraform(#[from] TerraformError),
    /// The Terraform files don't have the old module.
    #[error("cannot take over the old module")]
    Migration(#[from] MigrationError),
    /// A file can't be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nobody can be asked.
    #[error("not confirmed: there is nobody to ask")]
    NoTerminal,
    /// The answer wasn't yes.
    #[error("not confirmed: nothing was changed")]
    NotConfirmed,
}

fn list(items: impl Iterator<Item = String>) -> String {
    Vec::from_iter(items).join("; ")
}

impl Failure {
    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Config(_) | Self::Package(_) | Self::Terraform(_) | Self::Migration(_) => Exit::Config,
            Self::Build(_)
            | Self::OutOfTime(_)
            | Self::Preview(_)
            | Self::Write { .. }
            | Self::Invoke(_)
            | Self::Log(_)
            | Self::NotPosted
            | Self::Lost(_)
            | Self::Unwritten(_)
            | Self::Run { .. } => Exit::Failed,
            Self::NoRegion(_)
            | Self::Identity(_)
            | Self::WrongAccount { .. }
            | Self::OtherAccount { .. }
            | Self::Unreadable(_)
            | Self::NotOurs(_)
            | Self::NotDeployed(_)
            | Self::Protected { .. }
            | Self::Exists(_)
            | Self::Moved { .. } => Exit::Refused,
            Self::Secret(error) if error.is_refusal() => Exit::Refused,
            Self::Secret(_) => Exit::Failed,
            Self::Usage { .. } | Self::Unanswered { .. } => Exit::Usage,
            Self::NoTerminal | Self::NotConfirmed => Exit::NotConfirmed,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Config(error) => return error.hint().map(str::to_owned),
            Self::Usage { hint, .. } => return hint.clone(),
            Self::Package(error) => return error.hint(),
            Self::Build(error) => error.hint(),
            Self::NoRegion(_) => "region = \"ap-northeast-1\" in tanets.toml is the usual place",
            Self::Identity(error) => return error.hint(),
            Self::WrongAccount { .. } => "choose another `--profile`, or correct `account`",
            Self::OtherAccount { .. } => "leave out `--account`, or correct one of the two",
            Self::Unreadable(errors) => return errors.iter().find_map(|(_, error)| error.hint()),
            Self::NotOurs(_) => "choose another `name`, or take over what has no owner with `--adopt`",
            Self::Secret(error) => return error.hint(),
            Self::Exists(_) => "choose another file with `--config`, or write over it with `--force`",
            Self::Migration(error) => error.hint(),
            Self::Unanswered { .. } => "give these flags; `tanets init --help` has an example",
            Self::Protected { .. } => {
                "to destroy it all the same, write `protect = false` there, and run `tanets destroy` again"
            }
            Self::Moved { .. } => {
                "the account or the configuration has changed since: look at `tanets plan`, and expect its digest"
            }
            Self::OutOfTime(_) => "nothing was changed; give it more time with `--timeout`",
            Self::NoTerminal => "add `--yes` to change the account without being asked",
            // The cluster of most is in a VPC.
            Self::Preview(RunError::Search {
                source: SearchError::Http(HttpError::Connect(_) | HttpError::Timeout),
                ..
            }) => {
                "a cluster in a VPC is reached only from there: preview through a VPN or tunnel, let the deployed \
                 function count with `tanets invoke`, or look at a message with `--sample`"
            }
            Self::Preview(error) => return error.hint().map(in_toml),
            Self::NotDeployed(_) => "`tanets deploy` makes it; `tanets preview` counts without it",
            Self::Invoke(error) | Self::Log(error) => return error.hint(),
            Self::Run { kind, message } => runtimes(kind, message)?,
            Self::NotPosted => "`tanets deploy` puts this version's function there",
            Self::Unwritten(_) => "`tanets secret check` tells; to write it again does no harm",
            Self::Lost(_) => "`tanets logs` tells what became of it: it may have posted",
            Self::Write { .. } | Self::NotConfirmed | Self::Terraform(_) => return None,
        };
        Some(hint.to_owned())
    }

    /// The causes, outermost first.
    pub fn causes(&self) -> Vec<String> {
        let (first, told): (_, fn(&str) -> String) = match self {
            Self::Preview(error) => (error.source(), in_toml),
            _ => (self.source(), str::to_owned),
        };
        let causes = std::iter::successors(first, |&error| error.source());
        causes.map(|cause| told(&cause.to_string())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_lambda_ended_leads_to_what_it_lacked() {
        for (kind, message, key) in [
            ("Sandbox.Timedout", "Task timed out after 60.00 seconds", Some("`function.timeout`")),
            ("Runtime.ExitError", "Runtime exited with error: signal: killed", Some("`function.memory`")),
            ("Runtime.OutOfMemory", "", Some("`function.memory`")),
            ("Runtime.InvalidEntrypoint", "exec format error", Some("`function.architecture`")),
            ("SearchError", "no connection; hint: look at the cluster", None),
        ] {
            let hint = Failure::Run { kind: kind.to_owned(), message: message.to_owned() }.hint();
            assert_eq!(hint.is_some(), key.is_some(), "{kind}");
            assert!(key.is_none_or(|key| hint.is_some_and(|hint| hint.contains(key))), "{kind}");
        }
    }

    #[test]
    fn a_failed_preview_names_the_keys_that_its_reader_has() {
        let source = SearchError::NoField { field: "message".to_owned(), setting: "ES_FIELD" };
        let failure = Failure::Preview(RunError::Search { day: jiff::civil::date(2018, 12, 9), source });
        let told = format!("{failure} {:?} {:?}", failure.causes(), failure.hint());
        assert!(told.contains("`elasticsearch.field`") && !told.contains("ES_FIELD"), "{told}");
        assert_eq!(failure.causes().len(), 1, "{told}");
    }
}
