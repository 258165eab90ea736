//! Keys that nobody knows, and text that is no TOML.

use super::*;

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
      hint: known here: name, schedule, region, account, enabled, protect, elasticsearch, slack, digest, vpc, function, tags
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
