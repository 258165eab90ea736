//! Which bytes of the file may be secret: those that no problem ever shows.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Document, Keys};
use crate::config::values::may_be_secret;

/// Keys whose values are never shown.
const SECRET_KEYS: [&str; 2] = ["webhook", "credentials"];

impl Document<'_> {
    /// Remembers the bytes of strings that may be secret: by their key, by their look, or because nobody
    /// knows what an unknown key holds.
    pub(super) fn note_secrets(&mut self, key: &str, value: &Spanned<DeValue<'_>>, is_known: bool) {
        match value.get_ref() {
            DeValue::Table(table) => {
                table.iter().for_each(|(key, value)| self.note_secrets(key.get_ref(), value, false));
            }
            DeValue::Array(array) => array.iter().for_each(|value| self.note_secrets(key, value, is_known)),
            other => {
                let looks_secret = other.as_str().is_some_and(may_be_secret);
                if looks_secret || !is_known || SECRET_KEYS.contains(&key) {
                    self.secrets.push(value.span());
                }
            }
        }
    }
}

/// The text with a blank for each byte of a comment.
pub(super) fn without_comments(text: &str, root: &DeTable<'_>) -> String {
    let mut literals = Vec::new();
    collect_literals(root, &mut literals);
    let mut shown = String::with_capacity(text.len());
    let mut rest = 0;
    for (at, _) in text.match_indices('#') {
        if at >= rest && !literals.iter().any(|literal| literal.contains(&at)) {
            let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
            shown.push_str(&text[rest..at]);
            shown.push_str(&" ".repeat(end - at));
            rest = end;
        }
    }
    shown.push_str(&text[rest..]);
    shown
}

/// The places of all keys and plain values, where a `#` starts no comment.
fn collect_literals(table: &DeTable<'_>, literals: &mut Vec<Range<usize>>) {
    for (key, value) in table {
        literals.push(key.span());
        let mut values = vec![value];
        while let Some(value) = values.pop() {
            match value.get_ref() {
                DeValue::Table(table) => collect_literals(table, literals),
                DeValue::Array(array) => values.extend(array.iter()),
                _ => literals.push(value.span()),
            }
        }
    }
}

pub(super) fn line_at(text: &str, at: usize) -> &str {
    let at = text.floor_char_boundary(at);
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[start..].split('\n').next().unwrap_or_default()
}

/// Whether a line that is not TOML certainly holds no secret: a header, or a known key that is none.
pub(super) fn is_harmless(line: &str, keys: Keys) -> bool {
    let line = line.trim();
    let header = line.trim_matches(['[', ']']);
    if line.is_empty() || line.starts_with('[') && keys.iter().any(|(table, _)| *table == header) {
        return true;
    }
    let key = line.split('=').next().unwrap_or_default().trim();
    let known = keys.iter().any(|(_, keys)| keys.contains(&key)) && !SECRET_KEYS.contains(&key);
    known && line.matches('=').count() == 1 && !line.contains('#') && !may_be_secret(line)
}
