//! A refusal as AWS writes it: the same code and words take three shapes on the wire.

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use http_body_util::Full;
use serde_json::json;

use super::call::{Call, Protocol};
use super::faults::Fault;

/// The account that refusals name: AWS's own example.
const DEPLOYER: &str = "arn:aws:iam::123456789012:user/deployer";
/// Every refusal's request id.
pub const REQUEST_ID: &str = "4bb0f4b5-6a5c-4f1c-9f43-0a1b2c3d4e5f";

/// Code, words and HTTP status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// What AWS says at a fault that it answers.
    pub(super) fn of(fault: &Fault, call: &Call) -> Self {
        let Call { service, protocol, .. } = call;
        let action = call.action();
        let (json, ec2) = (*protocol == Protocol::Json, service == "ec2");
        let coded = |query: &str| match protocol {
            Protocol::Query => query.to_owned(),
            Protocol::Json | Protocol::RestJson => format!("{query}Exception"),
        };
        match fault {
            Fault::Throttle if service == "lambda" => {
                Self::new(429, "TooManyRequestsException", "Rate exceeded")
            }
            // EC2 has words of its own.
            Fault::Throttle if ec2 => Self::new(503, "RequestLimitExceeded", "Request limit exceeded."),
            Fault::Throttle => Self::new(400, &coded("Throttling"), "Rate exceeded"),
            Fault::Deny => Self::new(
                if json { 400 } else { 403 },
                &if ec2 { "UnauthorizedOperation".to_owned() } else { coded("AccessDenied") },
                format!(
                    "User: {DEPLOYER} is not authorized to perform: {action} because no identity-based policy allows the \
                     {action} action"
                ),
            ),
            Fault::Expired if ec2 => Self::new(400, "RequestExpired", "Request has expired."),
            Fault::Expired => Self::new(
                if json { 400 } else { 403 },
                &coded("ExpiredToken"),
                "The security token included in the request is expired",
            ),
            _ if service == "lambda" => {
                Self::new(500, "ServiceException", "An error occurred and the request cannot be processed.")
            }
            _ => Self::new(500, "InternalFailure", "We encountered an internal error. Please try again."),
        }
    }

    /// The answer on the wire.
    pub(super) fn answer(&self, call: &Call) -> axum::http::Response<Full<Bytes>> {
        let Self { status, code, message } = self;
        let (content_type, body) = match call.protocol {
            Protocol::Query => ("text/xml", xml(*status, code, message, &call.service)),
            Protocol::Json => {
                ("application/x-amz-json-1.1", json!({ "__type": code, "message": message }).to_string())
            }
            Protocol::RestJson => (
                "application/json",
                json!({ "Type": "User", "Message": message, "message": message }).to_string(),
            ),
        };
        let mut answer = whole(*status, content_type, body);
        let headers = answer.headers_mut();
        if call.protocol == Protocol::RestJson
            && let Ok(code) = HeaderValue::from_str(code)
        {
            headers.insert("x-amzn-errortype", code);
        }
        answer
    }
}

/// An answer of 200 that says that its only entry failed.
pub(super) fn failed_entry(call: &Call) -> axum::http::Response<Full<Bytes>> {
    let id = call.input["Targets"][0]["Id"].as_str().or(call.input["Ids"][0].as_str());
    let code = "ConcurrentModificationException";
    let entry = json!({ "TargetId": id, "ErrorCode": code, "ErrorMessage": "Rule is being modified" });
    let body = json!({ "FailedEntryCount": 1, "FailedEntries": [entry] });
    whole(200, "application/x-amz-json-1.1", body.to_string())
}

fn whole(status: u16, content_type: &'static str, body: String) -> axum::http::Response<Full<Bytes>> {
    let length = body.len();
    let mut answer = axum::http::Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert("x-amzn-requestid", HeaderValue::from_static(REQUEST_ID));
    answer
}

fn xml(status: u16, code: &str, message: &str, service: &str) -> String {
    let side = if status < 500 { "Sender" } else { "Receiver" };
    let message = message.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if service == "ec2" {
        return format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
             <RequestID>{REQUEST_ID}</RequestID></Response>"
        );
    }
    format!(
        "<ErrorResponse><Error><Type>{side}</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
    )
}
