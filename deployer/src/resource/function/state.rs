//! Lambda's states: what it reports, what is worth waiting for, and what is a failure.

use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_lambda::types::{FunctionConfiguration, LastUpdateStatus, State};

use super::{Function, NOT_FOUND};
use crate::aws::{self, Aws, Explain, found};
use crate::resource::{Error, Progress};
use crate::retry;

impl Function {
    /// Its configuration once no write is under way any more, however that write ended. A write that was `accepted` a
    /// moment ago is under way: there is no need to ask at once.
    pub(super) async fn settled(
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

    pub(super) async fn configuration(&self, aws: &Aws) -> Result<Option<FunctionConfiguration>, aws::Error> {
        let call = aws.lambda.get_function().function_name(&self.name);
        let answer = found(call.send().await.explain("lambda:GetFunction"), NOT_FOUND)?;
        Ok(answer.and_then(|answer| answer.configuration))
    }
}

/// Whether no write is under way. A status that is missing is one that has not come yet, but for a failure.
pub(super) fn settled(configuration: &FunctionConfiguration) -> bool {
    match (configuration.state(), configuration.last_update_status()) {
        (Some(State::Pending), _) | (_, Some(LastUpdateStatus::InProgress)) => false,
        (Some(State::Failed), _) => true,
        (_, status) => status.is_some(),
    }
}

/// The state that matters: a function that is idle, or about to be active, is as good as active.
pub(super) fn state(configuration: &FunctionConfiguration) -> &str {
    match configuration.state() {
        Some(State::Failed) => State::Failed.as_str(),
        _ => State::Active.as_str(),
    }
}

/// Lambda accepts a write first, and may find out later that it can't be done.
pub(super) fn accepted(configuration: &FunctionConfiguration) -> Result<(), Error> {
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
pub(super) fn propagating(error: &aws::Error) -> Option<String> {
    const NOT_YET: [(&str, &str); 4] = [
        ("cannot be assumed by Lambda", "waiting for Lambda to know the role"),
        ("execution role does not have permissions", "waiting for Lambda to know the role's policies"),
        ("KMS key is invalid for CreateGrant", "waiting for KMS to know the role"),
        ("valid principal", "waiting for KMS to know the role"),
    ];
    let known = NOT_YET.iter().find(|(text, _)| error.is("InvalidParameterValueException", text));
    known.map(|(_, why)| (*why).to_owned()).or_else(|| busy(error))
}

/// EC2 throttles a whole account, for longer than anything takes to be seen.
pub(super) fn throttled_by_ec2(error: &aws::Error) -> Option<String> {
    let throttled = error.is("InvalidParameterValueException", "throttled by EC2");
    throttled.then(|| "waiting for EC2, which throttles Lambda".to_owned())
}

/// Lambda refuses because another write is under way. "Already exists" has the same code, and isn't.
pub fn busy(error: &aws::Error) -> Option<String> {
    let busy = error.is("ResourceConflictException", "update is in progress")
        || error.is("ResourceConflictException", "in the following state: Pending");
    busy.then(|| "waiting for another update of the function".to_owned())
}
