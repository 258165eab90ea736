//! Every key wrong, as people read it.

use super::*;

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
fn bad_endpoints_and_indexes_are_refused() {
    insta::assert_snapshot!(errors(&[
        ("endpoint", "endpoint = \"\""),
        ("endpoint", "endpoint = \"ftp://search.example.com\""),
        ("endpoint", "endpoint = \"https://elastic:hunter2@search.example.com\""),
        ("endpoint", "endpoint = \"search.example.com:99999\""),
        ("endpoint", "endpoint = \"https://search.example.com/?q=1\""),
        ("endpoint", "endpoint = \"https://search example.com\""),
        ("endpoint", "endpoint = \"ssm:/endpoint\""),
        ("endpoint", "endpoint = \"search.example.com\"\nauth = \"sigv4\""),
        ("endpoint", "endpoint = \"search.example.com\"\ndomain = \"vpc-logs.es.amazonaws.com\""),
        ("endpoint", "endpoint = \"ssm:/endpoint\"\nauth = \"sigv3\""),
        ("endpoint", "endpoint = \"ssm:/endpoint\"\ndomain = \"x\""),
        ("endpoint", "endpoint = \"search.example.com\"\nfield = \"\""),
        ("endpoint", "endpoint = \"search.example.com\"\ntime_field = \" time\""),
        ("indexes", "indexes = []"),
        ("indexes", "indexes = \"app-*\""),
        ("indexes", "indexes = [\"app-*,other-*\"]"),
        ("indexes", "indexes = [\"app-*\", \"App-2026\", 7, \"a b\", \"_all\", \"app-*\"]"),
    ]), @r#"
    tanets.toml:4:12: elasticsearch.endpoint: must have a host name of letters, digits, `-` and `.`
      |
    4 | endpoint = ""
      |            ^^
      hint: such as `https://search.example.com:9200`, or a reference such as `ssm:/tanets/endpoint`
    tanets.toml:4:12: elasticsearch.endpoint: must start with https:// or http://, or with the host
      |
    4 | endpoint = "ftp://search.example.com"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^
      hint: such as `https://search.example.com:9200`, or a reference such as `ssm:/tanets/endpoint`
    tanets.toml:4:12: elasticsearch.endpoint: must not have a user or password in it
      |
    4 | endpoint = (sensitive)
      |            ^^^^^^^^^^^
      hint: give them with `auth = "basic"` and `credentials`
    tanets.toml:4:12: elasticsearch.endpoint: must have a port of 1-65535 after the host, or none
      |
    4 | endpoint = "search.example.com:99999"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^
      hint: such as `https://search.example.com:9200`, or a reference such as `ssm:/tanets/endpoint`
    tanets.toml:4:12: elasticsearch.endpoint: must not have a `?` or `#` in it
      |
    4 | endpoint = "https://search.example.com/?q=1"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      hint: such as `https://search.example.com:9200`, or a reference such as `ssm:/tanets/endpoint`
    tanets.toml:4:12: elasticsearch.endpoint: must have a host name of letters, digits, `-` and `.`
      |
    4 | endpoint = "https://search example.com"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      hint: such as `https://search.example.com:9200`, or a reference such as `ssm:/tanets/endpoint`
    tanets.toml:3:1: elasticsearch.domain: is required, because the endpoint does not tell which OpenSearch domain the role may search
      |
    3 | [elasticsearch]
      | ^^^^^^^^^^^^^^^
      hint: add `domain = "logs"` with the domain's name, or `auth = "none"` if requests are not signed
    tanets.toml:3:1: elasticsearch.domain: is required, because the endpoint does not tell which OpenSearch domain the role may search
      |
    3 | [elasticsearch]
      | ^^^^^^^^^^^^^^^
      hint: add `domain = "logs"` with the domain's name, or `auth = "none"` if requests are not signed
    tanets.toml:5:10: elasticsearch.domain: must be 3-28 lower-case letters, digits and `-`, first a letter, not `vpc-logs.es.amazonaws.com`
      |
    5 | domain = "vpc-logs.es.amazonaws.com"
      |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      hint: the domain's name as the OpenSearch console lists it, not its host name
    tanets.toml:5:8: elasticsearch.auth: must be "auto", "sigv4", "basic", "api-key" or "none", not `sigv3`
      |
    5 | auth = "sigv3"
      |        ^^^^^^^
      hint: did you mean "sigv4"?
    tanets.toml:5:10: elasticsearch.domain: must be 3-28 lower-case letters, digits and `-`, first a letter, not `x`
      |
    5 | domain = "x"
      |          ^^^
      hint: the domain's name as the OpenSearch console lists it, not its host name
    tanets.toml:5:9: elasticsearch.field: must not be empty
      |
    5 | field = ""
      |         ^^
      hint: remove it
    tanets.toml:5:14: elasticsearch.time_field: must not start or end with a space, or have a line break or control character
      |
    5 | time_field = " time"
      |              ^^^^^^^
    tanets.toml:5:11: elasticsearch.indexes: must not be empty
      |
    5 | indexes = []
      |           ^^
      hint: write `indexes = ["app-*"]`
    tanets.toml:5:11: elasticsearch.indexes: must be a list of strings, not a string
      |
    5 | indexes = "app-*"
      |           ^^^^^^^
      hint: write `indexes = ["app-*"]`
    tanets.toml:5:18: elasticsearch.indexes[0]: must be one name or pattern: `app-*,other-*`
      |
    5 | indexes = ["app-*,other-*"]
      |                  ^
      hint: split it: ["app-*", "other-*"]
    tanets.toml:5:22: elasticsearch.indexes[1]: must be lower case: `App-2026`
      |
    5 | indexes = ["app-*", "App-2026", 7, "a b", "_all", "app-*"]
      |                      ^
      hint: index names have no capitals; for an alias that has them, put `*` in their place

    tanets.toml:5:33: elasticsearch.indexes[2]: must be a string, not an integer
      |
    5 | indexes = ["app-*", "App-2026", 7, "a b", "_all", "app-*"]
      |                                 ^
      hint: put it in quotes

    tanets.toml:5:38: elasticsearch.indexes[3]: must not have a space or any of \ / ? " < > | # in it: `a b`
      |
    5 | indexes = ["app-*", "App-2026", 7, "a b", "_all", "app-*"]
      |                                      ^

    tanets.toml:5:43: elasticsearch.indexes[4]: must not start with `_`, `-` or `+`: `_all`
      |
    5 | indexes = ["app-*", "App-2026", 7, "a b", "_all", "app-*"]
      |                                           ^^^^^^
      hint: write "*" for all indexes

    tanets.toml:5:51: elasticsearch.indexes[5]: is there twice
      |
    5 | indexes = ["app-*", "App-2026", 7, "a b", "_all", "app-*"]
      |                                                   ^^^^^^^
      hint: remove one of them
    "#);
}

#[test]
fn bad_credentials_are_refused() {
    insta::assert_snapshot!(errors(&[
        ("indexes", "indexes = [\"a\"]\nauth = \"basic\""),
        ("indexes", "indexes = [\"a\"]\nauth = \"api-key\"\ncredentials = \"id:hunter2\""),
        ("indexes", "indexes = [\"a\"]\ncredentials = \"ssm:/c\""),
        ("indexes", "indexes = [\"a\"]\nauth = \"basic\"\ncredentials = \"${NO:-hunter2}\""),
        ("indexes", "indexes = [\"a\"]\nauth = \"basic\"\ncredentials = \"kms:hunter2\""),
    ]), @r#"
    tanets.toml:3:1: elasticsearch.credentials: is required
      |
    3 | [elasticsearch]
      | ^^^^^^^^^^^^^^^
      hint: add it in [elasticsearch], such as `credentials = "ssm:/tanets/search-credentials"`
    tanets.toml:7:15: elasticsearch.credentials: must not stand in the file
      |
    7 | credentials = (sensitive)
      |               ^^^^^^^^^^^
      hint: write a reference such as `ssm:/tanets/search-credentials`, or `${SEARCH_CREDENTIALS}`
    tanets.toml:6:15: elasticsearch.credentials: is not used with `auth = "auto"`
      |
    6 | credentials = (sensitive)
      |               ^^^^^^^^^^^
      hint: set `auth = "basic"` or `auth = "api-key"`, or remove it
    tanets.toml:7:15: elasticsearch.credentials: must be `user:password` with `auth = "basic"`
      |
    7 | credentials = (sensitive)
      |               ^^^^^^^^^^^
    tanets.toml:7:15: elasticsearch.credentials: must have after `kms:` base64 of what `aws kms encrypt` gave
      |
    7 | credentials = (sensitive)
      |               ^^^^^^^^^^^
    "#);
}

#[test]
fn bad_webhooks_are_refused_without_showing_them() {
    insta::assert_snapshot!(errors(&[
        ("webhook", "webhook = \"slack.hoge\""),
        ("webhook", "webhook = \"https://hooks.slack.com/services/T0 B0\""),
        ("webhook", "webhook = \"https:///services\""),
        ("webhook", "webhook = \"ssm:a/b\""),
        ("webhook", "webhook = \"ssm:arn:aws:ssm:eu-west-1:1:parameter/x\""),
        ("webhook", "webhook = \"secretsmanager:a b\""),
        ("webhook", "webhook = \"kms:***\""),
        ("webhook", "webhook = \"${SLACK_WEBHOOK_URL}\""),
        ("webhook", "webhook = [\"https://hooks.slack.com/services/T0/B0/hunter2\"]"),
        ("webhook", "webhok = \"https://example.com/hunter2\""),
        ("webhook", "webhook = \"ssm:/hook\"\nchannel = \"\""),
        ("webhook", "webhook = \"ssm:/hook\"\nusername = \"a\\nb\""),
    ]), @r#"
    tanets.toml:7:11: slack.webhook: must be a URL (https://…) or a reference: ssm:NAME, secretsmanager:ID, kms:BASE64
      |
    7 | webhook = (sensitive)
      |           ^^^^^^^^^^^
      hint: such as `ssm:/tanets/slack-webhook`, `${SLACK_WEBHOOK_URL}`, or the webhook's URL
    tanets.toml:7:11: slack.webhook: must be a URL with a host, and without spaces and line breaks
      |
    7 | webhook = (sensitive)
      |           ^^^^^^^^^^^
    tanets.toml:7:11: slack.webhook: must be a URL with a host, and without spaces and line breaks
      |
    7 | webhook = (sensitive)
      |           ^^^^^^^^^^^
    tanets.toml:7:11: slack.webhook: must have after `ssm:` a parameter's name: letters, digits, `.`, `-`, `_`, and a leading `/` if it has any `/`
      |
    7 | webhook = (sensitive)
      |           ^^^^^^^^^^^
    tanets.toml:7:11: slack.webhook: must have after `ssm:` arn:aws:ssm:REGION:ACCOUNT:parameter/NAME
      |
    7 | webhook = (sensitive)
      |           ^^^^^^^^^^^
    tanets.toml:7:11: slack.webhook: must have after `secretsmanager:` a secret's name: 1-512 letters, digits and `/_+=.@-`
      |
    7 | webhook = (sensitive)
      |           ^^^^^^^^^^^
    tanets.toml:7:11: slack.webhook: must have after `kms:` base64 of what `aws kms encrypt` gave
      |
    7 | webhook = (sensitive)
      |           ^^^^^^^^^^^
    tanets.toml:7:11: slack.webhook: needs the environment variable `SLACK_WEBHOOK_URL`, which is not set
      |
    7 | webhook = (sensitive)
      |           ^^^^^^^^^^^
      hint: set it, or give a default: `${SLACK_WEBHOOK_URL:-…}`
    tanets.toml:7:11: slack.webhook: must be a string, not an array
      |
    7 | webhook = [(sensitive)]
      |           ^^^^^^^^^^^^^
    tanets.toml:6:1: slack.webhook: is required
      |
    6 | [slack]
      | ^^^^^^^
      hint: add it in [slack], such as `webhook = "ssm:/tanets/slack-webhook"`

    tanets.toml:7:1: slack.webhok: is not a known key
      |
    7 | webhok = (sensitive)
      | ^^^^^^
      hint: did you mean `webhook`?
    tanets.toml:8:11: slack.channel: must not be empty
      |
    8 | channel = ""
      |           ^^
      hint: remove it
    tanets.toml:8:12: slack.username: must not start or end with a space, or have a line break or control character
      |
    8 | username = "a\nb"
      |            ^^^^^^
    "#);
}

#[test]
fn bad_digests_are_refused() {
    insta::assert_snapshot!(errors(&[
        ("levels", "levels = [\"Fatal,Warning\"]"),
        ("levels", "levels = [\"Fatal\", \"Fatal\", \"\", \" Error\"]"),
        ("levels", "levels = [\"Fatal\"]\nper = \"day\""),
        ("levels", "levels = [\"Fatal\"]\nkibana = \"kibana.example.com\""),
        ("levels", "levels = [\"Fatal\"]\ntimezone = \"Asia/Tokio\""),
        ("levels", "levels = [\"Fatal\"]\ntimezone = \"JST\""),
        ("levels", "levels = [\"Fatal\"]\ntimezone = \"New York\""),
        ("levels", "levels = [\"Fatal\"]\nlanguage = \"jp\""),
    ]), @r#"
    tanets.toml:9:17: digest.levels[0]: must be one level, without a comma
      |
    9 | levels = ["Fatal,Warning"]
      |                 ^
      hint: split it: ["Fatal", "Warning"]
    tanets.toml:9:20: digest.levels[1]: is there twice
      |
    9 | levels = ["Fatal", "Fatal", "", " Error"]
      |                    ^^^^^^^
      hint: remove one of them

    tanets.toml:9:29: digest.levels[2]: must not be empty
      |
    9 | levels = ["Fatal", "Fatal", "", " Error"]
      |                             ^^
      hint: remove it

    tanets.toml:9:33: digest.levels[3]: must not start or end with a space, or have a line break or control character
      |
    9 | levels = ["Fatal", "Fatal", "", " Error"]
      |                                 ^^^^^^^^
    tanets.toml:10:7: digest.per: must be "h", "m" or "s", not `day`
       |
    10 | per = "day"
       |       ^^^^^
    tanets.toml:10:10: digest.kibana: must be a URL that starts with https:// or http://
       |
    10 | kibana = "kibana.example.com"
       |          ^^^^^^^^^^^^^^^^^^^^
    tanets.toml:10:12: digest.timezone: must be an IANA time zone such as "Asia/Tokyo", not `Asia/Tokio`
       |
    10 | timezone = "Asia/Tokio"
       |            ^^^^^^^^^^^^
      hint: did you mean "Asia/Tokyo"?
    tanets.toml:10:12: digest.timezone: must be an IANA time zone such as "Asia/Tokyo", not `JST`
       |
    10 | timezone = "JST"
       |            ^^^^^
      hint: did you mean "Asia/Tokyo"?
    tanets.toml:10:12: digest.timezone: must be an IANA time zone such as "Asia/Tokyo", not `New York`
       |
    10 | timezone = "New York"
       |            ^^^^^^^^^^
      hint: did you mean "America/New_York"?
    tanets.toml:10:12: digest.language: must be "ja" or "en", not `jp`
       |
    10 | language = "jp"
       |            ^^^^
      hint: did you mean "ja"?
    "#);
}

#[test]
fn bad_links_looks_and_thresholds_are_refused() {
    let levels = |more: &str| format!("levels = [\"Fatal\"]\n{more}");
    let more = [
        "kibana = \"https://k.example.com/#?q={lucene}\"",
        "kibana = \"https://k.example.com/a b?c\"",
        "dashboards = \"kibana\"",
        "dashboards = \"kibana-7\"",
        "chart = \"pie\"",
        "messages = \"raw\"",
        "zero = \"never\"",
        "opening = \"Hello {name}\"",
        "warn = [\"many\", \"0\"]",
        "alert = [\"Warning=1\"]",
        "alert = [2000]",
        "alert = [\"1\"]\nmention = \"@taro\"",
    ]
    .map(levels);
    let lines: Vec<(&str, &str)> = more.iter().map(|line| ("levels", line.as_str())).collect();
    insta::assert_snapshot!(errors(&lines), @r#"
    tanets.toml:10:37: digest.kibana: has a placeholder that is not known
       |
    10 | kibana = "https://k.example.com/#?q={lucene}"
       |                                     ^
      hint: known: {from}, {to}, {query}, {index}
    tanets.toml:10:10: digest.kibana: must have a path without spaces and special characters
       |
    10 | kibana = "https://k.example.com/a b?c"
       |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    tanets.toml:10:14: digest.dashboards: must be "link", "kibana-6", "kibana-7", "kibana-8", "kibana-9" or "opensearch", not `kibana`
       |
    10 | dashboards = "kibana"
       |              ^^^^^^^^
      hint: did you mean "kibana-6"?
    tanets.toml:8:1: digest.kibana: is required, because `dashboards = "kibana-7"`
      |
    8 | [digest]
      | ^^^^^^^^
      hint: add `kibana` with the address of the dashboards, such as `kibana = "https://kibana.example.com"`

    tanets.toml:8:1: digest.data_view: is required, because `dashboards = "kibana-7"`
      |
    8 | [digest]
      | ^^^^^^^^
      hint: add `data_view` with the index pattern's id: the last part of its page's address in the dashboards
    tanets.toml:10:9: digest.chart: must be "native", "text" or "off", not `pie`
       |
    10 | chart = "pie"
       |         ^^^^^
    tanets.toml:10:12: digest.messages: must be "masked", "plain" or "off", not `raw`
       |
    10 | messages = "raw"
       |            ^^^^^
    tanets.toml:10:8: digest.zero: must be "post", "quiet" or "weekly", not `never`
       |
    10 | zero = "never"
       |        ^^^^^^^
    tanets.toml:10:18: digest.opening: has a placeholder that is not known
       |
    10 | opening = "Hello {name}"
       |                  ^
      hint: known: {day}, {levels}, {total}
    tanets.toml:10:9: digest.warn[0]: "many" is not a threshold; it takes a count such as 2000, or a level's such as Fatal=1
       |
    10 | warn = ["many", "0"]
       |         ^^^^^^

    tanets.toml:10:17: digest.warn[1]: "0" is not a threshold; it takes a count such as 2000, or a level's such as Fatal=1
       |
    10 | warn = ["many", "0"]
       |                 ^^^
    tanets.toml:10:10: digest.alert[0]: "Warning" is not one of the levels that are counted
       |
    10 | alert = ["Warning=1"]
       |          ^^^^^^^^^^^
    tanets.toml:10:10: digest.alert[0]: must be a string, not an integer
       |
    10 | alert = [2000]
       |          ^^^^
      hint: put it in quotes
    tanets.toml:11:11: digest.mention: "@taro" is nobody; it takes here, channel, everyone, or the id of a user group (S…) or member (U…)
       |
    11 | mention = "@taro"
       |           ^^^^^^^
    "#);
    insta::assert_snapshot!(errors(&[("endpoint", "endpoint = \"es.example.com\"\nca = \"ca.pem\"")]), @r#"
    tanets.toml:5:6: elasticsearch.ca: must be certificates in PEM, or a reference to them
      |
    5 | ca = "ca.pem"
      |      ^^^^^^^^
      hint: such as `ssm:/tanets/ca`, or the text from `-----BEGIN CERTIFICATE-----` to `-----END CERTIFICATE-----`
    "#);
}

#[test]
fn links_and_templates_are_taken_as_they_are() {
    for kibana in [
        "https://k.example.com/app/discover#/?_g=(time:(from:now-1d,to:now))&_a=(index:'x')",
        "https://k.example.com/?from={from}&to={to}&q={query}&i={index}",
    ] {
        let text =
            MINIMAL.replace("levels = [\"Fatal\"]", &format!("levels = [\"Fatal\"]\nkibana = \"{kibana}\""));
        assert_eq!(parse(&text).unwrap().settings.kibana.as_deref(), Some(kibana));
    }
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
fn keys_that_nobody_knows_get_the_nearest_one() {
    insta::assert_snapshot!(errors(&[
        ("indexes", "indexes = [\"a\"]\nindices = [\"b\"]"),
        ("levels", "levels = [\"Fatal\"]\nwebhook = \"https://example.com/hunter2\""),
        ("levels", "levels = [\"Fatal\"]\nschedule = \"rate(1 day)\""),
        ("levels", "levels = [\"Fatal\"]\ncolour = \"red\""),
        ("+", "[elastic-search]\nendpoint = \"hunter2\""),
        ("+", "[report.errors]"),
        ("^", "slak = { webhook = \"hunter2\" }"),
        ("^", "vpc = \"hunter2\""),
    ]), @r#"
    tanets.toml:6:1: elasticsearch.indices: is not a known key
      |
    6 | indices = [(sensitive)]
      | ^^^^^^^
      hint: did you mean `indexes`?
    tanets.toml:10:1: digest.webhook: is not a known key
       |
    10 | webhook = (sensitive)
       | ^^^^^^^
      hint: `webhook` belongs in [slack]
    tanets.toml:10:1: digest.schedule: is not a known key
       |
    10 | schedule = "rate(1 day)"
       | ^^^^^^^^
      hint: `schedule` belongs to the top of the file, before the first [table]
    tanets.toml:10:1: digest.colour: is not a known key
       |
    10 | colour = (sensitive)
       | ^^^^^^
      hint: known here: levels, per, kibana, dashboards, data_view, timezone, language, opening, chart, messages, zero, warn, alert, mention
    tanets.toml:10:2: elastic-search: is not a known key
       |
    10 | [elastic-search]
       |  ^^^^^^^^^^^^^^
      hint: did you mean `elasticsearch`?
    tanets.toml:10:2: report: is not a known key
       |
    10 | [report.errors]
       |  ^^^^^^
      hint: known here: name, schedule, region, account, enabled, elasticsearch, slack, digest, vpc, function, tags
    tanets.toml:1:1: slak: is not a known key
      |
    1 | slak = { webhook = (sensitive) }
      | ^^^^
      hint: did you mean `slack`?
    tanets.toml:1:1: vpc: must be a table, not a string
      |
    1 | vpc = (sensitive)
      | ^^^
      hint: write `[vpc]` on its own line
    "#);
}

#[test]
fn text_that_is_not_toml_is_refused_without_showing_secrets() {
    insta::assert_snapshot!(errors(&[
        ("name", "name = \"digest"),
        ("indexes", "indexes = [\"app-*\""),
        ("webhook", "webhook = \"https://hooks.slack.com/services/hunter2"),
        ("webhook", "webhook = https://hooks.slack.com/services/hunter2"),
        ("webhook", "webhook = \"a\"\nwebhook = \"hunter2\""),
        ("webhook", "webhook = \"\"\"\nhunter2"),
        ("webhook", "webhook = \"hunter2\\q\""),
        ("+", "[slack]"),
        ("+", "[tags"),
    ]), @r#"
    tanets.toml:1:15: invalid basic string, expected `"`
      |
    1 | name = "digest
      |               ^
    tanets.toml:6:1: missing comma between array elements, expected `,`
      |
    6 | [slack]
      | ^
    tanets.toml:7:52: invalid basic string, expected `"`
      |
    7 | (sensitive)
      | ^^^^^^^^^^^
    tanets.toml:7:11: string values must be quoted, expected literal string
      |
    7 | (sensitive)
      | ^^^^^^^^^^^
    tanets.toml:8:1: duplicate key
      |
    8 | (sensitive)
      | ^^^^^^^^^^^
    tanets.toml:11:1: invalid multi-line basic string, expected `"`
       |
    11 |
       | ^
    tanets.toml:7:20: missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\`, `"`, `x`, `u`, `U`
      |
    7 | (sensitive)
      | ^^^^^^^^^^^
    tanets.toml:10:2: duplicate key
       |
    10 | [slack]
       |  ^^^^^
    tanets.toml:10:6: unclosed table, expected `]`
       |
    10 | [tags
       |      ^
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
