mod values;

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::config::Config;
use crate::exit::Failure;

/// The article's block, without the values that tests give.
const BLOCK: &str = r#"
module "tanets" {
  source          = "git::https://github.com/ryota548/tanets"
  name            = "error_log_daily_notify" // other functions have other names
  notify_schedule = "cron(15 1 * * ? *)"
  environment = {
    SLACK_WEBHOOK_URL = "https://hooks.slack.com/services/T0/B0/Xq7sEcReTwEbHoOkToKeN"
    SLACK_CHANNEL     = "ops"
    KIBANA_URL        = "kibana.hoge"
    ES_INDEXES        = "hoge-*"
    ES_ENDPOINT       = "es.hoge"
    ERROR_LEVEL       = "Fatal,Warning"
    USER_NAME         = "ログ情報お知らせちゃん"
    UNIT_OF_TIME      = "h"
  }
}
"#;

/// What is read of a folder with these files, or why not, with the folder's name taken out.
fn read(
    files: &[(&str, &str)],
    env: &[(&str, &str)],
    module: Option<&str>,
) -> Result<Migration, (String, Option<String>)> {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let prefix = format!("{}/", folder.path().display());
    let told = |failure: Failure| {
        let all = [&[failure.to_string()][..], &failure.causes()].concat().join(": ");
        (all.replace(&prefix, ""), failure.hint())
    };
    let env = |name: &str| env.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let read = Folder::read(folder.path(), &env).map_err(|error| told(error.into()))?;
    let mut migration = migrate(&read, module, None, &env).map_err(|error| told(error.into()))?;
    migration.source = migration.source.replace(&prefix, "");
    for problem in migration.unknown.iter_mut().chain(&mut migration.left) {
        problem.file = problem.file.replace(&prefix, "");
    }
    Ok(migration)
}

/// The keys that are written, without comments.
fn keys(migration: &Migration) -> Vec<String> {
    let text = migration.draft.text();
    let lines = text.lines().filter(|line| line.contains(" = ") && !line.starts_with('#'));
    lines.map(|line| line.split(" #").next().unwrap_or(line).to_owned()).collect()
}

