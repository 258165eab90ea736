//! What comes before a command's own work: configuration, credentials, identity, package, stack, and what is there. Changes
//! nothing.

use futures_util::future::try_join;
use jiff::Timestamp;
use tanets_function::secret::Secret;
use tanets_function::settings::Variable;

use super::zone;
use crate::aws::{Aws, CallLog, Identity, Options};
use crate::cargo_lambda;
use crate::cli::Global;
use crate::config::Config;
use crate::deadline::Deadline;
use crate::doctor::Surroundings;
use crate::exit::Failure;
use crate::forecast::{Run, next_runs};
use crate::observe::observe;
use crate::package::{Package, Source};
use crate::plan::{Goal, Plan};
use crate::resource::rule;
use crate::stack::Stack;
use crate::view::{Deployment, View};

/// All that is known before the first change.
pub(super) struct Prepared {
    pub aws: Aws,
    pub around: Surroundings,
    pub stack: Stack,
    pub plan: Plan,
    pub deployment: Deployment,
    pub runs: Vec<Run>,
    pub deadline: Deadline,
}

/// All that comes before the first change, while there is time.
pub(super) async fn prepare(
    global: &Global,
    view: &dyn View,
    now: Timestamp,
    goal: Goal,
) -> Result<Prepared, Failure> {
    let deadline = Deadline::of_a_run(global.timeout);
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
    let Wanted { config, identity, aws, stack, mut deployment } = want(global, view, goal).await?;
    let observation = observe(&stack, &aws).await.map_err(Failure::Unreadable)?;
    deployment.disabled = match (goal, config.enabled) {
        (Goal::Absent { .. }, _) => false,
        (_, Some(enabled)) => !enabled,
        // It stays as it is.
        (_, None) => rule::is_disabled(observation.get(&rule::ADDRESS)),
    };
    let plan = stack.plan(observation, goal);
    let runs = match goal {
        Goal::Present { .. } => upcoming(&config, deployment.disabled, now),
        Goal::Absent { .. } => Vec::new(),
    };
    let around = Surroundings::new(config, &identity);
    Ok(Prepared { aws, around, stack, plan, deployment, runs, deadline })
}

/// The next runs; none of a rule that is disabled.
pub(super) fn upcoming(config: &Config, disabled: bool, now: Timestamp) -> Vec<Run> {
    if disabled { Vec::new() } else { next_runs(&config.schedule, zone(config), now) }
}

/// All that is known before the account's resources are read.
pub(super) struct Wanted {
    pub config: Config,
    pub identity: Identity,
    pub aws: Aws,
    pub stack: Stack,
    pub deployment: Deployment,
}

/// Configuration, identity, package, stack.
pub(super) async fn want(global: &Global, view: &dyn View, goal: Goal) -> Result<Wanted, Failure> {
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
pub(super) fn read_if_there(global: &Global, view: &dyn View) -> Result<Option<Config>, Failure> {
    if global.config.exists() { read(global, view).map(Some) } else { Ok(None) }
}

/// The configuration, for what its warnings don't concern.
pub(super) fn read(global: &Global, view: &dyn View) -> Result<Config, Failure> {
    let config = Config::load(&global.config, &|name| std::env::var(name).ok())?;
    view.hide(&secrets(&config));
    Ok(config)
}

pub(super) fn load(global: &Global, view: &dyn View) -> Result<Config, Failure> {
    let config = read(global, view)?;
    for warning in &config.warnings {
        view.warning(warning);
    }
    Ok(config)
}

pub(super) async fn connect(global: &Global, config: &Config, view: &dyn View) -> Result<Aws, Failure> {
    connect_to(global, config.region.as_ref(), view).await
}

/// The same where there may be no configuration: `region` is the configuration's.
pub(super) async fn connect_to(
    global: &Global,
    region: Option<&String>,
    view: &dyn View,
) -> Result<Aws, Failure> {
    let options = Options {
        region: global.region.as_ref().or(region).cloned(),
        profile: global.profile.clone(),
        endpoint_url: global.endpoint_url.clone(),
        call_log: (global.verbose > 1).then(|| CallLog::new(view.call_sink())),
    };
    Ok(Aws::connect(options).await?)
}

pub(super) async fn identify(aws: &Aws, config: &Config) -> Result<Identity, Failure> {
    identify_as(aws, config.account.as_ref()).await
}

pub(super) async fn identify_as(aws: &Aws, account: Option<&String>) -> Result<Identity, Failure> {
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

/// The texts of the configuration that no output may show.
pub(super) fn secrets(config: &Config) -> Vec<Secret> {
    let variables = config.settings.to_env().into_values();
    let sensitive = variables.filter_map(|variable| match variable {
        Variable::Sensitive(secret) => Some(secret),
        Variable::Plain(_) => None,
    });
    sensitive.collect()
}
