//! The sample of the design, the ways to write each value, and no secret in any text.

mod properties;
mod refusals;
mod schema;
mod warnings;

use jiff::tz::TimeZone;
use tanets_function::secret::Secret;
use tanets_function::settings::{
    Auth, Chart, Dashboards, Language, Mention, Messages, Reference, Threshold, Unit, Zero,
};

use super::*;

/// Every key, as DESIGN.md has them.
const FULL: &str = r##"
name     = "error_log_daily_notify"
schedule = "cron(15 1 * * ? *)"
region   = "ap-northeast-1"
account  = "123456789012"
enabled  = false
protect  = true

[elasticsearch]
endpoint   = "https://vpc-logs-x.ap-northeast-1.es.amazonaws.com"
indexes    = ["app-*", "other-2026"]
field      = "log.message"
time_field = "time"
message_field = "text"
auth       = "auto"
ca         = "ssm:/tanets/ca"

[slack]
webhook  = "ssm:/tanets/slack-webhook"
channel  = "#ops"
username = "ログ情報お知らせちゃん"

[digest]
levels   = ["Fatal", "Warning"]
per      = "m"
kibana   = "https://kibana.example.com/app"
timezone = "Asia/Tokyo"
language = "en"
dashboards = "kibana-9"
data_view  = "logs"
opening    = "Good morning! {levels}: {total} on {day}"
chart      = "text"
messages   = "plain"
zero       = "weekly"
warn       = ["Fatal=1"]
alert      = ["Fatal=10", "2000"]
mention    = "S0614TZR7"

[vpc]
subnets         = ["subnet-0a1", "subnet-0c2"]
security_groups = ["sg-0d3"]

[function]
memory = 256
timeout = 90
architecture = "x86_64"
log_retention_days = 400
kms_key = "arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
package = "build/bootstrap"

[tags]
team = "sre"
"所有者" = "運用 チーム"
"##;

/// Nothing but what is required; each test below replaces one line of it, or adds one.
const MINIMAL: &str = r#"name = "digest"
schedule = "rate(1 day)"
[elasticsearch]
endpoint = "search.example.com"
indexes = ["app-*"]
[slack]
webhook = "ssm:/hook"
[digest]
levels = ["Fatal"]
"#;

fn no_env(_: &str) -> Option<String> {
    None
}

/// What the parser takes, the schema must take: it may know less, but never another truth.
fn parse(text: &str) -> Result<Config, ConfigError> {
    let parsed = Config::parse(text, Path::new("tanets.toml"), &no_env);
    if parsed.is_ok() {
        assert_eq!(schema::refusals(text), Vec::<String>::new(), "{text}");
    }
    parsed
}

#[test]
fn every_key_of_the_sample_is_read() {
    let mut config = Config::parse(FULL, Path::new("conf/tanets.toml"), &no_env).unwrap();
    let legacy_only = config.warnings.split_off(0);
    assert_eq!(
        legacy_only.len(),
        2,
        "channel and username, with a webhook behind a reference: {legacy_only:?}"
    );
    let strings = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        config,
        Config {
            name: "error_log_daily_notify".into(),
            schedule: Schedule::parse("cron(15 1 * * ? *)").unwrap(),
            region: Some("ap-northeast-1".into()),
            account: Some("123456789012".into()),
            enabled: Some(false),
            protect: Some(7),
            settings: Settings {
                webhook: Reference::Ssm("/tanets/slack-webhook".into()),
                channel: Some("#ops".into()),
                username: Some("ログ情報お知らせちゃん".into()),
                kibana: Some("https://kibana.example.com/app".into()),
                dashboards: Dashboards::Kibana9,
                data_view: Some("logs".into()),
                endpoint: Reference::Plain(Secret::new("https://vpc-logs-x.ap-northeast-1.es.amazonaws.com")),
                indexes: strings(&["app-*", "other-2026"]),
                levels: strings(&["Fatal", "Warning"]),
                unit: Unit::Minute,
                field: "log.message".into(),
                message_field: "text".into(),
                time_field: "time".into(),
                auth: Auth::Auto,
                credentials: None,
                ca: Some(Reference::Ssm("/tanets/ca".into())),
                timezone: TimeZone::get("Asia/Tokyo").unwrap(),
                language: Language::English,
                opening: Some("Good morning! {levels}: {total} on {day}".into()),
                chart: Chart::Text,
                messages: Messages::Plain,
                zero: Zero::Weekly,
                warn: vec![Threshold { level: Some("Fatal".into()), count: 1 }],
                alert: vec![
                    Threshold { level: Some("Fatal".into()), count: 10 },
                    Threshold { level: None, count: 2000 },
                ],
                mention: Some(Mention::Group("S0614TZR7".into())),
            },
            domain: Some("logs-x".into()),
            vpc: Some(Vpc {
                subnets: strings(&["subnet-0a1", "subnet-0c2"]),
                security_groups: strings(&["sg-0d3"]),
            }),
            function: Function {
                memory: 256,
                timeout: 90,
                architecture: Architecture::X86_64,
                log_retention_days: Some(400),
                kms_key: Some(
                    "arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab".into()
                ),
                package: Some("conf/build/bootstrap".into()),
            },
            tags: [("team", "sre"), ("所有者", "運用 チーム")].map(|(k, v)| (k.into(), v.into())).into(),
            warnings: Vec::new(),
        }
    );
    // In bytes: the user's name has 11 letters of 3 bytes each.
    let environment = r##"{"DIGEST_ALERT":"Fatal=10,2000","DIGEST_CHART":"text","DIGEST_DASHBOARDS":"kibana-9",
        "DIGEST_DATA_VIEW":"logs","DIGEST_LANGUAGE":"en","DIGEST_MENTION":"S0614TZR7","DIGEST_MESSAGES":"plain",
        "DIGEST_OPENING":"Good morning! {levels}: {total} on {day}","DIGEST_TIMEZONE":"Asia/Tokyo",
        "DIGEST_WARN":"Fatal=1","DIGEST_ZERO":"weekly","ERROR_LEVEL":"Fatal,Warning","ES_CA":"ssm:/tanets/ca",
        "ES_ENDPOINT":"https://vpc-logs-x.ap-northeast-1.es.amazonaws.com","ES_FIELD":"log.message",
        "ES_INDEXES":"app-*,other-2026","ES_MESSAGE_FIELD":"text","ES_TIME_FIELD":"time",
        "KIBANA_URL":"https://kibana.example.com/app","SLACK_CHANNEL":"#ops",
        "SLACK_WEBHOOK_URL":"ssm:/tanets/slack-webhook","UNIT_OF_TIME":"m","USER_NAME":"ログ情報お知らせちゃん"}"##;
    assert_eq!(environment_size(&config.settings), environment.replace("\n        ", "").len());
}

