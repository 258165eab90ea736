use std::collections::BTreeSet;

use anstream::adapter::strip_str;
use insta::assert_snapshot;
use jiff::tz::TimeZone;
use serde_json::json;
use tanets_function::secret::Secret;

use super::*;
use crate::attributes::Attributes;
use crate::forecast::next_runs;
use crate::plan::{Kept, NotOurs, PlanDigest};
use crate::resource::{Address, Error};
use crate::schedule::Schedule;
use crate::view::PackageSummary;

const ROLE: Address = Address::new("role");
const FUNCTION: Address = Address::new("function");
const RULE: Address = Address::new("rule");

fn deployment() -> Deployment {
    Deployment {
        name: "error_log_daily_notify".to_owned(),
        schedule: "cron(15 1 * * ? *)".to_owned(),
        disabled: false,
        account: "123456789012".to_owned(),
        caller: "arn:aws:iam::123456789012:user/hana".to_owned(),
        region: "ap-northeast-1".to_owned(),
        endpoint_override: Some("http://127.0.0.1:4566".to_owned()),
        package: Some(PackageSummary {
            source: "inside this tanets".to_owned(),
            origin: "embedded",
            version: Some("0.2.0".to_owned()),
            architecture: "arm64",
            bytes: 1_390_412,
            code_sha256: "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=".to_owned(),
        }),
        arns: vec![(
            "function",
            "arn:aws:lambda:ap-northeast-1:123456789012:function:error_log_daily_notify".to_owned(),
        )],
    }
}

fn change(name: &str, before: Value, after: Value) -> Change {
    Change { name: name.to_owned(), before, after }
}

fn step(address: Address, action: Action, reason: Reason, changes: Vec<Change>) -> Step {
    Step {
        address,
        name: "error_log_daily_notify".to_owned(),
        action,
        reason,
        changes,
        before: Attributes::default(),
        revision: None,
        after: BTreeSet::new(),
    }
}

fn sample() -> Plan {
    let search = json!({ "Effect": "Allow", "Action": ["es:ESHttpGet", "es:ESHttpPost"],
        "Resource": ["arn:aws:es:ap-northeast-1:123456789012:domain/logs-x/*"] });
    let trust = json!({ "Effect": "Allow", "Action": ["sts:AssumeRole"],
        "Principal": { "Service": ["lambda.amazonaws.com"] } });
    let document = |statement| Value::Policy(policy::normalise(&json!({ "Statement": [statement] })));
    Plan {
        steps: vec![
            step(
                ROLE,
                Action::Create,
                Reason::Missing,
                vec![
                    change("description", Value::Absent, Value::text("Execution role")),
                    change("inline_policy.tanets", Value::Absent, document(search)),
                    change("trust_policy", Value::Absent, document(trust)),
                ],
            ),
            step(
                FUNCTION,
                Action::Update,
                Reason::Differs,
                vec![
                    change("environment.KIBANA_URL", Value::text("https://old"), Value::Absent),
                    change(
                        "environment.SLACK_WEBHOOK_URL",
                        Value::Secret(Secret::new("a")),
                        Value::Secret(Secret::new("b")),
                    ),
                    change("memory", Value::Number(256), Value::Number(128)),
                    change("vpc.subnets", Value::Absent, Value::set(["subnet-0c2", "subnet-0a1"])),
                ],
            ),
        ],
        unchanged: vec![Address::new("log_group"), Address::new("permission")],
        blocked: vec![NotOurs {
            address: Address::new("target"),
            name: "error_log_daily_notify/tanets".to_owned(),
            why: "exists and is not ours".to_owned(),
        }],
        left: Vec::new(),
        kept: vec![Kept { address: RULE, name: "tags.cost".to_owned(), value: Value::text("42") }],
        digest: PlanDigest::default(),
    }
}

fn upcoming() -> Vec<Run> {
    let schedule = Schedule::parse("cron(15 1 * * ? *)").unwrap();
    let now = "2026-11-22T16:00:00Z".parse().unwrap();
    next_runs(&schedule, &TimeZone::get("Asia/Tokyo").unwrap(), now)
}

#[test]
fn a_plan_shows_where_what_why_and_when() {
    let (deployment, plan) = (deployment(), sample());
    let text = header("plan", &deployment)
        + "\n"
        + &super::plan(&plan, true)
        + "\n"
        + &summary(&plan)
        + "\n"
        + &runs(&deployment.schedule, &upcoming(), false);
    assert_snapshot!(strip_str(&text));
}

