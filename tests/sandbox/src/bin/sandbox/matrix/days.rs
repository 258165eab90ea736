//! The days that are asked for, written down as UTC: what the calendar of a zone makes of them is known here without a
//! time zone library.

use jiff::{SignedDuration, Timestamp};

/// A day of a zone, and the days it is compared with. Instants are minutes in UTC, such as `2024-06-11T15:00`.
pub struct Day {
    /// The zone's IANA name.
    pub zone: &'static str,
    /// The date there.
    pub date: &'static str,
    /// Why it is asked for.
    pub why: &'static str,
    start: &'static str,
    /// How its clocks cut it: so many pieces of so many minutes.
    pieces: &'static [(usize, i64)],
    /// Where the day before begins; it ends where the day begins.
    day_before: &'static str,
    week_before: (&'static str, &'static str),
}

/// From its first instant to the first one after it.
pub type Span = (Timestamp, Timestamp);

/// An ordinary day, for all questions that are not about the calendar.
pub const ORDINARY: Day = Day {
    zone: "Asia/Tokyo",
    date: "2024-06-12",
    why: "a day of 24 hours",
    start: "2024-06-11T15:00",
    pieces: &[(24, 60)],
    day_before: "2024-06-10T15:00",
    week_before: ("2024-06-04T15:00", "2024-06-05T15:00"),
};

/// A day on which nobody logged anything, nor on those before it.
pub const QUIET: Day = Day {
    zone: "Asia/Tokyo",
    date: "2024-01-15",
    why: "a day without a line",
    start: "2024-01-14T15:00",
    pieces: &[(24, 60)],
    day_before: "2024-01-13T15:00",
    week_before: ("2024-01-07T15:00", "2024-01-08T15:00"),
};

/// The day on which the clocks of New York go back.
pub const LONG: Day = Day {
    zone: "America/New_York",
    date: "2024-11-03",
    why: "a day of 25 hours",
    start: "2024-11-03T04:00",
    pieces: &[(25, 60)],
    day_before: "2024-11-02T04:00",
    week_before: ("2024-10-27T04:00", "2024-10-28T04:00"),
};

/// Every kind of day.
pub const DAYS: [Day; 8] = [
    ORDINARY,
    Day {
        zone: "Asia/Kathmandu",
        date: "2024-06-13",
        why: "a day at +05:45",
        start: "2024-06-12T18:15",
        pieces: &[(24, 60)],
        day_before: "2024-06-11T18:15",
        week_before: ("2024-06-05T18:15", "2024-06-06T18:15"),
    },
    Day {
        zone: "America/New_York",
        date: "2024-03-10",
        why: "a day of 23 hours",
        start: "2024-03-10T05:00",
        pieces: &[(23, 60)],
        day_before: "2024-03-09T05:00",
        week_before: ("2024-03-03T05:00", "2024-03-04T05:00"),
    },
    Day {
        zone: "America/New_York",
        date: "2024-03-11",
        why: "the day after one of 23 hours",
        start: "2024-03-11T04:00",
        pieces: &[(24, 60)],
        day_before: "2024-03-10T05:00",
        week_before: ("2024-03-04T05:00", "2024-03-05T05:00"),
    },
    LONG,
    Day {
        zone: "Australia/Lord_Howe",
        date: "2024-04-07",
        why: "a day of 24½ hours",
        start: "2024-04-06T13:00",
        // From 02:00 back to 01:30.
        pieces: &[(2, 60), (1, 30), (22, 60)],
        day_before: "2024-04-05T13:00",
        week_before: ("2024-03-30T13:00", "2024-03-31T13:00"),
    },
    Day {
        zone: "Australia/Lord_Howe",
        date: "2024-10-06",
        why: "a day of 23½ hours",
        start: "2024-10-05T13:30",
        // From 02:00 on to 02:30.
        pieces: &[(2, 60), (1, 30), (21, 60)],
        day_before: "2024-10-04T13:30",
        week_before: ("2024-09-28T13:30", "2024-09-29T13:30"),
    },
    QUIET,
];

impl Day {
    /// Each hour of its clocks, of 60 minutes or what there is of it.
    pub fn hours(&self) -> Vec<Span> {
        let lengths = self.pieces.iter().flat_map(|(count, minutes)| std::iter::repeat_n(*minutes, *count));
        let mut start = instant(self.start);
        let mut hours = Vec::new();
        for minutes in lengths {
            let end = start + SignedDuration::from_mins(minutes);
            hours.push((start, end));
            start = end;
        }
        hours
    }

    /// The day itself.
    pub fn span(&self) -> Span {
        let start = instant(self.start);
        (start, self.hours().last().map_or(start, |(_, end)| *end))
    }

    /// The day before, and the same weekday of the week before.
    pub fn earlier(&self) -> [Span; 2] {
        let (start, end) = self.week_before;
        [(instant(self.day_before), instant(self.start)), (instant(start), instant(end))]
    }
}

/// From a minute in UTC.
fn instant(minute: &str) -> Timestamp {
    format!("{minute}:00Z").parse().expect("the table above holds minutes in UTC")
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn the_table_agrees_with_the_time_zone_database() {
        for day in &DAYS {
            let zone = TimeZone::get(day.zone).unwrap();
            let date: Date = day.date.parse().unwrap();
            let span = |date: Date| {
                let start = |date: Date| date.to_zoned(zone.clone()).unwrap().timestamp();
                (start(date), start(date.tomorrow().unwrap()))
            };
            assert_eq!(day.span(), span(date), "{} {}", day.zone, day.date);
            let week_before = date - jiff::Span::new().days(7);
            assert_eq!(day.earlier(), [span(date.yesterday().unwrap()), span(week_before)], "{}", day.date);
            for (start, _) in &day.hours()[1..] {
                let before = *start - SignedDuration::from_nanos(1);
                let hour = |at: Timestamp| (at.to_zoned(zone.clone()).hour(), zone.to_offset(at));
                assert_ne!(hour(before), hour(*start), "an hour begins at {start}");
            }
        }
    }
}
