//! One function a verb, each a readable list of stages. Prints nothing: the view does.

use std::io::IsTerminal;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select, try_join};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tanets_function::secret::Secret;
use tanets_function::settings::Variable;

use crate::apply::{Event, Interruption, Outcome, Part, apply};
use crate::aws::{Aws, CallLog, Identity, Options};
use crate::cargo_lambda;
use crate::ci::Ci;
use crate::cli::{AdoptArgs, Command, ConfirmArgs, Global, GuardArgs};
use crate::config::Config;
use crate::deadline::{self, Deadline, OutOfTime};
use crate::doctor::Surroundings;
use crate::exit::{Exit, Failure};
use crate::forecast::{Run, next_runs};
use crate::observe::observe;
use crate::package::{Package, Source};
use crate::plan::{Goal, Plan, PlanDigest};
use crate::resource::{Error, role};
use crate::retry;
use crate::stack::Stack;
use crate::view::{Deployment, View};

mod doctor;
mod document;
mod init;
mod invoke;
mod logs;
mod policy;
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
            change("deploy", global, view, now, adopt.into(), confirm, Some(&guard)).await
        }
        Command::Destroy { confirm, keep_logs, no_wait } => {
            let goal = Goal::Absent { keep_logs, wait: !no_wait };
            change("destroy", global, view, now, goal, confirm, None).await
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
    view.checked(&config, &next_runs(&config.schedule, zone(&config), now));
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

/// The way of `deploy` and `destroy`: plan, ask, apply, tell; what was deployed is checked from inside.
async fn change(
    command: &'static str,
    global: &Global,
    view: &dyn View,
    now: Timestamp,
    goal: Goal,
    confirm: ConfirmArgs,
    guard: Option<&GuardArgs>,
) -> Result<Exit, Failure> {
    if !confirm.yes && !somebody_is_there() {
        return Err(Failure::NoTerminal);
    }
    let Prepared { aws, around, stack, plan, deployment, runs, mut deadline } =
        prepare(global, view, now, goal).await?;
    view.plan(command, &deployment, &plan, &runs);
    refuse(&plan, guard.and_then(|guard| guard.expect.as_ref()))?;
    if !plan.steps.is_empty() && !confirm.yes {
        let asked = Instant::now();
        if !view.confirm(command, &deployment.name, &plan) {
            return Err(Failure::NotConfirmed);
        }
        deadline = deadline.without(asked.elapsed());
    }
    if global.timeout.is_none() && plan.steps.iter().any(role::waits_for_interfaces) {
        deadline = deadline.extended(retry::NETWORK_INTERFACES);
    }
    let outcome = carry_out(&aws, &stack, &plan, view, deadline).await;
    view.outcome(command, &deployment, &plan, &outcome, &runs);
    match &outcome {
        Outcome { interrupted: Some(Interruption::Signal), .. } => return Ok(Exit::Interrupted),
        outcome if !outcome.succeeded() => return Ok(Exit::Failed),
        _ => {}
    }
    if plan.steps.is_empty() || guard.is_none_or(|guard| guard.no_check) {
        return Ok(Exit::Done);
    }
    let role = plan.steps.iter().any(|step| step.address == role::ADDRESS);
    let timeout = Duration::from_secs(around.config.function.timeout.into());
    let deployed = Some(doctor::JustDeployed { role });
    Ok(doctor::Check { aws: &aws, around, timeout, deadline, deployed }.run(view).await)
}

/// Whether questions have somebody who answers. A CI may have a terminal, but there is nobody at it.
fn somebody_is_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && Ci::here().is_none()
}

async fn carry_out(aws: &Aws, stack: &Stack, plan: &Plan, view: &dyn View, deadline: Deadline) -> Outcome {
    let part_of = async |step, part| {
        let progress = |text| view.event(Event::Progress(step, text));
        match (stack.resource(&step.address), part) {
            (Some(resource), Part::Write) => resource.apply(aws, step, &progress).await,
            (Some(resource), Part::Settle) => resource.settle(aws, step, &progress).await,
            (None, _) => Ok(()),
        }
    };
    let run = async |step, part| match deadline.cut(part_of(step, part)).await {
        Ok(ended) => ended,
        Err(OutOfTime(limit)) => {
            Err(Error::TimedOut { state: "under way".to_owned(), seconds: limit.as_secs() })
        }
    };
    let interrupt = async {
        let (asked, passed) = (pin!(interrupted()), pin!(deadline.passed()));
        let why = match select(asked, passed).await {
            Either::Left(((), _)) => Interruption::Signal,
            Either::Right((up, _)) => Interruption::Time(up),
        };
        // Whoever asks twice doesn't want to wait: nothing is lost, the next run goes on.
        tokio::spawn(async {
            interrupted().await;
            std::process::exit(i32::from(Exit::Interrupted as u8));
        });
        why
    };
    apply(plan, run, interrupt, |event| view.event(event)).await
}

/// Comes with Ctrl-C, or with the SIGTERM by which CI cancels.
async fn interrupted() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    select(pin!(ctrl_c), pin!(terminated)).await;
}

/// All that is known before the first change.
struct Prepared {
    aws: Aws,
    around: Surroundings,
    stack: Stack,
    plan: Plan,
    deployment: Deployment,
    runs: Vec<Run>,
    deadline: Deadline,
}

