//! Each key of tanets.toml, changed: the plan names exactly what differs, and the deploy heals it.

use tanets_sandbox::progress::to_stderr;
use tanets_sandbox::python::{Environment, FUNCTION};
use tanets_sandbox::require_peer;

use crate::world::{CONFIG, Emulator, Run, World, run};

/// What is replaced in the configuration, by what, and what the plan then changes.
type Change = (&'static str, &'static str, &'static [&'static str]);

const CHANGES: &[Change] = &[
    ("cron(15 1 * * ? *)", "rate(2 hours)", &["rule.schedule"]),
    ("[elasticsearch]", "enabled = false\n[elasticsearch]", &["rule.state"]),
    (
        "https://vpc-logs-x.",
        "https://vpc-logs-y.",
        &["role.inline_policy.tanets", "function.environment.ES_ENDPOINT"],
    ),
    ("[\"app-*\"]", "[\"app-*\", \"web\"]", &["function.environment.ES_INDEXES"]),
    ("\"message\"", "\"level\"", &["function.environment.ES_FIELD"]),
    ("\"@timestamp\"", "\"time\"", &["function.environment.ES_TIME_FIELD"]),
    ("\"auto\"", "\"none\"", &["role.inline_policy.tanets", "function.environment.ES_AUTH"]),
    (
        "\"auto\"",
        "\"basic\"\ncredentials = \"ssm:/es\"",
        &["role.inline_policy.tanets", "function.environment.ES_AUTH", "function.environment.ES_CREDENTIALS"],
    ),
    ("services/T0", "services/T1", &["function.environment.SLACK_WEBHOOK_URL"]),
    ("#ops", "#dev", &["function.environment.SLACK_CHANNEL"]),
    ("ログ情報", "エラー", &["function.environment.USER_NAME"]),
    ("[\"Fatal\", \"Warning\"]", "[\"Fatal\"]", &["function.environment.ERROR_LEVEL"]),
    ("per      = \"h\"", "per = \"m\"", &["function.environment.UNIT_OF_TIME"]),
    ("kibana   = \"https://kibana.example.com/\"\n", "", &["function.environment.KIBANA_URL"]),
    ("Asia/Tokyo", "America/New_York", &["function.environment.DIGEST_TIMEZONE"]),
    ("\"ja\"", "\"en\"", &["function.environment.DIGEST_LANGUAGE"]),
    ("\"subnet-0a1\", ", "", &["function.vpc.subnets"]),
    ("[\"sg-0d3\"]", "[\"sg-0d3\", \"sg-0d4\"]", &["function.vpc.security_groups"]),
    (
        "[vpc]\nsubnets         = [\"subnet-0a1\", \"subnet-0c2\"]\nsecurity_groups = [\"sg-0d3\"]\n",
        "",
        &[
            "role.managed_policy.arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole",
            "function.vpc.security_groups",
            "function.vpc.subnets",
        ],
    ),
    ("= 128", "= 256", &["function.memory"]),
    ("= 60", "= 90", &["function.timeout"]),
    ("= 30\n", "= 14\n", &["log_group.retention_days"]),
    (
        "[tags]",
        "kms_key = \"arn:aws:kms:ap-northeast-1:123456789012:key/11111111-2222-3333-4444-555555555555\"\n[tags]",
        &["role.inline_policy.tanets", "function.kms_key"],
    ),
    (
        "\"sre\"",
        "\"web\"",
        &["role.tags.team", "log_group.tags.team", "function.tags.team", "rule.tags.team"],
    ),
];

/// The changes in several stacks side by side: each waits for Lambda most of the time.
fn each_changed_key_is_planned_deployed_and_taken_back(emulator: Emulator) {
    std::thread::scope(|scope| {
        for changes in CHANGES.chunks(5) {
            let world = require_peer!(World::new(emulator));
            scope.spawn(move || change_each(&world, emulator, changes));
        }
    });
}

