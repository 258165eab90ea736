//! The Lambda function: code, configuration, environment, and the waits between Lambda's states.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture, Environment, FunctionCode, FunctionConfiguration, LastUpdateStatus, Runtime, State,
    VpcConfig,
};
use futures_util::future::try_join;
use tanets_function::secret::Secret;
use tanets_function::settings::Variable;

use super::role::{self, RoleId};
use super::{Address, Error, Observed, Progress, Resource, log_group, still_ours, tags};
use crate::attributes::{Attributes, Change, Value, changes};
use crate::aws::{self, Aws, Explain, found};
use crate::config::Vpc;
use crate::package::Package;
use crate::plan::{Action, Step};
use crate::retry;

/// Its address.
pub const ADDRESS: Address = Address::new("function");

const DESCRIPTION: &str = "Puts yesterday's error counts into Slack; deployed by tanets";
const HANDLER: &str = "bootstrap";
const NOT_FOUND: &str = "ResourceNotFoundException";
/// A digest that failed half-way must not be sent twice, so Lambda doesn't repeat it by itself.
const ASYNC_RETRIES: i32 = 0;
/// The attribute, and the tag that carries it, for the unique id of the role that the function was made with.
const ROLE_ID: &str = "role_id";
const ROLE_ID_TAG: &str = "tanets:role-id";
/// The attributes that UpdateFunctionCode writes.
const CODE: [&str; 2] = ["code_sha256", "architecture"];
/// The attributes that UpdateFunctionConfiguration writes.
const CONFIGURATION: [&str; 9] =
    ["description", "environment", "handler", "kms_key", "memory", "role", "runtime", "timeout", "vpc"];

/// A Lambda function from a zip.
pub struct Function {
    /// Its name: the stack's.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The execution role's ARN.
    pub role_arn: String,
    /// The execution role's unique id. The function's grant on the key of its environment is the role's: for a role
    /// that was made again the function must be, too.
    pub role_id: RoleId,
    /// Its code; none where nothing is to be deployed.
    pub package: Option<Package>,
    /// `arm64` or `x86_64`.
    pub architecture: String,
    /// Memory, in MB.
    pub memory: i32,
    /// The limit of a run, in seconds.
    pub timeout: i32,
    /// Every variable of ours; `None` for those that must not be there.
    pub environment: BTreeMap<&'static str, Option<Variable>>,
    /// Where it runs; none, outside of any VPC.
    pub vpc: Option<Vpc>,
    /// The key that encrypts its environment; none, Lambda's own.
    pub kms_key: Option<String>,
    /// The stack that owns it.
    pub stack: String,
    /// Its tags, the owner's included.
    pub tags: BTreeMap<String, String>,
}

#[async_trait]
impl Resource for Function {
    fn address(&self) -> Address {
        ADDRESS
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn needs(&self) -> &'static [Address] {
        const { &[role::ADDRESS, log_group::ADDRESS] }
    }

    fn desired(&self) -> Attributes {
        let Self {
            name: _,
            arn: _,
            role_arn,
            role_id,
            package,
            architecture,
            memory,
            timeout,
            environment,
            vpc,
            kms_key,
            stack: _,
            tags,
        } = self;
        let environment = environment.iter().map(|(name, value)| {
            let value = match value {
                Some(Variable::Plain(value)) => Value::Text(value.clone()),
                Some(Variable::Sensitive(secret)) => Value::Secret(secret.clone()),
                None => Value::Absent,
            };
            (name, value)
        });
        let vpc = vpc.as_ref();
        let mut attributes = Attributes::default()
            .with("architecture", Value::text(architecture))
            .with("async_retries", Value::Number(ASYNC_RETRIES.into()))
            .with("description", Value::text(DESCRIPTION))
            .with("handler", Value::text(HANDLER))
            .with("kms_key", Value::text(kms_key.clone().unwrap_or_default()))
            .with("memory", Value::Number((*memory).into()))
            .with("role", Value::text(role_arn))
            .with(ROLE_ID, Value::text(role_id.get().map_or("(new)", String::as_str)))
            .with("runtime", Value::text(Runtime::Providedal2023.as_str()))
            .with("state", Value::text(State::Active.as_str()))
            .with("timeout", Value::Number((*timeout).into()))
            .with("vpc.subnets", Value::set(vpc.map_or(&[][..], |vpc| &vpc.subnets)))
            .with("vpc.security_groups", Value::set(vpc.map_or(&[][..], |vpc| &vpc.security_groups)))
            .with_map("environment", environment);
        if let Some(package) = package {
            attributes = attributes.with("code_sha256", Value::text(&package.code_sha256));
        }
        tags::attributes(attributes, tags)
    }

