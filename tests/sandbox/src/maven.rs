//! What comes from Maven Central: fetched once, by jgo, into a folder that is kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, PeerError};
use crate::java;
use crate::paths::workspace_root;
use crate::prepared::prepared;
use crate::progress::Progress;
use crate::python::{Environment, OPENSEARCH, run};

const HINT: &str = "the first run downloads from Maven Central";

/// The folder of all jars that an artifact needs. `name` is the folder's, `artifact` is `GROUP:ARTIFACT:VERSION`.
pub(crate) fn jars(name: &str, artifact: &str, progress: &Progress<'_>) -> Result<PathBuf, PeerError> {
    let environment = Environment::of(OPENSEARCH, progress)?;
    prepared(name, artifact, |folder| {
        progress(&format!("downloading {artifact} from Maven Central"));
        let cache = folder.join("cache");
        let options =
            ["-m", "jgo", "--resolver", "python", "--class-path-only", "--links", "copy", "--timeout", "60"];
        run(Command::new(environment.python())
            .args(options)
            .arg("--cache-dir")
            .arg(&cache)
            .arg("--repo-cache")
            .arg(cache.join("m2"))
            .args(["info", "classpath", artifact])
            .env("JAVA_HOME", java::home_in(&environment)?))
        .map_err(|error| PeerError::new(format!("downloading {artifact}"), error).hint(HINT))?;
        flatten(&cache.join("envs"), folder).when(|| format!("collecting the jars of {artifact}"))?;
        fs::remove_dir_all(&cache).when(|| format!("removing {}", cache.display()))
    })
}

/// The folder that a zip was unpacked into, and `finish` then worked on; `made_with` is everything that this adds.
pub(crate) fn distribution(
    group: &str,
    artifact: &str,
    version: &str,
    made_with: &str,
    finish: impl Fn(&Path) -> Result<(), PeerError>,
    progress: &Progress<'_>,
) -> Result<PathBuf, PeerError> {
    let environment = Environment::of(OPENSEARCH, progress)?;
    let coordinates = format!("{group}:{artifact}:{version}");
    prepared(&format!("{artifact}-{version}"), &format!("{coordinates}{made_with}"), |folder| {
        progress(&format!("downloading {coordinates} from Maven Central"));
        run(Command::new(environment.python())
            .arg("-B")
            .arg(workspace_root().join("tests/sandbox/python/distribution.py"))
            .args([group, artifact, version])
            .arg(folder))
        .map_err(|error| PeerError::new(format!("downloading {coordinates}"), error).hint(HINT))?;
        let cache = folder.join("m2");
        fs::remove_dir_all(&cache).when(|| format!("removing {}", cache.display()))?;
        finish(folder)
    })
}

/// Moves all jars below `from` into `to`.
fn flatten(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        match path.file_name() {
            _ if path.is_dir() => flatten(&path, to)?,
            Some(name) if path.extension().is_some_and(|extension| extension == "jar") => {
                fs::rename(&path, to.join(name))?;
            }
            _ => {}
        }
    }
    Ok(())
}
