//! Creates and updates the role, its policies and its tags.

use aws_sdk_iam::types::Tag;
use futures_util::future::try_join_all;

use super::policies::{document, trust};
use super::{DESCRIPTION, NOT_FOUND, Role};
use crate::attributes::Value;
use crate::aws::{self, Aws, Explain, found};
use crate::plan::{Action, Step};
use crate::resource::{Error, Progress, Resource, still_ours};
use crate::retry;

impl Role {
    pub(super) async fn create(&self, aws: &Aws, progress: Progress<'_>) -> Result<(), Error> {
        // A principal that was made a moment ago may not be known yet.
        let waiting = |error: &aws::Error| {
            error
                .is("MalformedPolicyDocument", "Invalid principal in policy")
                .then(|| "waiting for IAM to know the principal".to_owned())
        };
        let created = retry::until(retry::DELETION, waiting, progress, || async {
            aws.iam
                .create_role()
                .role_name(&self.name)
                .description(DESCRIPTION)
                .assume_role_policy_document(document(&[trust()]).to_string())
                .set_tags(Some(self.iam_tags()))
                .send()
                .await
                .explain("iam:CreateRole")
        })
        .await;
        match created {
            Ok(created) => {
                self.id.set(created.role.map(|role| role.role_id).unwrap_or_default()).ok();
                Ok(())
            }
            // The answer to our own request may have been lost.
            Err(error) if error.code.as_deref() == Some("EntityAlreadyExists") => {
                still_ours(self, self.observe(aws).await?, error)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn update(&self, aws: &Aws, step: &Step) -> Result<(), aws::Error> {
        let role = &self.name;
        if step.changes("trust_policy") {
            // Statements that other people added stay.
            let theirs = step.before.members("trust_policy").filter_map(|(_, value)| match value {
                Value::Policy(statement) => Some(statement.clone()),
                _ => None,
            });
            let statements: Vec<_> = theirs.chain([trust()]).collect();
            aws.iam
                .update_assume_role_policy()
                .role_name(role)
                .policy_document(document(&statements).to_string())
                .send()
                .await
                .explain("iam:UpdateAssumeRolePolicy")?;
        }
        if step.changes("description") {
            aws.iam
                .update_role()
                .role_name(role)
                .description(DESCRIPTION)
                .send()
                .await
                .explain("iam:UpdateRole")?;
        }
        if step.changes("tags") {
            let tags = Some(self.iam_tags());
            aws.iam.tag_role().role_name(role).set_tags(tags).send().await.explain("iam:TagRole")?;
        }
        Ok(())
    }

    /// Attaches, detaches and writes what the step changes, all at once.
    pub(super) async fn put_policies(
        &self,
        aws: &Aws,
        step: &Step,
        progress: Progress<'_>,
    ) -> Result<(), aws::Error> {
        // A new role may not be visible yet; a wrong ARN is another text under the same code.
        let waiting = |error: &aws::Error| {
            let unseen = error.code.as_deref() == Some(NOT_FOUND)
                && !error.message.contains("not attachable")
                && step.action == Action::Create;
            let concurrent = error.code.as_deref() == Some("ConcurrentModification");
            (unseen || concurrent).then(|| "waiting for IAM to know the role".to_owned())
        };
        let changes = step.changes.iter().filter_map(|change| {
            let (map, key) = change.name.split_once('.')?;
            Some((map, key, &change.after))
        });
        let writes = changes.filter_map(|(map, key, after)| {
            let put = *after != Value::Absent;
            match map {
                "managed_policy" => Some((true, key, put)),
                "inline_policy" => Some((false, key, put)),
                _ => None,
            }
        });
        let writes = writes.map(|(managed, key, put)| async move {
            retry::until(retry::DELETION, waiting, progress, || self.put_policy(aws, managed, key, put)).await
        });
        try_join_all(writes).await?;
        Ok(())
    }

    pub(super) async fn put_policy(
        &self,
        aws: &Aws,
        managed: bool,
        key: &str,
        put: bool,
    ) -> Result<(), aws::Error> {
        let role = &self.name;
        match (managed, put) {
            (true, true) => {
                let call = aws.iam.attach_role_policy().role_name(role).policy_arn(key);
                call.send().await.explain("iam:AttachRolePolicy").map(drop)
            }
            (true, false) => {
                let call = aws.iam.detach_role_policy().role_name(role).policy_arn(key);
                found(call.send().await.explain("iam:DetachRolePolicy"), NOT_FOUND).map(drop)
            }
            (false, true) => {
                let policy = document(&self.inline).to_string();
                let call = aws.iam.put_role_policy().role_name(role).policy_name(key).policy_document(policy);
                call.send().await.explain("iam:PutRolePolicy").map(drop)
            }
            (false, false) => {
                let call = aws.iam.delete_role_policy().role_name(role).policy_name(key);
                found(call.send().await.explain("iam:DeleteRolePolicy"), NOT_FOUND).map(drop)
            }
        }
    }

    fn iam_tags(&self) -> Vec<Tag> {
        let tags = self.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        tags.filter_map(Result::ok).collect()
    }
}
