//! Where the release's files are, and reading, writing and hashing them with words for what goes wrong.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tanets_sandbox::{PeerError, target_dir};

/// Where a release is put together.
pub fn dist_dir() -> PathBuf {
    target_dir().join("dist")
}

/// Makes it, without what an earlier run has left there.
pub fn empty_dist() -> Result<(), PeerError> {
    let folder = dist_dir();
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(PeerError::new(format!("emptying {}", folder.display()), error))
        }
        _ => make_dir(&folder),
    }
}

/// Makes a folder and those that it is in.
pub fn make_dir(folder: &Path) -> Result<(), PeerError> {
    fs::create_dir_all(folder).map_err(|error| PeerError::new(format!("making {}", folder.display()), error))
}

/// A file's bytes.
pub fn read(path: &Path) -> Result<Vec<u8>, PeerError> {
    fs::read(path).map_err(|error| PeerError::new(format!("reading {}", path.display()), error))
}

/// A file's text.
pub fn read_text(path: &Path) -> Result<String, PeerError> {
    fs::read_to_string(path).map_err(|error| PeerError::new(format!("reading {}", path.display()), error))
}

/// Writes a file.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), PeerError> {
    fs::write(path, content).map_err(|error| PeerError::new(format!("writing {}", path.display()), error))
}

/// The paths in a folder, sorted.
pub fn list(folder: &Path) -> Result<Vec<PathBuf>, PeerError> {
    let names = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
    };
    let mut paths =
        names().map_err(|error| PeerError::new(format!("listing {}", folder.display()), error))?;
    paths.sort();
    Ok(paths)
}

/// A path's last part.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// SHA-256 as `sha256sum` writes it.
pub fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}