#[test]
fn a_status_has_a_line_a_resource() {
    assert_snapshot!(strip_str(&status(&sample())));
}

#[test]
fn an_empty_plan_is_a_sentence() {
    let nothing = Plan { unchanged: vec![ROLE, FUNCTION, RULE], ..Plan::default() };
    let text = super::plan(&nothing, false) + nothing_to_do("plan") + nothing_to_do("destroy");
    assert_snapshot!(strip_str(&text));
}

#[test]
fn an_outcome_tells_what_is_done_and_how_to_go_on() {
    let step = |address, ended| (address, Action::Create, ended);
    let done = Outcome { steps: vec![step(ROLE, Ended::Done)], interrupted: None };
    let rejected = Error::Rejected { state: "State: Failed".to_owned(), reason: "InvalidSubnet".to_owned() };
    let half = Outcome {
        steps: vec![
            step(ROLE, Ended::Done),
            step(FUNCTION, Ended::Failed(rejected)),
            step(RULE, Ended::Skipped(crate::apply::Skipped::After(FUNCTION))),
        ],
        interrupted: None,
    };
    let deployment = deployment();
    let text = outcome("deploy", &deployment, &Plan::default(), &done, &upcoming())
        + &outcome("deploy", &deployment, &Plan::default(), &half, &[]);
    assert_snapshot!(strip_str(&text));
}

#[test]
fn a_rule_that_is_disabled_has_no_next_run_anywhere() {
    let deployment = Deployment { disabled: true, ..deployment() };
    let done = Outcome { steps: vec![(RULE, Action::Update, Ended::Done)], interrupted: None };
    // Whatever the schedule says.
    for next in [&upcoming()[..], &[]] {
        let told = strip_str(&outcome("deploy", &deployment, &Plan::default(), &done, next)).to_string();
        assert!(told.ends_with("  next run   none while the rule is disabled\n"), "{told}");
        assert_eq!(
            strip_str(&runs(&deployment.schedule, next, deployment.disabled)).to_string(),
            "Next runs of cron(15 1 * * ? *):\n  none: the rule is disabled, and doesn't fire until it is enabled\n"
        );
        let summary = crate::view::markdown::plan("plan", &deployment, &sample(), next);
        assert!(summary.contains("Next run: none while the rule is disabled.\n"), "{summary}");
    }
}

#[test]
fn the_next_run_of_a_rate_is_no_time_of_day() {
    let deployment = Deployment { schedule: "rate(2 hours)".to_owned(), ..deployment() };
    let done = Outcome { steps: vec![(RULE, Action::Update, Ended::Done)], interrupted: None };
    let told = strip_str(&outcome("deploy", &deployment, &Plan::default(), &done, &upcoming())).to_string();
    assert!(told.ends_with("  next run   within 2 hours\n"), "{told}");
    let summary = crate::view::markdown::plan("plan", &deployment, &sample(), &upcoming());
    assert!(summary.contains("Next run: within 2 hours.\n"), "{summary}");
}

#[test]
fn an_error_tells_its_causes_and_the_way_out() {
    let causes = ["UpdateFunctionConfiguration: AccessDeniedException: no".to_owned()];
    let text =
        error("could not update `function` (x)", &causes, Some("allow `lambda:UpdateFunctionConfiguration`"));
    assert_snapshot!(strip_str(&text));
}

#[test]
fn a_schedule_that_is_over_says_so() {
    assert_eq!(runs("cron(0 0 1 1 ? 1999)", &[], false), "cron(0 0 1 1 ? 1999) never fires again.\n");
}

#[test]
fn an_arn_leads_to_the_console_of_aws_and_to_no_other() {
    let arn = "arn:aws:iam::123456789012:role/digest";
    let real = Deployment { endpoint_override: None, ..deployment() };
    let linked = in_console(&real, arn);
    let address =
        "https://console.aws.amazon.com/go/view?arn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdigest";
    assert_eq!(linked, link(address, arn));
    assert_eq!(strip_str(&linked).to_string(), arn);
    assert_eq!(in_console(&deployment(), arn), arn);
    let china = arn.replace("aws:", "aws-cn:");
    assert_eq!(in_console(&real, &china), china);
}
