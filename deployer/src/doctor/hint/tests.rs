use std::path::Path;

use tanets_function::search::{SearchError, unreached};
use tanets_function::settings::Settings;
use tanets_function::webhook;

use super::*;
use crate::aws::Identity;

const ROLE: &str = "arn:aws:iam::123456789012:role/digest";
const VPC: &str = "[vpc]\nsubnets = [\"subnet-0a1\", \"subnet-0c2\"]\nsecurity_groups = [\"sg-0d3\"]";
const DOMAIN: &str = "https://vpc-logs-x.ap-northeast-1.es.amazonaws.com";

fn around(endpoint: &str, elasticsearch: &str, webhook: &str, vpc: &str) -> Surroundings {
    let text = format!(
        "name = \"digest\"\nschedule = \"rate(1 day)\"\n[elasticsearch]\nendpoint = \"{endpoint}\"\n\
         indexes = [\"app-*\"]\n{elasticsearch}\n[slack]\nwebhook = \"{webhook}\"\n[digest]\n\
         levels = [\"Fatal\"]\n[function]\ntimeout = 10\n{vpc}"
    );
    let config = Config::parse(&text, Path::new("tanets.toml"), &|_| None).unwrap();
    Surroundings::new(config, &Identity::of_account("123456789012", "ap-northeast-1"))
}

fn failed(what: What, kind: Kind, error: &str, hint: Option<&str>) -> Finding {
    let (error, hint) = (error.to_owned(), hint.map(str::to_owned));
    Finding { what, state: State::Failed { kind, error, hint }, ms: None }
}

#[test]
fn each_failure_is_told_with_what_only_the_deployer_knows() {
    let ssm = "ssm:/tanets/slack-webhook";
    let in_vpc = around(DOMAIN, "", ssm, VPC);
    let outside = around(DOMAIN, "", ssm, "");
    let elsewhere = around("https://logs.example:9200", "", ssm, VPC);
    let public = around("https://logs.example:9200", "", "secretsmanager:webhook", "");
    let basic = around(DOMAIN, "auth = \"basic\"\ncredentials = \"ssm:/c\"", ssm, VPC);
    let serverless = around("https://x.ap-northeast-1.aoss.amazonaws.com", "", ssm, "");
    let kms = "AccessDeniedException: not authorized to perform: kms:Decrypt on resource";
    let cases: &[(&Surroundings, What, Kind, &str, &[&str])] = &[
        (
            &in_vpc,
            What::SlackTcp,
            Kind::Timeout,
            "",
            &["from subnet-0a1, subnet-0c2", "NAT gateway", "sg-0d3"],
        ),
        (&in_vpc, What::SlackTls, Kind::Timeout, "", &["NAT gateway"]),
        (&in_vpc, What::SlackName, Kind::UnknownName, "", &["`slack.webhook`", "DNS support"]),
        (
            &in_vpc,
            What::SecretWebhook,
            Kind::Timeout,
            "",
            &[
                "no way to ssm from subnet-0a1, subnet-0c2",
                "com.amazonaws.ap-northeast-1.ssm",
                "sg-0d3 on port 443",
            ],
        ),
        (&basic, What::SecretCredentials, Kind::Timeout, "", &["com.amazonaws.ap-northeast-1.ssm"]),
        (&in_vpc, What::SecretWebhook, Kind::Denied, kms, &[ROLE, "`function.kms_key`", "kms:Decrypt"]),
        (&in_vpc, What::SecretWebhook, Kind::Denied, "ssm:GetParameter", &[ROLE, "permissions boundary"]),
        (
            &in_vpc,
            What::SecretWebhook,
            Kind::NotFound,
            "",
            &["`tanets secret set /tanets/slack-webhook`", "ap-northeast-1"],
        ),
        (&public, What::SecretWebhook, Kind::NotFound, "", &["create-secret --name webhook"]),
        (&in_vpc, What::ClusterTcp, Kind::Timeout, "", &["let in sg-0d3", "port (443)", "peering"]),
        (&elsewhere, What::ClusterTcp, Kind::Timeout, "", &["port (9200)"]),
        (&outside, What::ClusterTcp, Kind::Timeout, "", &["the function isn't", "`vpc.subnets`"]),
        (&public, What::ClusterTcp, Kind::Timeout, "", &["changing addresses of AWS"]),
        (&elsewhere, What::ClusterName, Kind::UnknownName, "", &["spelling", "private zone"]),
        (&outside, What::ClusterName, Kind::UnknownName, "", &["`vpc.subnets`"]),
        (
            &in_vpc,
            What::ClusterAuthentication,
            Kind::Denied,
            "no permissions for [indices:data/read/search]",
            &[ROLE, "backend role", "app-*"],
        ),
        (
            &in_vpc,
            What::ClusterAuthentication,
            Kind::Denied,
            "User: x is not authorized to perform",
            &[ROLE, "es:ESHttpPost"],
        ),
        (&serverless, What::ClusterAuthentication, Kind::Denied, "Forbidden", &[ROLE, "aoss:ReadDocument"]),
        (&basic, What::ClusterAuthentication, Kind::Unauthenticated, "", &["`elasticsearch.credentials`"]),
        (&public, What::ClusterAuthentication, Kind::Unauthenticated, "", &["`elasticsearch.auth`"]),
        (&in_vpc, What::Time, Kind::LittleTime, "", &["`function.timeout`", "10 s"]),
    ];
    for (around, what, kind, error, expected) in cases {
        let hint = hint(&failed(*what, *kind, error, Some("the function's own")), around);
        let hint = hint.unwrap_or_default();
        for expected in *expected {
            assert!(hint.contains(expected), "{what:?} {kind:?}: {expected}: {hint}");
        }
    }
}

