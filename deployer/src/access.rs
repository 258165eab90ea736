//! What the deploying identity must be allowed to do, and the least IAM policy that allows it. Pure.
//!
//! Each kind of resource says in its own file which actions it calls on what; here they only become one document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::stack::Stack;

pub mod format;
pub mod operate;

/// Characters that a managed policy may have, white space not counted (IAM's quota, not to be raised).
pub const MANAGED_POLICY_LIMIT: usize = 6144;
/// Characters that a role's trust policy may have before somebody asks AWS for more.
pub const TRUST_POLICY_LIMIT: usize = 2048;

/// Actions that a kind of resource calls, and on what.
#[derive(Clone, Debug)]
pub struct Access {
    /// As IAM names them: `iam:GetRole`.
    actions: &'static [&'static str],
    /// ARNs, or `*` for actions that know no resource.
    on: Vec<String>,
    condition: Option<Condition>,
    /// Whether a plan does without them.
    writes: bool,
}

/// Only where a key of the request has one of these values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Condition {
    operator: &'static str,
    key: &'static str,
    values: Vec<String>,
}

impl Access {
    /// What is called to see how a resource is: all that a plan needs.
    pub fn read(actions: &'static [&'static str], on: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let on = on.into_iter().map(Into::into).collect();
        Self { actions, on, condition: None, writes: false }
    }

    /// What is called to make, change and delete it, and what AWS asks for beside that.
    pub fn write(actions: &'static [&'static str], on: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { writes: true, ..Self::read(actions, on) }
    }

    /// Only where the key has one of these values.
    #[must_use]
    pub fn only_if(
        mut self,
        operator: &'static str,
        key: &'static str,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        self.condition = Some(Condition { operator, key, values });
        self
    }
}

/// The least policy with which `plan`, `deploy` and `destroy` of this stack work; or only `plan` and `status`.
pub fn policy(stack: &Stack, plan_only: bool) -> Value {
    let access = stack.resources().flat_map(|resource| resource.access());
    document(access.filter(|access| !(access.writes && plan_only)))
}

/// One document, with a statement for what is allowed on the same.
fn document(access: impl IntoIterator<Item = Access>) -> Value {
    let mut merged: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for Access { actions, on, condition, writes: _ } in access {
        merged.entry((on, condition)).or_default().extend(actions);
    }
    let statements = merged.into_iter().map(|((on, condition), actions)| {
        let mut statement = json!({ "Effect": "Allow", "Action": actions, "Resource": on });
        if let Some(Condition { operator, key, values }) = condition {
            statement["Condition"] = json!({ operator: { key: values } });
        }
        statement
    });
    json!({ "Version": "2012-10-17", "Statement": Vec::from_iter(statements) })
}

/// The name of the policy, and of a role that has it: `NAME-deploy` or `NAME-plan`, of the 64 characters at most that
/// IAM takes for a role.
pub fn deployer(stack: &str, plan_only: bool) -> String {
    named(stack, if plan_only { "-plan" } else { "-deploy" })
}

/// The name of a stack's policy that ends so.
pub fn named(stack: &str, suffix: &str) -> String {
    format!("{}{suffix}", &stack[..stack.len().min(64 - suffix.len())])
}

