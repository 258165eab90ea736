//! Any number of log lines, evenly over two weeks: what they hold is known without remembering them.

use jiff::Timestamp;
use serde_json::{Value, json};
use tanets_sandbox::{PeerError, SearchServer};

/// The day that is counted: the last of the two weeks.
pub const DAY: &str = "2024-06-14";
/// The levels that are counted.
pub const LEVELS: [&str; 3] = ["Fatal", "Error", "Warning"];

/// 2024-06-01T00:00:00Z, in milliseconds.
const START: u64 = 1_717_200_000_000;
const DAYS: u64 = 14;
const DAY_MS: u64 = 86_400_000;
/// The level of a line, by its number.
const CYCLE: [&str; 8] = ["Info", "Error", "Info", "Warning", "Info", "Fatal", "Warning", "Info"];

/// So many lines.
pub struct Logs {
    pub documents: u64,
}

impl Logs {
    /// Puts them into an index of their own and returns its name.
    ///
    /// # Errors
    /// If the server refuses it.
    pub fn load(&self, server: &SearchServer) -> Result<String, PeerError> {
        let index = format!("bench-{}", self.documents);
        let mappings = json!({"properties": {
            "@timestamp": {"type": "date"},
            "level": {"type": "keyword"},
            "message": {"type": "text"},
        }});
        server.create_index(&index, &mappings)?;
        server.bulk(&index, (0..self.documents).map(|number| self.line(number)))?;
        Ok(index)
    }

    /// How many of them are of the levels, on the day.
    pub fn counted(&self) -> u64 {
        let begin = START + (DAYS - 1) * DAY_MS;
        // Only the last fourteenth and a little more needs to be looked at.
        let first = self.documents * (DAYS - 1) / DAYS;
        let ours = |number: &u64| self.time(*number) >= begin && level(*number) != "Info";
        (first.saturating_sub(1)..self.documents).filter(ours).count() as u64
    }

    fn time(&self, number: u64) -> u64 {
        START + DAYS * DAY_MS * number / self.documents
    }

    fn line(&self, number: u64) -> Value {
        let time = Timestamp::from_millisecond(self.time(number) as i64).unwrap_or_default();
        let message = format!(
            "request {number:08x} of user-{} to /orders/{} failed after {} ms: connection to 10.0.{}.{} was reset by peer",
            number % 9973,
            number % 100_003,
            number % 2999,
            number % 199,
            number % 251,
        );
        json!({"@timestamp": time.to_string(), "level": level(number), "message": message})
    }
}

fn level(number: u64) -> &'static str {
    CYCLE[(number % CYCLE.len() as u64) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_what_a_look_at_every_line_counts() {
        for documents in [100, 1000, 12_345] {
            let logs = Logs { documents };
            let lines = (0..documents).map(|number| logs.line(number));
            let ours = lines.filter(|line| {
                line["@timestamp"].as_str().unwrap().starts_with(DAY) && line["level"] != "Info"
            });
            assert_eq!(logs.counted(), ours.count() as u64);
        }
    }
}
