//! Plan, status and outcome as text for people. Pure: gives strings.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;
use tanets_function::preview::link;

use super::delivery::next_run;
use super::{Deployment, Explanation};
use crate::apply::{Ended, Interruption, Outcome};
use crate::attributes::{Change, Value};
use crate::forecast::{ClockChange, Run};
use crate::plan::{Action, NotOurs, Plan, Reason, Step};
use crate::policy;

/// Headings and names.
pub const BOLD: Style = Style::new().bold();
/// What matters less.
pub const DIM: Style = Style::new().dimmed();
/// What goes well, or is new.
pub const GREEN: Style = AnsiColor::Green.on_default();
/// What changes, or should be looked at.
pub const YELLOW: Style = AnsiColor::Yellow.on_default();
/// What goes, or has failed.
pub const RED: Style = AnsiColor::Red.on_default().bold();
/// The way out.
pub const CYAN: Style = AnsiColor::Cyan.on_default();

/// Columns that an attribute's name takes at most before its value stands out of line.
const NAME_WIDTH: usize = 32;

/// A text in a style.
pub fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The symbol of an action, readable without colour.
pub fn symbol(action: Action) -> String {
    match action {
        Action::Create => paint(GREEN, "+"),
        Action::Update => paint(YELLOW, "~"),
        Action::Delete => paint(RED, "-"),
    }
}

/// Why a step is there, in words.
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Missing => "create, it is missing",
        Reason::Differs => "update, it differs",
        Reason::Adopted => "update, it is taken over",
        Reason::Destroy => "delete",
    }
}

/// Account, region, package: what a plan is about.
pub fn header(command: &str, deployment: &Deployment) -> String {
    let Deployment {
        name,
        schedule: _,
        disabled: _,
        account,
        caller,
        region,
        endpoint_override,
        package,
        arns: _,
    } = deployment;
    let mut text = format!("{} {command} {name}\n", paint(BOLD, "tanets"));
    let _ = writeln!(text, "  account   {account}, region {region}");
    let _ = writeln!(text, "  identity  {caller}");
    if let Some(url) = endpoint_override {
        let _ = writeln!(text, "  {}  {url} (not AWS itself)", paint(YELLOW, "endpoint"));
    }
    if let Some(package) = package {
        let kilobytes = package.bytes.div_ceil(1000);
        let super::PackageSummary { source, origin: _, version, architecture, bytes: _, code_sha256 } =
            package;
        let version = version.as_deref().unwrap_or("unknown");
        let _ = writeln!(
            text,
            "  package   {source} (version {version}, {architecture}, {kilobytes} kB, sha256 {code_sha256})"
        );
    }
    text
}

/// Each step with its reason and changes, then what stays.
pub fn plan(plan: &Plan, verbose: bool) -> String {
    let mut text = String::new();
    for step in &plan.steps {
        let Step { address, name, action, reason: why, changes, before: _, revision: _, after: _ } = step;
        let _ = writeln!(text, "{} {address:<10}  {name}  {}", symbol(*action), paint(DIM, reason(*why)));
        // One long name, a policy's ARN, must not push all values to the right.
        let short = changes.iter().map(|change| change.name.len()).filter(|width| *width <= NAME_WIDTH);
        let width = short.max().unwrap_or(0);
        for change in changes {
            text += &one_change(change, *action, width);
        }
    }
    if verbose || plan.steps.is_empty() {
        for address in &plan.unchanged {
            let _ = writeln!(text, "{} {address}", paint(DIM, "="));
        }
    }
    for kept in &plan.kept {
        let (address, name, value) = (&kept.address, &kept.name, &kept.value);
        let _ = writeln!(
            text,
            "{} {address:<10}  {name} = {value}  {}",
            paint(YELLOW, "!"),
            paint(DIM, "not ours, kept")
        );
    }
    for stranger in plan.blocked.iter().chain(&plan.left) {
        let NotOurs { address, name, why } = stranger;
        let _ = writeln!(text, "{} {address:<10}  {name}  {}", paint(RED, "!"), paint(RED, why));
    }
    text
}

