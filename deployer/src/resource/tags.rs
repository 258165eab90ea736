//! The tags of a stack's resources, among them the one that says whose they are.

use std::collections::BTreeMap;

use super::Owner;
use crate::attributes::{Attributes, Value};

/// The tag that makes a resource ours; its value is the stack's name.
pub const OWNER: &str = "tanets:stack";

/// The tag that says which region's stack it is: on roles, which are the whole account's.
pub const REGION: &str = "tanets:region";

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

    /// Those of a resource that is the whole account's, and a region's stack's all the same.
    #[must_use]
    pub fn in_region(mut self, region: &str) -> Self {
        self.all.insert(REGION.to_owned(), region.to_owned());
        self
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
        let tag = |key: &str| attributes.get(&format!("tags.{key}")).expose();
        let elsewhere =
            self.all.get(REGION).and_then(|ours| tag(REGION).filter(|region| *region != ours.as_str()));
        match (tag(OWNER), elsewhere) {
            (Some(owner), None) if owner == self.stack => Owner::Ours,
            (Some(owner), None) => Owner::Stack(owner.to_owned()),
            (Some(owner), Some(region)) => Owner::Stack(format!("{owner} in {region}")),
            (None, _) => Owner::Unknown,
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
