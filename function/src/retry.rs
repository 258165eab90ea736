//! Back-off with a deadline. The only place that sleeps.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How often and until when something is tried again.
#[derive(Debug)]
pub struct Retry {
    deadline: Instant,
    left: u32,
    pause: Duration,
}

impl Retry {
    /// Allows this many further attempts before the deadline. Pauses start at 300 ms and double. They are not
    /// spread at random: a function that runs once a day has nobody to collide with.
    pub fn new(further_attempts: u32, deadline: Instant) -> Self {
        Self { deadline, left: further_attempts, pause: Duration::from_millis(300) }
    }

    /// Waits for the next attempt, at least as long as the server asked for. False, without waiting, when no
    /// attempt is left or the deadline would pass.
    pub async fn again(&mut self, at_least: Option<Duration>) -> bool {
        let pause = self.pause.max(at_least.unwrap_or_default());
        if self.left == 0 || self.remaining() <= pause {
            return false;
        }
        self.left -= 1;
        self.pause *= 2;
        sleep(pause).await;
        true
    }

    /// The time to the deadline.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_ends_by_count_and_by_deadline() {
        let mut retry = Retry::new(1, Instant::now() + Duration::from_secs(60));
        assert!(retry.again(None).await);
        assert!(!retry.again(None).await, "one further attempt was allowed");
        let mut retry = Retry::new(9, Instant::now() + Duration::from_secs(1));
        assert!(!retry.again(Some(Duration::from_secs(30))).await, "the server asks for more than there is");
    }
}
