//! `tanets secret`: the webhook goes into Parameter Store from a pipe or a hidden prompt, and nothing ever shows it.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};
use tanets_sandbox::manners::Fault;
use tanets_sandbox::require_peer;

use crate::output::types;
use crate::terminal::typed;
use crate::world::{CONFIG, Emulator, Run, SECRET, World, text_of};

fn webhook() -> String {
    format!("https://hooks.slack.com/services/T0/B0/{SECRET}")
}

/// Runs a command with this on its standard input. `SECRET` in any output fails.
pub fn piped(world: &World, arguments: &[&str], input: &str) -> Run {
    let mut command = world.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("written");
    text_of(child.wait_with_output().expect("its output"))
}

/// A parameter as it is: its type, version and value.
fn kept(world: &World, name: &str) -> (String, u64, String) {
    let parameter = &world.call(
        "ssm",
        "AmazonSSM.GetParameter",
        &json!({ "Name": name, "WithDecryption": true }),
    )["Parameter"];
    let text = |key: &str| parameter[key].as_str().expect("a text").to_owned();
    (text("Type"), parameter["Version"].as_u64().expect("a version"), text("Value"))
}

#[test]
fn the_webhook_is_kept_from_a_pipe_and_replaced_only_on_request() {
    for emulator in [Emulator::Moto, Emulator::Ministack] {
        let world = require_peer!(World::new(emulator));
        let name = format!("/tanets/{}/webhook", world.name);
        let refer = format!("webhook  = \"ssm:{name}\"");
        world.write(
            &CONFIG.replace(&format!("webhook  = \"http://127.0.0.1:1/services/T0/B0/{SECRET}\""), &refer),
        );

        let absent = world.tanets(&["secret", "check"]);
        assert_eq!(absent.code, 1, "{absent:#?}");
        assert!(absent.stderr.contains(&format!("there is no parameter `{name}`")), "{absent:#?}");
        for (input, why) in
            [("\n", "the value is empty"), (&*format!("xoxb-{SECRET}"), "the value is no webhook")]
        {
            let refused = piped(&world, &["secret", "set", "-vv"], input);
            assert_eq!(refused.code, 4, "{refused:#?}");
            assert!(refused.stderr.contains(why) && !refused.stderr.contains("PutParameter"), "{refused:#?}");
        }

        let made = piped(&world, &["secret", "set", "-vv"], &format!("{}\n", webhook()));
        assert_eq!(made.code, 0, "{made:#?}");
        assert!(
            made.stdout.contains("is made, version 1") && made.stdout.contains("a Slack webhook"),
            "{made:#?}"
        );
        assert!(made.stderr.contains("SSM PutParameter: 200 in "), "{made:#?}");
        assert_eq!(kept(&world, &name), ("SecureString".to_owned(), 1, webhook()));

        // Over an old one only with a yes, for which nobody is there.
        let other = webhook().replace("B0", "B1");
        assert_eq!(piped(&world, &["secret", "set"], &other).code, 5);
        assert_eq!(kept(&world, &name).2, webhook());
        let replaced = piped(&world, &["secret", "set", "--yes", "-o", "json"], &other);
        assert_eq!((replaced.code, types(&replaced)), (0, vec!["secret".to_owned()]), "{replaced:#?}");
        let line = replaced.lines().remove(0);
        assert_eq!((&line["parameter_version"], &line["replaced"]), (&json!(2), &json!(1)), "{line}");
        assert_eq!(kept(&world, &name), ("SecureString".to_owned(), 2, other));

        let checked = world.succeed(&["secret", "check", "-vv"]);
        assert!(
            checked.stdout.contains("version 2, of 20") && checked.stdout.contains("alias/aws/ssm"),
            "{checked:#?}"
        );
        let checked = world.succeed(&["secret", "check", "-o", "json"]);
        assert_eq!(checked.lines()[0]["form"], "slack_webhook");
        assert_eq!(types(&checked), ["secret"]);
    }
}

