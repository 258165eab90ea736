//! Rison: how Kibana writes JSON into its addresses. Checked against PyPI's `prison` (`testdata/rison.json`).

use serde_json::Value;

/// Marks that a string without quotes may have.
const BARE: &str = "_-./~%+";

/// A value as Rison, not yet percent-encoded.
pub(super) fn rison(value: &Value) -> String {
    match value {
        Value::Null => "!n".to_owned(),
        Value::Bool(true) => "!t".to_owned(),
        Value::Bool(false) => "!f".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => string(text),
        Value::Array(values) => format!("!({})", values.iter().map(rison).collect::<Vec<_>>().join(",")),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| format!("{}:{}", string(key), rison(value)));
            format!("({})", members.collect::<Vec<_>>().join(","))
        }
    }
}

fn string(text: &str) -> String {
    // What begins like a number would be read as one.
    let number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    let special = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !BARE.contains(c);
    match text.is_empty() || number || text.contains(special) {
        true => format!("'{}'", text.replace('!', "!!").replace('\'', "!'")),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_an_independent_encoder_writes_them() {
        let vectors: Vec<(Value, String)> =
            serde_json::from_str(include_str!("../../testdata/rison.json")).unwrap();
        assert!(vectors.len() > 20);
        for (value, expected) in vectors {
            assert_eq!(rison(&value), expected, "{value}");
        }
    }
}
