//! `tanets policy` against what is really called: each request of a whole life is allowed by the printed policy, on the
//! very resource, and the policy allows nothing that no request needed.

use std::collections::BTreeSet;

use serde_json::Value;
use tanets_sandbox::manners::Request;
use tanets_sandbox::require_peer;

use crate::neighbour::Neighbour;
use crate::world::{CONFIG, Emulator, World};

/// What AWS checks without a request of ours, so that no emulator can tell: GetFunction's answer has no tags without the
/// first; Lambda asks for the others when it makes or changes a function with a role, and in a VPC. Functions are listed
/// only while network interfaces are left, which is played in `network_interfaces.rs`.
const WITHOUT_A_REQUEST: [&str; 6] = [
    "lambda:ListFunctions",
    "lambda:ListTags",
    "iam:PassRole",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
];

/// The action of a request, the ARN that it is on, and the policy that it attaches or detaches.
pub fn asked(world: &World, request: &Request) -> (String, String, Option<String>) {
    let Request { service, operation, input, .. } = request;
    let text = |names: &[&str]| names.iter().find_map(|name| input[*name].as_str()).map(str::to_owned);
    // IAM has another name for this one.
    let operation = if operation == "Invoke" { "InvokeFunction" } else { operation };
    let in_region = |rest: &str| format!("arn:aws:{service}:ap-northeast-1:{}:{rest}", world.account);
    let given = text(&["ResourceARN", "resourceArn", "Resource"]);
    let arn = match service.as_str() {
        "iam" => text(&["RoleName"]).map(|name| format!("arn:aws:iam::{}:role/{name}", world.account)),
        "lambda" => given.or_else(|| Some(in_region(&format!("function:{}", text(&["FunctionName"])?)))),
        "events" => given.or_else(|| Some(in_region(&format!("rule/{}", text(&["Name", "Rule"])?)))),
        "logs" => given.or_else(|| {
            Some(in_region(&format!("log-group:{}", text(&["logGroupName", "logGroupNamePrefix"])?)))
        }),
        _ => Some("*".to_owned()),
    };
    let arn = arn.unwrap_or_else(|| panic!("{request} is on nothing: {input}"));
    (format!("{service}:{operation}"), arn, text(&["PolicyArn"]))
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, "")) => text.starts_with(start),
        Some(_) => panic!("only a last `*` is read here: {pattern}"),
        None => pattern == text,
    }
}

/// Whether a statement of the policy allows a request.
pub fn is_allowed(policy: &Value, (action, arn, attached): &(String, String, Option<String>)) -> bool {
    let statements = policy["Statement"].as_array().expect("statements");
    statements.iter().any(|statement| {
        let condition = &statement["Condition"]["ArnEquals"]["iam:PolicyARN"];
        let condition = attached.is_none() || strings(condition).any(|arn| Some(arn) == attached.as_deref());
        strings(&statement["Action"]).any(|allowed| allowed == action)
            && strings(&statement["Resource"]).any(|pattern| matches(pattern, arn))
            && condition
    })
}

/// Whoever may call it without any permission.
pub fn needs_none((action, ..): &(String, String, Option<String>)) -> bool {
    action == "sts:GetCallerIdentity"
}

pub fn actions(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().expect("statements");
    statements.iter().flat_map(|statement| strings(&statement["Action"]).map(str::to_owned)).collect()
}

/// Requires that the policy allows each request since the last time, and gives their actions.
fn covered(world: &World, policy: &Value) -> BTreeSet<String> {
    let requests = world.aws.requests();
    assert!(requests.len() > 2, "nothing was called: {requests:?}");
    world.aws.clear();
    let asked = requests.iter().map(|request| asked(world, request)).filter(|asked| !needs_none(asked));
    let called =
        asked.inspect(|asked| assert!(is_allowed(policy, asked), "{asked:?} is refused by {policy:#}"));
    called.map(|(action, ..)| action).collect()
}

pub fn printed(world: &World, arguments: &[&str]) -> Value {
    let run = world.succeed(&[&["policy"], arguments].concat());
    serde_json::from_str(&run.stdout).expect("a document")
}

/// Actions that the policy allows and nobody needed.
fn more_than_called(policy: &Value, called: &BTreeSet<String>) -> BTreeSet<String> {
    actions(policy).difference(called).cloned().collect()
}

#[test]
fn the_printed_policy_allows_exactly_what_a_whole_life_calls() {
    let world = require_peer!(World::new(Emulator::Ministack));
    Neighbour::of(&world).deploy_the_module();
    let policy = printed(&world, &[]);
    world.aws.clear();
    let mut called = BTreeSet::new();
    let mut live = |arguments: &[&str], policy: &Value| {
        let run = world.tanets(arguments);
        // There is no cluster.
        let expected = if arguments == ["doctor"] { 6 } else { 0 };
        assert_eq!(run.code, expected, "{run:#?}");
        called.extend(covered(&world, policy));
    };
    live(&["plan", "--adopt"], &policy);
    live(&["deploy", "--adopt", "--yes"], &policy);
    live(&["status"], &policy);
    live(&["destroy", "--yes"], &policy);
    live(&["deploy", "--yes"], &policy);
    live(&["doctor"], &policy);

    // What only drift or a changed file calls.
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for change in [
        "Action=UpdateRole&Description=changed",
        "Action=UpdateAssumeRolePolicy&PolicyDocument=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D",
    ] {
        world.request("iam", "/", &form, &format!("{change}&Version=2010-05-08&RoleName={}", world.name));
    }
    let changed = CONFIG.replace("= 128", "= 256").replace("\"sre\"", "\"web\"").replace("15 1 *", "16 1 *");
    world.write(&changed);
    let bootstrap = world.folder().join("bootstrap");
    let mut binary = std::fs::read(&bootstrap).expect("the function");
    binary.push(0);
    std::fs::write(&bootstrap, &binary).expect("the function");
    live(&["deploy", "--yes"], &policy);

    // Out of the VPC, where another policy is the least one, and in again.
    let vpc = changed.split("[vpc]").nth(1).and_then(|rest| rest.split("[function]").next()).expect("a VPC");
    world.write(&changed.replace(&format!("[vpc]{vpc}"), ""));
    let outside = printed(&world, &[]);
    assert!(!actions(&outside).iter().any(|action| action.starts_with("ec2:")), "{outside:#}");
    world.aws.clear();
    live(&["deploy", "--yes"], &outside);
    world.write(&changed);
    live(&["deploy", "--yes"], &policy);
    live(&["destroy", "--yes"], &policy);

    assert_eq!(more_than_called(&policy, &called), WITHOUT_A_REQUEST.map(str::to_owned).into());
}

#[test]
fn the_policy_of_a_plan_allows_exactly_what_plan_and_status_call() {
    let world = require_peer!(World::new(Emulator::Moto));
    let policy = printed(&world, &["--plan-only"]);
    let mut called = BTreeSet::new();
    // Without the stack and with it.
    for _ in 0..2 {
        world.aws.clear();
        for command in ["plan", "status"] {
            world.succeed(&[command]);
            called.extend(covered(&world, &policy));
        }
        world.succeed(&["deploy", "--yes"]);
    }
    assert_eq!(more_than_called(&policy, &called), ["lambda:ListTags".to_owned()].into());
    assert!(actions(&policy).is_subset(&actions(&printed(&world, &[]))));
}
