//! What became of a message, as text for people. Pure: gives strings.

use jiff::tz::TimeZone;

use super::Preview;
use super::text::{DIM, GREEN, RED, YELLOW, paint};
use crate::aws::Invoked;
use crate::run_log::{End, LoggedRun, Made};

/// What became of a preview.
pub fn fate(preview: &Preview<'_>) -> String {
    let Preview { outcome, payload: _, sample, only_payload: _ } = preview;
    match (outcome.posted, sample) {
        (true, _) => format!("The digest of {} is in Slack.\n", outcome.day),
        (false, true) => paint(YELLOW, "All counts are invented; nothing was posted.") + "\n",
        (false, false) => paint(DIM, "Nothing was posted; `--post` does.") + "\n",
    }
}

/// A run of the deployed function: its log, what became of the message, and what it took.
pub fn run(invoked: &Invoked) -> String {
    let Invoked { answer, failed, duration, memory, log } = invoked;
    let log = String::from_iter(log.lines().map(|line| paint(DIM, line) + "\n"));
    let day = answer["day"].as_str().unwrap_or("the day");
    let fate = match answer["posted"].as_bool() {
        _ if *failed => String::new(),
        Some(true) => format!("The digest of {day} is in Slack.\n"),
        Some(false) => format!("Nothing was posted of {day}; `--post` does.\n"),
        None => paint(YELLOW, "The function's answer isn't that of this version.") + "\n",
    };
    let memory = memory.map(|memory| format!(", {memory} MB of memory")).unwrap_or_default();
    format!("{log}{fate}It took {} ms{memory}.\n", duration.as_millis())
}

/// A run of the log in one line; in detail, with all that it logged.
pub fn logged(run: &LoggedRun, zone: &TimeZone, detail: bool) -> String {
    let LoggedRun { at, end, by_hand: _, lines } = run;
    let at = at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let line = match end {
        End::Made(made) => {
            let fate = match made.why_not() {
                None => paint(GREEN, "posted"),
                Some(why) => paint(YELLOW, format!("not posted: {why}")),
            };
            format!("{at}  of {}: {}  {fate}  {} ms", made.day, counts(made), made.duration_ms)
        }
        End::Failed(why) => format!("{at}  {} {why}", paint(RED, "failed:")),
    };
    let lines = lines.iter().filter(|_| detail).map(|line| format!("    {}\n", paint(DIM, line)));
    format!("{line}\n{}", String::from_iter(lines))
}

/// What was counted: `total 48, Fatal 40, Warning 9`.
pub fn counts(made: &Made) -> String {
    let levels = made.levels().into_iter().map(|(level, count)| format!(", {level} {count}"));
    format!("total {}{}", made.total, String::from_iter(levels))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::run_log::{Line, Reader};

    #[test]
    fn a_run_is_one_line_in_the_readers_time_and_more_on_request() {
        let line = |stream: &str, text: &str| Line {
            id: String::new(),
            stream: stream.to_owned(),
            at: "2018-12-10T01:15:02Z".parse().unwrap(),
            text: text.to_owned(),
        };
        let made = r#"{"level":"INFO","message":"digest made","day":"2018-12-09","total":48,"levels":"{\"Fatal\": 40, \"Warning\": 9}","posted":POSTED,"quiet":QUIET,"duration_ms":512}"#;
        let made = |posted, quiet| made.replace("POSTED", posted).replace("QUIET", quiet);
        let lines = [
            line("a", &made("true", "false")),
            line("b", &made("false", "true")),
            line("c", "RequestId: 1 Error: Runtime exited with error: signal: killed"),
        ];
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let runs = Reader::default().read(lines);
        let told = String::from_iter(runs.iter().enumerate().map(|(n, run)| logged(run, &zone, n == 2)));
        assert_snapshot!(anstream::adapter::strip_str(&told), @"
        2018-12-10 10:15  of 2018-12-09: total 48, Fatal 40, Warning 9  posted  512 ms
        2018-12-10 10:15  of 2018-12-09: total 48, Fatal 40, Warning 9  not posted: nothing to count  512 ms
        2018-12-10 10:15  failed: Runtime exited with error: signal: killed
            RequestId: 1 Error: Runtime exited with error: signal: killed
        ");
    }
}
