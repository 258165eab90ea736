//! Logs and clocks, and what they say of the digest.

use super::*;
use crate::run_log::{Line, Reader};

const DEPLOYED: Standing = Standing { since: None, deployed: true, disabled: false };

fn made(day: &str, posted: bool, dry_run: bool) -> String {
    format!(
        r#"{{"level":"INFO","message":"digest made","day":"{day}","total":15,"levels":"{{\"Fatal\": 3, \"Warning\": 12}}","posted":{posted},"quiet":{},"dry_run":{dry_run},"duration_ms":512}}"#,
        !posted && !dry_run
    )
}

/// Runs from when they ended and what they say.
fn log(lines: &[(&str, String)]) -> Vec<LoggedRun> {
    let line = |(n, (at, text)): (usize, &(&str, String))| Line {
        id: n.to_string(),
        stream: n.to_string(),
        at: at.parse().unwrap(),
        text: text.clone(),
    };
    Reader::default().read(lines.iter().enumerate().map(line))
}

fn judge(schedule: &str, now: &str, lines: &[(&str, String)], stack: Standing) -> Delivery {
    let schedule = Schedule::parse(schedule).unwrap();
    let zone = TimeZone::get("Asia/Tokyo").unwrap();
    let due = Due::before(now.parse().unwrap(), &schedule, &zone, 60);
    Delivery::judge(&due, log(lines), stack, Some(SignedDuration::from_hours(24 * 30)))
}

/// The fate, when it was due, and when the run ended that tells it.
fn told(delivery: &Delivery) -> (Fate, String, String) {
    let due = delivery.due.as_ref().map(|due| format!("{} of {}", due.at.strftime("%m-%d %H:%M"), due.day));
    let run = delivery.run.as_ref().map(|run| run.at.strftime("%m-%d %H:%M").to_string());
    (delivery.fate.clone(), due.unwrap_or_default(), run.unwrap_or_default())
}

const DAILY: &str = "cron(15 1 * * ? *)";
/// 11:30 in Tokyo, an hour and a quarter after the day's run was due.
const NOW: &str = "2026-11-22T02:30:00Z";

#[test]
fn the_last_run_that_was_due_tells_whether_the_digest_went_out() {
    let failed = || "RequestId: 1 Error: Runtime exited with error: signal: killed".to_owned();
    let yesterday = ("2026-11-21T01:15:03Z", made("2026-11-20", true, false));
    let today = "2026-11-22T01:15:03Z";
    let due = "11-22 10:15 of 2026-11-21";
    for (lines, fate, run) in [
        (vec![(today, made("2026-11-21", true, false))], Fate::Posted, "11-22 01:15"),
        (vec![(today, made("2026-11-21", false, false))], Fate::NotPosted, "11-22 01:15"),
        (vec![(today, failed())], Fate::Failed, "11-22 01:15"),
        // Somebody has sent it since.
        (
            vec![(today, failed()), ("2026-11-22T02:00:00Z", made("2026-11-21", true, false))],
            Fate::Posted,
            "11-22 02:00",
        ),
        // Dry runs and other days are nobody's digest of this day.
        (
            vec![(today, failed()), ("2026-11-22T02:00:00Z", made("2026-11-21", false, true))],
            Fate::Failed,
            "11-22 01:15",
        ),
        (vec![("2026-11-22T02:00:00Z", made("2026-11-19", true, false))], Fate::Missing, "11-22 02:00"),
        (vec![], Fate::Missing, "11-21 01:15"),
    ] {
        let lines = [vec![yesterday.clone()], lines].concat();
        let delivery = judge(DAILY, NOW, &lines, DEPLOYED);
        assert_eq!(told(&delivery), (fate, due.to_owned(), run.to_owned()), "{lines:?}");
        assert_eq!(delivery.since.to_string(), "2026-11-15T10:15:00+09:00[Asia/Tokyo]");
    }
}

#[test]
fn a_run_may_be_under_way_for_as_long_as_it_may_take() {
    let yesterday = [("2026-11-21T01:15:03Z", made("2026-11-20", true, false))];
    let delivery = judge(DAILY, "2026-11-22T01:19:59Z", &yesterday, DEPLOYED);
    assert_eq!(told(&delivery).0, Fate::Posted, "yesterday's");
    assert_eq!(delivery.under_way.unwrap().at.strftime("%d %H:%M").to_string(), "22 10:15");
    let delivery = judge(DAILY, "2026-11-22T01:20:00Z", &yesterday, DEPLOYED);
    assert_eq!((told(&delivery).0, delivery.under_way), (Fate::Missing, None));
    // Each minute one is under way; the log still has to show those of some minutes ago.
    let minutely = |end: &str| {
        let lines = [(end, made("2026-11-21", true, false))];
        told(&judge("cron(* * * * ? *)", NOW, &lines, DEPLOYED)).0
    };
    assert_eq!(minutely("2026-11-22T02:28:01Z"), Fate::Posted);
    assert_eq!(minutely("2026-11-22T02:22:01Z"), Fate::Missing);
}