#[test]
fn where_the_deployer_knows_no_more_the_functions_advice_stands_with_the_keys_of_the_file() {
    use tanets_function::http::Unreached;
    let around = around(DOMAIN, "", "ssm:/x", VPC);
    let no_field = SearchError::NoField { field: "severity".to_owned(), setting: "ES_FIELD" };
    let cases = [
        (
            What::ClusterTls,
            Kind::UnknownAuthority,
            unreached(Unreached::UnknownAuthority),
            "`elasticsearch.ca`",
        ),
        (What::ClusterFields, Kind::NoField, no_field.hint().unwrap(), "`elasticsearch.field`"),
        (What::ClusterIndexes, Kind::NotFound, "check ES_INDEXES: there is none", "`elasticsearch.indexes`"),
        (What::SlackTls, Kind::Certificate, webhook::unreached(Unreached::Certificate), "proxies"),
    ];
    for (what, kind, own, expected) in cases {
        let hint = hint(&failed(what, kind, "", Some(own)), &around).unwrap();
        assert!(hint.contains(expected) && !hint.contains("ES_"), "{hint}");
    }
    assert_eq!(hint(&failed(What::SlackHttp, Kind::Broken, "", None), &around), None);
    let fine = State::Ok { detail: String::new() };
    assert_eq!(hint(&Finding { what: What::Time, state: fine, ms: None }, &around), None);
}

#[test]
fn every_variable_of_the_function_that_advice_names_has_a_key() {
    let get = |name: &str| {
        let required = ["SLACK_WEBHOOK_URL", "ES_ENDPOINT", "ES_INDEXES", "ERROR_LEVEL"];
        required.contains(&name).then(|| "x".to_owned())
    };
    let (settings, _) = Settings::from_env(get).unwrap();
    let variables = settings.variables();
    for (variable, _) in KEYS.iter().chain(&DIGEST_KEYS) {
        assert!(variables.contains_key(variable), "{variable}");
    }
    // What reaches the cluster and Slack, whatever is added to it.
    let named = variables.keys().filter(|name| name.starts_with("ES_") && **name != "ES_INDEXIS");
    for name in named {
        assert!(in_toml(name).starts_with("`elasticsearch."), "{name}");
    }
    assert_eq!(
        in_toml("set ES_AUTH to sigv4; AWS, ES_CA."),
        "set `elasticsearch.auth` to sigv4; AWS, `elasticsearch.ca`."
    );
}
