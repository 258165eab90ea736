//! Each way in which Terraform gets a value, and what stands in tanets.toml then.

use super::*;

#[test]
fn values_come_by_the_ways_that_terraform_has() {
    let endpoint = |value: &str| BLOCK.replace("\"es.hoge\"", value);
    let variable = "variable \"es\" {\n  type = string\n  default = \"default.hoge\"\n}\n";
    let tfvars = ("terraform.tfvars", "es = \"tfvars.hoge\"");
    let of_env = [("TF_VAR_es", "env.hoge")];
    let merged = "merge(local.common, { ES_ENDPOINT = \"es.hoge\" })";
    let common = "locals {\n  common = {\n    ES_INDEXES = \"a,b\"\n    ES_ENDPOINT = \"x\"\n    ERROR_LEVEL = \"Fatal\"\n  }\n}";
    let map = &BLOCK[BLOCK.find("{\n    SLACK").unwrap()..BLOCK.rfind("\n}").unwrap()];
    type Files<'a> = Vec<(&'a str, String)>;
    let main = |text: String| -> Files<'_> { vec![("main.tf", text)] };
    let with = |mut files: Files<'static>, more: &[(&'static str, &str)]| -> Files<'static> {
        files.extend(more.iter().map(|(name, text)| (*name, (*text).to_owned())));
        files
    };
    let by_variable = || with(main(endpoint("var.es")), &[("variables.tf", variable)]);
    let json = ("b.auto.tfvars.json", r#"{"es": "json.hoge"}"#);
    for (what, files, env, line) in [
        ("a default", by_variable(), &[][..], "endpoint = \"default.hoge\""),
        ("the environment goes before it", by_variable(), &of_env, "endpoint = \"env.hoge\""),
        (
            "terraform.tfvars before that",
            with(by_variable(), &[tfvars]),
            &of_env,
            "endpoint = \"tfvars.hoge\"",
        ),
        (
            "*.auto.tfvars before that",
            with(by_variable(), &[tfvars, ("a.auto.tfvars", "es = \"auto.hoge\"")]),
            &of_env,
            "endpoint = \"auto.hoge\"",
        ),
        (
            "the later of them first",
            with(by_variable(), &[json, ("a.auto.tfvars", "es = \"auto.hoge\"")]),
            &[],
            "endpoint = \"json.hoge\"",
        ),
        (
            "other files of values not at all",
            with(by_variable(), &[("prod.tfvars", "es = \"x\"")]),
            &[],
            "endpoint = \"default.hoge\"",
        ),
        (
            "as old versions write it",
            with(main(endpoint("\"${var.es}\"")), &[("variables.tf", variable)]),
            &[],
            "endpoint = \"default.hoge\"",
        ),
        (
            "a template",
            with(main(endpoint("\"https://${var.es}:443\"")), &[("v.tf", variable)]),
            &[],
            "endpoint = \"https://default.hoge:443\"",
        ),
        ("a condition", main(endpoint("1 > 2 ? \"a\" : \"b.hoge\"")), &[], "endpoint = \"b.hoge\""),
        (
            "a local of a variable",
            main(endpoint("local.es") + variable + "locals {\n  es = local.it\n  it = var.es\n}"),
            &[],
            "endpoint = \"default.hoge\"",
        ),
        (
            "a heredoc",
            main(BLOCK.replace("\"Fatal,Warning\"", "<<EOT\nFatal, Error\nEOT")),
            &[],
            "levels = [\"Fatal\", \"Error\"]",
        ),
        (
            "a list",
            main(BLOCK.replace("\"Fatal,Warning\"", "[\"Fatal\", \"Error\"]")),
            &[],
            "levels = [\"Fatal\", \"Error\"]",
        ),
        (
            "a function",
            main(BLOCK.replace("\"Fatal,Warning\"", "join(\",\", [\"Fatal\", \"Error\"])")),
            &[],
            "levels = [\"Fatal\", \"Error\"]",
        ),
        (
            "the article's spelling",
            main(BLOCK.replace("ES_INDEXES ", "ES_INDEXIS ")),
            &[],
            "indexes = [\"hoge-*\"]",
        ),
        (
            "before which the right one goes",
            main(BLOCK.replace("ES_INDEXES ", "ES_INDEXIS = \"no\"\n ES_INDEXES ")),
            &[],
            "indexes = [\"hoge-*\"]",
        ),
        ("a map that is merged", main(BLOCK.replace(map, merged) + common), &[], "indexes = [\"a\", \"b\"]"),
        ("its later part first", main(BLOCK.replace(map, merged) + common), &[], "endpoint = \"es.hoge\""),
        (
            "a name that is computed",
            main(BLOCK.replace("ERROR_LEVEL ", "(local.key)") + "locals {\n  key = \"ERROR_LEVEL\"\n}"),
            &[],
            "levels = [\"Fatal\", \"Warning\"]",
        ),
        (
            "a name in parentheses",
            main(BLOCK.replace("ERROR_LEVEL ", "(\"ERROR_LEVEL\")")),
            &[],
            "levels = [\"Fatal\", \"Warning\"]",
        ),
        ("a file with a byte order mark", main(format!("\u{feff}{BLOCK}")), &[], "endpoint = \"es.hoge\""),
        (
            "no hidden file",
            with(
                main(BLOCK.to_owned()),
                &[("._main.tf", "\0"), (".old.tf.json", ""), (".a_override.tf", "")],
            ),
            &[],
            "endpoint = \"es.hoge\"",
        ),
        (
            "a map of the environment",
            main(BLOCK.replace(map, "var.all") + "variable \"all\" {\n  type = map(string)\n}"),
            &[("TF_VAR_all", "{ ES_ENDPOINT = \"map.hoge\", ES_INDEXES = \"a\", ERROR_LEVEL = \"Fatal\" }")],
            "endpoint = \"map.hoge\"",
        ),
        (
            "a block of Terraform 0.11",
            main(BLOCK.replace("environment = {", "environment {")),
            &[],
            "endpoint = \"es.hoge\"",
        ),
        ("the module's own name", main(BLOCK.replace("  name ", "  # name ")), &[], "name = \"tanets\""),
        ("a plain `${`", main(BLOCK.replace("\"ops\"", "\"$${ops}\"")), &[], "channel = \"$${ops}\""),
        (
            "the provider's region",
            main(BLOCK.to_owned() + "provider \"aws\" {\n  region = \"eu-west-1\"\n}"),
            &[],
            "region = \"eu-west-1\"",
        ),
        (
            "that of another provider",
            main(
                BLOCK.replace("  name ", "  providers = { aws = aws.far }\n  name ")
                    + "provider \"aws\" {\n  region = \"eu-west-1\"\n}\n"
                    + "provider \"aws\" {\n  alias = \"far\"\n  region = \"us-east-1\"\n}",
            ),
            &[],
            "region = \"us-east-1\"",
        ),
        (
            "the parameter that keeps the webhook",
            main(
                BLOCK.replace(
                    "\"https://hooks.slack.com/services/T0/B0/Xq7sEcReTwEbHoOkToKeN\"",
                    "data.aws_ssm_parameter.hook.value",
                ) + "data \"aws_ssm_parameter\" \"hook\" {\n  name = \"/logs/hook\"\n}",
            ),
            &[],
            "webhook = \"ssm:/logs/hook\"",
        ),
        (
            "the secret that keeps the endpoint",
            main(
                endpoint("aws_secretsmanager_secret_version.es.secret_string")
                    + "resource \"aws_secretsmanager_secret_version\" \"es\" {\n  secret_id = \"logs/es\"\n}",
            ),
            &[],
            "endpoint = \"secretsmanager:logs/es\"",
        ),
    ] {
        let files = Vec::from_iter(files.iter().map(|(name, text)| (*name, text.as_str())));
        let migration = read(&files, env, None).unwrap_or_else(|error| panic!("{what}: {error:?}"));
        assert!(keys(&migration).iter().any(|key| key == line), "{what}: {:#?}", keys(&migration));
        assert_eq!(problems(&migration.unknown), Vec::<String>::new(), "{what}");
        assert!(!problems(&migration.left).iter().any(|left| left.contains("isn't read")), "{what}");
    }
}

#[test]
fn what_is_known_of_a_map_is_taken_beside_what_is_not() {
    let map = &BLOCK[BLOCK.find("{\n    SLACK").unwrap()..BLOCK.rfind("\n}").unwrap()];
    let merged = BLOCK.replace(map, &format!("merge({map}, data.aws_x.more.map)"));
    let migration = read(&[("main.tf", &merged)], &[], None).unwrap();
    let known = read(&[("main.tf", BLOCK)], &[], None).unwrap();
    assert_eq!(keys(&migration), keys(&known));
    let told = problems(&migration.unknown);
    assert!(told[0].contains("environment: `data.aws_x.more.map` isn't known without Terraform"), "{told:?}");
    assert_eq!(told.len(), 1);
}

#[test]
fn a_folder_with_a_files_name_is_no_file() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("old.tf")).unwrap();
    fs::write(folder.path().join("main.tf"), BLOCK).unwrap();
    let read = Folder::read(folder.path(), &|_| None).unwrap();
    assert!(migrate(&read, None, None, &|_| None).is_ok() && read.unread.is_empty());
}
