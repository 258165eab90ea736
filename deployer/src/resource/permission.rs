//! The function's permission for the rule to invoke it.

use async_trait::async_trait;
use serde_json::json;

use super::{Address, Error, Observed, Progress, Resource, function, rule};
use crate::attributes::{Attributes, Value};
use crate::aws::{self, Aws, Explain, found};
use crate::plan::{Action, Step};
use crate::{policy, retry};

/// Its address.
pub const ADDRESS: Address = Address::new("permission");

/// The fixed statement id that makes a statement ours.
const STATEMENT_ID: &str = "tanets";
const NOT_FOUND: &str = "ResourceNotFoundException";

/// A statement in the function's resource policy.
pub struct Permission {
    /// The function's name.
    pub function: String,
    /// The function's ARN.
    pub function_arn: String,
    /// The ARN of the rule that may invoke it. The account isn't named: a `SourceAccount` stops EventBridge.
    pub rule_arn: String,
}

#[async_trait]
impl Resource for Permission {
    fn address(&self) -> Address {
        ADDRESS
    }

    fn name(&self) -> String {
        format!("{}/{STATEMENT_ID}", self.function)
    }

    fn needs(&self) -> &'static [Address] {
        const { &[function::ADDRESS, rule::ADDRESS] }
    }

    fn desired(&self) -> Attributes {
        let Self { function: _, function_arn, rule_arn } = self;
        let document = json!({ "Statement": {
            "Sid": STATEMENT_ID,
            "Effect": "Allow",
            "Principal": { "Service": "events.amazonaws.com" },
            "Action": "lambda:InvokeFunction",
            "Resource": function_arn,
            "Condition": { "ArnLike": { "AWS:SourceArn": rule_arn } },
        } });
        let document = policy::normalise(&document);
        Attributes::default().with("statement", Value::Policy(policy::statements(&document)[0].clone()))
    }

    async fn observe(&self, aws: &Aws) -> Result<Option<Observed>, aws::Error> {
        let call = aws.lambda.get_policy().function_name(&self.function);
        let Some(answer) = found(call.send().await.explain("GetPolicy"), NOT_FOUND)? else { return Ok(None) };
        let text = answer.policy().unwrap_or_default();
        let document = policy::normalise(&serde_json::from_str(text).unwrap_or_default());
        let (ours, theirs): (Vec<_>, Vec<_>) =
            policy::statements(&document).iter().partition(|statement| statement["Sid"] == STATEMENT_ID);
        let Some(ours) = ours.first() else { return Ok(None) };
        let theirs = theirs.into_iter().map(|statement| {
            let id = statement["Sid"].as_str().unwrap_or("(no id)").to_owned();
            (id, Value::Policy(statement.clone()))
        });
        let attributes = Attributes::default()
            .with("statement", Value::Policy((*ours).clone()))
            .with_map("statement", theirs);
        Ok(Some(Observed { attributes, owned: true }))
    }

    async fn apply(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error> {
        retry::until(retry::CONCURRENCY, waiting, progress, || self.write(aws, step)).await?;
        Ok(())
    }
}

impl Permission {
    async fn write(&self, aws: &Aws, step: &Step) -> Result<(), aws::Error> {
        // Lambda has no call that changes a statement.
        if step.action != Action::Create {
            let call =
                aws.lambda.remove_permission().function_name(&self.function).statement_id(STATEMENT_ID);
            found(call.send().await.explain("RemovePermission"), NOT_FOUND)?;
        }
        if step.action != Action::Delete {
            let call = aws.lambda.add_permission().function_name(&self.function).statement_id(STATEMENT_ID);
            let call = call.action("lambda:InvokeFunction").principal("events.amazonaws.com");
            call.source_arn(&self.rule_arn).send().await.explain("AddPermission")?;
        }
        Ok(())
    }
}

/// A function made a moment ago may not be known everywhere.
fn waiting(error: &aws::Error) -> Option<String> {
    let unseen = error.operation == "AddPermission" && error.code.as_deref() == Some(NOT_FOUND);
    (unseen || function::is_busy(error)).then(|| "waiting for Lambda to know the function".to_owned())
}
