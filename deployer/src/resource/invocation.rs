//! How Lambda repeats the function after a failure: not at all. Comes and goes with the function.

use async_trait::async_trait;
use aws_sdk_lambda::types::{DestinationConfig, OnFailure, OnSuccess};

use super::{Address, Error, Observed, Owner, Progress, Resource, function};
use crate::access::Access;
use crate::attributes::{Attributes, Value};
use crate::aws::{self, Aws, Explain, found};
use crate::plan::Step;
use crate::retry;

/// Its address.
pub const ADDRESS: Address = Address::new("invocation");

const NOT_FOUND: &str = "ResourceNotFoundException";
/// A digest that failed half-way must not be sent twice.
const RETRIES: i32 = 0;
/// How long Lambda keeps an event unless told otherwise, in seconds: some answers name it, some don't.
const USUAL_AGE: i32 = 21_600;
/// The attributes that other people may set beside ours.
const MAX_AGE: &str = "max_event_age";
const ON_FAILURE: &str = "on_failure";
const ON_SUCCESS: &str = "on_success";

/// The function's configuration for asynchronous invocation, which is how EventBridge invokes it.
pub struct Invocation {
    /// The function's name.
    pub function: String,
    /// The function's ARN.
    pub function_arn: String,
}

#[async_trait]
impl Resource for Invocation {
    fn address(&self) -> Address {
        ADDRESS
    }

    fn name(&self) -> String {
        self.function.clone()
    }

    fn needs(&self) -> &'static [Address] {
        const { &[function::ADDRESS] }
    }

    fn desired(&self) -> Attributes {
        let Self { function: _, function_arn: _ } = self;
        Attributes::default().with("retries", Value::Number(RETRIES.into()))
    }

    fn access(&self) -> Vec<Access> {
        vec![
            Access::read(&["lambda:GetFunctionEventInvokeConfig"], [&self.function_arn]),
            Access::write(&["lambda:PutFunctionEventInvokeConfig"], [&self.function_arn]),
        ]
    }

    async fn observe(&self, aws: &Aws) -> Result<Option<Observed>, aws::Error> {
        let call = aws.lambda.get_function_event_invoke_config().function_name(&self.function);
        let answer = found(call.send().await.explain("lambda:GetFunctionEventInvokeConfig"), NOT_FOUND)?;
        let Some(config) = answer else { return Ok(None) };
        let number =
            |number: Option<i32>| number.map_or(Value::Absent, |number| Value::Number(number.into()));
        let text = |arn: Option<&str>| arn.map_or(Value::Absent, Value::text);
        let age = config.maximum_event_age_in_seconds().filter(|age| *age != USUAL_AGE);
        let destinations = config.destination_config();
        let failure = destinations.and_then(|to| to.on_failure()).and_then(OnFailure::destination);
        let success = destinations.and_then(|to| to.on_success()).and_then(OnSuccess::destination);
        let attributes = Attributes::default()
            .with("retries", number(config.maximum_retry_attempts()))
            .with(MAX_AGE, number(age))
            .with(ON_FAILURE, text(failure))
            .with(ON_SUCCESS, text(success));
        // It is the function's, and so is whether it is ours.
        Ok(Some(Observed::new(attributes, Owner::Ours)))
    }

    async fn apply(&self, aws: &Aws, step: &Step, progress: Progress<'_>) -> Result<(), Error> {
        // The call replaces all of it: what other people set goes with it again.
        let age = match step.before.get(MAX_AGE) {
            Value::Number(age) => i32::try_from(*age).ok(),
            _ => None,
        };
        let arn = |name| match step.before.get(name) {
            Value::Text(arn) => Some(arn.clone()),
            _ => None,
        };
        let failure = arn(ON_FAILURE).map(|arn| OnFailure::builder().destination(arn).build());
        let success = arn(ON_SUCCESS).map(|arn| OnSuccess::builder().destination(arn).build());
        let destinations = (failure.is_some() || success.is_some())
            .then(|| DestinationConfig::builder().set_on_failure(failure).set_on_success(success).build());
        retry::until(retry::SETTLING, function::busy, progress, || async {
            aws.lambda
                .put_function_event_invoke_config()
                .function_name(&self.function)
                .maximum_retry_attempts(RETRIES)
                .set_maximum_event_age_in_seconds(age)
                .set_destination_config(destinations.clone())
                .send()
                .await
                .explain("lambda:PutFunctionEventInvokeConfig")
        })
        .await?;
        Ok(())
    }
}
