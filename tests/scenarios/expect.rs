//! `deploy --expect`: what was reviewed is what is deployed, or nothing is.

use tanets_sandbox::require_peer;

use crate::world::{CONFIG, Emulator, World};

/// The digest that `plan` tells: the same for people and for programs.
fn digest(world: &World) -> String {
    let told = world.succeed(&["plan"]).stdout;
    let line = told.lines().find_map(|line| line.strip_prefix("Plan digest: ")).expect("a digest").to_owned();
    let lines = world.succeed(&["plan", "-o", "json"]).lines();
    let plan = lines.iter().find(|line| line["type"] == "plan").expect("a plan");
    assert_eq!(plan["plan_digest"], line.as_str());
    line
}

/// Requires that a deploy of this plan is refused before any change, and says so.
fn is_refused(world: &World, digest: &str) {
    let run = world.tanets(&["deploy", "--yes", "--expect", digest, "-vv"]);
    assert_eq!((run.code, run.writes()), (4, vec![]), "{run:#?}");
    assert!(run.stderr.contains(digest) && run.stderr.contains("hint: "), "{}", run.stderr);
}

#[test]
fn the_expected_plan_is_deployed_and_any_other_is_refused() {
    let world = require_peer!(World::new(Emulator::Moto));
    let first = digest(&world);
    world.succeed(&["deploy", "--yes", "--expect", &first]);
    world.assert_converged();
    // The account has moved: by the deploy itself.
    is_refused(&world, &first);

    let settled = digest(&world);
    world.succeed(&["deploy", "--yes", "--expect", &settled]);
    assert_eq!(digest(&world), settled, "nothing moved");
    for (from, to) in [("= 128", "= 256"), ("services/T0", "services/T1"), ("15 1 *", "16 1 *")] {
        world.write(&CONFIG.replace(from, to));
        is_refused(&world, &settled);
    }
    world.write(CONFIG);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let tag = "Action=TagRole&Version=2010-05-08&Tags.member.1.Key=cost&Tags.member.1.Value=42&RoleName=";
    world.request("iam", "/", &form, &format!("{tag}{}", world.name));
    is_refused(&world, &settled);
    // What was looked at again may be deployed.
    world.succeed(&["deploy", "--yes", "--expect", &digest(&world)]);
}

#[test]
fn a_dry_run_is_a_plan() {
    let world = require_peer!(World::new(Emulator::Moto));
    let plan = world.succeed(&["plan"]);
    let dry = world.succeed(&["deploy", "--dry-run", "-vv"]);
    assert_eq!((&dry.stdout, dry.writes()), (&world.succeed(&["plan", "-v"]).stdout, vec![]));
    assert_eq!(world.succeed(&["deploy", "--dry-run", "--yes"]).stdout, plan.stdout);
    let other = format!("sha256:{}", "0".repeat(64));
    assert_eq!(world.tanets(&["deploy", "--dry-run", "--expect", &other]).code, 4);
}

#[test]
fn an_empty_expectation_is_wrong_usage_and_no_missing_one() {
    let world = require_peer!(World::new(Emulator::Moto));
    for digest in ["", "sha256:", "41d0"] {
        let run = world.tanets(&["deploy", "--yes", "--expect", digest]);
        assert_eq!(run.code, 64, "{run:#?}");
    }
}