fn change_each(world: &World, emulator: Emulator, changes: &[Change]) {
    world.succeed(&["deploy", "--yes"]);
    for (from, to, expected) in changes {
        assert!(CONFIG.contains(from), "{from}");
        if matches!(emulator, Emulator::Moto) && to.contains("kms_key") {
            // Moto takes a new key for a function's environment and forgets it; MiniStack keeps it.
            continue;
        }
        world.write(&CONFIG.replacen(from, to, 1));
        assert_eq!(world.planned(), *expected, "{from} -> {to}");
        world.succeed(&["deploy", "--yes"]);
        world.assert_converged();
        world.write(CONFIG);
        if *from == "[elasticsearch]" {
            // A word about the state that is taken back leaves the state; only a word changes it.
            assert_eq!(world.planned(), Vec::<String>::new());
            world.write(&CONFIG.replacen(from, "enabled = true\n[elasticsearch]", 1));
        }
        world.succeed(&["deploy", "--yes"]);
        world.assert_converged();
    }
    world.succeed(&["destroy", "--yes"]);
}

#[test]
fn each_changed_key_is_deployed_on_ministack() {
    each_changed_key_is_planned_deployed_and_taken_back(Emulator::Ministack);
}

#[test]
fn each_changed_key_is_deployed_on_moto() {
    each_changed_key_is_planned_deployed_and_taken_back(Emulator::Moto);
}

#[test]
fn another_function_is_an_upload_and_the_same_one_is_none() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.succeed(&["deploy", "--yes"]);
    let bootstrap = world.folder().join("bootstrap");
    let mut binary = std::fs::read(&bootstrap).expect("the function");
    // Written again, with another date: the same package.
    std::fs::write(&bootstrap, &binary).expect("the function");
    world.assert_converged();
    binary.push(0);
    std::fs::write(&bootstrap, &binary).expect("the function");
    assert_eq!(world.planned(), ["function.code_sha256"]);
    let run = world.succeed(&["deploy", "--yes", "-vv"]);
    assert_eq!(run.writes(), ["UpdateFunctionCode"]);
    world.assert_converged();
}

#[test]
fn another_version_is_planned_by_name_and_the_tag_follows_the_code() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.succeed(&["deploy", "--yes"]);
    let bootstrap = world.folder().join("bootstrap");
    let mut binary = std::fs::read(&bootstrap).expect("the function");
    let (own, other) = (env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_VERSION").replace('0', "7"));
    let mark = format!("tanets-function version {own};");
    let at = binary.windows(mark.len()).position(|bytes| bytes == mark.as_bytes()).expect("the mark");
    let version = at + mark.len() - own.len() - 1;
    binary[version..][..own.len()].copy_from_slice(other.as_bytes());
    std::fs::write(&bootstrap, &binary).expect("another version");
    let plan = world.succeed(&["plan"]);
    assert!(plan.stdout.contains(&format!("(version {other}, ")), "{plan:#?}");
    let told = plan.stdout.lines().map(|line| Vec::from_iter(line.split_whitespace()).join(" "));
    assert!(told.collect::<Vec<_>>().contains(&format!("version {own} -> {other}")), "{plan:#?}");
    assert_eq!(world.planned(), ["function.code_sha256", "function.version"]);
    let run = world.succeed(&["deploy", "--yes", "-vv"]);
    assert_eq!(run.writes(), ["UpdateFunctionCode", "TagResource"]);
    world.assert_converged();
}

#[test]
fn without_a_package_the_function_of_the_checkout_is_built() {
    let world = require_peer!(World::new(Emulator::Moto));
    let tools = require_peer!(Environment::of(FUNCTION, &to_stderr));
    let sha256 = |run: Run| {
        assert_eq!(run.code, 0, "{run:#?}");
        let lines = run.lines();
        let plan = lines.iter().find(|line| line["type"] == "plan").expect("a plan");
        (plan["package"]["code_sha256"].clone(), plan["package"]["source"].clone())
    };
    let (given, _) = sha256(world.tanets(&["plan", "-o", "json"]));
    world.write(&CONFIG.replace("package            = \"PACKAGE\"\n", ""));
    let mut command = world.command(&["plan", "-o", "json"]);
    // The binary under target/ is near its checkout, wherever it is run.
    command.env("PATH", tools.path()).env("VIRTUAL_ENV", tools.folder());
    let (built, source) = sha256(run(command));
    assert!(
        source.as_str().is_some_and(|path| path.ends_with("target/lambda/bootstrap/bootstrap")),
        "{source}"
    );
    assert_eq!(built, given, "the same function, the same package");

    let mut command = world.command(&["plan"]);
    command.env("PATH", "");
    let without_cargo = run(command);
    assert_eq!(without_cargo.code, 1);
    assert!(without_cargo.stderr.contains("pip install cargo-lambda ziglang"), "{}", without_cargo.stderr);
}
