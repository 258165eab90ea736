//! Packages made of programs that are built here byte by byte, and of zips in every disorder.

use std::error::Error;

use super::*;

/// A program with nothing in it but what is looked at: its machine and the glibc versions that it needs.
fn program(machine: u16, glibc: &[&str]) -> Vec<u8> {
    let mut names = b"\0libc.so.6\0".to_vec();
    let (names_at, records_at) = (64u64, 64 + 512u64);
    let mut records = [1u16.to_le_bytes(), (glibc.len() as u16).to_le_bytes()].concat();
    records.extend([1u32, 16, 0].map(u32::to_le_bytes).concat());
    for (index, version) in glibc.iter().enumerate() {
        let next = if index + 1 < glibc.len() { 16u32 } else { 0 };
        records.extend([0u32, 0, names.len() as u32, next].map(u32::to_le_bytes).concat());
        names.extend(version.as_bytes());
        names.push(0);
    }
    let sections_at = records_at + records.len() as u64;
    let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
    bytes.resize(16, 0);
    bytes.extend([2, machine].map(u16::to_le_bytes).concat());
    bytes.resize(40, 0);
    bytes.extend(sections_at.to_le_bytes());
    bytes.resize(58, 0);
    bytes.extend([64u16, if glibc.is_empty() { 0 } else { 3 }, 0].map(u16::to_le_bytes).concat());
    bytes.extend(names);
    bytes.resize(records_at as usize, 0);
    bytes.extend(records);
    for (kind, at, link) in [(0u32, 0u64, 0u32), (3, names_at, 0), (0x6fff_fffe, records_at, 1)] {
        let start = bytes.len();
        bytes.extend([0, kind].map(u32::to_le_bytes).concat());
        bytes.resize(start + 24, 0);
        bytes.extend(at.to_le_bytes());
        bytes.resize(start + 40, 0);
        bytes.extend(link.to_le_bytes());
        bytes.resize(start + 64, 0);
    }
    bytes
}

const ARM64: u16 = 183;
const X86_64: u16 = 62;

fn zipped(entries: &[(&str, &[u8], u32, u16)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content, mode, year) in entries {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::from_date_and_time(*year, 5, 6, 7, 8, 10).unwrap())
            .unix_permissions(*mode);
        match name.split_once("->") {
            Some((name, target)) => writer.add_symlink(name, target, options).unwrap(),
            None if name.ends_with('/') => writer.add_directory(*name, options).unwrap(),
            None => {
                writer.start_file(*name, options).unwrap();
                writer.write_all(content).unwrap();
            }
        }
    }
    writer.finish().unwrap().into_inner()
}

fn package(content: &[u8], wanted: Architecture) -> Result<Package, PackageError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input");
    std::fs::write(&path, content).unwrap();
    Package::from_path(&path, wanted)
}

#[test]
fn the_same_contents_give_the_same_bytes() {
    let bootstrap = program(ARM64, &["GLIBC_2.17", "GLIBC_2.34"]);
    let (data, arm64) = (b"data".as_slice(), Architecture::Arm64);
    let bare = package(&bootstrap, arm64).unwrap();
    assert_eq!(package(&zipped(&[("bootstrap", &bootstrap, 0o644, 2026)]), arm64).unwrap().zip, bare.zip);
    let one = zipped(&[
        ("bootstrap", &bootstrap, 0o700, 2020),
        ("etc/", b"", 0o755, 2020),
        ("etc/a", data, 0o600, 2020),
    ]);
    let other = zipped(&[("etc/a", data, 0o666, 1999), ("bootstrap", &bootstrap, 0o755, 2026)]);
    let (one, other) = (package(&one, arm64).unwrap(), package(&other, arm64).unwrap());
    assert_eq!((&one.zip, &one.code_sha256), (&other.zip, &other.code_sha256));
    assert_ne!(one.code_sha256, bare.code_sha256);
    assert_eq!(one.version, None, "it isn't one of ours");
}

