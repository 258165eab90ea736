//! When the rule fires next, and which calendar day each run will report. Pure: the time is an argument.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use crate::schedule::{Schedule, digest_day};

/// How many runs a plan shows.
pub const RUNS: usize = 5;

/// One time that the rule fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The moment, in the digest's time zone.
    pub at: Zoned,
    /// The calendar day that the digest will cover, in the same zone.
    pub day: Date,
}

/// When a zone's clocks change: the schedule keeps to UTC, so its local times move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockChange {
    /// The moment, in the new local time.
    pub at: Zoned,
    /// How much later the same run comes by the clock; negative for earlier.
    pub later: SignedDuration,
}

/// How far ahead a change of the clocks is told: a year, and the days by which its date moves.
const CLOCKS_AHEAD: SignedDuration = SignedDuration::from_hours(24 * 373);

/// The next change of the clocks in a zone within a year; none where they keep still.
pub fn clock_change(zone: &TimeZone, now: Timestamp) -> Option<ClockChange> {
    let before = zone.to_offset(now);
    let horizon = now.checked_add(CLOCKS_AHEAD).ok()?;
    let mut transitions = zone.following(now).take_while(|next| next.timestamp() < horizon);
    let next = transitions.find(|next| next.offset() != before)?;
    let later = i64::from(next.offset().seconds() - before.seconds());
    Some(ClockChange { at: next.timestamp().to_zoned(zone.clone()), later: SignedDuration::from_secs(later) })
}

/// The next runs after `now`: at most [`RUNS`], fewer if the schedule ends.
pub fn next_runs(schedule: &Schedule, zone: &TimeZone, now: Timestamp) -> Vec<Run> {
    runs(schedule, zone, now, RUNS)
}

/// The next `count` runs after `now`; fewer if the schedule ends.
pub fn runs(schedule: &Schedule, zone: &TimeZone, now: Timestamp, count: usize) -> Vec<Run> {
    let run = |at: Timestamp| Run { at: at.to_zoned(zone.clone()), day: digest_day(at, zone) };
    schedule.next(now, count).into_iter().map(run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_covers_the_day_before_in_the_zone_of_the_digest() {
        let schedule = Schedule::parse("cron(30 15 * * ? *)").unwrap();
        let now: Timestamp = "2018-12-09T00:00:00Z".parse().unwrap();
        for (zone, at, day) in [
            ("UTC", "2018-12-09T15:30:00+00:00[UTC]", "2018-12-08"),
            ("Asia/Tokyo", "2018-12-10T00:30:00+09:00[Asia/Tokyo]", "2018-12-09"),
        ] {
            let runs = next_runs(&schedule, &TimeZone::get(zone).unwrap(), now);
            assert_eq!(runs.len(), RUNS);
            assert_eq!((runs[0].at.to_string(), runs[0].day.to_string()), (at.to_owned(), day.to_owned()));
        }
    }

    #[test]
    fn clocks_that_change_are_told_and_those_that_keep_still_are_not() {
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let change = |zone: &str| {
            let change = clock_change(&TimeZone::get(zone).unwrap(), now)?;
            Some((change.at.date().to_string(), change.later.as_mins()))
        };
        assert_eq!(change("Asia/Tokyo"), None);
        assert_eq!(change("UTC"), None);
        assert_eq!(change("Europe/Berlin"), Some(("2027-03-28".to_owned(), 60)));
        assert_eq!(change("Australia/Lord_Howe"), Some(("2027-04-04".to_owned(), -30)));
    }
}
