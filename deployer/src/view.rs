//! What people and programs see of a run. The only place that prints.

use std::io;
use std::path::Path;

use clap::ColorChoice;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use tanets_function::run;
use tanets_function::secret::Secret;

use crate::apply::{Event, Outcome};
use crate::aws::{Aws, Identity, Invoked};
use crate::ci::Ci;
use crate::cli::{Global, Output};
use crate::config::{Config, Problem};
use crate::delivery::Delivery;
use crate::doctor::Diagnosis;
use crate::exit::{Exit, Failure};
use crate::forecast::{ClockChange, Run};
use crate::init::Question;
use crate::migration::Migration;
use crate::package::Package;
use crate::plan::Plan;
use crate::run_log::LoggedRun;
use crate::schedule::Schedule;
use crate::secret::Form;
use crate::stacks::Stacks;

mod console;
mod delivery;
mod diagnosis;
mod github;
mod human;
mod json;
mod markdown;
mod message;
mod migrated;
mod progress;
mod secret;
mod stacks;
mod steps;
mod text;

/// What is deployed, and where: the header of plan, status and outcome.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The stack's name.
    pub name: String,
    /// The schedule expression.
    pub schedule: String,
    /// Whether the rule is disabled: after the plan, or as it is where nothing is planned.
    pub disabled: bool,
    /// The account.
    pub account: String,
    /// Who deploys: an ARN.
    pub caller: String,
    /// The region.
    pub region: String,
    /// What stands in for AWS's own addresses.
    pub endpoint_override: Option<String>,
    /// The function's package; none where nothing is deployed.
    pub package: Option<PackageSummary>,
    /// What people look for afterwards: kind and ARN.
    pub arns: Vec<(&'static str, String)>,
}

/// A package, without its bytes.
#[derive(Clone, Debug)]
pub struct PackageSummary {
    /// What it is made of, for people.
    pub source: String,
    /// `file`, `embedded` or `checkout`.
    pub origin: &'static str,
    /// The function's version; none if it isn't one of ours.
    pub version: Option<String>,
    /// `arm64` or `x86_64`.
    pub architecture: &'static str,
    /// The zip's size, in bytes.
    pub bytes: usize,
    /// The zip's hash, as Lambda's `CodeSha256`.
    pub code_sha256: String,
}

impl Deployment {
    /// The header for a configuration in an account.
    pub fn new(config: &Config, identity: &Identity, aws: &Aws, package: Option<&Package>) -> Self {
        Self {
            name: config.name.clone(),
            schedule: config.schedule.to_string(),
            disabled: config.enabled == Some(false),
            account: identity.account.clone(),
            caller: identity.arn.clone(),
            region: identity.region.clone(),
            endpoint_override: aws.endpoint_override.clone(),
            package: package.map(|package| PackageSummary {
                source: package.source.to_string(),
                origin: package.source.as_str(),
                version: package.version.clone(),
                architecture: package.architecture.as_str(),
                bytes: package.zip.len(),
                code_sha256: package.code_sha256.clone(),
            }),
            arns: Vec::new(),
        }
    }

    /// When the next of these runs comes.
    fn next<'a>(&'a self, runs: &'a [Run]) -> Next<'a> {
        match runs.first() {
            _ if self.disabled => Next::Disabled,
            None => Next::Never,
            Some(run) => self.rate().map_or(Next::At(run), Next::Within),
        }
    }

    /// What lies between a rate's runs, in its own words: `2 hours`. None of a `cron(…)`, whose times are exact.
    fn rate(&self) -> Option<&str> {
        self.schedule.strip_prefix("rate(")?.strip_suffix(')')
    }
}

/// When the next run comes, as far as that is known.
#[derive(Clone, Copy, Debug)]
enum Next<'a> {
    /// Then.
    At(&'a Run),
    /// Within this time: AWS counts a rate from when the rule was put, and doesn't tell.
    Within(&'a str),
    /// Not as long as the rule is disabled.
    Disabled,
    /// The schedule is over.
    Never,
}

/// A schedule, explained.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What is explained.
    pub schedule: Schedule,
    /// Whose local time is shown.
    pub zone: TimeZone,
    /// When it fires next.
    pub runs: Vec<Run>,
    /// When the zone's clocks change next between runs.
    pub clocks: Option<ClockChange>,
}

/// A message that was made here.
#[derive(Clone, Copy, Debug)]
pub struct Preview<'a> {
    /// What the run did.
    pub outcome: &'a run::Outcome,
    /// Its message, as Slack takes it.
    pub payload: &'a Value,
    /// Whether its counts are invented.
    pub sample: bool,
    /// Whether the payload is wanted, and no drawing.
    pub only_payload: bool,
}

/// What is known of a secret that is kept, without it.
#[derive(Clone, Debug)]
pub struct KeptSecret {
    /// The parameter.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// The key that encrypts it; none is AWS's own, or one that can't be told.
    pub key: Option<String>,
    /// Why that can't be told.
    pub key_unread: Option<String>,
    /// When it was last written, where that was asked for.
    pub modified: Option<Timestamp>,
    /// The value's length.
    pub bytes: usize,
    /// What the value looks like.
    pub form: Form,
    /// What should be known of it.
    pub notes: Vec<&'static str>,
    /// The version that was replaced.
    pub replaced: Option<u64>,
    /// Whether it was written now.
    pub written: bool,
}

