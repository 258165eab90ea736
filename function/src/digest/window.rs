//! Calendar days as stretches of time: which instants a day of a zone has, and its hours.

use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// A half-open stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first instant.
    pub start: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
}

impl Span {
    /// Its length: 23 to 25 hours for nearly all days.
    pub fn length(&self) -> SignedDuration {
        self.end.duration_since(self.start)
    }
}

/// Why a day has no window.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// The calendar of the zone jumps over it, as Samoa's over 2011-12-30.
    #[error("{day} does not exist in {zone}")]
    NoSuchDay {
        /// The day asked for.
        day: Date,
        /// The zone's name.
        zone: String,
    },
    /// Beyond the years that the calendar knows.
    #[error("{day} is outside of the calendar")]
    OutOfRange {
        /// The day asked for.
        day: Date,
        /// Why.
        source: jiff::Error,
    },
}

/// Days of the trend, with the one that is reported. The same weekday of the week before is among them.
pub const DAYS: usize = 14;

/// One calendar day in a zone, the days it is compared with, and its hours.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// The day that is reported.
    pub date: Date,
    /// The zone whose calendar counts.
    pub zone: TimeZone,
    /// The day itself.
    pub day: Span,
    /// The days of the trend, oldest first; the last one is the day itself.
    pub days: [Span; DAYS],
    /// The day cut at the full hours of the zone's clocks: 24 of them, except on days when the clocks change.
    pub hours: Vec<Span>,
}

impl Window {
    /// The window of a day.
    pub fn of(date: Date, zone: &TimeZone) -> Result<Self, WindowError> {
        let out_of_range = |source| WindowError::OutOfRange { day: date, source };
        let span = |days: i64| -> Result<Span, jiff::Error> {
            let first = date.checked_sub(days.days())?;
            Ok(Span { start: start_of(first, zone)?, end: start_of(first.tomorrow()?, zone)? })
        };
        let mut days = [span(0).map_err(out_of_range)?; DAYS];
        for (before, day) in days.iter_mut().rev().enumerate() {
            *day = span(before as i64).map_err(out_of_range)?;
        }
        let day = days[DAYS - 1];
        if day.length().is_zero() {
            return Err(WindowError::NoSuchDay { day: date, zone: name(zone).to_owned() });
        }
        let mut hours = Vec::with_capacity(25);
        let mut start = day.start;
        while start < day.end {
            let clock = start.to_zoned(zone.clone()).time();
            let past = i64::from(clock.minute()) * 60 + i64::from(clock.second());
            let end = (start + SignedDuration::from_secs(3600 - past)).min(day.end);
            hours.push(Span { start, end });
            start = end;
        }
        Ok(Self { date, zone: zone.clone(), day, days, hours })
    }

    /// The zone's IANA name.
    pub fn zone_name(&self) -> &str {
        name(&self.zone)
    }
}

fn name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}

/// The first instant of a day, also where midnight does not exist or exists twice.
fn start_of(date: Date, zone: &TimeZone) -> Result<Timestamp, jiff::Error> {
    let midnight = zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0));
    if !matches!(midnight.offset(), AmbiguousOffset::Gap { .. }) {
        return midnight.compatible();
    }
    // Midnight lies in a gap: the day starts at the instant when the clocks jump over it.
    let before = midnight.earlier()?;
    let jump = zone.following(before).next();
    Ok(jump.map_or(before, |jump| jump.timestamp()))
}
