//! Sampled log lines: the text of a field out of each document, cut to what a message can show.

use serde::Deserialize;
use serde_json::{Map, Value};

/// Characters of a line that are kept.
const LINE_LIMIT: usize = 400;
/// Where structured lines keep their text.
const TEXT_KEYS: [&str; 5] = ["message", "msg", "error", "event", "log"];

/// The answer of `top_hits`.
#[derive(Deserialize)]
pub(super) struct Lines {
    hits: Hits,
}

#[derive(Deserialize)]
struct Hits {
    hits: Vec<Hit>,
}

#[derive(Deserialize)]
struct Hit {
    /// Absent where an index keeps no sources.
    #[serde(rename = "_source")]
    source: Option<Value>,
}

/// The first line of each document's text.
pub(super) fn texts(lines: &Lines, field: &str) -> Vec<String> {
    let sources = lines.hits.hits.iter().filter_map(|hit| hit.source.as_ref());
    sources.filter_map(|source| text(source, field)).map(line).collect()
}

/// The text of a field: `{"a.b": …}` and `{"a": {"b": …}}` are the same field. Of several values the first.
fn text<'a>(source: &'a Value, field: &str) -> Option<&'a str> {
    let object = source.as_object()?;
    let value = |value: &'a Value| match value {
        Value::Array(values) => values.first()?.as_str(),
        value => value.as_str(),
    };
    if let Some(found) = object.get(field) {
        return value(found);
    }
    field.match_indices('.').find_map(|(dot, _)| text(object.get(&field[..dot])?, &field[dot + 1..]))
}

/// The first line that says something; of a structured line, the text in it.
fn line(text: &str) -> String {
    let structured = text.trim_start().starts_with('{').then(|| serde_json::from_str::<Map<_, _>>(text).ok());
    let inner = structured.flatten().and_then(|object| {
        TEXT_KEYS.iter().find_map(|key| object.get(*key).and_then(Value::as_str).map(str::to_owned))
    });
    let text = inner.as_deref().unwrap_or(text);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.chars().take(LINE_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_lines_text_is_found_wherever_documents_keep_it() {
        let cases = [
            (json!({"message": "a\nb"}), "message", vec!["a"]),
            (json!({"log": {"text": "\n  x"}}), "log.text", vec!["x"]),
            (json!({"log.text": "x"}), "log.text", vec!["x"]),
            (json!({"a": {"b.c": "x"}}), "a.b.c", vec!["x"]),
            (json!({"message": ["x", "y"]}), "message", vec!["x"]),
            (json!({"message": "{\"level\":\"x\",\"msg\":\"disk full\"}"}), "message", vec!["disk full"]),
            (json!({"message": "{not json}"}), "message", vec!["{not json}"]),
            (json!({"message": 5}), "message", vec![]),
            (json!({"other": "x"}), "message", vec![]),
            (json!(null), "message", vec![]),
            (json!({"message": "é".repeat(9000)}), "message", vec!["é".repeat(400).leak()]),
        ];
        for (source, field, expected) in cases {
            let lines: Lines =
                serde_json::from_value(json!({"hits": {"hits": [{"_source": source}]}})).unwrap();
            assert_eq!(texts(&lines, field), expected, "{source}");
        }
    }
}
