//! What is in an account, asked of the emulator itself, without what differs from run to run: ids, dates, order.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::world::World;

/// What each question is answered; `None` where there is nothing.
pub type Account = BTreeMap<&'static str, Option<String>>;

/// Keys of answers that differ between equal accounts: ids, dates, and how far Lambda is with its last write.
const VOLATILE: [&str; 12] = [
    "CreatedBy",
    "CreationTime",
    "LastModified",
    "LastUpdateStatus",
    "Location",
    "ResponseMetadata",
    "RevisionId",
    "State",
    "StateReason",
    "StateReasonCode",
    "creationTime",
    "storedBytes",
];
const VOLATILE_XML: [&str; 5] = ["RequestId", "RoleId", "CreateDate", "RoleLastUsed", "PolicyId"];

/// What differs between two accounts, line by line.
pub fn differences(is: &Account, wanted: &Account) -> Vec<String> {
    let lines = |text: &Option<String>| match text {
        Some(text) => text.lines().map(str::to_owned).collect(),
        None => vec!["(nothing)".to_owned()],
    };
    let mut differences = Vec::new();
    for (what, wanted) in wanted {
        let (is, wanted) = (lines(&is[what]), lines(wanted));
        let only = |these: &[String], those: &[String], sign: char| {
            let only = these.iter().filter(|line| !those.contains(line));
            Vec::from_iter(only.map(|line| format!("{sign} {what}: {}", line.trim())))
        };
        differences.extend(only(&is, &wanted, '+'));
        differences.extend(only(&wanted, &is, '-'));
    }
    differences
}

/// Asks for everything that a stack consists of.
pub fn observe(world: &World) -> Account {
    let name = &world.name;
    let arn = |service: &str, resource: &str| {
        format!("arn:aws:{service}:ap-northeast-1:{}:{resource}{name}", world.account)
    };
    let role = |action: &str| iam(world, &format!("Action={action}&RoleName={name}"));
    let lambda = |path: &str| world.ask("lambda", path, &[], None).map(|text| normal(world, &text));
    let events =
        |action: &str, body: Value| json_call(world, "events", &format!("AWSEvents.{action}"), &body);
    let logs =
        |action: &str, body: Value| json_call(world, "logs", &format!("Logs_20140328.{action}"), &body);
    let log_group = arn("logs", "log-group:/aws/lambda/");
    BTreeMap::from([
        ("role", role("GetRole")),
        ("role's policies", role("ListAttachedRolePolicies").filter(|text| text.contains("PolicyArn"))),
        ("role's inline policies", role("ListRolePolicies").filter(|text| text.contains("tanets"))),
        ("role's inline policy", role("GetRolePolicy&PolicyName=tanets")),
        ("log group", logs("DescribeLogGroups", json!({})).filter(|text| text.contains(name))),
        ("log group's tags", logs("ListTagsForResource", json!({ "resourceArn": log_group }))),
        ("function", lambda(&format!("/2015-03-31/functions/{name}"))),
        ("function's invocation", lambda(&format!("/2019-09-25/functions/{name}/event-invoke-config"))),
        ("permission", lambda(&format!("/2015-03-31/functions/{name}/policy"))),
        ("rule", events("DescribeRule", json!({ "Name": name }))),
        ("rule's tags", events("ListTagsForResource", json!({ "ResourceARN": arn("events", "rule/") }))),
        ("targets", events("ListTargetsByRule", json!({ "Rule": name })).filter(|text| text.contains("Arn"))),
    ])
}

fn iam(world: &World, form: &str) -> Option<String> {
    let form = format!("{form}&Version=2010-05-08");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let text = world.ask("iam", "/", &headers, Some(&form))?;
    let mut text = without_ids(world, &text);
    for tag in VOLATILE_XML {
        while let Some((before, rest)) = text.split_once(&format!("<{tag}>")) {
            let after = rest.split_once(&format!("</{tag}>")).expect("a closing tag").1;
            text = format!("{before}{after}");
        }
    }
    let mut pieces = Vec::from_iter(text.split("<member>").flat_map(|piece| piece.split("</member>")));
    pieces.sort_unstable();
    Some(pieces.join("\n"))
}

fn json_call(world: &World, service: &str, target: &str, body: &Value) -> Option<String> {
    let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
    world.ask(service, "/", &headers, Some(&body.to_string())).map(|text| normal(world, &text))
}

/// JSON in one form, sets and policies in documents included.
fn normal(world: &World, text: &str) -> String {
    let mut value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    strip(&mut value);
    without_ids(world, &serde_json::to_string_pretty(&value).expect("JSON"))
}

/// Neither the account's number nor the unique id that IAM gives a role.
fn without_ids(world: &World, text: &str) -> String {
    let text = text.replace(&world.account, "ACCOUNT");
    let mut pieces = text.split("AROA");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| {
        let id = piece.trim_start_matches(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit());
        format!("{text}AROA{id}")
    })
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|key, _| !VOLATILE.contains(&key.as_str()));
            members.values_mut().for_each(strip);
        }
        Value::Array(elements) => {
            elements.iter_mut().for_each(strip);
            elements.sort_by_key(ToString::to_string);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
