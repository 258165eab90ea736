//! The way out of what AWS says: told by codes and by the words of its messages. Pure.

use super::Error;

/// What to do about an error.
pub(super) fn hint(error: &Error) -> Option<String> {
    if let Some(denied) = denied(error) {
        return Some(denied);
    }
    let text = by_text(error).or_else(|| by_code(error.code.as_deref()?));
    let text = text.or_else(|| match error.code {
        Some(_) => None,
        None if error.lacks_credentials() => Some(
            "log in (`aws sso login`), choose a `--profile`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for a \
             profile with `mfa_serial`, hand over a session: `eval $(aws configure export-credentials --profile NAME --format env)`",
        ),
        None => Some("check the network, the region and any endpoint override"),
    });
    text.map(str::to_owned)
}

/// Which action is denied, and what denies it: an explicit deny goes before every permission, and an organisation's
/// policy or a boundary allows nothing by itself (IAM user guide, "Troubleshoot access denied error messages").
fn denied(error: &Error) -> Option<String> {
    let message = error.message.as_str();
    // In EC2's name, Lambda looks for subnets and groups with the deployer's rights.
    if let Some((_, rest)) = message.split_once("credentials have permission to ") {
        let action = rest.split(' ').next().unwrap_or(rest);
        return Some(format!(
            "allow `ec2:{action}` to the deploying identity: Lambda checks the VPC with it"
        ));
    }
    if !error.is_denied() {
        return None;
    }
    // A call may need the right to another action: CreateFunction that to iam:PassRole.
    let named = message.split_once("is not authorized to perform: ");
    let named = named.and_then(|(_, rest)| rest.split([' ', ',']).next());
    let action = named.filter(|action| action.contains(':')).unwrap_or(error.action);
    let policy = POLICIES.iter().find(|(words, ..)| message.contains(words));
    Some(match policy {
        Some((words, owner))
            if message.contains(&format!("explicit deny in a {words}"))
                || message.contains(&format!("explicit deny in an {words}")) =>
        {
            format!("the {words} denies `{action}` whatever else allows it: {owner}")
        }
        _ if message.contains("explicit deny") => {
            format!(
                "a policy denies `{action}` explicitly, whatever else allows it: find and change that statement"
            )
        }
        Some((words, owner)) if message.contains(&format!("no {words} allows")) => {
            format!("besides the identity's own policies, the {words} must allow `{action}`: {owner}")
        }
        _ => {
            let command = if is_operating(action) { "tanets policy --operate" } else { "tanets policy" };
            format!("allow `{action}` to the deploying identity; `{command}` prints all that it needs")
        }
    })
}

/// Whether only the single verbs call an action: no deploy needs it.
fn is_operating(action: &str) -> bool {
    ["iam:ListRoles", "ssm:", "tag:"].iter().any(|start| action.starts_with(start))
}

/// The kinds of policies in AWS's words, and who can change them. The identity's own is not among them.
const POLICIES: [(&str, &str); 6] = [
    ("service control policy", "ask whoever administers the AWS organization"),
    ("resource control policy", "ask whoever administers the AWS organization"),
    ("permissions boundary", "ask whoever set the boundary of the deploying identity"),
    ("session policy", "look at how the role is assumed"),
    ("VPC endpoint policy", "look at the VPC endpoint that the deploy goes through"),
    ("resource-based policy", "look at the policy of the resource itself"),
];

