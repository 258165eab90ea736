//! Deploy, deploy again, destroy, destroy again: the same on both emulators.

use tanets_sandbox::manners::Manners;
use tanets_sandbox::require_peer;

use crate::world::{Emulator, World};

fn a_stack_comes_and_goes_and_a_second_time_changes_nothing(emulator: Emulator) {
    let world = require_peer!(World::new(emulator));
    // So that each write is counted once.
    world.aws.play(Manners::VISIBLE);
    let first = world.succeed(&["deploy", "--yes", "-vv"]);
    let mut written = first.writes();
    written.sort_unstable();
    assert_eq!(
        written,
        [
            "AddPermission",
            "AttachRolePolicy",
            "AttachRolePolicy",
            "AttachRolePolicy",
            "CreateFunction",
            "CreateLogGroup",
            "CreateRole",
            "PutFunctionEventInvokeConfig",
            "PutRetentionPolicy",
            "PutRolePolicy",
            "PutRule",
            "PutTargets",
        ]
    );
    assert!(first.stdout.contains(&format!(":function:{}", world.name)), "{}", first.stdout);
    assert!(first.stdout.contains("next run  "), "{}", first.stdout);

    world.assert_converged();
    let second = world.succeed(&["deploy", "--yes", "-vv"]);
    assert_eq!(second.writes(), Vec::<&str>::new());
    assert_eq!(second.operations().len(), 13, "{:?}", second.operations());
    assert_eq!(second.stdout, "Nothing to do: the account matches the configuration.\n");
    let status = world.succeed(&["status", "--detailed-exitcode"]);
    assert_eq!(status.stdout.lines().filter(|line| line.starts_with("= ")).count(), 7, "{}", status.stdout);

    let destroyed = world.succeed(&["destroy", "--yes"]);
    assert!(destroyed.stdout.starts_with("Destroyed"), "{}", destroyed.stdout);
    assert_eq!(world.planned().len(), 7, "all of them are missing");
    let again = world.succeed(&["destroy", "--yes", "-vv"]);
    assert_eq!(again.writes(), Vec::<&str>::new());
    assert_eq!(again.stdout, "Nothing to do: there is nothing of this stack in the account.\n");
}

#[test]
fn a_stack_comes_and_goes_on_ministack() {
    a_stack_comes_and_goes_and_a_second_time_changes_nothing(Emulator::Ministack);
}

#[test]
fn a_stack_comes_and_goes_on_moto() {
    a_stack_comes_and_goes_and_a_second_time_changes_nothing(Emulator::Moto);
}

#[test]
fn destroy_leaves_the_logs_if_told_so_and_the_next_deploy_takes_them_on() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.succeed(&["deploy", "--yes"]);
    world.succeed(&["destroy", "--yes", "--keep-logs"]);
    let planned = world.planned();
    assert!(!planned.iter().any(|step| step.starts_with("log_group")), "{planned:?}");
    assert_eq!(planned.len(), 6);
    world.succeed(&["deploy", "--yes"]);
    world.assert_converged();
}

#[test]
fn a_role_of_somebody_else_blocks_a_deploy_and_survives_a_destroy() {
    let world = require_peer!(World::new(Emulator::Moto));
    world.succeed(&["deploy", "--yes"]);
    world.disown_role();
    let deploy = world.tanets(&["deploy", "--yes", "-vv"]);
    assert_eq!((deploy.code, deploy.writes()), (4, vec![]), "{deploy:#?}");
    assert!(
        deploy.stderr.contains(&format!("role `{}` exists and is not ours", world.name)),
        "{}",
        deploy.stderr
    );
    world.succeed(&["destroy", "--yes"]);
    let status = world.succeed(&["status"]);
    assert!(status.stdout.contains("! role        exists and is not ours"), "{}", status.stdout);
}
