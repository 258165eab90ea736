//! A message and what became of it, as text for people. Pure: gives strings.

use serde_json::Value;
use tanets_function::preview::{channel, draw, sender};

use super::Preview;
use super::text::{DIM, YELLOW, paint};

/// The message as a terminal can show it.
pub fn message(payload: &Value) -> String {
    draw(sender(payload), channel(payload), payload)
}

/// What became of a preview.
pub fn fate(preview: &Preview<'_>) -> String {
    let Preview { outcome, payload: _, sample, only_payload: _ } = preview;
    match (outcome.posted, sample) {
        (true, _) => format!("The digest of {} is in Slack.\n", outcome.day),
        (false, true) => paint(YELLOW, "All counts are invented; nothing was posted.") + "\n",
        (false, false) => paint(DIM, "Nothing was posted; `--post` does.") + "\n",
    }
}
