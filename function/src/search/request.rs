//! The search request. One form for every version of Elasticsearch and OpenSearch: no `date_range` (OpenSearch
//! counts 0 with it on `date_nanos` fields), no `date_histogram` (no spelling serves all), no `hits.total`
//! (capped at 10,000 in some versions). Samples are `top_hits` by a random score: a sample for each level and day,
//! so that a rare level is not drowned by a frequent one.

use std::time::Duration;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;
use serde_json::{Map, Value, json};

use crate::digest::{DAYS as TREND, Span, Window};
use crate::settings::{Messages, Settings};

/// All that RFC 3986 does not leave alone. Index patterns hold `*`, date math holds `<`, `/`, `{`.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Names of the aggregations and of their buckets, shared with the reader of the answer.
pub(super) const DAYS: &str = "days";
pub(super) const HOURS: &str = "hours";
pub(super) const LEVELS: &str = "levels";
pub(super) const SAMPLE: &str = "sample";
pub(super) const LINES: &str = "lines";
pub(super) const DAY: &str = "day";
pub(super) const DAY_BEFORE: &str = "day_before";

/// Log lines in all samples together.
const SAMPLED: usize = 400;
/// Log lines of a sample; no index takes more without a setting of its own (`index.max_inner_result_window`).
const SAMPLED_AT_ONCE: usize = 100;

/// What is searched for, and where.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// Index names and patterns, at least one.
    pub indexes: &'a [String],
    /// Levels, at least one.
    pub levels: &'a [String],
    /// The field that holds a level, as a phrase.
    pub field: &'a str,
    /// The field that holds a document's time.
    pub time_field: &'a str,
    /// The field whose text is sampled; none for counts alone.
    pub message_field: Option<&'a str>,
}

impl<'a> From<&'a Settings> for Query<'a> {
    fn from(settings: &'a Settings) -> Self {
        Self {
            indexes: &settings.indexes,
            levels: &settings.levels,
            field: &settings.field,
            time_field: &settings.time_field,
            message_field: Some(settings.message_field.as_str())
                .filter(|_| settings.messages != Messages::Off),
        }
    }
}

impl Query<'_> {
    /// The URL of the search below a cluster's base URL.
    pub fn url(&self, endpoint: &Url) -> Url {
        let names = self.indexes.iter().map(|name| utf8_percent_encode(name, SEGMENT).to_string());
        let names = names.collect::<Vec<_>>().join(",");
        let mut url = endpoint.clone();
        url.set_path(&format!("{}/{names}/_search", endpoint.path().trim_end_matches('/')));
        // A plain name that is missing shall be refused with 404. And with the flag, an index that the user may
        // not read is left out without a word; so it is sent only where patterns make it necessary.
        let patterns = self.indexes.iter().any(|name| name.contains('*'));
        url.set_query(patterns.then_some("ignore_unavailable=true"));
        url
    }

    /// The body. `timeout` is the cluster's own time limit.
    pub fn body(&self, window: &Window, timeout: Duration) -> Value {
        let levels: Vec<Value> =
            self.levels.iter().map(|level| json!({"match_phrase": {self.field: level}})).collect();
        let levels_with = |aggregations: Option<Value>| {
            let named = levels.iter().cloned().enumerate().map(|(n, level)| (level_key(n), level));
            with(filters(named), aggregations)
        };
        let of_levels = json!({LEVELS: levels_with(None)});
        let (days, hours) = (window.days.iter().enumerate(), window.hours.iter().enumerate());
        let days = filters(days.map(|(n, span)| (day_key(n), self.within(*span))));
        let hours = filters(hours.map(|(n, span)| (hour_key(n), self.within(*span))));
        let mut aggregations = json!({
            DAYS: with(days, Some(of_levels.clone())),
            HOURS: with(hours, Some(of_levels)),
            // Never read: a range of text is a legal one, and counts what sorts in between. This one is refused.
            "newest": {"max": {"field": self.time_field}},
        });
        let all = Span { start: window.days[0].start, end: window.day.end };
        let mut query = json!({"bool": {"filter": [
            self.within(all),
            {"bool": {"should": levels, "minimum_should_match": 1}},
        ]}});
        if let Some(field) = self.message_field {
            let size = (SAMPLED / (2 * self.levels.len())).clamp(1, SAMPLED_AT_ONCE);
            let lines = json!({LINES: {"top_hits": {"size": size, "_source": [field]}}});
            let both = [(DAY, window.day), (DAY_BEFORE, window.days[TREND - 2])];
            let both = filters(both.map(|(key, span)| (key.to_owned(), self.within(span))));
            aggregations[SAMPLE] = with(both, Some(json!({LEVELS: levels_with(Some(lines))})));
            // The top hits are those of the highest score: random ones.
            query = json!({"function_score": {"query": query, "random_score": {}, "boost_mode": "replace"}});
        }
        json!({
            "size": 0,
            "timeout": format!("{}ms", timeout.as_millis().max(1)),
            "query": query,
            "aggs": aggregations,
        })
    }

    fn within(&self, span: Span) -> Value {
        json!({"range": {self.time_field: {
            "gte": instant(span.start),
            "lt": instant(span.end),
            "format": "strict_date_optional_time",
        }}})
    }
}

