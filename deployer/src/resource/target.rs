//! The rule's target: the function.

use async_trait::async_trait;
use aws_sdk_eventbridge::types::Target as RuleTarget;

use super::{Address, Error, Observed, Owner, Progress, Resource, function, permission, rule};
use crate::access::Access;
use crate::attributes::{Attributes, Value};
use crate::aws::{self, Aws, Explain, found};
use crate::plan::{Action, Step};
use crate::retry;

/// Its address.
pub const ADDRESS: Address = Address::new("target");

/// The attribute that holds the targets of the rule that aren't ours, by id.
pub const OTHERS: &str = "other_target";

/// The fixed id that makes a target ours.
const ID: &str = "tanets";
/// The attribute that holds the ids of targets that aren't ours and call our function.
const SAME_FUNCTION: &str = "same_function";

/// The edge from rule to function.
pub struct Target {
    /// The rule's name.
    pub rule: String,
    /// The rule's ARN.
    pub rule_arn: String,
    /// The function's ARN.
    pub function_arn: String,
    /// Take other targets of the rule that are the same function for the old form of ours, and replace them.
    pub adopt: bool,
}

#[async_trait]
impl Resource for Target {
    fn address(&self) -> Address {
        ADDRESS
    }

    fn name(&self) -> String {
        format!("{}/{ID}", self.rule)
    }

    fn needs(&self) -> &'static [Address] {
        // Where an old target is replaced, the rule must be let in before. A new one may come at the same time as its
        // permission: until both are there nothing is sent, whichever comes first.
        match self.adopt {
            true => const { &[rule::ADDRESS, function::ADDRESS, permission::ADDRESS] },
            false => const { &[rule::ADDRESS, function::ADDRESS] },
        }
    }

    fn desired(&self) -> Attributes {
        let Self { rule: _, rule_arn: _, function_arn, adopt } = self;
        // Without an input the function gets the event itself, whose time decides the day.
        let attributes =
            Attributes::default().with("arn", Value::text(function_arn)).with("input", Value::Absent);
        if *adopt { attributes.with(SAME_FUNCTION, Value::Absent) } else { attributes }
    }

    fn access(&self) -> Vec<Access> {
        vec![
            Access::read(&["events:ListTargetsByRule"], [&self.rule_arn]),
            Access::write(&["events:PutTargets", "events:RemoveTargets"], [&self.rule_arn]),
        ]
    }

    async fn observe(&self, aws: &Aws) -> Result<Option<Observed>, aws::Error> {
        let call = aws.events.list_targets_by_rule().rule(&self.rule);
        let answer = found(call.send().await.explain("events:ListTargetsByRule"), rule::NOT_FOUND)?;
        let targets = answer.and_then(|answer| answer.targets).unwrap_or_default();
        let (ours, theirs): (Vec<_>, Vec<_>) = targets.iter().partition(|target| target.id() == ID);
        let (same, theirs): (Vec<_>, Vec<_>) =
            theirs.into_iter().partition(|target| target.arn() == self.function_arn);
        let mut attributes = Attributes::default()
            .with(SAME_FUNCTION, Value::set(same.iter().map(|target| target.id())))
            .with_map(OTHERS, theirs.iter().map(|target| (target.id(), Value::text(target.arn()))));
        if let Some(ours) = ours.first() {
            let transformed = ours.input_transformer().map(|_| "(transformed)");
            let input = ours.input().or(ours.input_path()).or(transformed).unwrap_or_default();
            attributes = attributes.with("arn", Value::text(ours.arn())).with("input", Value::text(input));
        }
        Ok(Some(Observed { present: !ours.is_empty(), ..Observed::new(attributes, Owner::Ours) }))
    }

    async fn apply(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error> {
        retry::until(retry::CONCURRENCY, rule::waiting, progress, || self.write(aws, step)).await?;
        Ok(())
    }
}

impl Target {
    async fn write(&self, aws: &Aws, step: &Step) -> Result<(), aws::Error> {
        if step.action == Action::Delete {
            return self.remove(aws, vec![ID.to_owned()]).await;
        }
        if let (true, Value::Set(old)) = (self.adopt, step.before.get(SAME_FUNCTION)) {
            // Out before in: with both, the rule would call the function twice.
            self.remove(aws, old.iter().cloned().collect()).await?;
        }
        let target = RuleTarget::builder().id(ID).arn(&self.function_arn).build();
        let call =
            aws.events.put_targets().rule(&self.rule).set_targets(target.ok().map(|target| vec![target]));
        let answer = call.send().await.explain("events:PutTargets")?;
        let failed = answer.failed_entries().first();
        refused("events:PutTargets", failed.map(|entry| (entry.error_code(), entry.error_message())))
    }

    async fn remove(&self, aws: &Aws, ids: Vec<String>) -> Result<(), aws::Error> {
        let call = aws.events.remove_targets().rule(&self.rule).set_ids(Some(ids));
        let Some(answer) = found(call.send().await.explain("events:RemoveTargets"), rule::NOT_FOUND)? else {
            return Ok(());
        };
        let failed = answer.failed_entries().first();
        refused("events:RemoveTargets", failed.map(|entry| (entry.error_code(), entry.error_message())))
    }
}

/// An entry that failed inside of an answer that says 200 is an error like any other.
fn refused(action: &'static str, failed: Option<(Option<&str>, Option<&str>)>) -> Result<(), aws::Error> {
    let Some((code, message)) = failed else { return Ok(()) };
    Err(aws::Error {
        action,
        code: code.map(str::to_owned),
        message: message.unwrap_or("the entry failed").to_owned(),
        request_id: None,
    })
}
