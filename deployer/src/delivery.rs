//! Did the digest go out? The log's runs, held against the times at which the rule should have fired. Pure: the clock is an
//! argument, and the log has been read.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use crate::forecast::Run;
use crate::observe::Observation;
use crate::resource::{Observed, Owner, function, permission, rule, target};
use crate::run_log::{End, LoggedRun};
use crate::schedule::{Schedule, digest_day};

/// How many due runs are looked back at: a week of a daily digest, and a day.
const TIMES: usize = 8;
/// What may pass beside the run itself until its line is in the log: a rule fires within its minute, a container in a VPC
/// starts, CloudWatch shows the line.
const LATE: SignedDuration = SignedDuration::from_mins(4);

/// When runs were due, the latest first.
#[derive(Clone, Debug)]
pub struct Due {
    times: Vec<Timestamp>,
    exact: bool,
    grace: SignedDuration,
    now: Zoned,
}

impl Due {
    /// The times before now, in the digest's zone. A run may take `timeout` seconds.
    pub fn before(now: Timestamp, schedule: &Schedule, zone: &TimeZone, timeout: u32) -> Self {
        let grace = LATE + SignedDuration::from_secs(timeout.into());
        let settled = now.saturating_sub(grace).unwrap_or(Timestamp::MIN);
        // Those that may still be under way are told apart from those that are missing.
        let minutes = usize::try_from(grace.as_mins()).unwrap_or_default() + 1;
        let fresh = schedule.next(settled - SignedDuration::from_nanos(1), minutes);
        let mut times = Vec::from_iter(fresh.into_iter().take_while(|time| *time <= now));
        times.reverse();
        times.extend(schedule.last(settled, TIMES));
        Self { times, exact: schedule.is_exact(), grace, now: now.to_zoned(zone.clone()) }
    }

    /// How far back the log is to be read.
    pub fn since(&self) -> Timestamp {
        self.times.last().copied().unwrap_or_else(|| self.now.timestamp())
    }
}

/// Whether the digest went out.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Now, in the digest's zone.
    pub now: Zoned,
    /// What became of the run that was due.
    pub fate: Fate,
    /// When that was due, and the day that it covers; none where no run was, or where only its rate is known.
    pub due: Option<Run>,
    /// The run itself; where there is none, the last one before it, whatever it was.
    pub run: Option<LoggedRun>,
    /// A later one, that may still be under way.
    pub under_way: Option<Run>,
    /// Since when the log was read.
    pub since: Zoned,
}

/// What became of the last run that was due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its message is in Slack.
    Posted,
    /// It went well, and nobody wanted a message.
    NotPosted,
    /// It ended with an error.
    Failed,
    /// The log has nothing of it.
    Missing,
    /// No run was due since the stack is there.
    NotYet,
    /// The rule is disabled, and the log has nothing of it.
    Disabled,
    /// There is nothing that could run.
    NotDeployed,
    /// The log can't be read: why, and the way out.
    Unknown(String, Option<String>),
}

/// How the stack stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// When the youngest of what a run needs was made, if AWS says so.
    pub since: Option<Timestamp>,
    /// Whether function, rule and what is between them are there.
    pub deployed: bool,
    /// Whether the rule is disabled.
    pub disabled: bool,
}

impl Standing {
    /// As it was observed.
    pub fn of(observation: &Observation) -> Self {
        let runs = [function::ADDRESS, permission::ADDRESS, rule::ADDRESS, target::ADDRESS];
        let is_there = |address| {
            observation.get(address).is_some_and(|seen: &Observed| seen.present && seen.owner == Owner::Ours)
        };
        Self {
            since: observation.values().filter_map(|observed| observed.created).max(),
            deployed: runs.iter().all(is_there),
            disabled: rule::is_disabled(observation.get(&rule::ADDRESS)),
        }
    }
}