#[test]
fn the_version_of_our_own_function_is_known() {
    let bootstrap = [program(ARM64, &[]), b"tanets-function version 1.2.3;".to_vec()].concat();
    for input in [bootstrap.clone(), zipped(&[("bootstrap", &bootstrap, 0o755, 2020)])] {
        assert_eq!(package(&input, Architecture::Arm64).unwrap().version.as_deref(), Some("1.2.3"));
    }
}

#[test]
fn the_zip_is_what_lambda_wants() {
    let bootstrap = program(X86_64, &[]);
    let input = zipped(&[("lib/x.so", b"x", 0o755, 2020), ("bootstrap", &bootstrap, 0o644, 2020)]);
    let package = package(&input, Architecture::X86_64).unwrap();
    let mut archive = ZipArchive::new(Cursor::new(&package.zip)).unwrap();
    let mut found = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        let modified = file.last_modified().unwrap();
        assert_eq!((modified.year(), modified.month(), modified.day(), modified.hour()), (1980, 1, 1, 0));
        found.push((file.name().unwrap().into_owned(), file.unix_mode().unwrap() & 0o777, content));
    }
    assert_eq!(found, [("bootstrap".into(), 0o755, bootstrap), ("lib/x.so".into(), 0o644, b"x".to_vec())]);
    // SHA-256 is 32 bytes, which is 44 characters of base64.
    assert_eq!((package.code_sha256.len(), package.architecture), (44, Architecture::X86_64));
    assert!(!format!("{package:?}").contains("80, 75"), "Debug must not print the zip");
}

/// The error, its cause and its hint, with the name of the file taken out.
fn refusal(content: &[u8], wanted: Architecture) -> String {
    let error = package(content, wanted).unwrap_err();
    let (PackageError::Missing { path, .. }
    | PackageError::Read { path, .. }
    | PackageError::Unzip { path, .. }
    | PackageError::Entry { path, .. }
    | PackageError::NoBootstrap { path, .. }
    | PackageError::NotElf { path, .. }
    | PackageError::Machine { path, .. }
    | PackageError::Glibc { path, .. }
    | PackageError::TooLarge { path, .. }
    | PackageError::Zip { path, .. }) = &error;
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    let hint = error.hint().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
    format!("{error}{cause}{hint}").replace(&path.display().to_string(), "FILE")
}

#[test]
fn refusals_say_what_is_wrong_and_what_to_do() {
    use Architecture::{Arm64 as A, X86_64 as X};
    let (arm64, x86_64) = (program(ARM64, &[]), program(X86_64, &[]));
    let (too_new, other) = (program(ARM64, &["GLIBC_2.17", "GLIBC_2.38", "GLIBC_2.4"]), program(243, &[]));
    let refusals = [
        refusal(&x86_64, A),
        refusal(&arm64, X),
        refusal(&other, A),
        refusal(&too_new, A),
        refusal(b"", A),
        refusal(b"#!/bin/sh\n", A),
        refusal(b"MZ\x90\0", X),
        refusal(b"\xcf\xfa\xed\xfe\x0c", A),
        refusal(b"\x7fELF\x01\x01\x01", A),
        refusal(b"PK\x03\x04 but no zip", A),
        refusal(&zipped(&[]), A),
        refusal(&zipped(&[("lambda/bootstrap", &arm64, 0o755, 2020)]), A),
        refusal(&zipped(&[("bootstrap", &x86_64, 0o755, 2020)]), A),
        refusal(&zipped(&[("bootstrap->main", b"", 0o777, 2020)]), A),
        refusal(&zipped(&[("../evil", b"", 0o644, 2020), ("bootstrap", &arm64, 0o755, 2020)]), A),
    ];
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    `bootstrap` in FILE is built for x86_64, but the function's architecture is arm64
      hint: set `architecture = "x86_64"` in [function], or build it with `cargo lambda build --release --arm64`
    `bootstrap` in FILE is built for arm64, but the function's architecture is x86_64
      hint: set `architecture = "arm64"` in [function], or build it with `cargo lambda build --release --x86-64`
    `bootstrap` in FILE is built for riscv64, but the function's architecture is arm64
      hint: build it with `cargo lambda build --release --arm64`
    `bootstrap` in FILE needs glibc 2.38, but provided.al2023 has 2.34
      hint: build it with `cargo lambda build --release --arm64`, or for a target such as `aarch64-unknown-linux-gnu.2.34` with cargo-zigbuild
    FILE is empty, not a program for 64-bit Linux (ELF)
      hint: build the function with `cargo lambda build --release --arm64`, and let `package` in [function] name its bootstrap or a zip of it
    FILE is a script, not a program for 64-bit Linux (ELF)
      hint: build the function with `cargo lambda build --release --arm64`, and let `package` in [function] name its bootstrap or a zip of it
    FILE is a program for Windows, not a program for 64-bit Linux (ELF)
      hint: build the function with `cargo lambda build --release --x86-64`, and let `package` in [function] name its bootstrap or a zip of it
    FILE is a program for macOS, not a program for 64-bit Linux (ELF)
      hint: build the function with `cargo lambda build --release --arm64`, and let `package` in [function] name its bootstrap or a zip of it
    FILE is a 32-bit program, not a program for 64-bit Linux (ELF)
      hint: build the function with `cargo lambda build --release --arm64`, and let `package` in [function] name its bootstrap or a zip of it
    cannot unzip the package FILE: invalid Zip archive: Could not find EOCD
    the package FILE has no `bootstrap` at its root
      hint: name the executable `bootstrap`
    the package FILE has no `bootstrap` at its root
      hint: it holds `lambda/bootstrap`: zip the files inside the folder, not the folder
    `bootstrap` in FILE is built for x86_64, but the function's architecture is arm64
      hint: set `architecture = "x86_64"` in [function], or build it with `cargo lambda build --release --arm64`
    the package FILE holds bootstrap, which is a symbolic link
    the package FILE holds ../evil, which is not a plain path inside it
    "#);
}

