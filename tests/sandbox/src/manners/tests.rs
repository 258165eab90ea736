use serde_json::json;

use super::*;
use crate::{Ministack, require_peer};

/// A proxy in front of MiniStack, and an account of its own.
struct Aws {
    proxy: Proxy,
    account: String,
}

/// An answer: its status (0 for a closed connection) and its text, with the error's type where that is a header.
type Answer = (u16, String);

impl Aws {
    fn new(manners: Manners) -> Result<Self, PeerError> {
        let ministack = Ministack::shared()?;
        let proxy = Proxy::in_front_of(ministack.url())?;
        proxy.play(manners);
        Ok(Self { proxy, account: ministack.fresh_account() })
    }

    fn send(
        &self,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let scope = format!("{}/20260101/ap-northeast-1/{service}/aws4_request", self.account);
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.proxy.url())).header(
                "authorization",
                format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
            );
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let agent = ureq::Agent::from(agent);
        let Ok(mut answer) = agent.run(request.body(body).unwrap()) else { return (0, String::new()) };
        let kind = answer.headers().get("x-amzn-errortype").map(|kind| kind.to_str().unwrap().to_owned());
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), format!("{} {text}", kind.unwrap_or_default()))
    }

    fn iam(&self, form: &str) -> Answer {
        let form = format!("{form}&Version=2010-05-08");
        self.send("iam", "POST", "/", &[("content-type", "application/x-www-form-urlencoded")], form)
    }

    fn json(&self, service: &str, target: &str, body: Value) -> Answer {
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        self.send(service, "POST", "/", &headers, body.to_string())
    }

    fn lambda(&self, method: &str, path: &str, body: Value) -> Answer {
        let headers = [("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send("lambda", method, path, &headers, body)
    }

    fn make_role(&self) {
        let trust = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%2C\
                     %22Principal%22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D%7D%5D%7D";
        let made = self.iam(&format!("Action=CreateRole&RoleName=r&AssumeRolePolicyDocument={trust}"));
        assert_eq!(made.0, 200, "{made:?}");
    }

    fn function(&self, changes: Value) -> Value {
        let mut function = json!({
            "FunctionName": "f", "Role": format!("arn:aws:iam::{}:role/r", self.account),
            "Runtime": "provided.al2023", "Handler": "bootstrap", "Code": { "ZipFile": EMPTY_ZIP },
        });
        for (key, value) in changes.as_object().unwrap() {
            function[key] = value.clone();
        }
        function
    }

    fn create(&self, changes: Value) -> Answer {
        self.lambda("POST", "/2015-03-31/functions", self.function(changes))
    }
}

/// A zip with nothing in it.
const EMPTY_ZIP: &str = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";
const FUNCTION: &str = "/2015-03-31/functions/f";

fn assert_says(answer: &Answer, status: u16, texts: &[&str]) {
    assert_eq!(answer.0, status, "{answer:?}");
    for text in texts {
        assert!(answer.1.contains(text), "`{text}`: {answer:?}");
    }
}

#[test]
fn requests_are_named_as_aws_names_them_and_faults_strike_where_they_are_told() {
    let aws = require_peer!(Aws::new(Manners::NONE));
    aws.make_role();
    aws.json("logs", "Logs_20140328.DescribeLogGroups", json!({ "logGroupNamePrefix": "/x" }));
    aws.lambda(
        "GET",
        "/2015-03-31/functions/arn%3Aaws%3Alambda%3Ar%3A1%3Afunction%3Af?Qualifier=1",
        Value::Null,
    );
    aws.lambda("PUT", "/2019-09-25/functions/f/event-invoke-config", json!({ "MaximumRetryAttempts": 0 }));
    aws.iam("Action=TagRole&RoleName=r&Tags.member.1.Key=a&Tags.member.1.Value=b+c&Tags.member.2.Key=d&Tags.member.2.Value=");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let ec2 = "Action=DescribeNetworkInterfaces&Version=2016-11-15&Filter.1.Name=description".to_owned();
    aws.send("ec2", "POST", "/", &form, ec2);
    let named = aws.proxy.requests();
    assert!(named.last().is_some_and(Request::is_read), "what no model knows is read by its action");
    let named = Vec::from_iter(named.iter().map(|r| format!("{} {} {}", r.service, r.operation, r.input)));
    assert_eq!(
        named[1..],
        [
            r#"logs DescribeLogGroups {"logGroupNamePrefix":"/x"}"#,
            r#"lambda GetFunction {"FunctionName":"arn:aws:lambda:r:1:function:f","Qualifier":"1"}"#,
            r#"lambda PutFunctionEventInvokeConfig {"FunctionName":"f","MaximumRetryAttempts":0}"#,
            r#"iam TagRole {"RoleName":"r","Tags":[{"Key":"a","Value":"b c"},{"Key":"d","Value":""}]}"#,
            r#"ec2 DescribeNetworkInterfaces {"Action":"DescribeNetworkInterfaces","Filter.1.Name":"description","Version":"2016-11-15"}"#,
        ]
    );
    aws.proxy.clear();
    aws.proxy.at(2, Fault::Cut);
    aws.proxy.on("GetRole", 3, Fault::Throttle);
    let statuses = [(); 6].map(|()| aws.iam("Action=GetRole&RoleName=r").0);
    // The third is throttled, and so is the same request once more.
    assert_eq!(statuses, [200, 0, 400, 400, 200, 200]);
    aws.proxy.on("GetRole", 1, Fault::Deny);
    assert_says(&aws.iam("Action=GetRole&RoleName=r"), 403, &["AccessDenied", "iam:GetRole", REQUEST_ID]);
    assert_says(&aws.iam("Action=GetRole&RoleName=r"), 403, &["AccessDenied"]);
    aws.proxy.clear();
    aws.proxy.on("DescribeNetworkInterfaces", 1, Fault::Deny);
    let ec2 = aws.send("ec2", "POST", "/", &form, "Action=DescribeNetworkInterfaces".to_owned());
    assert_says(&ec2, 403, &["<Response><Errors>", "UnauthorizedOperation", "<RequestID>"]);
    aws.proxy.clear();
    aws.proxy.at(1, Fault::LoseAnswer);
    assert_eq!(aws.iam("Action=DeleteRole&RoleName=r").0, 0);
    assert_says(&aws.iam("Action=GetRole&RoleName=r"), 404, &["NoSuchEntity"]);
    aws.proxy.at(3, Fault::Expired);
    let expired = aws.json("events", "AWSEvents.DescribeRule", json!({ "Name": "r" }));
    assert_says(&expired, 400, &["ExpiredTokenException"]);
    assert_eq!(Vec::from_iter(aws.proxy.requests().iter().map(|request| request.status)), [0, 404, 400]);
}

#[test]
fn what_aws_never_takes_is_refused_in_its_words_and_kept() {
    let aws = require_peer!(Aws::new(Manners::SHORT));
    let events = |operation: &str, body: Value| aws.json("events", &format!("AWSEvents.{operation}"), body);
    let logs = |operation: &str, body: Value| aws.json("logs", &format!("Logs_20140328.{operation}"), body);
    let long = "x".repeat(4096);
    let answers = [
        (
            aws.iam("Action=CreateRole&RoleName=a+b&AssumeRolePolicyDocument=x"),
            "ValidationError",
            "'RoleName'",
        ),
        (aws.iam("Action=CreateRole&RoleName=a"), "ValidationError", "'AssumeRolePolicyDocument'"),
        (
            aws.iam("Action=CreateRole&RoleName=a&AssumeRolePolicyDocument=x&Description=%E3%81%82"),
            "ValidationError",
            "'Description'",
        ),
        (
            aws.iam("Action=TagRole&RoleName=a&Tags.member.1.Key=aws%3Ax&Tags.member.1.Value="),
            "InvalidInput",
            "aws:x",
        ),
        (
            aws.iam(
                "Action=AttachRolePolicy&RoleName=a&PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FNoSuch",
            ),
            "NoSuchEntity",
            "NoSuch does not exist or is not attachable.",
        ),
        (
            events("PutRule", json!({ "Name": "r", "ScheduleExpression": "rate(1 minutes)" })),
            "ValidationException",
            "Parameter ScheduleExpression is not valid.",
        ),
        (
            events("PutRule", json!({ "Name": "r r", "ScheduleExpression": "rate(1 minute)" })),
            "ValidationException",
            "'Name'",
        ),
        (
            events("PutRule", json!({ "Name": "r", "Cron": "x", "ScheduleExpression": "rate(1 day)" })),
            "ValidationException",
            "'Cron'",
        ),
        (
            logs("PutRetentionPolicy", json!({ "logGroupName": "g", "retentionInDays": 2 })),
            "InvalidParameterException",
            "'2'",
        ),
        (
            logs("CreateLogGroup", json!({ "logGroupName": "g", "tags": { "a": "、" } })),
            "InvalidParameterException",
            "",
        ),
        (
            aws.create(json!({ "MemorySize": 20_480 })),
            "InvalidParameterValueException",
            "less than or equal to 10240",
        ),
        (
            aws.create(json!({ "Timeout": 901 })),
            "InvalidParameterValueException",
            "less than or equal to 900",
        ),
        (aws.create(json!({ "Timeout": "60" })), "ValidationException", "'Timeout'"),
        (aws.create(json!({ "Runtime": "rust" })), "ValidationException", "enum value set"),
        (aws.create(json!({ "Environment": { "Variables": { "_X": "" } } })), "ValidationException", "_X"),
        (
            aws.create(json!({ "Environment": { "Variables": { "AWS_REGION": "" } } })),
            "InvalidParameterValueException",
            "reserved keys",
        ),
        (
            aws.create(json!({ "Environment": { "Variables": { "LONG": long } } })),
            "InvalidParameterValueException",
            "exceeded the 4KB limit. String measured: {\\\"LONG\\\":\\\"xxx",
        ),
    ];
    for (answer, code, text) in &answers {
        let status = if *code == "NoSuchEntity" { 404 } else { 400 };
        assert_says(answer, status, &[code, text]);
    }
    assert_eq!(aws.proxy.violations().len(), answers.len(), "{:#?}", aws.proxy.violations());
}

#[test]
fn every_pattern_of_the_models_is_understood() {
    let models = require_peer!(models::Models::shared());
    let unread = Vec::from_iter(models.patterns().filter(|pattern| validation::fits(pattern, "x").is_err()));
    assert_eq!(unread, Vec::<&str>::new());
}

#[test]
fn lambda_takes_its_time_and_refuses_meanwhile() {
    let aws = require_peer!(Aws::new(Manners { role_unseen: Duration::from_millis(100), ..Manners::SHORT }));
    let unassumable = "The role defined for the function cannot be assumed by Lambda.";
    assert_says(&aws.create(json!({})), 400, &["InvalidParameterValueException", unassumable]);
    aws.make_role();
    assert_says(&aws.create(json!({})), 400, &[unassumable]);
    thread::sleep(Duration::from_millis(120));
    let vpc = json!({ "VpcConfig": { "SubnetIds": ["subnet-0a1"], "SecurityGroupIds": ["sg-0d3"] } });
    let interfaces =
        "The provided execution role does not have permissions to call CreateNetworkInterface on EC2";
    assert_says(&aws.create(vpc.clone()), 400, &["InvalidParameterValueException", interfaces]);
    let policy = "arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2Fservice-role%2FAWSLambdaVPCAccessExecutionRole";
    aws.iam(&format!("Action=AttachRolePolicy&RoleName=r&PolicyArn={policy}"));
    assert_says(&aws.create(vpc.clone()), 400, &[interfaces]);
    thread::sleep(Manners::SHORT.attachment_unseen);

    let created = aws.create(vpc);
    assert_says(&created, 201, &[r#""State":"Pending""#, r#""StateReasonCode":"Creating""#]);
    assert!(!created.1.contains("LastUpdateStatus"), "{created:?}");
    let configuration = format!("{FUNCTION}/configuration");
    let update = |revision: &str| {
        let revision = if revision.is_empty() { Value::Null } else { revision.into() };
        let body = json!({ "MemorySize": 256, "RevisionId": revision });
        aws.lambda("PUT", &configuration, body)
    };
    let pending = "The function is currently in the following state: Pending";
    assert_says(&update(""), 409, &["ResourceConflictException", pending]);
    thread::sleep(Manners::SHORT.pending);
    let revision = || {
        let read = aws.lambda("GET", &configuration, Value::Null);
        let read: Value = serde_json::from_str(read.1.trim()).unwrap();
        read["RevisionId"].as_str().unwrap().to_owned()
    };
    let active = revision();
    assert!(!created.1.contains(&active), "another revision when it is active");
    assert_says(&update("00000000-0000-4000-8000-00000000abcd"), 412, &["PreconditionFailedException"]);
    assert_says(&update(&active), 200, &[r#""LastUpdateStatus":"InProgress""#]);
    assert_says(&update(""), 409, &["An update is in progress for resource: "]);
    let during = revision();
    thread::sleep(Manners::SHORT.in_progress);
    let after = revision();
    assert!(active != during && during != after, "{active} {during} {after}: twice an update");
    let permission = json!({
        "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "RevisionId": after,
    });
    let policy = format!("{FUNCTION}/policy");
    assert_says(&aws.lambda("POST", &policy, permission.clone()), 201, &[]);
    assert_says(&aws.lambda("POST", &policy, permission), 412, &["PreconditionFailedException"]);
    let removed = aws.lambda("DELETE", &format!("{policy}/s?RevisionId={after}"), Value::Null);
    assert_says(&removed, 412, &["PreconditionFailedException"]);
    let removed = aws.lambda("DELETE", &format!("{policy}/s?RevisionId={}", revision()), Value::Null);
    assert_says(&removed, 204, &[]);
    assert_eq!(aws.proxy.violations(), Vec::<String>::new());
}

#[test]
fn the_order_of_things_is_kept_where_emulators_do_not() {
    let aws = require_peer!(Aws::new(Manners::VISIBLE));
    let events = |operation: &str, body: Value| aws.json("events", &format!("AWSEvents.{operation}"), body);
    events("PutRule", json!({ "Name": "r", "ScheduleExpression": "rate(1 day)", "State": "DISABLED" }));
    let target = json!({ "Rule": "r", "Targets": [{ "Id": "t", "Arn": "arn:aws:lambda:r:1:function:f" }] });
    assert_eq!(events("PutTargets", target).0, 200);
    let deleted = events("DeleteRule", json!({ "Name": "r" }));
    assert_says(&deleted, 400, &["ValidationException", "Rule can't be deleted since it has targets."]);
    events("RemoveTargets", json!({ "Rule": "r", "Ids": ["t"] }));
    assert_eq!(events("DeleteRule", json!({ "Name": "r" })).0, 200);

    aws.make_role();
    assert_eq!(aws.create(json!({})).0, 201);
    let permission =
        json!({ "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com" });
    assert_eq!(aws.lambda("POST", &format!("{FUNCTION}/policy"), permission.clone()).0, 201);
    let again = aws.lambda("POST", &format!("{FUNCTION}/policy"), permission);
    assert_says(&again, 409, &["ResourceConflictException", "The statement id (s) provided already exists."]);
}
