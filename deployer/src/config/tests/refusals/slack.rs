//! The keys of [slack].

use super::*;

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
