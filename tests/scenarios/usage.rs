//! The command line itself: usage errors, help, confirmation without a terminal.

use jiff::civil::date;
use tanets_sandbox::corpus::Corpus;
use tanets_sandbox::require_peer;
use tempfile::TempDir;

use crate::digest::Digest;
use crate::output::types;
use crate::world::{CONFIG, Emulator, World, binary, run};

#[test]
fn wrong_usage_is_64_because_2_means_changes() {
    let folder = TempDir::new().expect("a folder");
    for arguments in [&["deplyo"][..], &["plan", "--no-such-flag"], &[], &["plan", "-q", "-v"]] {
        assert_eq!(run(binary(folder.path(), arguments)).code, 64, "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["deploy", "--help"], &["--version"]] {
        assert_eq!(run(binary(folder.path(), arguments)).code, 0, "{arguments:?}");
    }
}

#[test]
fn wrong_usage_is_a_line_of_json_for_programs() {
    let folder = TempDir::new().expect("a folder");
    for arguments in [&["schedule", "bad", "-o", "json"][..], &["plan", "--no-such-flag", "--output=json"]] {
        let ended = run(binary(folder.path(), arguments));
        assert_eq!((ended.code, ended.stderr.as_str(), types(&ended)), (64, "", vec!["error".to_owned()]));
        assert_eq!(ended.lines()[0]["exit_code"], 64);
    }
    let help = run(binary(folder.path(), &["schedule", "--help", "-o", "json"]));
    assert!(help.code == 0 && help.stdout.starts_with("Explains a schedule"), "{help:#?}");
}

#[test]
fn a_secret_typed_where_no_flag_takes_it_is_never_shown() {
    let folder = TempDir::new().expect("a folder");
    let webhook = "https://hooks.slack.com/services/T0/B0/Xq7sEcReTwEbHoOkToKeN";
    for verb in ["set", "check"] {
        for more in [&[][..], &["-o", "json"]] {
            let ended = run(binary(folder.path(), &[&["secret", verb, "/x", webhook], more].concat()));
            assert_eq!(ended.code, 64, "{ended:#?}");
            let told = ended.stdout + &ended.stderr;
            assert!(told.contains("'(sensitive)'") && !told.contains("hooks.slack.com"), "{told}");
        }
    }
}

#[test]
fn the_long_version_names_the_commit_and_the_functions_inside() {
    let folder = TempDir::new().expect("a folder");
    let version = env!("CARGO_PKG_VERSION");
    let short = run(binary(folder.path(), &["-V"]));
    assert_eq!(short.stdout, format!("tanets {version}\n"));
    // Tests run a plain build.
    let long = run(binary(folder.path(), &["--version"]));
    let told = "commit    unknown, not a release build\nfunction  none inside\n";
    assert_eq!(long.stdout, format!("tanets {version}\n{told}"));
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_read_or_done() {
    let folder = TempDir::new().expect("a folder");
    for command in ["deploy", "destroy"] {
        // There isn't even a tanets.toml here: the answer comes before any look.
        let ended = run(binary(folder.path(), &[command]));
        assert_eq!(ended.code, 5);
        assert!(ended.stderr.contains("add `--yes`"), "{}", ended.stderr);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_no_success() {
    let folder = TempDir::new().expect("a folder");
    for arguments in [&["schema"][..], &["completions", "bash"], &["schedule", "rate(1 day)", "-o", "json"]] {
        let mut command = binary(folder.path(), arguments);
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
        let ended = command.stdout(full).output().expect("the binary runs");
        let told = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {told}");
        assert!(told.contains("cannot write to standard output"), "{arguments:?}: {told}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_that_nobody_takes_any_more_is_not_followed() {
    let digest = require_peer!(Digest::new("Asia/Tokyo"));
    digest.fill(date(2018, 12, 8), date(2018, 12, 9), &Corpus::mappings());
    digest.deploy(&format!("\"{}-app-*\"", digest.prefix));
    digest.world.succeed(&["invoke", "--date", "2018-12-09"]);
    let mut follow = digest.world.command(&["logs", "-f"]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    assert_eq!(follow.stdout(full).output().expect("it ends").status.code(), Some(1));
}

#[test]
fn a_region_is_held_against_the_same_rule_as_the_files() {
    let folder = TempDir::new().expect("a folder");
    for command in ["policy", "plan", "check"] {
        let ended = run(binary(folder.path(), &[command, "--region", "nope"]));
        assert_eq!((ended.code, ended.stdout.as_str()), (64, ""));
        let words = "must be a region such as \"ap-northeast-1\", not `nope`";
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
}

#[test]
fn a_policy_takes_no_environment_for_gitlab_and_no_other_account_than_the_files() {
    let folder = TempDir::new().expect("a folder");
    let gitlab = ["policy", "--gitlab", "acme/logs", "--environment", "production"];
    let ended = run(binary(folder.path(), &gitlab));
    assert_eq!(ended.code, 64);
    let words = "'--gitlab <GROUP/PROJECT>' cannot be used with '--environment <NAME>'";
    assert!(ended.stderr.contains(words), "{}", ended.stderr);

    let config = CONFIG.replace("ARCHITECTURE", "arm64");
    std::fs::write(folder.path().join("tanets.toml"), format!("account = \"210987654321\"\n{config}"))
        .expect("tanets.toml");
    let other = ["policy", "--account", "123456789012", "--region", "ap-northeast-1"];
    let ended = run(binary(folder.path(), &other));
    assert_eq!(ended.code, 4);
    let words = "`--account` is 123456789012, and `account` in the configuration is 210987654321";
    assert!(ended.stderr.contains(words), "{}", ended.stderr);
    assert!(!ended.stderr.contains("--profile"), "{}", ended.stderr);
}

#[test]
fn a_missing_configuration_says_where_it_was_looked_for() {
    let folder = TempDir::new().expect("a folder");
    let ended = run(binary(folder.path(), &["check", "-c", "elsewhere/tanets.toml"]));
    assert_eq!(ended.code, 3);
    assert!(ended.stderr.contains("elsewhere/tanets.toml"), "{}", ended.stderr);
    assert!(ended.stderr.contains("hint: "), "{}", ended.stderr);
}

#[test]
fn whoever_has_no_credentials_is_refused_alike_by_each_command() {
    let world = require_peer!(World::new(Emulator::Moto));
    for arguments in
        [&["plan"][..], &["status"], &["logs"], &["invoke"], &["doctor"], &["secret", "check", "/tanets/x"]]
    {
        let mut command = world.command(arguments);
        command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        let ended = run(command);
        assert_eq!(ended.code, 4, "{arguments:?}: {ended:#?}");
        assert!(ended.stderr.contains("no credentials in environment, profile"), "{}", ended.stderr);
    }
}

#[test]
fn each_commands_help_has_an_example_of_it() {
    let folder = TempDir::new().expect("a folder");
    let help = run(binary(folder.path(), &["--help"])).stdout;
    let (_, commands) = help.split_once("Commands:\n").expect("the commands");
    let listed = commands.lines().take_while(|line| !line.is_empty());
    let verbs =
        listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|verb| !verb.is_empty()));
    let verbs = Vec::from_iter(verbs.filter(|verb| *verb != "help"));
    assert!(verbs.len() > 12, "{verbs:?}");
    for verb in verbs {
        let help = run(binary(folder.path(), &[verb, "--help"])).stdout;
        let (_, examples) =
            help.split_once("\nExample").unwrap_or_else(|| panic!("{verb} --help has no example"));
        assert!(examples.contains(&format!("\n  tanets {verb}")), "{verb}: {examples}");
    }
}
