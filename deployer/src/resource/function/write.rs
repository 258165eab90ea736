//! Creates, updates and deletes the function: each write once Lambda is done with the one before it.

use std::collections::HashMap;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Architecture, Environment, FunctionCode, Runtime, VpcConfig};
use tanets_function::settings::Variable;

use super::state::{accepted, busy, propagating, throttled_by_ec2};
use super::{
    CODE, CONFIGURATION, DESCRIPTION, Function, HANDLER, NOT_FOUND, ROLE_ID, ROLE_ID_TAG, UNKNOWN, VERSION,
    VERSION_TAG, is_remade,
};
use crate::attributes::{Attributes, changes};
use crate::aws::{self, Aws, Explain, found};
use crate::plan::Step;
use crate::resource::{Error, Progress, Resource, still_ours};
use crate::retry;

impl Function {
    pub(super) async fn create(&self, aws: &Aws, progress: Progress<'_>) -> Result<(), Error> {
        let created = patiently(progress, || async {
            aws.lambda
                .create_function()
                .function_name(&self.name)
                .description(DESCRIPTION)
                .role(&self.role_arn)
                .runtime(Runtime::Providedal2023)
                .handler(HANDLER)
                .code(FunctionCode::builder().zip_file(self.zip()).build())
                .architectures(Architecture::from(self.architecture.as_str()))
                .memory_size(self.memory)
                .timeout(self.timeout)
                .environment(self.variables(None))
                .set_vpc_config(self.vpc.as_ref().map(|_| self.vpc_config()))
                .set_kms_key_arn(self.kms_key.clone())
                .set_tags(Some(self.all_tags()))
                .send()
                .await
                .explain("lambda:CreateFunction")
        })
        .await;
        match created {
            Ok(_) => Ok(()),
            // The answer to our own request may have been lost.
            Err(error) if error.is("ResourceConflictException", "already exist") => {
                still_ours(self, self.observe(aws).await?, error)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Configuration, a wait, then code; then what can be written at any time.
    pub(super) async fn update(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error> {
        if is_remade(step) {
            self.delete(aws, progress).await?;
            return self.create(aws, progress).await;
        }
        let (configuration, code) =
            (CONFIGURATION.iter().any(|name| step.changes(name)), CODE.iter().any(|name| step.changes(name)));
        if configuration {
            // The plan's revision: whoever writes after the plan was made, is noticed.
            let mut revision = step.revision.clone();
            if revision.is_none() {
                revision = self.settled(aws, progress, false).await?.revision_id;
            }
            let updated = patiently(progress, || async {
                aws.lambda
                    .update_function_configuration()
                    .function_name(&self.name)
                    .description(DESCRIPTION)
                    .role(&self.role_arn)
                    .runtime(Runtime::Providedal2023)
                    .handler(HANDLER)
                    .memory_size(self.memory)
                    .timeout(self.timeout)
                    .environment(self.variables(Some(&step.before)))
                    // Two empty lists take a function out of its VPC, an empty key back to Lambda's own.
                    .vpc_config(self.vpc_config())
                    .kms_key_arn(self.kms_key.clone().unwrap_or_default())
                    .set_revision_id(revision.clone())
                    .send()
                    .await
                    .explain("lambda:UpdateFunctionConfiguration")
            })
            .await;
            self.unless_overtaken(aws, updated.map(drop), &CONFIGURATION).await?;
        }
        if code {
            let mut revision = step.revision.clone();
            if revision.is_none() || configuration {
                let settled = self.settled(aws, progress, configuration).await?;
                if configuration {
                    accepted(&settled)?;
                }
                revision = settled.revision_id;
            }
            let updated = retry::until(retry::SETTLING, busy, progress, || async {
                aws.lambda
                    .update_function_code()
                    .function_name(&self.name)
                    .zip_file(self.zip())
                    .architectures(Architecture::from(self.architecture.as_str()))
                    .set_revision_id(revision.clone())
                    .send()
                    .await
                    .explain("lambda:UpdateFunctionCode")
            })
            .await;
            self.unless_overtaken(aws, updated.map(drop), &CODE).await?;
        }
        if ["tags", ROLE_ID, VERSION].iter().any(|name| step.changes(name)) {
            let call = aws.lambda.tag_resource().resource(&self.arn);
            call.set_tags(Some(self.all_tags())).send().await.explain("lambda:TagResource")?;
        }
        Ok(())
    }

    /// Lambda refuses a write against a revision that is over. The write may have been ours, with its answer
    /// lost: then all is as desired.
    async fn unless_overtaken(
        &self,
        aws: &Aws,
        written: Result<(), aws::Error>,
        attributes: &[&str],
    ) -> Result<(), Error> {
        match written {
            Err(error) if error.code.as_deref() == Some("PreconditionFailedException") => {
                let observed =
                    self.observe(aws).await?.map(|observed| observed.attributes).unwrap_or_default();
                let left = changes(&self.desired(), &observed);
                let left = left
                    .iter()
                    .any(|change| attributes.iter().any(|name| change.name.split('.').next() == Some(*name)));
                let text =
                    "somebody else changed the function after the plan was made: nothing was overwritten";
                if left { Err(Error::Overtaken(text.to_owned())) } else { Ok(()) }
            }
            written => Ok(written?),
        }
    }

    /// Deletes it and waits until it is gone: the log group and the role go after it.
    pub(super) async fn delete(&self, aws: &Aws, progress: Progress<'_>) -> Result<(), Error> {
        retry::until(retry::SETTLING, busy, progress, || async {
            let deleted = aws.lambda.delete_function().function_name(&self.name).send().await;
            found(deleted.explain("lambda:DeleteFunction"), NOT_FOUND)
        })
        .await?;
        let waiting = |error: &Error| matches!(error, Error::TimedOut { .. }).then(|| error.to_string());
        retry::until(retry::DELETION, waiting, progress, || async {
            match self.configuration(aws).await? {
                None => Ok(()),
                Some(_) => {
                    Err(Error::TimedOut { state: "there".to_owned(), seconds: retry::DELETION.as_secs() })
                }
            }
        })
        .await
    }

    fn all_tags(&self) -> HashMap<String, String> {
        let role_id = self.role_id.get().map(|id| (ROLE_ID_TAG.to_owned(), id.clone()));
        let version = self.package.as_ref().map(|package| {
            (VERSION_TAG.to_owned(), package.version.clone().unwrap_or_else(|| UNKNOWN.to_owned()))
        });
        self.tags.to_map::<Vec<_>>().into_iter().chain(role_id).chain(version).collect()
    }

    fn zip(&self) -> Blob {
        Blob::new(self.package.as_ref().map(|package| package.zip.clone()).unwrap_or_default())
    }

    /// Our variables, and beside them those that other people set: Lambda replaces the whole map.
    fn variables(&self, before: Option<&Attributes>) -> Environment {
        let theirs = before.into_iter().flat_map(|before| before.members("environment"));
        let theirs = theirs.filter(|(name, _)| !self.environment.contains_key(name));
        let theirs = theirs.filter_map(|(name, value)| Some((name.to_owned(), value.expose()?.to_owned())));
        let ours = self.environment.iter().filter_map(|(name, value)| {
            let value = match value.as_ref()? {
                Variable::Plain(value) => value.clone(),
                Variable::Sensitive(secret) => secret.expose().to_owned(),
            };
            Some(((*name).to_owned(), value))
        });
        Environment::builder().set_variables(Some(theirs.chain(ours).collect())).build()
    }

    fn vpc_config(&self) -> VpcConfig {
        let (subnets, groups) = self
            .vpc
            .as_ref()
            .map(|vpc| (vpc.subnets.clone(), vpc.security_groups.clone()))
            .unwrap_or_default();
        VpcConfig::builder().set_subnet_ids(Some(subnets)).set_security_group_ids(Some(groups)).build()
    }
}

/// Waits for role, policies and key to be seen by Lambda, and longer for EC2's throttling.
async fn patiently<T, F>(progress: Progress<'_>, write: impl Fn() -> F) -> Result<T, aws::Error>
where
    F: Future<Output = Result<T, aws::Error>>,
{
    retry::until(retry::SETTLING, throttled_by_ec2, progress, || {
        retry::until(retry::PROPAGATION, propagating, progress, &write)
    })
    .await
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn ec2_that_throttles_is_borne_longer_than_a_role_that_is_not_seen() {
        for (message, window) in [
            (
                "Your request has been throttled by EC2, please make sure you have enough API rate limit.",
                540..=610,
            ),
            ("The role defined for the function cannot be assumed by Lambda.", 150..=190),
        ] {
            let refused = || {
                std::future::ready(Err::<(), _>(aws::Error {
                    code: Some("InvalidParameterValueException".to_owned()),
                    message: message.to_owned(),
                    action: "lambda:CreateFunction",
                    request_id: None,
                }))
            };
            let begun = Instant::now();
            assert!(patiently(&|_| (), refused).await.is_err());
            let waited = begun.elapsed().as_secs();
            assert!(window.contains(&waited), "{waited} s: {message}");
        }
    }
}
