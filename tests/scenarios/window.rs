//! What people see in narrow and wide windows, with colour and without: a pseudo-terminal for all of it, and tmux, where it
//! is installed, for what a terminal makes of it.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use console::{measure_text_width, strip_ansi_codes};
use jiff::civil::date;
use serde_json::json;
use tanets_sandbox::corpus::Corpus;
use tanets_sandbox::require_peer;
use tempfile::TempDir;

use crate::digest::Digest;
use crate::terminal::typed_in;
use crate::world::{CONFIG, Emulator, World, binary, run};

const NARROW: u16 = 40;
const WIDE: u16 = 200;

/// A folder with a valid tanets.toml.
fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    // Without what is warned of: the same words on both streams have no order.
    let config = CONFIG
        .replace("ARCHITECTURE", "arm64")
        .replace("http://127.0.0.1:1/services/T0/B0/Xq7sEcReTwEbHoOkToKeN", "ssm:/tanets/slack-webhook")
        .replace("channel  = \"#ops\"\n", "")
        .replace("username = \"ログ情報お知らせちゃん\"\n", "");
    std::fs::write(folder.path().join("tanets.toml"), config).expect("tanets.toml");
    folder
}

/// Each line is within the window, but for a line that is one long word and lines of a file, which stay whole.
fn assert_fits(text: &str, columns: u16) {
    // Live lines go up and are written again.
    let text = text.replace("\u{1b}[1A", "\n").replace("\u{1b}[2K", "\n").replace("\r\n", "\n");
    let text = strip_ansi_codes(&text);
    // Each begins with its spinner.
    let is_spinner = |c: char| ('\u{2800}'..='\u{28ff}').contains(&c);
    for line in text.split(|c| c == '\n' || c == '\r' || is_spinner(c)) {
        let number = line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit());
        let whole = number.starts_with('|') || !line.trim().contains(' ');
        assert!(
            whole || measure_text_width(line) <= usize::from(columns),
            "wider than {columns}: {line:?} in\n{text}"
        );
    }
}

/// Letters alone: what is said, however it is folded.
fn said(text: &str) -> String {
    let text = strip_ansi_codes(text).into_owned();
    text.chars().filter(|c| !c.is_whitespace() && *c != '┃').collect()
}

#[test]
fn every_window_and_every_colour_say_the_same() {
    let folder = folder();
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["deploy", "--help"],
        &["init", "--help"],
        &["check"],
        &["schedule"],
        &["preview", "--sample", "--date", "2026-11-20", "-q"],
        &["check", "-c", "a/folder/that/is/not/there/tanets.toml"],
    ] {
        let apart = run(binary(folder.path(), arguments));
        let apart = if apart.stdout.is_empty() { apart.stderr } else { apart.stdout };
        assert!(!apart.contains('\u{1b}'), "no colour off a terminal: {apart}");
        for columns in [NARROW, WIDE] {
            let shown = |arguments: &[&str], env: &[(&str, &str)]| {
                let mut command = binary(folder.path(), arguments);
                command.env("TERM", "xterm-256color").envs(env.iter().copied());
                typed_in(columns, &command, &[]).stdout.replace("\r\n", "\n")
            };
            let coloured = shown(arguments, &[]);
            assert!(coloured.contains("\u{1b}["), "{arguments:?}: {coloured}");
            assert_fits(&coloured, columns);
            assert_eq!(said(&coloured), said(&apart), "{arguments:?} in {columns} columns");
            if columns == WIDE {
                // Help has at most 100 columns, here and there.
                assert_eq!(strip_ansi_codes(&coloured), apart, "{arguments:?}");
            }
            let never = [&["--color", "never"], arguments].concat();
            for plain in [
                shown(arguments, &[("NO_COLOR", "1")]),
                shown(arguments, &[("TERM", "dumb")]),
                shown(&never, &[]),
            ] {
                assert!(!plain.contains('\u{1b}'), "{arguments:?}: {plain:?}");
                assert_eq!(plain, strip_ansi_codes(&coloured), "{arguments:?}");
            }
        }
    }
}

#[test]
fn the_bar_of_a_message_stays_at_the_left_and_its_columns_below_each_other() {
    let folder = folder();
    for columns in [NARROW, WIDE] {
        let preview = binary(folder.path(), &["preview", "--sample", "--date", "2026-11-20", "-q"]);
        let shown = typed_in(columns, &preview, &[]).stdout;
        let shown = strip_ansi_codes(&shown).replace("\r\n", "\n");
        assert!(shown.lines().all(|line| line.starts_with("  ┃ ")), "{shown}");
        let rows = Vec::from_iter(shown.lines().filter(|line| line.contains(" │ ")));
        assert!(rows.len() > 2, "{shown}");
        let column = |row: &str| measure_text_width(row.split('│').next().unwrap_or_default());
        assert!(rows.iter().all(|row| column(row) == column(rows[0])), "{rows:#?}");
    }
}

