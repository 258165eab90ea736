//! The function's permission for the rule to invoke it.

use async_trait::async_trait;
use serde_json::json;

use super::{Address, Error, Observed, Owner, Progress, Resource, function, rule};
use crate::access::Access;
use crate::attributes::{Attributes, Value};
use crate::aws::{self, Aws, Explain, found};
use crate::plan::{Action, Step};
use crate::{policy, retry};

/// Its address.
pub const ADDRESS: Address = Address::new("permission");

/// The attribute that holds the ids of statements that aren't ours and let our rule in.
const SAME_RULE: &str = "same_rule";
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
    /// Take other statements that let the same rule in for the old form of ours, and remove them.
    pub adopt: bool,
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
        let Self { function: _, function_arn, rule_arn, adopt } = self;
        let document = json!({ "Statement": {
            "Sid": STATEMENT_ID,
            "Effect": "Allow",
            "Principal": { "Service": "events.amazonaws.com" },
            "Action": "lambda:InvokeFunction",
            "Resource": function_arn,
            "Condition": { "ArnLike": { "AWS:SourceArn": rule_arn } },
        } });
        let document = policy::normalise(&document);
        let statement = Value::Policy(policy::statements(&document)[0].clone());
        let attributes = Attributes::default().with("statement", statement);
        if *adopt { attributes.with(SAME_RULE, Value::Absent) } else { attributes }
    }

    fn access(&self) -> Vec<Access> {
        vec![
            Access::read(&["lambda:GetPolicy"], [&self.function_arn]),
            Access::write(&["lambda:AddPermission", "lambda:RemovePermission"], [&self.function_arn]),
        ]
    }

    async fn observe(&self, aws: &Aws) -> Result<Option<Observed>, aws::Error> {
        let call = aws.lambda.get_policy().function_name(&self.function);
        let Some(answer) = found(call.send().await.explain("lambda:GetPolicy"), NOT_FOUND)? else {
            return Ok(None);
        };
        let text = answer.policy().unwrap_or_default();
        let document = policy::normalise(&serde_json::from_str(text).unwrap_or_default());
        let (ours, theirs): (Vec<_>, Vec<_>) =
            policy::statements(&document).iter().partition(|statement| statement["Sid"] == STATEMENT_ID);
        let id = |statement: &serde_json::Value| statement["Sid"].as_str().unwrap_or("(no id)").to_owned();
        let (same, theirs): (Vec<_>, Vec<_>) =
            theirs.into_iter().partition(|statement| self.lets_rule_in(statement));
        let mut attributes = Attributes::default()
            .with(SAME_RULE, Value::set(same.into_iter().map(id)))
            .with_map("other_statement", theirs.into_iter().map(|s| (id(s), Value::Policy(s.clone()))));
        if let Some(ours) = ours.first() {
            attributes = attributes.with("statement", Value::Policy((*ours).clone()));
        }
        Ok(Some(Observed { present: !ours.is_empty(), ..Observed::new(attributes, Owner::Ours) }))
    }

    async fn apply(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error> {
        self.patiently(progress, || self.write(aws, step)).await
    }

    /// The old statements go last, once the rule's target is ours.
    async fn settle(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error> {
        if let (true, Value::Set(old)) = (self.adopt, step.before.get(SAME_RULE)) {
            // One after the other: Lambda loses statements that are written at the same time.
            for id in old {
                self.patiently(progress, || self.remove(aws, id)).await?;
            }
        }
        Ok(())
    }
}

impl Permission {
    /// Whether a statement of others lets this very rule in, as Terraform's does.
    fn lets_rule_in(&self, statement: &serde_json::Value) -> bool {
        let rule =
            |operator: &str| statement["Condition"][operator]["aws:sourcearn"] == json!([self.rule_arn]);
        statement["Principal"]["Service"] == json!(["events.amazonaws.com"])
            && (rule("ArnLike") || rule("ArnEquals"))
    }

    async fn write(&self, aws: &Aws, step: &Step) -> Result<(), aws::Error> {
        // Lambda has no call that changes a statement.
        if step.action == Action::Delete || (step.action == Action::Update && step.changes("statement")) {
            self.remove(aws, STATEMENT_ID).await?;
        }
        if step.action != Action::Delete && step.changes("statement") {
            self.add(aws).await?;
        }
        Ok(())
    }

    /// A function made a moment ago may not be known everywhere, and may be busy for as long as its VPC takes.
    async fn patiently<F>(&self, progress: Progress<'_>, write: impl Fn() -> F) -> Result<(), Error>
    where
        F: Future<Output = Result<(), aws::Error>>,
    {
        let unseen = |error: &aws::Error| {
            let unseen = error.action == "lambda:AddPermission" && error.code.as_deref() == Some(NOT_FOUND);
            unseen.then(|| "waiting for Lambda to know the function".to_owned())
        };
        retry::until(retry::SETTLING, function::busy, progress, || {
            retry::until(retry::CONCURRENCY, unseen, progress, &write)
        })
        .await?;
        Ok(())
    }

    async fn add(&self, aws: &Aws) -> Result<(), aws::Error> {
        let call = aws.lambda.add_permission().function_name(&self.function).statement_id(STATEMENT_ID);
        let call = call.action("lambda:InvokeFunction").principal("events.amazonaws.com");
        match call.source_arn(&self.rule_arn).send().await.explain("lambda:AddPermission") {
            // The answer to our own request may have been lost.
            Err(error) if error.is("ResourceConflictException", "already exists") => {
                let observed =
                    self.observe(aws).await?.map(|observed| observed.attributes).unwrap_or_default();
                let ours = observed.get("statement") == self.desired().get("statement");
                if ours { Ok(()) } else { Err(error) }
            }
            added => added.map(drop),
        }
    }

    async fn remove(&self, aws: &Aws, id: &str) -> Result<(), aws::Error> {
        let call = aws.lambda.remove_permission().function_name(&self.function).statement_id(id);
        found(call.send().await.explain("lambda:RemovePermission"), NOT_FOUND).map(drop)
    }
}
