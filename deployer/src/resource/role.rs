//! The execution role: trust policy, managed policies, one inline policy, tags.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use futures_util::future::try_join;
use jiff::Timestamp;

use super::tags::{self, Tags};
use super::{Address, Error, Observed, Progress, Resource};
use crate::access::Access;
use crate::attributes::{Attributes, Value};
use crate::aws::{self, Aws, Explain, found};
use crate::plan::{Action, Step};

mod delete;
mod network_interfaces;
mod policies;
mod write;

use policies::{document, trust, trust_attributes};

/// Its address.
pub const ADDRESS: Address = Address::new("role");

/// The name of our inline policy.
const INLINE: &str = "tanets";
/// What every role of ours is described as.
pub const DESCRIPTION: &str = "Execution role of the log digest that tanets deploys";
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
    /// Its ARN.
    pub arn: String,
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
        let Self { name: _, arn: _, managed, not_managed, inline, tags, id: _ } = self;
        let inline = Value::Policy(document(inline));
        let attributes = Attributes::default()
            .with("description", Value::text(DESCRIPTION))
            .with("trust_policy", Value::Policy(document(&[trust()])))
            .with_map("managed_policy", managed.iter().map(|arn| (arn, Value::text(ATTACHED))))
            .with_map("managed_policy", not_managed.iter().map(|arn| (arn, Value::Absent)))
            .with_map("inline_policy", [(INLINE, inline)]);
        tags.desired(attributes)
    }

    fn access(&self) -> Vec<Access> {
        let Self { name: _, arn, managed, not_managed, inline: _, tags: _, id: _ } = self;
        const READ: &[&str] =
            &["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"];
        const WRITE: &[&str] = &[
            "iam:CreateRole",
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:PutRolePolicy",
            "iam:TagRole",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
        ];
        const POLICY: &str = "iam:PolicyARN";
        let attach = Access::write(&["iam:AttachRolePolicy"], [arn]).only_if("ArnEquals", POLICY, managed);
        let ever = managed.iter().chain(not_managed);
        let detach = Access::write(&["iam:DetachRolePolicy"], [arn]).only_if("ArnEquals", POLICY, ever);
        let mut access = vec![Access::read(READ, [arn]), Access::write(WRITE, [arn]), attach, detach];
        if managed.iter().any(|arn| lets_into_vpc(arn)) {
            access.push(Access::write(&["ec2:DescribeNetworkInterfaces", "lambda:ListFunctions"], ["*"]));
        }
        access
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
        let created = Timestamp::from_second(role.create_date().secs()).ok();
        Ok(Some(Observed { created, ..Observed::new(attributes, owner) }))
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

/// Whether a step deletes a role that must outlast its function's network interfaces.
pub fn waits_for_interfaces(step: &Step) -> bool {
    step.address == ADDRESS && step.action == Action::Delete && is_in_vpc(&step.before)
}

/// Whether the role lets its function into a VPC.
pub fn is_in_vpc(observed: &Attributes) -> bool {
    observed.members("managed_policy").any(|(arn, _)| lets_into_vpc(arn))
}

fn lets_into_vpc(policy: &str) -> bool {
    policy.ends_with("/AWSLambdaVPCAccessExecutionRole")
}
