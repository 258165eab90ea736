//! Deletes the role, when nobody needs it any more.

use futures_util::future::{try_join, try_join_all};

use super::{NOT_FOUND, Role, is_in_vpc};
use crate::aws::{self, Aws, Explain, found, network_interfaces};
use crate::plan::Step;
use crate::resource::{Error, Progress};
use crate::retry;

impl Role {
    /// Lambda removes a function's network interfaces minutes after the function, and with its role: without the role
    /// they stay in the VPC until somebody deletes them by hand.
    pub(super) async fn outlast_network_interfaces(
        &self,
        aws: &Aws,
        step: &Step,
        progress: Progress<'_>,
    ) -> Result<(), Error> {
        if !is_in_vpc(&step.before) {
            return Ok(());
        }
        let waiting = |error: &Error| match error {
            Error::TimedOut { state, .. } => Some(format!("waiting for Lambda, up to 45 min: {state}")),
            Error::Aws(_) | Error::Rejected { .. } | Error::Overtaken(_) => None,
        };
        retry::until(retry::NETWORK_INTERFACES, waiting, progress, || async {
            let left = network_interfaces::of_function(aws, &self.name).await?;
            let state = format!("{left} network interfaces in the VPC, which Lambda removes with this role");
            let seconds = retry::NETWORK_INTERFACES.as_secs();
            if left == 0 { Ok(()) } else { Err(Error::TimedOut { state, seconds }) }
        })
        .await
    }

    /// Takes every policy off and deletes the role. A detached policy may still be in the way for a moment.
    pub(super) async fn delete(&self, aws: &Aws, progress: Progress<'_>) -> Result<(), aws::Error> {
        let waiting = |error: &aws::Error| {
            (error.code.as_deref() == Some("DeleteConflict"))
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
