//! `tanets preview` without any peer: invented counts, in each of its forms.

use serde_json::Value;
use tempfile::TempDir;

use crate::output::types;
use crate::world::{Run, SECRET, binary, run};

/// Runs the binary where only a tanets.toml is: no account, no cluster, no credentials.
fn preview(folder: &TempDir, arguments: &[&str]) -> Run {
    let config = format!(
        "name = \"digest\"\nschedule = \"rate(1 day)\"\n[elasticsearch]\nendpoint = \"http://127.0.0.1:1\"\n\
         indexes = [\"app-*\"]\n[slack]\nwebhook = \"http://127.0.0.1:1/services/T0/B0/{SECRET}\"\n[digest]\n\
         levels = [\"Fatal\", \"Warning\"]\nlanguage = \"en\"\n"
    );
    std::fs::write(folder.path().join("tanets.toml"), config).expect("tanets.toml");
    run(binary(folder.path(), &[&["preview"], arguments].concat()))
}

#[test]
fn a_sample_needs_neither_cluster_nor_account() {
    let folder = TempDir::new().expect("a folder");
    let drawn = preview(&folder, &["--sample", "--date", "2026-11-20"]);
    assert_eq!(drawn.code, 0, "{drawn:#?}");
    for text in ["Friday, November 20, 2026", "Fatal: ", "Total: "] {
        assert!(drawn.stdout.contains(text), "{text}: {}", drawn.stdout);
    }
    assert!(drawn.stderr.contains("All counts are invented; nothing was posted."), "{}", drawn.stderr);
    assert!(!drawn.stdout.contains('\u{1b}'), "no colour off a terminal");

    let payload = preview(&folder, &["--sample", "--date", "2026-11-20", "--json"]);
    let payload: Value = serde_json::from_str(&payload.stdout).expect("the payload alone");
    assert!(payload["blocks"].is_array() && payload["text"].is_string(), "{payload}");

    let line = preview(&folder, &["--sample", "--date", "2026-11-20", "-o", "json", "-q"]);
    assert_eq!(types(&line).last().map(String::as_str), Some("preview"));
    assert_eq!(line.lines().pop().expect("a line")["payload"], payload);

    preview(&folder, &["--sample", "--html", "digest.html"]);
    let page = std::fs::read_to_string(folder.path().join("digest.html")).expect("the page");
    assert!(page.starts_with("<!doctype html>") && page.contains("invented for a preview"), "{page}");
}

#[test]
fn before_there_is_a_configuration_a_sample_shows_the_message_of_inits_examples() {
    let folder = TempDir::new().expect("a folder");
    let drawn = run(binary(folder.path(), &["preview", "--sample", "--date", "2026-11-20"]));
    assert_eq!(drawn.code, 0, "{drawn:#?}");
    assert!(drawn.stdout.contains("Error: ") && drawn.stdout.contains("2026年11月20日"), "{}", drawn.stdout);
    let told = "tanets.toml: is not here, so the message is made for the examples of `tanets init`";
    assert!(drawn.stderr.contains(told), "{}", drawn.stderr);
    for named in [&["preview", "--sample", "-c", "prod/tanets.toml"][..], &["preview"], &["plan"]] {
        let missing = run(binary(folder.path(), named));
        assert_eq!(missing.code, 3, "{missing:#?}");
        assert!(missing.stderr.contains("write one with `tanets init`"), "{}", missing.stderr);
    }
}

#[test]
fn slacks_builder_is_opened_in_the_browser_or_its_address_given() {
    let folder = TempDir::new().expect("a folder");
    preview(&folder, &["--sample"]);
    let mut command = binary(folder.path(), &["preview", "--sample", "--open"]);
    // Without a PATH nothing can be started.
    command.env("PATH", "");
    let ended = run(command);
    assert_eq!(ended.code, 0, "{ended:#?}");
    assert!(ended.stderr.contains("https://app.slack.com/block-kit-builder/#%7B%22blocks%22"), "{ended:#?}");
}

#[test]
fn a_preview_that_cannot_be_made_says_why_and_what_else_shows_a_message() {
    let folder = TempDir::new().expect("a folder");
    let unreachable = preview(&folder, &[]);
    assert_eq!(unreachable.code, 1, "{unreachable:#?}");
    for text in ["cannot be counted", "hint: a cluster in a VPC is reached only from there", "--sample"] {
        assert!(unreachable.stderr.contains(text), "{text}: {}", unreachable.stderr);
    }
    assert_eq!(preview(&folder, &["--sample", "--date", "2999-01-01"]).code, 1);
    let unwritable = preview(&folder, &["--sample", "--html", "nowhere/digest.html"]);
    assert_eq!(unwritable.code, 1);
    assert!(unwritable.stderr.contains("cannot write nowhere/digest.html"), "{}", unwritable.stderr);
    for wrong in [&["--date", "20-11-2026"][..], &["--date", "2026-11-20T00:00"], &["--sample", "--post"]] {
        assert_eq!(preview(&folder, wrong).code, 64, "{wrong:?}");
    }
}
