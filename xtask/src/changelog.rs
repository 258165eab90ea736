//! CHANGELOG.md in the form of Keep a Changelog: a version's section, and whether it is fit for a release.

use tanets_sandbox::PeerError;

use crate::{VERSION, files};

/// What the changelog says of a version.
#[derive(Debug, PartialEq, Eq)]
pub struct Section<'a> {
    /// What stands after the version: a date, or that there is none yet.
    pub date: &'a str,
    /// Its text, without the heading.
    pub body: &'a str,
}

/// The section of a version.
pub fn section<'a>(changelog: &'a str, version: &str) -> Option<Section<'a>> {
    let heading = format!("\n## [{version}] - ");
    let rest = &changelog[changelog.find(&heading)? + heading.len()..];
    let (date, rest) = rest.split_once('\n')?;
    let body = rest.split("\n## [").next().unwrap_or(rest);
    // Below the last section stand the addresses that headings link to.
    let body = body.split("\n[").next().unwrap_or(body);
    Some(Section { date: date.trim(), body: body.trim() })
}

/// The changelog's text.
pub fn text() -> Result<String, PeerError> {
    files::read_text(&tanets_sandbox::workspace_root().join("CHANGELOG.md"))
}

/// Whether a tag, Cargo's version and the changelog agree.
pub fn check_tag(tag: &str) -> Result<(), PeerError> {
    agree(tag, VERSION, &text()?)
        .map_err(|problem| PeerError::new(format!("checking the tag {tag}"), problem))
}

fn agree(tag: &str, version: &str, changelog: &str) -> Result<(), String> {
    if tag.strip_prefix('v') != Some(version) {
        return Err(format!("Cargo's version is {version}: its tag is v{version}"));
    }
    let section = section(changelog, version).ok_or(format!("CHANGELOG.md has no section [{version}]"))?;
    if section.date.parse::<jiff::civil::Date>().is_err() {
        return Err(format!("CHANGELOG.md has no date for {version}, but `{}`", section.date));
    }
    if section.body.is_empty() {
        return Err(format!("CHANGELOG.md says nothing of {version}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str = "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-12-01\n\n### Added\n\n- A [link](x).\n\n\
                             ## [1.1.0] - 2026-11-30\n\n## [1.0.0] - soon\n\n- First.\n\n[1.2.0]: https://example.com\n";

    #[test]
    fn a_section_ends_where_the_next_one_or_the_links_begin() {
        let found = |version| section(CHANGELOG, version).map(|section| (section.date, section.body));
        assert_eq!(found("1.2.0"), Some(("2026-12-01", "### Added\n\n- A [link](x).")));
        assert_eq!(found("1.0.0"), Some(("soon", "- First.")));
        assert_eq!(found("1.2"), None);
    }

    #[test]
    fn a_release_has_one_version_everywhere_and_a_date_and_something_to_say() {
        let agree = |tag, version| agree(tag, version, CHANGELOG);
        assert_eq!(agree("v1.2.0", "1.2.0"), Ok(()));
        for (tag, version, problem) in [
            ("v1.2.1", "1.2.0", "its tag is v1.2.0"),
            ("1.2.0", "1.2.0", "its tag is v1.2.0"),
            ("v1.3.0", "1.3.0", "no section [1.3.0]"),
            ("v1.1.0", "1.1.0", "says nothing"),
            ("v1.0.0", "1.0.0", "no date for 1.0.0, but `soon`"),
        ] {
            let refused = agree(tag, version).unwrap_err();
            assert!(refused.contains(problem), "{tag}: {refused}");
        }
    }

    #[test]
    fn this_version_is_in_the_changelog() {
        assert!(section(&text().unwrap(), VERSION).is_some_and(|section| !section.body.is_empty()));
    }
}
