//! The wording of what AWS says, in one line. Never a response's headers or body.

use std::fmt;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// What AWS said, in one line: the operation, the code and the message of a service's refusal, or why it
/// couldn't be asked. Never a response's headers or body.
#[derive(Debug, thiserror::Error)]
pub struct Error {
    /// The operation, as IAM names the action that allows it (`iam:CreateRole`).
    pub action: &'static str,
    /// The service's error code; `None` if no service answered.
    pub code: Option<String>,
    /// The service's message, or why there is no answer.
    pub message: String,
    /// The id that AWS's support asks for.
    pub request_id: Option<String>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, code, message, request_id } = self;
        let operation = action.split(':').next_back().unwrap_or(action);
        write!(f, "{operation}: ")?;
        if let Some(code) = code {
            write!(f, "{code}: ")?;
        }
        f.write_str(message)?;
        match request_id {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl Error {
    /// No service answered.
    pub(super) fn without_answer(action: &'static str) -> Self {
        Self { action, code: None, message: String::new(), request_id: None }
    }

    /// Whether AWS refused for want of permission.
    pub fn is_denied(&self) -> bool {
        matches!(self.code.as_deref(), Some(code) if code.starts_with("AccessDenied") || code == "UnauthorizedOperation")
    }

    /// Whether the same request may be answered in a moment: for what the SDK doesn't ask again by itself. A dead
    /// network is among that; credentials that can't be had are not.
    pub fn is_transient(&self) -> bool {
        const CODES: [&str; 11] = [
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "InternalServiceException",
            "RequestLimitExceeded",
            "ServiceUnavailable",
            "ThrottledException",
            "Throttling",
            "ThrottlingException",
            "TooManyUpdates",
            "Unavailable",
        ];
        match self.code.as_deref() {
            Some(code) => CODES.contains(&code) || ["429", "500", "502", "503", "504"].contains(&code),
            None => !self.lacks_credentials(),
        }
    }

    pub(super) fn lacks_credentials(&self) -> bool {
        let of_credentials = ["credentials", "credential provider"];
        self.code.is_none() && of_credentials.iter().any(|text| self.message.contains(text))
    }

    /// Whether the service answered with this code and, in its message, this text.
    pub fn is(&self, code: &str, text: &str) -> bool {
        self.code.as_deref() == Some(code) && self.message.contains(text)
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        super::hint::hint(self)
    }
}

/// Turns the SDK's result into ours, with the action's name.
pub trait Explain<T> {
    /// The same, with an error that says what was asked and what AWS answered.
    ///
    /// # Errors
    /// The SDK's error, worded.
    fn explain(self, action: &'static str) -> Result<T, Error>;
}

impl<T, E, R> Explain<T> for Result<T, SdkError<E, R>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: fmt::Debug,
{
    fn explain(self, action: &'static str) -> Result<T, Error> {
        self.map_err(|error| {
            let meta = error.meta();
            Error {
                action,
                code: meta.code().map(str::to_owned),
                message: match meta.message() {
                    Some(message) => without_echo(message),
                    None if meta.code().is_some() => "(no message)".to_owned(),
                    None => reason(&error),
                },
                request_id: meta.extra("aws_request_id").map(str::to_owned),
            }
        })
    }
}

/// A service's message without what it echoes: Lambda ends its text on too large an environment with the environment
/// itself, a wrong signature is answered with the signed request, its session token included.
pub(super) fn without_echo(message: &str) -> String {
    const ECHOES: [&str; 2] = ["String measured:", "The Canonical String for this request"];
    let kept = ECHOES.iter().fold(message, |text, echo| text.split(echo).next().unwrap_or_default());
    kept.trim_end().to_owned()
}

/// Why there is no answer: the chain of causes without the SDK's filler.
pub(super) fn reason(error: &dyn std::error::Error) -> String {
    const FILLER: [&str; 5] = [
        "dispatch failure",
        "io error",
        "other",
        "service error",
        "an error occurred while loading credentials",
    ];
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !FILLER.contains(&text.as_str()) && !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    parts.join(": ")
}

/// `None` where the service answered with the code that means "not there".
///
/// # Errors
/// Every other error.
pub fn found<T>(result: Result<T, Error>, absent: &str) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code.as_deref() == Some(absent) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The SDK takes a quota that is reached for throttling, and tries in vain for a minute.
#[derive(Debug)]
pub(super) struct QuotaIsNoThrottling;

impl ClassifyRetry for QuotaIsNoThrottling {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error =
            context.output_or_error().and_then(Result::err).and_then(|error| error.as_operation_error());
        let quota = error.is_some_and(|error| format!("{error:?}").contains("code: Some(\"LimitExceeded"));
        if quota { RetryAction::RetryForbidden } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "QuotaIsNoThrottling"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_known_by_each_services_own_code() {
        // SSM and the tagging API have codes of their own; what is no JSON has the status.
        for (code, passes) in [
            ("ThrottledException", true),
            ("InternalServerError", true),
            ("InternalServiceException", true),
            ("TooManyUpdates", true),
            ("429", true),
            ("502", true),
            ("200", false),
            ("AccessDeniedException", false),
            ("ParameterNotFound", false),
        ] {
            let error = Error { code: Some(code.to_owned()), ..Error::without_answer("ssm:GetParameter") };
            assert_eq!(error.is_transient(), passes, "{code}");
        }
    }

    #[test]
    fn what_a_service_echoes_is_not_repeated() {
        for (message, expected) in [
            ("exceeded the 4KB limit. String measured: {\"A\":\"secret\"}", "exceeded the 4KB limit."),
            (
                "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for \
                 this request should have been\n'POST\n/\nx-amz-security-token:secret'",
                "The request signature we calculated does not match the signature you provided.",
            ),
            ("Rate exceeded", "Rate exceeded"),
        ] {
            assert_eq!(without_echo(message), expected);
        }
    }
}
