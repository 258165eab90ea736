//! How errors are written down: the outer text says what we were doing, each cause says why.

use std::error::Error;

/// The error and its causes in one line, joined by `: `.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
