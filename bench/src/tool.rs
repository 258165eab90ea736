//! What is measured: the phases of a deployment's life, and how each tool is told to go through them.
//!
//! A tool only writes files and names commands; it runs nothing.

mod chalice;
mod tanets;
mod terraform;

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use serde::Serialize;
use tanets_sandbox::PeerError;

pub use chalice::Chalice;
pub use tanets::Tanets;
pub use terraform::Terraform;

/// A phase of a deployment's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// `--help`: what each command costs before it does anything.
    Start,
    /// What has to be done once in each new folder.
    Init,
    FirstDeploy,
    NothingToDo,
    ChangeOfCode,
    ChangeOfConfiguration,
    Destroy,
}

impl Phase {
    /// All, in their order.
    pub const ALL: [Self; 7] = [
        Self::Start,
        Self::Init,
        Self::FirstDeploy,
        Self::NothingToDo,
        Self::ChangeOfCode,
        Self::ChangeOfConfiguration,
        Self::Destroy,
    ];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "`--help`",
            Self::Init => "`init`, once",
            Self::FirstDeploy => "first deploy",
            Self::NothingToDo => "nothing to do",
            Self::ChangeOfCode => "change of code",
            Self::ChangeOfConfiguration => "change of memory",
            Self::Destroy => "destroy",
        }
    }

    /// The operation without which the phase hasn't done its work.
    pub fn proof(self) -> Option<&'static str> {
        match self {
            Self::Start | Self::Init | Self::NothingToDo => None,
            Self::FirstDeploy => Some("CreateFunction"),
            Self::ChangeOfCode => Some("UpdateFunctionCode"),
            Self::ChangeOfConfiguration => Some("UpdateFunctionConfiguration"),
            Self::Destroy => Some("DeleteFunction"),
        }
    }

    /// What is to be deployed in it.
    pub fn desired(self) -> Desired {
        let (revision, memory) = match self {
            Self::Start | Self::Init | Self::FirstDeploy | Self::NothingToDo => (0, 128),
            Self::ChangeOfCode => (1, 128),
            Self::ChangeOfConfiguration | Self::Destroy => (1, 192),
        };
        Desired { revision, memory }
    }
}

/// What is to be deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Of the code: another number, other bytes.
    pub revision: u8,
    /// Of the function, in MB.
    pub memory: u32,
}

/// A tool that deploys a function with a schedule.
pub trait Tool {
    /// For people.
    fn name(&self) -> &'static str;

    /// With all that it needs to have one of.
    fn version(&self) -> &str;

    /// In what its deployment differs from tanets's.
    fn differs(&self) -> Option<&'static str>;

    /// How often it goes through all, where others do `runs` times.
    fn runs(&self, runs: u16) -> u16 {
        runs
    }

    /// Writes the files from which it deploys.
    ///
    /// # Errors
    /// If they can't be written.
    fn write(&self, folder: &Path, desired: Desired) -> Result<(), PeerError>;

    /// The command of a phase, to be run in the folder; none where the tool has no such phase.
    fn command(&self, phase: Phase) -> Option<Vec<OsString>>;
}

/// A program and its arguments.
fn words(program: impl Into<OsString>, arguments: &[&str]) -> Vec<OsString> {
    std::iter::once(program.into()).chain(arguments.iter().map(Into::into)).collect()
}

fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), PeerError> {
    fs::write(path, content).map_err(|error| PeerError::new(format!("writing {}", path.display()), error))
}

/// The function's code in a revision: bytes after a program's end change nothing in what it does.
fn revised(bootstrap: &[u8], revision: u8) -> Vec<u8> {
    [bootstrap, &vec![b'.'; revision.into()]].concat()
}
