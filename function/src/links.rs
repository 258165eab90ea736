//! The link to Kibana: a plain address stays as it is, a template is filled with what was counted.

use std::time::Duration;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::digest::Window;
use crate::search::Query;

/// What a value inside a template may keep: the same as a path segment or a query value.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What would end or break a link in Slack's markup.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'|').add(b'`');

/// The link for `KIBANA_URL`. Templates know `{from}` and `{to}` (UTC instants, `{to}` one millisecond before the
/// day's end, since Kibana's range includes it), `{query}` (Lucene, as counted) and `{index}` (all names).
pub fn kibana(setting: &str, query: &Query<'_>, window: &Window) -> String {
    let setting = setting.trim();
    let template = if setting.contains("://") { setting.to_owned() } else { format!("https://{setting}") };
    let filled = [
        ("{from}", instant(window.day.start)),
        ("{to}", instant(window.day.end - Duration::from_millis(1))),
        ("{query}", lucene(query)),
        ("{index}", query.indexes.join(",")),
    ]
    .into_iter()
    .fold(template, |url, (name, value)| url.replace(name, &utf8_percent_encode(&value, VALUE).to_string()));
    utf8_percent_encode(&filled, UNSAFE).to_string()
}

/// The levels as a Lucene query: `message:("Fatal" OR "Warning")`.
fn lucene(query: &Query<'_>) -> String {
    let phrase = |level: &String| format!("\"{}\"", level.replace('\\', "\\\\").replace('"', "\\\""));
    format!("{}:({})", query.field, query.levels.iter().map(phrase).collect::<Vec<_>>().join(" OR "))
}

fn instant(time: Timestamp) -> String {
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;

    fn link(setting: &str) -> String {
        let indexes = ["app-*".to_owned(), "web".to_owned()];
        let levels = ["Fatal".to_owned(), "a \"b\"\\".to_owned()];
        let query = Query { indexes: &indexes, levels: &levels, field: "message", time_field: "@timestamp" };
        kibana(
            setting,
            &query,
            &Window::of(date(2018, 12, 9), &TimeZone::get("Asia/Tokyo").unwrap()).unwrap(),
        )
    }

    #[test]
    fn a_plain_address_stays_as_it_is() {
        let plain = "https://kibana.test/app/discover#/?_g=(time:(from:now-1d,to:now))&_a=(index:'x')";
        assert_eq!(link(plain), plain);
        assert_eq!(link("kibana.hoge"), "https://kibana.hoge");
        assert_eq!(link("https://k.test/a b|<c>"), "https://k.test/a%20b%7C%3Cc%3E");
    }

    #[test]
    fn a_template_is_filled_with_what_was_counted() {
        assert_eq!(
            link("https://k.test/#?from={from}&to={to}"),
            "https://k.test/#?from=2018-12-08T15%3A00%3A00.000Z&to=2018-12-09T14%3A59%3A59.999Z"
        );
        assert_eq!(
            link("https://k.test/?i={index}&q={query}"),
            "https://k.test/?i=app-%2A%2Cweb&q=message%3A%28%22Fatal%22%20OR%20%22a%20%5C%22b%5C%22%5C%5C%22%29"
        );
    }
}
