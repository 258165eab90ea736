//! "What is it?": sampled log lines, clustered by what stays when their variable parts are masked. Pure.
//!
//! Samples are random, so a cluster's part of the sample estimates its part of all lines.

mod mask;

use std::collections::HashMap;

pub use self::mask::mask;
use crate::settings::Messages;

/// Messages that a digest shows, over all levels.
const SHOWN: usize = 8;
/// Messages of one level.
const SHOWN_OF_LEVEL: usize = 3;
/// The chance of an error in calling something new that was there the day before with the same share.
const DOUBT: f64 = 0.05;

/// Random lines of a level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Of the day that is reported; the first line of each, cut.
    pub day: Vec<String>,
    /// Of the day before.
    pub day_before: Vec<String>,
}

/// A frequent message.
#[derive(Clone, Debug, PartialEq)]
pub struct TopMessage {
    /// The level, as an index.
    pub level: usize,
    /// What it says: masked, or one of the lines as it is. Foreign text.
    pub text: String,
    /// How many lines say it.
    pub share: Share,
    /// Whether the day before had none of it.
    pub is_new: bool,
}

/// How many lines say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// All lines were looked at: the count.
    Exactly(u64),
    /// The estimated percentage, 1 to 100.
    About(u64),
}

/// The most frequent messages of each level, whose counts are `(day, day before)`. A message of several levels is
/// shown for the first of them.
pub fn top_messages(samples: &[Sample], counts: &[(u64, u64)], mode: Messages) -> Vec<TopMessage> {
    let mut shown: Vec<(String, TopMessage)> = Vec::new();
    let of_level = (SHOWN / samples.len().max(1)).clamp(1, SHOWN_OF_LEVEL);
    for (level, (sample, (day, day_before))) in samples.iter().zip(counts).enumerate() {
        let of_sample = sample.day.len() as u64;
        let (clusters, before) = (clusters(&sample.day), clusters(&sample.day_before));
        let mut ranked: Vec<_> =
            clusters.into_iter().filter(|(text, _)| shown.iter().all(|(known, _)| known != text)).collect();
        ranked.sort_by(|(a, one), (b, other)| other.count.cmp(&one.count).then_with(|| a.cmp(b)));
        for (fingerprint, Cluster { count, example }) in ranked.into_iter().take(of_level) {
            let share = match count * 100 {
                _ if of_sample >= *day => Share::Exactly(count),
                percent => Share::About((percent + of_sample / 2).div_euclid(of_sample).max(1)),
            };
            let absent = !before.contains_key(&fingerprint);
            let looked_at = sample.day_before.len() as u64;
            // Not in a sample is not "not there", unless the sample is all, or large enough for such a share.
            let sure = looked_at >= *day_before
                || (1.0 - count as f64 / of_sample as f64).powf(looked_at as f64) <= DOUBT;
            let text = match mode {
                Messages::Plain => example.to_owned(),
                Messages::Masked | Messages::Off => fingerprint.clone(),
            };
            shown.push((fingerprint, TopMessage { level, text, share, is_new: absent && sure }));
        }
    }
    shown.truncate(SHOWN);
    shown.into_iter().map(|(_, message)| message).collect()
}

struct Cluster<'a> {
    count: u64,
    example: &'a str,
}

/// The lines by fingerprint, each with the first line as its example. Blank lines say nothing.
fn clusters(lines: &[String]) -> HashMap<String, Cluster<'_>> {
    let mut clusters = HashMap::new();
    for line in lines {
        let fingerprint = mask(line);
        if !fingerprint.is_empty() {
            clusters.entry(fingerprint).or_insert(Cluster { count: 0, example: line }).count += 1;
        }
    }
    clusters
}

#[cfg(test)]
mod tests;
