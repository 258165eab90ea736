//! Policies in the forms that people put them into AWS with. Pure: gives texts.

use serde_json::{Value, json};

use crate::cli::PolicyFormat;
use crate::pipeline::{Pipeline, Role};

/// The name of a role's inline policy.
const INLINE: &str = "tanets";
const ONE_PROVIDER: &str =
    "An account has one OIDC provider a URL: true makes it, false takes the one that is there";

/// A policy by the name that it gets in AWS.
#[derive(Clone, Debug)]
pub struct NamedPolicy {
    /// `NAME-deploy` or `NAME-plan`.
    pub name: String,
    /// The document.
    pub policy: Value,
}

/// A policy in a form, with a line's end.
pub fn policy(format: PolicyFormat, NamedPolicy { name, policy }: &NamedPolicy) -> String {
    match format {
        PolicyFormat::Json => pretty(policy),
        PolicyFormat::Terraform => {
            resource("aws_iam_policy", name, &[("name", quoted(name)), ("policy", jsonencode(policy))])
        }
        PolicyFormat::Cloudformation => template(json!({
            "Policy": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": { "ManagedPolicyName": name, "PolicyDocument": policy },
            },
        })),
    }
}

/// A pipeline's roles in a form; as JSON with its workflow.
pub fn pipeline(format: PolicyFormat, pipeline: &Pipeline) -> String {
    let Pipeline { provider, audience, roles, path, workflow } = pipeline;
    let url = format!("https://{provider}");
    match format {
        PolicyFormat::Json => {
            let role = |Role { task: _, name, trust, policy }: &Role| json!({ "name": name, "trust_policy": trust, "policy": policy });
            pretty(&json!({
                "identity_provider": { "url": url, "client_ids": [audience] },
                "roles": roles.each_ref().map(role),
                "workflow": { "path": path, "text": workflow },
            }))
        }
        PolicyFormat::Terraform => {
            let role = |Role { task: _, name, trust, policy }: &Role| {
                let role = [("name", quoted(name)), ("assume_role_policy", jsonencode(trust))];
                let of = format!("aws_iam_role.tanets-{name}.name");
                let inline = [("name", quoted(INLINE)), ("role", of), ("policy", jsonencode(policy))];
                resource("aws_iam_role", name, &role) + "\n" + &resource("aws_iam_role_policy", name, &inline)
            };
            let provider = [
                ("count", "var.create_provider ? 1 : 0".to_owned()),
                ("url", quoted(&url)),
                ("client_id_list", json!([audience]).to_string()),
            ];
            let provider = resource("aws_iam_openid_connect_provider", "pipeline", &provider);
            let roles = roles.each_ref().map(role).join("\n");
            let variable = [
                ("description", quoted(ONE_PROVIDER)),
                ("type", "bool".to_owned()),
                ("default", "false".to_owned()),
            ];
            let variable = block("variable \"create_provider\"", &variable);
            format!("{variable}\n{provider}\n{roles}")
        }
        PolicyFormat::Cloudformation => {
            let mut resources = json!({
                "Provider": {
                    "Type": "AWS::IAM::OIDCProvider",
                    "Condition": "CreateProvider",
                    "Properties": { "Url": url, "ClientIdList": [audience] },
                },
            });
            for Role { task, name, trust, policy } in roles {
                let logical = if *task == "plan" { "PlanRole" } else { "DeployRole" };
                resources[logical] = json!({
                    "Type": "AWS::IAM::Role",
                    "Properties": {
                        "RoleName": name,
                        "AssumeRolePolicyDocument": trust,
                        "Policies": [{ "PolicyName": INLINE, "PolicyDocument": policy }],
                    },
                });
            }
            pretty(&json!({
                "AWSTemplateFormatVersion": "2010-09-09",
                "Parameters": {
                    "CreateProvider": {
                        "Type": "String",
                        "AllowedValues": ["true", "false"],
                        "Default": "false",
                        "Description": ONE_PROVIDER,
                    },
                },
                "Conditions": { "CreateProvider": { "Fn::Equals": [{ "Ref": "CreateProvider" }, "true"] } },
                "Resources": resources,
            }))
        }
    }
}

/// JSON as people read it.
pub fn pretty(value: &Value) -> String {
    // `{:#}` of a JSON value indents it by two.
    format!("{value:#}\n")
}

/// A template of CloudFormation, which takes JSON as it is.
fn template(resources: Value) -> String {
    pretty(&json!({ "AWSTemplateFormatVersion": "2010-09-09", "Resources": resources }))
}

/// A block of Terraform's language. A label may not begin with a digit, as a stack's name may.
fn resource(kind: &str, name: &str, arguments: &[(&str, String)]) -> String {
    block(&format!("resource \"{kind}\" \"tanets-{name}\""), arguments)
}

fn block(head: &str, arguments: &[(&str, String)]) -> String {
    // As `terraform fmt` has it: what takes one line stands in columns.
    let is_short = |value: &str| !value.contains('\n');
    let short = arguments.iter().filter(|(_, value)| is_short(value));
    let column = short.map(|(name, _)| name.len()).max().unwrap_or(0);
    let arguments = arguments.iter().map(|(name, value)| {
        let width = if is_short(value) { column } else { 0 };
        format!("  {name:<width$} = {value}\n")
    });
    format!("{head} {{\n{}}}\n", String::from_iter(arguments))
}

/// JSON is an expression of Terraform's language, but for what begins a template in its strings.
fn jsonencode(value: &Value) -> String {
    let lines = format!("{value:#}");
    let lines = lines.lines().map(|line| line.replacen("\": ", "\" : ", 1));
    let text = Vec::from_iter(lines).join("\n  ");
    format!("jsonencode({})", literal(&text))
}

fn quoted(text: &str) -> String {
    literal(&json!(text).to_string())
}

fn literal(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn sample() -> NamedPolicy {
        let statement =
            json!({ "Effect": "Allow", "Action": ["iam:GetRole"], "Resource": ["arn:aws:iam::1:role/${x}"] });
        NamedPolicy {
            name: "digest-plan".to_owned(),
            policy: json!({ "Version": "2012-10-17", "Statement": [statement] }),
        }
    }

    #[test]
    fn terraform_takes_the_document_as_an_expression() {
        assert_snapshot!(policy(PolicyFormat::Terraform, &sample()), @r#"
    resource "aws_iam_policy" "tanets-digest-plan" {
      name = "digest-plan"
      policy = jsonencode({
        "Statement" : [
          {
            "Action" : [
              "iam:GetRole"
            ],
            "Effect" : "Allow",
            "Resource" : [
              "arn:aws:iam::1:role/$${x}"
            ]
          }
        ],
        "Version" : "2012-10-17"
      })
    }
    "#);
    }

    #[test]
    fn cloudformation_takes_the_document_as_it_is() {
        assert_snapshot!(policy(PolicyFormat::Cloudformation, &sample()), @r#"
    {
      "AWSTemplateFormatVersion": "2010-09-09",
      "Resources": {
        "Policy": {
          "Properties": {
            "ManagedPolicyName": "digest-plan",
            "PolicyDocument": {
              "Statement": [
                {
                  "Action": [
                    "iam:GetRole"
                  ],
                  "Effect": "Allow",
                  "Resource": [
                    "arn:aws:iam::1:role/${x}"
                  ]
                }
              ],
              "Version": "2012-10-17"
            }
          },
          "Type": "AWS::IAM::ManagedPolicy"
        }
      }
    }
    "#);
    }
}
