use jiff::civil::date;
use jiff::tz::TimeZone;
use percent_encoding::percent_decode_str;

use super::*;

fn settings(kibana: &str, dashboards: &str, data_view: Option<&str>) -> Settings {
    let get = |name: &str| match name {
        "SLACK_WEBHOOK_URL" | "ES_ENDPOINT" => Some("x".to_owned()),
        "ES_INDEXES" => Some("app-*,web".to_owned()),
        "ERROR_LEVEL" => Some("Fatal,a \"b\"\\".to_owned()),
        "KIBANA_URL" => Some(kibana.to_owned()),
        "DIGEST_DASHBOARDS" => Some(dashboards.to_owned()),
        "DIGEST_DATA_VIEW" => data_view.map(str::to_owned),
        _ => None,
    };
    Settings::from_env(get).unwrap().0
}

fn made(kibana: &str, dashboards: &str, data_view: Option<&str>) -> Links {
    let window = Window::of(date(2018, 12, 9), &TimeZone::get("Asia/Tokyo").unwrap()).unwrap();
    links(&settings(kibana, dashboards, data_view), &window).unwrap()
}

fn link(kibana: &str) -> String {
    made(kibana, "link", None).all
}

#[test]
fn a_plain_address_stays_as_it_is_and_is_the_only_link() {
    let plain = "https://kibana.test/app/discover#/?_g=(time:(from:now-1d,to:now))&_a=(index:'x')";
    assert_eq!(made(plain, "link", None), Links { all: plain.to_owned(), levels: vec![] });
    assert_eq!(link("kibana.hoge"), "https://kibana.hoge");
    assert_eq!(link("https://k.test/a b|<c>"), "https://k.test/a%20b%7C%3Cc%3E");
}

#[test]
fn a_template_is_filled_with_what_was_counted() {
    assert_eq!(
        link("https://k.test/#?from={from}&to={to}"),
        "https://k.test/#?from=2018-12-08T15%3A00%3A00.000Z&to=2018-12-09T14%3A59%3A59.999Z"
    );
    let links = made("https://k.test/?i={index}&q={query}", "link", None);
    assert_eq!(
        links.all,
        "https://k.test/?i=app-%2A%2Cweb&q=message%3A%28%22Fatal%22%20OR%20%22a%20%5C%22b%5C%22%5C%5C%22%29"
    );
    assert_eq!(links.levels[0], "https://k.test/?i=app-%2A%2Cweb&q=message%3A%22Fatal%22");
    assert_eq!(links.levels.len(), 2);
}

/// The first level's link, readable.
fn decoded(dashboards: &str, data_view: Option<&str>) -> String {
    let links = made("https://k.test/s/ops/", dashboards, data_view);
    let encoded = &links.levels[0];
    assert!(!encoded.contains(['"', ' ', '<', '>', '|', '`', '\'']), "{encoded}");
    percent_decode_str(encoded).decode_utf8().unwrap().into_owned()
}

#[test]
fn each_dashboard_has_its_own_form() {
    let time = "from:'2018-12-08T15:00:00.000Z'";
    let end = "to:'2018-12-09T14:59:59.999Z'";
    let query = "query:(language:lucene,query:'message:\"Fatal\"')";
    assert_eq!(
        decoded("kibana-6", Some("id-1")),
        format!(
            "https://k.test/s/ops/app/kibana#/discover?_g=(time:({time},mode:absolute,{end}))\
             &_a=(columns:!(message),index:id-1,interval:auto,{query},sort:!('@timestamp',desc))"
        )
    );
    let sorted = "sort:!(!('@timestamp',desc))";
    for version in ["kibana-7", "kibana-8"] {
        assert_eq!(
            decoded(version, Some("id-1")),
            format!(
                "https://k.test/s/ops/app/discover#/?_g=(time:({time},{end}))\
                 &_a=(columns:!(message),index:id-1,interval:auto,{query},{sorted})"
            )
        );
    }
    assert_eq!(
        decoded("kibana-9", Some("id-1")),
        format!(
            "https://k.test/s/ops/app/discover#/?_g=(time:({time},{end}))\
             &_a=(columns:!(message),dataSource:(dataViewId:id-1,type:dataView),interval:auto,{query},{sorted})"
        )
    );
    assert_eq!(
        decoded("opensearch", Some("id-1")),
        format!(
            "https://k.test/s/ops/app/data-explorer/discover#?_g=(time:({time},{end}))\
             &_a=(discover:(columns:!(message),isDirty:!f,{sorted}),metadata:(indexPattern:id-1,view:discover))\
             &_q=(filters:!(),{query})"
        )
    );
}

#[test]
fn newer_kibanas_need_no_data_view() {
    for version in ["kibana-8", "kibana-9"] {
        let link = decoded(version, None);
        let (start, parameters) = link.split_once("&p=").unwrap();
        assert_eq!(start, "https://k.test/s/ops/app/r?l=DISCOVER_APP_LOCATOR&v=8.0.0");
        let parameters: Value = serde_json::from_str(parameters).unwrap();
        assert_eq!(
            parameters,
            json!({
                "columns": ["message"],
                "dataViewSpec": {"timeFieldName": "@timestamp", "title": "app-*,web"},
                "query": {"language": "lucene", "query": "message:\"Fatal\""},
                "timeRange": {"from": "2018-12-08T15:00:00.000Z", "to": "2018-12-09T14:59:59.999Z"},
            })
        );
    }
}
