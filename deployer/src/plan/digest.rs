//! A plan's digest: one line that stands for all that the plan saw and wants. Pure.
//!
//! It is what a saved plan's file is elsewhere: whoever reviewed a plan lets exactly that one through.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::{Candidate, Goal};
use crate::attributes::{Attributes, Value};
use crate::resource::Owner;

const PREFIX: &str = "sha256:";

/// `sha256:` and 64 hexadecimal digits. The default is no plan's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PlanDigest(String);

/// Not a digest.
#[derive(Debug, thiserror::Error)]
#[error("a plan's digest is `sha256:` and 64 hexadecimal digits, as `tanets plan` tells it")]
pub struct NoDigest;

impl PlanDigest {
    /// Of what was observed and is desired in this account and region, by the ARNs.
    ///
    /// A secret's value isn't in it, so that nobody can try guesses on it: only whether the account has the
    /// configuration's. Neither is Lambda's revision, which also counts what changes no attribute.
    pub fn of(arns: &[(&'static str, String)], goal: Goal, candidates: &[Candidate]) -> Self {
        let resources = candidates.iter().map(|candidate| {
            let Candidate { address, name, needs: _, desired, observed } = candidate;
            let there = observed.as_ref().map(|observed| &observed.attributes);
            let nothing = Attributes::default();
            let desired = desired.as_ref().map(|desired| told(desired, there.unwrap_or(&nothing)));
            let observed = observed.as_ref().map(|observed| {
                let owner = match &observed.owner {
                    Owner::Ours => json!("ours"),
                    Owner::Unknown => Json::Null,
                    Owner::Stack(stack) => json!({ "stack": stack }),
                };
                json!({
                    "attributes": told(&observed.attributes, &nothing), "owner": owner, "present": observed.present,
                })
            });
            json!({ "address": address, "name": name, "desired": desired, "observed": observed })
        });
        let goal = match goal {
            Goal::Present { adopt } => json!({ "adopt": adopt }),
            Goal::Absent { keep_logs, wait } => json!({ "keep_logs": keep_logs, "wait": wait }),
        };
        let all = json!({ "version": 1, "arns": arns, "goal": goal, "resources": Vec::from_iter(resources) });
        let hash = Sha256::digest(all.to_string());
        Self(hash.iter().fold(PREFIX.to_owned(), |text, byte| format!("{text}{byte:02x}")))
    }
}

/// The attributes that are there, a secret as whether `other` has the same.
fn told(attributes: &Attributes, other: &Attributes) -> Map<String, Json> {
    let present = attributes.iter().filter(|(_, value)| **value != Value::Absent);
    let one = present.map(|(name, value)| {
        let told = match value {
            Value::Secret(_) => json!({ "secret": other.get(name) == value }),
            value => json!(value),
        };
        (name.to_owned(), told)
    });
    one.collect()
}

impl fmt::Display for PlanDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PlanDigest {
    type Err = NoDigest;

    fn from_str(text: &str) -> Result<Self, NoDigest> {
        let hex = text.strip_prefix(PREFIX).unwrap_or_default();
        let right = hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if right { Ok(Self(text.to_owned())) } else { Err(NoDigest) }
    }
}

#[cfg(test)]
mod tests {
    use tanets_function::secret::Secret;

    use super::*;
    use crate::resource::{Address, Observed};

    fn digest(desired: &[(&str, Value)], observed: &[(&str, Value)], revision: &str) -> PlanDigest {
        let attributes = |pairs: &[(&str, Value)]| {
            pairs.iter().fold(Attributes::default(), |all, (name, value)| all.with(*name, value.clone()))
        };
        let observed = Observed {
            revision: Some(revision.to_owned()),
            ..Observed::new(attributes(observed), Owner::Ours)
        };
        let candidate = Candidate {
            address: Address::new("function"),
            name: "digest".to_owned(),
            needs: &[],
            desired: Some(attributes(desired)),
            observed: Some(observed),
        };
        let arns = [("role", "arn:aws:iam::123456789012:role/digest".to_owned())];
        PlanDigest::of(&arns, Goal::Present { adopt: false }, &[candidate])
    }

    fn secret(text: &str) -> Value {
        Value::Secret(Secret::new(text))
    }

    #[test]
    fn whatever_is_wanted_or_seen_moves_it_and_a_revision_does_not() {
        let memory = |size| [("memory", Value::Number(size))];
        let base = digest(&memory(128), &memory(128), "1");
        assert_eq!(base, digest(&memory(128), &memory(128), "2"));
        let foreign = [("memory", Value::Number(128)), ("tags.cost", Value::text("42"))];
        for (desired, observed) in
            [(&memory(256)[..], &memory(128)[..]), (&memory(128), &memory(256)), (&memory(128), &foreign)]
        {
            assert_ne!(base, digest(desired, observed, "1"));
        }
        assert_eq!(base.to_string().parse::<PlanDigest>().unwrap(), base);
    }

    #[test]
    fn a_secret_is_in_it_only_as_being_the_same_or_another() {
        let of =
            |wanted: &str, there: &str| digest(&[("url", secret(wanted))], &[("url", secret(there))], "1");
        assert_eq!(of("a", "a"), of("b", "b"), "no guess can be tried");
        assert_eq!(of("a", "b"), of("c", "d"));
        assert_ne!(of("a", "a"), of("a", "b"), "a secret that moved away is seen");
    }

    #[test]
    fn nothing_else_is_taken_for_one() {
        let short = format!("sha256:{}", "0".repeat(63));
        let upper = format!("sha256:{}", "A".repeat(64));
        for text in ["", "sha256:", &short, &upper, &"0".repeat(64)] {
            assert!(text.parse::<PlanDigest>().is_err(), "{text}");
        }
    }
}
