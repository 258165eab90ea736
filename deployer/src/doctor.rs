//! The check from inside as people get it: what the deployed function found, what to do about it, or why it wasn't
//! checked. Pure; `hint` has what only the deployer knows.

mod hint;

use tanets_function::check::{Finding, Report, State};

use crate::aws::{self, Identity};
use crate::config::Config;
use crate::deadline::OutOfTime;

pub use hint::in_toml;

/// What surrounds the function, for whoever gives advice.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// What it was deployed from.
    pub config: Config,
    /// Its execution role's ARN.
    pub role_arn: String,
    /// Its region.
    pub region: String,
}

impl Surroundings {
    /// Those of a configuration in an account.
    pub fn new(config: Config, identity: &Identity) -> Self {
        let Identity { account, arn: _, partition, region } = identity;
        let role_arn = format!("arn:{partition}:iam::{account}:role/{}", config.name);
        Self { config, role_arn, region: region.clone() }
    }
}

/// The result of a check.
#[derive(Debug)]
pub struct Diagnosis {
    /// The stack's name.
    pub stack: String,
    /// Whether the function was deployed just now.
    pub deployed: bool,
    /// What was found, or why nothing was.
    pub checked: Result<Vec<Diagnosed>, Unchecked>,
}

/// A finding, with the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosed {
    /// As the function tells it.
    pub finding: Finding,
    /// What to do, if it failed: in the words of tanets.toml.
    pub hint: Option<String>,
}

impl Diagnosis {
    /// With a hint for each failure.
    pub fn new(around: &Surroundings, deployed: bool, checked: Result<Report, Unchecked>) -> Self {
        let checked = checked.map(|report| {
            let diagnosed = |finding: Finding| Diagnosed { hint: hint::hint(&finding, around), finding };
            report.findings.into_iter().map(diagnosed).collect()
        });
        Self { stack: around.config.name.clone(), deployed, checked }
    }

    /// The findings that stand in the way of a digest.
    pub fn failures(&self) -> impl Iterator<Item = &Diagnosed> {
        let all = self.checked.iter().flatten();
        all.filter(|diagnosed| matches!(diagnosed.finding.state, State::Failed { .. }))
    }

    /// Whether all was looked at, and is well.
    pub fn is_well(&self) -> bool {
        self.checked.is_ok() && self.failures().next().is_none()
    }
}

/// What to do about a run that Lambda ended; none where the function ended it itself, whose message has its hint inside.
pub fn runtimes(kind: &str, message: &str) -> Option<&'static str> {
    Some(match kind {
        _ if kind.contains("Timedout") || message.contains("Task timed out") => {
            "give it more time: raise `function.timeout`"
        }
        // Linux kills whoever takes more than there is.
        _ if kind == "Runtime.OutOfMemory" || message.contains("signal: killed") => {
            "its memory was not enough: raise `function.memory`"
        }
        _ if kind.starts_with("Runtime.") => {
            "the package doesn't run: is it a function of tanets, built for `function.architecture`?"
        }
        _ => return None,
    })
}

/// Why nothing was checked.
#[derive(Debug, thiserror::Error)]
pub enum Unchecked {
    /// The function didn't run, or nobody knows.
    #[error("the function can't be run")]
    Invoke(#[source] aws::Error),
    /// The function's run failed.
    #[error("the function failed: {kind}: {message}")]
    Run {
        /// Lambda's `errorType`.
        kind: String,
        /// The function's words, or Lambda's.
        message: String,
    },
    /// The answer is none to a check.
    #[error("the function's answer isn't that of this version: another package is deployed")]
    OtherVersion,
    /// The time was up.
    #[error(transparent)]
    OutOfTime(#[from] OutOfTime),
    /// Somebody asked for the end.
    #[error("interrupted")]
    Interrupted,
}

impl Unchecked {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Invoke(error) if error.is_denied() => {
                return error.hint().map(|hint| format!("{hint}; `deploy --no-check` does without"));
            }
            // Lambda decrypts the environment in the function's name before it runs anything.
            Self::Invoke(error) if error.code.as_deref().is_some_and(|code| code.starts_with("KMS")) => {
                "the function's environment can't be decrypted: `function.kms_key` must be enabled, and its policy must \
                 let the execution role use it"
            }
            Self::Invoke(error) => return error.hint(),
            Self::Run { kind, message } => runtimes(kind, message)?,
            Self::Interrupted => return None,
            Self::OtherVersion => {
                "deploy the function of this version: without `function.package`, or with one that was built from it"
            }
            Self::OutOfTime(_) => "give it more time with `--timeout`",
        };
        Some(hint.to_owned())
    }
}
