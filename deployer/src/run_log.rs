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
    /// Whether somebody asked for it; earlier versions of the function don't tell.
    pub by_hand: bool,
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
    streams: HashMap<String, Stream>,
}

/// What a stream has told so far.
#[derive(Debug, Default)]
struct Stream {
    /// The request that has started last.
    request: Option<String>,
    /// The one that has ended last.
    ended: Option<String>,
    /// Whether somebody asked for the run that is under way.
    by_hand: bool,
    /// What belongs to that run.
    lines: Vec<String>,
}

impl Reader {
    /// The runs that end with these lines, which are in order within each stream.
    pub fn read(&mut self, lines: impl IntoIterator<Item = Line>) -> Vec<LoggedRun> {
        let mut runs: Vec<LoggedRun> = Vec::new();
        // Which of them is a stream's last.
        let mut last: HashMap<String, usize> = HashMap::new();
        for Line { id: _, stream: name, at, text } in lines {
            let stream = self.streams.entry(name.clone()).or_default();
            if let Some(rest) = text.strip_prefix("START ") {
                (stream.request, stream.by_hand) = (request(rest), false);
                stream.lines.clear();
            }
            match serde_json::from_str::<Told>(&text).map(|told| told.message).as_deref() {
                // A check is no run: its lines are nobody's.
                Ok("check made") => {
                    stream.by_hand = false;
                    stream.lines.clear();
                    continue;
                }
                Ok("asked by hand") => stream.by_hand = true,
                _ => {}
            }
            stream.lines.extend(text.trim_end().lines().map(str::to_owned));
            let Some(end) = end(&text) else { continue };
            let (by_hand, lines) = (std::mem::take(&mut stream.by_hand), std::mem::take(&mut stream.lines));
            let request = request(&text).or_else(|| stream.request.clone());
            // A start that fails is tried again, and a run that fails may end its process too: one run, whose digest counts.
            let again = request.is_some() && stream.ended == request;
            stream.ended = request;
            let earlier = last.get(&name).filter(|_| again).and_then(|index| runs.get_mut(*index));
            match (earlier, end) {
                (Some(run), end) => {
                    run.by_hand |= by_hand;
                    run.lines.extend(lines);
                    if let End::Made(_) = end {
                        (run.at, run.end) = (at, end);
                    }
                }
                // Told with an earlier portion.
                (None, End::Failed(_)) if again => {}
                (None, end) => {
                    last.insert(name, runs.len());
                    runs.push(LoggedRun { at, end, by_hand, lines });
                }
            }
        }
        runs.sort_by_key(|run| run.at);
        runs
    }
}

/// The request that a line of Lambda's begins with.
fn request(text: &str) -> Option<String> {
    text.strip_prefix("RequestId: ")?.split_whitespace().next().map(str::to_owned)
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
    // Lambda's own words, the error's type on a line of its own below them: `TIME ID Task timed out after 60.00 seconds`,
    // `RequestId: ID Error: Runtime exited with error: …`, `RequestId: ID Error: fork/exec …`
    let line = text.lines().next()?;
    let crash = line.strip_prefix("RequestId: ").and_then(|rest| Some(rest.split_once(" Error: ")?.1));
    let known = || {
        let words = ["Task timed out after ", "Runtime exited "];
        words.iter().find_map(|words| line.get(line.find(words)?..))
    };
    crash.or_else(known).map(|why| End::Failed(why.trim_end().to_owned()))
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
    fn a_function_that_cannot_start_ends_with_lambdas_words_in_one_line() {
        let failed = |text: &str| match Reader::default().read(lines("a", &[text])).pop() {
            Some(LoggedRun { end: End::Failed(why), lines, .. }) => (why, lines.len()),
            other => panic!("{other:?}"),
        };
        for (text, why) in [
            (
                "RequestId: 1 Error: fork/exec /var/task/bootstrap: exec format error\nRuntime.InvalidEntrypoint",
                "fork/exec /var/task/bootstrap: exec format error",
            ),
            (
                "RequestId: 1 Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap]\nRuntime.InvalidEntrypoint",
                "Couldn't find valid bootstrap(s): [/var/task/bootstrap]",
            ),
            (
                "RequestId: 1 Error: Runtime exited with error: exit status 101\nRuntime.ExitError",
                "Runtime exited with error: exit status 101",
            ),
        ] {
            assert_eq!(failed(text), (why.to_owned(), 2));
        }
    }

    #[test]
    fn several_ends_of_a_request_are_one_run_whose_digest_counts() {
        let (start, killed) =
            ("START RequestId: 1", "RequestId: 1 Error: Runtime exited with error: exit status 1");
        let error = r#"{"level":"ERROR","message":"HttpError: no"}"#;
        let ends = |texts: &[&str]| {
            let runs = Reader::default().read(lines("a", texts));
            Vec::from_iter(runs.into_iter().map(|run| match run.end {
                End::Made(made) => made.day,
                End::Failed(why) => why,
            }))
        };
        let exited = "Runtime exited with error: exit status 1";
        for (texts, expected) in [
            (&[killed, start, killed][..], &[exited][..]),
            (&[killed, start, MADE], &["2018-12-09"]),
            (&[start, MADE, killed], &["2018-12-09"]),
            (&[start, error, killed], &["HttpError: no"]),
            (&[start, killed, "START RequestId: 2", MADE], &[exited, "2018-12-09"]),
            // Nothing tells whose they are.
            (&[MADE, MADE], &["2018-12-09", "2018-12-09"]),
        ] {
            assert_eq!(ends(texts), expected, "{texts:?}");
        }
        let mut reader = Reader::default();
        let mut count = |texts: &[&str]| reader.read(lines("a", texts)).len();
        assert_eq!([count(&[killed]), count(&[start, killed]), count(&[start, MADE])], [1, 0, 1]);
    }

    #[test]
    fn a_check_is_no_run_and_leaves_no_line_to_the_next_one() {
        let check = r#"{"level":"INFO","message":"check made","failed":"[]","duration_ms":212}"#;
        let warning = r#"{"level":"WARN","message":"counting again without samples of log lines"}"#;
        let runs = Reader::default().read(lines("a", &[warning, check, MADE]));
        assert_eq!(runs.iter().map(|run| run.lines.clone()).collect::<Vec<_>>(), [[MADE]]);
    }

    #[test]
    fn a_run_that_somebody_asked_for_is_known_by_its_first_line() {
        let asked = r#"{"level":"INFO","message":"asked by hand","dry_run":true,"check":true}"#;
        let check = r#"{"level":"INFO","message":"check made","failed":"[]","duration_ms":212}"#;
        let timeout = "2018-12-11T01:16:00Z 3 Task timed out after 60.00 seconds";
        let by_hand = |texts: &[&str]| {
            let runs = Reader::default().read(lines("a", texts));
            Vec::from_iter(runs.into_iter().map(|run| run.by_hand))
        };
        let start = "START RequestId: 2";
        assert_eq!(by_hand(&[asked, timeout, start, MADE]), [true, false]);
        assert_eq!(by_hand(&[asked, check, MADE]), [false]);
        assert_eq!(by_hand(&[asked, start, MADE]), [false], "it never ended");
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
