//! The keys of [digest].

use super::*;

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
