//! The tags of a stack's resources, among them the one that says whose they are.

use std::collections::BTreeMap;

use super::Owner;
use crate::attributes::{Attributes, Value};

/// The tag that makes a resource ours; its value is the stack's name.
pub const OWNER: &str = "tanets:stack";

/// The tags that each resource of a stack gets: the user's own and the owner's.
#[derive(Clone, Debug)]
pub struct Tags {
    stack: String,
    all: BTreeMap<String, String>,
}

impl Tags {
    /// The tags of a stack's resources, from the configuration's.
    pub fn new(stack: &str, configured: &BTreeMap<String, String>) -> Self {
        let mut all = configured.clone();
        all.insert(OWNER.to_owned(), stack.to_owned());
        Self { stack: stack.to_owned(), all }
    }

    /// Key and value of each.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.all.iter()
    }

    /// All of them, as most services take them.
    pub fn to_map<M: FromIterator<(String, String)>>(&self) -> M {
        self.all.clone().into_iter().collect()
    }

    /// Adds them to the desired attributes.
    pub fn desired(&self, attributes: Attributes) -> Attributes {
        observed(attributes, &self.all)
    }

    /// Whose an observed resource is.
    pub fn owner(&self, attributes: &Attributes) -> Owner {
        match attributes.get(&format!("tags.{OWNER}")).expose() {
            Some(owner) if owner == self.stack => Owner::Ours,
            Some(owner) => Owner::Stack(owner.to_owned()),
            None => Owner::Unknown,
        }
    }
}

/// Adds the tags that a resource has to its attributes.
pub fn observed<K: AsRef<str>, V: AsRef<str>>(
    attributes: Attributes,
    tags: impl IntoIterator<Item = (K, V)>,
) -> Attributes {
    // An empty value is a value: only a missing tag is absent.
    attributes
        .with_map("tags", tags.into_iter().map(|(key, value)| (key, Value::Text(value.as_ref().to_owned()))))
}
