//! AWS's manners, one at a time and longer than elsewhere: what is not visible yet, what is still under way.

use std::time::Duration;

use tanets_sandbox::manners::{Fault, Manners, Request};
use tanets_sandbox::require_peer;

use crate::world::{CONFIG, Emulator, World, run_watched};

const LONG: Duration = Duration::from_millis(1500);

/// The statuses of an operation's requests, in order.
fn statuses(requests: &[Request], operation: &str) -> Vec<u16> {
    requests.iter().filter(|request| request.operation == operation).map(|request| request.status).collect()
}

#[test]
fn a_role_that_lambda_cannot_assume_yet_is_waited_for() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.aws.play(Manners { role_unseen: LONG, ..Manners::SHORT });
    let run = world.succeed(&["deploy", "--yes"]);
    let tries = statuses(&world.aws.requests(), "CreateFunction");
    assert!(tries.len() > 2 && tries.ends_with(&[400, 201]), "{tries:?}");
    assert!(run.stderr.contains("waiting for Lambda to know the role"), "{}", run.stderr);
    world.assert_converged();
}

#[test]
fn a_policy_that_lambda_does_not_see_yet_is_waited_for_on_creation_and_on_update() {
    let world = require_peer!(World::new(Emulator::Moto));
    world.aws.play(Manners { attachment_unseen: LONG, ..Manners::SHORT });
    let run = world.succeed(&["deploy", "--yes"]);
    assert!(run.stderr.contains("waiting for Lambda to know the role's policies"), "{}", run.stderr);
    // Out of the VPC, where the role loses the policy, and in again: no role is created, one policy is attached.
    let vpc = CONFIG.split("[vpc]").nth(1).and_then(|rest| rest.split("[function]").next()).expect("a VPC");
    world.write(&CONFIG.replace(&format!("[vpc]{vpc}"), ""));
    world.succeed(&["deploy", "--yes"]);
    world.write(CONFIG);
    world.aws.clear();
    world.succeed(&["deploy", "--yes"]);
    let tries = statuses(&world.aws.requests(), "UpdateFunctionConfiguration");
    assert!(tries.len() > 2 && tries.ends_with(&[400, 200]), "{tries:?}");
    world.assert_converged();
}

#[test]
fn a_role_that_iam_does_not_find_yet_is_waited_for() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.aws.play(Manners { role_unread: LONG, ..Manners::SHORT });
    world.succeed(&["deploy", "--yes"]);
    let tries = statuses(&world.aws.requests(), "PutRolePolicy");
    assert!(tries.len() > 2 && tries.ends_with(&[404, 200]), "{tries:?}");
    world.assert_converged();
}

#[test]
fn a_function_that_another_run_left_pending_is_waited_for_before_it_is_changed() {
    let world = require_peer!(World::new(Emulator::Ministack));
    // Role and policies are visible at once: the first try is the one that is taken.
    let visible =
        Manners { role_unseen: Duration::ZERO, attachment_unseen: Duration::ZERO, ..Manners::SHORT };
    world.aws.play(Manners { pending: LONG * 2, ..visible });
    world.aws.on("CreateFunction", 1, Fault::KillAfter);
    let killed = run_watched(world.command(&["deploy", "--yes"]), |pid| world.aws.client(pid));
    assert_eq!(killed.signal, Some(9), "{killed:#?}");
    world.aws.wait_until_quiet();
    world.write(&CONFIG.replace("= 128", "= 256"));
    world.aws.clear();
    let run = world.succeed(&["deploy", "--yes"]);
    let requests = world.aws.requests();
    assert_eq!(statuses(&requests, "UpdateFunctionConfiguration"), [200], "no update while it is pending");
    assert!(run.stderr.contains("Pending"), "{}", run.stderr);
    world.assert_converged();
}

const CONFLICT: &str = "ResourceConflictException";
const UPDATING: Fault = Fault::Refuse(
    409,
    CONFLICT,
    "The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda:r:1:function:f",
);
const EVENTS_BUSY: Fault = Fault::Refuse(400, "ConcurrentModificationException", "Rule is being modified");
const LOGS_BUSY: Fault =
    Fault::Refuse(400, "OperationAbortedException", "A conflicting operation is in progress");
const INVALID: &str = "InvalidParameterValueException";

/// Operations, and what their first request meets.
type Faults = &'static [(&'static str, Fault)];

/// What each first request of an operation is answered in a first deploy, an update and a destroy; all of it passes.
const BUSY: [(&[&str], Faults); 3] = [
    (
        &["deploy", "--yes"],
        &[
            (
                "CreateRole",
                Fault::Refuse(400, "MalformedPolicyDocument", "Invalid principal in policy: \"AWS\""),
            ),
            ("PutRolePolicy", Fault::Refuse(409, "ConcurrentModification", "The role is being modified")),
            (
                "CreateFunction",
                Fault::Refuse(400, INVALID, "Your request has been throttled by EC2, please try again"),
            ),
            ("PutFunctionEventInvokeConfig", UPDATING),
            (
                "AddPermission",
                Fault::Refuse(404, "ResourceNotFoundException", "Function not found: arn:aws:lambda"),
            ),
            ("PutRule", EVENTS_BUSY),
            ("PutTargets", Fault::FailedEntry),
            ("CreateLogGroup", LOGS_BUSY),
            ("PutRetentionPolicy", LOGS_BUSY),
        ],
    ),
    (
        &["deploy", "--yes"],
        &[
            (
                "UpdateFunctionConfiguration",
                Fault::Refuse(
                    400,
                    INVALID,
                    "Lambda was unable to configure access to your environment variables because the KMS key is invalid \
                     for CreateGrant. Please check your KMS key settings.",
                ),
            ),
            ("UpdateFunctionCode", UPDATING),
            ("PutRule", EVENTS_BUSY),
            ("PutRetentionPolicy", LOGS_BUSY),
        ],
    ),
    (
        &["destroy", "--yes"],
        &[
            ("RemoveTargets", Fault::FailedEntry),
            (
                "DeleteRule",
                Fault::Refuse(400, "ValidationException", "Rule can't be deleted since it has targets."),
            ),
            ("DeleteFunction", UPDATING),
            ("DeleteLogGroup", LOGS_BUSY),
            (
                "DeleteRole",
                Fault::Refuse(409, "DeleteConflict", "Cannot delete entity, must detach all policies first."),
            ),
        ],
    ),
];

