//! One function a verb, each a readable list of stages. Prints nothing: the view does.

use std::io::IsTerminal;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::ci::Ci;
use crate::cli::{AdoptArgs, Command, Global};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::plan::{Goal, Plan, PlanDigest};
use crate::view::View;
use prepare::{
    Prepared, Wanted, connect, connect_to, identify, identify_as, load, prepare, read, read_if_there,
    secrets, upcoming, want,
};

mod change;
mod doctor;
mod document;
mod init;
mod invoke;
mod logs;
mod policy;
mod prepare;
mod preview;
mod schedule;
mod secret;
mod status;

/// Runs a command: the clock's time is an argument.
///
/// # Errors
/// Whatever stops it before the first change. A step that fails is told by the view.
pub async fn run(
    command: Command,
    global: &Global,
    view: &dyn View,
    now: Timestamp,
) -> Result<Exit, Failure> {
    match command {
        Command::Check => check(global, view, now),
        Command::Plan { exit, adopt } => {
            let plan = show(global, view, now, adopt.into(), None).await?;
            Ok(pending(&plan, exit.detailed_exitcode))
        }
        Command::Status { exit, all: true } => status::all(global, exit, view).await,
        Command::Status { exit, all: false } => status::status(global, exit, view, now).await,
        Command::Init(args) => init::init(global, *args, view),
        Command::Schedule(args) => schedule::schedule(global, &args, view, now),
        Command::Completions { shell } => Ok(document::completions(shell, view)),
        Command::Man { dir } => document::man(dir.as_deref(), view),
        Command::Schema => Ok(document::schema(view)),
        Command::Preview(args) => preview::preview(global, &args, view, now).await,
        Command::Invoke(args) => invoke::invoke(global, &args, view, now).await,
        Command::Doctor => doctor::doctor(global, view).await,
        Command::Logs(args) => logs::logs(global, &args, view, now).await,
        Command::Secret { command } => secret::secret(global, command, view).await,
        Command::Policy(args) => policy::policy(global, &args, view).await,
        Command::Deploy { confirm: _, adopt, guard } if guard.dry_run => {
            show(global, view, now, adopt.into(), guard.expect.as_ref()).await.map(|_| Exit::Done)
        }
        Command::Deploy { confirm, adopt, guard } => {
            change::change("deploy", global, view, now, adopt.into(), confirm, Some(&guard)).await
        }
        Command::Destroy { confirm, keep_logs, no_wait } => {
            let goal = Goal::Absent { keep_logs, wait: !no_wait };
            change::change("destroy", global, view, now, goal, confirm, None).await
        }
    }
}

impl From<AdoptArgs> for Goal {
    fn from(AdoptArgs { adopt }: AdoptArgs) -> Self {
        Self::Present { adopt }
    }
}

fn check(global: &Global, view: &dyn View, now: Timestamp) -> Result<Exit, Failure> {
    let config = load(global, view)?;
    view.checked(&config, &upcoming(&config, config.enabled == Some(false), now));
    Ok(Exit::Done)
}

/// The way of `plan`: what `deploy` would do.
async fn show(
    global: &Global,
    view: &dyn View,
    now: Timestamp,
    goal: Goal,
    expect: Option<&PlanDigest>,
) -> Result<Plan, Failure> {
    let Prepared { plan, deployment, runs, .. } = prepare(global, view, now, goal).await?;
    view.plan("plan", &deployment, &plan, &runs);
    refuse(&plan, expect)?;
    Ok(plan)
}

/// Whether questions have somebody who answers. A CI may have a terminal, but there is nobody at it.
fn somebody_is_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && Ci::here().is_none()
}

/// What stands against a plan before its first change: other people's resources, and another plan than the expected.
fn refuse(plan: &Plan, expect: Option<&PlanDigest>) -> Result<(), Failure> {
    if !plan.blocked.is_empty() {
        return Err(Failure::NotOurs(plan.blocked.clone()));
    }
    match expect {
        Some(expected) if *expected != plan.digest => {
            Err(Failure::Moved { is: plan.digest.clone(), expected: expected.clone() })
        }
        _ => Ok(()),
    }
}

fn pending(plan: &Plan, detailed: bool) -> Exit {
    let nothing = plan.steps.is_empty() && plan.blocked.is_empty();
    if detailed && !nothing { Exit::Changes } else { Exit::Done }
}

/// What asks for one day's digest by hand: yesterday's, or another day's. Such a day always has a message, whatever the
/// rule for days without anything says, and it comes back.
fn event_of_a_day(day: Option<Date>, post: bool, zone: &TimeZone, now: Timestamp) -> Value {
    let yesterday = || now.to_zoned(zone.clone()).date().yesterday().ok();
    let day = day.or_else(yesterday).map(|day| day.to_string());
    json!({ "date": day, "dry_run": !post })
}

fn zone(config: &Config) -> &TimeZone {
    &config.settings.timezone
}
