//! The function inside a released tanets: zips that the release made once, so that everybody deploys the same bytes.
//! The build script puts them here; a plain build has none.

use super::Architecture;

/// A function that is ready to upload.
pub struct Embedded {
    /// What it runs on.
    pub architecture: Architecture,
    /// Base64 of the zip's SHA-256, as Lambda's `CodeSha256`.
    pub code_sha256: &'static str,
    /// The zip.
    pub zip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_build_says_that_it_has_no_function_and_no_commit() {
        // Whoever tests with functions embedded has them told.
        assert_eq!(LONG_VERSION.contains("none inside"), ALL.is_empty(), "{LONG_VERSION}");
        assert!(LONG_VERSION.starts_with(concat!(env!("CARGO_PKG_VERSION"), "\ncommit    ")));
    }
}
