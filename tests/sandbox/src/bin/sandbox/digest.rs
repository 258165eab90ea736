//! Whether a message tells the truth: its numbers, read as a person would, against the corpus's.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tanets_sandbox::corpus::{Corpus, Truth};
use tanets_sandbox::{Message, PeerError};

/// A rule's event may be so much older than the message that it led to.
const DELAY: SignedDuration = SignedDuration::from_secs(60);
/// What the message calls the total.
const TOTALS: [&str; 2] = ["Total", "合計"];

/// The day that the message reports and the truth about it.
///
/// # Errors
/// If the day is not the one before the rule fired, or a number is missing or wrong.
pub fn verify(
    message: &Message,
    corpus: &Corpus,
    zone: &TimeZone,
    levels: &[&str],
) -> Result<(Date, Truth), PeerError> {
    let text = message.payload["text"].as_str().unwrap_or_default();
    let days = [message.at, message.at.saturating_sub(DELAY).unwrap_or(message.at)];
    let day = days
        .into_iter()
        .filter_map(|at| yesterday(at, zone))
        .find(|day| text.lines().last().is_some_and(|line| line.starts_with(&day.to_string())))
        .ok_or_else(|| wrong("it does not report the day before", text))?;
    let truth = corpus.truth(day, levels);
    for (level, expected) in levels.iter().zip(&truth.levels) {
        match number(text, level) {
            Some(told) if told == *expected => {}
            Some(told) => return Err(wrong(&format!("{level} is {expected}, not {told}"), text)),
            None => return Err(wrong(&format!("it does not tell {level}"), text)),
        }
    }
    match TOTALS.iter().find_map(|name| number(text, name)) {
        Some(told) if told == truth.total => Ok((day, truth)),
        Some(told) => Err(wrong(&format!("the total is {}, not {told}", truth.total), text)),
        None => Err(wrong("it does not tell the total", text)),
    }
}

fn wrong(why: &str, text: &str) -> PeerError {
    PeerError::new("comparing the message with the true counts", format!("{why}\n{text}"))
}

fn yesterday(at: Timestamp, zone: &TimeZone) -> Option<Date> {
    at.to_zoned(zone.clone()).date().yesterday().ok()
}

/// The number that follows a bold name.
pub fn number(text: &str, name: &str) -> Option<u64> {
    let (_, rest) = text.split_once(&format!("*{name}*: "))?;
    let digits: String =
        rest.chars().take_while(|c| c.is_ascii_digit() || *c == ',').filter(|c| *c != ',').collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tanets_sandbox::corpus::Recipe;

    use super::*;

    const LEVELS: [&str; 2] = ["Fatal", "Warning"];

    fn message(at: &str, text: &str) -> Message {
        Message {
            at: at.parse().unwrap(),
            channel: String::new(),
            username: String::new(),
            payload: json!({"text": text}),
        }
    }

    #[test]
    fn only_the_true_numbers_of_the_right_day_pass() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let day: Date = "2018-12-09".parse().unwrap();
        let corpus =
            Recipe { seed: 1, zone: zone.clone(), first: day, last: day, per_day: 20_000 }.generate();
        let truth = corpus.truth(day, &LEVELS);
        let [fatal, warning, total] = [truth.levels[0], truth.levels[1], truth.total];
        assert!(warning > 1000, "the number must have a comma: {warning}");
        let comma = format!("{},{:03}", warning / 1000, warning % 1000);
        let good = format!(
            "*Fatal, Warning*\n*Fatal*: {fatal} (x)\n*Warning*: {comma}件\n*合計*: {total}件\n2018-12-09 00:00 to"
        );
        // In the morning, and with an event of just before midnight.
        for at in ["2018-12-10T01:15:00Z", "2018-12-10T15:00:30Z"] {
            assert_eq!(verify(&message(at, &good), &corpus, &zone, &LEVELS).unwrap(), (day, truth.clone()));
        }
        for (at, text, why) in [
            ("2018-12-10T15:02:00Z", good.clone(), "it does not report the day before"),
            ("2018-12-10T01:15:00Z", good.replace(&comma, "1,0"), "Warning is"),
            ("2018-12-10T01:15:00Z", good.replace("*Fatal*: ", ""), "it does not tell Fatal"),
            ("2018-12-10T01:15:00Z", good.replace("合計", "sum"), "it does not tell the total"),
        ] {
            let error = verify(&message(at, &text), &corpus, &zone, &LEVELS).unwrap_err().explain();
            assert!(error.contains(why), "{error}");
        }
    }
}
