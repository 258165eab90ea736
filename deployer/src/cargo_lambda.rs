//! Builds the function of a checkout with cargo-lambda, where the configuration names no package and tanets has none inside.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use tokio::process::Command;

use crate::package::Architecture;

/// The function's package in the checkout's workspace.
const PACKAGE: &str = "tanets-function";
/// Where cargo-lambda puts what it built, whatever the target folder is.
const OUTPUT: &str = "target/lambda";

/// Why there is no function to deploy.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// No checkout is near.
    #[error(
        "there is no function to deploy: `function.package` is not set, this build of tanets has none inside, and no \
         checkout of tanets is near"
    )]
    NoCheckout,
    /// cargo could not be started.
    #[error("cannot run `cargo lambda build`")]
    Start(#[source] io::Error),
    /// cargo-lambda failed; it has said why.
    #[error("`cargo lambda build` failed with {0}")]
    Failed(ExitStatus),
}

impl BuildError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoCheckout => {
                "install a release of tanets, which has the function inside; or set `function.package` in tanets.toml \
                 to a `bootstrap` or its zip; or run in a checkout of tanets"
            }
            Self::Start(_) | Self::Failed(_) => {
                "install Rust and cargo-lambda (`pip install cargo-lambda ziglang`), or set `function.package`"
            }
        }
    }
}

/// Builds the function in the checkout that holds one of `near`, and gives the path of its `bootstrap`.
/// cargo's own progress goes to stderr.
///
/// # Errors
/// If there is no checkout, or cargo-lambda isn't there or fails.
pub async fn build(near: &[PathBuf], architecture: Architecture, quiet: bool) -> Result<PathBuf, BuildError> {
    let checkout = near.iter().flat_map(|path| path.ancestors()).find(|folder| is_checkout(folder));
    let checkout = checkout.ok_or(BuildError::NoCheckout)?;
    let machine = match architecture {
        Architecture::Arm64 => "--arm64",
        Architecture::X86_64 => "--x86-64",
    };
    let mut command = Command::new("cargo");
    command.args(["lambda", "build", "--release", "--package", PACKAGE, "--bin", "bootstrap", machine]);
    command.args(["--lambda-dir", OUTPUT]);
    if quiet {
        command.arg("--quiet");
    }
    // What cargo-lambda prints for people is no result of ours: stdout stays clean.
    command.current_dir(checkout).stdin(std::process::Stdio::null()).stdout(io::stderr());
    // A run whose time is up, or whose credentials are wrong, takes its build with it.
    let status = command.kill_on_drop(true).status().await.map_err(BuildError::Start)?;
    if status.success() {
        Ok(checkout.join(OUTPUT).join("bootstrap/bootstrap"))
    } else {
        Err(BuildError::Failed(status))
    }
}

fn is_checkout(folder: &Path) -> bool {
    let manifest = std::fs::read_to_string(folder.join("function/Cargo.toml"));
    manifest.is_ok_and(|text| text.contains(&format!("name = \"{PACKAGE}\"")))
}
