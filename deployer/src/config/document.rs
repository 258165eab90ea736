//! The parsed file: takes keys out of it, and notes every problem with its place instead of stopping at one.
//!
//! What a value may be is not known here.

use std::ops::{Range, RangeInclusive};
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::expand::expand;
use super::place::Place;
use super::problem::{ConfigError, Problem};
use super::values::Fault;

mod keys;
mod secrecy;

use secrecy::{is_harmless, line_at, without_comments};

type Keys = &'static [(&'static str, &'static [&'static str])];

/// A string of the file, expanded.
pub(super) struct Text {
    /// With its table: `slack.webhook`.
    pub key: String,
    pub value: String,
    /// Whether any of it came from a `${NAME}`.
    pub from_env: bool,
    span: Range<usize>,
}

/// A problem before its place is looked up.
struct Note {
    span: Option<Range<usize>>,
    key: Option<String>,
    message: String,
    hint: Option<String>,
}

pub(super) struct Document<'a> {
    text: &'a str,
    /// The text with blanks for comments: they may hold yesterday's secrets.
    shown: String,
    root: &'a DeTable<'a>,
    env: &'a dyn Fn(&str) -> Option<String>,
    secrets: Vec<Range<usize>>,
    problems: Vec<Note>,
    warnings: Vec<Note>,
}

/// Parses the text as TOML.
pub(super) fn parse<'a>(text: &'a str, file: &Path, keys: Keys) -> Result<DeTable<'a>, ConfigError> {
    DeTable::parse(text).map(Spanned::into_inner).map_err(|error| {
        let span = error.span();
        let note = Note { span: span.clone(), key: None, message: error.message().to_owned(), hint: None };
        // Without a parsed file nobody knows what is a secret: a line is shown only if it is plainly none.
        let secrets = match span {
            Some(span) if !is_harmless(line_at(text, span.start), keys) => {
                std::iter::once(0..text.len()).collect()
            }
            _ => Vec::new(),
        };
        ConfigError::Invalid { problems: vec![note.into_problem(text, file, &secrets)] }
    })
}

impl<'a> Document<'a> {
    /// Notes every key that is not in `keys`: table by table, `""` for the top; an empty list takes any key.
    pub(super) fn new(
        text: &'a str,
        root: &'a DeTable<'a>,
        keys: Keys,
        env: &'a dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let shown = without_comments(text, root);
        let (secrets, problems, warnings) = (Vec::new(), Vec::new(), Vec::new());
        let mut doc = Self { text, shown, root, env, secrets, problems, warnings };
        doc.check_keys(keys);
        doc
    }

    /// Whether the file has a table.
    pub(super) fn has(&self, table: &str) -> bool {
        self.table(table).is_some()
    }

    fn table(&self, table: &str) -> Option<&'a DeTable<'a>> {
        if table.is_empty() { Some(self.root) } else { find(self.root, table)?.get_ref().as_table() }
    }

    /// A key's value, whatever it is.
    pub(super) fn entry(&self, table: &str, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        find(self.table(table)?, key)
    }

    /// The line that a key's value stands in, from 1.
    pub(super) fn line(&self, table: &str, key: &str) -> Option<usize> {
        let span = self.entry(table, key)?.span();
        Some(Place::new(&self.shown, span, &self.secrets).line)
    }

    /// A string; none if it is absent, or wrong (and noted).
    pub(super) fn text(&mut self, table: &str, key: &str) -> Option<Text> {
        let value = self.entry(table, key)?;
        self.expanded(path(table, key), value)
    }

    fn expanded(&mut self, key: String, value: &Spanned<DeValue<'_>>) -> Option<Text> {
        let Some(text) = value.get_ref().as_str() else {
            return self.wrong_type(&key, value, "a string", None);
        };
        match expand(text, self.env) {
            Ok(expanded) => {
                Some(Text { key, value: expanded.text, from_env: expanded.from_env, span: value.span() })
            }
            Err(error) => {
                self.note(Some(value.span()), &key, error.to_string(), Some(error.hint()));
                None
            }
        }
    }

