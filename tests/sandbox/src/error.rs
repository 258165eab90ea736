//! Why a peer is missing: one error type for the whole crate, cheap to clone, so that a shared peer's failure can be
//! told to every test that wanted it.

use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;

type Cause = Arc<dyn Error + Send + Sync>;

/// A peer could not be set up, started or used. Its text says what was being done, its source why it failed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{doing}")]
pub struct PeerError {
    doing: String,
    #[source]
    cause: Cause,
    hint: Option<&'static str>,
}

impl PeerError {
    /// `doing`: what was being done, as a lowercase fragment.
    pub fn new(doing: impl Into<String>, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { doing: doing.into(), cause: Arc::from(cause.into()), hint: None }
    }

    /// Adds the way out.
    #[must_use]
    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// What was being done, why it failed, and the way out, for people.
    pub fn explain(&self) -> String {
        let mut text = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            // Writing to a string cannot fail.
            let _ = write!(text, ": {cause}");
            source = cause.source();
        }
        if let Some(hint) = self.hint {
            let _ = write!(text, "\nhint: {hint}");
        }
        text
    }
}

/// Adds what was being done to an error.
pub(crate) trait Context<T> {
    fn when(self, doing: impl FnOnce() -> String) -> Result<T, PeerError>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> Context<T> for Result<T, E> {
    fn when(self, doing: impl FnOnce() -> String) -> Result<T, PeerError> {
        self.map_err(|cause| PeerError::new(doing(), cause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_holds_every_cause_once_and_the_way_out_last() {
        let inner = PeerError::new("running pip", "no network").hint("only the outermost hint is shown");
        let outer = PeerError::new("preparing moto", inner).hint("try again");
        assert_eq!(outer.explain(), "preparing moto: running pip: no network\nhint: try again");
    }
}