fn problems(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn the_articles_block_becomes_a_valid_file_without_its_webhook() {
    let migration = read(&[("main.tf", BLOCK)], &[], None).unwrap();
    assert_eq!(migration.source, "module.tanets in main.tf:2");
    assert_eq!(migration.addresses, ["module.tanets"]);
    let told = (problems(&migration.unknown), problems(&migration.left));
    assert_eq!(told, (Vec::new(), Vec::new()));
    insta::assert_snapshot!(keys(&migration).join("\n"), @r#"
    name = "error_log_daily_notify"
    schedule = "cron(15 1 * * ? *)"
    endpoint = "es.hoge"
    indexes = ["hoge-*"]
    webhook = "ssm:/tanets/slack-webhook"
    channel = "ops"
    username = "ログ情報お知らせちゃん"
    levels = ["Fatal", "Warning"]
    per = "h"
    kibana = "https://kibana.hoge"
    "#);
    let config = Config::parse(&migration.draft.text(), Path::new("tanets.toml"), &|_| None).unwrap();
    assert_eq!(config.name, "error_log_daily_notify");
    assert!(!format!("{migration:?}").contains("Xq7sEcReTwEbHoOkToKeN"), "{migration:?}");
}

#[test]
fn what_is_not_told_is_named_with_its_place_and_nothing_is_dropped_silently() {
    for (from, to, unknown, left) in [
        (
            "\"es.hoge\"",
            "aws_elasticsearch_domain.logs.endpoint",
            &[
                "main.tf:11: elasticsearch.endpoint: `aws_elasticsearch_domain.logs.endpoint` isn't known without Terraform",
            ][..],
            &[][..],
        ),
        ("    ES_ENDPOINT ", "    # ", &["main.tf:2: elasticsearch.endpoint: `ES_ENDPOINT` isn't set"], &[]),
        ("\"es.hoge\"", "\"\"", &["main.tf:2: elasticsearch.endpoint: `ES_ENDPOINT` isn't set"], &[]),
        (
            "\"es.hoge\"",
            "var.es",
            &["main.tf:11: elasticsearch.endpoint: `var.es` isn't known without Terraform"],
            &[],
        ),
        (
            "\"es.hoge\"",
            "\"https://logs:${var.password}@es.hoge\"",
            &["main.tf:11: elasticsearch.endpoint: (sensitive) isn't known without Terraform"],
            &[],
        ),
        (
            "\"hoge-*\"",
            "\"Hoge-*\"",
            &[
                "main.tf:10: elasticsearch.indexes[0]: must be lower case: `Hoge-*`\n  hint: index names have no capitals; \
               for an alias that has them, put `*` in their place",
            ],
            &[],
        ),
        (
            "environment = {",
            "environment = local.nothing\n ignored = {",
            &[
                "main.tf:6: environment: `local.nothing` isn't known without Terraform\n  hint: what it sets isn't taken over: \
               write that into tanets.toml",
            ],
            &["main.tf:7: ignored: has no counterpart in tanets.toml"],
        ),
        (
            "    USER_NAME  ",
            "    (local.key) = \"x\"\n    USER_NAME  ",
            &[
                "main.tf:13: environment: `(local.key)` isn't known without Terraform\n  hint: what it sets isn't taken \
               over: write that into tanets.toml",
            ],
            &[],
        ),
        (
            "    USER_NAME  ",
            "    LOG_GROUP = \"x\"\n    USER_NAME  ",
            &[],
            &["main.tf:13: environment.LOG_GROUP: is no setting of the function"],
        ),
        (
            "\"kibana.hoge\"",
            "\"see the {wiki}\"",
            &[],
            &["main.tf:9: digest.kibana: must have a host name of letters, digits, `-` and `.`"],
        ),
        (
            "\"ops\"",
            "var.channel",
            &[],
            &["main.tf:8: SLACK_CHANNEL: `var.channel` isn't known without Terraform"],
        ),
        (
            "  name ",
            "  for_each = toset([])\n  name ",
            &[],
            &[
                "main.tf:4: for_each: a tanets.toml is one stack: write one for each\n  hint: name the instance in \
               `terraform state rm 'module.tanets[\"KEY\"]'`",
            ],
        ),
    ] {
        let migration = read(&[("main.tf", &BLOCK.replacen(from, to, 1))], &[], None).unwrap();
        assert_eq!(problems(&migration.unknown), unknown, "{to}");
        assert_eq!(problems(&migration.left), left, "{to}");
    }
    let unread = [("main.tf", BLOCK), ("more.tf.json", "{}"), ("override.tf", "")];
    let told = problems(&read(&unread, &[], None).unwrap().left);
    assert!(told.len() == 2 && told[0].starts_with("more.tf.json: isn't read"), "{told:?}");
}

#[test]
fn a_webhook_is_taken_out_of_no_setting_and_not_shown() {
    let (hook, other) =
        ("https://hooks.slack.com/services/T0/B0/Xq7sEcReTwEbHoOkToKeN", "https://chat.hoge/Xq7sEcReT");
    let locals = |hook: &str| format!("locals {{\n  hook = \"{hook}\"\n}}");
    for (hook, webhook) in
        [(hook, "local.hook"), (hook, "var.unknown"), (other, "local.hook"), (other, "\"${local.hook}\\n\"")]
    {
        for (from, to, key) in [
            ("\"es.hoge\"", "local.hook", "elasticsearch.endpoint"),
            ("\"hoge-*\"", "\"a-*,${local.hook}\"", "elasticsearch.indexes"),
            ("\"ops\"", "local.hook", "SLACK_CHANNEL"),
            ("\"ログ情報お知らせちゃん\"", "\"by ${local.hook}!\"", "USER_NAME"),
            ("\"kibana.hoge\"", "trimspace(local.hook)", "KIBANA_URL"),
            ("\"kibana.hoge\"", &format!("\"{}\"", &hook[8..]), "KIBANA_URL"),
        ] {
            let block =
                BLOCK.replace("\"https://hooks.slack.com/services/T0/B0/Xq7sEcReTwEbHoOkToKeN\"", webhook);
            let text = block.replacen(from, to, 1) + &locals(hook);
            let migration = read(&[("main.tf", &text)], &[], None).unwrap();
            let left = problems(&[&migration.unknown[..], &migration.left].concat());
            let said = format!("{key}: has a webhook's URL in it, which is never copied");
            assert!(left.iter().any(|problem| problem.ends_with(&said)), "{to}: {said} in {left:?}");
            let all = [keys(&migration), left, migration.differences].concat().join("\n");
            assert!(!all.contains("Xq7s"), "{to}: {all}");
        }
    }
}

#[test]
fn one_module_is_taken_and_no_other_is_guessed() {
    let two = BLOCK.replace("\"tanets\"", "\"other\"") + BLOCK;
    let vpc = "module \"vpc\" {\n  source = \"./vpc\"\n}\n";
    for (files, module, told) in [
        (
            &[("main.tf", two.as_str())][..],
            None,
            Err(
                "more than one of the modules may be meant: module.other in main.tf:2, module.tanets in main.tf:18",
            ),
        ),
        (&[("main.tf", two.as_str())], Some("other"), Ok("module.other in main.tf:2")),
        (&[("main.tf", BLOCK), ("a.tf", vpc)], None, Ok("module.tanets in main.tf:2")),
        (&[("a.tf", vpc)], None, Err("none of the modules is the old one: module.vpc in a.tf:1")),
        (
            &[("main.tf", BLOCK)],
            Some("x"),
            Err("none of the modules is the old one: module.tanets in main.tf:2"),
        ),
        (&[], None, Err("none of the modules is the old one: there is no module here")),
        (
            &[("main.tf", "module \"tanets\" {\n  source = \n}")],
            None,
            Err("main.tf:2:12: isn't Terraform's language: invalid expression; expected"),
        ),
        (
            &[("main.tf", BLOCK), ("terraform.tfvars", "a = 1\nb = var.a\n")],
            None,
            Err("terraform.tfvars:2:5: isn't Terraform's language: a file of values has values only"),
        ),
        (
            &[("main.tf", BLOCK), ("terraform.tfvars.json", "{\n\"b\": }")],
            None,
            Err("terraform.tfvars.json:2:6: isn't Terraform's language: not an object of JSON"),
        ),
    ] {
        let outcome = read(files, &[], module);
        match (&outcome, told) {
            (Ok(migration), Ok(source)) => assert_eq!(migration.source, source),
            (Err((error, _)), Err(told)) => {
                assert!(error.starts_with(&format!("cannot take over the old module: {told}")), "{error}");
            }
            _ => panic!("{outcome:?} and not {told:?}"),
        }
    }
    let gone = Failure::from(Folder::read(Path::new("/nowhere/at/all"), &|_| None).unwrap_err());
    assert_eq!(gone.causes()[0], "cannot read /nowhere/at/all");
}

#[test]
fn a_placeholder_is_no_secret_and_a_webhook_in_a_query_is() {
    let block = |webhook: &str, kibana: &str| {
        let own = "https://hooks.slack.com/services/T0/B0/Xq7sEcReTwEbHoOkToKeN";
        BLOCK.replace(own, webhook).replace("kibana.hoge", kibana)
    };
    for (webhook, kibana, is_taken) in [
        ("https://example.com", "https://kibana.example.com", true),
        ("x", "https://kibana.example.com", true),
        ("https://chat.example.com/hooks/1", "https://k.example.com/?u=chat.example.com%2Fhooks%2F1", false),
        ("https://chat.example.com/hooks/1", "https://k.example.com/?u=hooks.slack.com%2Fservices", false),
    ] {
        let migration = read(&[("main.tf", &block(webhook, kibana))], &[], None).unwrap();
        let taken = migration.draft.more.iter().any(|(key, _)| *key == "digest.kibana");
        assert_eq!(taken, is_taken, "{webhook} {kibana} {:?}", migration.left);
    }
}

#[test]
fn terraform_forgets_one_instance_and_no_other() {
    for (argument, address, is_known) in [
        ("for_each = toset([\"a\"])", "module.tanets[\"a\"]", true),
        ("for_each = { \"a b\" = data.x.y.z }", "module.tanets[\"a b\"]", true),
        ("for_each = toset([\"a\", \"b\"])", "module.tanets[\"KEY\"]", false),
        ("for_each = var.unknown", "module.tanets[\"KEY\"]", false),
        ("count = 1 > 0 ? 1 : 0", "module.tanets[0]", true),
        ("count = 2", "module.tanets[NUMBER]", false),
        ("count = var.unknown", "module.tanets[NUMBER]", false),
    ] {
        let block = BLOCK.replacen("  name ", &format!("  {argument}\n  name "), 1);
        let migration = read(&[("main.tf", &block)], &[], None).unwrap();
        assert_eq!(migration.addresses, [address], "{argument}");
        // Of one alone there is nothing to tell.
        let told = migration.left.first().and_then(|problem| problem.hint.as_deref());
        assert_eq!(told.is_none(), is_known, "{argument}");
        assert!(told.is_none_or(|hint| hint.contains(address)), "{argument}");
    }
}

#[test]
fn a_copy_of_the_module_that_is_applied_itself_is_read_by_its_variables() {
    let variables = "variable \"name\" {\n  default = \"tanets\"\n}\nvariable \"notify_schedule\" {\n  default = \"rate(1 day)\"\n}\n\
        variable \"environment\" {\n  type = \"map\"\n  default = {\n    ES_ENDPOINT = \"\"\n  }\n}\n";
    let main = "module \"iam\" {\n  source = \"./modules/iam\"\n}\nmodule \"lambda\" {\n  source = \"./modules/lambda\"\n}\n";
    let values = "name = \"digest\"\nenvironment = {\n  ES_ENDPOINT = \"es.hoge\"\n  ES_INDEXES = \"a\"\n  ERROR_LEVEL = \"Fatal\"\n}\n";
    let files = [("main.tf", main), ("variables.tf", variables), ("terraform.tfvars", values)];
    let migration = read(&files, &[], None).unwrap();
    assert_eq!(migration.addresses, ["module.iam", "module.lambda"]);
    assert_eq!(problems(&migration.unknown), Vec::<String>::new());
    let keys = keys(&migration);
    for key in ["name = \"digest\"", "schedule = \"rate(1 day)\"", "endpoint = \"es.hoge\""] {
        assert!(keys.iter().any(|known| known == key), "{key} in {keys:?}");
    }
}

#[test]
fn only_the_differences_that_apply_are_told() {
    let told = |from: &str, to: &str| {
        read(&[("main.tf", &BLOCK.replacen(from, to, 1))], &[], None).unwrap().differences.join("\n")
    };
    for (from, to, said, unsaid) in [
        ("", "", "`hoge-*` was read letter by letter, and its `*` counted every index", "ES_INDEXIS"),
        ("hoge-*", "a-*,b-*", "2 times in all. Now searched: `a-*` and `b-*`.", "so on"),
        ("hoge-*", "hoge", "as the index `h` and so on", "every index"),
        ("ES_INDEXES ", "ES_INDEXIS ", "`ES_INDEXIS` is the article's spelling", "Lucene"),
        ("Fatal,Warning", "Fatal", "through 24, rounded down", "Total:"),
        ("\"h\"", "\"s\"", "through 86,400", "still does"),
        ("\"h\"", "\"d\"", "`UNIT_OF_TIME = \"d\"` meant `h`", "86,400"),
        (
            "Fatal,Warning",
            "Out of memory,[E]",
            "`Out of memory` and `[E]` used to be read in Lucene's",
            "many",
        ),
        ("\"es.hoge\"", "\"search-l-1.eu-west-1.es.amazonaws.com\"", "in UTC", "were signed"),
        ("\"ログ情報お知らせちゃん\"", "\"a\\nb\"", "`SLACK_CHANNEL`: kept", "`USER_NAME`"),
        ("hoge-*", "Hoge-*", "`Hoge-*` was read letter by letter", "Now searched"),
        ("\"es.hoge\"", "\"not an address\"", "in UTC", "were signed"),
        ("\"ops\"", "\"\"", "Without `SLACK_CHANNEL` the function posted nothing", "`SLACK_CHANNEL` and"),
    ] {
        let told = told(from, to);
        assert!(told.contains(said), "{to}: {said} in {told}");
        assert!(!told.contains(unsaid), "{to}: {unsaid} in {told}");
    }
}
