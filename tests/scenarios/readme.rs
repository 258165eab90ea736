//! README.md as a reader types it: its commands, in its order, say here what stands there, but for numbers and times.

use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::json;
use tanets_sandbox::corpus::{Corpus, Recipe};
use tanets_sandbox::{Inbox, Ministack, PeerError, SearchServer, function_package, require_peer};

use crate::world::{Run, World, run};

/// The endpoint that the README's configuration has, which no test reaches.
const ENDPOINT: &str = "https://vpc-logs-x.ap-northeast-1.es.amazonaws.com";
/// The schedule that it has.
const SCHEDULE: &str = "cron(15 1 * * ? *)";
/// What a user of the old module has: its block, in a folder `infra`.
const MODULE: &str = r#"
provider "aws" {
  region = "ap-northeast-1"
}
variable "slack_webhook_url" {}

module "tanets" {
  source          = "git::https://github.com/ryota548/tanets"
  name            = "error_log_daily_notify"
  notify_schedule = "cron(15 1 * * ? *)"
  environment = {
    SLACK_WEBHOOK_URL = var.slack_webhook_url
    KIBANA_URL        = "https://kibana.example.com"
    ES_ENDPOINT       = "vpc-logs-x.ap-northeast-1.es.amazonaws.com"
    ES_INDEXES        = "app-*"
    ERROR_LEVEL       = "Fatal,Warning"
    UNIT_OF_TIME      = "h"
  }
}
"#;
/// A line of the README that stands for any number of lines.
const ELISION: &str = "…";

/// A command of the README and the lines that it shows under it.
#[derive(Debug)]
struct Shown {
    command: String,
    lines: Vec<String>,
}

/// The `console` blocks of a document: `$ ` begins a command, a `\` at its end goes on with it.
fn shown(document: &str) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let (mut inside, mut goes_on) = (false, false);
    for line in document.lines() {
        match (inside, line.strip_prefix("$ "), all.last_mut()) {
            (false, ..) => inside = line == "```console",
            (true, ..) if line == "```" => (inside, goes_on) = (false, false),
            (true, Some(command), _) => {
                goes_on = command.ends_with('\\');
                all.push(Shown { command: command.to_owned(), lines: Vec::new() });
            }
            (true, None, Some(last)) if goes_on => {
                goes_on = line.ends_with('\\');
                last.command += &format!("\n{line}");
            }
            (true, None, Some(last)) => last.lines.push(line.to_owned()),
            (true, None, None) => panic!("README.md: `{line}` comes before any command"),
        }
    }
    all
}

/// A line without what differs from day to day and machine to machine: numbers, days, digests, pictures of counts.
fn shape(line: &str) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let words = line.split_whitespace().map(|word| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if DAYS.contains(&bare) {
            return word.replace(bare, "Day");
        }
        let (letters, digits) =
            (bare.contains(char::is_alphabetic), bare.contains(|c: char| c.is_ascii_digit()));
        // A digest, an id of a run: letters and digits, and neither a path nor a name with dashes.
        if letters && digits && bare.is_ascii() && bare.len() > 20 && !bare.contains(['/', '.']) {
            return "#".to_owned();
        }
        let mut shape = String::new();
        for c in word.chars() {
            let c = match c {
                '0'..='9' => '0',
                '▁'..='█' => '▁',
                c => c,
            };
            // 9.5 and 12,345 are numbers as 7 is.
            match (c, shape.chars().last()) {
                ('0' | '▁', Some(last)) if last == c => {}
                ('0', Some('.' | ',')) if shape.len() > 1 && shape[..shape.len() - 1].ends_with('0') => {
                    shape.pop();
                }
                (c, _) => shape.push(c),
            }
        }
        match shape.as_str() {
            "▲0%" | "▼0%" | "±0%" => "0%".to_owned(),
            _ => shape,
        }
    });
    let line = words.collect::<Vec<_>>().join(" ");
    // Japanese weekdays stand in brackets, or before their second letter.
    let line = "月火水木金土".chars().fold(line, |line, day| {
        line.replace(&format!("({day})"), "(日)").replace(&format!("{day}曜"), "日曜")
    });
    // What takes long on one machine takes milliseconds on the other.
    line.replace("0 ms", "0 s")
}

