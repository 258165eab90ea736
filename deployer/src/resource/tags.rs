//! The tags of a stack's resources, among them the one that says whose they are.

use std::collections::BTreeMap;

use super::Owner;
use crate::attributes::{Attributes, Value};

/// The tag that makes a resource ours; its value is the stack's name.
pub const OWNER: &str = "tanets:stack";

/// The tags that each resource of a stack gets: the user's own and the owner's.
pub fn desired(stack: &str, tags: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all = tags.clone();
    all.insert(OWNER.to_owned(), stack.to_owned());
    all
}

/// Tags as attributes.
pub fn attributes<K: Into<String>, V: Into<String>>(
    attributes: Attributes,
    tags: impl IntoIterator<Item = (K, V)>,
) -> Attributes {
    // An empty value is a value: only a missing tag is absent.
    attributes.with_map("tags", tags.into_iter().map(|(key, value)| (key.into(), Value::Text(value.into()))))
}

/// Whose the resource is, by its tags.
pub fn owner(attributes: &Attributes, stack: &str) -> Owner {
    match attributes.get(&format!("tags.{OWNER}")).expose() {
        Some(owner) if owner == stack => Owner::Ours,
        Some(owner) => Owner::Stack(owner.to_owned()),
        None => Owner::Unknown,
    }
}
