//! The old Terraform module's deployment: refused, then taken over in one run.

use tanets_sandbox::require_peer;

use crate::neighbour::Neighbour;
use crate::world::{Emulator, World};

fn the_modules_deployment_is_refused_then_adopted_in_one_run(emulator: Emulator) {
    let world = require_peer!(World::new(emulator));
    let neighbour = Neighbour::of(&world);
    neighbour.deploy_the_module();

    let refused = world.tanets(&["deploy", "--yes", "-vv"]);
    assert_eq!((refused.code, refused.writes()), (4, vec![]), "{refused:#?}");
    for address in ["role", "function", "rule"] {
        let told = format!("{address} `{}` exists and is not ours", world.name);
        assert!(refused.stderr.contains(&told), "{}", refused.stderr);
    }
    assert!(refused.stderr.contains("--adopt"), "{}", refused.stderr);
    let destroy = world.tanets(&["destroy", "--yes", "-vv"]);
    assert_eq!((destroy.code, destroy.writes()), (0, vec![]), "{destroy:#?}");

    let planned = world.succeed(&["plan", "--adopt"]).stdout;
    assert!(planned.contains("update, it is taken over"), "{planned}");
    let adopted = world.succeed(&["deploy", "--adopt", "--yes", "-vv"]);
    assert_eq!(neighbour.target_ids(), ["tanets"]);
    assert_eq!(neighbour.statement_ids(), ["tanets"]);
    let order = |operation: &str| adopted.writes().iter().position(|write| *write == operation);
    let moves = ["AddPermission", "RemoveTargets", "PutTargets", "RemovePermission"].map(order);
    assert!(moves.is_sorted() && moves[0].is_some(), "in this order: {:?}", adopted.writes());
    world.assert_converged();
    let status = world.succeed(&["status"]);
    assert_eq!(status.stdout.matches("in sync").count(), 7, "{}", status.stdout);
    world.succeed(&["destroy", "--yes"]);
}

#[test]
fn the_modules_deployment_is_adopted_on_ministack() {
    the_modules_deployment_is_refused_then_adopted_in_one_run(Emulator::Ministack);
}

#[test]
fn the_modules_deployment_is_adopted_on_moto() {
    the_modules_deployment_is_refused_then_adopted_in_one_run(Emulator::Moto);
}
