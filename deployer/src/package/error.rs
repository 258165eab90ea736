//! Why a file cannot be a package, and what to do about it.

use std::io;
use std::path::PathBuf;

use zip::result::ZipError;

use super::{Architecture, BOOTSTRAP, GLIBC_MINOR};

/// Why a file cannot be uploaded as a function.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// There is no such file.
    #[error("there is no package at {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
        /// What it would have been built for.
        wanted: Architecture,
    },
    /// The file cannot be read.
    #[error("cannot read the package {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is a zip that cannot be opened.
    #[error("cannot unzip the package {}", path.display())]
    Unzip {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ZipError,
    },
    /// The zip has an entry that could not be put into a function's folder.
    #[error("the package {} holds {entry}, which is {problem}", path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// The entry's name.
        entry: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The zip has no executable where Lambda looks for it.
    #[error("the package {} has no `bootstrap` at its root", path.display())]
    NoBootstrap {
        /// The file.
        path: PathBuf,
        /// A `bootstrap` in a folder.
        elsewhere: Option<String>,
    },
    /// Neither a zip nor a program for Linux.
    #[error("{} is {found}, not a program for 64-bit Linux (ELF)", path.display())]
    NotElf {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        found: &'static str,
        /// What it should have been built for.
        wanted: Architecture,
    },
    /// Built for another machine than the function's.
    #[error("`bootstrap` in {} is built for {found}, but the function's architecture is {wanted}", path.display())]
    Machine {
        /// The file.
        path: PathBuf,
        /// What it is built for.
        found: String,
        /// What the function runs on.
        wanted: Architecture,
    },
    /// Linked against a newer C library than Lambda has.
    #[error("`bootstrap` in {} needs glibc 2.{minor}, but provided.al2023 has 2.{GLIBC_MINOR}", path.display())]
    Glibc {
        /// The file.
        path: PathBuf,
        /// The version it needs, as 2.MINOR.
        minor: u32,
        /// What it is built for.
        wanted: Architecture,
    },
    /// Larger than Lambda takes.
    #[error("the package {} is {size} bytes {what}, Lambda takes at most {limit}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// `zipped` or `unzipped`.
        what: &'static str,
        /// Bytes; when unzipped, all that were counted before stopping.
        size: u64,
        /// Bytes.
        limit: u64,
    },
    /// The zip cannot be written to memory.
    #[error("cannot zip the package {}", path.display())]
    Zip {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ZipError,
    },
}

impl PackageError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { wanted, .. } | Self::NotElf { wanted, .. } => Some(format!(
                "build the function with `{}`, and let `package` in [function] name its bootstrap or a zip of it",
                wanted.build_command()
            )),
            Self::Machine { found, wanted, .. } => {
                let build = format!("build it with `{}`", wanted.build_command());
                let other = Architecture::ALL.into_iter().find(|other| other.as_str() == found);
                Some(match other {
                    Some(other) => format!("set `architecture = \"{other}\"` in [function], or {build}"),
                    None => build,
                })
            }
            Self::Glibc { wanted, .. } => Some(format!(
                "build it with `{}`, or for a target such as `{}-unknown-linux-gnu.2.{GLIBC_MINOR}` with \
                 cargo-zigbuild",
                wanted.build_command(),
                match wanted {
                    Architecture::Arm64 => "aarch64",
                    Architecture::X86_64 => "x86_64",
                }
            )),
            Self::NoBootstrap { elsewhere, .. } => Some(match elsewhere {
                Some(name) => format!("it holds `{name}`: zip the files inside the folder, not the folder"),
                None => format!("name the executable `{BOOTSTRAP}`"),
            }),
            Self::TooLarge { .. } => Some("strip the executable, and leave out what it does not need".into()),
            Self::Read { .. } | Self::Unzip { .. } | Self::Entry { .. } | Self::Zip { .. } => None,
        }
    }
}
