//! The view for programs: one JSON object a line on stdout, each with `version` and `type`.
//!
//! `deployer/output.schema.json` describes every line; a scenario holds all output against it.

use std::io;
use std::path::Path;

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tanets_function::check::{Finding, State};
use tanets_function::error::chain;
use tanets_function::run;
use tanets_function::secret::Secret;

use super::console::Console;
use super::{Deployment, Explanation, KeptSecret, PackageSummary, Preview, View};
use crate::apply::{Ended, Event, Interruption, Outcome, Skipped};
use crate::aws::{Identity, Invoked};
use crate::config::{Config, Problem};
use crate::delivery::{Delivery, Fate};
use crate::doctor::{Diagnosed, Diagnosis, Unchecked};
use crate::exit::Failure;
use crate::forecast::Run;
use crate::init::Question;
use crate::migration::Migration;
use crate::plan::{NotOurs, Plan, Step};
use crate::run_log::{End, LoggedRun};
use crate::secret::Form;
use crate::stacks::{Seen, Stacks};

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
        let schedule = config.schedule.as_str();
        self.line("check", json!({ "stack": config.name, "schedule": schedule, "next": runs(next) }));
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
            "next": runs(next),
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
        self.console.agreed(&format!("{parameter} is there (version {version}). Replace it? [y/N] "))
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
            Outcome { interrupted: Some(Interruption::Signal), .. } => "interrupted",
            outcome if outcome.steps.is_empty() => "nothing_to_do",
            outcome if outcome.succeeded() => "done",
            Outcome { interrupted: Some(Interruption::Time(_)), .. } => "interrupted",
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
            "next": runs(next),
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

    fn call_sink(&self) -> Box<dyn Fn(String) + Send + Sync> {
        let console = self.console.clone();
        Box::new(move |line| console.tell(&format!("{line}\n")))
    }
}

/// What came of a run.
fn ended(LoggedRun { at, end, lines: _ }: &LoggedRun) -> Value {
    match end {
        End::Made(made) => json!({
            "at": at.to_string(), "day": made.day, "total": made.total, "levels": made.levels(), "posted": made.posted,
            "why_not": made.why_not(), "duration_ms": made.duration_ms, "error": null,
        }),
        End::Failed(error) => json!({
            "at": at.to_string(), "day": null, "total": null, "levels": {}, "posted": false, "why_not": "failed",
            "duration_ms": null, "error": error,
        }),
    }
}

fn delivered(delivery: &Delivery) -> Value {
    let Delivery { now: _, fate, due, run, under_way, since } = delivery;
    let (told, why) = match fate {
        Fate::Posted => ("posted", None),
        Fate::NotPosted => ("not_posted", None),
        Fate::Failed => ("failed", None),
        Fate::Missing => ("missing", None),
        Fate::NotYet => ("not_yet", None),
        Fate::Disabled => ("disabled", None),
        Fate::NotDeployed => ("not_deployed", None),
        Fate::Unknown(why, _) => ("unknown", Some(why)),
    };
    let one = |run: &Option<Run>| run.as_ref().and_then(|run| runs(std::slice::from_ref(run)).pop());
    json!({
        "fate": told, "why_unknown": why, "due": one(due), "run": run.as_ref().map(ended), "under_way": one(under_way),
        "log_since": since.timestamp().to_string(),
    })
}

fn planned(command: &str, deployment: &Deployment, plan: &Plan, next: &[Run]) -> Value {
    let Deployment { name, schedule, account, caller, region, endpoint_override, package, arns: _ } =
        deployment;
    let Plan { steps, unchanged, blocked, left, kept, digest } = plan;
    let steps = steps.iter().map(|step| {
        let Step { address, name, action, reason, changes, before: _, revision: _, after } = step;
        json!({
            "address": address, "name": name, "action": action, "reason": reason, "changes": changes, "after": after,
        })
    });
    let kept =
        kept.iter().map(|kept| json!({ "address": kept.address, "name": kept.name, "value": kept.value }));
    let package = package.as_ref().map(|package| {
        let PackageSummary { source, origin, version, architecture, bytes, code_sha256 } = package;
        json!({
            "source": source, "origin": origin, "version": version, "architecture": architecture, "bytes": bytes,
            "code_sha256": code_sha256,
        })
    });
    json!({
        "command": command,
        "stack": name,
        "account": account,
        "identity": caller,
        "region": region,
        "endpoint_override": endpoint_override,
        "package": package,
        "schedule": schedule,
        "steps": Vec::from_iter(steps),
        "unchanged": unchanged,
        "blocked": not_ours(blocked),
        "left": not_ours(left),
        "kept": Vec::from_iter(kept),
        "plan_digest": digest,
        "next": runs(next),
    })
}

/// All fields, whatever the state.
fn finding(Diagnosed { finding, hint }: &Diagnosed) -> Value {
    let Finding { what, state, ms } = finding;
    let mut fields = json!({ "what": what, "detail": null, "kind": null, "error": null, "after": null, "hint": hint, "ms": ms });
    fields["state"] = match state {
        State::Ok { detail } => {
            fields["detail"] = json!(detail);
            json!("ok")
        }
        State::Failed { kind, error, hint: _ } => {
            fields["kind"] = json!(kind);
            fields["error"] = json!(error);
            json!("failed")
        }
        State::NotTried { after } => {
            fields["after"] = json!(after);
            json!("not_tried")
        }
    };
    fields
}

fn not_ours(strangers: &[NotOurs]) -> Vec<Value> {
    let one =
        |NotOurs { address, name, why }: &NotOurs| json!({ "address": address, "name": name, "why": why });
    strangers.iter().map(one).collect()
}

fn runs(runs: &[Run]) -> Vec<Value> {
    let one = |Run { at, day }: &Run| {
        let local = at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        json!({ "utc": at.timestamp().to_string(), "local": local, "day": day.to_string() })
    };
    runs.iter().map(one).collect()
}