#[test]
fn what_aws_refuses_while_it_is_busy_is_asked_again() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.aws.play(Manners::VISIBLE);
    for (index, (command, faults)) in BUSY.iter().enumerate() {
        if index == 1 {
            let bootstrap = world.folder().join("bootstrap");
            let mut binary = std::fs::read(&bootstrap).expect("the function");
            binary.push(0);
            std::fs::write(&bootstrap, &binary).expect("the function");
            let changed = CONFIG.replace("= 128", "= 256").replace("= 30\n", "= 14\n");
            world.write(&changed.replace("cron(15 1 * * ? *)", "rate(2 hours)"));
        }
        world.aws.clear();
        for (operation, fault) in *faults {
            world.aws.on(operation, 1, *fault);
        }
        world.succeed(command);
        let requests = world.aws.requests();
        for (operation, fault) in *faults {
            let tries = statuses(&requests, operation);
            assert!(tries.len() > 1, "{operation} {fault:?}: {tries:?}");
        }
    }
    assert_eq!(world.planned().len(), 7, "all of them are missing");
}

#[test]
fn what_aws_will_always_refuse_is_asked_once() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.aws.play(Manners::VISIBLE);
    let environment = "Lambda was unable to configure your environment variables because the environment variables you \
                       have provided exceeded the 4KB limit. String measured: {\"SLACK_WEBHOOK_URL\":\"http://127.0.0.1:1/\
                       services/T0/B0/Xq7sEcReTwEbHoOkToKeN\"}";
    for (operation, fault, text) in [
        (
            "AttachRolePolicy",
            Fault::Refuse(404, "NoSuchEntity", "Policy arn:x does not exist or is not attachable."),
            "is not attachable",
        ),
        (
            "AttachRolePolicy",
            Fault::Refuse(409, "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10"),
            "quota",
        ),
        ("CreateFunction", Fault::Refuse(400, INVALID, environment), "exceeded the 4KB limit"),
        (
            "CreateFunction",
            Fault::Refuse(
                400,
                "ValidationException",
                "Value '{SLACK_WEBHOOK_URL=http://127.0.0.1:1/services/T0/B0/Xq7sEcReTwEbHoOkToKeN}' at 'environment' failed",
            ),
            "Value '{SLACK_WEBHOOK_URL=(sensitive)}' at 'environment' failed",
        ),
        (
            "CreateFunction",
            Fault::Refuse(400, "CodeStorageExceededException", "Code storage limit exceeded."),
            "delete unused function versions",
        ),
        (
            "CreateFunction",
            Fault::Refuse(
                403,
                "AccessDeniedException",
                "User: arn:aws:iam::123456789012:user/deployer is not authorized to perform: iam:PassRole on resource: \
                 arn:aws:iam::123456789012:role/digest with an explicit deny in a service control policy",
            ),
            "the service control policy denies `iam:PassRole`",
        ),
        (
            "CreateRole",
            Fault::Refuse(409, "EntityAlreadyExists", "Role with name DIGEST already exists."),
            "ignoring case",
        ),
        (
            "PutRule",
            Fault::Refuse(400, "ValidationException", "Parameter ScheduleExpression is not valid."),
            "is not valid",
        ),
        (
            "PutTargets",
            Fault::Refuse(400, "ManagedRuleException", "This rule is managed by another service"),
            "managed",
        ),
    ] {
        world.aws.clear();
        world.aws.on(operation, 1, fault);
        // Whose output must not show the secret that Lambda echoes: every run is searched for it.
        let run = world.tanets(&["deploy", "--yes", "-vv"]);
        assert_eq!(run.code, 1, "{operation}: {run:#?}");
        assert!(format!("{}{}", run.stdout, run.stderr).contains(text), "`{text}`: {run:#?}");
        let refused = statuses(&world.aws.requests(), operation).into_iter().filter(|status| *status >= 400);
        assert_eq!(refused.count(), 1, "{operation}");
        // What doesn't depend on it was done, and goes; the next refusal meets an empty account.
        world.succeed(&["destroy", "--yes"]);
    }
}

#[test]
fn a_role_in_an_instance_profile_is_not_waited_for() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.aws.play(Manners::VISIBLE);
    world.succeed(&["deploy", "--yes"]);
    world.aws.clear();
    let message = "Cannot delete entity, must remove roles from instance profile first.";
    world.aws.on("DeleteRole", 1, Fault::Refuse(409, "DeleteConflict", message));
    let run = world.tanets(&["destroy", "--yes"]);
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(run.stderr.contains("remove-role-from-instance-profile"), "{run:#?}");
    assert_eq!(statuses(&world.aws.requests(), "DeleteRole"), [409]);
    world.succeed(&["destroy", "--yes"]);
}
