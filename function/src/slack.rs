//! The Slack message. Pure: a digest goes in, a payload comes out; the webhook is elsewhere.
//!
//! Slack's limits are kept by construction: every foreign text is cut before it is escaped, and the numbers below
//! leave room for each character to grow into an entity.

mod block;
mod picture;
mod text;
mod wording;

use self::block::{mrkdwn, plain, section};
use self::text::{escape, plain_line};
use self::wording::Words;
use crate::digest::{Digest, Mood, Row};
use crate::links::Links;
use crate::settings::{Chart, Language, Settings, Unit};

pub use self::block::{Attachment, Block, Button, Message, Text};
pub use self::text::{decimal, grouped, sparkline};

/// The picture that the original sent along with its user name.
const ICON: &str = ":female-technologist:";
/// Levels that a message shows. Slack takes 50 blocks a message; each level is one.
const LEVELS_SHOWN: usize = 40;
/// Characters of a level's name that a message shows.
const NAME_LIMIT: usize = 80;
/// Characters of the levels' list in the opening sentence.
const LIST_LIMIT: usize = 300;
/// Characters of a link, escaped. Slack takes 3000 a section, and 3000 a button.
const LINK_LIMIT: usize = 2500;
/// Characters of a section.
const SECTION_LIMIT: usize = 3000;
/// Characters of a log message.
const MESSAGE_LIMIT: usize = 160;
/// Buttons of a message beside the first. Slack takes 25.
const LEVEL_BUTTONS: usize = 24;
/// Characters of a button. Slack takes 75.
const BUTTON_LIMIT: usize = 70;
/// Characters of the reason in a notice, before escaping.
const REASON_LIMIT: usize = 500;

/// How much of Slack a message makes use of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Charts, tables and buttons, as far as the settings want them.
    Rich,
    /// Text alone, which every webhook takes.
    Plain,
}

/// The message of a digest. `links` lead to the counted documents.
pub fn message(digest: &Digest, settings: &Settings, links: Option<&Links>, form: Form) -> Message {
    let words = Words { language: settings.language };
    let mood = Mood::of(digest, &settings.warn, &settings.alert);
    // A legacy webhook, which is who these two are for, has no interactive blocks.
    let legacy = settings.channel.is_some() || settings.username.is_some();
    let parts = Parts {
        digest,
        words: &words,
        links,
        buttons: form == Form::Rich && !legacy,
        native: form == Form::Rich && settings.chart == Chart::Native,
        // Slack's chart takes twenty points at most: the hours of a day don't fit, so they stand in the line.
        sparkline: settings.chart != Chart::Off,
        text_chart: settings.chart != Chart::Off && (form == Form::Plain || settings.chart == Chart::Text),
    };
    let opening = words.opening(digest, &names(digest), settings.opening.as_deref());
    let opening = match &settings.mention {
        Some(mention) if mood == Mood::Alert => format!("{} {opening}", mention.markup()),
        _ => opening,
    };
    let title = words.title(&digest.window, mood);
    let mut lines = vec![opening.clone(), title.clone()];
    let top = vec![Block::Header { text: plain(title) }, section(opening)];
    let mut rest = Vec::new();
    parts.rows(&mut rest, &mut lines);
    parts.summary(settings.unit, &mut rest, &mut lines);
    if parts.native {
        rest.extend(picture::charts(digest, &words));
    }
    parts.messages(&mut rest, &mut lines);
    parts.details(&mut rest, &mut lines);
    context(digest, &words, &mut rest, &mut lines);
    payload(settings, lines.join("\n"), top, rest, color(mood))
}

/// The bar beside a message: only thresholds give one.
fn color(mood: Mood) -> Option<&'static str> {
    match mood {
        Mood::Alert => Some("#e01e5a"),
        Mood::Warning => Some("#ecb22e"),
        Mood::Clear | Mood::Quiet | Mood::Usual | Mood::First | Mood::Busy | Mood::Stormy => None,
    }
}

/// The levels' names in a sentence.
fn names(digest: &Digest) -> String {
    escape(&digest.levels.iter().map(String::as_str).collect::<Vec<_>>().join(", "), LIST_LIMIT)
}

/// What the parts of a message depend on. Each adds blocks, and the same as lines of text.
struct Parts<'a> {
    digest: &'a Digest,
    words: &'a Words,
    links: Option<&'a Links>,
    buttons: bool,
    native: bool,
    sparkline: bool,
    text_chart: bool,
}