/// Whether the lines are as shown; an elision stands for any number of them.
fn agree(shown: &[String], seen: &[String]) -> bool {
    match shown {
        [] => seen.is_empty(),
        [first, rest @ ..] if first.trim() == ELISION => {
            (0..=seen.len()).any(|passed| agree(rest, &seen[passed..]))
        }
        [first, rest @ ..] => {
            seen.first().is_some_and(|seen| shape(seen) == shape(first)) && agree(rest, &seen[1..])
        }
    }
}

/// A daily schedule whose last run was a minute ago, so that what a reader is told doesn't depend on when the test runs: the
/// digest of yesterday is due, and comes. None around midnight, because the whole story has to happen on one day.
fn schedule_of_today(now: Timestamp, zone: &TimeZone) -> Option<String> {
    const STORY: SignedDuration = SignedDuration::from_mins(3);
    let due = now - SignedDuration::from_mins(1);
    let day = |time: Timestamp| time.to_zoned(zone.clone()).date();
    let utc = due.to_zoned(TimeZone::UTC);
    (day(due) == day(now + STORY)).then(|| format!("cron({} {} * * ? *)", utc.minute(), utc.hour()))
}

/// Surroundings in which the README's configuration works: a cluster with two weeks of logs, and an inbox for Slack.
struct Reader {
    world: World,
    search: &'static SearchServer,
    inbox: Inbox,
    indexes: String,
    schedule: String,
}

impl Reader {
    fn new() -> Result<Self, PeerError> {
        let (ministack, search, inbox) = (Ministack::shared()?, SearchServer::shared()?, Inbox::start()?);
        let account = ministack.fresh_account();
        let world = World::at("error_log_daily_notify".to_owned(), ministack.url().to_owned(), account)?;
        let prefix = format!("readme{}", std::process::id());
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let schedule = loop {
            match schedule_of_today(Timestamp::now(), &zone) {
                Some(schedule) => break schedule,
                None => std::thread::sleep(Duration::from_secs(5)),
            }
        };
        let now = Timestamp::now();
        let last = now.to_zoned(zone.clone()).date();
        let recipe = Recipe { seed: 11, zone, first: last - 15.days(), last, per_day: 200 };
        let corpus = recipe.generate().until(now);
        for index in corpus.indexes() {
            let name = format!("{prefix}-{index}");
            search.create_index(&name, &Corpus::mappings())?;
            let of_index = corpus.documents().iter().filter(|document| document.index() == index);
            search.bulk(&name, of_index.map(|document| document.to_json()))?;
        }
        std::fs::write(world.folder().join("webhook.txt"), inbox.webhook_url()).expect("webhook.txt");
        let infra = world.folder().join("infra");
        std::fs::create_dir(&infra)
            .and_then(|()| std::fs::write(infra.join("main.tf"), MODULE))
            .expect("main.tf");
        let bootstrap = world.folder().join("bootstrap");
        std::fs::copy(function_package()?, bootstrap).expect("a copy of the function");
        Ok(Self { world, search, inbox, indexes: format!("{prefix}-app-*"), schedule })
    }

    /// What `init` has written, at home here.
    fn settle(&self) {
        let path = self.world.folder().join("tanets.toml");
        let written = std::fs::read_to_string(&path).expect("tanets.toml");
        let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
        let mut here = written.clone();
        for (theirs, ours) in
            [(ENDPOINT, self.search.url()), ("app-*", &self.indexes), (SCHEDULE, &self.schedule)]
        {
            assert!(here.contains(theirs), "the README's configuration has {theirs}");
            here = here.replace(theirs, ours);
        }
        here += &format!("\n[function]\narchitecture = \"{architecture}\"\npackage = \"bootstrap\"\n");
        std::fs::write(path, here).expect("tanets.toml");
    }

    /// Types a command into a shell; gives its lines, with the README's addresses.
    fn types(&self, command: &str) -> Run {
        let tanets = self.world.command(&[]);
        let binary = std::path::Path::new(tanets.get_program());
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec 2>&1\n{command}")]).current_dir(self.world.folder());
        for (name, value) in tanets.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let path = std::env::var("PATH").unwrap_or_default();
        let folder = binary.parent().expect("a folder").display();
        shell.env("PATH", format!("{folder}:{path}")).stdin(Stdio::null());
        run(shell)
    }

    fn lines(&self, run: &Run) -> Vec<String> {
        let text = run
            .stdout
            .replace(self.search.url(), ENDPOINT)
            .replace(self.indexes.trim_end_matches("app-*"), "");
        // What these surroundings are warned of, and no reader's: an emulator, and a cluster without TLS.
        let (first, last) = ("warning: tanets.toml:", "  hint: use https://");
        let mut warned = false;
        let lines = text.lines().filter(|line| {
            warned |= line.starts_with(first) && line.contains("is not encrypted");
            let kept = !warned && !line.contains("(not AWS itself)");
            warned &= *line != last;
            kept
        });
        lines.map(str::to_owned).collect()
    }

