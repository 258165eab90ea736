//! How the logs lie in a server: each service in an index of its own kind, and around them what clusters also have.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Value, json};
use tanets_sandbox::progress::Progress;
use tanets_sandbox::{PeerError, Release, SearchServer};

use super::days::ORDINARY;
use super::logs::{Log, Logs};

/// Who writes logs; each has the index `app-SERVICE`.
pub const SERVICES: [&str; 5] = ["batch", "checkout", "mailer", PAYMENT, SEARCH];
/// Its times have nanoseconds, where the server knows them.
pub const NANOSECONDS: &str = PAYMENT;
/// Its levels are analysed text; those of all others are keywords.
pub const TEXT_LEVEL: &str = SEARCH;
/// Those behind the alias `logs`.
pub const ALIASED: [&str; 2] = ["checkout", SEARCH];

const PAYMENT: &str = "payment";
const SEARCH: &str = "search";

/// How the mailer writes its times.
const OWN_FORMAT: &str = "yyyy/MM/dd HH:mm:ss.SSS";

/// Creates everything and loads the logs; returns how many documents there are in all.
///
/// # Errors
/// If the server refuses anything.
pub fn load(server: &SearchServer, logs: &Logs, progress: &Progress<'_>) -> Result<usize, PeerError> {
    let release = server.release();
    let mut count = 0;
    for service in SERVICES {
        progress(&format!("loading app-{service}"));
        let index = format!("app-{service}");
        let documents = logs.all().iter().filter(|log| log.service == service).map(|log| json(log, release));
        if service == "batch" && release.data_streams {
            let template = json!({
                "index_patterns": [index],
                "data_stream": {},
                "template": {"settings": {"number_of_replicas": 0}, "mappings": mappings(service, release)},
            });
            server.put("/_index_template/batch", &template)?;
            count += server.append(&index, documents)?;
        } else {
            server.create_index(&index, &mappings(service, release))?;
            count += server.bulk(&index, documents)?;
        }
    }
    count += load_neighbours(server)?;
    let actions = ALIASED.map(|service| json!({"add": {"index": format!("app-{service}"), "alias": "logs"}}));
    server.post("/_aliases", &json!({"actions": actions}))?;
    Ok(count)
}

/// What must not be counted, or cannot be.
fn load_neighbours(server: &SearchServer) -> Result<usize, PeerError> {
    let (start, _) = ORDINARY.span();
    let fatal = |time: Value| json!({"@timestamp": time, "level": "Fatal", "message": "Fatal: not this one"});
    let date = |field: &str, kind: &str| json!({"properties": {"@timestamp": {"type": "date"}, (field): {"type": kind}}});
    let of_text = json!({"properties": {"@timestamp": {"type": "text"}, "message": {"type": "text"}}});
    let now = json!(start.to_string());
    let neighbours = [
        // Closed: with the name of all others, and with another one.
        ("app-closed", date("message", "text"), vec![fatal(now.clone())]),
        ("closed-1", date("message", "text"), vec![fatal(now.clone())]),
        // Without any mapping; without the fields that are searched; without a time.
        ("app-empty", json!({}), vec![]),
        ("app-metrics", date("value", "long"), vec![json!({"@timestamp": start.to_string(), "value": 1})]),
        ("app-untimed", json!({}), vec![json!({"level": "Fatal", "message": "Fatal: when?"})]),
        // Of types that cannot be searched like that.
        ("text-time", of_text, vec![fatal(now.clone())]),
        ("number-level", date("level", "long"), vec![json!({"@timestamp": start.to_string(), "level": 3})]),
        // Not for the reader.
        ("secret", date("message", "text"), vec![fatal(now)]),
    ];
    let mut count = 0;
    for (name, mappings, documents) in neighbours {
        server.create_index(name, &mappings)?;
        count += server.bulk(name, documents)?;
    }
    for name in ["app-closed", "closed-1"] {
        server.close_index(name)?;
    }
    // No node may have its shards.
    let nowhere = json!({"settings": {"index.routing.allocation.require._name": "nobody"}});
    server.put("/unallocated?wait_for_active_shards=0", &nowhere)?;
    Ok(count)
}

fn mappings(service: &str, release: &Release) -> Value {
    let time = match service {
        "mailer" => json!({"type": "date", "format": OWN_FORMAT}),
        NANOSECONDS if release.date_nanos => json!({"type": "date_nanos"}),
        _ => json!({"type": "date"}),
    };
    json!({"properties": {
        "@timestamp": time,
        "service": {"type": "keyword"},
        "level": {"type": if service == TEXT_LEVEL { "text" } else { "keyword" }},
        "message": {"type": "text"},
    }})
}

/// A line as its service writes it.
fn json(log: &Log, release: &Release) -> Value {
    json!({
        "@timestamp": time(log.service, log.time, release),
        "service": log.service,
        "level": log.level,
        "message": log.message,
    })
}

fn time(service: &str, time: Timestamp, release: &Release) -> Value {
    match service {
        "batch" => json!(time.as_millisecond()),
        "mailer" => json!(time.strftime("%Y/%m/%d %H:%M:%S.%3f").to_string()),
        // Truncated, as the servers do too.
        NANOSECONDS => json!(format!("{time:.0$}", if release.date_nanos { 9 } else { 3 })),
        TEXT_LEVEL => {
            let tokyo = time.to_zoned(TimeZone::fixed(Offset::constant(9)));
            json!(tokyo.strftime("%Y-%m-%dT%H:%M:%S.%3f%:z").to_string())
        }
        _ => json!(format!("{time:.3}")),
    }
}

#[cfg(test)]
mod tests {
    use tanets_sandbox::{OPENSEARCH_3, RELEASES};

    use super::*;

    #[test]
    fn every_service_has_its_own_way_to_tell_the_time() {
        let at: Timestamp = "2024-06-11T14:59:59.999999999Z".parse().unwrap();
        let told: Vec<_> = SERVICES.iter().map(|service| time(service, at, &OPENSEARCH_3)).collect();
        assert_eq!(
            told,
            [
                json!(1718117999999_i64),
                json!("2024-06-11T14:59:59.999Z"),
                json!("2024/06/11 14:59:59.999"),
                json!("2024-06-11T14:59:59.999999999Z"),
                json!("2024-06-11T23:59:59.999+09:00"),
            ]
        );
        let without = RELEASES.iter().find(|release| !release.date_nanos).unwrap();
        assert_eq!(time(NANOSECONDS, at, without), json!("2024-06-11T14:59:59.999Z"));
    }
}
