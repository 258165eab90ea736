//! Other addresses than AWS's own: a deploy must not go there unseen.

use tanets_sandbox::require_peer;

use crate::world::{Emulator, World, run};

/// What a plan's header says about the address.
fn told(plan: &str) -> &str {
    let line = plan.lines().find_map(|line| line.trim_start().strip_prefix("endpoint")).unwrap_or_default();
    line.trim()
}

#[test]
fn an_address_that_a_profile_gives_a_service_is_shown() {
    let world = require_peer!(World::new(Emulator::Moto));
    let url = world.aws.url();
    let services = ["iam", "lambda", "eventbridge", "cloudwatch-logs", "sts"];
    let services = Vec::from_iter(services.map(|service| format!("{service} =\n  endpoint_url = {url}\n")));
    let file = world.folder().join("aws-config");
    let text = format!("[profile ours]\nservices = emulator\n[services emulator]\n{}", services.concat());
    std::fs::write(&file, text).expect("a profile");
    let mut command = world.command(&["plan", "--profile", "ours"]);
    command.env_remove("AWS_ENDPOINT_URL").env("AWS_CONFIG_FILE", &file);
    let plan = run(command);
    assert_eq!(plan.code, 0, "{plan:#?}");
    let services = ["IAM", "Lambda", "EventBridge", "CloudWatch Logs", "STS"];
    let expected = Vec::from_iter(services.map(|service| format!("{service}: {url}"))).join(", ");
    assert_eq!(told(&plan.stdout), format!("{expected} (not AWS itself)"));
}

#[test]
fn an_address_of_one_service_goes_before_that_of_all_and_an_explicit_one_before_both() {
    let world = require_peer!(World::new(Emulator::Moto));
    let url = world.aws.url();
    // Where nobody answers.
    let nowhere = "http://127.0.0.1:1";
    let mut command = world.command(&["plan"]);
    command.env("AWS_ENDPOINT_URL_EC2", nowhere);
    let plan = run(command);
    let services = ["IAM", "Lambda", "EventBridge", "CloudWatch Logs", "STS"];
    let expected = Vec::from_iter(services.map(|service| format!("{service}: {url}"))).join(", ");
    assert_eq!(told(&plan.stdout), format!("{expected}, EC2: {nowhere} (not AWS itself)"), "{plan:#?}");
    let mut command = world.command(&["plan", "--endpoint-url", url]);
    command.env("AWS_ENDPOINT_URL", nowhere).env("AWS_ENDPOINT_URL_LAMBDA", nowhere);
    let plan = run(command);
    assert_eq!((plan.code, told(&plan.stdout)), (0, format!("{url} (not AWS itself)").as_str()), "{plan:#?}");
}
