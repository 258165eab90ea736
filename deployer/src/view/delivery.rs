//! Whether the digest went out, as text for people. Pure: gives strings.

use std::fmt::Write;

use jiff::Zoned;
use jiff::civil::Date;

use super::Next;
use super::message::{counts, logged};
use super::text::{BOLD, CYAN, GREEN, RED, YELLOW, paint};
use crate::delivery::{Delivery, Fate};
use crate::forecast::Run;
use crate::plan::{Action, Plan};
use crate::resource::log_group;
use crate::run_log::{End, LoggedRun};

/// The answer in the first line; then what else there is to know: the last run, the next one, drift.
pub fn delivery(delivery: &Delivery, plan: &Plan, next: Next<'_>) -> String {
    let Delivery { now, fate, due, run, under_way, since } = delivery;
    let day = due.as_ref().map(|due| due.day);
    let mut text = match (fate, run) {
        (Fate::Posted, Some(run)) => {
            let line = format!("{} was posted {}{}", digest(day, run, now), ended(run, now), tally(run));
            format!("{} {}\n", paint(GREEN, "✓"), paint(BOLD, line))
        }
        (Fate::NotPosted, Some(run @ LoggedRun { end: End::Made(made), .. })) => {
            let (why, when) = (made.why_not().unwrap_or("unknown"), ended(run, now));
            let line =
                format!("{} was made {when} and not posted ({why}): {}", digest(day, run, now), counts(made));
            format!("{} {}\n", paint(GREEN, "✓"), paint(BOLD, line))
        }
        (Fate::Failed, Some(run @ LoggedRun { end: End::Failed(why), .. })) => {
            let what = match day {
                Some(day) => digest_of(day, now),
                None => "the last run".to_owned(),
            };
            let line = format!("{what} failed {}: {why}", ended(run, now));
            let more = "`tanets logs --failed -v` shows all that it logged";
            format!("{} {}\n  {more}\n", paint(RED, "✗"), paint(BOLD, line))
        }
        (Fate::Missing, _) => {
            let line = match due {
                Some(due) => {
                    let of = digest_of(due.day, now);
                    format!("the run of {}, for {of}, left no trace in the log", moment(&due.at, now))
                }
                None => format!("no run is in the log since {}, and one was due", moment(since, now)),
            };
            let why = "is the rule's target there, and its permission? Was the schedule changed since then?";
            format!("{} {}\n  {why}\n", paint(RED, "✗"), paint(BOLD, line))
        }
        (Fate::NotYet, _) => {
            let first = match next {
                Next::At(Run { at, .. }) => format!("; the first run comes {}", moment(at, now)),
                Next::Within(rate) => format!("; the first run comes within {rate}"),
                Next::Disabled | Next::Never => String::new(),
            };
            format!("- {}\n", paint(BOLD, format!("no run was due yet{first}")))
        }
        (Fate::Disabled, _) => {
            let line = "the rule is disabled: nothing goes out until it is enabled";
            format!("{} {}\n", paint(YELLOW, "-"), paint(BOLD, line))
        }
        (Fate::Unknown(why, hint), _) => {
            let line = format!("cannot tell whether the digest went out: {why}");
            let hint = hint.iter().map(|hint| format!("  {}: {hint}\n", paint(CYAN, "hint")));
            format!("{} {}\n{}", paint(YELLOW, "?"), paint(BOLD, line), String::from_iter(hint))
        }
        // A fate has its run; what hasn't is not deployed.
        (Fate::NotDeployed | Fate::Posted | Fate::NotPosted | Fate::Failed, _) => {
            let missing = plan.steps.iter().filter(|step| step.action == Action::Create);
            // Lambda makes a log group of its own.
            let missing = missing.map(|step| &step.address).filter(|address| **address != log_group::ADDRESS);
            let others = plan.blocked.iter().map(|stranger| &stranger.address);
            let all = Vec::from_iter(missing.chain(others).map(ToString::to_string)).join(", ");
            let line = match plan.unchanged.is_empty() && plan.count(Action::Update) == 0 {
                true => "nothing is deployed".to_owned(),
                false => format!("nothing can run without: {all}"),
            };
            let way = match plan.blocked.is_empty() {
                true => "`tanets deploy` makes it",
                false => "`tanets plan` tells whose is in the way",
            };
            format!("{} {}\n  {way}\n", paint(YELLOW, "-"), paint(BOLD, line))
        }
    };
    match (fate, run) {
        (Fate::Posted | Fate::NotPosted | Fate::Failed | Fate::Unknown(..), _) => {}
        (_, Some(run)) => text += &format!("  last run   {}", logged(run, now.time_zone(), false)),
        (_, None) => {
            let _ = writeln!(text, "  last run   none in the log since {}", moment(since, now));
        }
    }
    if let Some(run) = under_way {
        let _ = writeln!(text, "  due        {}, and not in the log yet", moment(&run.at, now));
    }
    let _ = writeln!(text, "  next run   {}\n  drift      {}", next_run(next), drift(plan));
    text
}

