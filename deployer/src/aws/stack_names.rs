//! Which stacks a region has: the values of their owner's tag, and the roles that tanets describes as its own.

use std::collections::BTreeSet;

use serde_json::json;

use super::signed::{TAGGING, ask};
use super::{Aws, Error, Explain};

impl Aws {
    /// The values of a tag among the region's functions, rules, log groups and whatever else has it. Roles aren't found
    /// this way; what was made or deleted in the last minutes may be told otherwise.
    ///
    /// # Errors
    /// If they can't be read.
    pub async fn tag_values(&self, key: &str) -> Result<BTreeSet<String>, Error> {
        let mut values = BTreeSet::new();
        let mut token = String::new();
        loop {
            let mut input = json!({ "TagFilters": [{ "Key": key }], "ResourcesPerPage": 100 });
            if !token.is_empty() {
                input["PaginationToken"] = json!(token);
            }
            let page = ask(self, &TAGGING, "tag:GetResources", &input).await?;
            let resources = page["ResourceTagMappingList"].as_array().into_iter().flatten();
            let tags = resources.flat_map(|resource| resource["Tags"].as_array().into_iter().flatten());
            let ours = tags.filter(|tag| tag["Key"] == key).filter_map(|tag| tag["Value"].as_str());
            values.extend(ours.map(str::to_owned));
            token = page["PaginationToken"].as_str().unwrap_or_default().to_owned();
            if token.is_empty() {
                return Ok(values);
            }
        }
    }

    /// The names of the account's roles with this description.
    ///
    /// # Errors
    /// If they can't be read.
    pub async fn roles_described(&self, description: &str) -> Result<BTreeSet<String>, Error> {
        let roles = self.iam.list_roles().max_items(1000).into_paginator().items().send();
        let roles = roles.collect::<Result<Vec<_>, _>>().await.explain("iam:ListRoles")?;
        let ours = roles.into_iter().filter(|role| role.description() == Some(description));
        Ok(ours.map(|role| role.role_name).collect())
    }
}
