//! GitHub Actions beside a view: groups in the log, annotations, the job's summary, the step's outputs.
//!
//! What the runner reads as a command goes to stderr, so that stdout stays the result. The commands' form is that of
//! GitHub's "workflow commands".

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::tz::TimeZone;
use tanets_function::secret::Secret;

use super::console::Console;
use super::{Deployment, Explanation, KeptSecret, Next, Preview, View, diagnosis, markdown};
use crate::apply::{Ended, Event, Outcome};
use crate::aws::{Identity, Invoked};
use crate::ci;
use crate::config::{Config, ConfigError, Place, Problem};
use crate::delivery::Delivery;
use crate::doctor::Diagnosis;
use crate::exit::{Exit, Failure};
use crate::forecast::Run;
use crate::init::Question;
use crate::migration::Migration;
use crate::plan::Plan;
use crate::run_log::LoggedRun;
use crate::stacks::Stacks;

/// A view, and what GitHub takes beside it.
pub struct GitHub {
    view: Box<dyn View>,
    console: Console,
    files: ci::GitHub,
    /// Whether what stands on stderr is put into groups.
    groups: bool,
    is_open: AtomicBool,
}

impl GitHub {
    /// GitHub beside a view on a console.
    pub fn new(view: Box<dyn View>, console: Console, files: ci::GitHub, groups: bool) -> Self {
        Self { view, console, files, groups, is_open: AtomicBool::new(false) }
    }

    fn command(&self, name: &str, properties: &[(&str, String)], message: &str) {
        // What is hidden is hidden before it is written in another way.
        let properties = properties.iter().map(|(key, value)| {
            let value = self.console.redacted(value);
            format!("{key}={}", data(&value).replace(':', "%3A").replace(',', "%2C"))
        });
        let properties = Vec::from_iter(properties).join(",");
        let space = if properties.is_empty() { "" } else { " " };
        let message = data(&self.console.redacted(message));
        self.console.tell(&format!("::{name}{space}{properties}::{message}\n"));
    }

    fn open(&self, title: &str) {
        if self.groups && !self.is_open.swap(true, Ordering::Relaxed) {
            self.command("group", &[], title);
        }
    }

    fn close(&self) {
        if self.is_open.swap(false, Ordering::Relaxed) {
            self.command("endgroup", &[], "");
        }
    }

    /// A problem beside its line, wherever the pull request shows that.
    fn annotate(&self, level: &str, problem: &Problem) {
        let Problem { file, key, place, message, hint } = problem;
        let mut properties = vec![("file", self.in_checkout(file))];
        if let Some(Place { line, column, .. }) = place {
            properties.extend([("line", line.to_string()), ("col", column.to_string())]);
        }
        properties.extend(key.as_ref().map(|key| ("title", key.clone())));
        let hint = hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        self.command(level, &properties, &format!("{message}{hint}"));
    }

    /// The file as GitHub knows it: from the root of the checkout.
    fn in_checkout(&self, file: &str) -> String {
        let workspace = self.files.workspace.as_deref().and_then(|root| root.canonicalize().ok());
        let here = Path::new(file).canonicalize().ok();
        let inside =
            workspace.zip(here).and_then(|(root, file)| Some(file.strip_prefix(root).ok()?.to_owned()));
        inside.map_or_else(|| file.to_owned(), |file| file.display().to_string())
    }

    fn append(&self, file: Option<&PathBuf>, what: &str, text: &str) {
        let Some(file) = file else { return };
        let text = self.console.redacted(text);
        let opened = OpenOptions::new().append(true).create(true).open(file);
        if let Err(error) = opened.and_then(|mut file| file.write_all(text.as_bytes())) {
            self.command("warning", &[], &format!("cannot write {what}: {error}"));
        }
    }

    fn summarise(&self, markdown: &str) {
        self.append(self.files.summary.as_ref(), "the job's summary", markdown);
    }

    fn outputs(&self, changed: bool, command: &str, deployment: &Deployment, plan: &Plan, runs: &[Run]) {
        let mut outputs = format!("changed={changed}\nplan_digest={}\n", plan.digest);
        let function = deployment.arns.iter().find(|(kind, _)| *kind == "function");
        if let Some((_, arn)) = function.filter(|_| command != "destroy") {
            outputs += &format!("function_arn={arn}\n");
        }
        if let Next::At(Run { at, .. }) = deployment.next(runs) {
            outputs += &format!("next_run={}\n", at.timestamp());
        }
        self.append(self.files.output.as_ref(), "the step's outputs", &outputs);
    }
}

/// A command's text on its one line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

impl View for GitHub {
    fn hide(&self, secrets: &[Secret]) {
        self.view.hide(secrets);
        // In the summary they would stand in another form.
        let escaped = secrets.iter().map(|secret| Secret::new(markdown::escaped(secret.expose())));
        self.console.hide(&Vec::from_iter(escaped));
    }