/// The characters of a document as IAM counts them.
pub fn size(document: &Value) -> usize {
    document.to_string().chars().filter(|c| !c.is_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use insta::assert_snapshot;

    use super::*;
    use crate::aws::Identity;
    use crate::config::Config;
    use crate::plan::Goal;

    /// The policy's lines: `actions on resources, if condition`.
    fn lines(name: &str, region: &str, function: &str, tail: &str, plan_only: bool) -> (Vec<String>, usize) {
        let text = format!(
            "name = \"{name}\"\nschedule = \"rate(1 day)\"\n[elasticsearch]\nindexes = [\"app\"]\n\
             endpoint = \"https://search.example.com\"\n[slack]\nwebhook = \"ssm:/tanets/webhook\"\n\
             [digest]\nlevels = [\"Fatal\"]\n[function]\n{function}\n{tail}"
        );
        let config = Config::parse(&text, Path::new("tanets.toml"), &|_| None).unwrap();
        let identity = Identity::of_account("123456789012", region);
        let stack = Stack::new(&config, &identity, None, Goal::Present { adopt: false });
        let policy = policy(&stack, plan_only);
        let line = |statement: &Value| {
            let line = format!("{} ON {}", statement["Action"], statement["Resource"]);
            let line = match &statement["Condition"] {
                Value::Null => line,
                condition => format!("{line} IF {condition}"),
            };
            line.replace('"', "")
        };
        (policy["Statement"].as_array().unwrap().iter().map(line).collect(), size(&policy))
    }

    const KEY: &str =
        "kms_key = \"arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555\"";
    const VPC: &str = "[vpc]\nsubnets = [\"subnet-0a1\"]\nsecurity_groups = [\"sg-0d3\"]";

    #[test]
    fn a_plan_needs_only_reads() {
        let (lines, _) = lines("digest", "eu-west-1", "", "", true);
        assert_snapshot!(lines.join("\n"), @r#"
    [events:DescribeRule,events:ListTagsForResource,events:ListTargetsByRule] ON [arn:aws:events:eu-west-1:123456789012:rule/digest]
    [iam:GetRole,iam:GetRolePolicy,iam:ListAttachedRolePolicies,iam:ListRolePolicies] ON [arn:aws:iam::123456789012:role/digest]
    [lambda:GetFunction,lambda:GetFunctionEventInvokeConfig,lambda:GetPolicy,lambda:ListTags] ON [arn:aws:lambda:eu-west-1:123456789012:function:digest]
    [logs:DescribeLogGroups] ON [arn:aws:logs:eu-west-1:123456789012:log-group:*]
    [logs:FilterLogEvents,logs:ListTagsForResource] ON [arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/digest,arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/digest:*]
    "#);
    }

    #[test]
    fn a_deploy_needs_the_exact_resources_and_hands_its_role_to_lambda_alone() {
        let (lines, _) = lines("digest", "eu-west-1", KEY, VPC, false);
        assert_snapshot!(lines.join("\n"), @r#"
    [ec2:DescribeNetworkInterfaces,ec2:DescribeSecurityGroups,ec2:DescribeSubnets,ec2:DescribeVpcs,lambda:ListFunctions] ON [*]
    [events:DeleteRule,events:DescribeRule,events:ListTagsForResource,events:ListTargetsByRule,events:PutRule,events:PutTargets,events:RemoveTargets,events:TagResource] ON [arn:aws:events:eu-west-1:123456789012:rule/digest]
    [iam:CreateRole,iam:DeleteRole,iam:DeleteRolePolicy,iam:GetRole,iam:GetRolePolicy,iam:ListAttachedRolePolicies,iam:ListRolePolicies,iam:PutRolePolicy,iam:TagRole,iam:UpdateAssumeRolePolicy,iam:UpdateRole] ON [arn:aws:iam::123456789012:role/digest]
    [iam:AttachRolePolicy,iam:DetachRolePolicy] ON [arn:aws:iam::123456789012:role/digest] IF {ArnEquals:{iam:PolicyARN:[arn:aws:iam::aws:policy/AWSLambdaExecute,arn:aws:iam::aws:policy/AmazonESReadOnlyAccess,arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole]}}
    [iam:PassRole] ON [arn:aws:iam::123456789012:role/digest] IF {StringEquals:{iam:PassedToService:[lambda.amazonaws.com]}}
    [kms:CreateGrant,kms:Decrypt,kms:Encrypt] ON [arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555] IF {StringEquals:{kms:ViaService:[lambda.eu-west-1.amazonaws.com]}}
    [lambda:AddPermission,lambda:CreateFunction,lambda:DeleteFunction,lambda:GetFunction,lambda:GetFunctionEventInvokeConfig,lambda:GetPolicy,lambda:InvokeFunction,lambda:ListTags,lambda:PutFunctionEventInvokeConfig,lambda:RemovePermission,lambda:TagResource,lambda:UpdateFunctionCode,lambda:UpdateFunctionConfiguration] ON [arn:aws:lambda:eu-west-1:123456789012:function:digest]
    [logs:DescribeLogGroups] ON [arn:aws:logs:eu-west-1:123456789012:log-group:*]
    [logs:CreateLogGroup,logs:DeleteLogGroup,logs:FilterLogEvents,logs:ListTagsForResource,logs:PutRetentionPolicy,logs:TagResource] ON [arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/digest,arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/digest:*]
    "#);
    }

    #[test]
    fn what_the_configuration_does_not_ask_for_is_not_asked_for() {
        let (plain, _) = lines("digest", "eu-west-1", "", "", false);
        let (kept, _) = lines("digest", "eu-west-1", "log_retention_days = \"never\"", "", false);
        let (plain, kept) = (plain.join("\n"), kept.join("\n"));
        assert!(!plain.contains("ec2:") && !plain.contains("kms:"), "{plain}");
        assert!(
            plain.contains("logs:PutRetentionPolicy") && !plain.contains("DeleteRetentionPolicy"),
            "{plain}"
        );
        assert!(
            kept.contains("logs:DeleteRetentionPolicy") && !kept.contains("PutRetentionPolicy"),
            "{kept}"
        );
    }

    #[test]
    fn another_partition_has_its_own_arns() {
        let (lines, _) = lines("digest", "cn-north-1", "", VPC, false);
        assert!(lines.iter().all(|line| !line.contains("arn:aws:")), "{lines:#?}");
        assert!(lines.iter().any(|line| line.contains("arn:aws-cn:iam::aws:policy/AWSLambdaExecute")));
    }

    #[test]
    fn the_longest_names_fit_into_a_managed_policy() {
        let (_, size) = lines(&"n".repeat(64), "ap-southeast-99", KEY, VPC, false);
        assert!(size < MANAGED_POLICY_LIMIT, "{size}");
    }
}
