//! What the message says, in Japanese and English: every sentence of the product's voice.
//!
//! The opening is the original's, known to its users. Signs instead of triangles tell up from down: in Japanese
//! accounts a triangle means minus.

use jiff::civil::{Date, Time, Weekday};

use super::text::{clean, decimal, grouped};
use super::{Language, Row, Unit};
use crate::digest::{Change, Digest, Window};

use Language::{English, Japanese};

/// The sentences of a language.
pub(super) struct Words {
    pub(super) language: Language,
}

impl Words {
    /// The header: which day, of which calendar.
    pub(super) fn title(&self, window: &Window) -> String {
        // No zone name is near the limit; the cut keeps Slack's 150 whatever the zone data holds.
        let zone = clean(window.zone_name(), 80);
        match self.language {
            Japanese => format!("{}年{} {zone}", window.date.year(), self.day(window.date)),
            English => format!("{}, {} {zone}", self.day(window.date), window.date.year()),
        }
    }

    /// A day with its weekday, without the year.
    fn day(&self, day: Date) -> String {
        match self.language {
            Japanese => format!("{}月{}日({})", day.month(), day.day(), self.weekday(day)),
            English => day.strftime("%A, %B %-d").to_string(),
        }
    }

    fn weekday(&self, day: Date) -> String {
        match self.language {
            Japanese => match day.weekday() {
                Weekday::Monday => "月",
                Weekday::Tuesday => "火",
                Weekday::Wednesday => "水",
                Weekday::Thursday => "木",
                Weekday::Friday => "金",
                Weekday::Saturday => "土",
                Weekday::Sunday => "日",
            }
            .to_owned(),
            English => day.strftime("%A").to_string(),
        }
    }

    /// The friendly first line.
    pub(super) fn opening(&self, digest: &Digest, levels: &str) -> String {
        let day = self.day(digest.window.date);
        // A day in progress may still have its errors before it.
        let none = digest.tally.day.total == 0 && digest.is_complete();
        match (self.language, digest.is_yesterday(), none) {
            (Japanese, true, true) => {
                format!("みんなちゅうもーく!昨日は *{levels}* がゼロ件だったよー!おめでとー!")
            }
            (Japanese, false, true) => {
                format!("みんなちゅうもーく!{day}は *{levels}* がゼロ件だったよー!おめでとー!")
            }
            (Japanese, true, false) => {
                format!("みんなちゅうもーく!昨日出力された *{levels}* を発表しちゃうよー!")
            }
            (Japanese, false, false) => {
                format!("みんなちゅうもーく!{day}に出力された *{levels}* を発表しちゃうよー!")
            }
            (English, true, true) => {
                format!("Attention, everybody! Not a single *{levels}* yesterday. Well done!")
            }
            (English, false, true) => {
                format!("Attention, everybody! Not a single *{levels}* on {day}. Well done!")
            }
            (English, true, false) => {
                format!("Attention, everybody! Here are yesterday's *{levels}* counts!")
            }
            (English, false, false) => {
                format!("Attention, everybody! Here are the *{levels}* counts of {day}!")
            }
        }
    }

    /// A level: its count and how it compares.
    pub(super) fn row(&self, name: &str, row: &Row<'_>, window: &Window) -> String {
        let count = grouped(row.count);
        let weekday = self.weekday(window.date);
        match self.language {
            Japanese => {
                let before = self.change(row.day_before, "前日");
                let week = self.change(row.week_before, &format!("前週の{weekday}曜"));
                format!("*{name}*: {count}件({before}、{week})")
            }
            English => {
                let before = self.change(row.day_before, "the day before");
                let week = self.change(row.week_before, &format!("{weekday} a week before"));
                format!("*{name}*: {count} ({before}; {week})")
            }
        }
    }

    fn change(&self, change: Change, than: &str) -> String {
        match (self.language, change) {
            (Japanese, Change::Same) => format!("{than}と同じ"),
            (Japanese, Change::FromZero) => format!("{than}は0件"),
            (Japanese, Change::Slight) => format!("{than}とほぼ同じ"),
            (Japanese, Change::Percent(percent)) => format!("{than}比 {percent:+}%"),
            (Japanese, Change::Times(times)) => format!("{than}の{}倍", grouped(times)),
            (English, Change::Same) => format!("same as {than}"),
            (English, Change::FromZero) => {
                format!("none {}{than}", if than.starts_with("the") { "" } else { "on " })
            }
            (English, Change::Slight) => format!("about the same as {than}"),
            (English, Change::Percent(percent)) => format!("{percent:+}% vs {than}"),
            (English, Change::Times(times)) => format!("{} times {than}", grouped(times)),
        }
    }

    /// The total over all levels.
    pub(super) fn total(&self, total: &Row<'_>, window: &Window) -> String {
        let (name, note) = match self.language {
            Japanese => ("合計", "重複は1件と数えます"),
            English => ("Total", "each log counted once"),
        };
        format!("{} _{note}_", self.row(name, total, window))
    }

    /// The average over the real length of the day.
    pub(super) fn average(&self, average: f64, unit: Unit) -> String {
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
    pub(super) fn peak(&self, hour: Time, count: u64) -> String {
        let (hour, count) = (hour.strftime("%H:%M").to_string(), grouped(count));
        match self.language {
            Japanese => format!("ピーク {hour}〜({count}件)"),
            English => format!("peak at {hour} ({count})"),
        }
    }

    /// Levels beyond those that a message can show.
    pub(super) fn more_levels(&self, more: usize) -> String {
        match self.language {
            Japanese => format!("…ほか{more}レベル"),
            English => format!("… and {more} more {}", if more == 1 { "level" } else { "levels" }),
        }
    }

    /// Where to look further.
    pub(super) fn details(&self, link: &str) -> String {
        match self.language {
            Japanese => format!("詳細はこちら → {link}"),
            English => format!("Details → {link}"),
        }
    }

    /// Instead of a link that Slack would refuse.
    pub(super) fn long_link(&self) -> String {
        match self.language {
            Japanese => "(KIBANA_URLが長すぎてSlackに載せられません)",
            English => "(KIBANA_URL is too long for Slack)",
        }
        .to_owned()
    }

    /// The small print: what exactly was counted, and when.
    pub(super) fn context(&self, digest: &Digest) -> String {
        let window = &digest.window;
        let local =
            |time: jiff::Timestamp| time.to_zoned(window.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let (start, end, zone) =
            (local(window.day.start), local(window.day.end), clean(window.zone_name(), 80));
        let hours = decimal(window.day.length().as_secs_f64() / 3600.0);
        let counted = local(digest.counted_at);
        let mut text = match self.language {
            Japanese => format!("{start} 〜 {end} {zone}({hours}時間)、{counted} に集計"),
            English => format!("{start} to {end} {zone} ({hours} hours), counted {counted}"),
        };
        if !digest.is_complete() {
            text.push_str(match self.language {
                Japanese => "。この日はまだ終わっていません",
                English => "; the day is not over yet",
            });
        }
        text
    }

    /// A failed run.
    pub(super) fn sorry(&self, day: Date, reason: &str) -> String {
        let day = self.day(day);
        match self.language {
            Japanese => format!("ごめんなさい!{day}のログを集計できませんでした。\n理由: {reason}"),
            English => format!("Sorry! The logs of {day} could not be counted.\nReason: {reason}"),
        }
    }

    /// What to do about it.
    pub(super) fn hint(&self, hint: &str) -> String {
        match self.language {
            Japanese => format!("ヒント: {hint}"),
            English => format!("Hint: {hint}"),
        }
    }
}
