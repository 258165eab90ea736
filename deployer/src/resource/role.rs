//! The execution role: trust policy, managed policies, one inline policy, tags.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use aws_sdk_iam::types::Tag;
use futures_util::future::{try_join, try_join_all};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::tags::{self, Tags};
use super::{Address, Error, Observed, Progress, Resource, still_ours};
use crate::attributes::{Attributes, Value};
use crate::aws::{self, Aws, Explain, found, network_interfaces};
use crate::plan::{Action, Step};
use crate::{policy, retry};

/// Its address.
pub const ADDRESS: Address = Address::new("role");

/// The name of our inline policy.
const INLINE: &str = "tanets";
const DESCRIPTION: &str = "Execution role of the log digest that tanets deploys";
/// What a policy's attribute says where it is attached.
const ATTACHED: &str = "attached";
const NOT_FOUND: &str = "NoSuchEntity";

/// The unique id that IAM gave the role: known once the role is. A role that was deleted and made again under
/// its name has another one.
pub type RoleId = Arc<OnceLock<String>>;

/// The role that the function runs with.
pub struct Role {
    /// Its name: the stack's.
    pub name: String,
    /// The managed policies to attach, by ARN.
    pub managed: BTreeSet<String>,
    /// The managed policies that we would attach for another configuration, and detach for this one.
    pub not_managed: BTreeSet<String>,
    /// The statements of the inline policy.
    pub inline: Vec<serde_json::Value>,
    /// Its tags, the owner's included.
    pub tags: Tags,
    /// Its unique id, for the function that depends on it.
    pub id: RoleId,
}

#[async_trait]
impl Resource for Role {
    fn address(&self) -> Address {
        ADDRESS
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn needs(&self) -> &'static [Address] {
        &[]
    }

    fn desired(&self) -> Attributes {
        let Self { name: _, managed, not_managed, inline, tags, id: _ } = self;
        let inline = Value::Policy(document(inline));
        let attributes = Attributes::default()
            .with("description", Value::text(DESCRIPTION))
            .with("trust_policy", Value::Policy(document(&[trust()])))
            .with_map("managed_policy", managed.iter().map(|arn| (arn, Value::text(ATTACHED))))
            .with_map("managed_policy", not_managed.iter().map(|arn| (arn, Value::Absent)))
            .with_map("inline_policy", [(INLINE, inline)]);
        tags.desired(attributes)
    }

    async fn observe(&self, aws: &Aws) -> Result<Option<Observed>, aws::Error> {
        let role = async {
            let answer = aws.iam.get_role().role_name(&self.name).send().await.explain("iam:GetRole");
            Ok(found(answer, NOT_FOUND)?.and_then(|answer| answer.role))
        };
        let policies = try_join(self.attached(aws), self.inline_policies(aws));
        let (role, (attached, inline)) = try_join(role, policies).await?;
        let Some(role) = role else { return Ok(None) };
        let mut attributes = Attributes::default()
            .with("description", Value::text(role.description().unwrap_or_default()))
            .with_map("managed_policy", attached.iter().map(|arn| (arn, Value::text(ATTACHED))))
            .with_map("inline_policy", inline);
        attributes = trust_attributes(attributes, role.assume_role_policy_document().unwrap_or_default());
        attributes = tags::observed(attributes, role.tags().iter().map(|tag| (tag.key(), tag.value())));
        self.id.set(role.role_id().to_owned()).ok();
        let owner = self.tags.owner(&attributes);
        Ok(Some(Observed::new(attributes, owner)))
    }