#[test]
fn defaults_are_those_of_the_design() {
    let config = parse(MINIMAL).unwrap();
    let Config { region, account, enabled, protect, settings, domain, vpc, function, tags, warnings, .. } =
        config;
    assert_eq!((region, account, enabled, protect, domain, vpc), (None, None, None, None, None, None));
    assert_eq!((tags.len(), warnings), (0, Vec::new()));
    let function_defaults = Function {
        memory: 128,
        timeout: 60,
        architecture: Architecture::Arm64,
        log_retention_days: Some(30),
        kms_key: None,
        package: None,
    };
    assert_eq!(function, function_defaults);
    assert_eq!((settings.field.as_str(), settings.time_field.as_str()), ("message", "@timestamp"));
    assert_eq!((settings.unit, settings.auth, settings.timezone), (Unit::Hour, Auth::Auto, TimeZone::UTC));
}

#[test]
fn the_ways_to_write_a_value_all_work() {
    let read = |from: &str, to: &str| {
        assert!(MINIMAL.contains(from), "{from}");
        parse(&MINIMAL.replace(from, to)).unwrap_or_else(|error| panic!("{to}: {error}"))
    };
    let endpoint = |endpoint: &str| read("\"search.example.com\"", endpoint);
    for text in [
        "'http://127.0.0.1:9200'",
        "'http://[::1]:9200/'",
        "'https://host/base/path/'",
        "'HOST.example.com:443'",
        "\"logs\"",
    ] {
        let config = endpoint(text);
        let plain = Reference::Plain(Secret::new(text.trim_matches(['\'', '"'])));
        assert_eq!((config.settings.endpoint, config.domain), (plain, None), "{text}");
    }
    let config = endpoint("\"ssm:/e\"\ndomain = \"logs-x\"");
    assert_eq!(
        (config.settings.endpoint, config.domain),
        (Reference::Ssm("/e".into()), Some("logs-x".into()))
    );
    // No signed request, no domain; what is given, is taken.
    assert_eq!(endpoint("\"ssm:/e\"\nauth = \"none\"").domain, None);
    assert_eq!(endpoint("\"abc.eu-west-1.aoss.amazonaws.com\"").domain, None);
    let hashed = "\"search-a-b-abcdefghijklmnopqrstuvwxyz.eu-west-1.es.amazonaws.com\"\nauth = \"sigv4\"";
    assert_eq!(endpoint(hashed).domain, Some("a-b".into()));
    assert_eq!(
        endpoint("\"http://127.0.0.1\"\nauth = \"sigv4\"\ndomain = \"logs\"").domain,
        Some("logs".into())
    );

    let webhook = |webhook: &str| read("\"ssm:/hook\"", webhook).settings.webhook;
    for (text, reference) in [
        ("'ssm:hook'", Reference::Ssm("hook".into())),
        (
            "'ssm:arn:aws:ssm:eu-west-1:123456789012:parameter/a/b'",
            Reference::Ssm("arn:aws:ssm:eu-west-1:123456789012:parameter/a/b".into()),
        ),
        ("'secretsmanager:a/b'", Reference::SecretsManager("a/b".into())),
        (
            "'secretsmanager:arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a/b-AbCdEf'",
            Reference::SecretsManager(
                "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a/b-AbCdEf".into(),
            ),
        ),
        ("'kms:AQICAHh+/w=='", Reference::Kms("AQICAHh+/w==".into())),
        ("'https://example.com/hook'", Reference::Plain(Secret::new("https://example.com/hook"))),
    ] {
        assert_eq!(webhook(text), reference);
    }

    let basic = "\"search.example.com\"\nauth = \"basic\"\ncredentials = \"secretsmanager:es\"";
    let settings = endpoint(basic).settings;
    assert_eq!(
        (settings.auth, settings.credentials),
        (Auth::Basic, Some(Reference::SecretsManager("es".into())))
    );

    let never = parse(&format!("{MINIMAL}[function]\nlog_retention_days = \"never\"\n")).unwrap();
    assert_eq!(never.function.log_retention_days, None);
    let inline = "name = 'a'\nschedule = 'rate(1 day)'\nelasticsearch = { endpoint = 'h', indexes = ['a'] }\n\
                  slack.webhook = 'ssm:x'\ndigest.levels = ['F']\n";
    assert_eq!(parse(inline).unwrap().name, "a");
}

