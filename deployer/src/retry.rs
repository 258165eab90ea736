//! Trying again with back-off until a deadline: the only place that sleeps.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use crate::resource::Progress;

/// How long a new role, its policies and a KMS grant may take to be seen by Lambda. Reports say 5 to 30 s,
/// other tools wait 45 to 900 s.
pub const PROPAGATION: Duration = Duration::from_secs(180);
/// How long a role's new rights may be unknown to those that the function asks, after all the time that Lambda took.
pub const RIGHTS: Duration = Duration::from_secs(20);
/// How long Lambda may take to settle after a write: a VPC's network interfaces take minutes.
pub const SETTLING: Duration = Duration::from_secs(600);
/// How long detached policies and removed targets may still be in the way of a deletion.
pub const DELETION: Duration = Duration::from_secs(120);
/// How long Lambda may take to remove a function's network interfaces. Its team's P99 is 35 min, Terraform waits
/// 45 min; mostly it is 20.
pub const NETWORK_INTERFACES: Duration = Duration::from_secs(45 * 60);
/// How long a service that is asked by hand may throttle or be away; the SDK's eight attempts take as long.
pub const BY_HAND: Duration = Duration::from_secs(20);
/// How long somebody else's change of the same resource may be in the way.
pub const CONCURRENCY: Duration = Duration::from_secs(60);

/// Between two looks at a log that somebody follows. CloudWatch takes ten requests a second, and shows a line seconds
/// after it was written.
const LOOK: Duration = Duration::from_secs(5);

/// Comes when it is time to look again.
pub async fn until_the_next_look() {
    tokio::time::sleep(LOOK).await;
}

/// Calls `operation` until it succeeds, fails with an error that `waiting` doesn't know, or `window` is over;
/// then gives the last error. `waiting` says what an error is waiting for.
///
/// # Errors
/// The last error of `operation`.
pub async fn until<T, E, F>(
    window: Duration,
    waiting: impl Fn(&E) -> Option<String>,
    progress: Progress<'_>,
    operation: impl FnMut() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let backoff = ExponentialBuilder::default()
        // Lambda settles in half a second, or in minutes in a VPC: early looks are cheap, late ones are rare.
        .with_min_delay(Duration::from_millis(100))
        .with_factor(1.25)
        .with_max_delay(Duration::from_secs(5))
        .without_max_times()
        .with_total_delay(Some(window));
    operation
        .retry(backoff)
        .when(|error| waiting(error).is_some())
        .notify(|error, _| progress(waiting(error).unwrap_or_default()))
        .await
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn tries_again_only_what_is_worth_waiting_for() {
        let told = Mutex::new(Vec::new());
        let mut tries = 0;
        let result: Result<(), &str> = until(
            PROPAGATION,
            |error| (*error == "not yet").then(|| "waiting for the role".to_owned()),
            &|text| told.lock().unwrap().push(text),
            || {
                tries += 1;
                std::future::ready(Err(if tries < 3 { "not yet" } else { "refused" }))
            },
        )
        .await;
        assert_eq!(result, Err("refused"));
        assert_eq!(told.into_inner().unwrap(), ["waiting for the role"; 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn gives_up_at_the_deadline_with_the_last_error() {
        let begun = tokio::time::Instant::now();
        let result: Result<(), &str> =
            until(PROPAGATION, |_| Some(String::new()), &|_| (), || std::future::ready(Err("not yet"))).await;
        assert_eq!(result, Err("not yet"));
        let waited = begun.elapsed().as_secs();
        assert!((150..=190).contains(&waited), "{waited} s");
    }
}
