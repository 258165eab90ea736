//! The wait before a role is deleted: Lambda removes a function's network interfaces minutes after the function, and
//! with its role. Without the role they stay in the VPC until somebody deletes them by hand.

use std::collections::BTreeSet;

use super::{Role, is_in_vpc};
use crate::aws::network_interfaces::{self, NetworkInterface};
use crate::aws::{self, Aws, Explain};
use crate::plan::Step;
use crate::resource::{Error, Progress};
use crate::retry;

/// Where another function runs: its subnets and security groups.
type Place = (BTreeSet<String>, BTreeSet<String>);

impl Role {
    /// Waits until the network interfaces that need this role are gone.
    pub(super) async fn outlast_network_interfaces(
        &self,
        aws: &Aws,
        step: &Step,
        progress: Progress<'_>,
    ) -> Result<(), Error> {
        if !is_in_vpc(&step.before) || self.network_interfaces(aws, progress).await?.is_empty() {
            return Ok(());
        }
        let others = self.other_functions(aws).await?;
        let waiting = |error: &Error| match error {
            Error::TimedOut { state, .. } => Some(format!("waiting for Lambda, up to 45 min: {state}")),
            Error::Aws(_) | Error::Rejected { .. } | Error::Overtaken(_) => None,
        };
        retry::until(retry::NETWORK_INTERFACES, waiting, progress, || async {
            let interfaces = self.network_interfaces(aws, progress).await?;
            let left = interfaces.iter().filter(|interface| !is_shared(interface, &others)).count();
            let state = format!("{left} network interfaces in the VPC, which Lambda removes with this role");
            let seconds = retry::NETWORK_INTERFACES.as_secs();
            if left == 0 { Ok(()) } else { Err(Error::TimedOut { state, seconds }) }
        })
        .await
    }

    /// Asks EC2 with the patience that the SDK has with the other services, and more: it throttles a whole account for
    /// minutes, which is nothing beside the wait that it would end.
    async fn network_interfaces(
        &self,
        aws: &Aws,
        progress: Progress<'_>,
    ) -> Result<Vec<NetworkInterface>, aws::Error> {
        let waiting = |error: &aws::Error| error.is_transient().then(|| format!("waiting for EC2: {error}"));
        let ask = || network_interfaces::of_function(aws, &self.name);
        retry::until(retry::SETTLING, waiting, progress, ask).await
    }

    /// Where the region's other functions in VPCs run: functions at the same place share an interface, and it then
    /// stays for the others. Whoever may not look waits for all interfaces.
    async fn other_functions(&self, aws: &Aws) -> Result<Vec<Place>, aws::Error> {
        let functions = aws.lambda.list_functions().into_paginator().items().send();
        let functions = functions.collect::<Result<Vec<_>, _>>().await.explain("lambda:ListFunctions");
        let functions = match functions {
            Err(error) if error.is_denied() => return Ok(Vec::new()),
            functions => functions?,
        };
        let others = functions.iter().filter(|function| function.function_name() != Some(&self.name));
        let places = others.filter_map(|function| function.vpc_config()).map(|vpc| {
            (vpc.subnet_ids().iter().cloned().collect(), vpc.security_group_ids().iter().cloned().collect())
        });
        Ok(places.collect())
    }
}

/// Whether another function runs behind the same interface.
fn is_shared(interface: &NetworkInterface, others: &[Place]) -> bool {
    let NetworkInterface { subnet, security_groups } = interface;
    others.iter().any(|(subnets, groups)| subnets.contains(subnet) && groups == security_groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_is_shared_by_functions_of_its_subnet_with_exactly_its_groups() {
        let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
        let interface = NetworkInterface { subnet: "a".to_owned(), security_groups: set(&["g", "h"]) };
        for (subnets, groups, expected) in [
            (&["a", "b"][..], &["h", "g"][..], true),
            (&["b"], &["g", "h"], false),
            (&["a"], &["g"], false),
            (&["a"], &["g", "h", "i"], false),
            (&[], &[], false),
        ] {
            let other = (set(subnets), set(groups));
            assert_eq!(
                is_shared(&interface, &[(set(&[]), set(&[])), other]),
                expected,
                "{subnets:?} {groups:?}"
            );
        }
    }
}