    fn warning(&self, warning: &Problem) {
        self.view.warning(warning);
        self.annotate("warning", warning);
    }

    fn checked(&self, config: &Config, runs: &[Run]) {
        self.view.checked(config, runs);
    }

    fn preview(&self, preview: &Preview<'_>) {
        self.view.preview(preview);
    }

    fn invoked(&self, invoked: &Invoked) {
        self.view.invoked(invoked);
    }

    fn checking(&self, text: &str) {
        self.view.checking(text);
    }

    fn diagnosed(&self, diagnosis: &Diagnosis) {
        self.view.diagnosed(diagnosis);
        for (what, error, hint) in diagnosis::failures(diagnosis) {
            let hint = hint.map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
            self.command("error", &[("title", format!("check: {what}"))], &format!("{error}{hint}"));
        }
        self.summarise(&markdown::diagnosis(diagnosis));
    }

    fn logged(&self, run: &LoggedRun, zone: &TimeZone) {
        self.view.logged(run, zone);
    }

    fn nothing_logged(&self) {
        self.view.nothing_logged();
    }

    fn page(&self, file: &Path, page: &str) -> io::Result<()> {
        self.view.page(file, page)
    }

    fn opened(&self, url: &str, opened: bool) {
        self.view.opened(url, opened);
    }

    fn plan(&self, command: &str, deployment: &Deployment, plan: &Plan, runs: &[Run]) {
        let is_result = command == "plan";
        if !is_result {
            self.open("Plan");
        }
        self.view.plan(command, deployment, plan, runs);
        self.close();
        self.summarise(&markdown::plan(command, deployment, plan, runs));
        if is_result {
            self.outputs(!plan.steps.is_empty(), command, deployment, plan, runs);
        }
    }

    fn status(&self, deployment: &Deployment, plan: &Plan, runs: &[Run], delivery: &Delivery) {
        self.view.status(deployment, plan, runs, delivery);
    }

    fn stacks(&self, identity: &Identity, endpoint_override: Option<&str>, stacks: &Stacks) {
        self.view.stacks(identity, endpoint_override, stacks);
    }

    fn schedule(&self, explanation: &Explanation) {
        self.view.schedule(explanation);
    }

    fn policy(&self, format: &str, text: &str) {
        self.view.policy(format, text);
    }

    fn document(&self, kind: &str, text: &str) {
        self.view.document(kind, text);
    }

    fn confirm(&self, command: &str, stack: &str, plan: &Plan) -> bool {
        self.view.confirm(command, stack, plan)
    }

    fn ask(&self, question: &Question, env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        self.view.ask(question, env)
    }

    fn ask_secret(&self, parameter: &str) -> io::Result<String> {
        self.view.ask_secret(parameter)
    }

    fn replaces(&self, parameter: &str, version: u64) -> bool {
        self.view.replaces(parameter, version)
    }

    fn secret(&self, kept: &KeptSecret) {
        self.view.secret(kept);
    }

    fn written(&self, path: &Path, config: &Config, migration: Option<&Migration>) {
        self.view.written(path, config, migration);
    }

    fn event(&self, event: Event<'_>) {
        self.open("Steps");
        if let Event::Failed(step, error, _) = &event {
            let hint = error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
            let title = format!("{}: {}", step.address, step.name);
            self.command("error", &[("title", title)], &format!("{error}{hint}"));
        }
        self.view.event(event);
    }

    fn outcome(&self, command: &str, deployment: &Deployment, plan: &Plan, outcome: &Outcome, runs: &[Run]) {
        self.close();
        self.view.outcome(command, deployment, plan, outcome, runs);
        if !outcome.steps.is_empty() {
            self.summarise(&markdown::outcome(outcome));
        }
        let changed = outcome.steps.iter().any(|(_, _, ended)| matches!(ended, Ended::Done));
        self.outputs(changed, command, deployment, plan, runs);
    }

    fn failure(&self, failure: &Failure) {
        self.close();
        self.view.failure(failure);
        match failure {
            Failure::Config(ConfigError::Invalid { problems }) => {
                problems.iter().for_each(|problem| self.annotate("error", problem));
            }
            failure => {
                let causes = failure.causes().into_iter().map(|cause| format!("\ncaused by: {cause}"));
                let hint = failure.hint().map(|hint| format!("\nhint: {hint}"));
                let more = String::from_iter(causes.chain(hint));
                self.command("error", &[("title", "tanets".to_owned())], &format!("{failure}{more}"));
            }
        }
    }

    fn is_closed(&self) -> bool {
        self.console.is_closed()
    }

    fn finish(&self, exit: Exit) -> Exit {
        self.console.finish(exit)
    }

    fn call_sink(&self) -> Box<dyn Fn(String) + Send + Sync> {
        self.view.call_sink()
    }
}
