//! The view for programs: one JSON object a line on stdout, each with `version` and `type`.
//!
//! `deployer/output.schema.json` describes every line; a scenario holds all output against it.

use std::io;
use std::path::Path;

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tanets_function::error::chain;
use tanets_function::run;
use tanets_function::secret::Secret;

use super::console::Console;
use super::{Deployment, Explanation, KeptSecret, Preview, View};
use crate::apply::{Ended, Event, Interruption, Outcome, Skipped};
use crate::aws::{Identity, Invoked};
use crate::config::{Config, Problem};
use crate::delivery::Delivery;
use crate::doctor::{Diagnosis, Unchecked};
use crate::exit::{Exit, Failure};
use crate::forecast::Run;
use crate::init::Question;
use crate::migration::Migration;
use crate::plan::{Plan, Step};
use crate::run_log::LoggedRun;
use crate::secret::Form;
use crate::stacks::{Seen, Stacks};
use fields::{delivered, ended, finding, not_ours, planned, runs};

mod fields;

/// The version of the lines' form. A field that is added leaves it; one that is taken away or changed doesn't.
const VERSION: u32 = 1;

/// The view for programs.
pub struct Json {
    console: Console,
}

impl Json {
    /// The view on a console.
    pub fn new(console: Console) -> Self {
        Self { console }
    }

    fn line(&self, kind: &str, mut fields: Value) {
        fields["version"] = json!(VERSION);
        fields["type"] = json!(kind);
        self.console.exact(&format!("{fields}\n"));
    }
}

impl View for Json {
    fn hide(&self, secrets: &[Secret]) {
        self.console.hide(secrets);
    }

    fn warning(&self, warning: &Problem) {
        self.line("warning", json!({ "message": warning.to_string() }));
    }

    fn checked(&self, config: &Config, next: &[Run]) {
        let (schedule, disabled) = (config.schedule.as_str(), config.enabled == Some(false));
        let fields = json!({
            "stack": config.name, "schedule": schedule, "disabled": disabled,
            "next": runs(next, config.schedule.is_exact()),
        });
        self.line("check", fields);
    }

    fn preview(&self, preview: &Preview<'_>) {
        let Preview { outcome, payload, sample, only_payload: _ } = preview;
        let run::Outcome { day, timezone, posted, quiet: _, total, levels, message: _ } = outcome;
        let fields = json!({
            "day": day, "timezone": timezone, "posted": posted, "sample": sample, "total": total, "levels": levels,
            "payload": payload,
        });
        self.line("preview", fields);
    }

    fn invoked(&self, invoked: &Invoked) {
        let Invoked { answer, failed, duration, memory, log } = invoked;
        let fields = json!({
            "answer": answer, "failed": failed, "duration_ms": duration.as_millis(), "memory_mb": memory,
            "log": Vec::from_iter(log.lines()),
        });
        self.line("invocation", fields);
    }

    fn checking(&self, _: &str) {}

    fn diagnosed(&self, diagnosis: &Diagnosis) {
        let Diagnosis { stack, deployed: _, checked } = diagnosis;
        let (result, findings, error) = match checked {
            Ok(findings) if diagnosis.is_well() => ("ok", findings.as_slice(), None),
            Ok(findings) => ("failed", findings.as_slice(), None),
            Err(error) => ("not_checked", &[][..], Some(error)),
        };
        let fields = json!({
            "stack": stack, "result": result, "findings": Vec::from_iter(findings.iter().map(finding)),
            "error": error.map(|error| chain(error)), "hint": error.and_then(Unchecked::hint),
        });
        self.line("doctor", fields);
    }

    fn logged(&self, run: &LoggedRun, _: &TimeZone) {
        let mut fields = ended(run);
        fields["log"] = json!(run.lines);
        self.line("logged_run", fields);
    }

    fn page(&self, file: &Path, page: &str) -> io::Result<()> {
        self.console.write(file, page)
    }

    fn opened(&self, url: &str, opened: bool) {
        self.line("opened", json!({ "url": url, "opened": opened }));
    }

    fn plan(&self, command: &str, deployment: &Deployment, plan: &Plan, next: &[Run]) {
        self.line("plan", planned(command, deployment, plan, next));
    }

    fn status(&self, deployment: &Deployment, plan: &Plan, next: &[Run], delivery: &Delivery) {
        let mut fields = planned("status", deployment, plan, next);
        fields["in_sync"] = json!(plan.steps.is_empty() && plan.blocked.is_empty());
        fields["delivery"] = delivered(delivery);
        self.line("status", fields);
    }

    fn stacks(&self, identity: &Identity, endpoint_override: Option<&str>, found: &Stacks) {
        let Identity { account, arn, partition: _, region } = identity;
        let Stacks { stacks, unread } = found;
        let stacks = stacks.iter().map(|stack| {
            let Seen { name, there, missing, unread, schedule, disabled } = stack;
            let unread = unread.iter().map(|(address, error)| format!("{address}: {error}"));
            json!({
                "name": name, "there": there, "missing": missing, "unread": Vec::from_iter(unread), "schedule": schedule,
                "disabled": disabled, "orphan": stack.orphan(),
            })
        });
        let fields = json!({
            "account": account, "identity": arn, "region": region, "endpoint_override": endpoint_override,
            "stacks": Vec::from_iter(stacks), "unread": Vec::from_iter(unread.iter().map(ToString::to_string)),
        });
        self.line("stacks", fields);
    }

