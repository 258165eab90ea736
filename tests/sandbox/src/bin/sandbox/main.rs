//! `cargo sandbox`: the whole product on this machine, without an AWS account, Docker, Java or Slack. It starts the
//! peers, runs the very `tanets deploy` against them and waits for the digest of a rule that fires by itself.

mod deployment;
mod digest;
mod interrupt;
mod picture;
mod screen;
mod tour;

use std::process::ExitCode;

use clap::Parser;

use crate::interrupt::Interrupt;
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
  cargo sandbox --once             for scripts: exit code 0 only if the right numbers arrived";

#[derive(Parser)]
#[command(name = "cargo sandbox", bin_name = "cargo sandbox", about = ABOUT, after_help = MORE)]
struct Cli {
    /// End after the first digest, with exit code 0 only if a rule that fired by itself brought the right numbers.
    #[arg(long)]
    once: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let screen = Screen::new();
    let toured = Interrupt::install().and_then(|interrupt| tour::tour(cli.once, &screen, &interrupt));
    match toured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen.error(&error);
            ExitCode::FAILURE
        }
    }
}
