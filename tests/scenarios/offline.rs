//! The commands that ask AWS for nothing.

use insta::assert_snapshot;
use tempfile::TempDir;

use crate::output::types;
use crate::world::{CONFIG, binary, run};

#[test]
fn a_schedule_is_told_in_words_and_with_its_next_times() {
    let folder = TempDir::new().expect("a folder");
    let tanets = |arguments: &[&str]| run(binary(folder.path(), &[&["schedule"], arguments].concat()));
    let leap_days = "cron(0 9 29 2 ? 2028-2036)";
    let berlin = tanets(&[leap_days, "--timezone", "Europe/Berlin", "-n", "2"]);
    assert_eq!((berlin.code, berlin.stderr.as_str()), (0, ""));
    assert_snapshot!(berlin.stdout, @"
    Fires at 09:00 UTC, on day 29 of February, in 2028 to 2036.

    Next runs of cron(0 9 29 2 ? 2028-2036):
      Tue 2028-02-29 10:00 CET  02-29 09:00 UTC  covers Mon 2028-02-28
      Sun 2032-02-29 10:00 CET  02-29 09:00 UTC  covers Sat 2032-02-28
    ");
    assert!(tanets(&[leap_days]).stdout.contains("2028-02-29 09:00 UTC"));
    // When clocks change depends on the day of the test.
    let daily = tanets(&["cron(0 9 * * ? *)", "--timezone", "Europe/Berlin"]);
    let (_, clocks) = daily.stdout.split_once("\nThe schedule").expect("what the clocks do");
    assert!(clocks.contains("Europe/Berlin change, the same runs come 1h "), "{clocks}");

    // The file's schedule, and the file's time zone for any other; a `--timezone` goes before it.
    std::fs::write(folder.path().join("tanets.toml"), CONFIG.replace("ARCHITECTURE", "arm64"))
        .expect("tanets.toml");
    for (arguments, said) in [
        (&[][..], " 10:15 JST"),
        (&[leap_days], "Tue 2028-02-29 18:00 JST"),
        (&["--timezone", "UTC"], " 01:15 UTC"),
    ] {
        let ended = tanets(arguments);
        assert_eq!(ended.code, 0, "{ended:#?}");
        assert!(ended.stdout.contains(said), "{said} in {}", ended.stdout);
        assert_eq!(types(&tanets(&[arguments, &["-o", "json"]].concat())), ["schedule"]);
    }

    let wrong = tanets(&["15 1 * * *"]);
    assert_eq!(wrong.code, 64);
    assert!(
        wrong.stderr.contains("hint: as EventBridge writes it: `cron(15 1 * * ? *)`"),
        "{}",
        wrong.stderr
    );
    let past = tanets(&["cron(0 0 1 1 ? 2020)"]);
    assert!(past.stdout.contains("never fires again"), "{}", past.stdout);
}

#[test]
fn completions_man_pages_and_the_schema_are_printed_as_they_are() {
    let folder = TempDir::new().expect("a folder");
    let tanets = |arguments: &[&str]| {
        let ended = run(binary(folder.path(), arguments));
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{arguments:?}");
        ended
    };
    assert!(tanets(&["completions", "bash"]).stdout.contains("complete -F _tanets"));
    assert!(tanets(&["man"]).stdout.contains(".TH tanets 1"));
    let schema = tanets(&["schema"]).stdout;
    assert_eq!(schema, include_str!("../../deployer/tanets.schema.json"));
    for arguments in [&["completions", "fish"][..], &["man"], &["schema"]] {
        assert_eq!(types(&tanets(&[arguments, &["-o", "json"]].concat())), ["document"]);
    }

    tanets(&["man", "--dir", "share/man1"]);
    assert!(folder.path().join("share/man1/tanets-deploy.1").is_file());
    let refused = run(binary(folder.path(), &["man", "--dir", "share/man1/tanets.1"]));
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("cannot write share/man1/tanets.1"), "{}", refused.stderr);
}

