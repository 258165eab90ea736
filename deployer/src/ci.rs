//! Which CI this runs in, by the variables that it sets. There nobody answers a question, and nobody watches a line move.

use std::path::PathBuf;

/// A CI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ci {
    /// GitHub Actions, with its ways to take more than a log.
    GitHub(GitHub),
    /// GitLab CI.
    GitLab,
    /// Any other that sets `CI`.
    Other,
}

/// The files of a step of GitHub Actions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitHub {
    /// Where the step's outputs go.
    pub output: Option<PathBuf>,
    /// Where its summary goes, in Markdown.
    pub summary: Option<PathBuf>,
    /// The checkout: what annotations name their files from.
    pub workspace: Option<PathBuf>,
}

impl Ci {
    /// The CI that set these variables.
    pub fn detect(env: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let is_true = |name| env(name).is_some_and(|value| value == "true");
        let path = |name| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if is_true("GITHUB_ACTIONS") {
            return Some(Self::GitHub(GitHub {
                output: path("GITHUB_OUTPUT"),
                summary: path("GITHUB_STEP_SUMMARY"),
                workspace: path("GITHUB_WORKSPACE"),
            }));
        }
        if is_true("GITLAB_CI") {
            return Some(Self::GitLab);
        }
        env("CI").filter(|value| !matches!(value.as_str(), "" | "0" | "false")).map(|_| Self::Other)
    }

    /// The CI of this process.
    pub fn here() -> Option<Self> {
        Self::detect(&|name| std::env::var(name).ok())
    }

    /// Whether the log has no times of its own.
    pub fn wants_times(&self) -> bool {
        matches!(self, Self::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ci_is_known_by_its_variables() {
        let detect = |set: &[(&str, &str)]| {
            let set: Vec<_> = set.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
            Ci::detect(&|name| set.iter().find(|(set, _)| set == name).map(|(_, value)| value.clone()))
        };
        let files = GitHub { output: Some("/o".into()), ..GitHub::default() };
        assert_eq!(
            detect(&[("CI", "true"), ("GITHUB_ACTIONS", "true"), ("GITHUB_OUTPUT", "/o")]),
            Some(Ci::GitHub(files))
        );
        assert_eq!(detect(&[("CI", "true"), ("GITLAB_CI", "true")]), Some(Ci::GitLab));
        assert_eq!(detect(&[("CI", "1")]), Some(Ci::Other));
        for nobody in [&[][..], &[("CI", "")], &[("CI", "false")], &[("GITHUB_ACTIONS", "false")]] {
            assert_eq!(detect(nobody), None, "{nobody:?}");
        }
    }
}
