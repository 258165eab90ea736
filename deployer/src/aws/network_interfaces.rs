//! The one question to EC2, signed by hand: the SDK's crate for it takes more memory to compile than most machines have.

use std::time::{Duration, Instant, SystemTime};

use aws_sdk_lambda::config::ProvideCredentials;
use tanets_function::http::{Answer, Http, parse_url, post_json};
use tanets_function::sigv4::sign;

use super::error::reason;
use super::{Aws, Error, endpoint};

const SERVICE: &str = "EC2";
const ACTION: &str = "ec2:DescribeNetworkInterfaces";
const OPERATION: &str = "DescribeNetworkInterfaces";
const FORM: &str = "application/x-www-form-urlencoded";
/// One answer may take this long.
const LIMIT: Duration = Duration::from_secs(30);

/// How many network interfaces Lambda still has in the VPC for a function. It names them
/// `AWS Lambda VPC ENI-FUNCTION-UUID`, and removes them minutes after the function, with the function's role.
///
/// # Errors
/// If EC2 refuses or can't be asked.
pub async fn of_function(aws: &Aws, function: &str) -> Result<usize, Error> {
    let filter =
        format!("Filter.1.Name=description&Filter.1.Value.1=AWS%20Lambda%20VPC%20ENI-{function}-%2A");
    let answer = ask(aws, &filter).await?;
    let text = String::from_utf8_lossy(&answer.body);
    if answer.status.is_success() {
        return Ok(text.matches("<networkInterfaceId>").count());
    }
    let part = |tag: &str| {
        let rest = text.split_once(&format!("<{tag}>"))?.1;
        Some(rest.split_once(&format!("</{tag}>"))?.0.to_owned())
    };
    Err(Error {
        action: ACTION,
        code: part("Code").or_else(|| Some(answer.status.as_u16().to_string())),
        message: part("Message").unwrap_or_else(|| "(no message)".to_owned()),
        request_id: part("RequestID"),
    })
}

/// EC2's answer, whatever its status, told to the log as the SDK's calls are.
async fn ask(aws: &Aws, filter: &str) -> Result<Answer, Error> {
    let failed =
        |error: &dyn std::error::Error| Error { message: reason(error), ..Error::without_answer(ACTION) };
    let suffix = if aws.region.starts_with("cn-") { ".cn" } else { "" };
    let url = endpoint::of(&aws.sdk, SERVICE)
        .unwrap_or_else(|| format!("https://ec2.{}.amazonaws.com{suffix}", aws.region));
    let body = format!("Action={OPERATION}&Version=2016-11-15&{filter}");
    let mut request = post_json(parse_url(&url).map_err(|error| failed(&error))?, FORM, body);
    let provider = aws.sdk.credentials_provider();
    let provider = provider.ok_or_else(|| failed(&super::NoRegion))?;
    let credentials = provider.provide_credentials().await.map_err(|error| failed(&error))?;
    sign(&mut request, &credentials, &aws.region, "ec2", SystemTime::now())
        .map_err(|error| failed(&error))?;
    let http = Http::new().map_err(|error| failed(&error))?;
    let begun = Instant::now();
    let answer = http.exchange(request, LIMIT).await;
    if let Some(log) = &aws.call_log {
        log.tell(SERVICE, OPERATION, answer.as_ref().ok().map(|answer| answer.status.as_u16()), begun);
    }
    answer.map_err(|error| failed(&error))
}