#[test]
fn strings_are_expanded_and_secrets_from_the_environment_stay_secret() {
    let env = |name: &str| match name {
        "STAGE" => Some("prod".to_owned()),
        "HOOK" => Some("https://hooks.slack.com/services/T0/B0/from-env".to_owned()),
        "LOGIN" => Some("elastic:from-env".to_owned()),
        _ => None,
    };
    let text = MINIMAL.replace("\"digest\"", "\"digest-${STAGE}\"").replace("ssm:/hook", "${HOOK}").replace(
        "[\"app-*\"]",
        "[\"app-${STAGE}-*\", \"${MORE:-rest}\"]\nauth = \"basic\"\ncredentials = \"${LOGIN}\"",
    );
    let config = Config::parse(&text, Path::new("tanets.toml"), &env).unwrap();
    assert_eq!(config.name, "digest-prod");
    assert_eq!(config.settings.indexes, ["app-prod-*", "rest"]);
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    assert!(!format!("{config:?}").contains("from-env"));
    assert_eq!(config.settings.credentials, Some(Reference::Plain(Secret::new("elastic:from-env"))));
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_file() {
    let text = "schedule = \"daily\"\n[slack]\nchanel = \"#ops\"\n[digest]\nlevels = 3\nper = \"x\"\n";
    let ConfigError::Invalid { problems } = parse(text).unwrap_err() else { panic!("not read") };
    let seen: Vec<_> = problems
        .iter()
        .map(|problem| {
            (problem.place.as_ref().map(|place| (place.line, place.column)), problem.key.as_deref().unwrap())
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Some((1, 13)), "schedule"),
            (Some((2, 1)), "slack.webhook"),
            (Some((3, 1)), "slack.chanel"),
            (Some((5, 10)), "digest.levels"),
            (Some((6, 7)), "digest.per"),
            (None, "name"),
            (None, "elasticsearch.endpoint"),
            (None, "elasticsearch.indexes"),
        ]
    );
}

#[test]
fn aws_takes_fifty_tags_and_three_are_ours() {
    let tags = |count| {
        let tags: String = (0..count).map(|n| format!("t{n} = \"x\"\n")).collect();
        parse(&format!("{MINIMAL}[tags]\n{tags}")).map(|config| config.tags.len())
    };
    assert_eq!(tags(47).unwrap(), 47);
    assert!(tags(48).unwrap_err().to_string().contains("tags.t47: is one too many: at most 47"));
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_no_problem() {
    let text = format!("\u{feff}{}", MINIMAL.replace('\n', "\r\n"));
    assert_eq!(parse(&text).unwrap(), parse(MINIMAL).unwrap());
    let error = parse(&text.replace("rate(1 day)", "rate(1 days)")).unwrap_err().to_string();
    insta::assert_snapshot!(error, @r#"
    tanets.toml:2:20: schedule: a rate's unit is minute, hour or day, plural for values above 1
      |
    2 | schedule = "rate(1 days)"
      |                    ^^^^
      hint: write `rate(1 day)`
    "#);
}

#[test]
fn a_missing_file_says_how_to_name_another() {
    let error = Config::load(Path::new("no/such/tanets.toml"), &no_env).unwrap_err();
    assert_eq!(error.to_string(), "cannot read the configuration no/such/tanets.toml");
    assert!(error.hint().unwrap().contains("--config"));
}
