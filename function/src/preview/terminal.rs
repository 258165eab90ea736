//! A Slack message as a terminal can show it: the kinds of blocks that the product sends.

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use super::fold::{NO_LINK, columns, fold};

const BOLD: Style = Style::new().bold();
const ITALIC: Style = Style::new().italic();
const DIM: Style = Style::new().dimmed();
const BAR: Style = AnsiColor::Magenta.on_default();
const CODE: Style = AnsiColor::Yellow.on_default();
const LINK: Style = AnsiColor::Cyan.on_default().underline();

/// What a message is drawn in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    /// Its columns; none where lines may be of any length.
    pub width: Option<usize>,
    /// Whether it has hyperlinks (OSC 8): addresses then stand behind their words.
    pub links: bool,
}

/// The message, each line behind a bar: who sent it, what stands beside that (time, channel), and the payload.
pub fn draw(sender: &str, beside: &str, payload: &Value, window: Window) -> String {
    // The bar takes four.
    let width = window.width.map_or(usize::MAX, |width| width.saturating_sub(4).max(8));
    let mut drawing = Drawing { lines: Vec::new(), width, links: window.links };
    drawing.push(&format!("{BOLD}{sender}{BOLD:#} {DIM}APP  {beside}{DIM:#}"));
    match payload["blocks"].as_array() {
        Some(blocks) => blocks.iter().for_each(|block| drawing.block(block)),
        None => drawing.push(&drawing.mrkdwn(payload["text"].as_str().unwrap_or_default())),
    }
    // What stands beside a bar of colour comes below.
    for attachment in list(&payload["attachments"]) {
        list(&attachment["blocks"]).for_each(|block| drawing.block(block));
    }
    drawing.lines.iter().map(|line| format!("  {BAR}┃{BAR:#} {line}\n")).collect()
}

