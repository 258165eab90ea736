//! Who is measured, in which order, and what came of it: the tools take turns, so that a busy moment of the machine hits
//! all of them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

use tanets_sandbox::interrupt::Interrupt;
use tanets_sandbox::manners::{Proxy, Request};
use tanets_sandbox::progress::Progress;
use tanets_sandbox::{Ministack, PeerError, build_function, build_released_deployer};

use crate::report::{NotRun, Report, load};
use crate::tool::{Chalice, Phase, Tanets, Terraform, Tool};
use crate::usage::{self, Usage};
use crate::{Name, tell};

const REGION: &str = "ap-northeast-1";
/// What the tools see of our environment: where programs, homes and certificates are, and Terraform's own settings.
const INHERITED: [&str; 6] =
    ["PATH", "HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR"];
/// The lines of a build between two that are shown.
const BUILD_LINES: Duration = Duration::from_secs(5);

/// What to measure.
pub struct Settings {
    pub runs: u16,
    pub latencies: Vec<Duration>,
    pub tools: Vec<Name>,
    /// Another binary of tanets than the release build.
    pub tanets: Option<PathBuf>,
    /// Where Terraform takes its provider from.
    pub terraform_plugins: Option<PathBuf>,
}

/// One phase of one run of one tool.
pub struct Sample {
    pub latency: Duration,
    pub phase: Phase,
    pub usage: Usage,
    pub requests: Vec<Request>,
}

/// Sets everything up and measures it.
///
/// # Errors
/// If the peers, the builds or tanets fail, or on an interrupt. Another tool that is missing or fails is told in the
/// report.
pub fn compare(settings: &Settings, interrupt: &Interrupt) -> Result<Report, PeerError> {
    let progress = Throttled::default();
    let progress: &Progress<'_> = &|line| progress.tell(line);
    let bootstrap = build_function(progress)?;
    let bootstrap = fs::read(&bootstrap)
        .map_err(|error| PeerError::new(format!("reading {}", bootstrap.display()), error))?;
    let mut not_run = Vec::new();
    let mut tools: Vec<(Box<dyn Tool>, Vec<Sample>)> = Vec::new();
    for name in &settings.tools {
        let found: Result<Box<dyn Tool>, PeerError> = match name {
            Name::Tanets => {
                let binary = settings.tanets.clone().map_or_else(|| build_released_deployer(progress), Ok)?;
                Ok(Box::new(Tanets::new(binary, bootstrap.clone())?))
            }
            Name::Terraform => Terraform::find(settings.terraform_plugins.clone(), &bootstrap)
                .map(|terraform| Box::new(terraform) as Box<dyn Tool>),
            Name::Chalice => Chalice::install(progress).map(|chalice| Box::new(chalice) as Box<dyn Tool>),
        };
        match found {
            Ok(tool) => tools.push((tool, Vec::new())),
            Err(error) => not_run.push(NotRun::new(&format!("{name:?}"), &error)),
        }
    }
    if tools.is_empty() {
        let why = Vec::from_iter(not_run.iter().map(NotRun::to_string)).join("\n");
        return Err(PeerError::new("looking for tools to measure", why));
    }
    let load = load();
    interrupt.ask_first();
    let ministack = Ministack::start(progress)?;
    let proxy = Proxy::in_front_of(ministack.url())?;
    for run in 0..settings.runs {
        for latency in &settings.latencies {
            let mut going = Vec::new();
            for (tool, mut samples) in tools {
                if run >= tool.runs(settings.runs) {
                    going.push((tool, samples));
                    continue;
                }
                let begun = Instant::now();
                let passed = pass(tool.as_ref(), &ministack, &proxy, *latency, interrupt, &mut samples);
                let name = tool.name();
                match passed {
                    Ok(()) => {
                        let (run, ms, took) = (run + 1, latency.as_millis(), begun.elapsed().as_secs_f64());
                        tell(&format!("run {run}, {ms} ms a request: {name} took {took:.1} s"));
                        going.push((tool, samples));
                    }
                    Err(error) if name == "tanets" || interrupt.pressed() => return Err(error),
                    Err(error) => not_run.push(NotRun::new(name, &error)),
                }
            }
            tools = going;
        }
    }
    Ok(Report::new(settings, load, tools, not_run))
}

/// One tool's way through all phases, in an account and a folder of its own.
fn pass(
    tool: &dyn Tool,
    ministack: &Ministack,
    proxy: &Proxy,
    latency: Duration,
    interrupt: &Interrupt,
    samples: &mut Vec<Sample>,
) -> Result<(), PeerError> {
    let failed = |error| PeerError::new("making a folder for a deployment", error);
    let parent = tempfile::Builder::new().prefix("tanets-bench-").tempdir().map_err(failed)?;
    let (folder, log) = (parent.path().join("bench"), parent.path().join("log"));
    fs::create_dir(&folder).map_err(failed)?;
    let account = ministack.fresh_account();
    proxy.set_latency(latency);
    for phase in Phase::ALL {
        let Some(words) = tool.command(phase) else { continue };
        tool.write(&folder, phase.desired())?;
        proxy.clear();
        let usage = usage::run(&mut command(&words, &folder, proxy.url(), &account), &log, interrupt)?;
        let requests = proxy.requests();
        if let Some(operation) = phase.proof()
            && !requests.iter().any(|request| request.operation == operation)
        {
            let doing = format!("measuring {}: {}", tool.name(), phase.name());
            return Err(PeerError::new(doing, format!("it ended well without asking for {operation}")));
        }
        samples.push(Sample { latency, phase, usage, requests });
    }
    Ok(())
}

/// A command whose AWS is the proxy.
fn command(words: &[OsString], folder: &Path, url: &str, account: &str) -> Command {
    let (program, arguments) = words.split_first().map_or((OsString::new(), words), |(p, a)| (p.clone(), a));
    let inherited = INHERITED.into_iter().filter_map(|name| Some((name, env::var_os(name)?)));
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(inherited)
        .env("TMPDIR", folder)
        .env("AWS_ENDPOINT_URL", url)
        .env("AWS_ACCESS_KEY_ID", account)
        .env("AWS_SECRET_ACCESS_KEY", "bench")
        .env("AWS_REGION", REGION)
        .env("AWS_DEFAULT_REGION", REGION)
        // Nothing of the person's own, and no look for a machine's role.
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        // No look for a newer Terraform.
        .env("CHECKPOINT_DISABLE", "1");
    command
}

/// Tells the first line of a set-up and then one now and then: a build has hundreds.
#[derive(Default)]
struct Throttled(std::sync::Mutex<Option<Instant>>);

impl Throttled {
    fn tell(&self, line: &str) {
        let mut last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() > BUILD_LINES) {
            *last = Some(Instant::now());
            tell(line);
        }
    }
}