    fn schedule(&self, explanation: &Explanation) {
        let Explanation { schedule, zone, runs: next, clocks } = explanation;
        let clocks = clocks.as_ref().map(
            |change| json!({ "utc": change.at.timestamp().to_string(), "later_minutes": change.later.as_mins() }),
        );
        let fields = json!({
            "schedule": schedule.as_str(),
            "words": schedule.words(),
            "timezone": zone.iana_name(),
            "next": runs(next, schedule.is_exact()),
            "clock_change": clocks,
        });
        self.line("schedule", fields);
    }

    fn policy(&self, format: &str, text: &str) {
        self.line("policy", json!({ "format": format, "text": text }));
    }

    fn document(&self, kind: &str, text: &str) {
        self.line("document", json!({ "kind": kind, "text": text }));
    }

    fn confirm(&self, command: &str, stack: &str, plan: &Plan) -> bool {
        let steps = plan.steps.len();
        match command {
            "destroy" => {
                self.console.ask(&format!("{command}: {steps} steps; type {stack} to go on: ")) == stack
            }
            _ => self.console.agreed(&format!("{command}: {steps} steps; go on? [y/N] ")),
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
        let KeptSecret { name, version, key, key_unread, modified, bytes, form, notes, replaced, written } =
            kept;
        let form = match form {
            Form::Slack => "slack_webhook",
            Form::Workflow => "workflow",
            Form::Url => "url",
            Form::Text => "text",
        };
        let fields = json!({
            "name": name, "parameter_version": version, "key": key, "key_unread": key_unread,
            "modified": modified.map(|at| at.to_string()), "bytes": bytes, "form": form, "notes": notes,
            "replaced": replaced, "written": written,
        });
        self.line("secret", fields);
    }

    fn written(&self, path: &Path, config: &Config, migration: Option<&Migration>) {
        let migration = migration.map(|migration| {
            let Migration { source, addresses, differences, .. } = migration;
            json!({ "source": source, "addresses": addresses, "differences": differences })
        });
        let path = path.display().to_string();
        self.line("written", json!({ "path": path, "stack": config.name, "migration": migration }));
    }

    fn event(&self, event: Event<'_>) {
        let about =
            |step: &Step| json!({ "address": step.address, "name": step.name, "action": step.action });
        match event {
            Event::Started(step) => self.line("step_started", about(step)),
            Event::Progress(step, text) => {
                let mut fields = about(step);
                fields["message"] = json!(text);
                self.line("step_progress", fields);
            }
            Event::Finished(step, elapsed) => {
                let mut fields = about(step);
                fields["elapsed_ms"] = json!(elapsed.as_millis());
                self.line("step_finished", fields);
            }
            Event::Failed(step, error, elapsed) => {
                let mut fields = about(step);
                fields["elapsed_ms"] = json!(elapsed.as_millis());
                fields["error"] = json!(error.to_string());
                fields["hint"] = json!(error.hint());
                self.line("step_failed", fields);
            }
            Event::Skipped(step, skipped) => {
                let mut fields = about(step);
                fields["needs"] = match skipped {
                    Skipped::After(address) => json!(address),
                    Skipped::Interrupted => Value::Null,
                };
                self.line("step_skipped", fields);
            }
            Event::Interrupted(why) => {
                let reason = match why {
                    Interruption::Signal => "signal",
                    Interruption::Time(_) => "timeout",
                };
                self.line("interrupted", json!({ "reason": reason }));
            }
        }
    }

    fn outcome(&self, command: &str, deployment: &Deployment, plan: &Plan, outcome: &Outcome, next: &[Run]) {
        let result = match outcome {
            outcome if outcome.steps.is_empty() => "nothing_to_do",
            // What came too late to leave anything undone is none.
            outcome if outcome.succeeded() => "done",
            Outcome { interrupted: Some(_), .. } => "interrupted",
            _ => "failed",
        };
        let names = |wanted: fn(&Ended) -> bool| {
            let steps = outcome.steps.iter().filter(move |(_, _, ended)| wanted(ended));
            Vec::from_iter(steps.map(|(address, _, _)| address))
        };
        let arns: serde_json::Map<String, Value> =
            deployment.arns.iter().map(|(kind, arn)| ((*kind).to_owned(), json!(arn))).collect();
        let fields = json!({
            "command": command,
            "stack": deployment.name,
            "result": result,
            "done": names(|ended| matches!(ended, Ended::Done)),
            "failed": names(|ended| matches!(ended, Ended::Failed(_))),
            "skipped": names(|ended| matches!(ended, Ended::Skipped(_))),
            "left": not_ours(&plan.left),
            "arns": arns,
            "disabled": deployment.disabled,
            "next": runs(next, deployment.rate().is_none()),
        });
        self.line("outcome", fields);
    }

    fn failure(&self, failure: &Failure) {
        let fields = json!({
            "message": failure.to_string(),
            "causes": failure.causes(),
            "hint": failure.hint(),
            "exit_code": failure.exit() as u8,
        });
        self.line("error", fields);
    }

    fn is_closed(&self) -> bool {
        self.console.is_closed()
    }

    fn finish(&self, exit: Exit) -> Exit {
        self.console.finish(exit)
    }

    fn call_sink(&self) -> Box<dyn Fn(String) + Send + Sync> {
        let console = self.console.clone();
        Box::new(move |line| console.tell(&format!("{line}\n")))
    }
}
