//! Python environments: one a peer, so that each costs only those who need it. Nothing but Python 3 is asked for.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{env, io};

use crate::error::{Context, PeerError};
use crate::prepared::prepared;
use crate::progress::Progress;

/// A set of pinned packages: the requirements file of its name in `tests/sandbox/python/`.
#[derive(Clone, Copy, Debug)]
pub struct Requirements {
    name: &'static str,
    text: &'static str,
}

macro_rules! requirements {
    ($name:literal) => {
        Requirements { name: $name, text: include_str!(concat!("../python/", $name, ".txt")) }
    };
}

/// MiniStack.
pub const MINISTACK: Requirements = requirements!("ministack");
/// Moto's server, with botocore.
pub const MOTO: Requirements = requirements!("moto");
/// What fetches search servers, and runs OpenSearch.
pub const OPENSEARCH: Requirements = requirements!("opensearch");
/// The Java that runs Elasticsearch 6 and 7.
pub const JAVA_17: Requirements = requirements!("java-17");
/// What builds the function.
pub const FUNCTION: Requirements = requirements!("function");
/// What holds workflows against the published schemas.
pub const PIPELINES: Requirements = requirements!("pipelines");
/// What links the deployer for other machines.
pub const RELEASE: Requirements = requirements!("release");
/// AWS Chalice, which deploys a function with a schedule too.
pub const CHALICE: Requirements = requirements!("chalice");

impl Requirements {
    /// The version of the package that they are named after.
    pub fn version(self) -> &'static str {
        let Self { name, text } = self;
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once("==").map_or("?", |(_, version)| version)
    }
}

/// A virtual environment with its packages installed.
#[derive(Clone, Debug)]
pub struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// The environment of these requirements; made the first time.
    ///
    /// # Errors
    /// Without Python 3, its `venv` module, or (the first time) a package index.
    pub fn of(requirements: Requirements, progress: &Progress<'_>) -> Result<Self, PeerError> {
        let Requirements { name, text } = requirements;
        let packages =
            text.lines().filter(|line| !line.starts_with('#')).map(str::trim).collect::<Vec<_>>().join(", ");
        let (python, version) = system_python()?;
        let folder = prepared(&format!("python-{name}"), &format!("{version}\n{text}"), |folder| {
            progress(&format!("installing {packages}"));
            run(Command::new(python).args(["-m", "venv"]).arg(folder)).map_err(|error| {
                PeerError::new("making a virtual environment", error)
                    .hint("Debian and Ubuntu keep Python's module venv in the package python3-venv")
            })?;
            let file = folder.join("requirements.txt");
            std::fs::write(&file, text).when(|| format!("writing {}", file.display()))?;
            let pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r"];
            run(Command::new(folder.join("bin/python")).args(pip).arg(file)).map_err(|error| {
                PeerError::new(format!("installing {packages}"), error)
                    .hint("the first run downloads from PyPI; pip's own settings (proxy, index) are honoured")
            })
        })?;
        Ok(Self { folder })
    }

    /// The interpreter.
    pub fn python(&self) -> PathBuf {
        self.bin().join("python")
    }

    /// Where its commands are.
    pub fn bin(&self) -> PathBuf {
        self.folder.join("bin")
    }

    /// The environment itself, for `VIRTUAL_ENV`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The search path of commands, with the environment's before all others.
    pub fn path(&self) -> OsString {
        let rest = env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(self.bin()).chain(env::split_paths(&rest));
        // Fails only for a folder with a colon, which a virtual environment refuses before.
        env::join_paths(all).unwrap_or(rest)
    }
}

/// The system's interpreter and a text that changes with it.
fn system_python() -> Result<(&'static OsStr, &'static str), PeerError> {
    static FOUND: OnceLock<Result<(OsString, String), PeerError>> = OnceLock::new();
    let find = || {
        let python = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        let print = "import sys; print(sys.version, sys.base_prefix)";
        let version = output(Command::new(&python).args(["-c", print]));
        let version = version.map_err(|error| {
            error.hint("install Python 3.10 or later, or point the variable PYTHON at one")
        })?;
        Ok((python, version))
    };
    match FOUND.get_or_init(find) {
        Ok((python, version)) => Ok((python, version)),
        Err(error) => Err(error.clone()),
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Result<(), PeerError> {
    output(command).map(drop)
}

/// Runs a command to its end and returns its stdout; a failure shows the end of its output.
pub(crate) fn output(command: &mut Command) -> Result<String, PeerError> {
    let doing = || format!("running {}", command.get_program().display());
    let doing = doing();
    let output = command.stdin(Stdio::null()).output().when(|| doing.clone())?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        return Ok(stdout.into_owned());
    }
    let said = format!("{stdout}{}", String::from_utf8_lossy(&output.stderr));
    Err(PeerError::new(doing, io::Error::other(format!("{}\n{}", output.status, last_lines(&said, 12)))))
}

/// The last lines of a text.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<_> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