    async fn observe(&self, aws: &Aws) -> Result<Option<Observed>, aws::Error> {
        let function = async {
            let call = aws.lambda.get_function().function_name(&self.name);
            found(call.send().await.explain("lambda:GetFunction"), NOT_FOUND)
        };
        let asynchronous = async {
            let call = aws.lambda.get_function_event_invoke_config().function_name(&self.name);
            found(call.send().await.explain("lambda:GetFunctionEventInvokeConfig"), NOT_FOUND)
        };
        let (function, asynchronous) = try_join(function, asynchronous).await?;
        let Some(function) = function else { return Ok(None) };
        if let Some(error) = function.tags_error() {
            return Err(unknown("lambda:ListTags", Some(error.error_code()), Some(error.message())));
        }
        let mut tags = function.tags.unwrap_or_default();
        let role_id = tags.remove(ROLE_ID_TAG).unwrap_or_default();
        let Some(configuration) = function.configuration else { return Ok(None) };
        let retries = asynchronous.and_then(|config| config.maximum_retry_attempts);
        let mut attributes = self.observed(&configuration)?;
        attributes =
            attributes.with("async_retries", retries.map_or(Value::Absent, |n| Value::Number(n.into())));
        attributes = tags::attributes(attributes.with(ROLE_ID, Value::text(role_id)), tags);
        let owner = tags::owner(&attributes, &self.stack);
        let revision = settled(&configuration).then_some(configuration.revision_id).flatten();
        Ok(Some(Observed { revision, ..Observed::new(attributes, owner) }))
    }

    async fn apply(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error> {
        match step.action {
            Action::Create => self.create(aws, progress).await,
            Action::Update => self.update(aws, step, progress).await,
            Action::Delete => self.delete(aws, progress).await,
        }
    }
}

impl Function {
    /// The configuration as attributes. An environment that Lambda can't read back is not an empty one.
    fn observed(&self, configuration: &FunctionConfiguration) -> Result<Attributes, aws::Error> {
        let environment = configuration.environment();
        if let Some(error) = environment.and_then(|environment| environment.error()) {
            return Err(unknown("lambda:GetFunction", error.error_code(), error.message()));
        }
        let variables = environment.and_then(|environment| environment.variables()).into_iter().flatten();
        let variables = variables.map(|(name, value)| {
            // What we write in the open may be shown; whatever else is found there is somebody's secret.
            let open = matches!(self.environment.get(name.as_str()), Some(Some(Variable::Plain(_))));
            (name, if open { Value::Text(value.clone()) } else { Value::Secret(Secret::new(value)) })
        });
        let text = |text: Option<&str>| Value::text(text.unwrap_or_default());
        let number =
            |number: Option<i32>| number.map_or(Value::Absent, |number| Value::Number(number.into()));
        let vpc = configuration.vpc_config();
        let architecture = configuration.architectures().first().map_or("x86_64", Architecture::as_str);
        Ok(Attributes::default()
            .with("architecture", Value::text(architecture))
            .with("code_sha256", text(configuration.code_sha256()))
            .with("description", text(configuration.description()))
            .with("handler", text(configuration.handler()))
            .with("kms_key", text(configuration.kms_key_arn()))
            .with("memory", number(configuration.memory_size()))
            .with("role", text(configuration.role()))
            .with("runtime", text(configuration.runtime().map(Runtime::as_str)))
            .with("state", text(Some(state(configuration))))
            .with("timeout", number(configuration.timeout()))
            .with("vpc.subnets", Value::set(vpc.map_or(&[][..], |vpc| vpc.subnet_ids())))
            .with("vpc.security_groups", Value::set(vpc.map_or(&[][..], |vpc| vpc.security_group_ids())))
            .with_map("environment", variables))
    }

