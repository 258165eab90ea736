//! The role's policies: those it has, those it should have, and their documents.

use std::collections::BTreeMap;

use futures_util::future::try_join;
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::{INLINE, NOT_FOUND, Role};
use crate::attributes::{Attributes, Value};
use crate::aws::{self, Aws, Explain, found};
use crate::policy;

impl Role {
    /// The ARNs of the attached policies, all pages; none where there is no role.
    pub(super) async fn attached(&self, aws: &Aws) -> Result<Vec<String>, aws::Error> {
        let pages = aws.iam.list_attached_role_policies().role_name(&self.name);
        let policies = pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let policies =
            found(policies.explain("iam:ListAttachedRolePolicies"), NOT_FOUND)?.unwrap_or_default();
        Ok(policies.into_iter().filter_map(|policy| policy.policy_arn).collect())
    }

    pub(super) async fn inline_names(&self, aws: &Aws) -> Result<Vec<String>, aws::Error> {
        let pages = aws.iam.list_role_policies().role_name(&self.name);
        let names = pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        Ok(found(names.explain("iam:ListRolePolicies"), NOT_FOUND)?.unwrap_or_default())
    }

    /// Our inline policy with its document, those of others with their names.
    pub(super) async fn inline_policies(&self, aws: &Aws) -> Result<BTreeMap<String, Value>, aws::Error> {
        let ours = async {
            let call = aws.iam.get_role_policy().role_name(&self.name).policy_name(INLINE);
            found(call.send().await.explain("iam:GetRolePolicy"), NOT_FOUND)
        };
        let (names, ours) = try_join(self.inline_names(aws), ours).await?;
        let theirs = names.into_iter().filter(|name| name != INLINE);
        let mut policies: BTreeMap<_, _> = theirs.map(|name| (name, Value::text("inline"))).collect();
        if let Some(policy) = ours {
            policies.insert(INLINE.to_owned(), Value::Policy(decoded(policy.policy_document())));
        }
        Ok(policies)
    }
}

/// Lambda may assume the role.
pub(super) fn trust() -> serde_json::Value {
    json!({
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": { "Service": "lambda.amazonaws.com" },
    })
}

pub(super) fn document(statements: &[serde_json::Value]) -> serde_json::Value {
    policy::normalise(&json!({ "Version": "2012-10-17", "Statement": statements }))
}

/// IAM shows documents percent-encoded (RFC 3986: `+` is a plus). A document that can't be read is shown as text.
fn decoded(document: &str) -> serde_json::Value {
    let text = percent_decode_str(document).decode_utf8_lossy();
    serde_json::from_str(&text).map_or_else(|_| json!(text), |value| policy::normalise(&value))
}

/// Our statement decides whether the trust policy is as desired; others' stand beside it.
pub(super) fn trust_attributes(attributes: Attributes, text: &str) -> Attributes {
    let observed = decoded(text);
    let wanted = document(&[trust()]);
    let ours = policy::statements(&wanted);
    let (mine, theirs): (Vec<_>, Vec<_>) =
        policy::statements(&observed).iter().partition(|statement| ours.contains(statement));
    let trust = match mine.is_empty() {
        true => Value::Absent,
        false => Value::Policy(wanted.clone()),
    };
    let theirs = theirs.into_iter().enumerate();
    attributes
        .with("trust_policy", trust)
        .with_map("trust_policy", theirs.map(|(i, s)| (format!("statement_{i}"), Value::Policy(s.clone()))))
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    fn observed(text: &str) -> Attributes {
        trust_attributes(Attributes::default(), &utf8_percent_encode(text, NON_ALPHANUMERIC).to_string())
    }

    proptest! {
        /// Whatever else a person allows, in whatever order: our statement decides, theirs are kept.
        #[test]
        fn our_statement_is_found_among_those_of_others(
            services in proptest::collection::btree_set("[a-z]{3,8}\\.amazonaws\\.com", 0..4),
            ours in any::<bool>(),
            position in 0usize..5,
        ) {
            let theirs = services.iter().filter(|service| *service != "lambda.amazonaws.com");
            let mut statements: Vec<_> = theirs
                .map(|service| json!({ "Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": { "Service": service } }))
                .collect();
            let others = statements.len();
            if ours {
                statements.insert(position.min(others), trust());
            }
            let attributes = observed(&json!({ "Version": "2012-10-17", "Statement": statements }).to_string());
            let wanted = Value::Policy(document(&[trust()]));
            prop_assert_eq!(*attributes.get("trust_policy") == wanted, ours);
            prop_assert_eq!(attributes.members("trust_policy").count(), others);
        }

        #[test]
        fn whatever_iam_shows_is_taken_without_a_panic(text in "\\PC{0,80}") {
            trust_attributes(Attributes::default(), &text);
            observed(&text);
        }
    }
}
