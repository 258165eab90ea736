//! What a kind of resource is: the trait that each file of this folder implements for one kind.
//!
//! All that is known of a kind (its requests, its "not found", its waits) stays in its file.

use std::borrow::Cow;
use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;

use crate::access::Access;
use crate::attributes::Attributes;
use crate::aws::{self, Aws};
use crate::plan::Step;

pub mod function;
pub mod invocation;
pub mod log_group;
pub mod permission;
mod rejected;
pub mod role;
pub mod rule;
pub mod tags;
pub mod target;

/// The name of a resource within its stack: the key of plan, events and JSON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Address(Cow<'static, str>);

impl Address {
    /// An address that is known beforehand.
    pub const fn new(address: &'static str) -> Self {
        Self(Cow::Borrowed(address))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Whose a resource is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Ours: by its tag, or by its fixed id.
    Ours,
    /// Nobody's that is known: made by hand, or by another tool.
    Unknown,
    /// Another stack's, by its tag.
    Stack(String),
}

/// A resource as it is in the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its attributes, in the form of the desired ones; and what other people put beside it.
    pub attributes: Attributes,
    /// Whose it is.
    pub owner: Owner,
    /// False if there is only what other people put beside it.
    pub present: bool,
    /// Lambda's revision, that guards the writes of the plan against somebody else's.
    pub revision: Option<String>,
    /// When it was made, where that tells since when the stack is there.
    pub created: Option<Timestamp>,
}

impl Observed {
    /// A resource that is there.
    pub fn new(attributes: Attributes, owner: Owner) -> Self {
        Self { attributes, owner, present: true, revision: None, created: None }
    }
}

/// Why a step could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// AWS refused, or could not be reached.
    #[error(transparent)]
    Aws(#[from] aws::Error),
    /// The function's creation or update was accepted, and failed afterwards.
    #[error("Lambda reports `{state}`: {reason}")]
    Rejected {
        /// `State` or `LastUpdateStatus`.
        state: String,
        /// Lambda's reason.
        reason: String,
    },
    /// Somebody else made or changed it after the plan was made.
    #[error("{0}")]
    Overtaken(String),
    /// Waited, and the state didn't come.
    #[error("still {state} after {seconds} s")]
    TimedOut {
        /// What it still was.
        state: String,
        /// How long that was waited for, in seconds.
        seconds: u64,
    },
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Aws(error) => error.hint(),
            Self::Rejected { reason, .. } => rejected::hint(reason).map(str::to_owned),
            Self::Overtaken(_) => {
                Some("another deploy may be under way; look with `tanets plan`, then run again".to_owned())
            }
            Self::TimedOut { .. } => Some("run the same command again: it goes on from here".to_owned()),
        }
    }
}

/// After a creation that said "it exists": fine if it was made by our own request, whose answer was lost.
///
/// # Errors
/// If it is somebody else's.
pub fn still_ours(
    resource: &dyn Resource,
    observed: Option<Observed>,
    error: aws::Error,
) -> Result<(), Error> {
    match observed {
        Some(Observed { owner: Owner::Ours, .. }) => Ok(()),
        Some(_) => {
            let name = resource.name();
            Err(Error::Overtaken(format!("`{name}` was made by somebody else meanwhile, and is not ours")))
        }
        None => Err(error.into()),
    }
}

/// Tells what a step is waiting for.
pub type Progress<'a> = &'a (dyn Fn(String) + Send + Sync);

/// A resource of the stack: of any kind.
#[async_trait]
pub trait Resource: Send + Sync {
    /// Its name within the stack.
    fn address(&self) -> Address;

    /// Its name in AWS, as people look for it there.
    fn name(&self) -> String;

    /// What must be there before it, and go after it.
    fn needs(&self) -> &'static [Address];

    /// How it should be.
    fn desired(&self) -> Attributes;

    /// What whoever deploys it must be allowed to do, for this configuration.
    fn access(&self) -> Vec<Access>;

    /// How it is: `None` where AWS says that it isn't there. One round trip.
    ///
    /// # Errors
    /// Whatever else AWS says, above all "access denied": that is not "absent".
    async fn observe(&self, aws: &Aws) -> Result<Option<Observed>, aws::Error>;

    /// Carries out a step of the plan, as far as others need it. Doing it again does no harm.
    ///
    /// # Errors
    /// Why the step is not done.
    async fn apply(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error>;

    /// Ends the step, after whatever needs it: waits for what AWS does with what `apply` wrote, removes what others
    /// have been moved away from.
    ///
    /// # Errors
    /// Why the step is not done after all.
    async fn settle(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error> {
        let _ = (aws, step, progress);
        Ok(())
    }
}
