//! The time that a whole run may take. With `retry`, the only place that waits for a clock.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::{Instant, sleep_until, timeout_at};

/// What a run may take if nobody says otherwise.
const DEFAULT: Duration = Duration::from_secs(600);
/// What it may be given: no run takes longer, and clocks reach no further than they do.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// What steps that are under way may still take once the time is up: a request with its answer, not a wait.
pub const GRACE: Duration = Duration::from_secs(30);

/// When a run has to end.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    limit: Duration,
    at: Instant,
}

/// The time is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time of this run is up ({})", told(.0))]
pub struct OutOfTime(pub Duration);

impl Deadline {
    /// Of a run that begins now, and may take as long as was said, if anything was.
    pub fn of_a_run(limit: Option<Duration>) -> Self {
        Self::after(limit.unwrap_or(DEFAULT))
    }

    /// From now.
    pub fn after(limit: Duration) -> Self {
        Self { limit, at: Instant::now() + limit }
    }

    /// Later by this, which counts as the run's own time.
    #[must_use]
    pub fn extended(self, by: Duration) -> Self {
        Self { limit: self.limit + by, at: self.at + by }
    }

    /// Later by this, which was somebody else's time.
    #[must_use]
    pub fn without(self, elsewhere: Duration) -> Self {
        Self { at: self.at + elsewhere, ..self }
    }

    /// The work, if it ends in time.
    ///
    /// # Errors
    /// If it doesn't: it is dropped where it stands.
    pub async fn hold<T>(&self, work: impl Future<Output = T>) -> Result<T, OutOfTime> {
        timeout_at(self.at, work).await.map_err(|_| OutOfTime(self.limit))
    }

    /// The work, if it ends in time or [`GRACE`] later.
    ///
    /// # Errors
    /// If it doesn't: it is dropped where it stands.
    pub async fn cut<T>(&self, work: impl Future<Output = T>) -> Result<T, OutOfTime> {
        timeout_at(self.at + GRACE, work).await.map_err(|_| OutOfTime(self.limit + GRACE))
    }

    /// Comes when the time is up.
    pub async fn passed(&self) -> OutOfTime {
        sleep_until(self.at).await;
        OutOfTime(self.limit)
    }
}

/// Reads `10m`, `1h 30m`, `90s` or `PT10M`.
///
/// # Errors
/// What is no duration, and no time at all.
pub fn parse(text: &str) -> Result<Duration, String> {
    let duration = text.parse::<SignedDuration>();
    let duration = duration.map_err(|_| "must be a time such as `90s`, `10m` or `1h 30m`".to_owned())?;
    match Duration::try_from(duration) {
        Ok(duration) if duration > LONGEST => Err("must be at most a day".to_owned()),
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("must be more than nothing".to_owned()),
    }
}

/// As people write it.
fn told(duration: &Duration) -> String {
    SignedDuration::try_from(*duration).map_or_else(|_| format!("{duration:?}"), |told| format!("{told:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_and_iso_8601_write_them() {
        for (text, seconds) in
            [("10m", 600), ("1h 30m", 5400), ("90s", 90), ("PT10M", 600), ("2 minutes", 120)]
        {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "10", "0s", "-5m", "soon", "1 month", "25h", "2562047788015215h"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(OutOfTime(Duration::from_secs(3330)).to_string(), "the time of this run is up (55m 30s)");
    }

    #[tokio::test(start_paused = true)]
    async fn reading_ends_with_the_time_and_what_is_under_way_some_seconds_later() {
        let deadline = Deadline::after(Duration::from_secs(60));
        let work = |seconds| tokio::time::sleep(Duration::from_secs(seconds));
        assert_eq!(deadline.hold(work(59)).await, Ok(()));
        assert_eq!(deadline.hold(work(10)).await, Err(OutOfTime(Duration::from_secs(60))));
        // The time is up by now.
        assert_eq!(deadline.cut(work(20)).await, Ok(()));
        assert_eq!(deadline.cut(work(3600)).await, Err(OutOfTime(Duration::from_secs(90))));
        assert_eq!(Instant::now(), deadline.at + GRACE);
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_of_an_answer_is_not_the_runs() {
        let deadline = Deadline::after(Duration::from_secs(60));
        let asked = Instant::now();
        tokio::time::sleep(Duration::from_secs(3600)).await;
        let deadline = deadline.without(asked.elapsed()).extended(Duration::from_secs(5));
        assert_eq!(deadline.passed().await, OutOfTime(Duration::from_secs(65)));
        assert_eq!(asked.elapsed(), Duration::from_secs(3665));
    }
}
