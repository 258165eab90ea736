//! The function's log group: made before the function, so that it has a retention from the first line.

use async_trait::async_trait;
use futures_util::future::try_join;
use jiff::Timestamp;

use super::tags::{self, Tags};
use super::{Address, Error, Observed, Progress, Resource, still_ours};
use crate::access::Access;
use crate::attributes::{Attributes, Value};
use crate::aws::{self, Aws, Explain, found};
use crate::plan::{Action, Step};
use crate::retry;

/// Its address.
pub const ADDRESS: Address = Address::new("log_group");

const NOT_FOUND: &str = "ResourceNotFoundException";

/// The name of a function's log group, as Lambda has it by default.
pub fn name_of(function: &str) -> String {
    format!("/aws/lambda/{function}")
}

/// The log group of a Lambda function.
pub struct LogGroup {
    /// `/aws/lambda/FUNCTION`.
    pub name: String,
    /// Its ARN, without the `:*` that some answers end with.
    pub arn: String,
    /// How long its lines are kept, in days: one of CloudWatch's 22 values; none, for ever.
    pub retention_days: Option<i32>,
    /// Its tags, the owner's included.
    pub tags: Tags,
}

#[async_trait]
impl Resource for LogGroup {
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
        let Self { name: _, arn: _, retention_days, tags } = self;
        let attributes = Attributes::default().with("retention_days", days(*retention_days));
        tags.desired(attributes)
    }

    fn access(&self) -> Vec<Access> {
        let Self { name: _, arn, retention_days, tags: _ } = self;
        let account = arn.split_once("log-group:").map_or("", |(account, _)| account);
        // AWS's documentation asks for `log-group:*` here, a prefix notwithstanding.
        let describe = Access::read(&["logs:DescribeLogGroups"], [format!("{account}log-group:*")]);
        // Some actions are checked on the group, some on the group with its streams.
        let whole = [arn.clone(), format!("{arn}:*")];
        const WRITE: &[&str] = &["logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:TagResource"];
        let retention: &[&str] = match retention_days {
            Some(_) => &["logs:PutRetentionPolicy"],
            None => &["logs:DeleteRetentionPolicy"],
        };
        vec![
            describe,
            // The lines are what `status` reads.
            Access::read(&["logs:FilterLogEvents", "logs:ListTagsForResource"], whole.clone()),
            Access::write(WRITE, whole.clone()),
            Access::write(retention, whole),
        ]
    }

    async fn observe(&self, aws: &Aws) -> Result<Option<Observed>, aws::Error> {
        let group = async {
            // A prefix also finds longer names. Ours, being the shortest, comes first.
            let call = aws.logs.describe_log_groups().log_group_name_prefix(&self.name);
            let groups = call.send().await.explain("logs:DescribeLogGroups")?.log_groups.unwrap_or_default();
            Ok(groups.into_iter().find(|group| group.log_group_name() == Some(&self.name)))
        };
        let tags = async {
            let call = aws.logs.list_tags_for_resource().resource_arn(&self.arn);
            found(call.send().await.explain("logs:ListTagsForResource"), NOT_FOUND)
        };
        let (group, tags) = try_join(group, tags).await?;
        let Some(group) = group else { return Ok(None) };
        let attributes = self.retention(&group);
        let tags = tags.and_then(|answer| answer.tags).unwrap_or_default();
        let attributes = tags::observed(attributes, tags);
        let owner = self.tags.owner(&attributes);
        let created = group.creation_time().and_then(|at| Timestamp::from_millisecond(at).ok());
        Ok(Some(Observed { created, ..Observed::new(attributes, owner) }))
    }

    async fn apply(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error> {
        let waiting = |error: &aws::Error| {
            let code = error.code.as_deref();
            matches!(code, Some("OperationAbortedException" | "ServiceUnavailableException"))
                .then(|| "waiting for another operation on the log group".to_owned())
        };
        let written = retry::until(retry::CONCURRENCY, waiting, progress, || self.write(aws, step)).await;
        match written {
            Err(error) if error.code.as_deref() == Some("ResourceAlreadyExistsException") => {
                still_ours(self, self.observe(aws).await?, error)?;
                Ok(self.put_retention(aws).await?)
            }
            written => Ok(written?),
        }
    }
}

impl LogGroup {
    /// An account's own retention policy goes before the group's setting, which then can't be changed: it is shown, and
    /// nobody's drift.
    fn retention(&self, group: &aws_sdk_cloudwatchlogs::types::LogGroup) -> Attributes {
        match group.retention_policy_name() {
            Some(policy) => Attributes::default()
                .with("retention_days", days(self.retention_days))
                .with("account_retention_policy", Value::text(policy)),
            None => Attributes::default().with("retention_days", days(group.retention_in_days())),
        }
    }

    async fn write(&self, aws: &Aws, step: &Step) -> Result<(), aws::Error> {
        match step.action {
            Action::Create => {
                let call = aws.logs.create_log_group().log_group_name(&self.name);
                let created = call.set_tags(Some(self.tags.to_map())).send().await;
                created.explain("logs:CreateLogGroup")?;
                // A new group keeps its lines for ever without being told.
                if self.retention_days.is_some() { self.put_retention(aws).await } else { Ok(()) }
            }
            Action::Update => {
                if step.changes("tags") {
                    let tags = Some(self.tags.to_map());
                    let call = aws.logs.tag_resource().resource_arn(&self.arn).set_tags(tags);
                    call.send().await.explain("logs:TagResource")?;
                }
                if step.changes("retention_days") {
                    self.put_retention(aws).await?;
                }
                Ok(())
            }
            Action::Delete => {
                let deleted = aws.logs.delete_log_group().log_group_name(&self.name).send().await;
                found(deleted.explain("logs:DeleteLogGroup"), NOT_FOUND).map(drop)
            }
        }
    }

    async fn put_retention(&self, aws: &Aws) -> Result<(), aws::Error> {
        let Some(days) = self.retention_days else {
            let call = aws.logs.delete_retention_policy().log_group_name(&self.name);
            return found(call.send().await.explain("logs:DeleteRetentionPolicy"), NOT_FOUND).map(drop);
        };
        let call = aws.logs.put_retention_policy().log_group_name(&self.name).retention_in_days(days);
        call.send().await.explain("logs:PutRetentionPolicy").map(drop)
    }
}

fn days(days: Option<i32>) -> Value {
    days.map_or(Value::Absent, |days| Value::Number(days.into()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::attributes::changes;

    #[test]
    fn a_retention_that_the_account_prescribes_is_shown_and_no_drift() {
        let ours = LogGroup {
            name: "/aws/lambda/digest".to_owned(),
            arn: String::new(),
            retention_days: Some(30),
            tags: Tags::new("digest", &BTreeMap::new()),
        };
        let group = aws_sdk_cloudwatchlogs::types::LogGroup::builder().retention_in_days(7);
        let drift = |group| {
            let observed = ours.tags.desired(ours.retention(&group));
            Vec::from_iter(changes(&ours.desired(), &observed).into_iter().map(|change| change.name))
        };
        assert_eq!(drift(group.clone().build()), ["retention_days"]);
        let prescribed = group.retention_policy_name("seven-days").build();
        assert_eq!(ours.retention(&prescribed).get("account_retention_policy"), &Value::text("seven-days"));
        assert_eq!(drift(prescribed), Vec::<String>::new());
    }
}
