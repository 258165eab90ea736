//! How long work tells what it is doing: a function that takes a line.

use std::io::{self, Write};

/// Takes a line about what is being done now, such as `installing moto`.
pub type Progress<'a> = dyn Fn(&str) + Sync + 'a;

/// Writes to the process's stderr, past libtest's capture: a first download must not look like a hanging test.
pub fn to_stderr(line: &str) {
    // Progress that nobody can read is no reason to fail.
    let _ = io::stderr().write_all(format!("tanets-sandbox: {line}\n").as_bytes());
}
