//! Deletes the role, when nobody needs it any more.

use futures_util::future::{try_join, try_join_all};

use super::{NOT_FOUND, Role};
use crate::aws::{self, Aws, Explain, found};
use crate::resource::Progress;
use crate::retry;

impl Role {
    /// Takes every policy off and deletes the role. A detached policy may still be in the way for a moment.
    pub(super) async fn delete(&self, aws: &Aws, progress: Progress<'_>) -> Result<(), aws::Error> {
        let waiting = |error: &aws::Error| {
            // Nobody will take it out of an instance profile while we wait.
            (error.is("DeleteConflict", "") && !error.message.contains("instance profile"))
                .then(|| "waiting for IAM to detach the policies".to_owned())
        };
        retry::until(retry::DELETION, waiting, progress, || async {
            let (attached, inline) = try_join(self.attached(aws), self.inline_names(aws)).await?;
            let detach = attached.iter().map(|arn| self.put_policy(aws, true, arn, false));
            let remove = inline.iter().map(|name| self.put_policy(aws, false, name, false));
            try_join(try_join_all(detach), try_join_all(remove)).await?;
            let deleted = aws.iam.delete_role().role_name(&self.name).send().await.explain("iam:DeleteRole");
            found(deleted, NOT_FOUND)
        })
        .await?;
        Ok(())
    }
}
