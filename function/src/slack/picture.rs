//! Slack's own charts and table (data_visualization, table), out of a digest.

use super::block::{Axis, Block, Cell, Chart, Column, OneSeries, Point, Series};
use super::text::plain_line;
use super::wording::Words;
use crate::digest::{Digest, Row};

/// Characters of a series' name.
const NAME: usize = 20;
/// Series of a chart.
const SERIES: usize = 6;
/// Hours of a bar: a chart has 20 categories at most, and a day up to 25 hours.
const HOURS_OF_BAR: usize = 2;

/// The hours of the day as bars, and the two weeks as lines. Nothing at all is no picture.
pub(super) fn charts(digest: &Digest, words: &Words) -> Vec<Block> {
    let mut charts = Vec::new();
    let rows: Vec<Row<'_>> = digest.rows().take(SERIES).collect();
    let zone = &digest.window.zone;
    if digest.tally.day().total > 0 {
        let bars: Vec<String> = digest
            .window
            .hours
            .chunks(HOURS_OF_BAR)
            .map(|hours| hours[0].start.to_zoned(zone.clone()).strftime("%H:%M").to_string())
            .collect();
        let counts = |row: &Row<'_>| {
            row.hours
                .chunks(HOURS_OF_BAR)
                .map(|hours| hours.iter().copied().fold(0, u64::saturating_add))
                .collect()
        };
        charts.push(chart(words.hours_title(), Chart::Bar(series(&rows, &bars, counts))));
    }
    if digest.tally.days.iter().any(|counts| counts.total > 0) {
        let days: Vec<String> = digest
            .window
            .days
            .iter()
            .map(|day| day.start.to_zoned(zone.clone()).strftime("%-m/%-d").to_string())
            .collect();
        charts.push(chart(words.days_title(), Chart::Line(series(&rows, &days, |row| row.days.clone()))));
    }
    charts
}

fn chart(title: &str, chart: Chart) -> Block {
    Block::DataVisualization { title: title.to_owned(), chart }
}

fn series(rows: &[Row<'_>], categories: &[String], counts: impl Fn(&Row<'_>) -> Vec<u64>) -> Series {
    let mut all: Vec<OneSeries> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let name = plain_line(row.name, NAME - 1);
        // Slack takes no two series of one name, and cutting may make some.
        let taken = all.iter().any(|one| one.name == name);
        let name = if taken { format!("{}. {}", index + 1, plain_line(row.name, NAME - 6)) } else { name };
        let point = |(label, value): (&String, u64)| Point { label: label.clone(), value };
        all.push(OneSeries { name, data: categories.iter().zip(counts(row)).map(point).collect() });
    }
    Series { series: all, axis_config: Axis { categories: categories.to_vec() } }
}

/// The most frequent messages as a table; none without messages.
pub(super) fn table(digest: &Digest, words: &Words) -> Option<Block> {
    if digest.messages.is_empty() {
        return None;
    }
    let row = |cells: [String; 3]| cells.map(|text| Cell { text }).to_vec();
    let head = row(words.table_head().map(str::to_owned));
    let messages = digest.messages.iter().map(|message| {
        row([
            plain_line(&digest.levels[message.level], super::NAME_LIMIT),
            words.share(message),
            plain_line(&message.text, super::MESSAGE_LIMIT),
        ])
    });
    let column = |align| Column { align, is_wrapped: true };
    Some(Block::Table {
        rows: [head].into_iter().chain(messages).collect(),
        column_settings: vec![column("left"), column("right"), column("left")],
    })
}
