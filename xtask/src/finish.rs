//! What is made of a release's files when all are there: the SBOM, checksums, the Homebrew formula, the release notes.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tanets::package::{Architecture, Package};
use tanets_sandbox::{PeerError, target_dir};

use crate::{VERSION, archive, build, changelog, files, functions, installers, smoke, tell};

/// What writes the SBOM.
const CYCLONEDX: &str = "cargo-cyclonedx@0.5.9";
/// What `sha256sum --check` and the installer read.
pub const CHECKSUMS: &str = "SHA256SUMS";
/// How often the start-up is timed.
const STARTS: usize = 21;

/// Makes them in the release's folder.
pub fn finish() -> Result<(), PeerError> {
    let folder = files::dist_dir();
    sbom(&folder)?;
    let root = tanets_sandbox::workspace_root();
    files::write(&folder.join("install.sh"), files::read(&root.join("install.sh"))?)?;
    let sums = checksums(&folder)?;
    files::write(
        &folder.join(CHECKSUMS),
        sums.iter().map(|(sum, name)| format!("{sum}  {name}\n")).collect::<String>(),
    )?;
    match installers::formula(&sums)? {
        Some(formula) => files::write(&folder.join("tanets.rb"), formula)?,
        None => tell("no Homebrew formula: it wants an archive for each of its four targets"),
    }
    let notes = notes(&folder, &sums)?;
    files::write(&folder.join("release-notes.md"), notes)?;
    tell(&format!("{} is complete", folder.display()));
    Ok(())
}

/// SHA-256 and name of each file that people download.
fn checksums(folder: &Path) -> Result<Vec<(String, String)>, PeerError> {
    let mut sums = Vec::new();
    for path in files::list(folder)? {
        let name = files::name(&path);
        if [".tar.gz", ".zip", ".cdx.json", ".sh"].iter().any(|end| name.ends_with(end)) {
            sums.push((files::sha256(&files::read(&path)?), name));
        }
    }
    Ok(sums)
}

/// The deployer's crates, as CycloneDX. The tool writes beside each manifest of the workspace: it gets a copy of the tree.
fn sbom(folder: &Path) -> Result<(), PeerError> {
    let tools = target_dir().join("tools");
    let (package, version) = CYCLONEDX.split_once('@').unwrap_or((CYCLONEDX, ""));
    let mut install = Command::new("cargo");
    install.args(["install", "--quiet", "--locked", "--version", version, "--root"]).arg(&tools).arg(package);
    // Cargo knows what is installed there.
    build::run(&mut install)?;
    let copy = tempfile::tempdir().map_err(|error| PeerError::new("making a folder", error))?;
    functions::copy(tanets_sandbox::workspace_root(), copy.path())?;
    let program = tools.join("bin/cargo-cyclonedx");
    let mut cyclonedx = Command::new(program);
    cyclonedx.current_dir(copy.path()).args(["cyclonedx", "--manifest-path", "deployer/Cargo.toml"]);
    cyclonedx.args(["--format", "json", "--spec-version", "1.5", "--no-build-deps", "--target", "all"]);
    cyclonedx.args(["--override-filename", "sbom"]);
    build::run(&mut cyclonedx)?;
    for (member, name) in [("deployer", "tanets"), ("function", "tanets-function")] {
        let sbom = files::read_text(&copy.path().join(member).join("sbom.json"))?;
        // Where the copy was is nobody's business.
        let sbom = sbom.replace(&copy.path().display().to_string(), "/tanets");
        files::write(&folder.join(format!("{name}-{VERSION}.cdx.json")), sbom)?;
    }
    Ok(())
}

/// The changelog's section, and the figures of the files.
fn notes(folder: &Path, sums: &[(String, String)]) -> Result<String, PeerError> {
    let changelog = changelog::text()?;
    let section = changelog::section(&changelog, VERSION).ok_or_else(|| {
        PeerError::new("writing the release notes", format!("CHANGELOG.md has no section [{VERSION}]"))
    })?;
    let mut notes = format!("{}\n\n## The function inside\n\n", section.body);
    notes += "`tanets plan` and `tanets --version` show the same CodeSha256, as does Lambda for what is deployed.\n\n";
    notes += "| architecture | bytes | CodeSha256 |\n|---|--:|---|\n";
    for architecture in Architecture::ALL {
        let path = functions::path(folder, architecture);
        let package = Package::from_path(&path, architecture)
            .map_err(|error| PeerError::new(format!("reading {}", path.display()), error))?;
        let _ = writeln!(notes, "| {architecture} | {} | `{}` |", package.zip.len(), package.code_sha256);
    }
    notes += "\n## Files\n\n| file | bytes | SHA-256 |\n|---|--:|---|\n";
    for (sum, name) in sums {
        let _ = writeln!(notes, "| `{name}` | {} | `{sum}` |", files::read(&folder.join(name))?.len());
    }
    for target in build::LINUX.iter().filter(|target| build::runs_here(target)) {
        let path = folder.join(format!("{}.tar.gz", archive::stem(target)));
        if path.exists() {
            let unpacked = smoke::unpack(&path)?;
            let size = files::read(&unpacked.program)?.len();
            let start = start_up(&unpacked.program)?;
            let _ = writeln!(
                notes,
                "\nThe binary of `{target}` has {size} bytes and starts in {:.1} ms (`tanets --version`, median of {STARTS}, \
                 on the machine that made the release).",
                start.as_secs_f64() * 1000.0
            );
        }
    }
    Ok(notes)
}

/// The median time of a start.
fn start_up(program: &PathBuf) -> Result<Duration, PeerError> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let start = Instant::now();
        build::output(Command::new(program).arg("--version"))?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times[times.len() / 2])
}
