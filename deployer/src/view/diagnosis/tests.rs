use anstream::adapter::strip_str;
use insta::assert_snapshot;
use tanets_function::check::Kind;

use super::*;
use crate::aws;
use crate::doctor::Unchecked;

fn found(what: What, detail: &str, ms: Option<u64>) -> Diagnosed {
    let state = State::Ok { detail: detail.to_owned() };
    Diagnosed { finding: Finding { what, state, ms }, hint: None }
}

fn failed(what: What, error: &str, hint: &str) -> Diagnosed {
    let state = State::Failed { kind: Kind::Timeout, error: error.to_owned(), hint: None };
    Diagnosed { finding: Finding { what, state, ms: Some(5002) }, hint: Some(hint.to_owned()) }
}

fn not_tried(what: What, after: What) -> Diagnosed {
    Diagnosed { finding: Finding { what, state: State::NotTried { after }, ms: None }, hint: None }
}

fn shown(deployed: bool, checked: Result<Vec<Diagnosed>, Unchecked>) -> String {
    let stack = "digest".to_owned();
    strip_str(&diagnosis(&Diagnosis { stack, deployed, checked })).to_string()
}

#[test]
fn what_is_well_is_a_line_each_and_one_sentence() {
    let checked = vec![
        found(What::SecretWebhook, "ssm:/tanets/slack-webhook can be read", Some(41)),
        found(What::ClusterName, "10.0.1.17, 10.0.2.9", Some(3)),
        found(What::ClusterFields, "@timestamp (date), message (text)", None),
        found(What::ClusterCount, "48 today (Fatal 40, Warning 9), 913 in two weeks", None),
        found(What::Time, "0.2 s of 59.5 s", Some(212)),
    ];
    assert_snapshot!(shown(true, Ok(checked)), @"

    Checked from inside the function:
      ✓ secret: webhook  ssm:/tanets/slack-webhook can be read  41 ms
      ✓ cluster: name    10.0.1.17, 10.0.2.9  3 ms
      ✓ cluster: fields  @timestamp (date), message (text)
      ✓ cluster: count   48 today (Fatal 40, Warning 9), 913 in two weeks
      ✓ time             0.2 s of 59.5 s

    All is well: the function can count, and reach Slack.
    ");
}

#[test]
fn a_failure_has_its_hint_below_and_what_needs_it_names_it() {
    let checked = vec![
        failed(What::ClusterTcp, "port 443 takes no connection: no answer", "let in sg-0d3"),
        not_tried(What::ClusterTls, What::ClusterTcp),
        found(What::SlackHttp, "it answers (302)", None),
        failed(What::Time, "ES_AUTH cannot be followed", "raise it"),
    ];
    assert_snapshot!(shown(true, Ok(checked.clone())), @"

    Checked from inside the function:
      ✗ cluster: port         port 443 takes no connection: no answer  5002 ms
        hint: let in sg-0d3
      - cluster: certificate  not tried, after cluster: port
      ✓ Slack: answer         it answers (302)
      ✗ time                  `elasticsearch.auth` cannot be followed
        hint: raise it

    Deployed, but 2 of 4 checks failed: put that right, and run `tanets doctor` again.
    ");
    assert!(
        shown(false, Ok(checked))
            .ends_with("\n2 of 4 checks failed: put that right, and run `tanets doctor` again.\n")
    );
}

#[test]
fn what_was_not_checked_is_said_with_the_way_out() {
    let denied = aws::Error {
        action: "lambda:InvokeFunction",
        code: Some("AccessDeniedException".to_owned()),
        message: "User: x is not authorized to perform: lambda:InvokeFunction".to_owned(),
        request_id: None,
    };
    assert_snapshot!(shown(true, Err(Unchecked::Invoke(denied))), @"

    not checked: the function can't be run: InvokeFunction: AccessDeniedException: User: x is not authorized to perform: lambda:InvokeFunction
    hint: allow `lambda:InvokeFunction` to the deploying identity; `tanets policy` prints all that it needs; `deploy --no-check` does without

    Deployed, but not checked: `tanets doctor` checks again.
    ");
    assert_snapshot!(shown(false, Err(Unchecked::OtherVersion)), @"

    not checked: the function's answer isn't that of this version: another package is deployed
    hint: deploy the function of this version: without `function.package`, or with one that was built from it

    Not checked: `tanets doctor` checks again.
    ");
    let run = |kind: &str| Unchecked::Run { kind: kind.to_owned(), message: "it ended".to_owned() };
    assert!(run("Sandbox.Timedout").hint().is_some_and(|hint| hint.contains("`function.timeout`")));
    assert!(run("Runtime.ExitError").hint().is_some_and(|hint| hint.contains("`function.architecture`")));
    assert_eq!(run("SettingsError").hint(), None);
    let no_key = aws::Error { code: Some("KMSDisabledException".to_owned()), ..aws_error() };
    assert!(Unchecked::Invoke(no_key).hint().is_some_and(|hint| hint.contains("`function.kms_key`")));
}

fn aws_error() -> aws::Error {
    aws::Error { action: "lambda:InvokeFunction", code: None, message: String::new(), request_id: None }
}
