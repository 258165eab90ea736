//! The archive of one target: the binary with the functions inside, and what people expect beside it. The same contents
//! give the same bytes.

use std::io;
use std::path::{Path, PathBuf};

use clap_complete::Shell;
use flate2::{Compression, GzBuilder};
use tanets::manual;
use tanets_sandbox::PeerError;

use crate::build::{self, Tree};
use crate::{VERSION, files, licences, tell};

/// A file in the archive: its path there, its bytes, and whether it is a program.
type Entry = (String, Vec<u8>, bool);

/// The archive's name without `.tar.gz`: the folder that it holds.
pub fn stem(target: &str) -> String {
    format!("tanets-{VERSION}-{target}")
}

/// Builds a target's binary and makes its archive in the release's folder; gives its path.
pub fn make(target: &str) -> Result<PathBuf, PeerError> {
    build::prepare(target)?;
    let tree = Tree::here()?;
    let binary = files::read(&compile(&tree, target)?)?;
    let program = if target.contains("windows") { "tanets.exe" } else { "tanets" };
    let mut entries = vec![(program.to_owned(), binary, true)];
    for name in ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"] {
        entries.push((name.to_owned(), files::read(&tree.root.join(name))?, false));
    }
    entries.push((
        "THIRD-PARTY-LICENSES.txt".to_owned(),
        licences::text(&tree.root, target)?.into_bytes(),
        false,
    ));
    for (shell, name) in [
        (Shell::Bash, "tanets.bash"),
        (Shell::Elvish, "tanets.elv"),
        (Shell::Fish, "tanets.fish"),
        (Shell::PowerShell, "_tanets.ps1"),
        (Shell::Zsh, "_tanets"),
    ] {
        entries.push((format!("completions/{name}"), manual::completions(shell), false));
    }
    let pages = manual::man_pages().map_err(|error| PeerError::new("writing the man pages", error))?;
    entries.extend(pages.into_iter().map(|(name, page)| (format!("man/man1/{name}"), page, false)));
    let path = files::dist_dir().join(format!("{}.tar.gz", stem(target)));
    let packed =
        pack(&stem(target), entries).map_err(|error| PeerError::new("packing the archive", error))?;
    files::write(&path, &packed)?;
    tell(&format!("{}: {} bytes", files::name(&path), packed.len()));
    Ok(path)
}

/// The binary of a target: for Linux linked by zig, elsewhere by what the machine has.
fn compile(tree: &Tree, target: &str) -> Result<PathBuf, PeerError> {
    let mut command = if target.contains("linux") {
        let mut command = tree.command(Some(&build::release_tools()?), "cargo-zigbuild")?;
        command.arg("zigbuild");
        command
    } else {
        let mut command = tree.command(None, "cargo")?;
        command.arg("build");
        command
    };
    command
        .args(["--release", "--locked", "--package", "tanets", "--bin", "tanets", "--target", target])
        .env("TANETS_COMMIT", build::commit(&tree.root)?)
        .env("TANETS_EMBED", files::dist_dir());
    build::run(&mut command)?;
    let name = if target.contains("windows") { "tanets.exe" } else { "tanets" };
    Ok(tree.target.join(target).join("release").join(name))
}

fn pack(folder: &str, mut entries: Vec<Entry>) -> io::Result<Vec<u8>> {
    entries.sort();
    // No name, no time, no operating system in gzip's header.
    let gzip = GzBuilder::new().operating_system(255).write(Vec::new(), Compression::best());
    let mut tar = tar::Builder::new(gzip);
    for (name, content, program) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(if program { 0o755 } else { 0o644 });
        tar.append_data(&mut header, Path::new(folder).join(name), content.as_slice())?;
    }
    tar.into_inner()?.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn the_same_contents_in_any_order_give_the_same_archive_with_a_program_that_runs() {
        let file = |name: &str, program| (name.to_owned(), name.as_bytes().to_vec(), program);
        let packed = pack("tanets-1", vec![file("tanets", true), file("man/man1/tanets.1", false)]).unwrap();
        assert_eq!(
            packed,
            pack("tanets-1", vec![file("man/man1/tanets.1", false), file("tanets", true)]).unwrap()
        );
        let mut archive = tar::Archive::new(GzDecoder::new(packed.as_slice()));
        let found = archive.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let mut content = String::new();
            entry.read_to_string(&mut content).unwrap();
            let path = entry.path().unwrap().display().to_string();
            (path, entry.header().mode().unwrap(), entry.header().mtime().unwrap(), content)
        });
        assert_eq!(
            Vec::from_iter(found),
            [
                ("tanets-1/man/man1/tanets.1".to_owned(), 0o644, 0, "man/man1/tanets.1".to_owned()),
                ("tanets-1/tanets".to_owned(), 0o755, 0, "tanets".to_owned()),
            ]
        );
    }
}
