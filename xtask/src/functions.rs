//! The functions of a release: built once with cargo-lambda, packed by the deployer's own code, and built a second time
//! elsewhere to see that every byte is the same.

use std::path::{Path, PathBuf};
use std::process::Command;

use tanets::package::{Architecture, Package};
use tanets_sandbox::PeerError;

use crate::build::{self, Tree};
use crate::{VERSION, files, tell};

/// Where the package of an architecture is, and the name that the deployer's build script looks for.
pub fn path(folder: &Path, architecture: Architecture) -> PathBuf {
    folder.join(format!("tanets-function-{VERSION}-{architecture}.zip"))
}

/// Builds both into the release's folder.
pub fn make() -> Result<(), PeerError> {
    build(&Tree::here()?, &files::dist_dir())
}

/// Builds both in a copy of this tree in another folder, with a home of cargo of its own, and compares them with those
/// of the release.
pub fn reproduce() -> Result<(), PeerError> {
    let folder = tempfile::tempdir().map_err(|error| PeerError::new("making a folder", error))?;
    let within = |name: &str| folder.path().join(name);
    let there = Tree { root: within("elsewhere"), target: within("out"), cargo_home: within("home") };
    copy(&Tree::here()?.root, &there.root)?;
    let again = within("again");
    build(&there, &again)?;
    for architecture in Architecture::ALL {
        let (here, there) = (path(&files::dist_dir(), architecture), path(&again, architecture));
        let (here, there) = (files::sha256(&files::read(&here)?), files::sha256(&files::read(&there)?));
        tell(&format!("{architecture}: {here} here, {there} elsewhere"));
        if here != there {
            let doing = format!("building the function for {architecture} twice");
            return Err(PeerError::new(doing, "the two builds differ"));
        }
    }
    Ok(())
}

fn build(tree: &Tree, folder: &Path) -> Result<(), PeerError> {
    files::make_dir(folder)?;
    let tools = build::function_tools()?;
    for architecture in Architecture::ALL {
        let (target, flag) = match architecture {
            Architecture::Arm64 => ("aarch64-unknown-linux-gnu", "--arm64"),
            Architecture::X86_64 => ("x86_64-unknown-linux-gnu", "--x86-64"),
        };
        build::prepare(target)?;
        let output = tree.target.join("lambda").join(architecture.as_str());
        let mut command = tree.command(Some(&tools), "cargo-lambda")?;
        command.args(["lambda", "build", "--release", "--locked", "--package", "tanets-function"]);
        command.args(["--bin", "bootstrap", flag, "--lambda-dir"]).arg(&output);
        build::run(&mut command)?;
        let path = path(folder, architecture);
        let doing = format!("packing the function for {architecture}");
        let package = Package::from_path(&output.join("bootstrap/bootstrap"), architecture)
            .map_err(|error| PeerError::new(&doing, error))?;
        if package.version.as_deref() != Some(VERSION) {
            let found = package.version.as_deref().unwrap_or("no version");
            return Err(PeerError::new(doing, format!("it says {found}, and this is {VERSION}")));
        }
        files::write(&path, &package.zip)?;
        tell(&format!(
            "{}: {} bytes, CodeSha256 {}",
            files::name(&path),
            package.zip.len(),
            package.code_sha256
        ));
    }
    Ok(())
}

/// Copies what git knows or would know of.
pub fn copy(from: &Path, to: &Path) -> Result<(), PeerError> {
    let mut git = Command::new("git");
    git.arg("-C").arg(from).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    for name in build::output(&mut git)?.split_terminator('\0') {
        let (source, copy) = (from.join(name), to.join(name));
        // Git still knows what was just removed.
        if source.is_file() {
            files::make_dir(copy.parent().unwrap_or(to))?;
            files::write(&copy, files::read(&source)?)?;
        }
    }
    Ok(())
}