fn by_text(error: &Error) -> Option<&'static str> {
    const TEXTS: [(&str, &str); 12] = [
        (
            "execution role does not have permissions",
            "the role has its policies: if this lasts, its permissions boundary or a service control policy of the \
             organization takes the right away",
        ),
        (
            "cannot be assumed by Lambda",
            "the role trusts Lambda: if this lasts, a service control policy of the organization takes the right away",
        ),
        (
            "must remove roles from instance profile",
            "somebody put the role into an EC2 instance profile: `aws iam list-instance-profiles-for-role` names it, \
             `aws iam remove-role-from-instance-profile` takes the role out; then run again",
        ),
        (
            "ACLSizePerRole",
            "statements that others added to the role's trust policy are kept and count too: remove some, or have the \
             quota raised",
        ),
        (
            "PoliciesPerRole",
            "policies that others attached to the role are kept and count too: detach some, or have the quota raised",
        ),
        (
            "exceeded the 4KB limit",
            "variables that others set on the function are kept and count too: remove some, or use fewer or shorter \
             `indexes` and `levels`",
        ),
        (
            "'MemorySize'",
            "new accounts may use less memory than others: set a smaller `memory` in [function], or ask AWS's support \
             for more",
        ),
        (
            "InvalidSubnetID.NotFound",
            "check `subnets` in [vpc], and the account and region that the plan names",
        ),
        (
            "InvalidGroup.NotFound",
            "check `security_groups` in [vpc], and the account and region that the plan names",
        ),
        ("throttled by EC2", "EC2 is throttling this account: run again in some minutes"),
        ("KMS key is invalid for CreateGrant", "the deploying identity needs `kms:CreateGrant` on `kms_key`"),
        ("Zipped size must be smaller", "strip the executable, and leave out what it does not need"),
    ];
    TEXTS.iter().find(|(text, _)| error.message.contains(text)).map(|(_, hint)| *hint)
}

