//! What a count of nothing may hide: a field that no index has counts 0 and is no error. Asked only then.

use std::collections::BTreeMap;

use reqwest::{Method, Request, Url};
use serde_json::Value;

use super::error::SearchError;
use super::request::Query;

/// What a cluster tells of the fields that are searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// The indexes that were looked at; versions before 7.2 don't tell.
    pub indexes: Option<Vec<String>>,
    /// The types of each field that is there: more than one where indexes differ.
    kinds: BTreeMap<String, Vec<String>>,
}

/// The request for the kinds of the fields that are searched.
pub(super) fn request(query: &Query<'_>, endpoint: &Url) -> Request {
    let mut url = query.url(endpoint);
    let path = url.path().trim_end_matches("_search").to_owned();
    url.set_path(&format!("{path}_field_caps"));
    let fields = [Some(query.time_field), Some(query.field), query.message_field];
    let fields = Vec::from_iter(fields.into_iter().flatten()).join(",");
    url.query_pairs_mut().append_pair("fields", &fields);
    Request::new(Method::GET, url)
}

impl Fields {
    /// Reads the answer. Any other answer proves nothing: not every cluster and not every user may ask.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let answer: Value = serde_json::from_slice(body).ok()?;
        // `unmapped` stands for the indexes that lack the field.
        let kinds = |kinds: &Value| -> Vec<String> {
            let names = kinds.as_object().into_iter().flatten().map(|(kind, _)| kind.clone());
            names.filter(|kind| kind != "unmapped").collect()
        };
        let fields = answer["fields"].as_object()?;
        let kinds = fields.iter().map(|(field, of)| (field.clone(), kinds(of))).collect();
        let names = |names: &Vec<Value>| names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Some(Self { indexes: answer["indices"].as_array().map(names), kinds })
    }

    /// The types of a field; none where no index has it.
    pub fn kinds(&self, field: &str) -> &[String] {
        self.kinds.get(field).map_or(&[], Vec::as_slice)
    }

    /// Whether a count of nothing may be one for want of a field.
    pub(super) fn check(&self, query: &Query<'_>) -> Result<(), SearchError> {
        for (field, setting) in [(query.time_field, "ES_TIME_FIELD"), (query.field, "ES_FIELD")] {
            if self.kinds(field).is_empty() {
                return Err(SearchError::NoField { field: field.to_owned(), setting });
            }
        }
        let time = self.kinds(query.time_field);
        match time.iter().any(|kind| ["date", "date_nanos"].contains(&kind.as_str())) {
            true => Ok(()),
            false => Err(SearchError::NotADate { field: query.time_field.to_owned(), kind: time.join(", ") }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(time_field: &'static str, field: &'static str, indexes: &'static [String]) -> Query<'static> {
        Query { indexes, levels: &[], field, time_field, message_field: None }
    }

    fn check(body: &[u8], query: &Query<'_>) -> Result<(), SearchError> {
        Fields::read(body).map_or(Ok(()), |fields| fields.check(query))
    }

    #[test]
    fn it_asks_for_the_two_fields_of_the_same_indexes() {
        let indexes = ["app-*".to_owned(), "b".to_owned()];
        let query = Query { indexes: &indexes, ..query("@timestamp", "log level", &[]) };
        let request = request(&query, &Url::parse("https://es.test/base").unwrap());
        assert_eq!(
            request.url().as_str(),
            "https://es.test/base/app-%2A,b/_field_caps?ignore_unavailable=true&fields=%40timestamp%2Clog+level"
        );
    }

    #[test]
    fn a_field_that_is_missing_or_no_date_is_an_error_and_no_answer_is_none() {
        // As OpenSearch 3.8 and Elasticsearch 6.8 answer.
        let caps = r#"{"indices":["app-1"],"fields":{"@timestamp":{"date":{"type":"date","searchable":true}},
            "nanos":{"date_nanos":{"type":"date_nanos"},"unmapped":{"type":"unmapped"}},"at":{"text":{"type":"text"}},
            "level":{"keyword":{"type":"keyword"}}}}"#;
        let cases = [
            ("@timestamp", "level", None),
            ("nanos", "level", None),
            ("time", "level", Some("no index has a field time")),
            ("@timestamp", "severity", Some("no index has a field severity")),
            ("at", "level", Some("the field at is of type text and not a date")),
        ];
        for (time_field, field, expected) in cases {
            let error = check(caps.as_bytes(), &query(time_field, field, &[])).err();
            assert_eq!(error.as_ref().map(SearchError::to_string).as_deref(), expected);
            assert!(error.is_none_or(|error| error.hint().is_some()));
        }
        for other in ["", "<html>", "{}", r#"{"error":{"type":"security_exception"},"status":403}"#] {
            assert!(check(other.as_bytes(), &query("a", "b", &[])).is_ok(), "{other}");
        }
    }
}
