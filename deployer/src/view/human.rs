//! The view for people: results on stdout, what accompanies the work on stderr.

use std::io;
use std::path::Path;

use jiff::tz::TimeZone;
use tanets_function::secret::Secret;

use super::console::Console;
use super::progress::{Clock, Steps};
use super::{
    Deployment, Explanation, KeptSecret, Preview, View, delivery, diagnosis, message, migrated, secret,
    stacks, steps, text,
};
use crate::apply::{Event, Outcome};
use crate::aws::{Identity, Invoked};
use crate::config::{Config, Problem};
use crate::delivery::Delivery;
use crate::doctor::Diagnosis;
use crate::exit::{Exit, Failure};
use crate::forecast::Run;
use crate::init::Question;
use crate::migration::Migration;
use crate::plan::Plan;
use crate::run_log::LoggedRun;
use crate::stacks::Stacks;

/// The view for people.
pub struct Human {
    console: Console,
    steps: Steps,
    quiet: bool,
    verbose: bool,
}

impl Human {
    /// The view on a console. `verbose` also shows what stays as it is; with a clock, steps tell their time.
    pub fn new(console: Console, quiet: bool, verbose: u8, clock: Option<Clock>) -> Self {
        Self { steps: Steps::new(console.clone(), clock), console, quiet, verbose: verbose > 0 }
    }

    fn tell(&self, text: &str) {
        if !self.quiet {
            self.console.tell(text);
        }
    }
}

impl View for Human {
    fn hide(&self, secrets: &[Secret]) {
        self.console.hide(secrets);
    }

    fn warning(&self, warning: &Problem) {
        self.tell(&format!("{}: {warning}\n", text::paint(text::YELLOW, "warning")));
    }

    fn checked(&self, config: &Config, runs: &[Run]) {
        let disabled = config.enabled == Some(false);
        let runs = text::runs(config.schedule.as_str(), runs, disabled);
        self.console.result(&format!("{} is valid.\n{runs}", config.name));
    }

    fn preview(&self, preview: &Preview<'_>) {
        match preview.only_payload {
            true => self.console.exact(&format!("{:#}\n", preview.payload)),
            false => self.console.message(preview.payload),
        }
        self.tell(&message::fate(preview));
    }

    fn invoked(&self, invoked: &Invoked) {
        let payload = &invoked.answer["message"];
        if payload.is_object() {
            self.console.message(payload);
        }
        self.tell(&message::run(invoked));
    }

    fn checking(&self, text: &str) {
        if !self.quiet {
            self.steps.wait(text);
        }
    }

    fn diagnosed(&self, diagnosis: &Diagnosis) {
        self.steps.waited();
        self.console.result(&diagnosis::diagnosis(diagnosis));
    }

    fn logged(&self, run: &LoggedRun, zone: &TimeZone) {
        self.console.result(&message::logged(run, zone, self.verbose));
    }

    fn nothing_logged(&self) {
        self.tell("No such run has ended in this time; `--since` looks further back.\n");
    }

    fn page(&self, file: &Path, page: &str) -> io::Result<()> {
        self.console.write(file, page)?;
        self.tell(&format!("{} shows it in a browser.\n", file.display()));
        Ok(())
    }

    fn opened(&self, url: &str, opened: bool) {
        match opened {
            true => self.tell("Slack's Block Kit Builder opens in the browser.\n"),
            false => self.tell(&format!("No browser can be started here. The address:\n{url}\n")),
        }
    }

    fn plan(&self, command: &str, deployment: &Deployment, plan: &Plan, runs: &[Run]) {
        let header = text::header(command, deployment);
        let body = text::plan(plan, self.verbose);
        let mut all = format!("{header}\n{body}");
        // The plan is the result of `plan`; elsewhere it accompanies the work, whose outcome says the rest.
        let result = command == "plan";
        match plan.steps.is_empty() && plan.blocked.is_empty() {
            true if result => all += &format!("\n{}", text::nothing_to_do(command)),
            true => {}
            false => all += &format!("\n{}", text::summary(plan)),
        }
        if result {
            all += &format!("Plan digest: {}\n", plan.digest);
        }
        if !runs.is_empty() || deployment.disabled {
            all += &format!("\n{}", text::runs(&deployment.schedule, runs, deployment.disabled));
        }
        if result { self.console.result(&all) } else { self.tell(&format!("{all}\n")) }
    }

    fn status(&self, deployment: &Deployment, plan: &Plan, runs: &[Run], delivery: &Delivery) {
        let answer = delivery::delivery(delivery, plan, deployment.next(runs));
        let header = text::header("status", deployment);
        let runs = text::runs(&deployment.schedule, runs, deployment.disabled);
        self.console.result(&format!("{answer}\n{header}\n{}\n{runs}", text::status(plan)));
    }

    fn stacks(&self, identity: &Identity, endpoint_override: Option<&str>, found: &Stacks) {
        self.console.result(&stacks::stacks(identity, endpoint_override, found));
        self.console.tell(&stacks::unread(found));
    }

    fn schedule(&self, explanation: &Explanation) {
        self.console.result(&text::explanation(explanation));
    }

    fn policy(&self, _: &str, text: &str) {
        self.console.exact(text);
    }

    fn document(&self, _: &str, text: &str) {
        self.console.exact(text);
    }

    fn confirm(&self, command: &str, stack: &str, plan: &Plan) -> bool {
        if self.quiet {
            // A question without its plan would be no question.
            self.console.tell(&text::plan(plan, false));
        }
        match command {
            "destroy" => {
                self.console.ask(&format!("To delete all of this, type the stack's name ({stack}): "))
                    == stack
            }
            _ => self.console.agreed("Make these changes? [y/N] "),
        }
    }

    fn ask(&self, question: &Question, env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        self.console.answer(question, env)
    }

    fn ask_secret(&self, parameter: &str) -> io::Result<String> {
        self.console.ask_secret(parameter)
    }

    fn replaces(&self, parameter: &str, version: u64) -> bool {
        self.console.replaces(parameter, version)
    }

    fn secret(&self, kept: &KeptSecret) {
        self.console.result(&secret::secret(kept));
    }

    fn written(&self, path: &Path, config: &Config, migration: Option<&Migration>) {
        let rest = match migration {
            Some(migration) => format!(" from {}", migrated::migrated(migration, path, config)),
            None => format!(".\n{}", steps::first_steps(path, config)),
        };
        self.console.result(&format!("Wrote {}{rest}", path.display()));
    }

    fn event(&self, event: Event<'_>) {
        if !self.quiet || matches!(event, Event::Failed(..)) {
            self.steps.show(&event);
        }
    }

    fn outcome(&self, command: &str, deployment: &Deployment, plan: &Plan, outcome: &Outcome, runs: &[Run]) {
        self.console.result(&text::outcome(command, deployment, plan, outcome, runs));
    }

    fn failure(&self, failure: &Failure) {
        self.console.tell(&text::error(&failure.to_string(), &failure.causes(), failure.hint().as_deref()));
    }

    fn is_closed(&self) -> bool {
        self.console.is_closed()
    }

    fn finish(&self, exit: Exit) -> Exit {
        self.console.finish(exit)
    }

    fn call_sink(&self) -> Box<dyn Fn(String) + Send + Sync> {
        let console = self.console.clone();
        Box::new(move |line| console.tell(&format!("{}\n", text::paint(text::DIM, line))))
    }
}
