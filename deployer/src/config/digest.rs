//! The keys of `[digest]`, and how they depend on each other.

use std::fmt::Display;
use std::str::FromStr;

use jiff::tz::TimeZone;
use tanets_function::settings::{
    Chart, Dashboards, Language, Mention, Messages, Threshold, Unit, ValueError, Zero,
};

use super::document::Document;
use super::reference;
use super::values::{self, Checked, Fault};

/// Characters of an opening of one's own; the message cuts it there.
const MAX_OPENING: usize = 1000;

/// What `[digest]` says, with its defaults.
pub(super) struct Digest {
    pub levels: Option<Vec<String>>,
    pub unit: Unit,
    pub kibana: Option<String>,
    pub dashboards: Dashboards,
    pub data_view: Option<String>,
    pub timezone: TimeZone,
    pub language: Language,
    pub opening: Option<String>,
    pub chart: Chart,
    pub messages: Messages,
    pub zero: Zero,
    pub warn: Vec<Threshold>,
    pub alert: Vec<Threshold>,
    pub mention: Option<Mention>,
}

/// All of the table. `levels` is none only if a problem was noted.
pub(super) fn digest(doc: &mut Document<'_>) -> Digest {
    let levels = doc.required_texts("digest", "levels", "Fatal");
    let levels = levels.map(|texts| doc.check_all(&texts, values::level));
    let kibana = doc.text("digest", "kibana").and_then(|text| doc.check(&text, reference::kibana));
    let data_view = doc.text("digest", "data_view").and_then(|text| doc.check(&text, values::plain));
    let dashboards = choice(doc, "dashboards", Dashboards::ALL);
    depend(doc, dashboards);
    let timezone = doc.text("digest", "timezone").and_then(|text| doc.check(&text, values::timezone));
    let warn = thresholds(doc, "warn", levels.as_deref());
    let alert = thresholds(doc, "alert", levels.as_deref());
    let mentioned = doc.text("digest", "mention");
    let mention = mentioned.as_ref().and_then(|text| doc.check(text, mention));
    if let Some(text) = mentioned.filter(|_| alert.is_empty()) {
        doc.warn(&text, "is never used", "set `alert`: only an alert mentions anybody");
    }
    Digest {
        unit: choice(doc, "per", Unit::ALL),
        kibana,
        dashboards,
        data_view,
        timezone: timezone.unwrap_or(TimeZone::UTC),
        language: choice(doc, "language", Language::ALL),
        opening: doc.text("digest", "opening").and_then(|text| doc.check(&text, opening)),
        chart: choice(doc, "chart", Chart::ALL),
        messages: choice(doc, "messages", Messages::ALL),
        zero: choice(doc, "zero", Zero::ALL),
        levels,
        warn,
        alert,
        mention,
    }
}

/// One of a few spellings, or the default.
fn choice<T>(doc: &mut Document<'_>, key: &str, all: &[T]) -> T
where
    T: Copy + Default + Display + FromStr<Err = ValueError>,
{
    let text = doc.text("digest", key);
    text.and_then(|text| doc.check(&text, |value| values::choice(value, all))).unwrap_or_default()
}

/// Links need an address, and most dashboards the id of an index pattern.
fn depend(doc: &mut Document<'_>, dashboards: Dashboards) {
    let because = format!("is required, because `dashboards = \"{dashboards}\"`");
    if dashboards != Dashboards::Link && doc.entry("digest", "kibana").is_none() {
        let hint = "add `kibana` with the address of the dashboards, such as `kibana = \"https://kibana.example.com\"`";
        doc.missing_because("digest", "kibana", &because, hint);
    }
    if dashboards.needs_data_view() && doc.entry("digest", "data_view").is_none() {
        let hint = "add `data_view` with the index pattern's id: the last part of its page's address in the dashboards";
        doc.missing_because("digest", "data_view", &because, hint);
    }
}

fn thresholds(doc: &mut Document<'_>, key: &str, levels: Option<&[String]>) -> Vec<Threshold> {
    if doc.entry("digest", key).is_none() {
        return Vec::new();
    }
    let texts = doc.required_texts("digest", key, "2000").unwrap_or_default();
    let threshold = |text: &str| {
        let threshold: Threshold = text.trim().parse().map_err(fault)?;
        match (&threshold.level, levels) {
            (Some(level), Some(levels)) if !levels.contains(level) => {
                Err(fault(ValueError::UnknownLevel(level.clone())))
            }
            _ => Ok(threshold),
        }
    };
    texts.iter().filter_map(|text| doc.check(text, threshold)).collect()
}

fn mention(value: &str) -> Checked<Mention> {
    value.parse().map_err(fault)
}

fn opening(value: &str) -> Checked<String> {
    let value = values::plain(value)?;
    reference::placeholders(&value, &["day", "levels", "total"])?;
    match value.chars().count() {
        ..=MAX_OPENING => Ok(value),
        length => Err(Fault::new(format!("must have at most {MAX_OPENING} characters, not {length}"))),
    }
}

fn fault(error: ValueError) -> Fault {
    Fault::new(error.to_string())
}
