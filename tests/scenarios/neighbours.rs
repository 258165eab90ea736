//! What other people add to our resources, or decide about them: shown, and kept.

use aws_sdk_lambda::types::Environment;
use serde_json::json;
use tanets_sandbox::require_peer;

use crate::neighbour::Neighbour;
use crate::world::{CONFIG, Emulator, World};

#[test]
fn what_others_add_to_our_resources_is_shown_and_kept() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.succeed(&["deploy", "--yes"]);
    let neighbour = Neighbour::of(&world);
    let name = &world.name;
    neighbour.settle();
    neighbour.runtime.block_on(async {
        neighbour.put_target("theirs", "arn:aws:sns:ap-northeast-1:123456789012:topic").await;
        let tag = aws_sdk_iam::types::Tag::builder().key("cost").value("42").build().expect("a tag");
        neighbour.iam.tag_role().role_name(name).tags(tag).send().await.expect("tagged");
        let policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        neighbour.iam.attach_role_policy().role_name(name).policy_arn(policy).send().await.expect("attached");
        let permission = neighbour.lambda.add_permission().function_name(name).statement_id("theirs");
        let permission = permission.action("lambda:InvokeFunction").principal("sns.amazonaws.com");
        permission.send().await.expect("permitted");
        let function =
            neighbour.lambda.get_function_configuration().function_name(name).send().await.expect("it");
        let mut variables = function.environment.and_then(|it| it.variables).unwrap_or_default();
        variables.insert("THEIRS".to_owned(), "their secret value".to_owned());
        let environment = Environment::builder().set_variables(Some(variables)).build();
        let call = neighbour.lambda.update_function_configuration().function_name(name);
        call.environment(environment).send().await.expect("updated");
        let config = neighbour.lambda.put_function_event_invoke_config().function_name(name);
        let config = config.maximum_retry_attempts(1).maximum_event_age_in_seconds(3600);
        config.send().await.expect("put");
    });
    neighbour.settle();
    assert_eq!(world.planned(), ["invocation.retries"]);
    let plan = world.succeed(&["plan"]).stdout;
    for kept in [
        "role        managed_policy.arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole = attached",
        "role        tags.cost = 42",
        "function    environment.THEIRS = (sensitive)",
        "permission  other_statement.theirs",
        "invocation  max_event_age = 3600",
        "target      other_target.theirs = arn:aws:sns",
    ] {
        assert!(plan.contains(kept), "{kept} in {plan}");
    }
    assert!(!plan.contains("their secret value"), "{plan}");

    // A change of ours next to theirs leaves theirs.
    world.write(&CONFIG.replace("#ops", "#dev"));
    world.succeed(&["deploy", "--yes"]);
    let call = neighbour.lambda.get_function_configuration().function_name(name).send();
    let variables = neighbour.runtime.block_on(call).expect("it").environment.and_then(|it| it.variables);
    let variables = variables.expect("variables");
    assert_eq!(
        (variables["THEIRS"].as_str(), variables["SLACK_CHANNEL"].as_str()),
        ("their secret value", "#dev")
    );
    assert_eq!(neighbour.statement_ids().len(), 2);
    let call = neighbour.lambda.get_function_event_invoke_config().function_name(name).send();
    let config = neighbour.runtime.block_on(call).expect("it");
    assert_eq!((config.maximum_retry_attempts, config.maximum_event_age_in_seconds), (Some(0), Some(3600)));
    world.assert_converged();

    // A rule that others use stays; what is ours goes.
    let destroyed = world.succeed(&["destroy", "--yes"]);
    assert!(destroyed.stderr.contains("has targets that aren't ours: theirs"), "{}", destroyed.stderr);
    assert_eq!(neighbour.target_ids(), ["theirs"]);
    let again = world.succeed(&["destroy", "--yes", "-vv"]);
    assert_eq!(again.writes(), Vec::<&str>::new());
}

#[test]
fn a_stack_of_the_same_name_in_another_region_keeps_its_role() {
    let world = require_peer!(World::new(Emulator::Moto));
    world.succeed(&["deploy", "--yes"]);
    let elsewhere = |arguments: &[&str]| world.tanets(&[arguments, &["--region", "eu-west-1"]].concat());
    let refused = elsewhere(&["deploy", "--yes", "--adopt"]);
    assert_eq!(refused.code, 4, "{refused:#?}");
    let told = format!("belongs to the stack `{} in ap-northeast-1`", world.name);
    assert!(refused.stderr.contains(&told), "{}", refused.stderr);
    assert_eq!(elsewhere(&["destroy", "--yes"]).writes(), Vec::<&str>::new());
    let all = elsewhere(&["status", "--all"]);
    assert!(!all.stdout.contains(&world.name), "{}", all.stdout);
    world.assert_converged();
}

#[test]
fn a_rule_that_a_person_disabled_stays_disabled_unless_the_configuration_says_otherwise() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.succeed(&["deploy", "--yes"]);
    let neighbour = Neighbour::of(&world);
    let disable = neighbour.events.disable_rule().name(&world.name).send();
    neighbour.runtime.block_on(disable).expect("disabled");
    let state = || {
        let call = neighbour.events.describe_rule().name(&world.name).send();
        neighbour.runtime.block_on(call).expect("a rule").state.expect("a state").as_str().to_owned()
    };
    world.assert_converged();
    let disabled = |command: &[&str]| {
        let told = world.succeed(command).stdout;
        assert!(told.contains("the rule is disabled") && !told.contains("covers"), "{told}");
        let line = world.succeed(&[command, &["-o", "json"]].concat()).lines().pop().expect("a line");
        assert_eq!((&line["disabled"], &line["next"]), (&json!(true), &json!([])), "{line}");
    };
    disabled(&["plan"]);
    disabled(&["status"]);
    world.write(&CONFIG.replace("cron(15 1", "cron(16 1"));
    let told = world.succeed(&["deploy", "--yes"]).stdout;
    assert!(told.contains("  next run   none while the rule is disabled\n"), "{told}");
    assert_eq!(state(), "DISABLED");
    world.write(&CONFIG.replace("[elasticsearch]", "enabled = true\n[elasticsearch]"));
    world.succeed(&["deploy", "--yes"]);
    assert_eq!(state(), "ENABLED");
    world.assert_converged();
    // What the file wants counts at once for a plan, and for a status when it is deployed.
    world.write(&CONFIG.replace("[elasticsearch]", "enabled = false\n[elasticsearch]"));
    disabled(&["check"]);
    disabled(&["plan"]);
    assert!(world.succeed(&["status"]).stdout.contains("covers"), "it still fires");
    world.succeed(&["deploy", "--yes"]);
    disabled(&["status"]);
    let line = world.succeed(&["deploy", "--yes", "-o", "json"]).lines().pop().expect("an outcome");
    assert_eq!((&line["disabled"], &line["next"]), (&json!(true), &json!([])), "{line}");
}
