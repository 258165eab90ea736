//! Policies in the forms that people put them into AWS with. Pure: gives texts.

use serde_json::{Value, json};

use crate::cli::PolicyFormat;

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
    let width = arguments.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let arguments = arguments.iter().map(|(name, value)| format!("  {name:<width$} = {value}\n"));
    format!("resource \"{kind}\" \"tanets-{name}\" {{\n{}}}\n", String::from_iter(arguments))
}

/// JSON is an expression of Terraform's language, but for what begins a template in its strings.
fn jsonencode(value: &Value) -> String {
    let text = format!("{value:#}").replace('\n', "\n  ");
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
      name   = "digest-plan"
      policy = jsonencode({
        "Statement": [
          {
            "Action": [
              "iam:GetRole"
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:aws:iam::1:role/$${x}"
            ]
          }
        ],
        "Version": "2012-10-17"
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
