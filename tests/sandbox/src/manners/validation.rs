//! Holds an input against AWS's own model: required and unknown members, lengths, ranges, patterns, enums.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};

use fancy_regex::Regex;
use serde_json::Value;

use super::call::Call;
use super::models::{Model, Models, Shape};

/// What AWS would say of the input, one text a violation; empty for what no model knows.
pub(super) fn violations(models: &Models, call: &Call) -> Vec<String> {
    let mut found = Vec::new();
    let Some(model) = models.service(&call.service) else { return found };
    let Some(operation) = model.operations.get(&call.operation) else {
        return vec![format!("`{}` has no operation `{}`", call.service, call.operation)];
    };
    if let Some(shape) = &operation.input {
        Check { model, found: &mut found }.value(shape, &call.input, "");
    }
    found
}

struct Check<'a> {
    model: &'a Model,
    found: &'a mut Vec<String>,
}

impl Check<'_> {
    fn value(&mut self, name: &str, value: &Value, place: &str) {
        let Some(shape) = self.model.shapes.get(name) else { return };
        match (shape.kind.as_str(), value) {
            ("structure", Value::Object(members)) => {
                for required in
                    shape.required.iter().filter(|name| members.get(*name).is_none_or(Value::is_null))
                {
                    self.refuse("null", &under(place, required), "Member must not be null");
                }
                for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                    let place = under(place, name);
                    match shape.members.get(name) {
                        Some(member) => self.value(&member.shape, value, &place),
                        None => self.refuse(name, &place, "Member must be known to the service"),
                    }
                }
            }
            ("list", Value::Array(elements)) => {
                self.length(shape, elements.len(), place, value);
                for (number, element) in elements.iter().enumerate() {
                    let place = format!("{place}.{}.member", number + 1);
                    if let Some(member) = &shape.member {
                        self.value(&member.shape, element, &place);
                    }
                }
            }
            ("map", Value::Object(entries)) => {
                self.length(shape, entries.len(), place, value);
                for (key, entry) in entries {
                    if let (Some(keys), Some(values)) = (&shape.key, &shape.value) {
                        self.value(&keys.shape, &Value::String(key.clone()), place);
                        self.value(&values.shape, entry, &under(place, key));
                    }
                }
            }
            ("string", Value::String(text)) => self.text(shape, text, place),
            ("integer" | "long" | "float" | "double", Value::Number(number)) => {
                self.range(shape, number.as_f64().unwrap_or_default(), place);
            }
            ("boolean", Value::Bool(_)) | ("blob", Value::String(_)) | ("timestamp", _) => {}
            (kind, _) => self.refuse(&value.to_string(), place, &format!("Member must be a {kind}")),
        }
    }

    fn text(&mut self, shape: &Shape, text: &str, place: &str) {
        self.length(shape, text.chars().count(), place, &Value::from(text));
        if !shape.variants.is_empty() && !shape.variants.iter().any(|variant| variant == text) {
            let variants = shape.variants.join(", ");
            self.refuse(text, place, &format!("Member must satisfy enum value set: [{variants}]"));
        }
        if let Some(pattern) = &shape.pattern {
            match fits(pattern, text) {
                Ok(true) => {}
                Ok(false) => {
                    let why = format!("Member must satisfy regular expression pattern: {pattern}");
                    self.refuse(text, place, &why);
                }
                Err(error) => self.refuse(text, place, &format!("the test cannot read {pattern}: {error}")),
            }
        }
    }

    fn length(&mut self, shape: &Shape, length: usize, place: &str, value: &Value) {
        let length = length as f64;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if let Some(min) = shape.min.filter(|min| length < *min) {
            self.refuse(&text, place, &format!("Member must have length greater than or equal to {min}"));
        }
        if let Some(max) = shape.max.filter(|max| length > *max) {
            self.refuse(&text, place, &format!("Member must have length less than or equal to {max}"));
        }
    }

    fn range(&mut self, shape: &Shape, number: f64, place: &str) {
        if let Some(min) = shape.min.filter(|min| number < *min) {
            self.refuse(
                &number.to_string(),
                place,
                &format!("Member must have value greater than or equal to {min}"),
            );
        }
        if let Some(max) = shape.max.filter(|max| number > *max) {
            self.refuse(
                &number.to_string(),
                place,
                &format!("Member must have value less than or equal to {max}"),
            );
        }
    }

    fn refuse(&mut self, value: &str, place: &str, why: &str) {
        self.found.push(format!("Value '{value}' at '{place}' failed to satisfy constraint: {why}"));
    }
}

fn under(place: &str, member: &str) -> String {
    if place.is_empty() { member.to_owned() } else { format!("{place}.{member}") }
}

/// Whether the whole text is as the pattern says. Classes of Unicode letters take milliseconds to compile: once each.
pub(super) fn fits(pattern: &str, text: &str) -> Result<bool, Box<fancy_regex::Error>> {
    static COMPILED: Mutex<Option<HashMap<String, Regex>>> = Mutex::new(None);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let regex = match compiled.get_or_insert_default().entry(pattern.to_owned()) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => {
            // Java takes a hyphen after a class as it is.
            let pattern = pattern.replace("\\w-_", "\\w\\-_");
            entry.insert(Regex::new(&format!("^(?s:{pattern})$"))?)
        }
    };
    Ok(regex.is_match(text)?)
}
