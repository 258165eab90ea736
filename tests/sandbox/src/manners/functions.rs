//! Lambda's states: Pending after a creation, InProgress after an update, refusals meanwhile, and revisions.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::call::Call;
use super::refusal::Refusal;
use super::settings::Manners;

/// What is known of the functions that were created, updated or looked at through the proxy.
#[derive(Default)]
pub(super) struct Functions(HashMap<String, Function>);

#[derive(Default)]
struct Function {
    /// Until when, and in which of the two ways, it is busy.
    busy: Option<(Instant, Busy)>,
    /// Changes with the request and again with the completion of each write.
    revision: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Busy {
    Pending,
    InProgress,
}

impl Function {
    /// The state at this moment.
    fn now(&mut self) -> Option<Busy> {
        let (until, busy) = self.busy?;
        if Instant::now() < until {
            return Some(busy);
        }
        self.busy = None;
        self.revision += 1;
        None
    }

    fn begin(&mut self, busy: Busy, duration: Duration) {
        self.revision += 1;
        self.busy = (!duration.is_zero()).then(|| (Instant::now() + duration, busy));
    }

    fn revision_id(&self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.revision)
    }
}

impl Functions {
    /// What Lambda answers to a write that comes too early, or knows an old revision.
    pub(super) fn refusal(&mut self, call: &Call) -> Option<Refusal> {
        let Call { service, operation, input, .. } = call;
        if service != "lambda" {
            return None;
        }
        let function = self.0.get_mut(name(call))?;
        let now = function.now();
        if let Some(revision) = input["RevisionId"].as_str()
            && revision != function.revision_id()
        {
            let message = "The Revision Id provided does not match the latest Revision Id. Call the \
                           GetFunction/GetAlias API to retrieve the latest Revision Id";
            return Some(Refusal::new(412, "PreconditionFailedException", message));
        }
        let update = matches!(
            operation.as_str(),
            "UpdateFunctionCode" | "UpdateFunctionConfiguration" | "PublishVersion"
        );
        let message = match now {
            Some(Busy::Pending) if update || operation == "Invoke" => {
                "The operation cannot be performed at this time. The function is currently in the following state: \
                 Pending"
                    .to_owned()
            }
            Some(Busy::InProgress) if update => format!(
                "The operation cannot be performed at this time. An update is in progress for resource: \
                 arn:aws:lambda:ap-northeast-1:123456789012:function:{}",
                name(call)
            ),
            _ => return None,
        };
        Some(Refusal::new(409, "ResourceConflictException", message))
    }

    /// Remembers what a successful request did, and puts the state into its answer.
    pub(super) fn learn(&mut self, call: &Call, manners: &Manners, answer: &mut Value) {
        if call.service != "lambda" {
            return;
        }
        let function = self.0.entry(name(call).to_owned()).or_default();
        function.now();
        match call.operation.as_str() {
            "CreateFunction" => function.begin(Busy::Pending, manners.pending),
            "UpdateFunctionCode" | "UpdateFunctionConfiguration" => {
                function.begin(Busy::InProgress, manners.in_progress);
            }
            "AddPermission" | "RemovePermission" => function.revision += 1,
            "DeleteFunction" => {
                // The next function of this name starts anew, but not with a revision that was already known.
                function.begin(Busy::Pending, Duration::ZERO);
            }
            _ => {}
        }
        let busy = function.now();
        let revision = function.revision_id();
        let told = match call.operation.as_str() {
            "GetFunction" => &mut answer["Configuration"],
            "GetPolicy"
            | "GetFunctionConfiguration"
            | "CreateFunction"
            | "UpdateFunctionCode"
            | "UpdateFunctionConfiguration" => answer,
            _ => return,
        };
        let Some(told) = told.as_object_mut() else { return };
        told.insert("RevisionId".to_owned(), revision.into());
        if call.operation == "GetPolicy" {
            return;
        }
        match busy {
            Some(Busy::Pending) => {
                told.retain(|key, _| !key.starts_with("LastUpdateStatus"));
                told.insert("State".to_owned(), json!("Pending"));
                told.insert("StateReason".to_owned(), json!("The function is being created."));
                told.insert("StateReasonCode".to_owned(), json!("Creating"));
            }
            Some(Busy::InProgress) => {
                told.insert("LastUpdateStatus".to_owned(), json!("InProgress"));
                told.insert("LastUpdateStatusReasonCode".to_owned(), json!("Creating"));
            }
            None => {}
        }
    }
}

/// The function's name, which may be given as an ARN.
fn name(call: &Call) -> &str {
    call.text("FunctionName").rsplit(':').next().unwrap_or_default()
}
