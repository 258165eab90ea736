//! IAM's slowness and Lambda's look at the execution role: what was written a moment ago is not seen yet, and what is
//! not there is never seen.

use std::collections::HashMap;
use std::time::Instant;

use axum::http::request::Parts;

use super::call::Call;
use super::emulator::{Emulator, Failure};
use super::refusal::Refusal;
use super::settings::Manners;

/// Policies of AWS that let Lambda make network interfaces.
const INTERFACES: [&str; 2] = ["AWSLambdaVPCAccessExecutionRole", "AWSLambdaENIManagementAccess"];

/// When roles were created, and when something was last attached to them. A role that is older than the proxy is
/// seen by everybody.
#[derive(Default)]
pub(super) struct Roles {
    created: HashMap<String, Instant>,
    attached: HashMap<String, Instant>,
}

impl Roles {
    /// Remembers a write that succeeded.
    pub(super) fn learn(&mut self, call: &Call) {
        let role = call.text("RoleName").to_owned();
        match call.operation.as_str() {
            "CreateRole" => {
                self.attached.remove(&role);
                self.created.insert(role, Instant::now());
            }
            "AttachRolePolicy" => {
                self.attached.insert(role, Instant::now());
            }
            _ => {}
        }
    }

    /// IAM itself does not find a role that was created a moment ago.
    pub(super) fn unread(&self, call: &Call, manners: &Manners) -> Option<Refusal> {
        let role = call.text("RoleName");
        let concerned = call.service == "iam" && call.operation != "CreateRole";
        let unread = self.created.get(role).is_some_and(|created| created.elapsed() < manners.role_unread);
        let message = format!("The role with name {role} cannot be found.");
        (concerned && unread).then(|| Refusal::new(404, "NoSuchEntity", message))
    }

    /// Lambda does not see a role that was created a moment ago.
    pub(super) fn unseen(&self, call: &Call, manners: &Manners) -> Option<Refusal> {
        let created = self.created.get(role_of(call)?)?;
        (created.elapsed() < manners.role_unseen).then(not_assumable)
    }

    /// Nor, for a function in a VPC, a policy that was attached a moment ago.
    pub(super) fn unattached(&self, call: &Call, manners: &Manners) -> Option<Refusal> {
        let attached = self.attached.get(role_of(call)?)?;
        let unseen = in_vpc(call) && attached.elapsed() < manners.attachment_unseen;
        unseen.then(not_permitted)
    }
}

/// What Lambda finds wrong with the role for as long as it is so.
pub(super) async fn lacking(
    emulator: &Emulator,
    parts: &Parts,
    call: &Call,
) -> Result<Option<Refusal>, Failure> {
    let Some(role) = role_of(call) else { return Ok(None) };
    let found = emulator.iam(parts, format!("Action=GetRole&RoleName={role}")).await?;
    if !found.contains("lambda.amazonaws.com") {
        return Ok(Some(not_assumable()));
    }
    if in_vpc(call) {
        let policies =
            emulator.iam(parts, format!("Action=ListAttachedRolePolicies&RoleName={role}")).await?;
        if !INTERFACES.iter().any(|policy| policies.contains(policy)) {
            return Ok(Some(not_permitted()));
        }
    }
    Ok(None)
}

/// The name of the role that a function is to have.
fn role_of(call: &Call) -> Option<&str> {
    let writes = matches!(call.operation.as_str(), "CreateFunction" | "UpdateFunctionConfiguration");
    let arn = call.input["Role"].as_str().filter(|_| writes)?;
    arn.rsplit('/').next()
}

fn in_vpc(call: &Call) -> bool {
    call.input["VpcConfig"]["SubnetIds"].as_array().is_some_and(|subnets| !subnets.is_empty())
}

fn not_assumable() -> Refusal {
    let message = "The role defined for the function cannot be assumed by Lambda.";
    Refusal::new(400, "InvalidParameterValueException", message)
}

fn not_permitted() -> Refusal {
    let message =
        "The provided execution role does not have permissions to call CreateNetworkInterface on EC2";
    Refusal::new(400, "InvalidParameterValueException", message)
}