impl Delivery {
    /// What the log tells. `retention` is how long it keeps its lines; `runs` are all since [`Due::since`], in order.
    pub fn judge(
        due: &Due,
        runs: Vec<LoggedRun>,
        stack: Standing,
        retention: Option<SignedDuration>,
    ) -> Self {
        let Due { times, exact, grace, now } = due;
        let at = now.timestamp();
        let kept = retention.and_then(|retention| at.checked_sub(retention).ok());
        let first = stack.since.max(kept).unwrap_or(Timestamp::MIN);
        let run_at = |time: &Timestamp| {
            let at = time.to_zoned(now.time_zone().clone());
            Run { day: digest_day(*time, now.time_zone()), at }
        };
        let mut later = None;
        let mut under_way = None;
        let mut missing = None;
        let mut told = None;
        for time in times {
            // The times of a rate are a guess, its distance isn't: each of its runs has a day of its own, and may end after
            // midnight.
            let counts = |run: &LoggedRun, day: &str| match exact {
                true => run_at(time).day.to_string() == day,
                false => {
                    let start = run.at.saturating_sub(*grace).unwrap_or(run.at);
                    [run.at, start].iter().any(|at| run_at(at).day.to_string() == day)
                }
            };
            let within = |run: &&LoggedRun| run.at >= *time && later.is_none_or(|later| run.at < later);
            let of_this = Vec::from_iter(runs.iter().filter(within));
            if let Some((fate, run)) = trace(&of_this, *exact, counts) {
                told = Some((fate, exact.then(|| run_at(time)), Some(run.clone())));
                break;
            }
            // A trace counts from whenever it is; nothing is missing from before there was anything.
            if *time >= first && at >= time.saturating_add(*grace).unwrap_or(Timestamp::MAX) {
                missing = Some(exact.then(|| run_at(time)));
                break;
            }
            if *time >= first {
                under_way = under_way.or_else(|| exact.then(|| run_at(time)));
            }
            later = Some(*time);
        }
        let last = runs.last().cloned();
        let (fate, due_run, run) = match (told, missing) {
            (Some(told), _) => told,
            (None, _) if !stack.deployed => (Fate::NotDeployed, None, last),
            (None, _) if stack.disabled => (Fate::Disabled, None, last),
            (None, Some(missing)) => (Fate::Missing, missing, last),
            (None, None) => (Fate::NotYet, None, last),
        };
        let since = due.since().to_zoned(now.time_zone().clone());
        Self { now: now.clone(), fate, due: due_run, run, under_way, since }
    }

    /// Nothing is known: the log could not be read.
    pub fn unknown(due: &Due, why: String, hint: Option<String>) -> Self {
        let since = due.since().to_zoned(due.now.time_zone().clone());
        Self {
            now: due.now.clone(),
            fate: Fate::Unknown(why, hint),
            due: None,
            run: None,
            under_way: None,
            since,
        }
    }
}

/// What the runs of a time's turn say of it: those whose day counts. Of an exact time, whose day is known, a digest of that
/// day goes before a failure, whoever asked for it; else the last run tells. A dry run is nobody's digest, and neither is a
/// run by hand that failed.
fn trace<'a>(
    runs: &[&'a LoggedRun],
    exact: bool,
    counts: impl Fn(&LoggedRun, &str) -> bool,
) -> Option<(Fate, &'a LoggedRun)> {
    let fates = runs.iter().rev().filter_map(|run| {
        let fate = match &run.end {
            End::Made(made) if made.dry_run || !counts(run, &made.day) => return None,
            End::Made(made) if made.posted => Fate::Posted,
            End::Made(_) => Fate::NotPosted,
            End::Failed(_) if run.by_hand => return None,
            End::Failed(_) => Fate::Failed,
        };
        Some((fate, *run))
    });
    let rank = |fate: &Fate| match fate {
        _ if !exact => 0,
        Fate::Posted => 0,
        Fate::NotPosted => 1,
        _ => 2,
    };
    fates.min_by_key(|(fate, _)| rank(fate))
}

#[cfg(test)]
mod tests;