/// A named-filters aggregation.
fn filters(named: impl IntoIterator<Item = (String, Value)>) -> Value {
    json!({"filters": {"filters": named.into_iter().collect::<Map<_, _>>()}})
}

/// An aggregation with others inside.
fn with(mut aggregation: Value, inner: Option<Value>) -> Value {
    if let Some(inner) = inner {
        aggregation["aggs"] = inner;
    }
    aggregation
}

pub(super) fn day_key(index: usize) -> String {
    format!("d{index}")
}

pub(super) fn level_key(index: usize) -> String {
    format!("l{index}")
}

pub(super) fn hour_key(index: usize) -> String {
    format!("h{index}")
}

/// An instant as all versions read it, also for `date_nanos`.
fn instant(time: Timestamp) -> String {
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;

    fn query<'a>(indexes: &'a [String], levels: &'a [String]) -> Query<'a> {
        Query { indexes, levels, field: "level", time_field: "@timestamp", message_field: None }
    }

    #[test]
    fn index_names_are_encoded_and_only_patterns_may_be_unavailable() {
        let cases = [
            ("https://es.test", &["app"][..], "https://es.test/app/_search"),
            ("https://es.test", &["app-*", "b"], "https://es.test/app-%2A,b/_search?ignore_unavailable=true"),
            ("https://es.test/base/", &["a%b"], "https://es.test/base/a%25b/_search"),
            ("https://es.test", &["<logs-{now/d}>"], "https://es.test/%3Clogs-%7Bnow%2Fd%7D%3E/_search"),
            ("https://es.test", &["../x?y#z"], "https://es.test/..%2Fx%3Fy%23z/_search"),
            ("https://es.test", &["ログ"], "https://es.test/%E3%83%AD%E3%82%B0/_search"),
        ];
        for (endpoint, names, expected) in cases {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(query(&names, &[]).url(&Url::parse(endpoint).unwrap()).as_str(), expected);
        }
    }

    #[test]
    fn the_body_counts_each_day_of_two_weeks_and_each_hour_by_level() {
        let levels = ["Fatal \"x\"".to_owned(), "Warning".to_owned()];
        let window = Window::of(date(2018, 12, 9), &TimeZone::get("Asia/Tokyo").unwrap()).unwrap();
        let body = query(&[], &levels).body(&window, Duration::from_secs(20));
        let range = |from: &str, to: &str| json!({"range": {"@timestamp": {"gte": from, "lt": to, "format": "strict_date_optional_time"}}});
        let fatal = json!({"match_phrase": {"level": "Fatal \"x\""}});
        let warning = json!({"match_phrase": {"level": "Warning"}});
        assert_eq!(body["size"], 0);
        assert_eq!(body["timeout"], "20000ms");
        let counted = json!({"bool": {"filter": [
            range("2018-11-25T15:00:00.000Z", "2018-12-09T15:00:00.000Z"),
            {"bool": {"should": [fatal, warning], "minimum_should_match": 1}},
        ]}});
        assert_eq!(body["query"], counted);
        let by_level = json!({"levels": {"filters": {"filters": {"l0": fatal, "l1": warning}}}});
        let days = &body["aggs"]["days"]["filters"]["filters"];
        assert_eq!(days.as_object().unwrap().len(), 14);
        assert_eq!(days["d13"], range("2018-12-08T15:00:00.000Z", "2018-12-09T15:00:00.000Z"));
        assert_eq!(days["d6"], range("2018-12-01T15:00:00.000Z", "2018-12-02T15:00:00.000Z"));
        assert_eq!(body["aggs"]["days"]["aggs"], by_level);
        let hours = &body["aggs"]["hours"]["filters"]["filters"];
        assert_eq!(hours.as_object().unwrap().len(), 24);
        assert_eq!(hours["h23"], range("2018-12-09T14:00:00.000Z", "2018-12-09T15:00:00.000Z"));
        assert_eq!(body["aggs"]["hours"]["aggs"], by_level);
        assert_eq!(body["aggs"]["newest"], json!({"max": {"field": "@timestamp"}}));
        assert_eq!(body["aggs"].as_object().unwrap().len(), 3, "nothing is sampled");

        let sampling = Query { message_field: Some("text"), ..query(&[], &levels) };
        let body = sampling.body(&window, Duration::from_secs(20));
        assert_eq!(
            body["query"],
            json!({"function_score": {"query": counted, "random_score": {}, "boost_mode": "replace"}})
        );
        let sample = &body["aggs"]["sample"];
        assert_eq!(sample["filters"]["filters"]["day"], days["d13"]);
        assert_eq!(sample["filters"]["filters"]["day_before"], days["d12"]);
        let lines = &sample["aggs"]["levels"]["aggs"]["lines"];
        assert_eq!(*lines, json!({"top_hits": {"size": 100, "_source": ["text"]}}));
        assert_eq!(sample["aggs"]["levels"]["filters"], by_level["levels"]["filters"]);
    }
}
