//! What AWS refuses although its models allow it: limits and grammars that each service checks by itself.

use serde_json::{Value, json};

use super::call::Call;
use super::refusal::Refusal;
use super::schedule;

/// The bytes of a function's environment, measured as JSON.
const ENVIRONMENT: usize = 4096;
/// The bytes that a change of settings must stay below, all of it.
const SETTINGS: usize = 5120;
/// The bytes of a zip in a request.
const ZIP: usize = 52_428_800;
/// CloudWatch's retentions, in days.
const RETENTIONS: [u64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
/// Variables that Lambda sets itself.
const RESERVED: [&str; 18] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];
/// AWS's own policies that a role of ours may have. `MiniStack` attaches any name, AWS only what is there.
const MANAGED: [&str; 8] = [
    "AmazonESReadOnlyAccess",
    "AmazonOpenSearchServiceReadOnlyAccess",
    "AWSLambdaExecute",
    "ReadOnlyAccess",
    "AmazonS3ReadOnlyAccess",
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AWSLambdaENIManagementAccess",
    "service-role/AWSLambdaVPCAccessExecutionRole",
];

/// What AWS answers to an input that is beyond a limit.
pub(super) fn refusal(call: &Call) -> Option<Refusal> {
    let of_operation = match (call.service.as_str(), call.operation.as_str()) {
        ("lambda", "CreateFunction" | "UpdateFunctionConfiguration") => function(call),
        ("lambda", "UpdateFunctionCode") => zip(&call.input["ZipFile"]),
        ("events", "PutRule") => rule(call),
        ("logs", "PutRetentionPolicy") => retention(call),
        ("iam", "AttachRolePolicy") => attachment(call),
        _ => None,
    };
    of_operation.or_else(|| tags(call))
}

fn invalid(message: impl Into<String>) -> Option<Refusal> {
    Some(Refusal::new(400, "InvalidParameterValueException", message))
}

fn function(call: &Call) -> Option<Refusal> {
    // The model's ranges are those of managed instances.
    for (member, low, high) in [("Timeout", 1, 900), ("MemorySize", 128, 10_240)] {
        if let Some(value) = call.input[member].as_i64()
            && !(low..=high).contains(&value)
        {
            let bound = if value < low {
                format!("greater than or equal to {low}")
            } else {
                format!("less than or equal to {high}")
            };
            return invalid(format!(
                "'{member}' value failed to satisfy constraint: Member must have value {bound}"
            ));
        }
    }
    let variables = &call.input["Environment"]["Variables"];
    for key in variables.as_object().into_iter().flat_map(|variables| variables.keys()) {
        if RESERVED.contains(&key.as_str()) {
            return invalid(format!(
                "Lambda was unable to configure your environment variables because the environment variables you have \
                 provided contains reserved keys that are currently not supported for modification. Reserved keys used \
                 in this request: {key}"
            ));
        }
    }
    let measured = variables.to_string();
    if measured.len() > ENVIRONMENT {
        return invalid(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided exceeded the 4KB limit. String measured: {measured}"
        ));
    }
    let body = call.input.as_object().into_iter().flatten().filter(|(name, _)| *name != "FunctionName");
    let bytes =
        Value::Object(body.map(|(name, value)| (name.clone(), value.clone())).collect()).to_string().len();
    if call.operation == "UpdateFunctionConfiguration" && bytes >= SETTINGS {
        let message =
            format!("Request must be smaller than {SETTINGS} bytes for the {} operation", call.operation);
        return Some(Refusal::new(413, "RequestEntityTooLargeException", message));
    }
    zip(&call.input["Code"]["ZipFile"])
}

fn zip(zip: &Value) -> Option<Refusal> {
    let bytes = zip.as_str().unwrap_or_default().len() / 4 * 3;
    (bytes > ZIP + 2).then(|| {
        let message = format!("Zipped size must be smaller than {ZIP} bytes");
        Refusal::new(413, "RequestEntityTooLargeException", message)
    })
}

fn rule(call: &Call) -> Option<Refusal> {
    let expression = call.input["ScheduleExpression"].as_str();
    let invalid = |message: &str| Some(Refusal::new(400, "ValidationException", message));
    match expression {
        Some(expression) if !schedule::is_valid(expression) => {
            invalid("Parameter ScheduleExpression is not valid.")
        }
        None if call.input["EventPattern"].is_null() => {
            invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
        }
        _ => None,
    }
}

fn retention(call: &Call) -> Option<Refusal> {
    let days = call.input["retentionInDays"].as_u64().unwrap_or_default();
    (!RETENTIONS.contains(&days)).then(|| {
        let message = format!(
            "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must \
             satisfy enum value set: {RETENTIONS:?}"
        );
        Refusal::new(400, "InvalidParameterException", message)
    })
}

fn attachment(call: &Call) -> Option<Refusal> {
    let arn = call.text("PolicyArn");
    let name = arn.split_once(":iam::aws:policy/")?.1;
    (!MANAGED.contains(&name)).then(|| {
        Refusal::new(404, "NoSuchEntity", format!("Policy {arn} does not exist or is not attachable."))
    })
}

/// `aws:` belongs to AWS, and most of the punctuation to nobody.
fn tags(call: &Call) -> Option<Refusal> {
    let tags = ["Tags", "tags"].iter().find_map(|member| call.input.get(*member))?;
    let pairs = match tags {
        Value::Array(tags) => Vec::from_iter(tags.iter().map(|tag| (text(&tag["Key"]), text(&tag["Value"])))),
        Value::Object(tags) => Vec::from_iter(tags.iter().map(|(key, value)| (key.clone(), text(value)))),
        _ => Vec::new(),
    };
    let allowed =
        |text: &str| text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c));
    let bad =
        pairs.iter().find(|(key, value)| key.starts_with("aws:") || !allowed(key) || !allowed(value))?;
    let code = match call.service.as_str() {
        "iam" => "InvalidInput",
        "lambda" => "InvalidParameterValueException",
        "logs" => "InvalidParameterException",
        _ => "ValidationException",
    };
    Some(Refusal::new(400, code, format!("The tag {} is not valid.", json!(bad))))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
