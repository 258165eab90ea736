//! What is wrong in a file, in the form that people read: place, key, the line with a caret, the way out.
//!
//! By the time that a problem is here, every secret in its line has been replaced.

use std::fmt;
use std::io;
use std::path::PathBuf;

use serde::Serialize;

use super::place::Place;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file was read, but is not valid. The text has every problem, with its place and hint.
    #[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))]
    Invalid {
        /// At least one, in the order of the file.
        problems: Vec<Problem>,
    },
}

impl ConfigError {
    /// What to do about it, unless the text says it already.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => Some(
                "run this in the folder of tanets.toml, name the file with --config, or write one with \
                     `tanets init`",
            ),
            Self::Read { .. } | Self::Invalid { .. } => None,
        }
    }
}

/// One problem of a file, or something in it that should be known. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, as it was named.
    pub file: String,
    /// The key with its table, such as `slack.webhook`; none if the text is not TOML, or for the whole file.
    pub key: Option<String>,
    /// Where it stands; none for what is missing together with its table.
    pub place: Option<Place>,
    /// What is wrong, with what is allowed.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Problem {
    /// Whether it is this key's, or one of the values in its list.
    pub fn is_about(&self, key: &str) -> bool {
        let rest = self.key.as_deref().and_then(|mine| mine.strip_prefix(key));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, key, place, message, hint } = self;
        write!(f, "{file}:")?;
        if let Some(Place { line, column, .. }) = place {
            write!(f, "{line}:{column}:")?;
        }
        if let Some(key) = key {
            write!(f, " {key}:")?;
        }
        write!(f, " {message}")?;
        if let Some(Place { line, source, marks, .. }) = place {
            let width = line.to_string().len();
            let shown = format!("{line} | {source}");
            write!(f, "\n{:width$} |\n{}\n{:width$} | {marks}", "", shown.trim_end(), "")?;
        }
        match hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}
