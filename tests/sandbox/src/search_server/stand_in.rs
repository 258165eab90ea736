//! The plugin without which Elasticsearch's distribution for integration tests keeps no API keys: compiled against each
//! version's own jars by Eclipse's compiler, which needs no JDK.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

use crate::error::{Context, PeerError};
use crate::maven;
use crate::paths::workspace_root;
use crate::progress::Progress;
use crate::python::{Environment, OPENSEARCH, run};

/// What it is made from.
pub(super) const SOURCE: &str = include_str!("../../java/StandIn.java");

const SOURCE_FILE: &str = "tests/sandbox/java/StandIn.java";
const COMPILER: &str = "3.46.0";

/// Compiles it into a distribution.
pub(super) fn install(
    version: &str,
    home: &Path,
    java: &Path,
    progress: &Progress<'_>,
) -> Result<(), PeerError> {
    let environment = Environment::of(OPENSEARCH, progress)?;
    let artifact = format!("org.eclipse.jdt:ecj:{COMPILER}");
    let compiler = maven::jars(&format!("ecj-{COMPILER}"), &artifact, progress)?;
    progress("compiling a plugin");
    let plugin = home.join("plugins/stand-in");
    run(Command::new(java.join("bin/java"))
        .args(["-cp".into(), compiler.join("*")])
        .arg("org.eclipse.jdt.internal.compiler.batch.Main")
        .args(["-source", "11", "-target", "11", "-cp"])
        .arg(jars(&home.join("lib")).when(|| "looking for Elasticsearch's jars".into())?)
        .args(["-d".into(), plugin.clone(), workspace_root().join(SOURCE_FILE)]))?;
    run(Command::new(environment.python()).current_dir(&plugin).args([
        "-m",
        "zipfile",
        "-c",
        "stand-in.jar",
        "tanets",
    ]))?;
    let descriptor = format!(
        "name=stand-in\ndescription=a stand-in\nversion=1\nclassname=tanets.StandIn\njava.version=11\n\
         elasticsearch.version={version}\n"
    );
    fs::write(plugin.join("plugin-descriptor.properties"), descriptor)
        .and_then(|()| fs::remove_dir_all(plugin.join("tanets")))
        .when(|| "describing the plugin".into())
}

/// A class path of all jars in a folder. Eclipse's compiler takes no wildcard.
fn jars(folder: &Path) -> io::Result<OsString> {
    let mut path = OsString::new();
    for entry in fs::read_dir(folder)? {
        path.push(entry?.path());
        path.push(":");
    }
    Ok(path)
}
