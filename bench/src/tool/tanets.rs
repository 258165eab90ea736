//! tanets itself, as it is released.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use tanets_sandbox::PeerError;

use super::{Desired, Phase, Tool, revised, words, write};

const CONFIG: &str = include_str!("../../tools/tanets.toml");

pub struct Tanets {
    binary: PathBuf,
    version: String,
    bootstrap: Vec<u8>,
}

impl Tanets {
    /// The tool of a binary, and the function that it deploys.
    pub fn new(binary: PathBuf, bootstrap: Vec<u8>) -> Result<Self, PeerError> {
        let failed = |error| PeerError::new(format!("running {} --version", binary.display()), error);
        // A relative path would be looked for in the folder of each deployment.
        let binary = fs::canonicalize(&binary).map_err(failed)?;
        let output = Command::new(&binary).arg("--version").output().map_err(failed)?;
        if !output.status.success() {
            return Err(failed(io::Error::other(output.status.to_string())));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let version = said.split_whitespace().nth(1).unwrap_or_default().to_owned();
        Ok(Self { binary, version, bootstrap })
    }
}

impl Tool for Tanets {
    fn name(&self) -> &'static str {
        "tanets"
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn differs(&self) -> Option<&'static str> {
        None
    }

    fn write(&self, folder: &Path, Desired { revision, memory }: Desired) -> Result<(), PeerError> {
        let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
        let config = CONFIG.replace("ARCHITECTURE", architecture).replace("MEMORY", &memory.to_string());
        write(&folder.join("tanets.toml"), config)?;
        let bootstrap = folder.join("bootstrap");
        write(&bootstrap, revised(&self.bootstrap, revision))?;
        fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o755))
            .map_err(|error| PeerError::new("making bootstrap executable", error))
    }

    fn command(&self, phase: Phase) -> Option<Vec<OsString>> {
        let arguments: &[&str] = match phase {
            Phase::Start => &["--help"],
            Phase::Init => return None,
            Phase::Destroy => &["destroy", "--yes"],
            // The others check nothing afterwards.
            _ => &["deploy", "--yes", "--no-check"],
        };
        Some(words(&self.binary, arguments))
    }
}
