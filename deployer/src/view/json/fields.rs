//! What the lines tell of runs, plans and findings. Pure: gives values.

use serde_json::{Value, json};
use tanets_function::check::{Finding, State};

use crate::delivery::{Delivery, Fate};
use crate::doctor::Diagnosed;
use crate::forecast::Run;
use crate::plan::{NotOurs, Plan, Step};
use crate::run_log::{End, LoggedRun};
use crate::view::{Deployment, PackageSummary};

/// What came of a run.
pub(super) fn ended(LoggedRun { at, end, by_hand: _, lines: _ }: &LoggedRun) -> Value {
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

pub(super) fn delivered(delivery: &Delivery) -> Value {
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
    let one = |run: &Option<Run>| run.as_ref().and_then(|run| runs(std::slice::from_ref(run), true).pop());
    json!({
        "fate": told, "why_unknown": why, "due": one(due), "run": run.as_ref().map(ended), "under_way": one(under_way),
        "log_since": since.timestamp().to_string(),
    })
}

pub(super) fn planned(command: &str, deployment: &Deployment, plan: &Plan, next: &[Run]) -> Value {
    let Deployment { name, schedule, disabled, account, caller, region, endpoint_override, package, arns: _ } =
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
        "disabled": disabled,
        "steps": Vec::from_iter(steps),
        "unchanged": unchanged,
        "blocked": not_ours(blocked),
        "left": not_ours(left),
        "kept": Vec::from_iter(kept),
        "plan_digest": digest,
        "next": runs(next, deployment.rate().is_none()),
    })
}

/// All fields, whatever the state.
pub(super) fn finding(Diagnosed { finding, hint }: &Diagnosed) -> Value {
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

pub(super) fn not_ours(strangers: &[NotOurs]) -> Vec<Value> {
    let one =
        |NotOurs { address, name, why }: &NotOurs| json!({ "address": address, "name": name, "why": why });
    strangers.iter().map(one).collect()
}

/// Runs at times that are exact, or as if AWS began to count now.
pub(super) fn runs(runs: &[Run], exact: bool) -> Vec<Value> {
    let one = |Run { at, day }: &Run| {
        let local = at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        json!({ "utc": at.timestamp().to_string(), "local": local, "day": day.to_string(), "exact": exact })
    };
    runs.iter().map(one).collect()
}
