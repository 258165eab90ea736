//! A digest of invented counts: what a message will look like before there is a cluster to ask. The same day and the
//! same settings always give the same message.

use jiff::Timestamp;
use serde_json::Value;

use crate::digest::{Counts, DAYS, Digest, Tally, Window};
use crate::event::Event;
use crate::fingerprint::{Share, TopMessage};
use crate::links::links;
use crate::run::{Outcome, RunError};
use crate::settings::{Messages, Settings};
use crate::slack::{self, Form};

/// What stands where a run's id would: whoever meets such a message shall know what it is.
const RUN: &str = "sample";
/// How a day goes: parts of its lines, hour by hour.
const HOURS: [u64; 24] = [2, 1, 1, 1, 1, 2, 2, 3, 4, 6, 7, 6, 5, 7, 8, 7, 6, 5, 4, 3, 3, 2, 2, 2];
/// How the two weeks go: percents of an ordinary day, the last one being the day that is reported.
const TREND: [u64; DAYS] = [104, 97, 48, 51, 112, 99, 103, 95, 101, 52, 46, 108, 116, 124];
/// What the lines of a level say, and how many percent of them.
const TEXTS: [(&str, u64); 2] = [
    ("invented for a preview: no connection to the database", 60),
    ("invented for a preview: payment refused", 25),
];

/// The outcome of a run on the event's day, with invented counts.
///
/// # Errors
/// If the event, or its day, can't be used.
pub fn sample(settings: &Settings, event: &Value, now: Timestamp) -> Result<Outcome, RunError> {
    let event = Event::parse(event).map_err(RunError::Event)?;
    let day = event.day(now, &settings.timezone).map_err(RunError::Event)?;
    let window = Window::of(day, &settings.timezone).map_err(RunError::Window)?;
    let digest = digest(settings, window, now);
    let links = links(settings, &digest.window);
    let message = slack::message(&digest, settings, links.as_ref(), Form::Rich);
    Ok(Outcome::of(&digest, false, false, Some(message)))
}

fn digest(settings: &Settings, window: Window, now: Timestamp) -> Digest {
    let levels = settings.levels.clone();
    // The first levels are usually the worst ones, and those are rare.
    let ordinary = |level: usize| 15 * (level as u64 * 4 + 1);
    let counts = |of: &dyn Fn(usize) -> u64| {
        let levels = Vec::from_iter((0..levels.len()).map(of));
        Counts { total: levels.iter().sum(), levels }
    };
    let hours = Vec::from_iter((0..window.hours.len()).map(|hour| {
        counts(&|level| {
            ordinary(level) * TREND[DAYS - 1] * HOURS[hour % 24] / (100 * HOURS.iter().sum::<u64>())
        })
    }));
    let mut days = TREND.map(|percent| counts(&|level| ordinary(level) * percent / 100));
    // The day is what its hours add up to.
    days[DAYS - 1] = counts(&|level| hours.iter().map(|hour| hour.levels[level]).sum());
    let texts = (0..levels.len().min(2)).flat_map(|level| {
        TEXTS.map(|(text, percent)| TopMessage {
            level,
            text: format!("{}: {text}", levels[level]),
            share: Share::About(percent),
            is_new: false,
        })
    });
    let messages = if settings.messages == Messages::Off { Vec::new() } else { texts.collect() };
    let tally = Tally { days, hours };
    Digest { window, levels, tally, messages, counted_at: now, run: Some(RUN.to_owned()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn invented_counts_agree_with_each_other_and_with_the_settings() {
        let get = |name: &str| {
            let value = match name {
                "SLACK_WEBHOOK_URL" => "https://hooks.slack.com/services/T/B/x",
                "ES_ENDPOINT" => "https://logs.example",
                "ES_INDEXES" => "app-*",
                "ERROR_LEVEL" => "Fatal,Error,Warning",
                "DIGEST_LANGUAGE" => "en",
                "DIGEST_TIMEZONE" => "America/New_York",
                _ => return None,
            };
            Some(value.to_owned())
        };
        let (settings, _) = Settings::from_env(get).unwrap();
        let now = "2018-12-10T15:00:00Z".parse().unwrap();
        // Days of 24, 23 and 25 hours.
        for day in ["2018-12-09", "2018-03-11", "2018-11-04"] {
            let outcome = sample(&settings, &json!({ "date": day }), now).unwrap();
            assert_eq!((outcome.day.as_str(), outcome.posted), (day, false));
            assert_eq!(outcome.total, outcome.levels.values().sum::<u64>());
            assert!(outcome.levels["Fatal"] > 0 && outcome.levels["Fatal"] < outcome.levels["Warning"]);
            let text = outcome.message.unwrap().text;
            assert!(text.contains(&format!("*Total*: {}", outcome.total)) && text.contains(RUN), "{text}");
        }
        let error = sample(&settings, &json!({ "date": "2018-12-20" }), now).unwrap_err();
        assert_eq!(crate::error::chain(&error), "the event cannot be used: 2018-12-20 has not begun yet");
        let silent = Settings { messages: Messages::Off, ..settings };
        let message = sample(&silent, &json!({}), now).unwrap().message.unwrap();
        assert!(!message.text.contains("invented"), "{}", message.text);
    }
}
