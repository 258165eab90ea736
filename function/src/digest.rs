//! What is counted and how counts compare: days, hours, averages, moods. Pure; knows neither search nor Slack.

mod change;
mod mood;
mod window;

use jiff::Timestamp;
use jiff::civil::Weekday;

pub use self::change::Change;
pub use self::mood::Mood;
pub use self::window::{DAYS, Span, Window, WindowError};
use crate::fingerprint::TopMessage;
use crate::settings::{Unit, Zero};

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
    /// Each day of the trend, as [`Window::days`]; the last one is the day that is reported.
    pub days: [Counts; DAYS],
    /// Each hour of the day, as [`Window::hours`].
    pub hours: Vec<Counts>,
}

impl Tally {
    /// The day that is reported.
    pub fn day(&self) -> &Counts {
        &self.days[DAYS - 1]
    }

    /// The day before.
    pub fn day_before(&self) -> &Counts {
        &self.days[DAYS - 2]
    }

    /// The same weekday of the week before.
    pub fn week_before(&self) -> &Counts {
        &self.days[DAYS - 8]
    }

    /// What is usual: the median of the totals of the days before.
    pub fn usual(&self) -> u64 {
        let mut totals: Vec<u64> = self.days[..DAYS - 1].iter().map(|counts| counts.total).collect();
        totals.sort_unstable();
        totals[totals.len() / 2]
    }

    /// Whether there is nothing to compare with: no line on any of the days before.
    pub fn is_first(&self) -> bool {
        self.days[..DAYS - 1].iter().all(|counts| counts.total == 0)
    }

    /// For how many days, the reported one included, there has been nothing: at most [`DAYS`].
    pub fn days_without(&self) -> usize {
        self.days.iter().rev().take_while(|counts| counts.total == 0).count()
    }
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
    /// What the lines say, the most frequent first, level by level.
    pub messages: Vec<TopMessage>,
    /// When it was counted.
    pub counted_at: Timestamp,
    /// The id of the run that counted it: what finds it in the log.
    pub run: Option<String>,
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
        let tally = &self.tally;
        let count = pick(tally.day());
        Row {
            name,
            count,
            day_before: Change::between(pick(tally.day_before()), count),
            week_before: Change::between(pick(tally.week_before()), count),
            hours: tally.hours.iter().map(&pick).collect(),
            days: tally.days.iter().map(&pick).collect(),
        }
    }

    /// Lines of any level per unit of time, over the day's real length.
    pub fn average(&self, unit: Unit) -> f64 {
        let unit = match unit {
            Unit::Hour => 3600.0,
            Unit::Minute => 60.0,
            Unit::Second => 1.0,
        };
        self.tally.day().total as f64 / (self.window.day.length().as_secs_f64() / unit)
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

/// What becomes of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is posted.
    Post,
    /// Nothing happened for a week, which is posted in one line.
    AllQuiet,
    /// Nothing is posted.
    Silence,
}

impl Digest {
    /// What the rule for days without anything says. The week is told of on its Sunday.
    pub fn verdict(&self, zero: Zero) -> Verdict {
        let is_sunday = self.window.date.weekday() == Weekday::Sunday;
        match zero {
            _ if self.tally.day().total > 0 => Verdict::Post,
            Zero::Post => Verdict::Post,
            Zero::Weekly if is_sunday && self.tally.days_without() >= 7 => Verdict::AllQuiet,
            Zero::Quiet | Zero::Weekly => Verdict::Silence,
        }
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
    /// On each day of the trend.
    pub days: Vec<u64>,
}

impl Row<'_> {
    /// The first hour with the most lines, as an index, unless there are none at all.
    pub fn peak(&self) -> Option<usize> {
        let most = *self.hours.iter().max()?;
        if most == 0 { None } else { self.hours.iter().position(|count| *count == most) }
    }
}

#[cfg(test)]
mod tests;
