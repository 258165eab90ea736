//! A peer's process: started through a keeper that ends it when this process ends, for whatever reason, and removes
//! its scratch folder. What it says goes to a log file.

use std::ffi::OsString;
use std::fs::{self, File};
#[cfg(unix)]
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{io, thread};

use crate::error::{Context, PeerError};
use crate::paths::{peers_dir, workspace_root};
use crate::python::{Environment, last_lines};

/// Logs that nobody looked at for so long are removed.
const LOG_AGE: Duration = Duration::from_secs(24 * 60 * 60);
/// Between two looks at a starting peer.
const GLANCE: Duration = Duration::from_millis(50);

/// A running peer.
#[derive(Debug)]
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

/// What to start.
pub(crate) struct Launch {
    pub(crate) name: &'static str,
    pub(crate) command: Vec<OsString>,
    /// The whole environment beside PATH, HOME and TMPDIR: a peer sees nothing of the host's, and neither do the
    /// functions that it runs.
    pub(crate) env: Vec<(&'static str, OsString)>,
    /// Where the peer may write: made by [`scratch`].
    pub(crate) scratch: PathBuf,
}

/// A new folder for a peer's state.
pub(crate) fn scratch(name: &str) -> Result<PathBuf, PeerError> {
    let folder = peers_dir().join("run").join(unique(name));
    fs::create_dir_all(&folder).when(|| format!("creating {}", folder.display()))?;
    Ok(folder)
}

/// A name that no other process and no other call has.
fn unique(name: &str) -> String {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    format!("{name}-{}-{}", std::process::id(), CALLS.fetch_add(1, Ordering::Relaxed))
}

impl Process {
    /// Starts a peer.
    pub(crate) fn start(keeper: &Environment, launch: Launch) -> Result<Self, PeerError> {
        let Launch { name, command, env, scratch } = launch;
        let log = log_file(name)?;
        let inherited = ["PATH", "HOME"].into_iter().filter_map(|key| Some((key, std::env::var_os(key)?)));
        let file = File::create(&log).when(|| format!("creating {}", log.display()))?;
        let errors = file.try_clone().when(|| format!("opening {}", log.display()))?;
        let mut keeper = Command::new(keeper.python());
        keeper
            .arg("-B")
            .arg(workspace_root().join("tests/sandbox/python/keeper.py"))
            .arg(&scratch)
            .args(command)
            .env_clear()
            .envs(inherited)
            .env("TMPDIR", &scratch)
            .envs(env)
            .current_dir(&scratch)
            .stdin(Stdio::piped())
            .stdout(file)
            .stderr(errors);
        // A terminal's Ctrl-C is for us; we decide when the peer ends.
        #[cfg(unix)]
        keeper.process_group(0);
        let child = keeper.spawn().when(|| format!("starting {name}"))?;
        Ok(Self { name, child, log })
    }

    /// Looks with `probe`, which gets the log so far, until it finds something.
    ///
    /// # Errors
    /// If the peer ends, or after `patience`; with the last lines of its log.
    pub(crate) fn wait<T>(
        &mut self,
        patience: Duration,
        mut probe: impl FnMut(&str) -> Option<T>,
    ) -> Result<T, PeerError> {
        let start = Instant::now();
        loop {
            let ended = self.child.try_wait().ok().flatten();
            if let Some(found) = probe(&self.log()) {
                return Ok(found);
            }
            let why = match ended {
                Some(status) => format!("it ended with {status}"),
                None if start.elapsed() > patience => format!("not ready after {} s", patience.as_secs()),
                None => {
                    thread::sleep(GLANCE);
                    continue;
                }
            };
            let log = last_lines(&self.log(), 12);
            let why = format!("{why}; the end of {}:\n{log}", self.log.display());
            return Err(PeerError::new(format!("starting {}", self.name), io::Error::other(why)));
        }
    }

    /// What the peer has said so far.
    pub(crate) fn log(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Where that is written.
    pub(crate) fn log_path(&self) -> &Path {
        &self.log
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // The keeper insists after five seconds; nothing is left to do if waiting fails.
        let _ = self.child.wait();
    }
}

/// A file for the peer's log, after old ones are gone.
fn log_file(name: &str) -> Result<PathBuf, PeerError> {
    let folder = peers_dir().join("log");
    fs::create_dir_all(&folder).when(|| format!("creating {}", folder.display()))?;
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|data| data.modified()).ok().and_then(|time| time.elapsed().ok());
        if age.is_some_and(|age| age > LOG_AGE) {
            // Another process may have been faster.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(folder.join(format!("{}.log", unique(name))))
}
