//! Folders that are made once and used for ever: under a lock, and marked when complete, so that two processes at once
//! and a kill half-way are harmless. A folder's name holds a hash of what it was made from.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Context, PeerError};
use crate::paths::peers_dir;

/// Written last into a complete folder.
const MARKER: &str = ".complete";
/// Downloads fail now and then.
const TRIES: usize = 3;

/// The folder `NAME-HASH` of the peers' folder, made by `make` unless it is there. `made_from` is everything that
/// decides what is in it.
pub(crate) fn prepared(
    name: &str,
    made_from: &str,
    make: impl Fn(&Path) -> Result<(), PeerError>,
) -> Result<PathBuf, PeerError> {
    prepared_in(&peers_dir(), name, made_from, make)
}

fn prepared_in(
    parent: &Path,
    name: &str,
    made_from: &str,
    make: impl Fn(&Path) -> Result<(), PeerError>,
) -> Result<PathBuf, PeerError> {
    let folder = parent.join(format!("{name}-{:016x}", fnv1a(made_from)));
    let marker = folder.join(MARKER);
    if marker.exists() {
        return Ok(folder);
    }
    fs::create_dir_all(parent).when(|| format!("creating {}", parent.display()))?;
    let _lock = locked(&parent.join(format!("{name}.lock")))?;
    let mut tries = TRIES;
    while !marker.exists() {
        // In place, not in a temporary folder: a virtual environment holds its own path.
        let made =
            emptied(&folder).when(|| format!("emptying {}", folder.display())).and_then(|()| make(&folder));
        tries -= 1;
        match made {
            Ok(()) => fs::write(&marker, made_from).when(|| format!("writing {}", marker.display()))?,
            Err(error) if tries == 0 => return Err(error),
            Err(_) => {}
        }
    }
    Ok(folder)
}

/// Waits for the lock of a file; closing the file frees it, as does the end of the process.
pub(crate) fn locked(path: &Path) -> Result<File, PeerError> {
    let open = || -> io::Result<File> {
        let file = File::create(path)?;
        file.lock()?;
        Ok(file)
    };
    open().when(|| format!("locking {}", path.display()))
}

fn emptied(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => fs::create_dir_all(folder),
    }
}

/// The FNV-1a hash: unlike the standard library's, the same for every compiler.
fn fnv1a(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn a_folder_is_made_once_by_many_and_again_when_its_inputs_change() {
        let parent = tempfile::tempdir().unwrap();
        let made = AtomicUsize::new(0);
        let make = |folder: &Path| {
            made.fetch_add(1, Ordering::SeqCst);
            fs::write(folder.join("file"), "content").when(|| "writing".into())
        };
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let folder = prepared_in(parent.path(), "x", "a==1", make).unwrap();
                    assert_eq!(fs::read_to_string(folder.join("file")).unwrap(), "content");
                });
            }
        });
        assert_eq!(made.load(Ordering::SeqCst), 1);
        let other = prepared_in(parent.path(), "x", "a==2", make).unwrap();
        assert_ne!(other, prepared_in(parent.path(), "x", "a==1", make).unwrap());
        assert_eq!(made.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn what_a_kill_left_behind_is_thrown_away_and_a_failure_tried_three_times() {
        let parent = tempfile::tempdir().unwrap();
        let tries = AtomicUsize::new(0);
        let make = |folder: &Path| {
            assert_eq!(fs::read_dir(folder).unwrap().count(), 0, "the folder must be empty");
            fs::write(folder.join("half"), "").when(|| "writing".into())?;
            match tries.fetch_add(1, Ordering::SeqCst) {
                0..4 => Err(PeerError::new("downloading", "no network")),
                _ => Ok(()),
            }
        };
        assert_eq!(
            prepared_in(parent.path(), "x", "", make).unwrap_err().explain(),
            "downloading: no network"
        );
        assert_eq!(tries.load(Ordering::SeqCst), 3);
        prepared_in(parent.path(), "x", "", make).unwrap();
        assert_eq!(tries.load(Ordering::SeqCst), 5);
    }
}
