//! What is uploaded to Lambda: a zip that depends on nothing but its contents, so that an unchanged function
//! has an unchanged `CodeSha256` and is not uploaded again.
//!
//! It takes what a released tanets carries, or reads one file and checks that it can run on `provided.al2023`. It
//! builds nothing and calls nobody.

mod elf;
mod embedded;
mod error;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use tanets_function::version::version_in;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

pub use embedded::LONG_VERSION;
pub use error::PackageError;

/// The executable that `provided.al2023` starts, at the root of the zip.
pub const BOOTSTRAP: &str = "bootstrap";
/// Bytes of a zip that Lambda takes directly (Lambda quotas: 50 MB).
pub const MAX_ZIPPED: u64 = 52_428_800;
/// Bytes of a zip's contents (Lambda quotas: 250 MB).
pub const MAX_UNZIPPED: u64 = 262_144_000;
/// The glibc of `provided.al2023`, as 2.MINOR.
const GLIBC_MINOR: u32 = 34;

/// The machine that a function runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Architecture {
    /// AWS Graviton.
    #[default]
    Arm64,
    /// Intel and AMD.
    X86_64,
}

impl Architecture {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Arm64, Self::X86_64];

    /// The name, as Lambda and tanets.toml spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }

    /// The command that builds a function for it.
    pub fn build_command(self) -> &'static str {
        match self {
            Self::Arm64 => "cargo lambda build --release --arm64",
            Self::X86_64 => "cargo lambda build --release --x86-64",
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a package comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The file that `function.package` names.
    File(PathBuf),
    /// This very tanets.
    Embedded,
    /// A checkout, where cargo-lambda has just built this file.
    Checkout(PathBuf),
}

impl Source {
    /// Its name in the output for programs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Embedded => "embedded",
            Self::Checkout(_) => "checkout",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Embedded => f.write_str("inside this tanets"),
            Self::Checkout(path) => write!(f, "built as {}", path.display()),
        }
    }
}

/// A zip that is ready to upload.
#[derive(Clone, PartialEq, Eq)]
pub struct Package {
    /// The zip's bytes: the same for the same contents.
    pub zip: Vec<u8>,
    /// Base64 of the zip's SHA-256, as Lambda's `CodeSha256`.
    pub code_sha256: String,
    /// What `bootstrap` runs on.
    pub architecture: Architecture,
    /// Where it comes from.
    pub source: Source,
    /// The function's version; none if `bootstrap` isn't one of ours.
    pub version: Option<String>,
}

impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { zip, code_sha256, architecture, source, version } = self;
        f.debug_struct("Package")
            .field("zip", &format_args!("{} bytes", zip.len()))
            .field("code_sha256", code_sha256)
            .field("architecture", architecture)
            .field("source", source)
            .field("version", version)
            .finish()
    }
}

impl Package {
    /// The function that this tanets carries; none in one that isn't a release.
    pub fn embedded(wanted: Architecture) -> Option<Self> {
        let function = embedded::ALL.iter().find(|function| function.architecture == wanted)?;
        Some(Self {
            zip: function.zip.to_vec(),
            code_sha256: function.code_sha256.to_owned(),
            architecture: wanted,
            source: Source::Embedded,
            // The release builds both from the same commit.
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        })
    }

    /// Makes a package of a `bootstrap` executable, or of a zip that has one at its root.
    ///
    /// The zip is written anew: sorted, dated 1980-01-01, `bootstrap` with mode 0755 and the rest with 0644,
    /// so that the same contents give the same bytes.
    ///
    /// # Errors
    /// When the file is missing or unreadable, or Lambda would refuse it or could not run it.
    pub fn from_path(path: &Path, wanted: Architecture) -> Result<Self, PackageError> {
        Self::within(path, wanted, MAX_ZIPPED, MAX_UNZIPPED)
    }

