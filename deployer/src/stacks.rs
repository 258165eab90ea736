//! Every stack of a region, orphans included: found by tags and names, each seen as `plan` would see it. Writes nothing, and
//! needs no configuration.

use std::collections::BTreeSet;
use std::path::Path;

use futures_util::future::{join, join_all};
use futures_util::{StreamExt, stream};

use crate::attributes::Value;
use crate::aws::{self, Aws, Identity};
use crate::config::Config;
use crate::init::Draft;
use crate::plan::Goal;
use crate::resource::{Address, Observed, Owner, invocation, log_group, role, rule, tags};
use crate::stack::Stack;

/// So many stacks are looked at at once: 13 reads each, and IAM takes some ten a second.
const AT_ONCE: usize = 4;

/// What a region has.
#[derive(Debug, Default)]
pub struct Stacks {
    /// By name.
    pub stacks: Vec<Seen>,
    /// What could not be read, so that stacks may be missing here.
    pub unread: Vec<aws::Error>,
}

/// A stack, as far as it is there.
#[derive(Debug)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// What is there of it.
    pub there: Vec<Address>,
    /// What isn't, and should be.
    pub missing: Vec<Address>,
    /// What could not be read.
    pub unread: Vec<(Address, aws::Error)>,
    /// When its rule fires: the expression.
    pub schedule: Option<String>,
    /// Whether its rule is disabled.
    pub disabled: bool,
}

impl Seen {
    /// Why nobody can run it, if that is so.
    pub fn orphan(&self) -> Option<String> {
        match (&self.there[..], &self.missing[..]) {
            // It runs without one, and `status` shows that as drift.
            (_, missing) if missing.iter().all(|address| *address == log_group::ADDRESS) => None,
            ([log], _) if *log == log_group::ADDRESS => {
                Some("only its log is left, as `destroy --keep-logs` leaves it".to_owned())
            }
            ([role], _) if *role == role::ADDRESS => Some("only its role is left".to_owned()),
            (_, missing) => {
                let missing = Vec::from_iter(missing.iter().map(ToString::to_string));
                Some(format!("without {}", missing.join(", ")))
            }
        }
    }
}

/// Looks for all stacks; `known` is one that may have lost its tags.
pub async fn all(aws: &Aws, identity: &Identity, known: Option<&str>) -> Stacks {
    let (tagged, roles) = join(aws.tag_values(tags::OWNER), aws.roles_described(role::DESCRIPTION)).await;
    let mut found = Stacks::default();
    let mut take = |names: Result<BTreeSet<String>, aws::Error>| {
        names.unwrap_or_else(|error| {
            found.unread.push(error);
            BTreeSet::new()
        })
    };
    let (tagged, roles) = (take(tagged), take(roles));
    let names = tagged.iter().chain(&roles).map(String::as_str).chain(known);
    let names = BTreeSet::from_iter(names.map(str::to_owned));
    let seen = stream::iter(names).map(|name| see(aws, identity, name));
    let mut seen: Vec<Seen> = seen.buffer_unordered(AT_ONCE).filter_map(async |seen| seen).collect().await;
    seen.sort_by(|a, b| a.name.cmp(&b.name));
    found.stacks = seen;
    found
}

/// What there is of a stack; none if that is nothing. The role of another region's is not ours here.
async fn see(aws: &Aws, identity: &Identity, name: String) -> Option<Seen> {
    let stack = stack(&name, identity)?;
    let reads = stack.resources().filter(|resource| resource.address() != invocation::ADDRESS);
    let reads = reads.map(|resource| async { (resource.address(), resource.observe(aws).await) });
    let mut seen = Seen {
        name,
        there: Vec::new(),
        missing: Vec::new(),
        unread: Vec::new(),
        schedule: None,
        disabled: false,
    };
    for (address, read) in join_all(reads).await {
        match read {
            Ok(Some(Observed { owner: Owner::Ours, present: true, attributes, .. })) => {
                if address == rule::ADDRESS {
                    seen.disabled = *attributes.get("state") == Value::text(rule::DISABLED);
                    seen.schedule = match attributes.get("schedule") {
                        Value::Text(text) => Some(text.clone()),
                        _ => None,
                    };
                }
                seen.there.push(address);
            }
            Ok(_) => seen.missing.push(address),
            Err(error) => seen.unread.push((address, error)),
        }
    }
    (!seen.there.is_empty() || !seen.unread.is_empty()).then_some(seen)
}

/// The stack of a name: whose resources are read, and never written. None for what can't be a stack's name.
fn stack(name: &str, identity: &Identity) -> Option<Stack> {
    let mut draft = Draft::of_examples();
    draft.answers[0] = Some(name.to_owned());
    let config = Config::parse(&draft.text(), Path::new("tanets.toml"), &|_| None).ok()?;
    Some(Stack::new(&config, identity, None, Goal::Present { adopt: false }))
}

#[cfg(test)]
impl Seen {
    /// What a stack that can run has.
    pub(crate) const WHOLE: [Address; 6] = [
        role::ADDRESS,
        log_group::ADDRESS,
        crate::resource::function::ADDRESS,
        rule::ADDRESS,
        crate::resource::permission::ADDRESS,
        crate::resource::target::ADDRESS,
    ];

    /// A stack of which this is there.
    pub(crate) fn of(name: &str, there: &[Address]) -> Self {
        Self {
            name: name.to_owned(),
            there: there.to_vec(),
            missing: Self::WHOLE.into_iter().filter(|address| !there.contains(address)).collect(),
            unread: Vec::new(),
            schedule: None,
            disabled: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_orphan_is_a_stack_that_cannot_run() {
        let all = Seen::WHOLE;
        let seen = |there: &[Address]| Seen::of("digest", there);
        assert_eq!(seen(&all).orphan(), None);
        assert_eq!(seen(&all[..4]).orphan().as_deref(), Some("without permission, target"));
        assert!(seen(&all[1..2]).orphan().unwrap().starts_with("only its log is left"));
        assert!(seen(&all[..1]).orphan().unwrap().starts_with("only its role is left"));
    }

    #[test]
    fn only_what_can_be_a_name_is_looked_for() {
        let identity = Identity::of_account("123456789012", "eu-west-1");
        for (name, expected) in
            [("digest-2_b", true), ("a b", false), ("", false), ("a\"\nb", false), ("${HOME}", false)]
        {
            assert_eq!(stack(name, &identity).is_some(), expected, "{name}");
        }
    }
}
