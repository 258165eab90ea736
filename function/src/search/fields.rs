//! What a count of nothing may hide: a field that no index has counts 0 and is no error. Asked only then.

use reqwest::{Method, Request, Url};
use serde_json::Value;

use super::error::SearchError;
use super::request::Query;

/// The request for the kinds of the fields that are searched.
pub(super) fn request(query: &Query<'_>, endpoint: &Url) -> Request {
    let mut url = query.url(endpoint);
    let path = url.path().trim_end_matches("_search").to_owned();
    url.set_path(&format!("{path}_field_caps"));
    url.query_pairs_mut().append_pair("fields", &format!("{},{}", query.time_field, query.field));
    Request::new(Method::GET, url)
}

/// Whether the answer shows that a field is not there. Any other answer proves nothing: not every cluster and not every
/// user may ask.
pub(super) fn check(body: &[u8], query: &Query<'_>) -> Result<(), SearchError> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(fields) = answer["fields"].as_object() else { return Ok(()) };
    let kinds = |field: &str| -> Vec<&str> {
        let kinds = fields.get(field).and_then(Value::as_object);
        // `unmapped` stands for the indexes that lack the field.
        kinds
            .into_iter()
            .flatten()
            .map(|(kind, _)| kind.as_str())
            .filter(|kind| *kind != "unmapped")
            .collect()
    };
    for (field, setting) in [(query.time_field, "ES_TIME_FIELD"), (query.field, "ES_FIELD")] {
        if kinds(field).is_empty() {
            return Err(SearchError::NoField { field: field.to_owned(), setting });
        }
    }
    let time = kinds(query.time_field);
    match time.iter().any(|kind| ["date", "date_nanos"].contains(kind)) {
        true => Ok(()),
        false => Err(SearchError::NotADate { field: query.time_field.to_owned(), kind: time.join(", ") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(time_field: &'static str, field: &'static str, indexes: &'static [String]) -> Query<'static> {
        Query { indexes, levels: &[], field, time_field, message_field: None }
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
