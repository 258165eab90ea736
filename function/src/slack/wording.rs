//! What the message says, in Japanese and English: every sentence of the product's voice.
//!
//! The opening is the original's, known to its users. Signs instead of triangles tell up from down: in Japanese
//! accounts a triangle means minus.

mod counts;

use jiff::civil::{Date, Time, Weekday};

use super::text::{clean, decimal, escape, grouped};
use super::{Language, Row, Unit};
use crate::digest::{Change, DAYS, Digest, Mood, Window};
use crate::fingerprint::{Share, TopMessage};

use Language::{English, Japanese};

/// Characters of an opening of one's own.
const OPENING_LIMIT: usize = 1000;

/// Characters of a run's id. AWS's have 36.
const RUN_LIMIT: usize = 80;

/// The sentences of a language.
pub(super) struct Words {
    pub(super) language: Language,
}

impl Words {
    /// The header: which day, and whether it is as usual.
    pub(super) fn title(&self, window: &Window, mood: Mood) -> String {
        let (sign, word) = self.mood(mood);
        match self.language {
            Japanese => format!("{sign} {}年{} {word}", window.date.year(), self.day(window.date)),
            English => format!("{sign} {}, {}: {word}", self.day(window.date), window.date.year()),
        }
    }

    /// The weather of the logs.
    pub(super) fn mood(&self, mood: Mood) -> (&'static str, &'static str) {
        let (sign, japanese, english) = match mood {
            Mood::Clear => ("☀️", "ゼロ件", "all clear"),
            Mood::Quiet => ("🌤️", "いつもより少なめ", "fewer than usual"),
            Mood::Usual => ("⛅", "いつもどおり", "as usual"),
            Mood::First => ("🌥️", "この2週間で初めて", "the first in two weeks"),
            Mood::Busy => ("🌧️", "いつもより多め", "more than usual"),
            Mood::Stormy => ("⛈️", "いつもよりかなり多め", "far more than usual"),
            Mood::Warning => ("🌧️", "注意ラインに達しました", "warning threshold reached"),
            Mood::Alert => ("⛈️", "警戒ラインに達しました", "alert threshold reached"),
        };
        (sign, if self.language == Japanese { japanese } else { english })
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

    /// The friendly first line; `own` replaces it. `levels` is escaped.
    pub(super) fn opening(&self, digest: &Digest, levels: &str, own: Option<&str>) -> String {
        let day = self.day(digest.window.date);
        if let Some(own) = own {
            let own: String = own.chars().take(OPENING_LIMIT).collect();
            let values =
                [("{day}", &*day), ("{levels}", levels), ("{total}", &grouped(digest.tally.day().total))];
            return values.into_iter().fold(own, |text, (name, value)| text.replace(name, value));
        }
        // A day in progress may still have its errors before it.
        let none = digest.tally.day().total == 0 && digest.is_complete();
        let when = match (self.language, digest.is_yesterday()) {
            (Japanese, true) => "昨日".to_owned(),
            (Japanese, false) => day,
            (English, true) => "yesterday".to_owned(),
            (English, false) => format!("on {day}"),
        };
        match (self.language, none) {
            (Japanese, true) => {
                let streak = self.streak(digest);
                format!("みんなちゅうもーく!{when}は *{levels}* がゼロ件だったよー!おめでとー!{streak}")
            }
            (Japanese, false) => {
                let when = if digest.is_yesterday() { when } else { format!("{when}に") };
                format!("みんなちゅうもーく!{when}出力された *{levels}* を発表しちゃうよー!")
            }
            (English, true) => {
                let streak = self.streak(digest);
                format!("Attention, everybody! Not a single *{levels}* {when}. Well done!{streak}")
            }
            (English, false) if digest.is_yesterday() => {
                format!("Attention, everybody! Here are yesterday's *{levels}* counts!")
            }
            (English, false) => {
                format!(
                    "Attention, everybody! Here are the *{levels}* counts of {}!",
                    self.day(digest.window.date)
                )
            }
        }
    }

    /// How long there has been nothing, from the second day on.
    fn streak(&self, digest: &Digest) -> String {
        let days = digest.tally.days_without();
        match (self.language, days) {
            (_, ..2) => String::new(),
            (Japanese, DAYS..) => format!("({days}日以上連続)"),
            (Japanese, _) => format!("({days}日連続)"),
            (English, DAYS..) => format!(" ({days} days in a row, or more)"),
            (English, _) => format!(" ({days} days in a row)"),
        }
    }

    /// The one line of a week without anything. `levels` is escaped.
    pub(super) fn all_quiet(&self, digest: &Digest, levels: &str) -> String {
        let streak = self.streak(digest);
        match self.language {
            Japanese => {
                format!("みんなちゅうもーく!この1週間、*{levels}* は一件もなかったよー!おめでとー!{streak}")
            }
            English => {
                format!("Attention, everybody! Not a single *{levels}* for a whole week. Well done!{streak}")
            }
        }
    }

    /// The heading of what the lines say.
    pub(super) fn messages(&self) -> &'static str {
        match self.language {
            Japanese => "*よく出たメッセージ*",
            English => "*Top messages*",
        }
    }

    /// The head of the table of it.
    pub(super) fn table_head(&self) -> [&'static str; 3] {
        match self.language {
            Japanese => ["レベル", "件数・割合", "メッセージ"],
            English => ["Level", "How many", "Message"],
        }
    }

    /// How many lines say a message, and whether the day before had none.
    pub(super) fn share(&self, message: &TopMessage) -> String {
        let share = match (self.language, message.share) {
            (Japanese, Share::Exactly(count)) => format!("{}件", grouped(count)),
            (English, Share::Exactly(1)) => "1 line".to_owned(),
            (English, Share::Exactly(count)) => format!("{} lines", grouped(count)),
            (Japanese, Share::About(98..)) => "ほぼすべて".to_owned(),
            (English, Share::About(98..)) => "nearly all".to_owned(),
            (Japanese, Share::About(..10)) => "10%未満".to_owned(),
            (English, Share::About(..10)) => "under 10%".to_owned(),
            (Japanese, Share::About(percent)) => format!("約{}%", fives(percent)),
            (English, Share::About(percent)) => format!("about {}%", fives(percent)),
        };
        let new = if message.is_new { " 🆕" } else { "" };
        format!("{share}{new}")
    }

    /// A message in a line of its own.
    pub(super) fn message(&self, level: &str, message: &TopMessage) -> String {
        format!("• {level} {} `{}`", self.share(message), escape(&message.text, super::MESSAGE_LIMIT))
    }

    /// The title of the hours' chart.
    pub(super) fn hours_title(&self) -> &'static str {
        match self.language {
            Japanese => "時間帯ごとの件数",
            English => "By time of day",
        }
    }

    /// The title of the days' chart.
    pub(super) fn days_title(&self) -> &'static str {
        match self.language {
            Japanese => "14日間の件数",
            English => "The last 14 days",
        }
    }

    /// The button that leads to everything.
    pub(super) fn open(&self) -> &'static str {
        match self.language {
            Japanese => "Kibanaで開く",
            English => "Open in Kibana",
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
        if let Some(run) = &digest.run {
            let run = escape(run, RUN_LIMIT);
            text.push_str(&match self.language {
                Japanese => format!("、実行ID {run}"),
                English => format!(", run {run}"),
            });
        }
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

/// To the next multiple of five: a share of some hundred sampled lines is not surer than that.
fn fives(percent: u64) -> u64 {
    (percent + 2) / 5 * 5
}
