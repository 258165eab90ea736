//! The function's log as runs: what went out on which day, or why not. Pure; reads what the function, its runtime and
//! Lambda write, and skips what it doesn't know.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::Deserialize;

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// CloudWatch's id of it: tells two lines apart that say the same at the same time. Emulators have none.
    pub id: String,
    /// The log stream: one container, one run at a time.
    pub stream: String,
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub text: String,
}

/// A run that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedRun {
    /// When it ended.
    pub at: Timestamp,
    /// What came of it.
    pub end: End,
    /// All that it logged until then.
    pub lines: Vec<String>,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// A digest was made.
    Made(Made),
    /// There is none, and why.
    Failed(String),
}

/// The line that a run with a digest ends with.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Made {
    /// The day that was counted.
    pub day: String,
    /// Log lines of any level.
    pub total: u64,
    /// The same by level, as the function writes it.
    levels: String,
    /// Whether a message is in Slack.
    pub posted: bool,
    /// Whether the settings wanted no message.
    #[serde(default)]
    pub quiet: bool,
    /// Whether nobody wanted it posted.
    #[serde(default)]
    pub dry_run: bool,
    /// In milliseconds.
    pub duration_ms: u64,
}

impl Made {
    /// Log lines by level; none where a level's name isn't plain text.
    pub fn levels(&self) -> BTreeMap<String, u64> {
        serde_json::from_str(&self.levels).unwrap_or_default()
    }

    /// Why nothing was posted.
    pub fn why_not(&self) -> Option<&'static str> {
        match self {
            Self { posted: true, .. } => None,
            Self { quiet: true, .. } => Some("nothing to count"),
            Self { dry_run: true, .. } => Some("a dry run"),
            _ => Some("unknown"),
        }
    }
}

/// What a line of the function's own has.
#[derive(Deserialize)]
struct Told {
    level: String,
    message: String,
}

/// Reads lines, in any portions, and gives the runs that have ended.
#[derive(Debug, Default)]
pub struct Reader {
    /// What belongs to the run that is under way, by stream.
    open: HashMap<String, Vec<String>>,
}

impl Reader {
    /// The runs that end with these lines, which are in order within each stream.
    pub fn read(&mut self, lines: impl IntoIterator<Item = Line>) -> Vec<LoggedRun> {
        let mut runs = Vec::new();
        for Line { id: _, stream, at, text } in lines {
            let open = self.open.entry(stream).or_default();
            if text.starts_with("START RequestId: ") {
                open.clear();
            }
            // A check is no run: its lines are nobody's.
            if serde_json::from_str::<Told>(&text).is_ok_and(|told| told.message == "check made") {
                open.clear();
                continue;
            }
            open.push(text.trim_end().to_owned());
            if let Some(end) = end(&text) {
                runs.push(LoggedRun { at, end, lines: std::mem::take(open) });
            }
        }
        runs.sort_by_key(|run| run.at);
        runs
    }
}

fn end(text: &str) -> Option<End> {
    if let Ok(told) = serde_json::from_str::<Told>(text) {
        let made = || serde_json::from_str(text).ok().map(End::Made);
        return match (told.level.as_str(), told.message.as_str()) {
            (_, "digest made") => made(),
            ("ERROR", _) => Some(End::Failed(told.message)),
            _ => None,
        };
    }
    // Lambda's own words: `TIME ID Task timed out after 60.00 seconds`, `RequestId: ID Error: Runtime exited with error: …`
    let words = ["Task timed out after ", "Runtime exited "];
    let start = words.iter().find_map(|words| text.find(words))?;
    Some(End::Failed(text[start..].trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(stream: &str, texts: &[&str]) -> Vec<Line> {
        let line = |(second, text): (usize, &&str)| Line {
            id: format!("{stream}{second}"),
            stream: stream.to_owned(),
            at: Timestamp::from_second(second as i64).unwrap(),
            text: format!("{text}\n"),
        };
        texts.iter().enumerate().map(line).collect()
    }

    const MADE: &str = r#"{"level":"INFO","message":"digest made","day":"2018-12-09","total":48,"levels":"{\"Fatal\": 40, \"Warning\": 9}","posted":true,"quiet":false,"dry_run":false,"duration_ms":512,"took_ms":3}"#;

    #[test]
    fn each_run_ends_once_whatever_ended_it() {
        let mut reader = Reader::default();
        let runs = reader.read(lines(
            "a",
            &[
                "INIT_START Runtime Version: provided:al2023.v1",
                "START RequestId: 1 Version: $LATEST",
                r#"{"level":"WARN","message":"posting again without charts, tables and buttons"}"#,
                MADE,
                "END RequestId: 1",
                "REPORT RequestId: 1\tDuration: 513.00 ms",
                "START RequestId: 2 Version: $LATEST",
                r#"{"level":"ERROR","message":"SearchError: the logs of 2018-12-10 cannot be counted: no connection"}"#,
                "REPORT RequestId: 2\tDuration: 9.00 ms\tStatus: error",
                "START RequestId: 3 Version: $LATEST",
                "2018-12-11T01:16:00Z 3 Task timed out after 60.00 seconds",
                "START RequestId: 4 Version: $LATEST",
                "RequestId: 4 Error: Runtime exited with error: signal: killed",
                "START RequestId: 5 Version: $LATEST",
            ],
        ));
        let told = runs.iter().map(|run| match &run.end {
            End::Made(made) => format!("{} {} {:?}", made.day, made.total, made.levels()),
            End::Failed(why) => why.clone(),
        });
        assert_eq!(
            Vec::from_iter(told),
            [
                "2018-12-09 48 {\"Fatal\": 40, \"Warning\": 9}",
                "SearchError: the logs of 2018-12-10 cannot be counted: no connection",
                "Task timed out after 60.00 seconds",
                "Runtime exited with error: signal: killed",
            ]
        );
        assert_eq!(runs[0].lines.len(), 3, "from its start: {:?}", runs[0].lines);
    }

    #[test]
    fn a_run_may_come_in_portions_and_beside_others() {
        let mut reader = Reader::default();
        assert_eq!(reader.read(lines("a", &["START RequestId: 1"])), []);
        let (one, other) = (lines("b", &["START RequestId: 2", MADE]), lines("a", &[MADE]));
        let runs = reader.read(one.into_iter().chain(other));
        assert_eq!(runs.iter().map(|run| run.lines.len()).collect::<Vec<_>>(), [2, 2]);
    }

    #[test]
    fn a_check_is_no_run_and_leaves_no_line_to_the_next_one() {
        let check = r#"{"level":"INFO","message":"check made","failed":"[]","duration_ms":212}"#;
        let warning = r#"{"level":"WARN","message":"counting again without samples of log lines"}"#;
        let runs = Reader::default().read(lines("a", &[warning, check, MADE]));
        assert_eq!(runs.iter().map(|run| run.lines.clone()).collect::<Vec<_>>(), [[MADE]]);
    }

    #[test]
    fn why_nothing_was_posted_is_told_as_far_as_the_function_does() {
        let made = |changes: &str| match end(
            &MADE.replace(r#""posted":true,"quiet":false,"dry_run":false"#, changes)
        ) {
            Some(End::Made(made)) => made.why_not(),
            other => panic!("{other:?}"),
        };
        assert_eq!(made(r#""posted":true"#), None);
        assert_eq!(made(r#""posted":false,"quiet":true,"dry_run":false"#), Some("nothing to count"));
        assert_eq!(made(r#""posted":false,"quiet":false,"dry_run":true"#), Some("a dry run"));
        assert_eq!(made(r#""posted":false"#), Some("unknown"), "an earlier version's");
    }
}
