//! The Lambda function: its attributes; `write` makes and changes it, `state` knows what Lambda says of it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_lambda::types::{Architecture, FunctionConfiguration, Runtime, State};
use tanets_function::secret::Secret;
use tanets_function::settings::Variable;

use super::role::{self, RoleId};
use super::tags::{self, Tags};
use super::{Address, Error, Observed, Progress, Resource, log_group};
use crate::access::Access;
use crate::attributes::{Attributes, Change, Value};
use crate::aws::{self, Aws, Explain, found};
use crate::config::Vpc;
use crate::package::Package;
use crate::plan::{Action, Step};

mod state;
mod write;

use state::accepted;
pub use state::busy;

/// Its address.
pub const ADDRESS: Address = Address::new("function");

const DESCRIPTION: &str = "Puts yesterday's error counts into Slack; deployed by tanets";
const HANDLER: &str = "bootstrap";
const NOT_FOUND: &str = "ResourceNotFoundException";
/// The attribute, and the tag that carries it, for the unique id of the role that the function was made with.
const ROLE_ID: &str = "role_id";
const ROLE_ID_TAG: &str = "tanets:role-id";
/// The attribute, and the tag that carries it, for the version of the function's code.
const VERSION: &str = "version";
const VERSION_TAG: &str = "tanets:version";
/// The version of code that isn't tanets' own.
const UNKNOWN: &str = "unknown";
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
    /// Its tags, the owner's included.
    pub tags: Tags,
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
            attributes = attributes
                .with("code_sha256", Value::text(&package.code_sha256))
                .with(VERSION, Value::text(package.version.as_deref().unwrap_or(UNKNOWN)));
        }
        tags.desired(attributes)
    }

    fn access(&self) -> Vec<Access> {
        let Self { arn, role_arn, vpc, kms_key, .. } = self;
        // GetFunction's answer has the tags only for those who may list them.
        const READ: &[&str] = &["lambda:GetFunction", "lambda:ListTags"];
        const WRITE: &[&str] = &[
            "lambda:CreateFunction",
            "lambda:DeleteFunction",
            // The check from inside.
            "lambda:InvokeFunction",
            "lambda:TagResource",
            "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
        ];
        let pass = Access::write(&["iam:PassRole"], [role_arn]);
        let pass = pass.only_if("StringEquals", "iam:PassedToService", ["lambda.amazonaws.com"]);
        let mut access = vec![Access::read(READ, [arn]), Access::write(WRITE, [arn]), pass];
        if vpc.is_some() {
            // Lambda looks at the network in the name of who deploys. EC2 knows no resource for these.
            const NETWORK: &[&str] =
                &["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"];
            access.push(Access::write(NETWORK, ["*"]));
        }
        if let Some(key) = kms_key {
            // So it does with the key: to show the environment, to encrypt it, and to let the role decrypt it.
            let region = arn.split(':').nth(3).unwrap_or_default();
            let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
            let service = [format!("lambda.{region}.amazonaws.com{suffix}")];
            let by_lambda =
                |access: Access| access.only_if("StringEquals", "kms:ViaService", service.clone());
            access.push(by_lambda(Access::read(&["kms:Decrypt"], [key])));
            access.push(by_lambda(Access::write(&["kms:CreateGrant", "kms:Encrypt"], [key])));
        }
        access
    }

    async fn observe(&self, aws: &Aws) -> Result<Option<Observed>, aws::Error> {
        let call = aws.lambda.get_function().function_name(&self.name);
        let Some(function) = found(call.send().await.explain("lambda:GetFunction"), NOT_FOUND)? else {
            return Ok(None);
        };
        if let Some(error) = function.tags_error() {
            return Err(unknown("lambda:ListTags", Some(error.error_code()), Some(error.message())));
        }
        let mut tags = function.tags.unwrap_or_default();
        let role_id = tags.remove(ROLE_ID_TAG).unwrap_or_default();
        let version = tags.remove(VERSION_TAG).map_or(Value::Absent, Value::Text);
        let Some(configuration) = function.configuration else { return Ok(None) };
        let attributes = self.observed(&configuration)?;
        let attributes = attributes.with(ROLE_ID, Value::text(role_id)).with(VERSION, version);
        let attributes = tags::observed(attributes, tags);
        let owner = self.tags.owner(&attributes);
        let revision = state::settled(&configuration).then_some(configuration.revision_id).flatten();
        Ok(Some(Observed { revision, ..Observed::new(attributes, owner) }))
    }

    async fn apply(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error> {
        match step.action {
            Action::Create => self.create(aws, progress).await,
            Action::Update => self.update(aws, step, progress).await,
            Action::Delete => self.delete(aws, progress).await,
        }
    }

    async fn settle(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error> {
        let written = CODE.iter().chain(&CONFIGURATION).any(|name| step.changes(name)) || is_remade(step);
        if step.action == Action::Delete || !written {
            return Ok(());
        }
        accepted(&self.settled(aws, progress, true).await?)
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
            .with("state", text(Some(state::state(configuration))))
            .with("timeout", number(configuration.timeout()))
            .with("vpc.subnets", Value::set(vpc.map_or(&[][..], |vpc| vpc.subnet_ids())))
            .with("vpc.security_groups", Value::set(vpc.map_or(&[][..], |vpc| vpc.security_group_ids())))
            .with_map("environment", variables))
    }
}

/// Whether the changes ask for another function under the same name: its role was made again.
pub fn is_replaced(changes: &[Change]) -> bool {
    changes.iter().any(|change| change.name == ROLE_ID && change.before != Value::Absent)
}

/// Whether the step makes another function in the place of the one that is there: a function whose creation failed takes
/// no update; one whose role is another one can't read its environment.
fn is_remade(step: &Step) -> bool {
    step.before.get("state") == &Value::text(State::Failed.as_str()) || is_replaced(&step.changes)
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
