//! IAM's policy documents in a normal form, so that two of them can be compared.

use serde_json::{Map, Value, json};

/// The normal form: what AWS treats as equal is equal. One-element lists and plain strings are the same, the
/// order of statements, actions, resources and principals doesn't count, neither does the case of an effect
/// or of a condition's keys; an account's root ARN is its number. Anything that is no policy stays as it is.
pub fn normalise(document: &Value) -> Value {
    let Value::Object(fields) = document else { return document.clone() };
    let mut statements: Vec<Value> =
        list(fields.get("Statement").unwrap_or(&Value::Null)).iter().map(statement).collect();
    statements.sort_by_key(Value::to_string);
    statements.dedup();
    json!({ "Version": fields.get("Version").cloned().unwrap_or(json!("2008-10-17")), "Statement": statements })
}

/// The statements of a normalised document.
pub fn statements(document: &Value) -> &[Value] {
    document["Statement"].as_array().map_or(&[], Vec::as_slice)
}

fn statement(statement: &Value) -> Value {
    let Value::Object(fields) = statement else { return statement.clone() };
    let normal = fields.iter().map(|(name, value)| {
        let value = match name.as_str() {
            "Action" | "NotAction" | "Resource" | "NotResource" => sorted(value),
            "Principal" | "NotPrincipal" => match value {
                Value::Object(kinds) => {
                    kinds.iter().map(|(kind, who)| (kind.clone(), sorted(who))).collect::<Map<_, _>>().into()
                }
                everybody => everybody.clone(),
            },
            "Condition" => condition(value),
            "Effect" => match value.as_str() {
                Some(effect) if effect.eq_ignore_ascii_case("allow") => json!("Allow"),
                Some(effect) if effect.eq_ignore_ascii_case("deny") => json!("Deny"),
                _ => value.clone(),
            },
            _ => value.clone(),
        };
        (name.clone(), value)
    });
    Value::Object(normal.collect())
}

fn condition(condition: &Value) -> Value {
    let Value::Object(operators) = condition else { return condition.clone() };
    let normal = operators.iter().map(|(operator, keys)| {
        let keys = match keys {
            Value::Object(keys) => keys
                .iter()
                .map(|(key, values)| (key.to_ascii_lowercase(), sorted(values)))
                .collect::<Map<_, _>>()
                .into(),
            other => other.clone(),
        };
        (operator.clone(), keys)
    });
    Value::Object(normal.collect())
}

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(members) => members.clone(),
        one => vec![one.clone()],
    }
}

fn sorted(value: &Value) -> Value {
    let mut members: Vec<Value> = list(value).iter().map(principal).collect();
    members.sort_by_key(Value::to_string);
    members.dedup();
    Value::Array(members)
}

/// AWS rewrites an account's number into its root ARN.
fn principal(value: &Value) -> Value {
    let account = value.as_str().and_then(|text| {
        let (head, tail) = text.split_once(":iam::")?;
        let account = tail.strip_suffix(":root")?;
        (head.starts_with("arn:aws") && account.len() == 12).then_some(account)
    });
    account.map_or_else(|| value.clone(), |account| json!(account))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_aws_treats_as_equal_is_equal() {
        let written = json!({
            "Version": "2012-10-17",
            "Statement": [
                { "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "lambda.amazonaws.com" } },
                { "Effect": "Allow", "Action": ["b", "a"], "Principal": { "AWS": "123456789012" },
                  "Condition": { "ArnLike": { "aws:SourceArn": "x" } } },
            ],
        });
        let shown_back = json!({
            "Statement": [
                { "Effect": "allow", "Action": ["a", "b", "a"],
                  "Principal": { "AWS": ["arn:aws:iam::123456789012:root"] },
                  "Condition": { "ArnLike": { "AWS:SourceArn": ["x"] } } },
                { "Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": { "Service": ["lambda.amazonaws.com"] } },
            ],
            "Version": "2012-10-17",
        });
        assert_eq!(normalise(&written), normalise(&shown_back));
    }

    #[test]
    fn another_action_effect_or_principal_is_another_policy() {
        let base = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "a", "Resource": "*" } });
        for (name, value) in [("Effect", "Deny"), ("Action", "b"), ("Resource", "x")] {
            let mut other = base.clone();
            other["Statement"][name] = json!(value);
            assert_ne!(normalise(&base), normalise(&other), "{name}");
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        const WORDS: &str = "Version|Statement|Effect|Action|NotAction|Resource|Principal|AWS|Service|Condition|ArnLike|\
                             allow|DENY|\\*|123456789012|arn:aws:iam::123456789012:root|[a-zA-Zあ:/*]{0,6}";
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            WORDS.prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 5, |inner| {
            let members = proptest::collection::vec((WORDS, inner.clone()), 0..5);
            prop_oneof![
                proptest::collection::vec(inner, 0..5).prop_map(Value::from),
                members.prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(actions in proptest::collection::vec("[a-z:*]{0,8}", 0..4), one in "[a-z]{1,4}") {
            let document = json!({ "Statement": [{ "Action": actions, "Resource": one, "Principal": { "AWS": one } }] });
            let once = normalise(&document);
            prop_assert_eq!(normalise(&once), once.clone());
        }

        /// Policies, and what only looks like one: words of policies anywhere in any JSON.
        #[test]
        fn any_json_is_taken_and_its_normal_form_is_stable(document in json()) {
            let once = normalise(&document);
            prop_assert_eq!(normalise(&once), once.clone());
            statements(&once);
        }
    }
}
