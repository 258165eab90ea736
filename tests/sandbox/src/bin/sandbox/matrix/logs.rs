//! The logs that every server gets, and the truth about them: generated days around those that are asked for, and a
//! line on either side of every hour's edge.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tanets_sandbox::PeerError;
use tanets_sandbox::corpus::Recipe;

use super::days::{DAYS, QUIET, Span};
use super::indexes::{NANOSECONDS, SERVICES, TEXT_LEVEL};
use super::questions::Question;

/// So that there are some 100,000 lines.
const PER_DAY: u64 = 1850;
/// One line in so many spells its level in capitals.
const CAPITALS: usize = 7;
/// Zone, first and last day of what is generated: the days that are asked for, a week before and a day after them.
const STRETCHES: [(&str, &str, &str); 5] = [
    ("Asia/Tokyo", "2024-06-04", "2024-06-14"),
    ("America/New_York", "2024-03-01", "2024-03-12"),
    ("America/New_York", "2024-10-25", "2024-11-05"),
    ("Australia/Lord_Howe", "2024-03-29", "2024-04-09"),
    ("Australia/Lord_Howe", "2024-09-27", "2024-10-08"),
];

/// A log line.
pub struct Log {
    /// To the nanosecond where the service's index keeps them, else to the millisecond.
    pub time: Timestamp,
    /// Who wrote it, and so in which index it is.
    pub service: &'static str,
    /// `Fatal`, `Error`, `Warning` or `Info`, or one of these in capitals.
    pub level: String,
    /// What it says.
    pub message: String,
}

/// All lines.
pub struct Logs(Vec<Log>);

/// How many there are: of any level, each once, and of each level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Of any level.
    pub total: u64,
    /// Of each level.
    pub levels: Vec<u64>,
}

impl Logs {
    /// The same lines every time.
    ///
    /// # Errors
    /// Without time zone data.
    pub fn generate() -> Result<Self, PeerError> {
        let mut logs = Vec::new();
        let unknown = |error: jiff::Error| PeerError::new("generating logs", error);
        for (seed, (zone, first, last)) in STRETCHES.into_iter().enumerate() {
            let day = |text: &str| text.parse::<Date>().map_err(unknown);
            let recipe = Recipe {
                seed: seed as u64,
                zone: TimeZone::get(zone).map_err(unknown)?,
                first: day(first)?,
                last: day(last)?,
                per_day: PER_DAY,
            };
            for document in recipe.generate().documents() {
                // Any part of a millisecond, the same every time.
                let nanoseconds = (logs.len() as i64 * 7919) % 1_000_000;
                let nanoseconds = if document.service == NANOSECONDS { nanoseconds } else { 0 };
                logs.push(Log {
                    time: document.time + SignedDuration::from_nanos(nanoseconds),
                    service: document.service,
                    level: document.level.to_owned(),
                    message: document.message.clone(),
                });
            }
        }
        for day in DAYS.iter().filter(|day| day.date != QUIET.date) {
            let (start, _) = day.span();
            for edge in std::iter::once(start).chain(day.hours().into_iter().map(|(_, end)| end)) {
                logs.extend(SERVICES.into_iter().flat_map(|service| at_edge(edge, service)));
            }
        }
        for log in logs.iter_mut().step_by(CAPITALS) {
            log.level.make_ascii_uppercase();
        }
        Ok(Self(logs))
    }

    /// Every line.
    pub fn all(&self) -> &[Log] {
        &self.0
    }

    /// The truth about a stretch of time.
    pub fn count(&self, (start, end): Span, services: &[&str], question: &Question) -> Counts {
        let mut counts = Counts { total: 0, levels: vec![0; question.levels.len()] };
        let within = |log: &&Log| (start..end).contains(&log.time) && services.contains(&log.service);
        for log in self.0.iter().filter(within) {
            let matches = question.levels.iter().map(|level| log.matches(question.field, level));
            let mut any = false;
            for (count, matches) in counts.levels.iter_mut().zip(matches) {
                *count += u64::from(matches);
                any |= matches;
            }
            counts.total += u64::from(any);
        }
        counts
    }
}

/// The last line before an instant and the first one at it. The milliseconds before are whole, so that they stay the
/// same where an index does not keep nanoseconds.
fn at_edge(edge: Timestamp, service: &'static str) -> [Log; 2] {
    let least = if service == NANOSECONDS { 1 } else { 1_000_000 };
    [edge - SignedDuration::from_nanos(least), edge].map(|time| Log {
        time,
        service,
        level: "Fatal".to_owned(),
        message: "Fatal: the clock struck".to_owned(),
    })
}

impl Log {
    fn matches(&self, field: &str, level: &str) -> bool {
        match field {
            "message" => says(&self.message, level),
            "level" if self.service == TEXT_LEVEL => self.level.eq_ignore_ascii_case(level),
            "level" => self.level == level,
            _ => false,
        }
    }
}

/// Whether a text holds the words of a phrase one after the other, in upper or lower case.
fn says(text: &str, phrase: &str) -> bool {
    if !phrase.is_ascii() {
        return text.contains(phrase); // in Japanese each character is a word
    }
    let words = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        parts.map(str::to_ascii_lowercase).collect()
    };
    let phrase = words(phrase);
    words(text).windows(phrase.len()).any(|words| words == phrase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_whole_words_in_order() {
        let text = "Error: timeout while calling the payment gateway";
        for (phrase, expected) in [
            ("error", true),
            ("payment gateway", true),
            ("gateway payment", false),
            ("err", false),
            ("the payment gateway now", false),
        ] {
            assert_eq!(says(text, phrase), expected, "{phrase}");
        }
        assert!(says("Warning: 日本語の商品名が長すぎます", "商品名"));
    }

    #[test]
    fn there_are_enough_lines_and_every_edge_has_one_on_either_side() {
        let logs = Logs::generate().unwrap();
        assert!((95_000..110_000).contains(&logs.all().len()), "{}", logs.all().len());
        for day in DAYS.iter().filter(|day| day.date != QUIET.date) {
            for (start, end) in day.hours() {
                let at = |time: Timestamp| logs.all().iter().filter(|log| log.time == time).count();
                assert!(at(start) >= SERVICES.len() && at(end) >= SERVICES.len(), "{start}");
                assert!(at(start - SignedDuration::from_nanos(1)) >= 1, "{start}");
            }
        }
    }
}
