//! The JSON Schema that editors read, held against the keys, values and defaults that the parser knows.

use std::sync::LazyLock;

use serde_json::Value;

use super::*;
use crate::config::read::RETENTION;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(SCHEMA_TEXT).unwrap());

static VALIDATOR: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::draft7::new(&SCHEMA).unwrap());

/// What the schema has against a text; none for what isn't TOML.
pub(super) fn refusals(text: &str) -> Vec<String> {
    let Ok(value) = toml::from_str::<Value>(text) else { return Vec::new() };
    VALIDATOR.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn properties<'a>(table: &str) -> &'a serde_json::Map<String, Value> {
    let table = match table {
        "" => &SCHEMA["properties"],
        table => &SCHEMA["properties"][table]["properties"],
    };
    table.as_object().unwrap()
}

#[test]
fn the_schema_has_each_key_and_no_other() {
    assert_eq!(jsonschema::draft7::meta::validate(&SCHEMA).map_err(|error| error.to_string()), Ok(()));
    let tables = KEYS.iter().map(|(table, _)| *table).filter(|table| !table.is_empty());
    for (table, keys) in KEYS.iter().filter(|(table, _)| *table != "tags") {
        let mut known = Vec::from_iter(keys.iter().copied());
        known.extend(tables.clone().filter(|_| table.is_empty()));
        let mut offered = Vec::from_iter(properties(table).keys().map(String::as_str));
        known.sort_unstable();
        offered.sort_unstable();
        assert_eq!(known, offered, "[{table}]");
        for (key, schema) in properties(table) {
            assert!(schema["description"].is_string(), "{table}.{key} is not described");
        }
        let closed = if table.is_empty() {
            &SCHEMA["additionalProperties"]
        } else {
            &SCHEMA["properties"][table]["additionalProperties"]
        };
        assert_eq!(*closed, Value::Bool(false), "[{table}] takes unknown keys");
    }
}

#[test]
fn the_schema_offers_the_values_that_the_parser_takes() {
    fn all<T: ToString>(values: &[T]) -> Vec<String> {
        values.iter().map(T::to_string).collect()
    }
    for (table, key, values) in [
        ("elasticsearch", "auth", all(Auth::ALL)),
        ("digest", "per", all(Unit::ALL)),
        ("digest", "dashboards", all(Dashboards::ALL)),
        ("digest", "language", all(Language::ALL)),
        ("digest", "chart", all(Chart::ALL)),
        ("digest", "messages", all(Messages::ALL)),
        ("digest", "zero", all(Zero::ALL)),
        ("function", "architecture", all(&Architecture::ALL)),
    ] {
        assert_eq!(properties(table)[key]["anyOf"][0]["enum"], serde_json::json!(values), "{table}.{key}");
    }
    let retention = Vec::from_iter(RETENTION.map(Value::from).into_iter().chain(["never".into()]));
    assert_eq!(properties("function")["log_retention_days"]["enum"], Value::Array(retention));
}

#[test]
fn what_the_schema_requires_and_where_it_defaults_is_what_the_parser_does() {
    let minimal = parse(MINIMAL).unwrap();
    let mut defaults = 0;
    for (table, _) in KEYS.iter().filter(|(table, _)| *table != "tags") {
        for (key, schema) in properties(table) {
            // JSON's way to write these is TOML's.
            let Some(default) = schema.get("default") else { continue };
            let written = match *table {
                "" => format!("{key} = {default}\n{MINIMAL}"),
                table if MINIMAL.contains(&format!("[{table}]\n")) => {
                    MINIMAL.replace(&format!("[{table}]\n"), &format!("[{table}]\n{key} = {default}\n"))
                }
                table => format!("{MINIMAL}[{table}]\n{key} = {default}\n"),
            };
            assert_eq!(parse(&written).unwrap(), minimal, "{table}.{key} = {default}");
            defaults += 1;
        }
        let required = match *table {
            "" => &SCHEMA["required"],
            table => &SCHEMA["properties"][table]["required"],
        };
        for key in required.as_array().into_iter().flatten().filter_map(Value::as_str) {
            let without = match *table {
                "" if MINIMAL.contains(&format!("[{key}]")) => MINIMAL.replace(&format!("[{key}]"), "[tags]"),
                "" => MINIMAL.replace(&format!("{key} ="), &format!("# {key} =")),
                "vpc" => format!("{MINIMAL}[vpc]\n"),
                _ => MINIMAL.replace(&format!("\n{key} ="), &format!("\n# {key} =")),
            };
            assert!(parse(&without).is_err(), "{table}.{key} is not required");
            assert_ne!(refusals(&without), Vec::<String>::new(), "{table}.{key}");
        }
    }
    assert!(defaults > 10, "{defaults}");
}

#[test]
fn the_schema_finds_what_an_editor_should_underline() {
    for (from, to) in [
        ("name = \"digest\"", "name = \"my digest\""),
        ("name = \"digest\"", "name = 7"),
        ("rate(1 day)", "15 1 * * *"),
        ("[\"app-*\"]", "\"app-*\""),
        ("[\"app-*\"]", "[]"),
        ("indexes", "indices"),
        ("ssm:/hook", "hook"),
        ("levels", "language = \"de\"\nlevels"),
        ("levels", "mention = \"@here\"\nlevels"),
        ("levels", "kibana = \"kibana\"\nlevels"),
        ("[digest]", "[function]\nmemory = 64\n[digest]"),
        ("[digest]", "[function]\nlog_retention_days = 31\n[digest]"),
        ("[digest]", "[vpc]\nsubnets = [\"sg-1\"]\nsecurity_groups = [\"sg-1\"]\n[digest]"),
        ("[digest]", "[tags]\nteam = 1\n[digest]"),
    ] {
        let text = MINIMAL.replacen(from, to, 1);
        assert_ne!(text, MINIMAL, "{from}");
        assert!(parse(&text).is_err(), "{to} is accepted");
        assert_ne!(refusals(&text), Vec::<String>::new(), "{to}");
    }
}

/// The README's table: key, what stands as its default, what it says.
fn reference() -> Vec<(String, String, String)> {
    let readme = include_str!("../../../../README.md");
    let (_, section) = readme.split_once("\n## tanets.toml\n").unwrap();
    let table = section.lines().skip_while(|line| !line.starts_with("| key ")).skip(2);
    let rows = table.take_while(|line| line.starts_with('|')).flat_map(|line| {
        let cells = Vec::from_iter(line.split('|').map(str::trim));
        let [_, keys, default, text, _] = *cells else { panic!("{line}") };
        let [keys, default, text] = [keys, default, text].map(|cell| cell.replace('`', ""));
        let defaults = Vec::from_iter(default.split(", ").map(str::to_owned));
        let keys = Vec::from_iter(keys.split(", ").map(str::to_owned));
        let one = |n: usize| defaults.get(n).or(defaults.first()).cloned().unwrap_or_default();
        Vec::from_iter(keys.into_iter().enumerate().map(|(n, key)| (key, one(n), text.clone())))
    });
    rows.collect()
}

#[test]
fn the_readme_has_each_key_with_its_default_and_its_values() {
    let reference = reference();
    let named = Vec::from_iter(reference.iter().map(|(key, ..)| key.as_str()));
    let mut known = Vec::new();
    for (table, _) in KEYS.iter().filter(|(table, _)| *table != "tags") {
        let required = if table.is_empty() { &SCHEMA } else { &SCHEMA["properties"][table] };
        let required = Vec::from_iter(required["required"].as_array().into_iter().flatten());
        for (key, schema) in properties(table).iter().filter(|(_, schema)| schema["type"] != "object") {
            let dotted = if table.is_empty() { key.clone() } else { format!("{table}.{key}") };
            let row = reference.iter().find(|(named, ..)| *named == dotted);
            let (_, default, text) = row.unwrap_or_else(|| panic!("README.md: no row for {dotted}"));
            match schema.get("default") {
                Some(wanted) => assert_eq!(*default, wanted.to_string(), "README.md: {dotted}"),
                // A VPC is left out as a whole.
                None if required.contains(&&Value::from(key.as_str())) && *table != "vpc" => {
                    assert_eq!(default, "required", "README.md: {dotted}");
                }
                None => assert_ne!(default, "required", "README.md: {dotted}"),
            }
            let values = schema["anyOf"][0]["enum"].as_array().into_iter().flatten();
            for value in values.filter_map(Value::as_str).filter(|value| default.trim_matches('"') != *value)
            {
                let kibana = value.starts_with("kibana-") && text.contains("kibana-6 to kibana-9");
                assert!(kibana || text.contains(value), "README.md: {dotted} doesn't tell of {value}");
            }
            known.push(dotted);
        }
    }
    let known = known.iter().map(String::as_str).chain(["tags.*"]);
    assert_eq!(named.into_iter().collect::<std::collections::BTreeSet<_>>(), known.collect());
}