    fn within(
        path: &Path,
        wanted: Architecture,
        max_zipped: u64,
        max_unzipped: u64,
    ) -> Result<Self, PackageError> {
        let mut content = Vec::new();
        File::open(path).and_then(|file| file.take(max_unzipped + 1).read_to_end(&mut content)).map_err(
            |source| match source.kind() {
                io::ErrorKind::NotFound => PackageError::Missing { path: path.into(), wanted },
                _ => PackageError::Read { path: path.into(), source },
            },
        )?;
        let entries = if content.starts_with(b"PK") {
            unzip(path, content, max_unzipped)?
        } else {
            BTreeMap::from([(BOOTSTRAP.to_owned(), content)])
        };
        let limit = |what, size: u64, limit| {
            let path = path.into();
            if size > limit { Err(PackageError::TooLarge { path, what, size, limit }) } else { Ok(()) }
        };
        limit("unzipped", entries.values().map(|content| content.len() as u64).sum(), max_unzipped)?;
        let Some(bootstrap) = entries.get(BOOTSTRAP) else {
            let elsewhere = entries.keys().find(|name| name.ends_with("/bootstrap")).cloned();
            return Err(PackageError::NoBootstrap { path: path.into(), elsewhere });
        };
        check(path, bootstrap, wanted)?;
        let version = version_in(bootstrap).map(str::to_owned);
        let zip = zip(&entries).map_err(|source| PackageError::Zip { path: path.into(), source })?;
        limit("zipped", zip.len() as u64, max_zipped)?;
        let code_sha256 = STANDARD.encode(Sha256::digest(&zip));
        Ok(Self { zip, code_sha256, architecture: wanted, source: Source::File(path.into()), version })
    }
}

/// The files of a zip by name; reading stops one byte after `max_unzipped`.
fn unzip(
    path: &Path,
    content: Vec<u8>,
    max_unzipped: u64,
) -> Result<BTreeMap<String, Vec<u8>>, PackageError> {
    let failed = |source| PackageError::Unzip { path: path.into(), source };
    let mut archive = ZipArchive::new(Cursor::new(content)).map_err(failed)?;
    let mut entries = BTreeMap::new();
    let mut room = max_unzipped + 1;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(failed)?;
        let refused = |entry: &str, problem| {
            Err(PackageError::Entry { path: path.into(), entry: entry.to_owned(), problem })
        };
        let name = file.name().map_err(failed)?.into_owned();
        if file.is_dir() {
            continue;
        }
        if file.is_symlink() {
            return refused(&name, "a symbolic link");
        }
        if file.enclosed_name().is_none_or(|inside| inside.to_str() != Some(name.as_str())) {
            return refused(&name, "not a plain path inside it");
        }
        let mut bytes = Vec::new();
        file.by_ref().take(room).read_to_end(&mut bytes).map_err(|source| failed(source.into()))?;
        room -= bytes.len() as u64;
        if entries.insert(name.clone(), bytes).is_some() {
            return refused(&name, "there twice");
        }
    }
    Ok(entries)
}

/// Whether Lambda could start this executable.
fn check(path: &Path, bootstrap: &[u8], wanted: Architecture) -> Result<(), PackageError> {
    let path = || path.to_owned();
    let Some(program) = elf::Elf::parse(bootstrap) else {
        return Err(PackageError::NotElf { path: path(), found: elf::looks_like(bootstrap), wanted });
    };
    let found = program.machine();
    if found != wanted.as_str() {
        return Err(PackageError::Machine { path: path(), found, wanted });
    }
    match program.glibc_minor() {
        Some(minor) if minor > GLIBC_MINOR => Err(PackageError::Glibc { path: path(), minor, wanted }),
        _ => Ok(()),
    }
}

fn zip(entries: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, ZipError> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        // Everything that could differ between machines or days is fixed here.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(6))
            .last_modified_time(DateTime::default())
            .unix_permissions(if name == BOOTSTRAP { 0o755 } else { 0o644 });
        writer.start_file(name.as_str(), options)?;
        writer.write_all(content)?;
    }
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests;