    async fn apply(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error> {
        match step.action {
            Action::Create => self.create(aws, progress).await?,
            Action::Update => self.update(aws, step).await?,
            Action::Delete => {
                self.outlast_network_interfaces(aws, step, progress).await?;
                return Ok(self.delete(aws, progress).await?);
            }
        }
        self.put_policies(aws, step, progress).await?;
        Ok(())
    }
}

impl Role {
    async fn create(&self, aws: &Aws, progress: Progress<'_>) -> Result<(), Error> {
        // A principal that was made a moment ago may not be known yet.
        let waiting = |error: &aws::Error| {
            error
                .is("MalformedPolicyDocument", "Invalid principal in policy")
                .then(|| "waiting for IAM to know the principal".to_owned())
        };
        let created = retry::until(retry::DELETION, waiting, progress, || async {
            aws.iam
                .create_role()
                .role_name(&self.name)
                .description(DESCRIPTION)
                .assume_role_policy_document(document(&[trust()]).to_string())
                .set_tags(Some(self.iam_tags()))
                .send()
                .await
                .explain("iam:CreateRole")
        })
        .await;
        match created {
            Ok(created) => {
                self.id.set(created.role.map(|role| role.role_id).unwrap_or_default()).ok();
                Ok(())
            }
            // The answer to our own request may have been lost.
            Err(error) if error.code.as_deref() == Some("EntityAlreadyExists") => {
                still_ours(self, self.observe(aws).await?, error)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn update(&self, aws: &Aws, step: &Step) -> Result<(), aws::Error> {
        let role = &self.name;
        if step.changes("trust_policy") {
            // Statements that other people added stay.
            let theirs = step.before.members("trust_policy").filter_map(|(_, value)| match value {
                Value::Policy(statement) => Some(statement.clone()),
                _ => None,
            });
            let statements: Vec<_> = theirs.chain([trust()]).collect();
            aws.iam
                .update_assume_role_policy()
                .role_name(role)
                .policy_document(document(&statements).to_string())
                .send()
                .await
                .explain("iam:UpdateAssumeRolePolicy")?;
        }
        if step.changes("description") {
            aws.iam
                .update_role()
                .role_name(role)
                .description(DESCRIPTION)
                .send()
                .await
                .explain("iam:UpdateRole")?;
        }
        if step.changes("tags") {
            let tags = Some(self.iam_tags());
            aws.iam.tag_role().role_name(role).set_tags(tags).send().await.explain("iam:TagRole")?;
        }
        Ok(())
    }

    /// Attaches, detaches and writes what the step changes, all at once.
    async fn put_policies(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), aws::Error> {
        // A new role may not be visible yet; a wrong ARN is another text under the same code.
        let waiting = |error: &aws::Error| {
            let unseen = error.code.as_deref() == Some(NOT_FOUND)
                && !error.message.contains("not attachable")
                && step.action == Action::Create;
            let concurrent = error.code.as_deref() == Some("ConcurrentModification");
            (unseen || concurrent).then(|| "waiting for IAM to know the role".to_owned())
        };
        let changes = step.changes.iter().filter_map(|change| {
            let (map, key) = change.name.split_once('.')?;
            Some((map, key, &change.after))
        });
        let writes = changes.filter_map(|(map, key, after)| {
            let put = *after != Value::Absent;
            match map {
                "managed_policy" => Some((true, key, put)),
                "inline_policy" => Some((false, key, put)),
                _ => None,
            }
        });
        let writes = writes.map(|(managed, key, put)| async move {
            retry::until(retry::DELETION, waiting, progress, || self.put_policy(aws, managed, key, put)).await
        });
        try_join_all(writes).await?;
        Ok(())
    }

    async fn put_policy(&self, aws: &Aws, managed: bool, key: &str, put: bool) -> Result<(), aws::Error> {
        let role = &self.name;
        match (managed, put) {
            (true, true) => {
                let call = aws.iam.attach_role_policy().role_name(role).policy_arn(key);
                call.send().await.explain("iam:AttachRolePolicy").map(drop)
            }
            (true, false) => {
                let call = aws.iam.detach_role_policy().role_name(role).policy_arn(key);
                found(call.send().await.explain("iam:DetachRolePolicy"), NOT_FOUND).map(drop)
            }
            (false, true) => {
                let policy = document(&self.inline).to_string();
                let call = aws.iam.put_role_policy().role_name(role).policy_name(key).policy_document(policy);
                call.send().await.explain("iam:PutRolePolicy").map(drop)
            }
            (false, false) => {
                let call = aws.iam.delete_role_policy().role_name(role).policy_name(key);
                found(call.send().await.explain("iam:DeleteRolePolicy"), NOT_FOUND).map(drop)
            }
        }
    }

    /// Lambda removes a function's network interfaces minutes after the function, and with its role: without the role
    /// they stay in the VPC until somebody deletes them by hand.
    async fn outlast_network_interfaces(
        &self,
        aws: &Aws,
        step: &Step,
        progress: Progress<'_>,
    ) -> Result<(), Error> {
        if !is_in_vpc(&step.before) {
            return Ok(());
        }
        let waiting = |error: &Error| match error {
            Error::TimedOut { state, .. } => Some(format!("waiting for Lambda, up to 45 min: {state}")),
            Error::Aws(_) | Error::Rejected { .. } | Error::Overtaken(_) => None,
        };
        retry::until(retry::NETWORK_INTERFACES, waiting, progress, || async {
            let left = network_interfaces::of_function(aws, &self.name).await?;
            let state = format!("{left} network interfaces in the VPC, which Lambda removes with this role");
            let seconds = retry::NETWORK_INTERFACES.as_secs();
            if left == 0 { Ok(()) } else { Err(Error::TimedOut { state, seconds }) }
        })
        .await
    }

    /// Takes every policy off and deletes the role. A detached policy may still be in the way for a moment.
    async fn delete(&self, aws: &Aws, progress: Progress<'_>) -> Result<(), aws::Error> {
        let waiting = |error: &aws::Error| {
            (error.code.as_deref() == Some("DeleteConflict"))
                .then(|| "waiting for IAM to detach the policies".to_owned())
        };
        retry::until(retry::DELETION, waiting, progress, || async {
            let (attached, inline) = try_join(self.attached(aws), self.inline_names(aws)).await?;
            let detach = attached.iter().map(|arn| self.put_policy(aws, true, arn, false));
            let remove = inline.iter().map(|name| self.put_policy(aws, false, name, false));
            try_join(try_join_all(detach), try_join_all(remove)).await?;
            let deleted = aws.iam.delete_role().role_name(&self.name).send().await.explain("iam:DeleteRole");
            found(deleted, NOT_FOUND)
        })
        .await?;
        Ok(())
    }

    /// The ARNs of the attached policies, all pages; none where there is no role.
    async fn attached(&self, aws: &Aws) -> Result<Vec<String>, aws::Error> {
        let pages = aws.iam.list_attached_role_policies().role_name(&self.name);
        let policies = pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let policies =
            found(policies.explain("iam:ListAttachedRolePolicies"), NOT_FOUND)?.unwrap_or_default();
        Ok(policies.into_iter().filter_map(|policy| policy.policy_arn).collect())
    }

    async fn inline_names(&self, aws: &Aws) -> Result<Vec<String>, aws::Error> {
        let pages = aws.iam.list_role_policies().role_name(&self.name);
        let names = pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        Ok(found(names.explain("iam:ListRolePolicies"), NOT_FOUND)?.unwrap_or_default())
    }

    /// Our inline policy with its document, those of others with their names.
    async fn inline_policies(&self, aws: &Aws) -> Result<BTreeMap<String, Value>, aws::Error> {
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

    fn iam_tags(&self) -> Vec<Tag> {
        let tags = self.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        tags.filter_map(Result::ok).collect()
    }
}

/// Whether the role lets its function into a VPC.
pub fn is_in_vpc(observed: &Attributes) -> bool {
    observed.members("managed_policy").any(|(arn, _)| arn.ends_with("/AWSLambdaVPCAccessExecutionRole"))
}

/// Lambda may assume the role.
fn trust() -> serde_json::Value {
    json!({
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": { "Service": "lambda.amazonaws.com" },
    })
}

fn document(statements: &[serde_json::Value]) -> serde_json::Value {
    policy::normalise(&json!({ "Version": "2012-10-17", "Statement": statements }))
}

/// IAM shows documents percent-encoded (RFC 3986: `+` is a plus). A document that can't be read is shown as text.
fn decoded(document: &str) -> serde_json::Value {
    let text = percent_decode_str(document).decode_utf8_lossy();
    serde_json::from_str(&text).map_or_else(|_| json!(text), |value| policy::normalise(&value))
}

/// Our statement decides whether the trust policy is as desired; others' stand beside it.
fn trust_attributes(attributes: Attributes, text: &str) -> Attributes {
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
