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
    // When clocks change depends on the day of the test.
    let (told, clocks) = berlin.stdout.split_once("\nThe schedule").expect("what the clocks do");
    assert!(clocks.contains("Europe/Berlin change, the same runs come 1h "), "{clocks}");
    assert_snapshot!(told, @"
    Fires at 09:00 UTC, on day 29 of February, in 2028 to 2036.

    Next runs of cron(0 9 29 2 ? 2028-2036):
      Tue 2028-02-29 10:00 CET  02-29 09:00 UTC  covers Mon 2028-02-28
      Sun 2032-02-29 10:00 CET  02-29 09:00 UTC  covers Sat 2032-02-28
    ");
    assert!(tanets(&[leap_days]).stdout.contains("2028-02-29 09:00 UTC"));

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
