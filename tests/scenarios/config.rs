//! tanets.toml as the binary tells of it: valid, invalid, for people and for programs.

use insta::assert_snapshot;
use tempfile::TempDir;

use crate::world::{CONFIG, Run, SECRET, binary, run};

fn check(config: &str, arguments: &[&str]) -> Run {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("tanets.toml"), config).expect("tanets.toml");
    run(binary(folder.path(), &[&["check"], arguments].concat()))
}

#[test]
fn a_valid_file_says_when_the_digest_comes_and_what_it_covers() {
    let config =
        CONFIG.replace("ARCHITECTURE", "arm64").replace("cron(15 1 * * ? *)", "cron(15 1 29 2 ? 2028-2040)");
    let ended = check(&config, &[]);
    assert_eq!(ended.code, 0, "{ended:#?}");
    assert_snapshot!(ended.stdout, @"
    NAME is valid.
    Next runs of cron(15 1 29 2 ? 2028-2040):
      Tue 2028-02-29 10:15 JST  02-29 01:15 UTC  covers Mon 2028-02-28
      Sun 2032-02-29 10:15 JST  02-29 01:15 UTC  covers Sat 2032-02-28
      Fri 2036-02-29 10:15 JST  02-29 01:15 UTC  covers Thu 2036-02-28
      Wed 2040-02-29 10:15 JST  02-29 01:15 UTC  covers Tue 2040-02-28
    ");
}

#[test]
fn every_mistake_is_told_at_once_with_its_place() {
    let config = CONFIG
        .replace("ARCHITECTURE", "arm64")
        .replace("cron(15 1 * * ? *)", "15 1 * * *")
        .replace("levels ", "level  ")
        .replace("= 128", "= 64")
        .replace("Asia/Tokyo", "Asia/Tokio");
    let ended = check(&config, &[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (3, ""));
    for told in ["tanets.toml:3:", "schedule", "did you mean `levels`", "memory", "128", "Asia/Tokyo"] {
        assert!(ended.stderr.contains(told), "{told} in {}", ended.stderr);
    }
}

#[test]
fn a_wrong_webhook_is_refused_without_being_shown() {
    let config = CONFIG.replace("ARCHITECTURE", "arm64").replace("http://127.0.0.1:1/", "hooks.slack.com/");
    assert!(config.contains(SECRET));
    // `run` requires that the secret is in no output.
    assert_eq!(check(&config, &[]).code, 3);
    assert_eq!(check(&config, &["-o", "json"]).code, 3);
}