fn one_change(change: &Change, action: Action, width: usize) -> String {
    let Change { name, before, after } = change;
    if let (Value::Policy(_), _) | (_, Value::Policy(_)) = (before, after) {
        let mut text = format!("    {name}\n");
        for (sign, value) in [("-", before), ("+", after)] {
            let Value::Policy(document) = value else { continue };
            for statement in statements(document) {
                let _ = writeln!(text, "      {sign} {statement}");
            }
        }
        return text;
    }
    match (action, before) {
        (Action::Create, Value::Absent) => format!("    {name:<width$}  {after}\n"),
        _ => format!("    {name:<width$}  {before} -> {after}\n"),
    }
}

/// A policy in words, a line a statement: `allow A, B on R`.
pub fn statements(document: &Json) -> Vec<String> {
    let one = [document.clone()];
    let all = if document.get("Statement").is_some() { policy::statements(document) } else { &one };
    let joined = |value: &Json| match value {
        Json::Array(members) => Vec::from_iter(
            members.iter().map(|member| member.as_str().map_or_else(|| member.to_string(), str::to_owned)),
        )
        .join(", "),
        other => other.as_str().map_or_else(|| other.to_string(), str::to_owned),
    };
    let words = all.iter().map(|statement| {
        let effect = joined(&statement["Effect"]).to_lowercase();
        let mut words = format!("{effect} {}", joined(&statement["Action"]));
        if let Some(Json::Object(kinds)) = statement.get("Principal") {
            let who = Vec::from_iter(kinds.values().map(joined)).join(", ");
            let _ = write!(words, " to {who}");
        }
        if let Some(resource) = statement.get("Resource") {
            let _ = write!(words, " on {}", joined(resource));
        }
        for (operator, keys) in statement.get("Condition").and_then(Json::as_object).into_iter().flatten() {
            for (key, values) in keys.as_object().into_iter().flatten() {
                let _ = write!(words, " if {key} {operator} {}", joined(values));
            }
        }
        words
    });
    words.collect()
}

/// The sentence for a plan without steps.
pub fn nothing_to_do(command: &str) -> &'static str {
    match command {
        "destroy" => "Nothing to do: there is nothing of this stack in the account.\n",
        _ => "Nothing to do: the account matches the configuration.\n",
    }
}

/// The counts of a plan.
pub fn summary(plan: &Plan) -> String {
    let [create, update, delete] = [Action::Create, Action::Update, Action::Delete].map(|a| plan.count(a));
    let unchanged = plan.unchanged.len();
    format!("Plan: {create} to create, {update} to update, {delete} to delete, {unchanged} unchanged.\n")
}

/// When the rule fires, in the digest's time zone and in UTC, and the day that each run covers.
pub fn runs(schedule: &str, runs: &[Run], disabled: bool) -> String {
    if disabled {
        let disabled = paint(YELLOW, "the rule is disabled");
        return format!(
            "Next runs of {schedule}:\n  none: {disabled}, and doesn't fire until it is enabled\n"
        );
    }
    if runs.is_empty() {
        return format!("{schedule} never fires again.\n");
    }
    let mut text = format!("Next runs of {schedule}:\n");
    if schedule.starts_with("rate(") {
        let _ = writeln!(text, "  {}", paint(DIM, "counted from now; AWS counts from when the rule is put"));
    }
    for Run { at, day } in runs {
        let local = at.strftime("%a %Y-%m-%d %H:%M %Z");
        let utc = at.timestamp().strftime("%m-%d %H:%M UTC");
        let _ = writeln!(text, "  {local}  {}  covers {}", paint(DIM, utc), day.strftime("%a %Y-%m-%d"));
    }
    text
}

/// A schedule in words, its runs, and what changes the local time of those.
pub fn explanation(explanation: &Explanation) -> String {
    let Explanation { schedule, zone, runs: next, clocks } = explanation;
    let mut text = format!("Fires {}.\n\n{}", schedule.words(), runs(schedule.as_str(), next, false));
    if let Some(ClockChange { at, later }) = clocks.as_ref().filter(|_| !next.is_empty()) {
        let zone = zone.iana_name().unwrap_or("the zone");
        let how = if later.is_negative() { "earlier" } else { "later" };
        let _ = writeln!(
            text,
            "\nThe schedule keeps to UTC: from {} on, when the clocks of {zone} change, the same runs come {:#} {how} there.",
            at.strftime("%a %Y-%m-%d"),
            later.abs(),
        );
    }
    text
}