/// A text that leads to an address, in a terminal that has links.
pub fn link(address: &str, text: &str) -> String {
    format!("\u{1b}]8;;{address}\u{1b}\\{text}{NO_LINK}")
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Lines without their bar.
struct Drawing {
    lines: Vec<String>,
    width: usize,
    links: bool,
}

impl Drawing {
    fn block(&mut self, block: &Value) {
        let elements = || list(&block["elements"]);
        match block["type"].as_str().unwrap_or_default() {
            "header" => self.push(&format!("\n{BOLD}{}{BOLD:#}\n\n", self.text(&block["text"]))),
            "section" => self.push(&self.text(&block["text"])),
            "context" => {
                let parts: Vec<_> = elements().map(|element| self.text(element)).collect();
                self.push(&format!("\n{DIM}{}{DIM:#}", parts.join("  ")));
            }
            "actions" => {
                let buttons: Vec<_> = elements().map(|button| self.button(button)).collect();
                self.push(&buttons.join("  "));
            }
            "divider" => self.push(&format!("{DIM}{}{DIM:#}", "─".repeat(self.width.min(60)))),
            "table" => self.table(&block["rows"]),
            "data_visualization" => {
                self.push(&format!("{BOLD}{}{BOLD:#}", block["title"].as_str().unwrap_or_default()));
                for series in list(&block["chart"]["series"]) {
                    let values: Vec<u64> =
                        list(&series["data"]).filter_map(|point| point["value"].as_u64()).collect();
                    let name = series["name"].as_str().unwrap_or_default();
                    self.push(&format!("{CODE}{}{CODE:#} {name}", bars(&values)));
                }
            }
            other => self.push(&format!("{DIM}({other}: see it as a page){DIM:#}")),
        }
    }

    fn button(&self, button: &Value) -> String {
        let text = format!("[ {} ]", self.text(&button["text"]));
        match button["url"].as_str() {
            Some(url) if self.links => link(url, &text),
            Some(url) => format!("{text} {LINK}{url}{LINK:#}"),
            None => text,
        }
    }

    /// Columns are as wide as their widest cell; what doesn't fit of the last goes on below itself, if there is room.
    fn table(&mut self, rows: &Value) {
        let rows: Vec<Vec<String>> =
            list(rows).map(|row| list(row).map(|cell| self.text(cell)).collect()).collect();
        let mut widths = Vec::new();
        for row in &rows {
            widths.resize(widths.len().max(row.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = columns(cell).max(*width);
            }
        }
        let before_last =
            widths.split_last().map_or(0, |(_, first)| first.iter().map(|width| width + 5).sum());
        let between = if before_last <= self.width / 2 { "  │  " } else { " │ " };
        for row in &rows {
            let Some((last, first)) = row.split_last() else { continue };
            let padded = first.iter().zip(&widths).map(|(cell, width)| {
                format!("{cell}{}{between}", " ".repeat(width.saturating_sub(columns(cell))))
            });
            let start = String::from_iter(padded);
            let column = columns(&start);
            let indent = " ".repeat(if column <= self.width / 2 { column } else { 2 });
            self.lines.extend(fold(&format!("{start}{last}"), self.width, &indent, false));
        }
    }

    fn push(&mut self, text: &str) {
        self.lines.extend(text.lines().flat_map(|line| fold(line, self.width, "", false)));
    }

    /// A text object.
    fn text(&self, object: &Value) -> String {
        let text = object["text"].as_str().unwrap_or_default();
        if object["type"] == "mrkdwn" { self.mrkdwn(text) } else { text.to_owned() }
    }

    /// Slack's markup in a terminal's: bold, code and links; the rest stays as it is written.
    fn mrkdwn(&self, source: &str) -> String {
        let mut out = String::new();
        let mut rest = source;
        while let Some(mark) = rest.find(['*', '_', '`', '<']) {
            let (before, from) = rest.split_at(mark);
            out.push_str(before);
            let (open, inner) = from.split_at(1);
            let close = if open == "<" { '>' } else { open.chars().next().unwrap_or_default() };
            let end = inner.find(close).filter(|end| *end > 0 && !inner[..*end].contains('\n'));
            // The underscore of a name is none of Slack's marks.
            let alone = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
            let end = end.filter(|end| {
                open != "_" || alone(before.chars().last()) && alone(inner[end + 1..].chars().next())
            });
            let Some(end) = end else {
                out.push_str(open);
                rest = inner;
                continue;
            };
            let content = &inner[..end];
            match open {
                "*" => out.push_str(&format!("{BOLD}{content}{BOLD:#}")),
                "_" => out.push_str(&format!("{ITALIC}{content}{ITALIC:#}")),
                "`" => out.push_str(&format!("{CODE}{content}{CODE:#}")),
                _ => match content.split_once('|') {
                    Some((url, label)) if self.links => {
                        out.push_str(&link(url, &format!("{LINK}{label}{LINK:#}")));
                    }
                    Some((url, label)) => out.push_str(&format!("{label} {LINK}{url}{LINK:#}")),
                    None => out.push_str(&format!("{LINK}{content}{LINK:#}")),
                },
            }
            rest = &inner[end + 1..];
        }
        out.push_str(rest);
        out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }
}

/// One cell a value.
fn bars(values: &[u64]) -> String {
    const CELLS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().copied().max().unwrap_or_default().max(1);
    values.iter().map(|value| CELLS[(value.saturating_mul(7) / most).min(7) as usize]).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Without styles.
    fn plain(drawn: &str) -> String {
        let parts = drawn.split("\u{1b}[").enumerate();
        String::from_iter(parts.map(|(n, part)| if n == 0 { part } else { part.split_once('m').unwrap().1 }))
    }

    #[test]
    fn in_a_window_the_bar_stays_at_the_left_and_columns_stand_below_each_other() {
        let cell = |text: &str| json!({"type": "raw_text", "text": text});
        let payload = json!({"text": "t", "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": "*昨日出力された Fatal を発表しちゃうよー*"}},
            {"type": "table", "rows": [
                [cell("レベル"), cell("メッセージ")],
                [cell("Fatal"), cell("no connection to the database")],
            ]},
            {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Kibana"}, "url": "https://k"}]},
        ]});
        let window = Window { width: Some(32), links: true };
        let drawn = draw("ログ情報お知らせちゃん", "#c", &payload, window);
        // Bold goes on behind the bar of the next line, and never over it.
        assert!(drawn.contains("\u{1b}[0m\n  \u{1b}[35m┃\u{1b}[0m \u{1b}[1m"), "{drawn:?}");
        assert!(drawn.contains(&link("https://k", "[ Kibana ]")), "{drawn:?}");
        let window = Window { width: Some(32), links: false };
        insta::assert_snapshot!(plain(&draw("ログ情報お知らせちゃん", "#c", &payload, window)), @r"
          ┃ ログ情報お知らせちゃん APP
          ┃ #c
          ┃ 昨日出力された Fatal を発表
          ┃ しちゃうよー
          ┃ レベル  │  メッセージ
          ┃ Fatal   │  no connection to
          ┃            the database
          ┃ [ Kibana ] https://k
        ");
    }

    #[test]
    fn a_message_is_drawn_line_by_line() {
        let payload = json!({"text": "t", "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "2018年12月9日(日)"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*Fatal*: 3 _in all_\n`▁█` a_b_c &lt; b * c"}},
            {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Kibana"}, "url": "https://k"}]},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "see <https://k|here>"}]},
            {"type": "table", "rows": [[{"type": "raw_text", "text": "Fatal"}, {"type": "raw_text", "text": "約60%"}]]},
            {"type": "data_visualization", "title": "14 days", "chart": {"type": "line", "series": [
                {"name": "Fatal", "data": [{"label": "a", "value": 0}, {"label": "b", "value": 9}]},
            ]}},
            {"type": "video"},
        ], "attachments": [{"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "aside"}}]}]});
        let drawn = plain(&draw("tanets", "09:00  #c", &payload, Window::default()));
        let lines: Vec<_> = drawn.lines().map(|line| line.trim_start_matches("  ┃ ")).collect();
        assert_eq!(
            lines,
            [
                "tanets APP  09:00  #c",
                "",
                "2018年12月9日(日)",
                "",
                "Fatal: 3 in all",
                "▁█ a_b_c < b * c",
                "[ Kibana ] https://k",
                "",
                "see here https://k",
                "Fatal  │  約60%",
                "14 days",
                "▁█ Fatal",
                "(video: see it as a page)",
                "aside",
            ]
        );
    }
}
