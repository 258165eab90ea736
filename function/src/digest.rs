//! What is counted and how counts compare: calendar days, hours, averages. Pure; knows neither search nor Slack.

use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::settings::Unit;

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

/// One calendar day in a zone, the days it is compared with, and its hours.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// The day that is reported.
    pub date: Date,
    /// The zone whose calendar counts.
    pub zone: TimeZone,
    /// The day itself.
    pub day: Span,
    /// The day before.
    pub day_before: Span,
    /// The same weekday of the week before.
    pub week_before: Span,
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
        let day = span(0).map_err(out_of_range)?;
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
        Ok(Self {
            date,
            zone: zone.clone(),
            day,
            day_before: span(1).map_err(out_of_range)?,
            week_before: span(7).map_err(out_of_range)?,
            hours,
        })
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

/// How many log lines: each once in the total, even if it matches several levels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines of at least one level.
    pub total: u64,
    /// Lines of each level, in the order of the settings.
    pub levels: Vec<u64>,
}

/// What one search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The day that is reported.
    pub day: Counts,
    /// The day before.
    pub day_before: Counts,
    /// The same weekday of the week before.
    pub week_before: Counts,
    /// Each hour of the day, as [`Window::hours`].
    pub hours: Vec<Counts>,
}

/// All that a message tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Digest {
    /// When.
    pub window: Window,
    /// The levels' names, in the order of all counts.
    pub levels: Vec<String>,
    /// How many.
    pub tally: Tally,
    /// When it was counted.
    pub counted_at: Timestamp,
}

impl Digest {
    /// Each level.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.levels.iter().enumerate().map(|(index, name)| self.row(name, move |counts| counts.levels[index]))
    }

    /// The lines of all levels, each counted once.
    pub fn total(&self) -> Row<'_> {
        self.row("", |counts| counts.total)
    }

    fn row<'a>(&self, name: &'a str, pick: impl Fn(&Counts) -> u64) -> Row<'a> {
        let Tally { day, day_before, week_before, hours } = &self.tally;
        Row {
            name,
            count: pick(day),
            day_before: Change::between(pick(day_before), pick(day)),
            week_before: Change::between(pick(week_before), pick(day)),
            hours: hours.iter().map(pick).collect(),
        }
    }

    /// Lines of any level per unit of time, over the day's real length.
    pub fn average(&self, unit: Unit) -> f64 {
        let unit = match unit {
            Unit::Hour => 3600.0,
            Unit::Minute => 60.0,
            Unit::Second => 1.0,
        };
        self.tally.day.total as f64 / (self.window.day.length().as_secs_f64() / unit)
    }

    /// True when the day is the one before the day on which it was counted, so that it may be called yesterday.
    pub fn is_yesterday(&self) -> bool {
        let today = self.counted_at.to_zoned(self.window.zone.clone()).date();
        today.yesterday().is_ok_and(|yesterday| yesterday == self.window.date)
    }

    /// False when the day was counted before it was over.
    pub fn is_complete(&self) -> bool {
        self.counted_at >= self.window.day.end
    }
}

/// One line of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The level's name; empty for the total.
    pub name: &'a str,
    /// On the day.
    pub count: u64,
    /// Against the day before.
    pub day_before: Change,
    /// Against the same weekday of the week before.
    pub week_before: Change,
    /// In each hour of the day.
    pub hours: Vec<u64>,
}

impl Row<'_> {
    /// The first hour with the most lines, as an index, unless there are none at all.
    pub fn peak(&self) -> Option<usize> {
        let most = *self.hours.iter().max()?;
        if most == 0 { None } else { self.hours.iter().position(|count| *count == most) }
    }
}

/// How a count compares with an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Equal.
    Same,
    /// There were none.
    FromZero,
    /// Less than half a percent up or down.
    Slight,
    /// Percent, rounded, up to tenfold.
    Percent(i64),
    /// Tenfold and more.
    Times(u64),
}

impl Change {
    /// From an earlier count to a later one.
    pub fn between(before: u64, now: u64) -> Self {
        if before == now {
            return Self::Same;
        }
        if before == 0 {
            return Self::FromZero;
        }
        if now / before >= 10 {
            return Self::Times(now / before);
        }
        match ((now as f64 - before as f64) / before as f64 * 100.0).round() as i64 {
            0 => Self::Slight,
            // A fall to nearly nothing is not a fall to nothing.
            -100 if now > 0 => Self::Percent(-99),
            percent => Self::Percent(percent),
        }
    }
}

#[cfg(test)]
mod tests;
