//! What whoever looks after a stack must be allowed: all that `plan` reads, and what the single verbs call beside it: `invoke`,
//! `preview`, `secret`, and the lists of `status --all`. Pure; nothing here changes what is deployed.

use serde_json::Value;

use super::{Access, document};
use crate::aws::Identity;
use crate::config::Config;
use crate::grants;
use crate::resource::function;
use crate::stack::Stack;

/// The policy.
pub fn policy(stack: &Stack, config: &Config, identity: &Identity) -> Value {
    let Identity { account, arn: _, partition, region } = identity;
    let reads = stack.resources().flat_map(|resource| resource.access()).filter(|access| !access.writes);
    let functions = stack.arns.iter().filter(|(kind, _)| *kind == function::ADDRESS.to_string());
    let invoke = Access::read(&["lambda:InvokeFunction"], functions.map(|(_, arn)| arn));
    // Names only: what other stacks are made of is read by those whose they are.
    let lists = Access::read(&["iam:ListRoles", "tag:GetResources"], ["*"]);
    let mut all = Vec::from_iter(reads.chain([invoke, lists]));
    let parameters = grants::parameters(config, identity);
    if !parameters.is_empty() {
        // The keys are told for all parameters or for none.
        all.push(Access::read(&["ssm:DescribeParameters"], ["*"]));
        all.push(Access::read(&["ssm:PutParameter"], &parameters));
        let keys = format!("arn:{partition}:kms:{region}:{account}:key/*");
        let context = "kms:EncryptionContext:PARAMETER_ARN";
        all.push(Access::read(&["kms:Encrypt"], [keys]).only_if("StringEquals", context, parameters));
    }
    let mut policy = document(all);
    // A preview searches and reads what the function does.
    let preview = grants::statements(config, identity).into_iter();
    let preview = preview.filter(|statement| statement["Effect"] == "Allow");
    if let Some(statements) = policy["Statement"].as_array_mut() {
        statements.extend(preview);
    }
    policy
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use insta::assert_snapshot;

    use super::*;
    use crate::plan::Goal;

    #[test]
    fn looking_after_a_stack_changes_nothing_but_its_secrets() {
        let told = |webhook: &str| {
            let text = format!(
                "name = \"digest\"\nschedule = \"rate(1 day)\"\n[elasticsearch]\nindexes = [\"app\"]\n\
                 endpoint = \"https://vpc-logs-x.eu-west-1.es.amazonaws.com\"\n[slack]\nwebhook = \"{webhook}\"\n\
                 [digest]\nlevels = [\"Fatal\"]"
            );
            let config = Config::parse(&text, Path::new("tanets.toml"), &|_| None).unwrap();
            let identity = Identity::of_account("123456789012", "eu-west-1");
            let stack = Stack::new(&config, &identity, None, Goal::Present { adopt: false });
            let policy = policy(&stack, &config, &identity);
            let lines = policy["Statement"].as_array().unwrap().iter().map(|statement| {
                let condition = &statement["Condition"];
                format!("{} ON {} {condition}", statement["Action"], statement["Resource"]).replace('"', "")
            });
            Vec::from_iter(lines).join("\n")
        };
        assert_snapshot!(told("ssm:/tanets/webhook"));
        let without = told("https://hooks.slack.com/services/T0/B0/x");
        assert!(!without.contains("ssm:") && !without.contains("kms:"), "{without}");
    }
}