    /// The rule fires.
    fn fires(&self) {
        let answer = self.world.invoke(&json!({
            "version": "0", "id": "89d1a02d", "detail-type": "Scheduled Event", "source": "aws.events",
            "account": self.world.account, "time": Timestamp::now().to_string(), "region": "ap-northeast-1",
            "resources": [], "detail": {},
        }));
        assert_eq!(answer["posted"], true, "{answer}");
        assert_eq!(self.inbox.refusals(), []);
    }
}

#[test]
fn what_the_readme_shows_is_what_happens() {
    let reader = require_peer!(Reader::new());
    let readme = include_str!("../../README.md");
    let (mut wrong, mut fired) = (String::new(), false);
    for Shown { command, lines } in shown(readme) {
        // A night goes by.
        if ["tanets status", "tanets logs"].iter().any(|looking| command.starts_with(looking)) && !fired {
            reader.fires();
            fired = true;
        }
        let run = reader.types(&command);
        let seen = reader.lines(&run);
        if command.starts_with("tanets init --name") {
            reader.settle();
        }
        let lines = Vec::from_iter(lines.into_iter().filter(|line| !line.is_empty()));
        let seen_lines = Vec::from_iter(seen.iter().filter(|line| !line.is_empty()).cloned());
        if !agree(&lines, &seen_lines) {
            wrong += &format!("$ {command}\n{}\n\n", seen.join("\n"));
        }
    }
    assert!(wrong.is_empty(), "README.md shows something else than what is said here:\n\n{wrong}");
}

#[test]
fn shapes_forget_figures_and_keep_words() {
    assert_eq!(
        shape("  Deployed x in 1.5 s,  Sun 2026-11-22 10:15 JST"),
        shape("Deployed x in 900 ms, Mon 2027-01-02 09:15 JST")
    );
    assert_eq!(
        shape("⛅ 2026年11月22日(日) 前週の日曜比 +8%"),
        shape("⛅ 2026年1月5日(月) 前週の月曜比 +17%")
    );
    assert_ne!(shape("3 to create"), shape("3 to update"));
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(agree(&lines("a 1\n…\nz"), &lines("a 2\nb\nc\nz")));
    assert!(!agree(&lines("a 1\n…\nz"), &lines("a 2\nb\nc")));
    assert!(!agree(&lines("a"), &lines("a\nb")));
}

#[test]
fn the_readers_story_happens_on_one_day_whenever_it_is_told() {
    let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
    let told_at = |time: &str| schedule_of_today(time.parse().expect("a time"), &zone);
    assert_eq!(told_at("2026-11-23T01:22:40Z").as_deref(), Some("cron(21 1 * * ? *)"));
    assert_eq!(told_at("2026-11-23T00:00:10Z").as_deref(), Some("cron(59 23 * * ? *)"), "midnight elsewhere");
    assert_eq!(told_at("2026-11-23T14:56:59Z").as_deref(), Some("cron(55 14 * * ? *)"));
    assert_eq!(told_at("2026-11-23T14:57:00Z"), None, "midnight comes before it ends");
    assert_eq!(told_at("2026-11-23T15:00:59Z"), None, "it was due the day before");
    assert_eq!(told_at("2026-11-23T15:01:00Z").as_deref(), Some("cron(0 15 * * ? *)"));
}

#[test]
fn each_link_within_the_readme_and_into_the_repository_leads_somewhere() {
    let readme = include_str!("../../README.md");
    let heading = |line: &str| Some(line.trim_start_matches('#').strip_prefix(' ')?.to_lowercase());
    let slug = |text: String| {
        let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>()
    };
    let anchors = readme.lines().filter(|line| line.starts_with("##")).filter_map(heading).map(slug);
    let anchors = Vec::from_iter(anchors);
    let links = readme.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut inner = 0;
    for link in links.filter(|link| !link.starts_with("https://")) {
        match link.strip_prefix('#') {
            Some(anchor) => {
                assert!(anchors.iter().any(|known| known == anchor), "README.md: no heading for {link}")
            }
            None => assert!(root.join(link).exists(), "README.md: no file {link}"),
        }
        inner += 1;
    }
    assert!(inner > 5, "{inner}");
}