/// When the next run comes, and the day that it covers.
pub fn next_run(next: Next<'_>) -> String {
    match next {
        Next::At(Run { at, day }) => {
            format!("{}, covers {}", at.strftime("%a %Y-%m-%d %H:%M %Z"), day.strftime("%a %Y-%m-%d"))
        }
        Next::Within(rate) => format!("within {rate}"),
        Next::Disabled => "none while the rule is disabled".to_owned(),
        Next::Never => "none: the schedule is over".to_owned(),
    }
}

/// What differs from tanets.toml, in one line.
pub fn drift(plan: &Plan) -> String {
    let differing = plan.steps.iter().map(|step| match step.action {
        Action::Create => format!("{} is missing", step.address),
        _ => {
            let names = Vec::from_iter(step.changes.iter().map(|change| change.name.as_str()));
            format!("{} differs ({})", step.address, names.join(", "))
        }
    });
    let strangers = plan.blocked.iter().map(|stranger| format!("{} {}", stranger.address, stranger.why));
    let all = Vec::from_iter(differing.chain(strangers));
    match all.is_empty() {
        true => "none: all is in sync".to_owned(),
        false => format!("{}; `tanets plan` shows it", all.join(", ")),
    }
}

fn digest(day: Option<Date>, run: &LoggedRun, now: &Zoned) -> String {
    let told = match &run.end {
        End::Made(made) => made.day.parse().ok(),
        End::Failed(_) => None,
    };
    day.or(told).map_or_else(|| "a digest".to_owned(), |day| digest_of(day, now))
}

fn digest_of(day: Date, now: &Zoned) -> String {
    let name = day.strftime("%a %Y-%m-%d");
    match now.date().yesterday().ok() == Some(day) {
        true => format!("yesterday's digest ({name})"),
        false => format!("the digest of {name}"),
    }
}

fn ended(run: &LoggedRun, now: &Zoned) -> String {
    moment(&run.at.to_zoned(now.time_zone().clone()), now)
}

/// A time as people near it say it.
fn moment(at: &Zoned, now: &Zoned) -> String {
    let day = match at.date() {
        day if day == now.date() => "today".to_owned(),
        day if now.date().yesterday().ok() == Some(day) => "yesterday".to_owned(),
        day if now.date().tomorrow().ok() == Some(day) => "tomorrow".to_owned(),
        day => day.strftime("%a %Y-%m-%d").to_string(),
    };
    format!("{day} at {}", at.strftime("%H:%M %Z"))
}

