//! The payload of an incoming webhook, as Slack's reference has it: only what the product sends.

use std::collections::BTreeMap;

use serde::Serialize;

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
    /// The part of it that stands beside a bar of colour.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// No previews of links.
    pub unfurl_links: bool,
    /// No previews of media.
    pub unfurl_media: bool,
}

impl Message {
    /// What a workflow's trigger takes instead: its variables, all of them text.
    pub fn variables(&self) -> BTreeMap<&'static str, &str> {
        let title = self.blocks.iter().find_map(|block| match block {
            Block::Header { text: Text::PlainText { text } } => Some(text.as_str()),
            _ => None,
        });
        [("text", self.text.as_str()), ("title", title.unwrap_or_default())].into()
    }
}

/// Blocks beside a bar of colour.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Attachment {
    /// Of the bar: `#rrggbb`.
    pub color: &'static str,
    /// At most 50.
    pub blocks: Vec<Block>,
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
    /// Buttons, at most 25.
    Actions {
        /// The buttons.
        elements: Vec<Button>,
    },
    /// A chart (since 2026-06-16): at most two a message.
    DataVisualization {
        /// At most 50 characters.
        title: String,
        /// The chart.
        chart: Chart,
    },
    /// A table: one a message, at most 100 rows of 20 cells.
    Table {
        /// The first row is its head.
        rows: Vec<Vec<Cell>>,
        /// How its columns are set.
        column_settings: Vec<Column>,
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

/// A button that is a link.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "button")]
pub struct Button {
    /// Plain, at most 75 characters.
    pub text: Text,
    /// At most 3000 characters.
    pub url: String,
}

/// Series over categories.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Chart {
    /// Bars.
    Bar(Series),
    /// Lines.
    Line(Series),
}

/// What a chart of bars or lines shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    /// At most 6, of different names.
    pub series: Vec<OneSeries>,
    /// The categories, the same for all series.
    pub axis_config: Axis,
}

/// One line, or one colour of bars.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OneSeries {
    /// At most 20 characters.
    pub name: String,
    /// A point for each category.
    pub data: Vec<Point>,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Its category.
    pub label: String,
    /// How many.
    pub value: u64,
}

/// The horizontal axis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Axis {
    /// At most 20, each of at most 20 characters.
    pub categories: Vec<String>,
}

/// A table's cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "raw_text")]
pub struct Cell {
    /// Without markup.
    pub text: String,
}

/// A table's column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// `left` or `right`.
    pub align: &'static str,
    /// Whether long text wraps.
    pub is_wrapped: bool,
}

pub(super) fn mrkdwn(text: String) -> Text {
    Text::Mrkdwn { text, verbatim: true }
}

pub(super) fn plain(text: String) -> Text {
    Text::PlainText { text }
}

pub(super) fn section(text: String) -> Block {
    Block::Section { text: mrkdwn(text) }
}
