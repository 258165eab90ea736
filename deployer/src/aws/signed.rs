//! One signed request by hand, with the caller's credentials, address and call log: for services of which one or two
//! questions are asked, and whose crates take more memory to compile than most machines have.

use std::time::{Duration, Instant, SystemTime};

use aws_sdk_lambda::config::ProvideCredentials;
use serde_json::Value;
use tanets_function::environment::amazon;
use tanets_function::http::{Answer, Http, parse_url, post_json};
use tanets_function::sigv4::sign;

use super::error::{reason, without_echo};
use super::{Aws, Error, endpoint};
use crate::retry;

/// One answer may take this long.
const LIMIT: Duration = Duration::from_secs(30);

/// A service.
pub(super) struct Service {
    /// As variables, profiles and the call log name it.
    pub id: &'static str,
    /// As its host begins, and as requests are signed.
    pub name: &'static str,
    /// What stands before an operation in a JSON service's target.
    pub target: &'static str,
}

/// Parameter Store.
pub(super) const SSM: Service = Service { id: "SSM", name: "ssm", target: "AmazonSSM" };
/// What finds resources by their tags.
pub(super) const TAGGING: Service = Service {
    id: "Resource Groups Tagging API",
    name: "tagging",
    target: "ResourceGroupsTaggingAPI_20170126",
};

/// The answer to a request, whatever its status, told to the log as the SDK's calls are. `action` is the operation as IAM
/// names it.
///
/// # Errors
/// If there is no answer.
pub(super) async fn exchange(
    aws: &Aws,
    service: &Service,
    action: &'static str,
    content_type: &'static str,
    body: String,
) -> Result<Answer, Error> {
    let failed =
        |error: &dyn std::error::Error| Error { message: reason(error), ..Error::without_answer(action) };
    let operation = operation(action);
    let url = endpoint::of(&aws.sdk, service.id).unwrap_or_else(|| amazon(service.name, &aws.region));
    let mut request = post_json(parse_url(&url).map_err(|error| failed(&error))?, content_type, body);
    if !service.target.is_empty() {
        // Both are constants of this module's callers.
        let target = format!("{}.{operation}", service.target).parse().map_err(|error| failed(&error))?;
        request.headers_mut().insert("x-amz-target", target);
    }
    let provider = aws.sdk.credentials_provider();
    let provider = provider.ok_or_else(|| failed(&super::NoRegion))?;
    let credentials = provider.provide_credentials().await.map_err(|error| failed(&error))?;
    sign(&mut request, &credentials, &aws.region, service.name, SystemTime::now())
        .map_err(|error| failed(&error))?;
    let http = Http::new().map_err(|error| failed(&error))?;
    let begun = Instant::now();
    let answer = http.exchange(request, LIMIT).await;
    if let Some(log) = &aws.call_log {
        log.tell(service.id, operation, answer.as_ref().ok().map(|answer| answer.status.as_u16()), begun);
    }
    answer.map_err(|error| failed(&error))
}

/// What a service that speaks JSON answers; asked again for a while where it is throttled or unavailable.
///
/// # Errors
/// If it refuses, or can't be asked.
pub(super) async fn ask(
    aws: &Aws,
    service: &Service,
    action: &'static str,
    input: &Value,
) -> Result<Value, Error> {
    let waiting = |error: &Error| error.is_transient().then(String::new);
    retry::until(retry::BY_HAND, waiting, &|_| (), || async {
        let answer = exchange(aws, service, action, "application/x-amz-json-1.1", input.to_string()).await?;
        match serde_json::from_slice(&answer.body) {
            Ok(body) if answer.status.is_success() => Ok(body),
            Ok(body) => Err(refusal(action, &answer, &body)),
            // A proxy's page, whatever its status says.
            Err(_) => {
                let error = refusal(action, &answer, &Value::Null);
                Err(Error { message: "the answer is no JSON, so not that of AWS".to_owned(), ..error })
            }
        }
    })
    .await
}

fn operation(action: &'static str) -> &'static str {
    action.split(':').next_back().unwrap_or(action)
}

/// A refusal: `{"__type": "namespace#Code", "message": "…"}`.
fn refusal(action: &'static str, answer: &Answer, body: &Value) -> Error {
    let text = |key: &str| body[key].as_str();
    let code = text("__type").map(|code| code.rsplit('#').next().unwrap_or(code).to_owned());
    let message = text("message").or_else(|| text("Message"));
    Error {
        action,
        code: code.or_else(|| Some(answer.status.as_u16().to_string())),
        message: message.map_or_else(|| "(no message)".to_owned(), without_echo),
        request_id: answer.request_id.clone(),
    }
}
