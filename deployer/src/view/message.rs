//! A message and what became of it, as text for people. Pure: gives strings.

use serde_json::Value;
use tanets_function::preview::{channel, draw, sender};

use super::Preview;
use super::text::{DIM, YELLOW, paint};
use crate::aws::Invoked;

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

/// A run of the deployed function: its log, what became of the message, and what it took.
pub fn run(invoked: &Invoked) -> String {
    let Invoked { answer, failed, duration, memory, log } = invoked;
    let log = String::from_iter(log.lines().map(|line| paint(DIM, line) + "\n"));
    let day = answer["day"].as_str().unwrap_or("the day");
    let fate = match answer["posted"].as_bool() {
        _ if *failed => String::new(),
        Some(true) => format!("The digest of {day} is in Slack.\n"),
        Some(false) => format!("Nothing was posted of {day}; `--post` does.\n"),
        None => paint(YELLOW, "The function's answer isn't that of this version.") + "\n",
    };
    let memory = memory.map(|memory| format!(", {memory} MB of memory")).unwrap_or_default();
    format!("{log}{fate}It took {} ms{memory}.\n", duration.as_millis())
}