/// All that comes before the first change, while there is time.
async fn prepare(global: &Global, view: &dyn View, now: Timestamp, goal: Goal) -> Result<Prepared, Failure> {
    let deadline = Deadline::after(global.timeout.unwrap_or(deadline::DEFAULT));
    deadline.hold(prepare_until(deadline, global, view, now, goal)).await?
}

/// Configuration, identity, package, stack, observation, plan.
async fn prepare_until(
    deadline: Deadline,
    global: &Global,
    view: &dyn View,
    now: Timestamp,
    goal: Goal,
) -> Result<Prepared, Failure> {
    let Wanted { config, identity, aws, stack, deployment } = want(global, view, goal).await?;
    let observation = observe(&stack, &aws).await.map_err(Failure::Unreadable)?;
    let plan = stack.plan(observation, goal);
    let runs = match goal {
        Goal::Present { .. } => next_runs(&config.schedule, zone(&config), now),
        Goal::Absent { .. } => Vec::new(),
    };
    let around = Surroundings::new(config, &identity);
    Ok(Prepared { aws, around, stack, plan, deployment, runs, deadline })
}

/// All that is known before the account's resources are read.
struct Wanted {
    config: Config,
    identity: Identity,
    aws: Aws,
    stack: Stack,
    deployment: Deployment,
}

/// Configuration, identity, package, stack.
async fn want(global: &Global, view: &dyn View, goal: Goal) -> Result<Wanted, Failure> {
    let config = load(global, view)?;
    if let (Goal::Absent { .. }, Some(line)) = (goal, config.protect) {
        return Err(Failure::Protected { file: global.config.clone(), line });
    }
    let aws = connect(global, &config, view).await?;
    let package = async {
        match goal {
            Goal::Present { .. } => package(global, &config).await.map(Some),
            Goal::Absent { .. } => Ok(None),
        }
    };
    let (identity, package) = try_join(identify(&aws, &config), package).await?;
    let mut deployment = Deployment::new(&config, &identity, &aws, package.as_ref());
    let stack = Stack::new(&config, &identity, package, goal);
    deployment.arns = stack.arns.clone();
    Ok(Wanted { config, identity, aws, stack, deployment })
}

/// The configuration of whoever has one: for commands that work without.
fn read_if_there(global: &Global, view: &dyn View) -> Result<Option<Config>, Failure> {
    if global.config.exists() { read(global, view).map(Some) } else { Ok(None) }
}

/// The configuration, for what its warnings don't concern.
fn read(global: &Global, view: &dyn View) -> Result<Config, Failure> {
    let config = Config::load(&global.config, &|name| std::env::var(name).ok())?;
    view.hide(&secrets(&config));
    Ok(config)
}

fn load(global: &Global, view: &dyn View) -> Result<Config, Failure> {
    let config = read(global, view)?;
    for warning in &config.warnings {
        view.warning(warning);
    }
    Ok(config)
}

async fn connect(global: &Global, config: &Config, view: &dyn View) -> Result<Aws, Failure> {
    connect_to(global, config.region.as_ref(), view).await
}

/// The same where there may be no configuration: `region` is the configuration's.
async fn connect_to(global: &Global, region: Option<&String>, view: &dyn View) -> Result<Aws, Failure> {
    let options = Options {
        region: global.region.as_ref().or(region).cloned(),
        profile: global.profile.clone(),
        endpoint_url: global.endpoint_url.clone(),
        call_log: (global.verbose > 1).then(|| CallLog::new(view.call_sink())),
    };
    Ok(Aws::connect(options).await?)
}

async fn identify(aws: &Aws, config: &Config) -> Result<Identity, Failure> {
    identify_as(aws, config.account.as_ref()).await
}

async fn identify_as(aws: &Aws, account: Option<&String>) -> Result<Identity, Failure> {
    let identity = aws.identity().await.map_err(Failure::Identity)?;
    match account {
        Some(wanted) if *wanted != identity.account => {
            Err(Failure::WrongAccount { is: identity.account, wanted: wanted.clone() })
        }
        _ => Ok(identity),
    }
}

/// The package that the configuration names, else the one inside this tanets, else the one of the checkout that is near.
async fn package(global: &Global, config: &Config) -> Result<Package, Failure> {
    let architecture = config.function.architecture;
    if let Some(path) = config.function.package.clone() {
        return beside(move || Package::from_path(&path, architecture)).await.map_err(Failure::Package);
    }
    if let Some(package) = beside(move || Package::embedded(architecture)).await {
        return Ok(package);
    }
    let folder = std::path::absolute(&global.config).ok();
    let near = [folder, std::env::current_dir().ok(), std::env::current_exe().ok()];
    let near = Vec::from_iter(near.into_iter().flatten());
    let path = cargo_lambda::build(&near, architecture, global.quiet).await.map_err(Failure::Build)?;
    let source = Source::Checkout(path.clone());
    let package = beside(move || Package::from_path(&path, architecture)).await.map_err(Failure::Package)?;
    Ok(Package { source, ..package })
}

/// Packing takes as long as a call to AWS, so it is done beside it.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    // Nobody aborts it: it ends with a result, or with a panic that goes on here.
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
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

/// The texts of the configuration that no output may show.
fn secrets(config: &Config) -> Vec<Secret> {
    let variables = config.settings.to_env().into_values();
    let sensitive = variables.filter_map(|variable| match variable {
        Variable::Sensitive(secret) => Some(secret),
        Variable::Plain(_) => None,
    });
    sensitive.collect()
}

fn zone(config: &Config) -> &TimeZone {
    &config.settings.timezone
}
