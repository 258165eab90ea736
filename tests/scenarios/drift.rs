//! What was changed behind our back: each attribute is seen by a plan and healed by a deploy.

use aws_sdk_eventbridge::types::Target;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Environment, Runtime, VpcConfig};
use tanets_sandbox::require_peer;

use crate::neighbour::{Neighbour, TRUST, zip_of};
use crate::world::{Emulator, World};

/// One attribute, changed behind our back; and what the plan then names.
type Drift = (&'static str, fn(&Neighbour<'_>));

const DRIFTS: &[Drift] = &[
    ("role.description", |it| {
        let call = it.iam.update_role().role_name(&it.world.name).description("changed").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("role.trust_policy", |it| {
        let document = TRUST.replace("lambda", "ec2");
        let call =
            it.iam.update_assume_role_policy().role_name(&it.world.name).policy_document(document).send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("role.managed_policy.arn:aws:iam::aws:policy/AWSLambdaExecute", |it| {
        let arn = "arn:aws:iam::aws:policy/AWSLambdaExecute";
        let call = it.iam.detach_role_policy().role_name(&it.world.name).policy_arn(arn).send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("role.inline_policy.tanets", |it| {
        let call = it.iam.delete_role_policy().role_name(&it.world.name).policy_name("tanets").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("role.tags.team", |it| {
        let call = it.iam.untag_role().role_name(&it.world.name).tag_keys("team").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("log_group.retention_days", |it| {
        let name = format!("/aws/lambda/{}", it.world.name);
        let call = it.logs.delete_retention_policy().log_group_name(name).send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("log_group.tags.team", |it| {
        let arn = it.arn("logs", &format!("log-group:/aws/lambda/{}", it.world.name));
        let call = it.logs.untag_resource().resource_arn(arn).tag_keys("team").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("function.description", |it| configure(it, |call| call.description("changed"))),
    ("function.handler", |it| configure(it, |call| call.handler("other"))),
    ("function.memory", |it| configure(it, |call| call.memory_size(512))),
    ("function.timeout", |it| configure(it, |call| call.timeout(3))),
    ("function.runtime", |it| configure(it, |call| call.runtime(Runtime::Providedal2))),
    ("function.role", |it| configure(it, |call| call.role(it.role_arn() + "-other"))),
    ("function.environment.ES_INDEXES", |it| {
        let call = it.lambda.get_function_configuration().function_name(&it.world.name).send();
        let mut variables = it
            .runtime
            .block_on(call)
            .expect("it")
            .environment
            .and_then(|it| it.variables)
            .unwrap_or_default();
        variables.insert("ES_INDEXES".to_owned(), "other".to_owned());
        let environment = Environment::builder().set_variables(Some(variables)).build();
        configure(it, |call| call.environment(environment.clone()));
    }),
    ("function.vpc.security_groups", |it| {
        let vpc = VpcConfig::builder()
            .subnet_ids("subnet-0a1")
            .subnet_ids("subnet-0c2")
            .security_group_ids("sg-0ff");
        configure(it, |call| call.vpc_config(vpc.clone().build()));
    }),
    ("function.code_sha256", |it| {
        let zip = Blob::new(zip_of("bootstrap", b"\x7fELF"));
        let call = it.lambda.update_function_code().function_name(&it.world.name).zip_file(zip).send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("invocation.retries", |it| {
        let call = it.lambda.put_function_event_invoke_config().function_name(&it.world.name);
        it.runtime.block_on(call.maximum_retry_attempts(2).send()).expect("changed");
    }),
    ("function.tags.team", |it| {
        let call = it.lambda.untag_resource().resource(it.function_arn()).tag_keys("team").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("function.version", |it| {
        let call = it.lambda.untag_resource().resource(it.function_arn()).tag_keys("tanets:version").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("rule.schedule", |it| {
        let call = it.events.put_rule().name(&it.world.name).schedule_expression("rate(7 days)");
        let call = call.description("Fires the log digest that tanets deploys").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("rule.description", |it| {
        let call = it.events.put_rule().name(&it.world.name).schedule_expression("cron(15 1 * * ? *)");
        it.runtime.block_on(call.description("changed").send()).expect("changed");
    }),
    ("rule.tags.team", |it| {
        let call = it.events.untag_resource().resource_arn(it.rule_arn()).tag_keys("team").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("permission create", |it| {
        let call = it.lambda.remove_permission().function_name(&it.world.name).statement_id("tanets").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("permission.statement", |it| {
        let (name, id) = (&it.world.name, "tanets");
        let remove = it.lambda.remove_permission().function_name(name).statement_id(id).send();
        let add = it.lambda.add_permission().function_name(name).statement_id(id);
        let add = add
            .action("lambda:InvokeFunction")
            .principal("events.amazonaws.com")
            .source_arn("arn:aws:events:x");
        it.runtime.block_on(remove).expect("changed");
        it.runtime.block_on(add.send()).expect("changed");
    }),
    ("target.arn", |it| {
        it.runtime.block_on(it.put_target("tanets", "arn:aws:sns:ap-northeast-1:123456789012:x"))
    }),
    ("target.input", |it| {
        let target =
            Target::builder().id("tanets").arn(it.function_arn()).input("{}").build().expect("a target");
        let call = it.events.put_targets().rule(&it.world.name).targets(target).send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("target create", |it| {
        let call = it.events.remove_targets().rule(&it.world.name).ids("tanets").send();
        it.runtime.block_on(call).expect("changed");
    }),
];

type Configure = aws_sdk_lambda::operation::update_function_configuration::builders::UpdateFunctionConfigurationFluentBuilder;

fn configure(it: &Neighbour<'_>, change: impl Fn(Configure) -> Configure) {
    let call = change(it.lambda.update_function_configuration().function_name(&it.world.name));
    it.runtime.block_on(call.send()).expect("changed");
}

#[test]
fn drift_of_every_attribute_is_seen_and_healed() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.succeed(&["deploy", "--yes"]);
    let neighbour = Neighbour::of(&world);
    for (attribute, drift) in DRIFTS {
        neighbour.settle();
        drift(&neighbour);
        neighbour.settle();
        assert_eq!(world.planned(), [*attribute], "{attribute}");
        world.succeed(&["deploy", "--yes"]);
        world.assert_converged();
    }
}

#[test]
fn a_function_whose_role_was_made_again_is_made_again_too() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.succeed(&["deploy", "--yes"]);
    let neighbour = Neighbour::of(&world);
    neighbour.delete_role();
    // The role is missing: the function's grant on its key goes with it.
    let healed = world.succeed(&["deploy", "--yes", "-vv"]);
    for write in ["CreateRole", "DeleteFunction", "CreateFunction", "AddPermission"] {
        assert!(healed.writes().contains(&write), "{write} in {:?}", healed.writes());
    }
    world.assert_converged();
    // Somebody made it again under the same name and with our tag: only its id tells.
    neighbour.delete_role();
    neighbour.make_role();
    world.succeed(&["deploy", "--adopt", "--yes"]);
    world.assert_converged();
    assert_eq!(neighbour.statement_ids(), ["tanets"]);
    world.succeed(&["destroy", "--yes"]);
}
