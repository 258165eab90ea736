//! `cargo xtask`: makes a release of tanets and tries it.
//!
//! Own code, because what is special here is what cargo-dist leaves to others: the function is built first, once, and
//! goes into every binary. Compiling, linking and the SBOM are left to cargo-lambda, cargo-zigbuild and cargo-cyclonedx.
//! The release workflow calls these verbs and nothing else.

mod archive;
mod build;
mod changelog;
mod files;
mod finish;
mod functions;
mod installers;
mod licences;
mod smoke;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tanets_sandbox::PeerError;

use crate::build::LINUX;

/// The version that is released: the workspace's.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

const MORE: &str = "\
What is made goes into target/dist, what it is made of into target/dist-build. Needs rustup and Python 3; cargo-lambda, \
cargo-zigbuild and zig come from PyPI, cargo-cyclonedx from crates.io, each pinned.

Examples:
  cargo xtask dist                                       all that Linux can make, and a try of it
  cargo xtask dist --target x86_64-unknown-linux-musl    the same for one machine
  cargo xtask smoke target/dist/tanets-*-x86_64-unknown-linux-musl.tar.gz";

/// Makes a release of tanets and tries it.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = MORE)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// All of it: functions, reproduce, an archive a target, finish, and smoke for this machine's archive.
    Dist {
        /// A target to make an archive for; may be given more than once. Without it: both Linux targets, and it is an
        /// error if one of them can't be made here.
        #[arg(long, value_name = "TARGET")]
        target: Vec<String>,
    },
    /// Builds the function for both architectures and packs it as Lambda gets it.
    Functions,
    /// Builds the functions again, in another folder with another home of cargo, and compares every byte.
    Reproduce,
    /// Makes the archive of one target, with the functions that are in target/dist.
    Archive {
        /// Rust's name of the machine.
        #[arg(long, value_name = "TARGET")]
        target: String,
    },
    /// Makes SBOM, checksums, the Homebrew formula and the release notes for what is in target/dist.
    Finish,
    /// Unpacks an archive and tries it against the emulator, with nothing else within its reach: deploys, plans
    /// nothing, lets the function inside answer, destroys.
    Smoke {
        /// The archive: `tanets-VERSION-TARGET.tar.gz`.
        archive: PathBuf,
    },
    /// Tries install.sh against a server on this machine that serves target/dist.
    Installer,
    /// Whether a tag, Cargo's version and the changelog agree.
    CheckTag {
        /// The tag, such as v1.2.3.
        tag: String,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("error: {}", error.explain()));
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> Result<(), PeerError> {
    match verb {
        Verb::Dist { target } => dist(&target),
        Verb::Functions => functions::make(),
        Verb::Reproduce => functions::reproduce(),
        Verb::Archive { target } => archive::make(&target).map(drop),
        Verb::Finish => finish::finish(),
        Verb::Smoke { archive } => smoke::smoke(&archive),
        Verb::Installer => installers::try_install_sh(),
        Verb::CheckTag { tag } => changelog::check_tag(&tag),
    }
}

fn dist(targets: &[String]) -> Result<(), PeerError> {
    let targets = if targets.is_empty() { LINUX.map(str::to_owned).to_vec() } else { targets.to_vec() };
    // What can't be made is better known before minutes of work.
    for target in &targets {
        build::prepare(target)?;
    }
    files::empty_dist()?;
    functions::make()?;
    functions::reproduce()?;
    let mut own = None;
    for target in &targets {
        let archive = archive::make(target)?;
        if build::runs_here(target) {
            own = Some(archive);
        }
    }
    finish::finish()?;
    match own {
        Some(archive) => smoke::smoke(&archive),
        None => {
            tell("no archive for this machine was made: none was tried");
            Ok(())
        }
    }
}

/// A line of progress, on stderr.
pub fn tell(line: &str) {
    // Progress that nobody can read is no reason to fail.
    let _ = io::stderr().write_all(format!("xtask: {line}\n").as_bytes());
}
