//! The sentences about numbers.

use super::super::text::sparkline;
use super::*;

/// What English calls the day before.
const DAY_BEFORE: &str = "the day before";

impl Words {
    /// A level: its count and how it compares.
    pub(in crate::slack) fn row(&self, name: &str, row: &Row<'_>, window: &Window) -> String {
        let weekday = self.weekday(window.date);
        let days = match self.language {
            Japanese => ["前日".to_owned(), format!("前週の{weekday}曜")],
            English => [DAY_BEFORE.to_owned(), format!("the {weekday} before")],
        };
        let count = match self.language {
            Japanese => format!("{}件", grouped(row.count)),
            English => grouped(row.count),
        };
        let changes = match (row.day_before, row.week_before) {
            // Nothing, as ever.
            (Change::Same, Change::Same) if row.count == 0 => return format!("*{name}*: {count}"),
            (before, week) if before == week => self.both(before, &days),
            (before, week) => self.each([before, week], &days),
        };
        match self.language {
            Japanese => format!("*{name}*: {count}({changes})"),
            English => format!("*{name}*: {count} ({changes})"),
        }
    }

    /// The same change against two days, in one breath where the language allows it.
    fn both(&self, change: Change, days @ [before, week]: &[String; 2]) -> String {
        match (self.language, change) {
            (Japanese, Change::Same | Change::Slight) => self.change(change, &format!("{before}・{week}")),
            (Japanese, Change::FromZero) => format!("{before}も{week}も0件"),
            (English, Change::Same | Change::Slight) => self.change(change, &format!("{before} and {week}")),
            (English, Change::FromZero) => format!("none {before}, nor on {week}"),
            _ => self.each([change, change], days),
        }
    }

    fn each(&self, [before, week]: [Change; 2], [day_before, weekday]: &[String; 2]) -> String {
        let comma = if self.language == Japanese { "、" } else { ", " };
        [self.change(before, day_before), self.change(week, weekday)].join(comma)
    }

    fn change(&self, change: Change, than: &str) -> String {
        let on = if than == DAY_BEFORE { "" } else { "on " };
        match (self.language, change) {
            (Japanese, Change::Same) => format!("{than}と同じ"),
            (Japanese, Change::FromZero) => format!("{than}は0件"),
            (Japanese, Change::ToZero(before)) => format!("{than}は{}件", grouped(before)),
            (Japanese, Change::Few(more @ 1..)) => format!("{than}より{more}件多い"),
            (Japanese, Change::Few(fewer)) => format!("{than}より{}件少ない", fewer.unsigned_abs()),
            (Japanese, Change::Slight) => format!("{than}とほぼ同じ"),
            (Japanese, Change::Percent(percent)) => format!("{than}比 {percent:+}%"),
            (Japanese, Change::Tenths(tenths)) => format!("{than}の{}倍", tenth(tenths)),
            (Japanese, Change::Times(times)) => format!("{than}の{}倍", grouped(times)),
            (English, Change::Same) => format!("same as {than}"),
            (English, Change::FromZero) => format!("none {on}{than}"),
            (English, Change::ToZero(before)) => format!("{} {on}{than}", grouped(before)),
            (English, Change::Few(more @ 1..)) => format!("{more} more than {than}"),
            (English, Change::Few(fewer)) => format!("{} fewer than {than}", fewer.unsigned_abs()),
            (English, Change::Slight) => format!("about the same as {than}"),
            (English, Change::Percent(more @ 1..)) => format!("{more}% more than {than}"),
            (English, Change::Percent(fewer)) => format!("{}% fewer than {than}", fewer.unsigned_abs()),
            (English, Change::Tenths(tenths)) => format!("{} × {than}", tenth(tenths)),
            (English, Change::Times(times)) => format!("{} × {than}", grouped(times)),
        }
    }

    /// The total over all levels.
    pub(in crate::slack) fn total(&self, total: &Row<'_>, window: &Window) -> String {
        let (name, note) = match self.language {
            Japanese => ("合計", "複数レベルのログも1件と数えます"),
            English => ("Total", "each log counts once"),
        };
        match total.count {
            0 => self.row(name, total, window),
            _ => format!("{} _{note}_", self.row(name, total, window)),
        }
    }

    /// The average over the real length of the day.
    pub(in crate::slack) fn average(&self, average: f64, unit: Unit) -> String {
        let average = decimal(average);
        match self.language {
            Japanese => {
                let unit = match unit {
                    Unit::Hour => "1時間",
                    Unit::Minute => "1分",
                    Unit::Second => "1秒",
                };
                format!("{unit}の平均: {average}件")
            }
            English => {
                let unit = match unit {
                    Unit::Hour => "hour",
                    Unit::Minute => "minute",
                    Unit::Second => "second",
                };
                format!("Average: {average} per {unit}")
            }
        }
    }

    /// The hour with the most lines.
    pub(in crate::slack) fn peak(&self, hour: Time, count: u64) -> String {
        let (hour, count) = (hour.strftime("%H:%M").to_string(), grouped(count));
        match self.language {
            Japanese => format!("ピーク {hour}〜({count}件)"),
            English => format!("peak at {hour} ({count})"),
        }
    }

    /// Two weeks in a line: a picture, if wanted, and between what it moves.
    pub(in crate::slack) fn trend(&self, days: &[u64], picture: bool) -> String {
        let [least, most] = [days.iter().min(), days.iter().max()].map(|n| grouped(n.copied().unwrap_or(0)));
        let picture = if picture { format!("`{}` ", sparkline(days)) } else { String::new() };
        match self.language {
            Japanese => format!("14日間の推移: {picture}1日{least}〜{most}件"),
            English => format!("Last 14 days: {picture}{least} to {most} a day"),
        }
    }
}

/// Tenths as people write them: `2.4`, `3`.
fn tenth(tenths: u64) -> String {
    decimal(tenths as f64 / 10.0)
}
