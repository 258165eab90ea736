//! Values that stand elsewhere: SSM Parameter Store, Secrets Manager, KMS ciphertexts. One signed request each,
//! without an SDK. Answers are secrets and never quoted.

use std::time::SystemTime;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::environment::Environment;
use crate::http::{Http, HttpError, UrlError, parse_url, post_json, quote};
use crate::retry::Retry;
use crate::secret::Secret;
use crate::settings::Reference;
use crate::sigv4::{SignError, sign};

/// How often a throttled or unavailable service is asked again.
const FURTHER_ATTEMPTS: u32 = 3;

/// Why a reference has no value.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// No keys to sign with.
    #[error("there are no AWS credentials in the environment")]
    NoAwsCredentials,
    /// No region to ask in.
    #[error("AWS_REGION is not set")]
    NoRegion,
    /// `AWS_ENDPOINT_URL…` is not a URL.
    #[error("the endpoint of {0} cannot be used")]
    Endpoint(&'static str, #[source] UrlError),
    /// The signature failed.
    #[error("{0} failed")]
    Sign(&'static str, #[source] SignError),
    /// The service cannot be reached.
    #[error("{0} failed")]
    Http(&'static str, #[source] HttpError),
    /// The service refused.
    #[error("{operation}: {code}: {message}")]
    Refused {
        /// The API operation.
        operation: &'static str,
        /// The service's error code, or the HTTP status.
        code: String,
        /// The service's message.
        message: String,
    },
    /// The answer holds no text where the value should be.
    #[error("{0} gave no text value")]
    NoValue(&'static str),
}

impl ReferenceError {
    /// The way out, where there is a typical one.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Http(..) => Some(
                "a function in a VPC reaches AWS through a NAT gateway, or through an interface endpoint for ssm, \
                 secretsmanager or kms",
            ),
            Self::Refused { code, .. } => match code.as_str() {
                "ParameterNotFound" | "ResourceNotFoundException" | "ParameterVersionNotFound" => {
                    Some("check the name, the account and the region of the reference")
                }
                "AccessDeniedException" => Some(
                    "allow the execution role to read exactly this secret, and to decrypt with its key if it has its own",
                ),
                "InvalidCiphertextException" => Some(
                    "encrypt with the encryption context LambdaFunctionName = the function's name, in this region; \
                     a renamed function cannot decrypt",
                ),
                _ => None,
            },
            _ => None,
        }
    }
}

/// One call of an AWS service that speaks JSON.
struct Call<'a> {
    service: &'static str,
    target: &'static str,
    operation: &'static str,
    content: Value,
    /// The reference's name: an ARN tells the region.
    name: &'a str,
}

/// Finds the value that a reference stands for, without surrounding white space.
pub async fn resolve(
    reference: &Reference,
    http: &Http,
    environment: &Environment,
    deadline: Instant,
) -> Result<Secret, ReferenceError> {
    let (call, pointer) = match reference {
        Reference::Plain(value) => return Ok(value.clone()),
        Reference::Ssm(name) => (
            Call {
                service: "ssm",
                target: "AmazonSSM.GetParameter",
                operation: "GetParameter",
                content: json!({"Name": name, "WithDecryption": true}),
                name,
            },
            "/Parameter/Value",
        ),
        Reference::SecretsManager(id) => (
            Call {
                service: "secretsmanager",
                target: "secretsmanager.GetSecretValue",
                operation: "GetSecretValue",
                content: json!({"SecretId": id}),
                name: id,
            },
            "/SecretString",
        ),
        Reference::Kms(ciphertext) => (
            Call {
                service: "kms",
                target: "TrentService.Decrypt",
                operation: "Decrypt",
                // The context that the Lambda console's "helpers for encryption in transit" have always used.
                content: json!({
                    "CiphertextBlob": ciphertext,
                    "EncryptionContext": {"LambdaFunctionName": environment.function_name.as_deref().unwrap_or_default()},
                }),
                name: "",
            },
            "/Plaintext",
        ),
    };
    let answer = call.send(http, environment, deadline).await?;
    let value = answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let value = match reference {
        Reference::Kms(_) => value
            .and_then(|plaintext| BASE64_STANDARD.decode(plaintext).ok())
            .and_then(|plaintext| String::from_utf8(plaintext).ok()),
        _ => value,
    };
    match value.as_deref().map(str::trim) {
        None | Some("") => Err(ReferenceError::NoValue(call.operation)),
        Some(value) => Ok(Secret::new(value)),
    }
}

impl Call<'_> {
    async fn send(
        &self,
        http: &Http,
        environment: &Environment,
        deadline: Instant,
    ) -> Result<Value, ReferenceError> {
        let credentials = environment.credentials.as_ref().ok_or(ReferenceError::NoAwsCredentials)?;
        // arn:PARTITION:SERVICE:REGION:ACCOUNT:…
        let in_arn = self.name.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(2));
        let region = in_arn.or(environment.region.as_deref()).ok_or(ReferenceError::NoRegion)?;
        let url = parse_url(&environment.endpoint(self.service, region))
            .map_err(|error| ReferenceError::Endpoint(self.service, error))?;
        let mut retry = Retry::new(FURTHER_ATTEMPTS, deadline);
        loop {
            let mut request = post_json(url.clone(), "application/x-amz-json-1.1", self.content.to_string());
            request
                .headers_mut()
                .insert(HeaderName::from_static("x-amz-target"), HeaderValue::from_static(self.target));
            sign(&mut request, credentials, region, self.service, SystemTime::now())
                .map_err(|error| ReferenceError::Sign(self.operation, error))?;
            let (error, transient, retry_after) = match http.exchange(request, retry.remaining()).await {
                Ok(answer) if answer.status.is_success() => {
                    return serde_json::from_slice(&answer.body)
                        .map_err(|_| ReferenceError::NoValue(self.operation));
                }
                Ok(answer) => {
                    let (code, message) = refusal(&answer.body);
                    let code = code.unwrap_or_else(|| answer.status.to_string());
                    let transient = answer.is_transient()
                        || answer.status.as_u16() == 500
                        || code.starts_with("Throttling");
                    let refused = ReferenceError::Refused { operation: self.operation, code, message };
                    (refused, transient, answer.retry_after)
                }
                Err(error) => {
                    let transient = matches!(error, HttpError::Connect(_));
                    (ReferenceError::Http(self.operation, error), transient, None)
                }
            };
            if !(transient && retry.again(retry_after).await) {
                return Err(error);
            }
        }
    }
}

/// Code and message of an AWS error body: `{"__type": "namespace#Code", "message": "…"}`.
fn refusal(body: &[u8]) -> (Option<String>, String) {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return (None, quote(&String::from_utf8_lossy(body)));
    };
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let code = text("__type").map(|code| quote(code.rsplit('#').next().unwrap_or(code)));
    let message = text("message").or_else(|| text("Message")).unwrap_or("no message");
    (code, quote(message))
}

#[cfg(test)]
mod tests;
