//! The EventBridge rule that fires the function: schedule, state, tags.

use async_trait::async_trait;
use aws_sdk_eventbridge::types::{RuleState, Tag};
use futures_util::future::try_join;

use super::tags::{self, Tags};
use super::{Address, Error, Observed, Progress, Resource};
use crate::access::Access;
use crate::attributes::{Attributes, Value};
use crate::aws::{self, Aws, Explain, found};
use crate::plan::{Action, Step};
use crate::retry;

/// Its address.
pub const ADDRESS: Address = Address::new("rule");

/// What these calls answer where there is no such rule.
pub const NOT_FOUND: &str = "ResourceNotFoundException";

const DESCRIPTION: &str = "Fires the log digest that tanets deploys";
/// The state of a rule that doesn't fire.
pub const DISABLED: &str = "DISABLED";

/// A scheduled rule on the default event bus.
pub struct Rule {
    /// Its name: the stack's.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The schedule expression, as written.
    pub schedule: String,
    /// Whether it fires. `None` leaves it as a person has set it; a new rule fires.
    pub enabled: Option<bool>,
    /// Its tags, the owner's included.
    pub tags: Tags,
}

/// Whether this is a rule, and doesn't fire.
pub fn is_disabled(observed: Option<&Observed>) -> bool {
    observed.is_some_and(|rule| rule.attributes.get("state") == &Value::text(DISABLED))
}

#[async_trait]
impl Resource for Rule {
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
        let Self { name: _, arn: _, schedule, enabled, tags } = self;
        let mut attributes = Attributes::default()
            .with("description", Value::text(DESCRIPTION))
            .with("schedule", Value::text(schedule));
        if let Some(enabled) = enabled {
            attributes = attributes.with("state", Value::text(state(*enabled).as_str()));
        }
        tags.desired(attributes)
    }

    fn access(&self) -> Vec<Access> {
        vec![
            Access::read(&["events:DescribeRule", "events:ListTagsForResource"], [&self.arn]),
            Access::write(&["events:DeleteRule", "events:PutRule", "events:TagResource"], [&self.arn]),
        ]
    }

    async fn observe(&self, aws: &Aws) -> Result<Option<Observed>, aws::Error> {
        let rule = async {
            let answer =
                aws.events.describe_rule().name(&self.name).send().await.explain("events:DescribeRule");
            found(answer, NOT_FOUND)
        };
        let tags = async {
            let call = aws.events.list_tags_for_resource().resource_arn(&self.arn);
            found(call.send().await.explain("events:ListTagsForResource"), NOT_FOUND)
        };
        let (rule, tags) = try_join(rule, tags).await?;
        let Some(rule) = rule else { return Ok(None) };
        let mut attributes = Attributes::default()
            .with("description", Value::text(rule.description().unwrap_or_default()))
            .with("schedule", Value::text(rule.schedule_expression().unwrap_or_default()));
        // An enabled rule needs no word, unless the configuration has one about it.
        let state = rule.state().map_or("", RuleState::as_str);
        if self.enabled.is_some() || state == DISABLED {
            attributes = attributes.with("state", Value::text(state));
        }
        let tags = tags.and_then(|answer| answer.tags).unwrap_or_default();
        attributes = tags::observed(attributes, tags.iter().map(|tag| (tag.key(), tag.value())));
        let owner = self.tags.owner(&attributes);
        Ok(Some(Observed::new(attributes, owner)))
    }

    async fn apply(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error> {
        retry::until(retry::CONCURRENCY, waiting, progress, || self.write(aws, step)).await?;
        Ok(())
    }
}

impl Rule {
    async fn write(&self, aws: &Aws, step: &Step) -> Result<(), aws::Error> {
        match step.action {
            Action::Create => self.put(aws, true, Some(self.event_tags())).await,
            Action::Update => {
                if step.changes("tags") {
                    let tags = Some(self.event_tags());
                    let call = aws.events.tag_resource().resource_arn(&self.arn).set_tags(tags);
                    call.send().await.explain("events:TagResource")?;
                }
                if step.changes("schedule") || step.changes("state") || step.changes("description") {
                    let disabled = step.before.get("state") == &Value::text(DISABLED);
                    // PutRule ignores tags of a rule that is there.
                    self.put(aws, !disabled, None).await?;
                }
                Ok(())
            }
            Action::Delete => {
                let deleted = aws.events.delete_rule().name(&self.name).send().await;
                found(deleted.explain("events:DeleteRule"), NOT_FOUND).map(drop)
            }
        }
    }

    /// PutRule replaces all that it can carry, the state included.
    async fn put(&self, aws: &Aws, was_enabled: bool, tags: Option<Vec<Tag>>) -> Result<(), aws::Error> {
        let call = aws.events.put_rule().name(&self.name).description(DESCRIPTION);
        let call = call.schedule_expression(&self.schedule).state(state(self.enabled.unwrap_or(was_enabled)));
        call.set_tags(tags).send().await.explain("events:PutRule").map(drop)
    }

    fn event_tags(&self) -> Vec<Tag> {
        let tags = self.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        tags.filter_map(Result::ok).collect()
    }
}

fn state(enabled: bool) -> RuleState {
    if enabled { RuleState::Enabled } else { RuleState::Disabled }
}

/// What EventBridge says while somebody else writes, or while removed targets are still known.
pub fn waiting(error: &aws::Error) -> Option<String> {
    let concurrent = error.code.as_deref() == Some("ConcurrentModificationException");
    let targets = error.is("ValidationException", "since it has targets");
    (concurrent || targets).then(|| "waiting for another change of the rule".to_owned())
}
