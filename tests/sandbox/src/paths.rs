//! Where things are: the workspace, its target folder, and the peers' folder in it. Nothing is written elsewhere.

use std::env;
use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn workspace_root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// Cargo's target folder: `CARGO_TARGET_DIR`, else `target` in the workspace.
pub fn target_dir() -> PathBuf {
    // `join` keeps an absolute path as it is.
    workspace_root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// Where everything that the peers need is installed and run: `peers` in the target folder.
pub fn peers_dir() -> PathBuf {
    target_dir().join("peers")
}
