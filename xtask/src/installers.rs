//! How people get a release: the Homebrew formula, filled in; and install.sh, tried against a server on this machine.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

use tanets_sandbox::PeerError;

use crate::{VERSION, archive, build, files, finish, tell};

/// The formula's targets, in the order in which their checksums stand in it.
const FORMULA: [&str; 4] = [
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
    "aarch64-unknown-linux-musl",
    "x86_64-unknown-linux-musl",
];

/// The Homebrew formula; none without an archive for each of its targets.
pub fn formula(sums: &[(String, String)]) -> Result<Option<String>, PeerError> {
    let template = files::read_text(&tanets_sandbox::workspace_root().join("packaging/tanets.rb"))?;
    Ok(fill(&template, sums))
}

fn fill(template: &str, sums: &[(String, String)]) -> Option<String> {
    let mut formula = template.replace("@VERSION@", VERSION);
    for target in FORMULA {
        let archive = format!("{}.tar.gz", archive::stem(target));
        let (sum, _) = sums.iter().find(|(_, name)| *name == archive)?;
        formula = formula.replace(&format!("@SHA256 {target}@"), sum);
    }
    Some(formula)
}

/// Serves the release's folder and lets install.sh install from it; then serves it with a byte of the archive changed,
/// and requires that it refuses.
pub fn try_install_sh() -> Result<(), PeerError> {
    let dist = files::dist_dir();
    let folder = tempfile::tempdir().map_err(|error| PeerError::new("making a folder", error))?;
    let (served, installed) = (folder.path().join("served"), folder.path().join("bin"));
    files::make_dir(&served)?;
    for path in files::list(&dist)? {
        if path.is_file() {
            files::write(&served.join(files::name(&path)), files::read(&path)?)?;
        }
    }
    let url = serve(&served)?;
    let install = |version: &str| {
        let mut sh = Command::new("sh");
        sh.arg(dist.join("install.sh"));
        sh.env("TANETS_BASE_URL", &url).env("TANETS_INSTALL_DIR", &installed).env("TANETS_VERSION", version);
        build::output(&mut sh)
    };
    let said = install(VERSION)?;
    let told = build::output(Command::new(installed.join("tanets")).arg("-V"))?;
    if told.trim() != format!("tanets {VERSION}") {
        return Err(PeerError::new("trying install.sh", format!("it installed `{}`", told.trim())));
    }
    tell(&format!("install.sh: {}", said.trim()));
    let refused = |what: &str, said: &str, tried: Result<String, PeerError>| {
        let explained =
            tried.map_or_else(|error| error.explain(), |_| "it installed all the same".to_owned());
        match explained.contains(said) {
            true => {
                tell(&format!("install.sh refuses {what}"));
                Ok(())
            }
            false => Err(PeerError::new(format!("trying install.sh with {what}"), explained)),
        }
    };
    let before = files::read(&installed.join("tanets"))?;
    for path in files::list(&served)?.iter().filter(|path| files::name(path).ends_with(".tar.gz")) {
        let mut bytes = files::read(path)?;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        files::write(path, bytes)?;
    }
    refused("a changed archive", "checksum", install(VERSION))?;
    files::write(&served.join(finish::CHECKSUMS), "")?;
    refused("an archive without a checksum", "SHA256SUMS", install(VERSION))?;
    refused("a version that isn't there", "cannot download", install("0.0.0"))?;
    if files::read(&installed.join("tanets"))? != before {
        return Err(PeerError::new("trying install.sh", "a refused installation left something behind"));
    }
    Ok(())
}

/// Serves a folder's files as a release's downloads are addressed: `/vVERSION/NAME`. Gives the address; ends with the
/// process.
fn serve(folder: &Path) -> Result<String, PeerError> {
    let failed = |error: io::Error| PeerError::new("serving the release", error);
    let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let folder = folder.to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that goes away has seen enough.
            let _ = answer(stream, &folder);
        }
    });
    Ok(format!("http://{address}"))
}

fn answer(mut stream: TcpStream, folder: &Path) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let name = path.strip_prefix(&format!("/v{VERSION}/")).filter(|name| !name.contains('/'));
    let file = name.and_then(|name| File::open(folder.join(name)).ok());
    match file {
        Some(mut file) => {
            let length = file.metadata()?.len();
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
            io::copy(&mut file, &mut stream).map(drop)
        }
        None => stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_names_each_archive_with_its_checksum() {
        let template =
            files::read_text(&tanets_sandbox::workspace_root().join("packaging/tanets.rb")).unwrap();
        let sum = |target: &&str| (format!("sum-of-{target}"), format!("tanets-{VERSION}-{target}.tar.gz"));
        let sums = Vec::from_iter(FORMULA.iter().map(sum));
        let formula = fill(&template, &sums).unwrap();
        for target in FORMULA {
            let url = format!("/v{VERSION}/tanets-{VERSION}-{target}.tar.gz\"\n");
            let (_, rest) = formula.split_once(&url).unwrap_or_else(|| panic!("{url} in {formula}"));
            assert!(
                rest.trim_start().starts_with(&format!("sha256 \"sum-of-{target}\"")),
                "{target}: {rest}"
            );
        }
        assert!(!formula.contains('@'), "{formula}");
        assert_eq!(fill(&template, &sums[1..]), None);
    }

    #[test]
    fn binstall_finds_the_binary_where_the_archive_has_it() {
        let manifest =
            files::read_text(&tanets_sandbox::workspace_root().join("deployer/Cargo.toml")).unwrap();
        let target = "x86_64-unknown-linux-musl";
        let filled = manifest
            .replace("{ repo }", env!("CARGO_PKG_REPOSITORY"))
            .replace("{ version }", VERSION)
            .replace("{ target }", target)
            .replace("{ bin }{ binary-ext }", "tanets");
        let stem = archive::stem(target);
        let (repository, version) = (env!("CARGO_PKG_REPOSITORY"), VERSION);
        let url = format!("pkg-url = \"{repository}/releases/download/v{version}/{stem}.tar.gz\"");
        for line in [url, format!("bin-dir = \"{stem}/tanets\"")] {
            assert!(filled.contains(&line), "{line} in {filled}");
        }
    }

    #[test]
    fn every_way_to_install_looks_in_the_same_place_for_this_version() {
        let read = |path: &str| files::read_text(&tanets_sandbox::workspace_root().join(path)).unwrap();
        let downloads = concat!(env!("CARGO_PKG_REPOSITORY"), "/releases/download");
        for path in ["install.sh", "packaging/tanets.rb"] {
            assert!(read(path).contains(downloads), "{downloads} in {path}");
        }
        assert!(read("install.sh").contains(&format!("${{TANETS_VERSION:-{VERSION}}}")));
        assert!(read("packaging/Containerfile").contains(&format!("ARG VERSION={VERSION}\n")));
    }
}