/// A line a resource: in sync, different, missing, not ours.
pub fn status(plan: &Plan) -> String {
    let mut lines: Vec<String> = Vec::new();
    for address in &plan.unchanged {
        lines.push(format!("{} {address:<10}  in sync", paint(GREEN, "=")));
    }
    for step in &plan.steps {
        let address = &step.address;
        let told = match step.reason {
            Reason::Missing => paint(RED, "missing"),
            Reason::Destroy => paint(RED, "to be deleted"),
            Reason::Differs | Reason::Adopted => {
                let names = Vec::from_iter(step.changes.iter().map(|change| change.name.as_str())).join(", ");
                format!("{}: {names}", paint(YELLOW, "differs"))
            }
        };
        lines.push(format!("{} {address:<10}  {told}", symbol(step.action)));
    }
    for stranger in plan.blocked.iter().chain(&plan.left) {
        lines.push(format!("{} {:<10}  {}", paint(RED, "!"), stranger.address, paint(RED, &stranger.why)));
    }
    for kept in &plan.kept {
        lines.push(format!(
            "{} {:<10}  {} = {} (not ours)",
            paint(YELLOW, "!"),
            kept.address,
            kept.name,
            kept.value
        ));
    }
    lines.join("\n") + "\n"
}

/// What was done, what wasn't, and how to go on.
pub fn outcome(
    command: &str,
    deployment: &Deployment,
    plan: &Plan,
    outcome: &Outcome,
    next: &[Run],
) -> String {
    let mut text = String::new();
    for NotOurs { address, name, why } in &plan.left {
        let _ = writeln!(text, "Left: {address} `{name}` {why}");
    }
    let (done, failed, skipped) = outcome.counts();
    if outcome.steps.is_empty() {
        return text + nothing_to_do(command);
    }
    if outcome.succeeded() {
        match command {
            "destroy" => {
                let _ = writeln!(text, "{} {} ({done} deleted)", paint(GREEN, "Destroyed"), deployment.name);
            }
            _ => {
                let _ = writeln!(text, "{} {} ({done} done)", paint(GREEN, "Deployed"), deployment.name);
                for (kind, arn) in &deployment.arns {
                    let _ = writeln!(text, "  {kind:<10} {}", in_console(deployment, arn));
                }
                let _ = writeln!(text, "  next run   {}", next_run(deployment.next(next)));
            }
        }
        return text;
    }
    let how = match outcome.interrupted {
        Some(Interruption::Signal) => "Interrupted",
        Some(Interruption::Time(_)) => "Out of time",
        None => "Not finished",
    };
    let _ = writeln!(text, "{}: {done} done, {failed} failed, {skipped} not started", paint(RED, how));
    for (address, action, ended) in &outcome.steps {
        let told = match ended {
            Ended::Done => paint(GREEN, "done"),
            Ended::Failed(_) => paint(RED, "failed"),
            Ended::Skipped(_) => paint(YELLOW, "not started"),
        };
        let _ = writeln!(text, "  {} {address:<10}  {told}", symbol(*action));
    }
    let _ = writeln!(text, "Run `tanets {command}` again to go on: what is done stays done.");
    text
}

/// An ARN that leads to AWS's console, which finds the page itself; in AWS's own partition, and not of an emulator.
fn in_console(deployment: &Deployment, arn: &str) -> String {
    match deployment.endpoint_override {
        None if arn.starts_with("arn:aws:") => {
            let encoded = utf8_percent_encode(arn, NON_ALPHANUMERIC);
            link(&format!("https://console.aws.amazon.com/go/view?arn={encoded}"), arn)
        }
        _ => arn.to_owned(),
    }
}

/// An error with its causes and the way out.
pub fn error(text: &str, causes: &[String], hint: Option<&str>) -> String {
    let mut told = format!("{}: {text}\n", paint(RED, "error"));
    for cause in causes {
        let _ = writeln!(told, "  caused by: {cause}");
    }
    if let Some(hint) = hint {
        let _ = writeln!(told, "\n{}: {hint}", paint(CYAN, "hint"));
    }
    told
}

#[cfg(test)]
mod tests;
