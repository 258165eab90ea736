//! One run of a deployed function, now, and what Lambda tells of it.

use std::time::{Duration, Instant};

use aws_sdk_lambda::config::Config;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::LogType;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::{Aws, Error, Explain};

/// What may pass between the function's limit and Lambda's answer: the start of a container in a VPC, and the way.
const START: Duration = Duration::from_secs(30);

/// A run as Lambda tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Invoked {
    /// The function's answer, or its error.
    pub answer: Value,
    /// Whether that is an error.
    pub failed: bool,
    /// How long it took: as Lambda says, or seen from here.
    pub duration: Duration,
    /// The most memory that it used, in MB, if Lambda says so.
    pub memory: Option<u64>,
    /// The end of its log: 4 KB at most, so that the first line may be cut.
    pub log: String,
}

impl Invoked {
    /// Why the run failed, if it did: Lambda's `errorType` and `errorMessage`.
    pub fn error(&self) -> Option<(String, String)> {
        let text = |key: &str| self.answer[key].as_str().unwrap_or("unknown").to_owned();
        self.failed.then(|| (text("errorType"), text("errorMessage")))
    }
}

impl Aws {
    /// Runs a function once and waits for its end. `limit` is the function's own timeout.
    ///
    /// # Errors
    /// If there was no run, or nobody can tell. A run that failed is no error here.
    pub async fn invoke(&self, function: &str, event: &Value, limit: Duration) -> Result<Invoked, Error> {
        // Asked once: a run whose answer was lost may have posted its message.
        let once = Config::builder()
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(limit + START).build());
        let payload = Blob::new(event.to_string());
        let call = self.lambda.invoke().function_name(function).log_type(LogType::Tail).payload(payload);
        let started = Instant::now();
        let answer = call.customize().config_override(once).send().await.explain("lambda:InvokeFunction")?;
        let elapsed = started.elapsed();
        let log = answer.log_result().and_then(|log| BASE64_STANDARD.decode(log).ok()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        let payload = answer.payload().map(Blob::as_ref).unwrap_or_default();
        Ok(Invoked {
            answer: serde_json::from_slice(payload).unwrap_or_default(),
            failed: answer.function_error().is_some(),
            duration: reported(&log, "Duration: ").map_or(elapsed, |ms| Duration::from_secs_f64(ms / 1000.0)),
            memory: reported(&log, "Max Memory Used: ").map(|megabytes| megabytes as u64),
            log,
        })
    }
}

/// A number of the line that ends a run: `REPORT RequestId: …\tDuration: 51.3 ms\tBilled Duration: …`.
fn reported(log: &str, name: &str) -> Option<f64> {
    let report = log.lines().rev().find(|line| line.starts_with("REPORT "))?;
    let value = report.split('\t').find_map(|part| part.trim().strip_prefix(name))?;
    value.split(' ').next()?.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_and_memory_are_read_from_lambdas_last_line() {
        let log = "START RequestId: 1 Version: $LATEST\n{\"level\":\"INFO\"}\nEND RequestId: 1\nREPORT RequestId: 1\t\
                   Duration: 51.32 ms\tBilled Duration: 93 ms\tMemory Size: 128 MB\tMax Memory Used: 24 MB\tInit Duration: 41.2 ms\t\n";
        assert_eq!(reported(log, "Duration: "), Some(51.32));
        assert_eq!(reported(log, "Max Memory Used: "), Some(24.0));
        assert_eq!(reported("Duration: 5 ms", "Duration: "), None, "a line of the function's own");
        assert_eq!(reported("REPORT x\tDuration: -5 ms", "Duration: "), None);
    }
}
