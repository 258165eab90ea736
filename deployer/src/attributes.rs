//! The one form that desired and observed resources take, and its comparison.
//!
//! Normalising happens in the constructors here and in `policy`, nowhere else. Knows no AWS type.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Serialize, Serializer};
use tanets_function::secret::Secret;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Ours, and to be absent: unlike an attribute that isn't named, which is kept as it is.
    Absent,
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
    /// A set of texts: order and repetition don't count.
    Set(BTreeSet<String>),
    /// A normalised policy document.
    Policy(serde_json::Value),
    /// A text that no output may show.
    Secret(Secret),
}

impl Value {
    /// A text, or `Absent` when it is empty: AWS answers with either.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Absent } else { Self::Text(text) }
    }

    /// A set, or `Absent` when it is empty.
    pub fn set<T: Into<String>>(members: impl IntoIterator<Item = T>) -> Self {
        let members: BTreeSet<String> = members.into_iter().map(Into::into).collect();
        if members.is_empty() { Self::Absent } else { Self::Set(members) }
    }

    /// The text that a request carries; a secret is given as it is.
    pub fn expose(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Secret(secret) => Some(secret.expose()),
            Self::Absent | Self::Number(_) | Self::Set(_) | Self::Policy(_) => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("(none)"),
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Set(members) => f.write_str(&Vec::from_iter(members.iter().map(String::as_str)).join(", ")),
            Self::Policy(document) => document.fmt(f),
            Self::Secret(secret) => secret.fmt(f),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_none(),
            Self::Text(text) => text.serialize(serializer),
            Self::Number(number) => number.serialize(serializer),
            Self::Set(members) => members.serialize(serializer),
            Self::Policy(document) => document.serialize(serializer),
            Self::Secret(secret) => secret.serialize(serializer),
        }
    }
}

/// Attributes by name. A map's members stand side by side under dotted names (`tags.team`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(BTreeMap<String, Value>);

impl Attributes {
    /// Adds an attribute.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: Value) -> Self {
        self.0.insert(name.into(), value);
        self
    }

    /// Adds `PREFIX.KEY` for each member of a map.
    #[must_use]
    pub fn with_map<K: AsRef<str>>(
        mut self,
        prefix: &str,
        members: impl IntoIterator<Item = (K, Value)>,
    ) -> Self {
        self.0.extend(members.into_iter().map(|(key, value)| (format!("{prefix}.{}", key.as_ref()), value)));
        self
    }

    /// The value of an attribute; `Absent` where it isn't named.
    pub fn get(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Absent)
    }

    /// The members of a map by key, without absent ones.
    pub fn members<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.0.iter().filter_map(move |(name, value)| {
            let key = name.strip_prefix(prefix)?.strip_prefix('.')?;
            (*value != Value::Absent).then_some((key, value))
        })
    }

    /// All attributes in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// An attribute that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The attribute's name.
    pub name: String,
    /// What is there.
    pub before: Value,
    /// What is wanted.
    pub after: Value,
}

/// What `desired` changes of `observed`, in the order of names. What only `observed` names is no change.
pub fn changes(desired: &Attributes, observed: &Attributes) -> Vec<Change> {
    desired
        .iter()
        .filter(|(name, after)| observed.get(name) != *after)
        .map(|(name, after)| Change {
            name: name.to_owned(),
            before: observed.get(name).clone(),
            after: after.clone(),
        })
        .collect()
}

/// The attributes that only `observed` names: other people's, kept as they are.
pub fn foreign<'a>(
    desired: &'a Attributes,
    observed: &'a Attributes,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    observed.iter().filter(|(name, value)| !desired.0.contains_key(*name) && **value != Value::Absent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(pairs: &[(&str, Value)]) -> Attributes {
        pairs.iter().fold(Attributes::default(), |all, (name, value)| all.with(*name, value.clone()))
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let desired = attributes(&[("memory", Value::Number(128)), ("timeout", Value::Number(60))]);
        let observed = attributes(&[("memory", Value::Number(256)), ("timeout", Value::Number(60))]);
        let expected =
            Change { name: "memory".into(), before: Value::Number(256), after: Value::Number(128) };
        assert_eq!(changes(&desired, &observed), [expected]);
    }

    #[test]
    fn the_order_of_a_set_is_no_change() {
        let desired = attributes(&[("subnets", Value::set(["a", "b"]))]);
        let observed = attributes(&[("subnets", Value::set(["b", "a", "b"]))]);
        assert_eq!(changes(&desired, &observed), []);
    }

    #[test]
    fn an_attribute_of_ours_that_should_be_absent_is_removed() {
        let desired = attributes(&[("environment.KIBANA_URL", Value::Absent)]);
        let observed = attributes(&[("environment.KIBANA_URL", Value::text("https://k"))]);
        assert_eq!(changes(&desired, &observed)[0].after, Value::Absent);
        assert_eq!(changes(&desired, &Attributes::default()), []);
    }

    #[test]
    fn what_other_people_added_is_foreign_and_no_change() {
        let desired = attributes(&[("tags.team", Value::text("sre"))]);
        let observed = attributes(&[("tags.team", Value::text("sre")), ("tags.cost", Value::text("42"))]);
        assert_eq!(changes(&desired, &observed), []);
        assert_eq!(Vec::from_iter(foreign(&desired, &observed)), [("tags.cost", &Value::text("42"))]);
    }

    #[test]
    fn a_secret_shows_in_no_form() {
        let value = Value::Secret(Secret::new("hunter2"));
        let shown = format!("{value} {value:?} {}", serde_json::to_string(&value).unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
