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

/// When a zone's clocks change between runs: the schedule keeps to UTC, so its local times move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockChange {
    /// The moment, in the new local time.
    pub at: Zoned,
    /// How much later by the clock a run comes from then on; negative for earlier.
    pub later: SignedDuration,
}

/// How far beyond the first run a change of the clocks is told: a year, and the days by which its date moves.
const CLOCKS_AHEAD: SignedDuration = SignedDuration::from_hours(24 * 373);

/// The next change of the clocks in a zone, within a year, that has runs before and after it; none where they keep still, and
/// where all runs are on one side.
pub fn clock_change(schedule: &Schedule, zone: &TimeZone, now: Timestamp) -> Option<ClockChange> {
    let first = *schedule.next(now, 1).first()?;
    let before = zone.to_offset(first);
    let horizon = first.checked_add(CLOCKS_AHEAD).ok()?;
    let mut transitions = zone.following(first).take_while(|next| next.timestamp() < horizon);
    let next = transitions.find(|next| {
        // The next run may be back on the first one's clock.
        let run = schedule.first_from(next.timestamp(), first).map(|run| zone.to_offset(run));
        next.offset() != before && run == Some(next.offset())
    })?;
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
    fn clocks_that_change_between_runs_are_told_and_others_are_not() {
        let change = |expression: &str, zone: &str| {
            let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
            let schedule = Schedule::parse(expression).unwrap();
            let change = clock_change(&schedule, &TimeZone::get(zone).unwrap(), now)?;
            Some((change.at.date().to_string(), change.later.as_mins()))
        };
        for (expression, zone, told) in [
            ("cron(0 9 * * ? *)", "Asia/Tokyo", None),
            ("cron(0 9 * * ? *)", "UTC", None),
            ("cron(0 9 * * ? *)", "Europe/Berlin", Some(("2027-03-28", 60))),
            ("cron(0 9 * * ? *)", "Australia/Lord_Howe", Some(("2027-04-04", -30))),
            // All runs in winter, or in summer.
            ("cron(0 9 * 12,1 ? *)", "Europe/Dublin", None),
            ("cron(0 9 * 6-8 ? *)", "Europe/Dublin", None),
            ("cron(0 9 1 1,7 ? *)", "Europe/Dublin", Some(("2027-03-28", 60))),
            ("cron(0 9 1 1,7 ? 2027)", "Europe/Dublin", Some(("2027-03-28", 60))),
            ("cron(0 9 29 2 ? *)", "Europe/Berlin", None),
            // The first run is in summer, after the change that comes first.
            ("cron(30 3,4,5,6 6,7,8 11 ? 2027)", "America/New_York", Some(("2027-11-07", -60))),
            ("cron(30 3 5,6 11 ? 2027)", "America/New_York", None),
            ("cron(0 9 1 1 ? 2020)", "Europe/Berlin", None),
            ("rate(1 day)", "Europe/Berlin", Some(("2027-03-28", 60))),
            ("rate(200 days)", "Europe/Berlin", Some(("2027-10-31", -60))),
            ("rate(365 days)", "Europe/Berlin", None),
        ] {
            let told = told.map(|(day, minutes)| (day.to_owned(), minutes));
            assert_eq!(change(expression, zone), told, "{expression} {zone}");
        }
    }
}