#[test]
fn a_key_is_taken_from_the_command_line_or_the_file_and_kept_for_the_next_value() {
    let world = require_peer!(World::new(Emulator::Ministack));
    let key = |world: &World| {
        let key = world.call("kms", "TrentService.CreateKey", &json!({}));
        key["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned()
    };
    let (of_file, other) = (key(&world), key(&world));
    let set = |arguments: &[&str]| {
        let run = piped(
            &world,
            &[&["secret", "set", "/tanets/x", "--yes", "-o", "json"], arguments].concat(),
            &webhook(),
        );
        assert_eq!(run.code, 0, "{run:#?}");
        run.lines().pop().expect("a line")
    };
    // Without a tanets.toml.
    let bare = ["-c", "none.toml"];
    assert_eq!(set(&bare)["key"], Value::Null);
    assert_eq!(set(&[&bare[..], &["--kms-key", &other]].concat())["key"], *other);
    assert_eq!(set(&bare)["key"], *other, "AWS would take its own");
    world.write(&CONFIG.replace("memory  ", &format!("kms_key = {of_file:?}\nmemory  ")));
    let line = set(&[]);
    assert_eq!(
        (&line["key"], &line["notes"][0]),
        (&json!(of_file), &json!("tanets.toml doesn't refer to it"))
    );
    let checked = world.succeed(&["secret", "check", "/tanets/x", "-o", "json"]);
    assert_eq!(checked.lines().pop().expect("a line")["key"], *of_file);
}

#[test]
fn what_is_not_a_secure_parameter_is_told_with_the_way_out() {
    let world = require_peer!(World::new(Emulator::Ministack));
    let plain = json!({ "Name": "/tanets/plain", "Value": webhook(), "Type": "String" });
    world.call("ssm", "AmazonSSM.PutParameter", &plain);
    let found = world.tanets(&["secret", "check", "/tanets/plain"]);
    assert_eq!(found.code, 1, "{found:#?}");
    for told in ["is a String, which nothing encrypts", "hint: `tanets secret set /tanets/plain`"] {
        assert!(found.stderr.contains(told), "{told}: {found:#?}");
    }
    // A value where the name should be isn't repeated.
    for name in [&*webhook(), "ssm:arn:aws:ssm:eu-west-1:123456789012:parameter/x", "tanets/x"] {
        let refused = world.tanets(&["secret", "set", name]);
        assert_eq!(refused.code, 4, "{refused:#?}");
        assert!(refused.stderr.contains("the name "), "{refused:#?}");
    }
    let url = world.tanets(&["secret", "set"]);
    assert!(url.stderr.contains("`slack.webhook` is no reference"), "{url:#?}");
    let in_plain = format!("\"http://127.0.0.1:1/services/T0/B0/{SECRET}\"");
    for (reference, told) in [
        ("secretsmanager:tanets/webhook", "aws secretsmanager put-secret-value --secret-id tanets/webhook "),
        ("kms:AQICAHg=", "--encryption-context LambdaFunctionName="),
    ] {
        world.write(&CONFIG.replace(&in_plain, &format!("{reference:?}")));
        let elsewhere = world.tanets(&["secret", "set"]);
        assert_eq!(elsewhere.code, 4, "{elsewhere:#?}");
        assert!(elsewhere.stderr.contains(told), "{elsewhere:#?}");
    }
}

#[test]
fn a_lost_answer_or_a_denial_leaves_no_doubt_about_the_parameter() {
    let world = require_peer!(World::new(Emulator::Moto));
    let name = format!("/tanets/{}", world.name);
    let set = |more: &[&str]| piped(&world, &[&["secret", "set", &name], more].concat(), &webhook());
    // It is made, nobody hears of it, and the second request finds it: made by the first.
    world.aws.on("PutParameter", 1, Fault::LoseAnswer);
    let made = set(&["-vv"]);
    assert_eq!(made.code, 0, "{made:#?}");
    assert_eq!(made.operations().iter().filter(|name| **name == "PutParameter").count(), 2, "{made:#?}");
    assert_eq!(kept(&world, &name), ("SecureString".to_owned(), 1, webhook()));
    world.aws.clear();
    world.aws.on("PutParameter", 1, Fault::Throttle);
    assert_eq!(set(&["--yes"]).code, 0);
    for (operation, code) in [("GetParameter", 1), ("PutParameter", 1)] {
        world.aws.clear();
        world.aws.on(operation, 1, Fault::Deny);
        let denied = set(&["--yes"]);
        assert_eq!(denied.code, code, "{denied:#?}");
        assert!(denied.stderr.contains(&format!("allow `ssm:{operation}`")), "{denied:#?}");
    }
    // The key is told only to those who may ask for it.
    world.aws.clear();
    world.aws.on("DescribeParameters", 1, Fault::Deny);
    let checked = world.succeed(&["secret", "check", &name]);
    assert!(
        checked.stdout.contains("a key that can't be told: DescribeParameters: AccessDenied"),
        "{checked:#?}"
    );
}

#[test]
fn on_a_terminal_the_value_is_asked_for_and_not_shown() {
    let world = require_peer!(World::new(Emulator::Ministack));
    let arguments = ["secret", "set", "/tanets/typed"];
    let (question, value) = ("(not shown): ", webhook());
    let made = typed(&world.command(&arguments), &[(question, &value)]);
    assert_eq!(made.code, 0, "{made:#?}");
    assert_eq!(kept(&world, "/tanets/typed"), ("SecureString".to_owned(), 1, value.clone()));
    let given_up = typed(&world.command(&arguments), &[(question, "\u{3}")]);
    assert_eq!(given_up.code, 130, "{given_up:#?}");
    assert!(!given_up.stdout.contains("shows nothing any more"), "{given_up:#?}");
    for (answer, code, version) in [("", 5, 1), ("y", 0, 2)] {
        let again = typed(&world.command(&arguments), &[(question, &value), ("Replace it? [y/N]", answer)]);
        assert_eq!((again.code, kept(&world, "/tanets/typed").1), (code, version), "{again:#?}");
    }
}
