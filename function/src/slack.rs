//! The Slack message. Pure: a digest goes in, a payload comes out; the webhook is elsewhere.
//!
//! Slack's limits are kept by construction: every foreign text is cut before it is escaped, and the numbers below
//! leave room for each character to grow into an entity.

mod text;
mod wording;

use serde::Serialize;

use self::text::escape;
use self::wording::Words;
use crate::digest::{Digest, Row};
use crate::settings::{Language, Settings, Unit};

pub use self::text::{decimal, grouped, sparkline};

/// The picture that the original sent along with its user name.
const ICON: &str = ":female-technologist:";
/// Levels that a message shows. Slack takes 50 blocks a message; each level is one.
const LEVELS_SHOWN: usize = 40;
/// Characters of a level's name that a message shows.
const NAME_LIMIT: usize = 80;
/// Characters of the levels' list in the opening sentence.
const LIST_LIMIT: usize = 300;
/// Characters of a link, escaped. Slack takes 3000 a section.
const LINK_LIMIT: usize = 2500;
/// Characters of the reason in a notice, before escaping.
const REASON_LIMIT: usize = 500;

/// The payload of an incoming webhook.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// Honoured by legacy webhooks only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Honoured by legacy webhooks only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Honoured by legacy webhooks only; goes with the user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_emoji: Option<String>,
    /// The whole message as text: for notifications, screen readers, and services that know no blocks.
    pub text: String,
    /// The message as people see it.
    pub blocks: Vec<Block>,
    /// No previews of links.
    pub unfurl_links: bool,
    /// No previews of media.
    pub unfurl_media: bool,
}

/// A layout block.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// Large text, at most 150 characters.
    Header {
        /// Plain.
        text: Text,
    },
    /// Text, at most 3000 characters.
    Section {
        /// Mrkdwn.
        text: Text,
    },
    /// Small print, at most 10 elements.
    Context {
        /// Mrkdwn.
        elements: Vec<Text>,
    },
}

/// A text object.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Text {
    /// Without markup.
    PlainText {
        /// The text.
        text: String,
    },
    /// With Slack's markup.
    Mrkdwn {
        /// The text, escaped.
        text: String,
        /// True: Slack makes no links and mentions out of what only looks like them.
        verbatim: bool,
    },
}

fn mrkdwn(text: String) -> Text {
    Text::Mrkdwn { text, verbatim: true }
}

fn section(text: String) -> Block {
    Block::Section { text: mrkdwn(text) }
}

/// The message of a digest. `link` leads to the counted documents.
pub fn message(digest: &Digest, settings: &Settings, link: Option<&str>) -> Message {
    let words = Words { language: settings.language };
    let names = digest.levels.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let opening = words.opening(digest, &escape(&names, LIST_LIMIT));
    let mut blocks = vec![
        Block::Header { text: Text::PlainText { text: words.title(&digest.window) } },
        section(opening.clone()),
    ];
    let mut lines = vec![opening];
    for row in digest.rows().take(LEVELS_SHOWN) {
        let line = words.row(&escape(row.name, NAME_LIMIT), &row, &digest.window);
        blocks.push(section(with_hours(&line, &row, digest, &words)));
        lines.push(line);
    }
    let mut summary = Vec::new();
    if let Some(more) = digest.levels.len().checked_sub(LEVELS_SHOWN).filter(|more| *more > 0) {
        summary.push(words.more_levels(more));
    }
    if digest.levels.len() > 1 {
        summary.push(words.total(&digest.total(), &digest.window));
    }
    summary.push(words.average(digest.average(settings.unit), settings.unit));
    lines.extend(summary.iter().cloned());
    blocks.push(section(summary.join("\n")));
    if let Some(link) = link {
        let link = link.replace('&', "&amp;");
        let fits = link.chars().count() <= LINK_LIMIT;
        let link = if fits { format!("<{link}|Kibana>") } else { words.long_link() };
        blocks.push(section(words.details(&link)));
        lines.push(words.details(&link));
    }
    let context = words.context(digest);
    lines.push(context.clone());
    blocks.push(Block::Context { elements: vec![mrkdwn(context)] });
    payload(settings, lines.join("\n"), blocks)
}

/// A level's line with the picture of its hours below.
fn with_hours(line: &str, row: &Row<'_>, digest: &Digest, words: &Words) -> String {
    match row.peak() {
        Some(peak) => {
            let hour = digest.window.hours[peak].start.to_zoned(digest.window.zone.clone()).time();
            format!("{line}\n`{}` {}", sparkline(&row.hours), words.peak(hour, row.hours[peak]))
        }
        None => line.to_owned(),
    }
}

/// A short notice that there is no digest, and why. The reason may hold foreign text.
pub fn notice(settings: &Settings, day: jiff::civil::Date, reason: &str, hint: Option<&str>) -> Message {
    let words = Words { language: settings.language };
    let mut lines = vec![words.sorry(day, &escape(reason, REASON_LIMIT))];
    lines.extend(hint.map(|hint| words.hint(&escape(hint, REASON_LIMIT))));
    payload(settings, lines.join("\n"), lines.into_iter().map(section).collect())
}

fn payload(settings: &Settings, text: String, blocks: Vec<Block>) -> Message {
    Message {
        channel: settings.channel.clone(),
        username: settings.username.clone(),
        icon_emoji: settings.username.as_ref().map(|_| ICON.to_owned()),
        text,
        blocks,
        unfurl_links: false,
        unfurl_media: false,
    }
}

#[cfg(test)]
mod tests;
