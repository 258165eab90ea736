//! Puts the function into a released tanets: the zips in the folder `TANETS_EMBED`, which `cargo xtask dist` sets with
//! `TANETS_COMMIT`. Without them, as in every plain build, nothing is embedded.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Lambda's name of each architecture, and the crate's.
const ARCHITECTURES: [(&str, &str); 2] = [("arm64", "Arm64"), ("x86_64", "X86_64")];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=TANETS_COMMIT");
    println!("cargo::rerun-if-env-changed=TANETS_EMBED");
    let version = env::var("CARGO_PKG_VERSION")?;
    let commit = env::var("TANETS_COMMIT").unwrap_or_else(|_| "unknown, not a release build".to_owned());
    let mut told = format!("{version}\ncommit    {commit}\n");
    let mut embedded = String::new();
    if let Some(folder) = env::var_os("TANETS_EMBED") {
        for (architecture, variant) in ARCHITECTURES {
            let zip = PathBuf::from(&folder).join(format!("tanets-function-{version}-{architecture}.zip"));
            let sha256 = sha256(&zip)?;
            println!("cargo::rerun-if-changed={}", zip.display());
            writeln!(told, "function  {version} {architecture}, sha256 {sha256}")?;
            writeln!(
                embedded,
                "    Embedded {{ architecture: Architecture::{variant}, code_sha256: {sha256:?}, \
                 zip: include_bytes!({zip:?}) }},"
            )?;
        }
    } else {
        told += "function  none inside\n";
    }
    let told = told.trim_end();
    let code = format!(
        "/// Version, commit, and the functions inside with their hashes.\npub const LONG_VERSION: &str = {told:?};\n\n\
         /// The functions inside.\npub const ALL: &[Embedded] = &[\n{embedded}];\n"
    );
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("embedded.rs"), code)?;
    Ok(())
}

/// Base64 of a file's SHA-256, as Lambda's `CodeSha256`.
fn sha256(path: &Path) -> Result<String, String> {
    let content = fs::read(path).map_err(|error| format!("cannot embed {}: {error}", path.display()))?;
    Ok(STANDARD.encode(Sha256::digest(content)))
}
