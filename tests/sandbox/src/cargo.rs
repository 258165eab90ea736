//! Cargo as a child: builds the function as Lambda takes it, and the deployer.

use std::collections::VecDeque;
use std::env;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::error::{Context, PeerError};
use crate::paths::{peers_dir, target_dir, workspace_root};
use crate::prepared::locked;
use crate::progress::{Progress, to_stderr};
use crate::python::{Environment, FUNCTION};

/// Lines of a failed build that its error shows.
const TAIL: usize = 30;

/// The function's `bootstrap` for this machine's architecture: built once a process, and by cargo only if something
/// changed.
///
/// # Errors
/// If it cannot be built: the same error for all.
pub fn function_package() -> Result<PathBuf, PeerError> {
    static BUILT: OnceLock<Result<PathBuf, PeerError>> = OnceLock::new();
    BUILT.get_or_init(|| build_function(&to_stderr)).clone()
}

/// Builds the function with cargo-lambda and zig and returns its `bootstrap`.
///
/// # Errors
/// If the tools cannot be set up or the build fails.
pub fn build_function(progress: &Progress<'_>) -> Result<PathBuf, PeerError> {
    let environment = Environment::of(FUNCTION, progress)?;
    std::fs::create_dir_all(peers_dir()).when(|| format!("creating {}", peers_dir().display()))?;
    // cargo-lambda copies the binary when cargo no longer holds its own lock.
    let _lock = locked(&peers_dir().join("function.lock"))?;
    let mut build = cargo(&environment.bin().join("cargo-lambda"));
    build
        .args(["lambda", "build", "--release", "--package", "tanets-function", "--bin", "bootstrap"])
        // Where cargo-lambda looks for zig.
        .env("PATH", environment.path())
        .env("VIRTUAL_ENV", environment.folder());
    stream(build, progress).map_err(|error| PeerError::new("building the function", error))?;
    let bootstrap = target_dir().join("lambda/bootstrap/bootstrap");
    bootstrap.metadata().when(|| format!("looking for {}", bootstrap.display()))?;
    Ok(bootstrap)
}

/// Builds the deployer and returns its binary `tanets`.
///
/// # Errors
/// If the build fails.
pub fn build_deployer(progress: &Progress<'_>) -> Result<PathBuf, PeerError> {
    let mut build = cargo(Path::new("cargo"));
    build.args(["build", "--package", "tanets", "--bin", "tanets"]);
    stream(build, progress).map_err(|error| PeerError::new("building tanets", error))?;
    Ok(target_dir().join("debug/tanets"))
}

/// Builds the deployer as it is released, which takes minutes the first time, and returns its binary `tanets`.
///
/// # Errors
/// If the build fails.
pub fn build_released_deployer(progress: &Progress<'_>) -> Result<PathBuf, PeerError> {
    let mut build = cargo(Path::new("cargo"));
    build.args(["build", "--release", "--package", "tanets", "--bin", "tanets"]);
    stream(build, progress).map_err(|error| PeerError::new("building tanets for release", error))?;
    Ok(target_dir().join("release/tanets"))
}

/// A build command that sees the same environment from a shell, from `cargo run` and from `cargo test`: what cargo
/// adds for those would make build scripts run again.
fn cargo(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace_root()).env("CARGO_TARGET_DIR", target_dir());
    for (key, _) in env::vars_os() {
        let added = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
        if added.iter().any(|prefix| key.to_string_lossy().starts_with(prefix)) {
            command.env_remove(key);
        }
    }
    command
}

/// Runs a build and passes on what it says on stderr, line by line.
fn stream(mut command: Command, progress: &Progress<'_>) -> Result<(), PeerError> {
    let doing = format!("running {}", command.get_program().display());
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .when(|| doing.clone())?;
    let mut tail = VecDeque::new();
    for line in child.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).lines()) {
        let line = line.when(|| doing.clone())?;
        progress(line.trim());
        tail.push_back(line);
        if tail.len() > TAIL {
            tail.pop_front();
        }
    }
    let status = child.wait().when(|| doing.clone())?;
    if status.success() {
        return Ok(());
    }
    let said = Vec::from(tail).join("\n");
    Err(PeerError::new(doing, io::Error::other(format!("{status}\n{said}"))))
}
