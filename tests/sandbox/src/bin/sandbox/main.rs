//! `cargo sandbox`: the whole product on this machine, without an AWS account, Docker, Java or Slack. It starts the
//! peers, runs the very `tanets deploy` against them and waits for the digest of a rule that fires by itself.

mod deployment;
mod digest;
mod gallery;
mod matrix;
mod screen;
mod tour;

use std::env;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tanets_sandbox::interrupt::{Again, Interrupt};

use crate::screen::Screen;

const ABOUT: &str = "\
Shows the whole product on this machine: no AWS account, no Docker, no Java, no Slack.

Starts MiniStack (it answers as AWS, runs the function and fires its schedule), a real OpenSearch with two weeks of \
logs, and a Slack inbox; then runs `tanets deploy` with a rule that fires every minute, waits for it to fire, and \
compares the message that arrived with the true counts. Ctrl-C destroys and stops everything.

The first run downloads from PyPI and Maven Central and takes minutes; later ones start in seconds and work offline.";

const MORE: &str = "\
Needs Linux, Rust, and Python 3.10 or later with its module venv. Everything is kept below target/ (pip and \
the compilers have their caches) and listens on 127.0.0.1.

Environment:
  LANG             language of the digest: Japanese if it begins with ja, else English
  TZ               time zone of the digest; the machine's by default
  PYTHON           another Python 3

Examples:
  cargo sandbox                    look around, then Ctrl-C
  LANG=ja_JP.UTF-8 cargo sandbox   the same in Japanese
  cargo sandbox --once             for scripts: exit code 0 only if the right numbers arrived
  cargo sandbox gallery            messages of every kind, in Japanese and English
  cargo sandbox matrix             the counts on eight real search servers, one after the other";

#[derive(Parser)]
#[command(name = "cargo sandbox", bin_name = "cargo sandbox", about = ABOUT, after_help = MORE)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// End after the first digest, with exit code 0 only if a rule that fired by itself brought the right numbers.
    #[arg(long)]
    once: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Prove the counts on every search server: Elasticsearch 6.8 to 9.5, OpenSearch 1.3 to 3.8.
    ///
    /// One after the other is started, gets the same 100,000 log lines whose true counts are known, and is asked by the
    /// function's own library. The table goes to stdout. Elasticsearch 8 and 9 need a full JDK on the machine; without
    /// one they are named as not run (with TANETS_REQUIRE_PEERS=1, that is a failure).
    Matrix {
        /// Only those whose names begin like this, such as `opensearch` or `elasticsearch-7.10`.
        servers: Vec<String>,
    },
    /// Show messages of every kind in the inbox's page, in Japanese and English, until Ctrl-C.
    ///
    /// An ordinary day, an incident, a day without anything, the first one, one of 25 hours, hostile log lines: what the
    /// function's own library makes of them. ?only=N shows one of them alone, for a picture.
    Gallery,
}

fn main() -> ExitCode {
    let Cli { command, once } = Cli::parse();
    let screen = Screen::new();
    let done = Interrupt::install(Again::Ends).and_then(|interrupt| match command {
        None => tour::tour(once, &screen, &interrupt),
        Some(Command::Gallery) => gallery::gallery(&screen),
        Some(Command::Matrix { servers }) => {
            let required = env::var_os("TANETS_REQUIRE_PEERS").is_some_and(|value| value == "1");
            matrix::matrix(&servers, required, &screen)
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen.error(&error);
            ExitCode::FAILURE
        }
    }
}
