//! `tanets doctor`, and the end of a deploy: lets the deployed function look at all that it needs.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use serde_json::{Value, json};
use tanets_function::check::{Kind, Report, State};

use super::change::interrupted;
use super::invoke;
use crate::aws::{self, Aws};
use crate::cli::Global;
use crate::deadline::Deadline;
use crate::doctor::{Diagnosis, Surroundings, Unchecked};
use crate::exit::{Exit, Failure};
use crate::resource::function;
use crate::retry;
use crate::view::View;

pub(super) async fn doctor(global: &Global, view: &dyn View) -> Result<Exit, Failure> {
    let deadline = Deadline::of_a_run(global.timeout);
    let deployed = deadline.hold(invoke::deployed(global, view)).await??;
    let invoke::Deployed { config, aws, identity, timeout } = deployed;
    let around = Surroundings::new(config, &identity);
    Ok(Check { aws: &aws, around, timeout, deadline, deployed: None }.run(view).await)
}

/// A check of a function that is there.
pub(super) struct Check<'a> {
    pub aws: &'a Aws,
    pub around: Surroundings,
    /// The function's own time limit.
    pub timeout: Duration,
    pub deadline: Deadline,
    /// What was deployed just now, if anything.
    pub deployed: Option<JustDeployed>,
}

/// What a deploy has changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct JustDeployed {
    /// Whether the role is among it: its rights may not be known everywhere yet.
    pub role: bool,
}

/// Why a check may have to be asked for again.
enum Trouble {
    /// Something was denied.
    Denied(Report),
    Unchecked(Unchecked),
}

impl Check<'_> {
    /// Runs it and tells what came of it. Never changes anything.
    pub async fn run(self, view: &dyn View) -> Exit {
        let checked = {
            let check = pin!(self.deadline.hold(self.ask(view)));
            match select(pin!(interrupted()), check).await {
                Either::Left(((), _)) => Err(Unchecked::Interrupted),
                Either::Right((in_time, _)) => in_time.map_err(Unchecked::from).and_then(|checked| checked),
            }
        };
        let diagnosis = Diagnosis::new(&self.around, self.deployed.is_some(), checked);
        view.diagnosed(&diagnosis);
        match &diagnosis.checked {
            Err(Unchecked::Interrupted) => Exit::Interrupted,
            _ if diagnosis.is_well() => Exit::Done,
            _ => Exit::CheckFailed,
        }
    }

    /// Asks until what a deploy has just changed is known everywhere. A check posts nothing: it may be asked for again.
    async fn ask(&self, view: &dyn View) -> Result<Report, Unchecked> {
        view.checking("checking from inside the function");
        let new_role = self.deployed.is_some_and(|deployed| deployed.role);
        let waiting = |trouble: &Trouble| match trouble {
            Trouble::Denied(_) => new_role.then(|| "waiting for AWS to know the role's rights".to_owned()),
            Trouble::Unchecked(Unchecked::Invoke(error)) => not_yet(error, new_role),
            Trouble::Unchecked(_) => None,
        };
        // A function in a VPC that was asleep takes as long as a new one.
        let window = if new_role { retry::RIGHTS } else { retry::SETTLING };
        let progress = |text: String| view.checking(&text);
        let asked = retry::until(window, waiting, &progress, || async {
            let report = self.once().await.map_err(Trouble::Unchecked)?;
            let denied = report
                .findings
                .iter()
                .any(|finding| matches!(finding.state, State::Failed { kind: Kind::Denied, .. }));
            if denied { Err(Trouble::Denied(report)) } else { Ok(report) }
        });
        match asked.await {
            Ok(report) | Err(Trouble::Denied(report)) => Ok(report),
            Err(Trouble::Unchecked(unchecked)) => Err(unchecked),
        }
    }

    async fn once(&self) -> Result<Report, Unchecked> {
        // A function that doesn't know the check takes it for a dry run, and posts nothing either.
        let event = json!({ "check": true, "dry_run": true });
        let invoked = self.aws.invoke(&self.around.config.name, &event, self.timeout).await;
        let invoked = invoked.map_err(Unchecked::Invoke)?;
        match invoked.error() {
            Some((kind, message)) => Err(Unchecked::Run { kind, message }),
            None => report(invoked.answer),
        }
    }
}

fn report(answer: Value) -> Result<Report, Unchecked> {
    serde_json::from_value(answer).map_err(|_| Unchecked::OtherVersion)
}

/// What a refusal waits for, if anything: a write that is under way, a function that was asleep for weeks, a new role's
/// grant on the key of the environment.
fn not_yet(error: &aws::Error, new_role: bool) -> Option<String> {
    let asleep = error.code.as_deref() == Some("ResourceNotReadyException");
    let no_grant = new_role && error.code.as_deref() == Some("KMSAccessDeniedException");
    let waking = asleep.then(|| "waiting for the function to wake".to_owned());
    let waking = waking.or_else(|| no_grant.then(|| "waiting for KMS to know the role".to_owned()));
    waking.or_else(|| function::busy(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_none_to_a_check_is_said_so() {
        let finding = json!({ "what": "cluster_tcp", "state": "not_tried", "after": "cluster_name" });
        assert!(report(json!({ "findings": [finding] })).is_ok());
        let older =
            json!({ "day": "2018-12-09", "timezone": "UTC", "posted": false, "total": 0, "levels": {} });
        let newer = json!({ "findings": [{ "what": "moon_phase", "state": "ok", "detail": "full" }] });
        for answer in [older, newer, Value::Null] {
            assert!(matches!(report(answer), Err(Unchecked::OtherVersion)));
        }
    }

    #[test]
    fn only_what_passes_by_itself_is_waited_for() {
        let error = |code: &str, message: &str| aws::Error {
            action: "lambda:InvokeFunction",
            code: Some(code.to_owned()),
            message: message.to_owned(),
            request_id: None,
        };
        let grant = error("KMSAccessDeniedException", "");
        assert!(not_yet(&grant, true).is_some() && not_yet(&grant, false).is_none());
        assert!(not_yet(&error("ResourceNotReadyException", ""), false).is_some());
        let pending = "The operation cannot be performed at this time. The function is currently in the following state: Pending";
        assert!(not_yet(&error("ResourceConflictException", pending), false).is_some());
        assert!(not_yet(&error("AccessDeniedException", ""), true).is_none());
    }
}
