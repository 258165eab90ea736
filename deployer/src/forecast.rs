//! When the rule fires next, and which calendar day each run will report. Pure: the time is an argument.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

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

/// The next runs after `now`: at most [`RUNS`], fewer if the schedule ends.
pub fn next_runs(schedule: &Schedule, zone: &TimeZone, now: Timestamp) -> Vec<Run> {
    let run = |at: Timestamp| Run { at: at.to_zoned(zone.clone()), day: digest_day(at, zone) };
    schedule.next(now, RUNS).into_iter().map(run).collect()
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
}