#[test]
fn links_are_there_for_terminals_that_have_them_and_for_no_other() {
    let folder = folder();
    let shown = |env: &[(&str, &str)]| {
        let mut command = binary(folder.path(), &["preview", "--sample", "-q"]);
        command.env("TERM", "xterm-256color").envs(env.iter().copied());
        typed_in(WIDE, &command, &[]).stdout
    };
    let link = "\u{1b}]8;;https://kibana.example.com/\u{1b}\\";
    let linked = shown(&[("FORCE_HYPERLINK", "1")]);
    assert!(linked.contains(link), "{linked:?}");
    assert!(!strip_ansi_codes(&linked).contains("Kibana https://"), "{linked}");
    for env in [
        &[("FORCE_HYPERLINK", "0")][..],
        &[("FORCE_HYPERLINK", "1"), ("NO_COLOR", "1")],
        &[("FORCE_HYPERLINK", "1"), ("TERM", "dumb")],
    ] {
        let plain = shown(env);
        assert!(!plain.contains("\u{1b}]8"), "{env:?}: {plain:?}");
        assert!(strip_ansi_codes(&plain).contains("https://kibana.example.com/"), "{env:?}: {plain}");
    }
}

#[test]
fn a_whole_life_fits_a_narrow_and_a_wide_window() {
    let world = require_peer!(World::new(Emulator::Moto));
    let question = format!("({}): ", world.name);
    for columns in [NARROW, WIDE] {
        let shown = |arguments: &[&str], env: &[(&str, &str)], answers: &[(&str, &str)]| {
            let mut command = world.command(arguments);
            command.env("TERM", "xterm-256color").envs(env.iter().copied());
            let ended = typed_in(columns, &command, answers);
            assert_eq!(ended.code, 0, "{arguments:?}: {ended:#?}");
            // What is typed is the terminal's, not ours.
            let told = |text: String, (question, typed): &(&str, &str)| {
                text.replace(&format!("{question}{typed}"), question)
            };
            assert_fits(&answers.iter().fold(ended.stdout.clone(), told), columns);
            ended.stdout
        };
        for (env, live) in [(&[][..], true), (&[("NO_COLOR", "1")], false), (&[("TERM", "dumb")], false)] {
            let deployed = shown(&["deploy"], env, &[("[y/N]", "y")]);
            for word in ["+ role", "+ function", "created", "Deployed"] {
                assert!(strip_ansi_codes(&deployed).contains(word), "{word} in {deployed}");
            }
            assert_eq!(deployed.contains('\u{1b}'), live, "{env:?}: {deployed:?}");
            log_a_run(&world);
            for (arguments, said) in [
                (&["plan"][..], "Nothing to do"),
                (&["status"], "in sync"),
                (&["logs"], "2018-12-09: total"),
                (&["logs", "--failed"], "No such run has ended"),
            ] {
                let told = shown(arguments, env, &[]);
                assert!(strip_ansi_codes(&told).contains(said), "{said} in {told}");
                assert!(live || !told.contains('\u{1b}'), "{env:?}: {told:?}");
            }
            shown(&["destroy"], env, &[(&question, &world.name)]);
        }
    }
}

#[test]
fn what_the_deployed_function_tells_fits_a_narrow_and_a_wide_window() {
    let digest = require_peer!(Digest::new("Asia/Tokyo"));
    let day = date(2018, 12, 9);
    digest.fill(date(2018, 12, 2), day, &Corpus::mappings());
    digest.deploy(&format!("\"{}-app-*\"", digest.prefix));
    let (dry, posted) =
        (&["invoke", "--date", "2018-12-09"][..], &["invoke", "--date", "2018-12-09", "--post"]);
    let told = [
        (&["doctor"][..], "All is well: the function can count, and reach Slack."),
        (dry, "Nothing was posted of 2018-12-09"),
        (posted, "The digest of 2018-12-09 is in Slack."),
        (&["logs"], "of 2018-12-09: total"),
        (&["status"], "no run was due yet; the first run comes"),
        (&["status", "--all"], &digest.world.name),
    ];
    for columns in [NARROW, WIDE] {
        for (arguments, expected) in &told {
            let mut command = digest.world.command(arguments);
            let ended = typed_in(columns, command.env("TERM", "xterm-256color"), &[]);
            assert_eq!(ended.code, 0, "{arguments:?}: {ended:#?}");
            assert_fits(&ended.stdout, columns);
            assert!(said(&ended.stdout).contains(&said(expected)), "{expected} in {}", ended.stdout);
        }
    }
    assert_eq!(digest.inbox.requests(), 2, "posted twice, on request");
}

