//! Every key wrong, as people read it.

use super::*;

mod digest;
mod elasticsearch;
mod file;
mod slack;

/// The errors of the minimal file with one line replaced, or with lines added (`+`) or taken away (`-`).
fn errors(changes: &[(&str, &str)]) -> String {
    let mut shown = String::new();
    for (from, to) in changes {
        let text = match *from {
            "+" => format!("{MINIMAL}{to}\n"),
            "^" => format!("{to}\n{MINIMAL}"),
            from => {
                let start = MINIMAL.find(&format!("{from} =")).unwrap();
                let end = start + MINIMAL[start..].find('\n').unwrap();
                format!("{}{to}{}", &MINIMAL[..start], &MINIMAL[end..])
            }
        };
        match parse(&text) {
            Ok(config) => panic!("{to} is accepted: {config:?}"),
            Err(error) => shown.push_str(&format!("{error}\n")),
        }
    }
    shown
}

#[test]
fn bad_names_schedules_regions_and_accounts_are_refused() {
    insta::assert_snapshot!(errors(&[
        ("name", "name = \"daily notify\""),
        ("name", "name = \"\""),
        ("name", "name = 7"),
        ("schedule", "schedule = \"cron(71 8 1 * ? *)\""),
        ("schedule", "schedule = 'cron(15 1 * * *)'"),
        ("schedule", "schedule = \"15\\u0020 1 * * *\""),
        ("^", "region = \"tokyo\""),
        ("^", "account = 123456789012"),
        ("^", "account = \"1234-5678-9012\""),
        ("^", "account = \"12345678901\""),
        ("^", "enabled = \"yes\""),
    ]), @r#"
    tanets.toml:1:8: name: must be 1-64 letters, digits, `-` and `_`, not `daily notify`
      |
    1 | name = "daily notify"
      |        ^^^^^^^^^^^^^^
      hint: role, function, rule and log group all bear this name
    tanets.toml:1:8: name: must be 1-64 letters, digits, `-` and `_`, not an empty string
      |
    1 | name = ""
      |        ^^
      hint: role, function, rule and log group all bear this name
    tanets.toml:1:8: name: must be a string, not an integer
      |
    1 | name = 7
      |        ^
      hint: put it in quotes
    tanets.toml:2:18: schedule: minutes must be 0-59 (with , - * /), not `71`
      |
    2 | schedule = "cron(71 8 1 * ? *)"
      |                  ^^
    tanets.toml:2:18: schedule: needs six fields, not 5: minutes hours day-of-month month day-of-week year
      |
    2 | schedule = 'cron(15 1 * * *)'
      |                  ^^^^^^^^^^
      hint: write `cron(15 1 * * ? *)`
    tanets.toml:2:12: schedule: must be `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)`
      |
    2 | schedule = "15\u0020 1 * * *"
      |            ^^^^^^^^^^^^^^^^^^
      hint: as EventBridge writes it: `cron(15 1 * * ? *)`
    tanets.toml:1:10: region: must be a region such as "ap-northeast-1", not `tokyo`
      |
    1 | region = "tokyo"
      |          ^^^^^^^
    tanets.toml:1:11: account: must be a string, not an integer
      |
    1 | account = 123456789012
      |           ^^^^^^^^^^^^
      hint: put it in quotes
    tanets.toml:1:11: account: must be the 12 digits of an AWS account, not `1234-5678-9012`
      |
    1 | account = "1234-5678-9012"
      |           ^^^^^^^^^^^^^^^^
      hint: write "123456789012"
    tanets.toml:1:11: account: must be the 12 digits of an AWS account, not `12345678901`
      |
    1 | account = "12345678901"
      |           ^^^^^^^^^^^^^
    tanets.toml:1:11: enabled: must be true or false, not a string
      |
    1 | enabled = "yes"
      |           ^^^^^
      hint: write it without quotes
    "#);
}

#[test]
fn bad_networks_functions_and_tags_are_refused() {
    let many: Vec<String> = (0..6).map(|n| format!("\"sg-{n}\"")).collect();
    insta::assert_snapshot!(errors(&[
        ("+", "[vpc]"),
        ("+", "[vpc]\nsubnets = []\nsecurity_groups = [\"sg_1\"]"),
        ("+", "[vpc]\nsubnets = [\"subnet-1\", \"subnet-1\"]\nsecurity_groups = [\"sg-1\"]"),
        ("+", &format!("[vpc]\nsubnets = [\"subnet-1\"]\nsecurity_groups = [{}]", many.join(", "))),
        ("+", "[function]\nmemory = 127"),
        ("+", "[function]\nmemory = \"128MB\""),
        ("+", "[function]\ntimeout = -1"),
        ("+", "[function]\narchitecture = \"aarch64\""),
        ("+", "[function]\nlog_retention_days = 31"),
        ("+", "[function]\nlog_retention_days = 0"),
        ("+", "[function]\nkms_key = \"alias/logs\""),
        ("+", "[function]\npackage = \"\""),
        ("+", "[tags]\n\"aws:x\" = \"1\"\n\"tanets:stack\" = \"1\""),
        ("+", "[tags]\nteam = \"sre, ops\"\nTeam = \"x\"\ncost = 42"),
    ]), @r#"
    tanets.toml:10:1: vpc.subnets: is required
       |
    10 | [vpc]
       | ^^^^^
      hint: add it in [vpc], such as `subnets = ["subnet-0a1"]`

    tanets.toml:10:1: vpc.security_groups: is required
       |
    10 | [vpc]
       | ^^^^^
      hint: add it in [vpc], such as `security_groups = ["sg-0d3"]`
    tanets.toml:11:11: vpc.subnets: must not be empty
       |
    11 | subnets = []
       |           ^^
      hint: write `subnets = ["subnet-0a1"]`
    tanets.toml:11:24: vpc.subnets[1]: is there twice
       |
    11 | subnets = ["subnet-1", "subnet-1"]
       |                        ^^^^^^^^^^
      hint: remove one of them
    tanets.toml:12:60: vpc.security_groups[5]: is one too many: Lambda takes at most 5
       |
    12 | security_groups = ["sg-0", "sg-1", "sg-2", "sg-3", "sg-4", "sg-5"]
       |                                                            ^^^^^^
      hint: remove some
    tanets.toml:11:10: function.memory: must be 128-10240 MB, not 127
       |
    11 | memory = 127
       |          ^^^
    tanets.toml:11:10: function.memory: must be a number, 128-10240, not a string
       |
    11 | memory = "128MB"
       |          ^^^^^^^
      hint: write it without quotes
    tanets.toml:11:11: function.timeout: must be 1-900 seconds, not -1
       |
    11 | timeout = -1
       |           ^^
    tanets.toml:11:16: function.architecture: must be "arm64" or "x86_64", not `aarch64`
       |
    11 | architecture = "aarch64"
       |                ^^^^^^^^^
      hint: did you mean "arm64"?
    tanets.toml:11:22: function.log_retention_days: must be "never" (to expire) or one of CloudWatch's 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
       |
    11 | log_retention_days = 31
       |                      ^^
    tanets.toml:11:22: function.log_retention_days: must be "never" (to expire) or one of CloudWatch's 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
       |
    11 | log_retention_days = 0
       |                      ^
      hint: to keep logs for ever, write "never"
    tanets.toml:11:11: function.kms_key: must be arn:aws:kms:REGION:ACCOUNT:key/ID, not `alias/logs`
       |
    11 | kms_key = "alias/logs"
       |           ^^^^^^^^^^^^
      hint: Lambda takes no alias: `aws kms describe-key --key-id ALIAS --query KeyMetadata.Arn` tells the ARN
    tanets.toml:11:11: function.package: must not be empty
       |
    11 | package = ""
       |           ^^
      hint: remove it
    tanets.toml:11:11: tags.aws:x: must not start with `aws:`, which is reserved for AWS
       |
    11 | "aws:x" = "1"
       |           ^^^

    tanets.toml:12:18: tags.tanets:stack: must not start with `tanets:`, which is reserved for tanets itself
       |
    12 | "tanets:stack" = "1"
       |                  ^^^
    tanets.toml:11:8: tags.team: must have a value of letters, digits, spaces and `_.:/=+-@`, without `,`
       |
    11 | team = "sre, ops"
       |        ^^^^^^^^^^

    tanets.toml:13:8: tags.cost: must be a string, not an integer
       |
    13 | cost = 42
       |        ^^
      hint: put it in quotes
    "#);
}

#[test]
fn an_environment_that_lambda_would_refuse_is_refused() {
    let many: Vec<String> = (0..400).map(|n| format!("\"index-{n:04}\"")).collect();
    insta::assert_snapshot!(errors(&[("indexes", &format!("indexes = [{}]", many.join(", ")))]), @r"
    tanets.toml: the function's environment would be 4505 bytes, Lambda takes at most 4096
      hint: use fewer or shorter `indexes` and `levels`: patterns such as `app-*` say more in less
    ");
}

#[test]
fn settings_that_lambda_would_refuse_as_a_whole_are_refused() {
    let list = |ids: std::ops::Range<u32>, id: fn(u32) -> String| {
        Vec::from_iter(ids.map(|n| format!("{:?}", id(n)))).join(", ")
    };
    let indexes = list(0..362, |n| format!("index-{n:04}"));
    let fits = MINIMAL.replace("\"app-*\"", &indexes).replace("\"digest\"", &format!("{:?}", "d".repeat(64)));
    assert!(parse(&fits).is_ok(), "the environment alone fits");
    let subnets = list(0..16, |n| format!("subnet-0123456789abcde{n:02}"));
    let groups = list(0..5, |n| format!("sg-0123456789abcde{n:02}"));
    let key = "arn:aws:kms:ap-northeast-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";
    let vpc = format!(
        "[vpc]\nsubnets = [{subnets}]\nsecurity_groups = [{groups}]\n[function]\nkms_key = {key:?}\n"
    );
    insta::assert_snapshot!(parse(&format!("{fits}{vpc}")).unwrap_err().to_string(), @r"
    tanets.toml: the function's settings would be 5178 bytes, of them 4087 environment; Lambda takes less than 5120
      hint: use fewer or shorter `indexes`, `levels` and `subnets`
    ");
}