impl KeptSecret {
    /// A parameter of which nothing is known yet.
    pub fn of(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: 0,
            key: None,
            key_unread: None,
            modified: None,
            bytes: 0,
            form: Form::Text,
            notes: Vec::new(),
            replaced: None,
            written: false,
        }
    }
}

/// One form of the output.
pub trait View: Send + Sync {
    /// Never shows these texts, wherever they turn up.
    fn hide(&self, secrets: &[Secret]);
    /// Something in the configuration that works, and that its author should know.
    fn warning(&self, warning: &Problem);
    /// The result of `check`.
    fn checked(&self, config: &Config, runs: &[Run]);
    /// The result of `preview`.
    fn preview(&self, preview: &Preview<'_>);
    /// The result of `invoke`.
    fn invoked(&self, invoked: &Invoked);
    /// A check from inside goes on, and waits for this.
    fn checking(&self, text: &str);
    /// The result of a check from inside.
    fn diagnosed(&self, diagnosis: &Diagnosis);
    /// A line of `logs`; times are told in the zone.
    fn logged(&self, run: &LoggedRun, zone: &TimeZone);
    /// `logs` has found no run.
    fn nothing_logged(&self) {}
    /// Writes a page.
    ///
    /// # Errors
    /// If the file can't be written.
    fn page(&self, file: &Path, page: &str) -> io::Result<()>;
    /// An address that a browser shows now, or can be told to.
    fn opened(&self, url: &str, opened: bool);
    /// A plan: the result of `plan`, the question of `deploy` and `destroy`.
    fn plan(&self, command: &str, deployment: &Deployment, plan: &Plan, runs: &[Run]);
    /// The result of `status`.
    fn status(&self, deployment: &Deployment, plan: &Plan, runs: &[Run], delivery: &Delivery);
    /// The result of `status --all`.
    fn stacks(&self, identity: &Identity, endpoint_override: Option<&str>, stacks: &Stacks);
    /// The result of `schedule`.
    fn schedule(&self, explanation: &Explanation);
    /// The result of `policy`: a text in this form.
    fn policy(&self, format: &str, text: &str);
    /// A text that other programs read, of this kind: `completions`, `man`, `schema`.
    fn document(&self, kind: &str, text: &str);
    /// Asks whether to go on; to destroy, for the stack's name.
    fn confirm(&self, command: &str, stack: &str, plan: &Plan) -> bool;
    /// Asks a question until its answer is right; none if there is nobody any more.
    fn ask(&self, question: &Question, env: &dyn Fn(&str) -> Option<String>) -> Option<String>;
    /// Asks for the value of a parameter, and doesn't show what is typed.
    ///
    /// # Errors
    /// If the terminal can't be read.
    fn ask_secret(&self, parameter: &str) -> io::Result<String>;
    /// Asks whether a parameter's old value goes.
    fn replaces(&self, parameter: &str, version: u64) -> bool;
    /// The result of `secret`.
    fn secret(&self, kept: &KeptSecret);
    /// The result of `init`, perhaps out of Terraform files.
    fn written(&self, path: &Path, config: &Config, migration: Option<&Migration>);
    /// What happens while a plan is applied.
    fn event(&self, event: Event<'_>);
    /// The result of `deploy` and `destroy`.
    fn outcome(&self, command: &str, deployment: &Deployment, plan: &Plan, outcome: &Outcome, runs: &[Run]);
    /// Why there is no result.
    fn failure(&self, failure: &Failure);
    /// Whether nobody takes results any more.
    fn is_closed(&self) -> bool;
    /// The exit code, after all results: no success where one could not be written.
    fn finish(&self, exit: Exit) -> Exit;
    /// Where each call to AWS is told.
    fn call_sink(&self) -> Box<dyn Fn(String) + Send + Sync>;
}

/// Tells programs why the command line can't be read.
pub fn unread(failure: &Failure) {
    json::Json::new(console::Console::new(ColorChoice::Never, true)).failure(failure);
}

/// The view that the command line asks for, in this CI or in none. `now` tells the time of a line.
pub fn choose(global: &Global, ci: Option<&Ci>, now: fn() -> Timestamp) -> Box<dyn View> {
    let console = console::Console::new(global.color, ci.is_some());
    let clock = ci.is_some_and(Ci::wants_times).then_some(now);
    let view: Box<dyn View> = match global.output {
        Output::Human => Box::new(human::Human::new(console.clone(), global.quiet, global.verbose, clock)),
        Output::Json => Box::new(json::Json::new(console.clone())),
    };
    let groups = global.output == Output::Human && !global.quiet;
    match ci {
        Some(Ci::GitHub(files)) => Box::new(github::GitHub::new(view, console, files.clone(), groups)),
        _ => view,
    }
}
