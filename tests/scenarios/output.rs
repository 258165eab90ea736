//! The output for programs: every line against the schema, and no secret anywhere.

use serde_json::Value;
use tanets_sandbox::require_peer;

use crate::world::{CONFIG, Emulator, Run, World};

/// Holds every line against the published schema, and gives their types.
pub fn types(run: &Run) -> Vec<String> {
    let schema: Value =
        serde_json::from_str(include_str!("../../deployer/output.schema.json")).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let mut types = Vec::new();
    for line in run.lines() {
        let errors = Vec::from_iter(schema.iter_errors(&line).map(|error| error.to_string()));
        assert!(errors.is_empty(), "{line}: {errors:?}");
        types.push(line["type"].as_str().expect("a type").to_owned());
    }
    types
}

#[test]
fn every_line_of_json_is_as_the_schema_says() {
    let world = require_peer!(World::new(Emulator::Ministack));
    let json = |arguments: &[&str]| world.tanets(&[arguments, &["-o", "json"]].concat());
    assert!(types(&json(&["check"])).contains(&"check".to_owned()));
    for more in [&[][..], &["--github", "acme/logs"], &["--gitlab", "acme/logs", "--workflow"]] {
        let policy = json(&[&["policy"], more].concat());
        assert_eq!(types(&policy).last().map(String::as_str), Some("policy"), "{policy:#?}");
    }
    let plan = json(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 2);
    assert!(types(&plan).contains(&"plan".to_owned()));

    let deploy = json(&["deploy", "--yes"]);
    let told = types(&deploy);
    for (kind, count) in [("plan", 1), ("step_started", 7), ("step_finished", 7), ("outcome", 1)] {
        assert_eq!(told.iter().filter(|told| *told == kind).count(), count, "{kind}: {told:?}");
    }
    let outcome = deploy.lines().pop().expect("an outcome");
    assert_eq!(
        (outcome["result"].as_str(), outcome["done"].as_array().map(Vec::len)),
        (Some("done"), Some(7))
    );
    assert_eq!(deploy.stderr, "", "programs read stdout; nothing stands beside it");

    assert!(types(&json(&["status"])).contains(&"status".to_owned()));
    let destroy = json(&["destroy", "--yes"]);
    assert_eq!(types(&destroy).last().map(String::as_str), Some("outcome"));

    world.write(&CONFIG.replace("= 128", "= 1"));
    let invalid = json(&["plan"]);
    assert_eq!((invalid.code, types(&invalid).last().map(String::as_str)), (3, Some("error")));
    assert_eq!(invalid.lines().pop().expect("an error")["exit_code"], 3);
}

#[test]
fn what_cannot_be_read_stops_the_plan() {
    let world = require_peer!(World::new(Emulator::Moto));
    let mut command = world.command(&["deploy", "--yes", "-o", "json"]);
    command.env("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:1");
    let run = crate::world::run(command);
    assert_eq!(run.code, 4, "{run:#?}");
    let error = run.lines().pop().expect("an error");
    assert_eq!(types(&run), ["warning", "error"]);
    assert!(error["message"].as_str().is_some_and(|text| text.contains("function: GetFunction")), "{error}");
}

#[test]
fn the_webhook_is_shown_nowhere_at_any_verbosity() {
    let world = require_peer!(World::new(Emulator::Ministack));
    // `run` greps every output for the secret.
    for arguments in [
        &["plan", "-vv"][..],
        &["deploy", "--yes", "-vv"],
        &["status", "-vv"],
        &["deploy", "--yes", "-o", "json", "-vv"],
    ] {
        world.succeed(arguments);
    }
    world.write(&CONFIG.replace("services/T0", "services/T1"));
    let plan = world.succeed(&["plan", "-vv"]);
    assert!(
        plan.stdout.contains("environment.SLACK_WEBHOOK_URL  (sensitive) -> (sensitive)"),
        "{}",
        plan.stdout
    );
    world.succeed(&["destroy", "--yes", "-vv"]);
}