/// What the function would have logged just now.
fn log_a_run(world: &World) {
    let logs = |operation: &str, more: serde_json::Value| {
        let mut body =
            json!({ "logGroupName": format!("/aws/lambda/{}", world.name), "logStreamName": "one" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let target = format!("Logs_20140328.{operation}");
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        world.request("logs", "/", &headers, &body.to_string());
    };
    let made = json!({
        "level": "INFO", "message": "digest made", "day": "2018-12-09", "total": 48,
        "levels": r#"{"Fatal": 40, "Warning": 9}"#, "posted": true, "quiet": false, "duration_ms": 512,
    });
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    logs("CreateLogStream", json!({}));
    let event = json!({ "timestamp": u64::try_from(now).expect("a time"), "message": made.to_string() });
    logs("PutLogEvents", json!({ "logEvents": [event] }));
}

/// A terminal of its own, whose screen can be read.
struct Tmux {
    folder: TempDir,
}

impl Tmux {
    /// None, which is told, where there is no tmux.
    fn here() -> Option<Self> {
        if Command::new("tmux").arg("-V").output().is_err() {
            let test = std::thread::current().name().unwrap_or("a test").to_owned();
            // At once, past libtest, which captures what `eprintln!` writes.
            let line = format!("not run: {test}: tmux isn't installed\n");
            std::io::stderr().write_all(line.as_bytes()).expect("stderr");
            return None;
        }
        Some(Self { folder: TempDir::new().expect("a folder") })
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let mut tmux = Command::new("tmux");
        tmux.env("LC_ALL", "C.UTF-8").arg("-S").arg(self.folder.path().join("socket"));
        let ended = tmux.args(["-u", "-f", "/dev/null"]).args(arguments).output().expect("tmux runs");
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success(), "tmux {arguments:?}: {told}");
        String::from_utf8(ended.stdout).expect("UTF-8")
    }

    /// Starts the binary in a window of so many columns.
    fn start(&self, columns: u16, folder: &Path, arguments: &str) {
        let program = env!("CARGO_BIN_EXE_tanets");
        let shell = format!(
            "cd '{}' && env -u CI -u NO_COLOR '{program}' {arguments}; echo ended $?; exec sleep 300",
            folder.display()
        );
        self.tmux(&["new-session", "-d", "-x", &columns.to_string(), "-y", "90", &shell]);
    }

    /// The screen, once it shows this.
    fn screen(&self, awaited: &str) -> String {
        let start = Instant::now();
        loop {
            let screen = self.tmux(&["capture-pane", "-p"]);
            if screen.contains(awaited) {
                return screen;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "never shown: {awaited} in\n{screen}");
            sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let socket = self.folder.path().join("socket");
        let _ = Command::new("tmux").arg("-S").arg(socket).arg("kill-server").output();
    }
}

#[test]
fn in_tmux_nothing_is_left_to_the_terminal_to_fold() {
    let folder = folder();
    for columns in [NARROW, WIDE] {
        for arguments in ["--help", "check", "schedule", "preview --sample"] {
            let Some(tmux) = Tmux::here() else { return };
            tmux.start(columns, folder.path(), arguments);
            tmux.screen("ended 0");
            // `-J` joins what the terminal has folded.
            let [screen, joined] = ["-p", "-pJ"].map(|how| {
                let text = tmux.tmux(&["capture-pane", "-S", "-", how]);
                Vec::from_iter(text.lines().map(|line| line.trim_end().to_owned()))
            });
            assert_eq!(screen, joined, "{arguments} in {columns} columns");
        }
    }
}

#[test]
fn in_tmux_init_is_typed_as_a_new_user_does() {
    for columns in [NARROW, WIDE] {
        let Some(tmux) = Tmux::here() else { return };
        let folder = TempDir::new().expect("a folder");
        tmux.start(columns, folder.path(), "init");
        for (question, answer) in [
            ("name [", "my digest"),
            ("!", "digest"),
            ("schedule [", ""),
            ("elasticsearch.endpoint", "ssm:/endpoint"),
            ("elasticsearch.indexes", "app-*, ログ-*"),
            ("digest.levels", "Fatal"),
            ("slack.webhook", ""),
            ("elasticsearch.domain", "logs-x"),
        ] {
            tmux.screen(question);
            tmux.tmux(&["send-keys", "-l", answer]);
            tmux.tmux(&["send-keys", "Enter"]);
        }
        let screen = tmux.screen("ended 0");
        assert!(screen.contains("Wrote tanets.toml."), "{screen}");
        let text = std::fs::read_to_string(folder.path().join("tanets.toml")).expect("tanets.toml");
        for line in ["name = \"digest\"", "indexes = [\"app-*\", \"ログ-*\"]", "domain = \"logs-x\""] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