#[test]
fn init_writes_what_check_takes_and_never_over_a_file() {
    let folder = TempDir::new().expect("a folder");
    let tanets = |arguments: &[&str]| run(binary(folder.path(), arguments));
    let path = folder.path().join("tanets.toml");
    let some = ["init", "--name", "digest", "--schedule", "rate(1 day)", "--endpoint", "logs.example.com"];
    let all =
        [&some[..], &["--indexes", "app-*,web-*", "--levels", "Fatal", "--webhook", "ssm:/hook"]].concat();

    let unanswered = tanets(&some);
    assert_eq!(unanswered.code, 64);
    assert!(unanswered.stderr.contains("--indexes, --levels, --webhook"), "{}", unanswered.stderr);
    assert_eq!(tanets(&[&all[..], &["--region", "Tokyo"]].concat()).code, 64);
    let wrong = tanets(&[&all[..], &["--timezone", "Tokyo"]].concat());
    assert_eq!(wrong.code, 3);
    for said in ["--timezone: ", "did you mean \"Asia/Tokyo\"?"] {
        assert!(wrong.stderr.contains(said), "{said} in {}", wrong.stderr);
    }
    assert!(!wrong.stderr.contains("tanets.toml"), "{}", wrong.stderr);
    assert!(!path.exists(), "nothing is written of what is wrong");

    let written = tanets(&[&all[..], &["--timezone", "Asia/Tokyo"]].concat());
    assert_eq!(written.code, 0, "{written:#?}");
    assert!(written.stdout.contains("\n  tanets secret set  keep the webhook "), "{}", written.stdout);
    assert!(tanets(&["check"]).stdout.contains("digest is valid."));
    let text = std::fs::read_to_string(&path).expect("tanets.toml");
    assert!(text.starts_with("#:schema https://"), "{text}");

    let refused = tanets(&all);
    assert_eq!(refused.code, 4);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(std::fs::read_to_string(&path).expect("tanets.toml"), text);
    let forced = tanets(&[&all[..], &["--force", "-o", "json", "--region", "us-west-2"]].concat());
    assert_eq!((forced.code, types(&forced)), (0, vec!["written".to_owned()]));
    let text = std::fs::read_to_string(&path).expect("tanets.toml");
    assert!(text.contains("\nregion = \"us-west-2\"\n") && !text.contains("\ntimezone"), "{text}");
}

#[test]
fn what_the_terraform_files_do_not_tell_is_warned_of_without_a_terminal_too() {
    let folder = TempDir::new().expect("a folder");
    let block = r#"
module "tanets" {
  source      = "git::https://github.com/ryota548/tanets"
  environment = merge({ USER_NAME = "bob", SLACK_CHANNEL = "c" }, data.foo.bar.map)
}
provider "aws" {
  region = var.region
}
"#;
    std::fs::write(folder.path().join("main.tf"), block).expect("main.tf");
    let flags = ["--endpoint", "logs.example.com", "--indexes", "app-*", "--levels", "Fatal"];
    let init = [&["init", "--from-terraform", "."], &flags[..]].concat();
    let written = run(binary(folder.path(), &init));
    assert_eq!(written.code, 0, "{written:#?}");
    let told = "warning: ./main.tf:4: environment: `data.foo.bar.map` isn't known without Terraform";
    assert_eq!(written.stderr.matches(told).count(), 1, "{}", written.stderr);
    let text = std::fs::read_to_string(folder.path().join("tanets.toml")).expect("tanets.toml");
    assert!(text.contains("username = \"bob\"") && text.contains("channel = \"c\""), "{text}");
    assert!(written.stderr.contains("region: `var.region` isn't known"), "{}", written.stderr);

    let known = block.replace("var.region", "\"eu-west-1\"");
    for files in [block, &known] {
        std::fs::write(folder.path().join("main.tf"), files).expect("main.tf");
        let again = [&init[..], &["--region", "us-west-2", "--force"]].concat();
        let written = run(binary(folder.path(), &again));
        assert_eq!(written.code, 0, "{written:#?}");
        assert!(!written.stderr.contains("var.region"), "{}", written.stderr);
        let text = std::fs::read_to_string(folder.path().join("tanets.toml")).expect("tanets.toml");
        assert_eq!(text.matches("\nregion = \"us-west-2\"\n").count(), 1, "{text}");
        assert!(!text.contains("eu-west-1"), "{text}");
    }
}
