//! A Slack message as a terminal can show it: the kinds of blocks that the product sends.

use anstyle::{AnsiColor, Style};
use serde_json::Value;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const BAR: Style = AnsiColor::Magenta.on_default();
const CODE: Style = AnsiColor::Yellow.on_default();
const LINK: Style = AnsiColor::Cyan.on_default().underline();

/// The message, each line behind a bar: who sent it, what stands beside that (time, channel), and the payload.
pub fn draw(sender: &str, beside: &str, payload: &Value) -> String {
    let mut lines = vec![format!("{BOLD}{sender}{BOLD:#} {DIM}APP  {beside}{DIM:#}")];
    match payload["blocks"].as_array() {
        Some(blocks) => blocks.iter().for_each(|block| draw_block(block, &mut lines)),
        None => push(&mut lines, &mrkdwn(payload["text"].as_str().unwrap_or_default())),
    }
    // What stands beside a bar of colour comes below.
    for attachment in list(&payload["attachments"]) {
        list(&attachment["blocks"]).for_each(|block| draw_block(block, &mut lines));
    }
    lines.iter().map(|line| format!("  {BAR}┃{BAR:#} {line}\n")).collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn draw_block(block: &Value, lines: &mut Vec<String>) {
    let elements = || block["elements"].as_array().into_iter().flatten();
    match block["type"].as_str().unwrap_or_default() {
        "header" => {
            lines.extend([String::new(), format!("{BOLD}{}{BOLD:#}", text(&block["text"])), String::new()])
        }
        "section" => push(lines, &text(&block["text"])),
        "context" => {
            let parts: Vec<_> = elements().map(text).collect();
            lines.push(String::new());
            push(lines, &format!("{DIM}{}{DIM:#}", parts.join("  ")));
        }
        "actions" => {
            let buttons: Vec<_> = elements()
                .map(|button| {
                    format!(
                        "[ {} ] {LINK}{}{LINK:#}",
                        text(&button["text"]),
                        button["url"].as_str().unwrap_or("")
                    )
                })
                .collect();
            push(lines, &buttons.join("  "));
        }
        "divider" => lines.push(format!("{DIM}{}{DIM:#}", "─".repeat(60))),
        "table" => list(&block["rows"]).for_each(|row| {
            let cells: Vec<_> = list(row).map(text).collect();
            push(lines, &cells.join("  │  "));
        }),
        "data_visualization" => {
            lines.push(format!("{BOLD}{}{BOLD:#}", block["title"].as_str().unwrap_or_default()));
            for series in list(&block["chart"]["series"]) {
                let values: Vec<u64> =
                    list(&series["data"]).filter_map(|point| point["value"].as_u64()).collect();
                let name = series["name"].as_str().unwrap_or_default();
                lines.push(format!("{CODE}{}{CODE:#} {name}", bars(&values)));
            }
        }
        other => lines.push(format!("{DIM}({other}: see it as a page){DIM:#}")),
    }
}

/// One cell a value.
fn bars(values: &[u64]) -> String {
    const CELLS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().copied().max().unwrap_or_default().max(1);
    values.iter().map(|value| CELLS[(value.saturating_mul(7) / most).min(7) as usize]).collect()
}

fn push(lines: &mut Vec<String>, text: &str) {
    lines.extend(text.lines().map(str::to_owned));
}

/// A text object.
fn text(object: &Value) -> String {
    let text = object["text"].as_str().unwrap_or_default();
    if object["type"] == "mrkdwn" { mrkdwn(text) } else { text.to_owned() }
}

/// Slack's markup in a terminal's: bold, code and links; the rest stays as it is written.
fn mrkdwn(source: &str) -> String {
    let mut out = String::new();
    let mut rest = source;
    while let Some(mark) = rest.find(['*', '`', '<']) {
        let (before, from) = rest.split_at(mark);
        out.push_str(before);
        let (open, inner) = from.split_at(1);
        let close = if open == "<" { '>' } else { open.chars().next().unwrap_or_default() };
        let end = inner.find(close).filter(|end| *end > 0 && !inner[..*end].contains('\n'));
        let Some(end) = end else {
            out.push_str(open);
            rest = inner;
            continue;
        };
        let content = &inner[..end];
        match open {
            "*" => out.push_str(&format!("{BOLD}{content}{BOLD:#}")),
            "`" => out.push_str(&format!("{CODE}{content}{CODE:#}")),
            _ => match content.split_once('|') {
                Some((url, label)) => out.push_str(&format!("{label} {LINK}{url}{LINK:#}")),
                None => out.push_str(&format!("{LINK}{content}{LINK:#}")),
            },
        }
        rest = &inner[end + 1..];
    }
    out.push_str(rest);
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_is_drawn_line_by_line() {
        let payload = json!({"text": "t", "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "2018年12月9日(日)"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*Fatal*: 3\n`▁█` a &lt; b * c"}},
            {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Kibana"}, "url": "https://k"}]},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "see <https://k|here>"}]},
            {"type": "table", "rows": [[{"type": "raw_text", "text": "Fatal"}, {"type": "raw_text", "text": "約60%"}]]},
            {"type": "data_visualization", "title": "14 days", "chart": {"type": "line", "series": [
                {"name": "Fatal", "data": [{"label": "a", "value": 0}, {"label": "b", "value": 9}]},
            ]}},
            {"type": "video"},
        ], "attachments": [{"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "aside"}}]}]});
        // Without its styles.
        let drawn = draw("tanets", "09:00  #c", &payload);
        let parts = drawn.split("\u{1b}[").enumerate();
        let drawn = String::from_iter(
            parts.map(|(n, part)| if n == 0 { part } else { part.split_once('m').unwrap().1 }),
        );
        let lines: Vec<_> = drawn.lines().map(|line| line.trim_start_matches("  ┃ ")).collect();
        assert_eq!(
            lines,
            [
                "tanets APP  09:00  #c",
                "",
                "2018年12月9日(日)",
                "",
                "Fatal: 3",
                "▁█ a < b * c",
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
