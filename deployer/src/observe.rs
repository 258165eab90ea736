//! All reads at once: how the stack is in the account. Writes nothing.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::aws::{self, Aws};
use crate::resource::{Address, Observed};
use crate::stack::Stack;

/// What is there, by address.
pub type Observation = BTreeMap<Address, Observed>;

/// Reads every resource, in one round trip.
///
/// # Errors
/// Every read that failed: a resource that can't be read is not an absent one.
pub async fn observe(stack: &Stack, aws: &Aws) -> Result<Observation, Vec<(Address, aws::Error)>> {
    let reads = stack.resources().map(|resource| async { (resource.address(), resource.observe(aws).await) });
    let mut observation = Observation::new();
    let mut errors = Vec::new();
    for (address, result) in join_all(reads).await {
        match result {
            Ok(Some(observed)) => drop(observation.insert(address, observed)),
            Ok(None) => {}
            Err(error) => errors.push((address, error)),
        }
    }
    if errors.is_empty() { Ok(observation) } else { Err(errors) }
}
