//! Links to the counted documents: for Kibana and OpenSearch Dashboards in their own forms; any other address stays as
//! it is, or is filled in where it is a template.
//!
//! The forms are those of elastalert2 (`kibana_discover.py`, `opensearch_discover.py`), npm's kibana-url-builder, and
//! Kibana's `DISCOVER_APP_LOCATOR` (parse_search_params.ts).

mod rison;

use std::time::Duration;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use self::rison::rison;
use crate::digest::Window;
use crate::search::Query;
use crate::settings::{Dashboards, Settings};

/// What a value inside a template may keep: the same as a path segment or a query value.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Rison's own marks are easier to read as they are, and stand in a fragment.
const FRAGMENT: &AsciiSet =
    &VALUE.remove(b'!').remove(b'(').remove(b')').remove(b',').remove(b':').remove(b'@').remove(b'$');
/// What would end or break a link in Slack's markup.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'|').add(b'`');

/// Where the digest leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// To all counted documents.
    pub all: String,
    /// To those of each level; empty where all links would be the same.
    pub levels: Vec<String>,
}

/// The links of these settings, if they name an address.
pub fn links(settings: &Settings, window: &Window) -> Option<Links> {
    let address = settings.kibana.as_deref()?.trim();
    let address = if address.contains("://") { address.to_owned() } else { format!("https://{address}") };
    let target = Target {
        address: &address,
        dashboards: settings.dashboards,
        data_view: settings.data_view.as_deref(),
        query: &Query::from(settings),
        window,
    };
    let is_plain = settings.dashboards == Dashboards::Link && !address.contains("{query}");
    let level = |level| target.link(std::slice::from_ref(level));
    let levels = if is_plain { Vec::new() } else { settings.levels.iter().map(level).collect() };
    Some(Links { all: target.link(&settings.levels), levels })
}

/// What all links of a digest have in common.
struct Target<'a> {
    address: &'a str,
    dashboards: Dashboards,
    data_view: Option<&'a str>,
    query: &'a Query<'a>,
    window: &'a Window,
}

impl Target<'_> {
    fn link(&self, levels: &[String]) -> String {
        let lucene = lucene(self.query.field, levels);
        // Kibana's range includes its end.
        let from = instant(self.window.day.start);
        let to = instant(self.window.day.end - Duration::from_millis(1));
        let base = self.address.trim_end_matches('/');
        let column = self.query.message_field.unwrap_or("_source");
        let sort = json!([self.query.time_field, "desc"]);
        let view = self.data_view.unwrap_or_default();
        let search = json!({"language": "lucene", "query": lucene});
        let mut time = json!({"from": from, "to": to});
        let url = match (self.dashboards, self.data_view) {
            (Dashboards::Link, _) => [
                ("{from}", from),
                ("{to}", to),
                ("{query}", lucene),
                ("{index}", self.query.indexes.join(",")),
            ]
            .into_iter()
            .fold(self.address.to_owned(), |url, (name, value)| {
                url.replace(name, &utf8_percent_encode(&value, VALUE).to_string())
            }),
            (Dashboards::Kibana6, _) => {
                time["mode"] = json!("absolute");
                let app = json!({"columns": [column], "index": view, "interval": "auto", "query": search, "sort": sort});
                format!("{base}/app/kibana#/discover?_g={}&_a={}", part(&json!({"time": time})), part(&app))
            }
            (Dashboards::Kibana8 | Dashboards::Kibana9, None) => {
                // Without a saved data view: the locator makes one for this visit.
                let parameters = json!({
                    "columns": [column],
                    "dataViewSpec": {"timeFieldName": self.query.time_field, "title": self.query.indexes.join(",")},
                    "query": search,
                    "timeRange": time,
                });
                let parameters = parameters.to_string();
                let parameters = utf8_percent_encode(&parameters, VALUE);
                format!("{base}/app/r?l=DISCOVER_APP_LOCATOR&v=8.0.0&p={parameters}")
            }
            (Dashboards::Kibana7 | Dashboards::Kibana8, _) => {
                let app = json!({"columns": [column], "index": view, "interval": "auto", "query": search, "sort": [sort]});
                format!("{base}/app/discover#/?_g={}&_a={}", part(&json!({"time": time})), part(&app))
            }
            (Dashboards::Kibana9, _) => {
                let source = json!({"dataViewId": view, "type": "dataView"});
                let app = json!({"columns": [column], "dataSource": source, "interval": "auto", "query": search, "sort": [sort]});
                format!("{base}/app/discover#/?_g={}&_a={}", part(&json!({"time": time})), part(&app))
            }
            (Dashboards::OpenSearch, _) => {
                let discover = json!({"columns": [column], "isDirty": false, "sort": [sort]});
                let app =
                    json!({"discover": discover, "metadata": {"indexPattern": view, "view": "discover"}});
                let (global, query) = (json!({"time": time}), json!({"filters": [], "query": search}));
                format!(
                    "{base}/app/data-explorer/discover#?_g={}&_a={}&_q={}",
                    part(&global),
                    part(&app),
                    part(&query)
                )
            }
        };
        utf8_percent_encode(&url, UNSAFE).to_string()
    }
}

/// A value as a part of a fragment.
fn part(value: &Value) -> String {
    utf8_percent_encode(&rison(value), FRAGMENT).to_string()
}

/// Levels as a Lucene query, the condition that was counted: `message:("Fatal" OR "Warning")`.
fn lucene(field: &str, levels: &[String]) -> String {
    let phrase = |level: &String| format!("\"{}\"", level.replace('\\', "\\\\").replace('"', "\\\""));
    match levels {
        [level] => format!("{field}:{}", phrase(level)),
        levels => format!("{field}:({})", levels.iter().map(phrase).collect::<Vec<_>>().join(" OR ")),
    }
}

fn instant(time: Timestamp) -> String {
    format!("{time:.3}")
}

#[cfg(test)]
mod tests;
