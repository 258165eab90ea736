//! Which version of the function a program is: it carries a mark, and whoever deploys it reads the mark. Says nothing
//! of programs that others wrote.

/// What stands before the version in every program of ours, and nowhere else by chance.
const BEFORE: &str = "tanets-function version ";
/// What ends it.
const AFTER: u8 = b';';
/// The longest version that is looked for, in bytes.
const LONGEST: usize = 64;
/// What this program is found by.
const MARK: &str = concat!("tanets-function version ", env!("CARGO_PKG_VERSION"), ";");

/// Keeps the mark in the program that calls it: a constant that nobody reads isn't linked.
pub fn keep_mark() {
    std::hint::black_box(MARK);
}

/// The version in a program's bytes; none if it isn't one of ours.
pub fn version_in(program: &[u8]) -> Option<&str> {
    let marks = memchr::memmem::find_iter(program, BEFORE);
    marks.map(|mark| &program[mark + BEFORE.len()..]).find_map(|rest| {
        let length = rest.iter().take(LONGEST).position(|byte| *byte == AFTER)?;
        let version = std::str::from_utf8(&rest[..length]).ok()?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-+".contains(c);
        (version.starts_with(|c: char| c.is_ascii_digit()) && version.chars().all(is_plain))
            .then_some(version)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_where_there_is_a_mark_and_only_there() {
        let own = [b"\x7fELF\0\xff".as_slice(), MARK.as_bytes(), b"0;"].concat();
        assert_eq!(version_in(&own), Some(env!("CARGO_PKG_VERSION")));
        let long = format!("{BEFORE}{};", "1".repeat(LONGEST));
        for (program, version) in [
            // The needle itself may stand in a program, before the mark.
            ("tanets-function version \0;tanets-function version 1.2.3-rc.1;x", Some("1.2.3-rc.1")),
            ("tanets-function version 1.2.3", None),
            ("tanets-function version ;", None),
            ("tanets-function version next;", None),
            ("tanets-function version 1 2;", None),
            (long.as_str(), None),
            ("#!/bin/sh", None),
            ("", None),
        ] {
            assert_eq!(version_in(program.as_bytes()), version, "{program}");
        }
    }
}
