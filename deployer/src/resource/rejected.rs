//! The way out where Lambda accepted a write and failed afterwards: told by its reason codes. Pure.

/// What to do about a reason of Lambda's, `CODE: text`; the codes are those of its API model.
pub(super) fn hint(reason: &str) -> Option<&'static str> {
    Some(match reason.split(':').next()? {
        "EniLimitExceeded" => {
            "the VPC has no network interfaces left: delete unused ones, or have the quota raised (Service Quotas)"
        }
        "SubnetOutOfIPAddresses" => {
            "a subnet of [vpc] has no addresses left: choose larger ones; then run again"
        }
        "InvalidSubnet" => "check `subnets` in [vpc]: one is gone, or where Lambda doesn't run",
        "InvalidSecurityGroup" => "check `security_groups` in [vpc]: one is gone, or of another VPC",
        "InsufficientRolePermissions" => {
            "the role has its policies: its permissions boundary or a service control policy of the organization takes a \
             right away"
        }
        "KMSKeyAccessDenied" | "KMSKeyNotFound" | "DisabledKMSKey" | "InvalidStateKMSKey" => {
            "check `kms_key` in [function]: whether the key is there and enabled, and what its policy allows"
        }
        "DisallowedByVpcEncryptionControl" => "the VPC takes encrypted traffic only: choose another one",
        "EC2RequestLimitExceeded" | "InternalError" => "run again in some minutes",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_that_somebody_can_do_something_about_has_a_way_out() {
        for (reason, expected) in [
            ("EniLimitExceeded: Lambda was not able to create an ENI in the VPC", Some("Service Quotas")),
            ("SubnetOutOfIPAddresses: no free addresses", Some("[vpc]")),
            ("InvalidSecurityGroup", Some("`security_groups`")),
            ("InsufficientRolePermissions: The role lacks ec2:CreateNetworkInterface", Some("boundary")),
            ("KMSKeyNotFound: x", Some("`kms_key`")),
            ("FunctionError.ExtensionInitError: x", None),
            ("", None),
        ] {
            let hint = hint(reason);
            let right = expected.map_or(hint.is_none(), |text| hint.is_some_and(|hint| hint.contains(text)));
            assert!(right, "{reason}: {hint:?}");
        }
    }
}