impl Parts<'_> {
    /// A block for each level.
    fn rows(&self, blocks: &mut Vec<Block>, lines: &mut Vec<String>) {
        for (index, row) in self.digest.rows().take(LEVELS_SHOWN).enumerate() {
            let mut line = self.words.row(&escape(row.name, NAME_LIMIT), &row, &self.digest.window);
            let peak = self.peak(&row);
            lines
                .push([Some(line.clone()), peak.clone()].into_iter().flatten().collect::<Vec<_>>().join(" "));
            let link = self.links.and_then(|links| links.levels.get(index)).filter(|_| !self.buttons);
            let link = link.and_then(|link| markup(link, "Kibana"));
            if let Some(link) = link.filter(|link| line.chars().count() + link.chars().count() <= LINK_LIMIT)
            {
                line = format!("{line} {link}");
            }
            let picture = self.sparkline.then(|| format!("`{}`", sparkline(&row.hours)));
            if let Some(peak) = peak {
                let below: Vec<String> = picture.into_iter().chain([peak]).collect();
                line = format!("{line}\n{}", below.join(" "));
            }
            blocks.push(section(line));
        }
    }

    fn peak(&self, row: &Row<'_>) -> Option<String> {
        let window = &self.digest.window;
        let peak = row.peak()?;
        let hour = window.hours[peak].start.to_zoned(window.zone.clone()).time();
        Some(self.words.peak(hour, row.hours[peak]))
    }

    /// The total, the average and the trend.
    fn summary(&self, unit: Unit, blocks: &mut Vec<Block>, lines: &mut Vec<String>) {
        let (digest, words, total) = (self.digest, self.words, self.digest.total());
        let mut summary = Vec::new();
        if let Some(more) = digest.levels.len().checked_sub(LEVELS_SHOWN).filter(|more| *more > 0) {
            summary.push(words.more_levels(more));
        }
        if digest.levels.len() > 1 {
            summary.push(words.total(&total, &digest.window));
        }
        // An average of nothing says nothing, and neither does a trend from nothing to nothing.
        if total.count > 0 {
            summary.push(words.average(digest.average(unit), unit));
        }
        lines.extend(summary.iter().cloned());
        if total.days.iter().any(|count| *count > 0) {
            lines.push(words.trend(&total.days, false));
            summary.push(words.trend(&total.days, self.text_chart));
        }
        if !summary.is_empty() {
            blocks.push(section(summary.join("\n")));
        }
    }

    /// What the lines say.
    fn messages(&self, blocks: &mut Vec<Block>, lines: &mut Vec<String>) {
        let messages = self.digest.messages.iter().map(|message| {
            let level = escape(&self.digest.levels[message.level], NAME_LIMIT);
            self.words.message(&level, message)
        });
        let told: Vec<String> = [self.words.messages().to_owned()].into_iter().chain(messages).collect();
        if told.len() == 1 {
            return;
        }
        match picture::table(self.digest, self.words).filter(|_| self.native) {
            Some(table) => blocks.extend([section(told[0].clone()), table]),
            None => blocks.push(section(fitting(&told))),
        }
        lines.extend(told);
    }

    /// The way to the documents.
    fn details(&self, blocks: &mut Vec<Block>, lines: &mut Vec<String>) {
        let Some(links) = self.links else { return };
        let all = markup(&links.all, "Kibana").unwrap_or_else(|| self.words.long_link());
        let all = self.words.details(&all);
        lines.push(all.clone());
        let button = |label: &str, url: &String| {
            let text = plain(plain_line(label, BUTTON_LIMIT));
            (url.chars().count() <= LINK_LIMIT).then(|| Button { text, url: url.clone() })
        };
        // One level is everything.
        let levels = self.digest.levels.iter().zip(&links.levels).take(LEVEL_BUTTONS);
        let levels =
            levels.filter(|_| self.digest.levels.len() > 1).filter_map(|(name, url)| button(name, url));
        let elements: Vec<Button> = button(self.words.open(), &links.all).into_iter().chain(levels).collect();
        match self.buttons && !elements.is_empty() {
            true => blocks.push(Block::Actions { elements }),
            false => blocks.push(section(all)),
        }
    }
}

/// The first lines, as many as a section takes.
fn fitting(lines: &[String]) -> String {
    let mut length = 0;
    let fits = lines.iter().take_while(|line| {
        length += line.chars().count() + 1;
        length <= SECTION_LIMIT
    });
    fits.cloned().collect::<Vec<_>>().join("\n")
}

/// A link in Slack's markup, if it is not too long for it.
fn markup(url: &str, label: &str) -> Option<String> {
    let url = url.replace('&', "&amp;");
    (url.chars().count() <= LINK_LIMIT).then(|| format!("<{url}|{label}>"))
}

/// The small print, as the last block and the last line.
fn context(digest: &Digest, words: &Words, blocks: &mut Vec<Block>, lines: &mut Vec<String>) {
    let context = words.context(digest);
    lines.push(context.clone());
    blocks.push(Block::Context { elements: vec![mrkdwn(context)] });
}

/// One line after a week without anything.
pub fn all_quiet(digest: &Digest, settings: &Settings) -> Message {
    let words = Words { language: settings.language };
    let quiet = words.all_quiet(digest, &names(digest));
    let (mut blocks, mut lines) = (vec![section(quiet.clone())], vec![quiet]);
    context(digest, &words, &mut blocks, &mut lines);
    payload(settings, lines.join("\n"), blocks, Vec::new(), None)
}

/// A short notice that there is no digest, and why. The reason may hold foreign text.
pub fn notice(settings: &Settings, day: jiff::civil::Date, reason: &str, hint: Option<&str>) -> Message {
    let words = Words { language: settings.language };
    let mut lines = vec![words.sorry(day, &escape(reason, REASON_LIMIT))];
    lines.extend(hint.map(|hint| words.hint(&escape(hint, REASON_LIMIT))));
    payload(settings, lines.join("\n"), lines.into_iter().map(section).collect(), Vec::new(), None)
}

/// With a colour, what follows the top stands beside the bar; Slack shows it below.
fn payload(
    settings: &Settings,
    text: String,
    mut blocks: Vec<Block>,
    rest: Vec<Block>,
    color: Option<&'static str>,
) -> Message {
    let attachments = match color {
        Some(color) => vec![Attachment { color, blocks: rest }],
        None => {
            blocks.extend(rest);
            Vec::new()
        }
    };
    Message {
        channel: settings.channel.clone(),
        username: settings.username.clone(),
        icon_emoji: settings.username.as_ref().map(|_| ICON.to_owned()),
        text,
        blocks,
        attachments,
        unfurl_links: false,
        unfurl_media: false,
    }
}

#[cfg(test)]
mod tests;