    async fn create(&self, aws: &Aws, progress: Progress<'_>) -> Result<(), Error> {
        let created = retry::until(retry::PROPAGATION, propagating, progress, || async {
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
            Ok(_) => {}
            // The answer to our own request may have been lost.
            Err(error) if error.is("ResourceConflictException", "already exist") => {
                still_ours(self, self.observe(aws).await?, error)?;
            }
            Err(error) => return Err(error.into()),
        }
        // What doesn't depend on the state is written while Lambda makes the function.
        let settled = self.settled(aws, progress, true);
        let (configuration, ()) = try_join(settled, self.put_async_retries(aws, progress)).await?;
        accepted(&configuration)
    }

    /// Configuration, then code, each with a wait before and after; then what can be written at any time.
    async fn update(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error> {
        if step.before.get("state") == &Value::text(State::Failed.as_str()) || is_replaced(&step.changes) {
            // A function whose creation failed takes no update; one whose role is another one can't read its
            // environment.
            self.delete(aws, progress).await?;
            return self.create(aws, progress).await;
        }
        if CONFIGURATION.iter().any(|name| step.changes(name)) {
            // The plan's revision: whoever writes after the plan was made, is noticed.
            let mut revision = step.revision.clone();
            if revision.is_none() {
                revision = self.settled(aws, progress, false).await?.revision_id;
            }
            let updated = retry::until(retry::PROPAGATION, propagating, progress, || async {
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
            accepted(&self.settled(aws, progress, true).await?)?;
        }
        if CODE.iter().any(|name| step.changes(name)) {
            let mut revision = step.revision.clone();
            if revision.is_none() || CONFIGURATION.iter().any(|name| step.changes(name)) {
                revision = self.settled(aws, progress, false).await?.revision_id;
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
            accepted(&self.settled(aws, progress, true).await?)?;
        }
        if step.changes("tags") || step.changes(ROLE_ID) {
            let call = aws.lambda.tag_resource().resource(&self.arn);
            call.set_tags(Some(self.all_tags())).send().await.explain("lambda:TagResource")?;
        }
        if step.changes("async_retries") {
            self.put_async_retries(aws, progress).await?;
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
    async fn delete(&self, aws: &Aws, progress: Progress<'_>) -> Result<(), Error> {
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

    /// Its configuration once no write is under way any more, however that write ended. A write that was `accepted` a
    /// moment ago is under way: there is no need to ask at once.
    async fn settled(
        &self,
        aws: &Aws,
        progress: Progress<'_>,
        accepted: bool,
    ) -> Result<FunctionConfiguration, Error> {
        let just_accepted = AtomicBool::new(accepted);
        let waiting = |error: &Error| match error {
            Error::TimedOut { state, .. } => Some(format!("waiting for Lambda: {state}")),
            Error::Aws(_) | Error::Rejected { .. } | Error::Overtaken(_) => None,
        };
        retry::until(retry::SETTLING, waiting, progress, || async {
            let timed_out = |state: &str| {
                Err(Error::TimedOut { state: state.to_owned(), seconds: retry::SETTLING.as_secs() })
            };
            if just_accepted.swap(false, Ordering::Relaxed) {
                return timed_out("at work");
            }
            let Some(configuration) = self.configuration(aws).await? else {
                return timed_out("not visible");
            };
            match configuration.state() {
                _ if settled(&configuration) => Ok(configuration),
                Some(State::Pending) => timed_out("Pending"),
                _ => timed_out("InProgress"),
            }
        })
        .await
    }

    async fn configuration(&self, aws: &Aws) -> Result<Option<FunctionConfiguration>, aws::Error> {
        let call = aws.lambda.get_function().function_name(&self.name);
        let answer = found(call.send().await.explain("lambda:GetFunction"), NOT_FOUND)?;
        Ok(answer.and_then(|answer| answer.configuration))
    }

    async fn put_async_retries(&self, aws: &Aws, progress: Progress<'_>) -> Result<(), Error> {
        retry::until(retry::CONCURRENCY, busy, progress, || async {
            let call = aws.lambda.put_function_event_invoke_config().function_name(&self.name);
            let call = call.maximum_retry_attempts(ASYNC_RETRIES);
            call.send().await.explain("lambda:PutFunctionEventInvokeConfig")
        })
        .await?;
        Ok(())
    }

    fn all_tags(&self) -> HashMap<String, String> {
        let role_id = self.role_id.get().map(|id| (ROLE_ID_TAG.to_owned(), id.clone()));
        self.tags.clone().into_iter().chain(role_id).collect()
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

/// Whether the changes ask for another function under the same name: its role was made again.
pub fn is_replaced(changes: &[Change]) -> bool {
    changes.iter().any(|change| change.name == ROLE_ID && change.before != Value::Absent)
}

/// Whether no write is under way. A status that is missing is one that has not come yet, but for a failure.
fn settled(configuration: &FunctionConfiguration) -> bool {
    match (configuration.state(), configuration.last_update_status()) {
        (Some(State::Pending), _) | (_, Some(LastUpdateStatus::InProgress)) => false,
        (Some(State::Failed), _) => true,
        (_, status) => status.is_some(),
    }
}

/// The state that matters: a function that is idle, or about to be active, is as good as active.
fn state(configuration: &FunctionConfiguration) -> &str {
    match configuration.state() {
        Some(State::Failed) => State::Failed.as_str(),
        _ => State::Active.as_str(),
    }
}

/// Lambda accepts a write first, and may find out later that it can't be done.
fn accepted(configuration: &FunctionConfiguration) -> Result<(), Error> {
    let reason = |code: Option<&str>, text: Option<&str>| {
        Vec::from_iter([code, text].into_iter().flatten()).join(": ")
    };
    if configuration.state() == Some(&State::Failed) {
        let code = configuration.state_reason_code().map(|code| code.as_str());
        let reason = reason(code, configuration.state_reason());
        return Err(Error::Rejected { state: "State: Failed".to_owned(), reason });
    }
    if configuration.last_update_status() == Some(&LastUpdateStatus::Failed) {
        let code = configuration.last_update_status_reason_code().map(|code| code.as_str());
        let reason = reason(code, configuration.last_update_status_reason());
        return Err(Error::Rejected { state: "LastUpdateStatus: Failed".to_owned(), reason });
    }
    Ok(())
}

/// Lambda's refusals of what will soon be fine, told by the exact words of its messages.
fn propagating(error: &aws::Error) -> Option<String> {
    const NOT_YET: [(&str, &str); 5] = [
        ("cannot be assumed by Lambda", "waiting for Lambda to know the role"),
        ("execution role does not have permissions", "waiting for Lambda to know the role's policies"),
        ("KMS key is invalid for CreateGrant", "waiting for KMS to know the role"),
        ("valid principal", "waiting for KMS to know the role"),
        ("throttled by EC2", "waiting for EC2, which throttles Lambda"),
    ];
    let known = NOT_YET.iter().find(|(text, _)| error.is("InvalidParameterValueException", text));
    known.map(|(_, why)| (*why).to_owned()).or_else(|| busy(error))
}

fn busy(error: &aws::Error) -> Option<String> {
    is_busy(error).then(|| "waiting for another update of the function".to_owned())
}

/// Whether Lambda refuses because another write is under way. "Already exists" has the same code, and isn't.
pub fn is_busy(error: &aws::Error) -> bool {
    error.is("ResourceConflictException", "update is in progress")
        || error.is("ResourceConflictException", "in the following state: Pending")
}

/// A part of an answer that AWS left out for want of a permission: unknown, not empty.
fn unknown(action: &'static str, code: Option<&str>, message: Option<&str>) -> aws::Error {
    aws::Error {
        action,
        code: Some(code.unwrap_or("AccessDeniedException").to_owned()),
        message: message.unwrap_or("a part of the answer is missing").to_owned(),
        request_id: None,
    }
}