    /// A string that must be there.
    pub(super) fn required(&mut self, table: &str, key: &str, example: &str) -> Option<Text> {
        if self.entry(table, key).is_none() {
            self.missing(table, key, &format!("\"{example}\""));
        }
        self.text(table, key)
    }

    /// A list of at least one string that must be there.
    pub(super) fn required_texts(&mut self, table: &str, key: &str, example: &str) -> Option<Vec<Text>> {
        let Some(value) = self.entry(table, key) else {
            self.missing(table, key, &format!("[\"{example}\"]"));
            return None;
        };
        let name = path(table, key);
        let write = format!("write `{key} = [\"{example}\"]`");
        match value.get_ref() {
            DeValue::Array(array) if array.is_empty() => {
                self.note(Some(value.span()), &name, "must not be empty".into(), Some(write));
                None
            }
            DeValue::Array(array) => {
                let item = |(index, value)| self.expanded(format!("{name}[{index}]"), value);
                Some(array.iter().enumerate().filter_map(item).collect())
            }
            _ => self.wrong_type(&name, value, "a list of strings", Some(write)),
        }
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, table: &str, key: &str) -> Option<bool> {
        let value = self.entry(table, key)?;
        let flag = value.get_ref().as_bool();
        flag.or_else(|| self.wrong_type(&path(table, key), value, "true or false", None))
    }