fn by_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            "the credentials have expired: get new ones and run again; what is done stays done"
        }
        "InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch" => {
            "AWS doesn't know these credentials: check profile, access key and endpoint override"
        }
        "InvalidKeyId" => {
            "the KMS key must be there, enabled, symmetric, in this region, and its policy must let the deploying identity use it"
        }
        "HierarchyTypeMismatchException" => {
            "a parameter keeps its type: delete it (`aws ssm delete-parameter --name NAME`), and set it again"
        }
        "TooManyUpdates" => "somebody else writes it too: run again in a minute",
        "CodeStorageExceededException" => "delete unused function versions of this account",
        "EntityAlreadyExists" => {
            "IAM tells names apart ignoring case: a role whose name differs only in that is in the way; choose another \
             `name`"
        }
        "RequestEntityTooLargeException" => {
            "Lambda takes 5120 bytes of settings at once: use fewer or shorter `indexes` and `levels`"
        }
        "LimitExceeded" | "LimitExceededException" => {
            "a quota of the account is used up: delete what nobody uses, or have it raised (Service Quotas)"
        }
        "RequestLimitExceeded" | "TooManyRequestsException" => {
            "AWS is throttling this account: run again in a minute"
        }
        code if code.contains("Throttling") => "AWS is throttling this account: run again in a minute",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: Option<&str>, message: &str) -> Error {
        Error {
            action: "lambda:CreateFunction",
            code: code.map(str::to_owned),
            message: message.to_owned(),
            request_id: None,
        }
    }

    #[test]
    fn what_only_the_single_verbs_call_is_in_a_policy_of_its_own() {
        let denied = |action: &'static str| {
            let message = format!("User: x is not authorized to perform: {action}");
            hint(&Error { action, ..error(Some("AccessDeniedException"), &message) }).unwrap()
        };
        assert!(denied("ssm:PutParameter").ends_with("`tanets policy --operate` prints all that it needs"));
        assert!(denied("logs:FilterLogEvents").ends_with("`tanets policy` prints all that it needs"));
    }

    #[test]
    fn a_denial_names_the_action_and_what_denies_it() {
        let user = "User: arn:aws:iam::123456789012:user/deployer is not authorized to perform: iam:PassRole on \
                    resource: arn:aws:iam::123456789012:role/digest";
        for (why, expected) in [
            ("", "allow `iam:PassRole` to the deploying identity; `tanets policy` prints all that it needs"),
            (
                "because no identity-based policy allows the iam:PassRole action",
                "allow `iam:PassRole` to the deploying identity; `tanets policy` prints all that it needs",
            ),
            (
                "with an explicit deny in a service control policy",
                "the service control policy denies `iam:PassRole` whatever else allows it: ask whoever administers the AWS \
                 organization",
            ),
            (
                "because no service control policy allows the iam:PassRole action",
                "besides the identity's own policies, the service control policy must allow `iam:PassRole`: ask whoever \
                 administers the AWS organization",
            ),
            (
                "with an explicit deny in an identity-based policy",
                "a policy denies `iam:PassRole` explicitly, whatever else allows it: find and change that statement",
            ),
            (
                "because no permissions boundary allows the iam:PassRole action",
                "besides the identity's own policies, the permissions boundary must allow `iam:PassRole`: ask whoever set \
                 the boundary of the deploying identity",
            ),
            (
                "with an explicit deny in a session policy",
                "the session policy denies `iam:PassRole` whatever else allows it: look at how the role is assumed",
            ),
            (
                "with an explicit deny",
                "a policy denies `iam:PassRole` explicitly, whatever else allows it: find and change that statement",
            ),
        ] {
            let error = error(Some("AccessDeniedException"), &format!("{user} {why}"));
            assert_eq!(error.hint().as_deref(), Some(expected), "{why}");
        }
        let terse = error(Some("AccessDenied"), "Access denied");
        assert_eq!(
            terse.hint().as_deref(),
            Some(
                "allow `lambda:CreateFunction` to the deploying identity; `tanets policy` prints all that it needs"
            )
        );
    }

    #[test]
    fn what_only_somebody_else_can_cure_is_told_with_the_way_out() {
        for (code, message, expected) in [
            (
                "InvalidParameterValueException",
                "Your access has been denied by EC2, please make sure your request credentials have permission to \
                 DescribeSecurityGroups for sg-1. EC2 Error Code: UnauthorizedOperation.",
                "allow `ec2:DescribeSecurityGroups`",
            ),
            (
                "InvalidParameterValueException",
                "The provided execution role does not have permissions to call CreateNetworkInterface on EC2",
                "permissions boundary",
            ),
            (
                "InvalidParameterValueException",
                "The role defined for the function cannot be assumed by Lambda.",
                "service control policy",
            ),
            (
                "DeleteConflict",
                "Cannot delete entity, must remove roles from instance profile first.",
                "remove-role-from-instance-profile",
            ),
            ("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048", "trust policy"),
            ("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10", "detach"),
            ("LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000", "Service Quotas"),
            (
                "ValidationException",
                "1 validation error detected: Value '10240' at 'memorySize' failed to satisfy constraint: 'MemorySize' value \
                 failed to satisfy constraint: Member must have value less than or equal to 3008",
                "smaller `memory`",
            ),
            (
                "InvalidParameterValueException",
                "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound.",
                "`subnets`",
            ),
            ("EntityAlreadyExists", "Role with name Digest already exists.", "ignoring case"),
            ("RequestEntityTooLargeException", "Request must be smaller than 5120 bytes", "5120"),
            (
                "RequestEntityTooLargeException",
                "Zipped size must be smaller than 52428800 bytes",
                "strip the executable",
            ),
            ("ExpiredTokenException", "The security token included in the request is expired", "run again"),
            ("RequestLimitExceeded", "Request limit exceeded.", "throttling"),
        ] {
            let hint = error(Some(code), message).hint().unwrap_or_default();
            assert!(hint.contains(expected), "{message}: {hint}");
        }
        assert_eq!(
            error(Some("ValidationException"), "Parameter ScheduleExpression is not valid.").hint(),
            None
        );
        let none = error(None, "no credentials in environment, profile, container or instance").hint();
        assert!(none.is_some_and(|hint| hint.contains("--profile") && hint.contains("mfa_serial")));
        assert!(error(None, "dns error").hint().is_some_and(|hint| hint.contains("network")));
    }
}