#[test]
fn nothing_is_missing_from_before_the_stack_was_there_or_the_log_kept_it() {
    let stack = |since: &str| Standing { since: Some(since.parse().unwrap()), ..DEPLOYED };
    let fate = |schedule: &str, stack: Standing| told(&judge(schedule, NOW, &[], stack)).0;
    assert_eq!(fate(DAILY, stack("2026-11-22T01:15:01Z")), Fate::NotYet);
    assert_eq!(fate(DAILY, stack("2026-11-22T01:14:59Z")), Fate::Missing);
    assert_eq!(fate(DAILY, Standing { deployed: false, ..DEPLOYED }), Fate::NotDeployed);
    assert_eq!(fate(DAILY, Standing { disabled: true, ..DEPLOYED }), Fate::Disabled);
    // A month's log says nothing of January.
    assert_eq!(fate("cron(0 9 1 1 ? *)", DEPLOYED), Fate::NotYet);
    let lines = [("2026-11-22T01:15:03Z", made("2026-11-21", true, false))];
    let gone = Standing { deployed: false, disabled: true, ..DEPLOYED };
    assert_eq!(told(&judge(DAILY, NOW, &lines, gone)).0, Fate::Posted, "whatever happened since");
    // Deployed again since, with the old log; or run by hand before the first time.
    let younger = stack("2026-11-22T02:00:00Z");
    assert_eq!(told(&judge(DAILY, NOW, &lines, younger)).0, Fate::Posted);
    assert_eq!(told(&judge("rate(1 day)", NOW, &lines, younger)).0, Fate::Posted);
}

#[test]
fn what_was_asked_for_by_hand_and_failed_is_nobodys_digest() {
    let asked = r#"{"level":"INFO","message":"asked by hand","dry_run":true}"#;
    let line = |stream: &str, at: &str, text: &str| Line {
        id: String::new(),
        stream: stream.to_owned(),
        at: at.parse().unwrap(),
        text: text.to_owned(),
    };
    let judge = |schedule: &str, posted: Option<&str>, stack: Standing| {
        let (schedule, zone) = (Schedule::parse(schedule).unwrap(), TimeZone::get("Asia/Tokyo").unwrap());
        let due = Due::before(NOW.parse().unwrap(), &schedule, &zone, 60);
        let posted = posted.map(|at| line("a", at, &made("2026-11-21", true, false)));
        let by_hand = [
            line("b", "2026-11-22T02:20:00Z", asked),
            line("b", "2026-11-22T02:21:00Z", "T 1 Task timed out after 60.00 seconds"),
        ];
        let runs = Reader::default().read(posted.into_iter().chain(by_hand));
        told(&Delivery::judge(&due, runs, stack, None))
    };
    let fresh = Standing { since: Some("2026-11-22T02:00:00Z".parse().unwrap()), ..DEPLOYED };
    for (schedule, posted, stack, fate, run) in [
        (DAILY, None, fresh, Fate::NotYet, "11-22 02:21"),
        (DAILY, None, DEPLOYED, Fate::Missing, "11-22 02:21"),
        ("rate(1 day)", None, fresh, Fate::NotYet, "11-22 02:21"),
        ("rate(1 day)", Some("2026-11-22T01:15:03Z"), DEPLOYED, Fate::Posted, "11-22 01:15"),
    ] {
        let (told, _, end) = judge(schedule, posted, stack);
        assert_eq!((told, end.as_str()), (fate, run), "{schedule} {posted:?}");
    }
}

#[test]
fn a_rate_is_judged_by_its_distance() {
    let fate = |end: &str, since: &str| {
        let stack = Standing { since: Some(since.parse().unwrap()), ..DEPLOYED };
        told(&judge("rate(1 day)", NOW, &[(end, made("2026-11-20", true, false))], stack))
    };
    let (long, end) = ("2026-01-01T00:00:00Z", "2026-11-21T02:40:00Z");
    assert_eq!(fate(end, long), (Fate::Posted, String::new(), "11-21 02:40".to_owned()));
    assert_eq!(fate("2026-11-20T20:00:00Z", long).0, Fate::Missing);
    assert_eq!(
        fate("2026-11-20T20:00:00Z", "2026-11-21T12:00:00Z").0,
        Fate::Posted,
        "the next is due at noon"
    );
    let killed = "RequestId: 1 Error: Runtime exited with error: signal: killed".to_owned();
    let runs = [("2026-11-21T02:29:00Z", made("2026-11-20", true, false)), ("2026-11-22T02:29:00Z", killed)];
    assert_eq!(told(&judge("rate(1 day)", NOW, &runs, DEPLOYED)).0, Fate::Failed, "the last one");
    let of =
        |end: &str, day: &str| told(&judge("rate(1 day)", NOW, &[(end, made(day, true, false))], DEPLOYED)).0;
    let by_hand = "2026-11-21T03:00:00Z";
    assert_eq!(of(by_hand, "2019-01-01"), Fate::Missing, "another day's, by hand");
    assert_eq!(of(by_hand, "2026-11-20"), Fate::Posted, "the day that the rate's run would have had");
    assert_eq!(of("2026-11-21T15:00:10Z", "2026-11-20"), Fate::Posted, "it began before midnight in Tokyo");
}
