//! Desired and observed make a plan. Pure and synchronous: no AWS type, no clock, no output.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::attributes::{self, Attributes, Change};
use crate::resource::{Address, Observed, Owner};

mod digest;

pub use digest::{NoDigest, PlanDigest};

/// What the stack should come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// All of it there, as desired.
    Present {
        /// Take over what has our names and is nobody's that is known.
        adopt: bool,
    },
    /// None of it there.
    Absent {
        /// Leave the log group, with what the function has logged.
        keep_logs: bool,
        /// Wait for what Lambda removes later; otherwise leave what that needs.
        wait: bool,
    },
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Makes the resource.
    Create,
    /// Changes attributes of it.
    Update,
    /// Removes it.
    Delete,
}

/// Why a step is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It isn't there.
    Missing,
    /// It is there, with other attributes.
    Differs,
    /// It is there, isn't ours yet, and is to be taken over.
    Adopted,
    /// The whole stack is to go.
    Destroy,
}

/// One resource's part of a plan. Execution needs nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which resource.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// What to do.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// The attributes that differ; all of them where it is created, none where it is deleted.
    pub changes: Vec<Change>,
    /// The attributes before the step; where it is created, only what other people put beside it.
    pub before: Attributes,
    /// Lambda's revision when the plan was made.
    pub revision: Option<String>,
    /// The steps that must be done before it.
    pub after: BTreeSet<Address>,
}

impl Step {
    /// Whether the step changes this attribute, or a member of this map.
    pub fn changes(&self, name: &str) -> bool {
        self.changes.iter().any(|change| {
            change.name.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

/// A resource that is there and isn't ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotOurs {
    /// Which resource.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// Why it is left alone, in words.
    pub why: String,
}

/// An attribute that other people added to a resource of ours, and that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which resource.
    pub address: Address,
    /// The attribute.
    pub name: String,
    /// Its value.
    pub value: attributes::Value,
}

/// What is to be done, in an order in which it can be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
    /// What is as desired: all there, or all gone.
    pub unchanged: Vec<Address>,
    /// What stands in the way: a plan with any of it is never applied.
    pub blocked: Vec<NotOurs>,
    /// What has a name of ours, isn't ours, and stays when the stack goes.
    pub left: Vec<NotOurs>,
    /// What other people added.
    pub kept: Vec<Kept>,
    /// What stands for all that was seen and is wanted.
    pub digest: PlanDigest,
}

impl Plan {
    /// The number of steps of an action.
    pub fn count(&self, action: Action) -> usize {
        self.steps.iter().filter(|step| step.action == action).count()
    }
}

/// What the planner knows of a resource, in dependency order.
pub struct Candidate {
    /// Which resource.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// What it needs.
    pub needs: &'static [Address],
    /// How it should be; `None` if it should not be there.
    pub desired: Option<Attributes>,
    /// How it is; `None` if it isn't there.
    pub observed: Option<Observed>,
}

/// Plans the way from observed to desired. Candidates come in dependency order; so do the steps, deletions
/// in the reverse one. `adopt` takes over what is nobody's that is known; another stack's is never touched.
pub fn plan(candidates: Vec<Candidate>, adopt: bool) -> Plan {
    let mut plan = Plan::default();
    let mut needs = BTreeMap::new();
    for Candidate { address, name, needs: needed, desired, observed } in candidates {
        needs.insert(address.clone(), needed);
        let (observed, owner, present, revision) = match observed {
            Some(Observed { attributes, owner, present, revision, created: _ }) => {
                (attributes, owner, present, revision)
            }
            None => (Attributes::default(), Owner::Ours, false, None),
        };
        let adopted = adopt && owner == Owner::Unknown;
        if owner != Owner::Ours && !adopted {
            let not_ours = if desired.is_some() { &mut plan.blocked } else { &mut plan.left };
            let why = match owner {
                Owner::Stack(stack) => format!("belongs to the stack `{stack}`"),
                Owner::Unknown | Owner::Ours => "exists and is not ours".to_owned(),
            };
            not_ours.push(NotOurs { address, name, why });
            continue;
        }
        if let Some(desired) = &desired {
            plan.kept.extend(attributes::foreign(desired, &observed).map(|(name, value)| Kept {
                address: address.clone(),
                name: name.to_owned(),
                value: value.clone(),
            }));
        }
        let changes =
            desired.as_ref().map(|desired| attributes::changes(desired, &observed)).unwrap_or_default();
        let step = match (desired.is_some(), present) {
            (false, false) => None,
            (false, true) => Some((Action::Delete, Reason::Destroy)),
            (true, false) => Some((Action::Create, Reason::Missing)),
            (true, true) if changes.is_empty() => None,
            (true, true) if adopted => Some((Action::Update, Reason::Adopted)),
            (true, true) => Some((Action::Update, Reason::Differs)),
        };
        let step = step.map(|(action, reason)| Step {
            address: address.clone(),
            name,
            action,
            reason,
            changes,
            before: observed,
            revision,
            after: BTreeSet::new(),
        });
        match step {
            Some(step) => plan.steps.push(step),
            None => plan.unchanged.push(address),
        }
    }
    order(&mut plan.steps, &needs);
    plan
}

/// Fills in `after` and puts deletions in reverse. One rule for all mixtures: where `a` needs `b`, `a` goes
/// first if `b` is deleted, else `b` does.
fn order(steps: &mut [Step], needs: &BTreeMap<Address, &'static [Address]>) {
    let actions: BTreeMap<Address, Action> =
        steps.iter().map(|step| (step.address.clone(), step.action)).collect();
    let mut edges: BTreeMap<Address, BTreeSet<Address>> = BTreeMap::new();
    for a in actions.keys() {
        for b in needs[a] {
            match actions.get(b) {
                Some(Action::Delete) => edges.entry(b.clone()).or_default().insert(a.clone()),
                Some(Action::Create | Action::Update) => {
                    edges.entry(a.clone()).or_default().insert(b.clone())
                }
                None => continue,
            };
        }
    }
    for step in steps.iter_mut() {
        step.after = edges.remove(&step.address).unwrap_or_default();
    }
    if steps.iter().all(|step| step.action == Action::Delete) {
        steps.reverse();
    }
}

#[cfg(test)]
mod tests;