    /// A whole number within bounds.
    pub(super) fn number(
        &mut self,
        table: &str,
        key: &str,
        bounds: RangeInclusive<u32>,
        unit: &str,
    ) -> Option<u32> {
        let value = self.entry(table, key)?;
        let name = path(table, key);
        let (from, to) = (bounds.start(), bounds.end());
        let Some(integer) = value.get_ref().as_integer() else {
            return self.wrong_type(&name, value, &format!("a number, {from}-{to}"), None);
        };
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|number| bounds.contains(number));
        if number.is_none() {
            self.note(Some(value.span()), &name, format!("must be {from}-{to} {unit}, not {integer}"), None);
        }
        number
    }

    /// A number of days out of a list, or `"never"`, which is an inner none.
    pub(super) fn days(&mut self, table: &str, key: &str, allowed: &[u32]) -> Option<Option<u32>> {
        let value = self.entry(table, key)?;
        let days = match value.get_ref() {
            DeValue::String(text) if text == "never" => return Some(None),
            DeValue::Integer(integer) => u32::from_str_radix(integer.as_str(), integer.radix()).ok(),
            _ => None,
        };
        if let Some(days) = days.filter(|days| allowed.contains(days)) {
            return Some(Some(days));
        }
        let list: Vec<String> = allowed.iter().map(u32::to_string).collect();
        let message = format!("must be \"never\" (to expire) or one of CloudWatch's {}", list.join(", "));
        let hint = (days == Some(0)).then(|| "to keep logs for ever, write \"never\"".to_owned());
        self.note(Some(value.span()), &path(table, key), message, hint);
        None
    }

    /// All keys of a table, in the order of the file, with their strings.
    pub(super) fn all_texts(&mut self, table: &str) -> Vec<(String, Text)> {
        let mut texts = Vec::new();
        for (key, value) in self.table(table).into_iter().flatten() {
            let key = key.get_ref().to_string();
            if let Some(text) = self.expanded(path(table, &key), value) {
                texts.push((key, text));
            }
        }
        texts.sort_by_key(|(_, text)| text.span.start);
        texts
    }

    /// What a string means; none if it means nothing, which is noted.
    pub(super) fn check<T>(
        &mut self,
        text: &Text,
        check: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let Fault { message, hint, at } = match check(&text.value) {
            Ok(value) => return Some(value),
            Err(fault) => fault,
        };
        // A part of the value can be pointed at where the file has the value letter by letter.
        let verbatim = text.span.start + 1..text.span.end.saturating_sub(1);
        let span = match at {
            Some(at) if self.text.get(verbatim.clone()) == Some(&text.value) => {
                verbatim.start + at.start..verbatim.start + at.end
            }
            _ => text.span.clone(),
        };
        self.note(Some(span), &text.key, message, hint);
        None
    }

    /// What each string of a list means; one that is there twice is noted too.
    pub(super) fn check_all(
        &mut self,
        texts: &[Text],
        check: impl Fn(&str) -> Result<String, Fault>,
    ) -> Vec<String> {
        let mut values = Vec::new();
        for text in texts {
            let Some(value) = self.check(text, &check) else { continue };
            if values.contains(&value) {
                self.problem(text, "is there twice", "remove one of them");
            }
            values.push(value);
        }
        values
    }

    /// Notes a problem of a string.
    pub(super) fn problem(&mut self, text: &Text, message: impl Into<String>, hint: &str) {
        self.note(Some(text.span.clone()), &text.key, message.into(), Some(hint.into()));
    }

    /// Notes a problem that has no place of its own.
    pub(super) fn problem_of_all(&mut self, message: String, hint: &str) {
        self.problems.push(Note { span: None, key: None, message, hint: Some(hint.into()) });
    }

    /// Notes that a required key is absent.
    pub(super) fn missing(&mut self, table: &str, key: &str, example: &str) {
        let place = if table.is_empty() { "at the top".to_owned() } else { format!("in [{table}]") };
        let hint = format!("add it {place}, such as `{key} = {example}`");
        self.missing_because(table, key, "is required", &hint);
    }

    /// Notes that a key is absent that others make necessary.
    pub(super) fn missing_because(&mut self, table: &str, key: &str, message: &str, hint: &str) {
        let span = match find(self.root, table) {
            // What should be a table is one problem; what it lacks is none.
            Some(value) if !value.get_ref().is_table() => return,
            value => value.map(Spanned::span),
        };
        self.note(span, &path(table, key), message.into(), Some(hint.into()));
    }

    /// Notes what is allowed but should be known.
    pub(super) fn warn(&mut self, text: &Text, message: &str, hint: &str) {
        let (span, key) = (Some(text.span.clone()), Some(text.key.clone()));
        self.warnings.push(Note { span, key, message: message.into(), hint: Some(hint.into()) });
    }

    /// Notes it of a key, if that is there.
    pub(super) fn warn_of(&mut self, table: &str, key: &str, message: &str, hint: &str) {
        if let Some(value) = self.entry(table, key) {
            let (span, key) = (Some(value.span()), Some(path(table, key)));
            self.warnings.push(Note { span, key, message: message.into(), hint: Some(hint.into()) });
        }
    }

    fn wrong_type<T>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        wanted: &str,
        hint: Option<String>,
    ) -> Option<T> {
        let found = value.get_ref().type_str();
        let hint = hint.or_else(|| match (wanted, value.get_ref()) {
            ("a string", DeValue::Array(_) | DeValue::Table(_)) => None,
            ("a string", _) => Some("put it in quotes".into()),
            (_, DeValue::String(_)) => Some("write it without quotes".into()),
            _ => None,
        });
        self.note(Some(value.span()), key, format!("must be {wanted}, not {}", article(found)), hint);
        None
    }

    fn note(&mut self, span: Option<Range<usize>>, key: &str, message: String, hint: Option<String>) {
        self.problems.push(Note { span, key: Some(key.to_owned()), message, hint });
    }

    /// All problems and all warnings, each in the order of the file; what has no place comes last.
    pub(super) fn finish(mut self, file: &Path) -> (Vec<Problem>, Vec<Problem>) {
        let order = |note: &Note| note.span.clone().map_or(usize::MAX, |span| span.start);
        self.problems.sort_by_key(order);
        self.warnings.sort_by_key(order);
        let (text, secrets) = (self.shown.as_str(), &self.secrets);
        let show =
            |notes: Vec<Note>| notes.into_iter().map(|note| note.into_problem(text, file, secrets)).collect();
        (show(self.problems), show(self.warnings))
    }
}

impl Note {
    fn into_problem(self, text: &str, file: &Path, secrets: &[Range<usize>]) -> Problem {
        let Self { span, key, message, hint } = self;
        let place = span.map(|span| Place::new(text, span, secrets));
        Problem { file: file.display().to_string(), key, place, message, hint }
    }
}

fn find<'a>(table: &'a DeTable<'a>, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
}

fn path(table: &str, key: &str) -> String {
    if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") }
}

fn article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {kind}")
}
