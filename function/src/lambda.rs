//! The Lambda runtime around the library: log, deadline, error type. Decides nothing about digests.

use std::env;
use std::fmt;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lambda_runtime::tracing::subscriber::filter::LevelFilter;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;

use crate::environment::Environment;
use crate::error::chain;
use crate::run::{Answer, Function, RunError};
use crate::settings::Settings;

/// Time kept back from Lambda's deadline, so that the function ends with an error of its own.
const RESERVE: Duration = Duration::from_millis(500);
/// The time for a run under a runtime that names no deadline, as some emulators do.
const NO_DEADLINE: Duration = Duration::from_secs(60);

impl From<RunError> for Diagnostic {
    fn from(error: RunError) -> Self {
        Self { error_type: error.kind().to_owned(), error_message: told(&error) }
    }
}

/// The error with its causes and its hint, in one line.
fn told(error: &RunError) -> String {
    let hint = error.hint().map(|hint| format!("; hint: {hint}")).unwrap_or_default();
    format!("{}{hint}", chain(error))
}

/// A failed run as the runtime sees it: it logs the `Debug` form, which therefore is the one for people.
struct Failure(RunError);

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind(), told(&self.0))
    }
}

impl From<Failure> for Diagnostic {
    fn from(Failure(error): Failure) -> Self {
        error.into()
    }
}

/// Serves invocations for the container's life. Before the first one nothing is read but the log's level: start-up
/// is billed, and an error in the settings is better told as the error of an invocation.
pub async fn serve() -> Result<(), lambda_runtime::Error> {
    crate::version::keep_mark();
    let level = env::var("AWS_LAMBDA_LOG_LEVEL").ok().and_then(|level| level.parse().ok());
    lambda_runtime::tracing::subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_current_span(false)
        .with_span_list(false)
        .without_time()
        .with_max_level(level.unwrap_or(LevelFilter::INFO))
        .init();
    let function = OnceLock::new();
    let handler = async |event| answer(&function, event).await.map_err(Failure);
    lambda_runtime::run(service_fn(handler)).await
}

/// Whether somebody asked for this run: no schedule's event has any of these keys.
fn is_by_hand(event: &Value) -> bool {
    ["date", "dry_run", "check"].iter().any(|key| !event[key].is_null())
}

async fn answer(function: &OnceLock<Function>, event: LambdaEvent<Value>) -> Result<Answer, RunError> {
    let asked = &event.payload;
    if is_by_hand(asked) {
        // First of all: whatever ends the run, `tanets status` takes it for no run of the schedule.
        let (day, dry_run, check) =
            (asked["date"].as_str(), asked["dry_run"].as_bool(), asked["check"].as_bool());
        tracing::info!(day, dry_run, check, "asked by hand");
    }
    let function = match function.get() {
        Some(function) => function,
        None => {
            let get = |name: &str| env::var(name).ok();
            let (settings, warnings) = Settings::from_env(get).map_err(RunError::Settings)?;
            for warning in warnings {
                tracing::warn!("{warning}");
            }
            function.get_or_init(|| Function::new(settings, Environment::from_env(get)))
        }
    };
    let left = event.context.deadline().duration_since(SystemTime::now());
    let time = left.ok().and_then(|left| left.checked_sub(RESERVE)).unwrap_or(NO_DEADLINE);
    let id = Some(event.context.request_id.as_str());
    function.answer(&event.payload, id, Timestamp::now(), time).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::search::SearchError;

    #[test]
    fn a_run_by_hand_is_told_from_the_schedules() {
        let scheduled =
            json!({ "id": "a", "source": "aws.events", "time": "2018-12-10T15:30:00Z", "detail": {} });
        assert!([scheduled, json!({}), Value::Null].iter().all(|event| !is_by_hand(event)));
        let asked = [json!({ "date": "2018-12-09" }), json!({ "dry_run": true }), json!({ "check": true })];
        assert!(asked.iter().all(is_by_hand));
    }

    #[test]
    fn a_failed_run_is_told_with_its_cause_and_hint_and_never_as_a_dump() {
        let error =
            || RunError::Search { day: jiff::civil::date(2018, 12, 9), source: SearchError::TimedOut };
        let told = "the logs of 2018-12-09 cannot be counted: the search ran out of time, its counts are too low; \
                    hint: the cluster is overloaded; the digest of this day can be made again later";
        let diagnostic = Diagnostic::from(Failure(error()));
        assert_eq!(
            (diagnostic.error_type.as_str(), diagnostic.error_message.as_str()),
            ("SearchError", told)
        );
        assert_eq!(format!("{:?}", Failure(error())), format!("SearchError: {told}"));
    }
}
