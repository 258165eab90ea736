//! What works, and what its author should know all the same.

use super::*;

#[test]
fn what_should_be_known_is_a_warning() {
    let warnings = |webhook: &str, endpoint: &str| {
        let text = MINIMAL
            .replace("\"ssm:/hook\"", &format!("\"{webhook}\"\nchannel = \"#ops\""))
            .replace("[digest]", "[digest]\nchart = \"text\"")
            .replace("search.example.com", endpoint);
        parse(&text).unwrap().warnings.iter().map(|warning| format!("{warning}\n")).collect::<String>()
    };
    assert_eq!(
        parse(&MINIMAL.replace("[digest]", "[digest]\nchart = \"text\"")).unwrap().warnings,
        Vec::new()
    );
    insta::assert_snapshot!([
        warnings("ssm:/hook", "https://search.example.com"),
        warnings("https://hooks.slack.com/triggers/T0/1/hunter2", "https://search.example.com"),
        warnings("https://hooks.slack.com/services/T0/B0/hunter2", "http://search.example.com"),
        warnings("http://127.0.0.1:3000/hook", "search.example.com"),
        warnings("https://chat.example.com/hunter2", "search.example.com"),
        warnings("ssm:/hook", "vpc-logs-x.ap-northeast-1.es.amazonaws.com"),
    ].join("---\n"), @r##"
    tanets.toml:8:11: slack.channel: is honoured by legacy webhooks only
      |
    8 | channel = "#ops"
      |           ^^^^^^
      hint: where the reference leads can't be told here; the function says it in its log
    ---
    tanets.toml:7:11: slack.webhook: is a secret that stands in the file and in the function's environment
      |
    7 | webhook = (sensitive)
      |           ^^^^^^^^^^^
      hint: write `ssm:/tanets/slack-webhook` and run `tanets secret set`, or write `${SLACK_WEBHOOK_URL}`
    tanets.toml:8:11: slack.channel: is ignored by a workflow
      |
    8 | channel = "#ops"
      |           ^^^^^^
      hint: it takes the variables `title` and `text`, which are plain text
    tanets.toml:10:9: digest.chart: is ignored by a workflow
       |
    10 | chart = "text"
       |         ^^^^^^
      hint: it takes the variables `title` and `text`, which are plain text
    ---
    tanets.toml:4:12: elasticsearch.endpoint: is not encrypted: queries, log lines and credentials travel as plain text
      |
    4 | endpoint = "http://search.example.com"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      hint: use https://
    tanets.toml:7:11: slack.webhook: is a secret that stands in the file and in the function's environment
      |
    7 | webhook = (sensitive)
      |           ^^^^^^^^^^^
      hint: write `ssm:/tanets/slack-webhook` and run `tanets secret set`, or write `${SLACK_WEBHOOK_URL}`
    tanets.toml:8:11: slack.channel: is ignored by the webhook of a Slack app
      |
    8 | channel = "#ops"
      |           ^^^^^^
      hint: only legacy webhooks honour it
    ---
    tanets.toml:7:11: slack.webhook: is not encrypted: the digest and the URL's secret travel as plain text
      |
    7 | webhook = (sensitive)
      |           ^^^^^^^^^^^
      hint: use https://
    ---
    tanets.toml:7:11: slack.webhook: is a secret that stands in the file and in the function's environment
      |
    7 | webhook = (sensitive)
      |           ^^^^^^^^^^^
      hint: write `ssm:/tanets/slack-webhook` and run `tanets secret set`, or write `${SLACK_WEBHOOK_URL}`
    ---
    tanets.toml:4:12: elasticsearch.endpoint: is inside a VPC, where a function without [vpc] can't reach it
      |
    4 | endpoint = "vpc-logs-x.ap-northeast-1.es.amazonaws.com"
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      hint: write [vpc] with `subnets` that have a route to a NAT gateway, and `security_groups` that the domain lets in
    tanets.toml:8:11: slack.channel: is honoured by legacy webhooks only
      |
    8 | channel = "#ops"
      |           ^^^^^^
      hint: where the reference leads can't be told here; the function says it in its log
    "##);
}
