//! `cargo compare`: how fast tanets deploys, side by side with what else deploys a function with a schedule.
//! `cargo bench-function`: what the function costs that it deploys.
//!
//! Everything runs on this machine: the tools are given an emulator's address for AWS, behind a proxy that counts their
//! requests and adds latency. Figures only; whether tanets does the right thing is what the scenarios are for.

mod comparison;
mod function;
mod report;
mod table;
mod tool;
mod usage;

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use tanets_sandbox::PeerError;
use tanets_sandbox::interrupt::{self, Again, Interrupt};

use crate::comparison::{Settings, compare};

const ABOUT: &str = "\
Measures tanets, Terraform and AWS Chalice side by side: first deploy, deploy with nothing to do, change of code, change \
of configuration, destroy; each with its time, requests, the longest chain of requests that waited for one another, and \
memory. Prints a Markdown table.

AWS is played by MiniStack on this machine; a proxy in front of it counts the requests and adds latency. Terraform is \
measured if it is on the PATH and finds its AWS provider; Chalice is installed from PyPI. What can't be measured is named.";

const MORE: &str = "\
How to read it: the tools take turns, and each figure is the median of the runs; a machine with other work (its load \
is told) makes all of them slow. Memory is the most that a tool and its \
children held at once. Lambda's own time to make or update a function (here 0.5 s, on AWS seconds) is in it.

Environment:
  PATH                        where terraform is looked for
  TF_CLI_CONFIG_FILE          Terraform's own: a mirror of providers, for instance
  PYTHON                      another Python 3

Examples:
  cargo compare                                      all of it: 5 minutes once all is built
  cargo compare --only tanets --chains               tanets alone, and which requests wait for which
  cargo compare --only tanets --tanets old/tanets    another build of tanets
  cargo compare --terraform-plugins DIR              take Terraform's AWS provider from a folder
  cargo compare --runs 5 --latency 0,20,200 --json figures.json";

#[derive(Parser)]
#[command(name = "cargo compare", bin_name = "cargo compare", about = ABOUT, after_help = MORE)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// How often each tool goes through all of it. Chalice, which sleeps five seconds at a time, a third as often.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
    runs: u16,
    /// What is added to each request, in milliseconds: one table each.
    #[arg(
        long,
        value_name = "MS",
        value_delimiter = ',',
        default_values_t = [0, 50],
        value_parser = clap::value_parser!(u64).range(..=2000),
    )]
    latency: Vec<u64>,
    /// The tools to measure.
    #[arg(long, value_name = "TOOL", value_enum, value_delimiter = ',')]
    only: Vec<Name>,
    /// Another binary of tanets than this checkout's release build.
    #[arg(long, value_name = "FILE")]
    tanets: Option<PathBuf>,
    /// A folder that `terraform init` takes the AWS provider from, instead of what Terraform is set up with.
    #[arg(long, value_name = "DIR")]
    terraform_plugins: Option<PathBuf>,
    /// Print the longest chain of requests that waited for one another, too.
    #[arg(long)]
    chains: bool,
    /// Write all figures, and the chains, to a file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Measures the function instead: size, start, memory, requests and time, against ever more documents.
    Function(function::Options),
}

/// The tools, in the table's order: the others are compared with the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Name {
    Tanets,
    Terraform,
    Chalice,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let interrupt = match Interrupt::install(Again::Waits) {
        Ok(interrupt) => interrupt,
        Err(error) => return failed(&error),
    };
    match run(cli, &interrupt) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if interrupt.pressed() => ExitCode::from(interrupt::EXIT_CODE),
        Err(error) => failed(&error),
    }
}

fn failed(error: &PeerError) -> ExitCode {
    tell(&format!("error: {}", error.explain()));
    ExitCode::FAILURE
}

fn run(cli: Cli, interrupt: &Interrupt) -> Result<(), PeerError> {
    let Cli { command, runs, latency, only, tanets, terraform_plugins, chains, json } = cli;
    if let Some(Command::Function(options)) = command {
        return print(&function::measure(&options)?);
    }
    let mut tools = if only.is_empty() { Name::value_variants().to_vec() } else { only };
    tools.sort();
    tools.dedup();
    let latencies = Vec::from_iter(latency.into_iter().map(Duration::from_millis));
    let settings = Settings { runs, latencies, tools, tanets, terraform_plugins };
    let report = compare(&settings, interrupt)?;
    if let Some(path) = json {
        let writing = |error: io::Error| PeerError::new(format!("writing {}", path.display()), error);
        let text = serde_json::to_string_pretty(&report).map_err(|error| writing(error.into()))?;
        fs::write(&path, text + "\n").map_err(writing)?;
    }
    print(&table::markdown(&report, chains))
}

fn print(text: &str) -> Result<(), PeerError> {
    io::stdout().write_all(text.as_bytes()).map_err(|error| PeerError::new("writing the table", error))
}

/// One line of progress.
fn tell(line: &str) {
    // Progress that nobody can read is no reason to fail.
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}