#[test]
fn a_missing_file_says_what_to_run() {
    let error = Package::from_path(Path::new("no/such/bootstrap"), Architecture::Arm64).unwrap_err();
    assert_eq!(error.to_string(), "there is no package at no/such/bootstrap");
    assert!(error.hint().unwrap().contains("`cargo lambda build --release --arm64`"));
}

#[test]
fn more_than_lambda_takes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let size = |content: &[u8], max_zipped, max_unzipped| {
        let path = folder.path().join("input");
        std::fs::write(&path, content).unwrap();
        match Package::within(&path, Architecture::Arm64, max_zipped, max_unzipped) {
            Err(PackageError::TooLarge { what, size, limit, .. }) => Some((what, size, limit)),
            other => other.map(|_| None).unwrap(),
        }
    };
    let mut bootstrap = program(ARM64, &[]);
    bootstrap.resize(100_000, 0);
    let bomb = {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["bootstrap", "other"] {
            writer.start_file(name, SimpleFileOptions::default()).unwrap();
            writer.write_all(&bootstrap).unwrap();
        }
        writer.finish().unwrap().into_inner()
    };
    assert!(bomb.len() < 1_000);
    assert_eq!(size(&bootstrap, 1_000, 100_000), None);
    assert_eq!(size(&bootstrap, 100, 100_000).map(|(what, _, limit)| (what, limit)), Some(("zipped", 100)));
    assert_eq!(size(&bootstrap, 1_000, 99_999), Some(("unzipped", 100_000, 99_999)));
    assert_eq!(size(&bomb, 1_000, 200_000), None);
    // What is beyond the limit is not even unzipped.
    assert_eq!(size(&bomb, 1_000, 120_000), Some(("unzipped", 120_001, 120_000)));
}

#[test]
fn a_damaged_program_never_ends_in_a_panic() {
    let whole = program(ARM64, &["GLIBC_2.17", "GLIBC_2.34"]);
    for index in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[index] = 0xff;
        for bytes in [&damaged[..], &whole[..index]] {
            if let Some(program) = elf::Elf::parse(bytes) {
                program.machine();
                program.glibc_minor();
            }
        }
    }
}

/// This test's own executable was written by a real linker.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn the_glibc_of_a_real_program_is_found() {
    let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let program = elf::Elf::parse(&bytes).unwrap();
    assert!(
        program.glibc_minor().is_some_and(|minor| (17..100).contains(&minor)),
        "{:?}",
        program.glibc_minor()
    );
}