fn tally(run: &LoggedRun) -> String {
    match &run.end {
        End::Made(made) => format!(": {} ({} ms)", counts(made), made.duration_ms),
        End::Failed(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;
    use insta::assert_snapshot;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::plan::{NotOurs, Reason, Step};
    use crate::resource::{function, rule};
    use crate::run_log::{Line, Reader};

    const MADE: &str = r#"{"level":"INFO","message":"digest made","day":"2026-11-21","total":15,"levels":"{\"Fatal\": 3, \"Warning\": 12}","posted":true,"duration_ms":512}"#;

    fn at(text: &str) -> Zoned {
        text.parse::<jiff::Timestamp>().unwrap().to_zoned(TimeZone::get("Asia/Tokyo").unwrap())
    }

    fn told(fate: Fate, day: Option<&str>, log: Option<&str>, plan: &Plan) -> String {
        let run = |at: Zoned, day: &str| Run { at, day: day.parse().unwrap() };
        let line = |text: &str| Line {
            id: String::new(),
            stream: String::new(),
            at: "2026-11-22T01:15:03Z".parse().unwrap(),
            text: text.to_owned(),
        };
        let delivery = Delivery {
            now: at("2026-11-22T02:30:00Z"),
            fate,
            due: day.map(|day| run(at("2026-11-22T01:15:00Z"), day)),
            run: log.and_then(|text| Reader::default().read([line(text)]).pop()),
            under_way: None,
            since: at("2026-11-15T01:15:00Z"),
        };
        let next = run(at("2026-11-23T01:15:00Z"), "2026-11-22");
        let next = if delivery.fate == Fate::Disabled { Next::Disabled } else { Next::At(&next) };
        strip_str(&super::delivery(&delivery, plan, next)).to_string()
    }

    #[test]
    fn the_first_line_answers_and_the_next_run_and_drift_follow() {
        let (yesterday, all_there) = (Some("2026-11-21"), Plan::default());
        let quiet = MADE.replace(r#""posted":true"#, r#""posted":false,"quiet":true"#);
        let killed = "RequestId: 1 Error: Runtime exited with error: signal: killed";
        let step = |address, action, reason, changes| Step {
            address,
            name: String::new(),
            action,
            reason,
            changes,
            before: Default::default(),
            revision: None,
            after: Default::default(),
        };
        let change = crate::attributes::Change {
            name: "memory".to_owned(),
            before: crate::attributes::Value::Absent,
            after: crate::attributes::Value::Number(128),
        };
        let drifted = Plan {
            steps: vec![
                step(function::ADDRESS, Action::Update, Reason::Differs, vec![change]),
                step(rule::ADDRESS, Action::Create, Reason::Missing, Vec::new()),
            ],
            ..Plan::default()
        };
        let text = [
            told(Fate::Posted, yesterday, Some(MADE), &all_there),
            told(Fate::Posted, None, Some(MADE), &all_there),
            told(Fate::NotPosted, yesterday, Some(&quiet), &all_there),
            told(Fate::Failed, yesterday, Some(killed), &all_there),
            told(Fate::Missing, yesterday, None, &drifted),
            told(Fate::NotYet, None, None, &all_there),
            told(Fate::Disabled, None, Some(MADE), &all_there),
            told(Fate::NotDeployed, None, None, &drifted),
            told(
                Fate::Unknown("FilterLogEvents: AccessDenied: no".to_owned(), Some("allow it".to_owned())),
                None,
                None,
                &all_there,
            ),
        ];
        assert_snapshot!(text.join("\n"));
        let why = "belongs to the stack `other`".to_owned();
        let strange = NotOurs { address: function::ADDRESS, name: "digest".to_owned(), why };
        let log = step(log_group::ADDRESS, Action::Create, Reason::Missing, Vec::new());
        let blocked = Plan {
            steps: vec![log],
            unchanged: vec![rule::ADDRESS],
            blocked: vec![strange],
            ..Plan::default()
        };
        let told = told(Fate::NotDeployed, None, None, &blocked);
        let first = "- nothing can run without: function\n  `tanets plan` tells whose is in the way\n";
        assert!(told.starts_with(first), "{told}");
    }

    #[test]
    fn the_first_run_of_a_rate_comes_at_a_time_that_only_aws_knows() {
        let now = at("2026-11-22T02:30:00Z");
        let fate = Fate::NotYet;
        let delivery = Delivery { now: now.clone(), fate, due: None, run: None, under_way: None, since: now };
        let told = super::delivery(&delivery, &Plan::default(), Next::Within("2 hours"));
        assert_snapshot!(strip_str(&told), @"
        - no run was due yet; the first run comes within 2 hours
          last run   none in the log since today at 11:30 JST
          next run   within 2 hours
          drift      none: all is in sync
        ");
    }

    #[test]
    fn a_run_under_way_and_a_rate_without_runs_have_no_day() {
        let now = at("2026-11-22T01:17:00Z");
        let due = Run { at: at("2026-11-22T01:15:00Z"), day: "2026-11-21".parse().unwrap() };
        let delivery = Delivery {
            now: now.clone(),
            fate: Fate::Missing,
            due: None,
            run: None,
            under_way: Some(due),
            since: at("2026-11-21T01:15:00Z"),
        };
        let told = super::delivery(&delivery, &Plan::default(), Next::Never);
        assert_snapshot!(strip_str(&told), @"
        ✗ no run is in the log since yesterday at 10:15 JST, and one was due
          is the rule's target there, and its permission? Was the schedule changed since then?
          last run   none in the log since yesterday at 10:15 JST
          due        today at 10:15 JST, and not in the log yet
          next run   none: the schedule is over
          drift      none: all is in sync
        ");
    }
}
