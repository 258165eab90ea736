//! The command line: types only.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config;
use crate::deadline;
use crate::package::LONG_VERSION;

mod args;
mod unread;

pub use args::{
    AdoptArgs, ConfirmArgs, ExitArgs, GuardArgs, InitArgs, InvokeArgs, LogsArgs, PolicyArgs, PolicyFormat,
    PreviewArgs, ScheduleArgs, SecretCommand, SecretSetArgs,
};
pub use unread::Unread;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXAMPLES: &str = "\
Examples:
  tanets init                      write a first tanets.toml
  tanets check                     is tanets.toml right? (offline)
  tanets preview                   what would Slack show? (--sample: without a cluster)
  tanets secret set                keep the webhook in Parameter Store
  tanets plan                      what would a deploy change?
  tanets deploy                    make it so, after a question
  tanets deploy --yes -o json      the same in a pipeline
  tanets status                    did it go out, and is everything there?
  tanets doctor                    can the deployed function do its work?
  tanets invoke                    does the deployed function count?
  tanets logs                      what went out, and what didn't?
  tanets destroy                   remove all of it

Exit codes:
    0  done, or nothing to do        1  failed; safe to run again
    2  changes pending               3  configuration invalid
    4  refused before any change     5  not confirmed
    6  deployed, but the check of the deployed function failed
   64  wrong usage                 130  interrupted

Environment: AWS's own variables (AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL, ...), NO_COLOR.";

/// Puts yesterday's error counts from Elasticsearch or OpenSearch into Slack every morning.
///
/// Reads tanets.toml, compares it with the AWS account, and makes the account match: an IAM role, a log group,
/// a Lambda function, an EventBridge rule with its target, and the permission between them. Keeps no state
/// file: names and tags tell what is whose, and every command can be run again.
#[derive(Debug, Parser)]
#[command(name = "tanets", version, long_version = LONG_VERSION, styles = STYLES, after_help = EXAMPLES, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What all commands take.
    #[command(flatten)]
    pub global: Global,
}

impl Cli {
    /// Reads arguments, the program's name first. Help and usage errors heed `--color` and `--output` too.
    ///
    /// # Errors
    /// Help, the version, and wrong usage.
    pub fn read(arguments: &[OsString]) -> Result<Self, Unread> {
        let mut command = Self::command().color(unread::color(arguments));
        let matches = command.try_get_matches_from_mut(arguments);
        let cli = matches.and_then(|matches| Self::from_arg_matches(&matches));
        cli.map_err(|error| Unread::new(error, arguments, &command))
    }
}

/// Where the configuration is, unless somebody says otherwise.
pub const DEFAULT_CONFIG: &str = "tanets.toml";

/// What all commands take.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The configuration file.
    #[arg(
        short,
        long,
        global = true,
        value_name = "FILE",
        default_value = DEFAULT_CONFIG,
        env = "TANETS_CONFIG"
    )]
    pub config: PathBuf,
    /// The AWS region; goes before the file's `region`, which goes before AWS_REGION and the profile.
    #[arg(long, global = true, value_name = "REGION", value_parser = config::region)]
    pub region: Option<String>,
    /// The profile of AWS's shared configuration.
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Another address for all of AWS: an emulator's.
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// For people, or one JSON object a line for programs.
    #[arg(short, long, global = true, value_enum, default_value_t)]
    pub output: Output,
    /// Colours: `auto` means on a terminal and without NO_COLOR.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
    /// What the whole run may take, such as `90s` or `1h 30m`; then it ends as with Ctrl-C, with exit code 1. By default 10
    /// minutes, and 45 more where `destroy` has to wait for a VPC function's network interfaces.
    #[arg(long, global = true, value_name = "TIME", env = "TANETS_TIMEOUT", value_parser = deadline::parse)]
    pub timeout: Option<Duration>,
    /// Only results and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// More: what stays as it is; twice, also each call to AWS (never bodies).
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Writes a first tanets.toml: asks six questions, or takes flags.
    #[command(
        after_help = "Examples:\n  tanets init                        asks on a terminal\n  tanets init --endpoint https://vpc-logs-x.ap-northeast-1.es.amazonaws.com --indexes 'app-*' \\\n    --name error_log_daily_notify --schedule 'cron(15 1 * * ? *)' --levels Fatal,Warning \\\n    --webhook ssm:/tanets/slack-webhook --timezone Asia/Tokyo\n  tanets init --from-terraform infra/   from the old module, and what to run next\n\nWhat a flag gives isn't asked. Without a terminal, all six are needed."
    )]
    Init(Box<InitArgs>),
    /// Checks tanets.toml, offline: every key, the schedule, and when it will fire.
    #[command(after_help = "Example:\n  tanets check -c prod/tanets.toml")]
    Check,
    /// Shows the message of a day: counts from here what the function would count. Posts nothing without `--post`.
    #[command(
        after_help = "Examples:\n  tanets preview --sample          without a cluster\n  tanets preview                   yesterday, from the real cluster\n  tanets preview --date 2026-11-20 --html digest.html\n  tanets preview --post            and into Slack"
    )]
    Preview(PreviewArgs),
    /// Shows what `deploy` would change. Reads only.
    #[command(after_help = "Example (a nightly look for drift):\n  tanets plan --detailed-exitcode -o json")]
    Plan {
        /// How the result is told.
        #[command(flatten)]
        exit: ExitArgs,
        /// What is taken over.
        #[command(flatten)]
        adopt: AdoptArgs,
    },
    /// Makes the account match tanets.toml. Then the function checks from inside what it needs; if that fails, what was
    /// deployed stays (exit code 6).
    #[command(
        after_help = "Examples:\n  tanets deploy\n  tanets deploy --yes --profile prod\n  tanets deploy --yes --expect sha256:...   only what was reviewed\n  tanets deploy --adopt            take over what the Terraform module deployed"
    )]
    Deploy {
        /// Whether to ask.
        #[command(flatten)]
        confirm: ConfirmArgs,
        /// What is taken over.
        #[command(flatten)]
        adopt: AdoptArgs,
        /// What is looked at before.
        #[command(flatten)]
        guard: GuardArgs,
    },
    /// Tells whether the last digest went out, when the next one comes, and how each resource is: as in tanets.toml,
    /// different, missing, or not ours. What the log tells needs logs:FilterLogEvents.
    #[command(
        after_help = "Examples:\n  tanets status\n  tanets status --detailed-exitcode    2 if anything differs from tanets.toml\n  tanets status -o json | jq -r .delivery.fate\n  tanets status --all --region ap-northeast-1    every stack there, orphans included; needs no tanets.toml"
    )]
    Status {
        /// How the result is told.
        #[command(flatten)]
        exit: ExitArgs,
        /// Every stack of the region instead, one a line, by tags and names: what is there of it, and whether it is an
        /// orphan (then `--detailed-exitcode` exits with 2).
        #[arg(long)]
        all: bool,
    },
    /// Explains a schedule in words, and lists when it fires and which day each run covers. Offline.
    #[command(
        after_help = "Examples:\n  tanets schedule                          that of tanets.toml\n  tanets schedule 'cron(15 1 * * ? *)'     in the time zone of tanets.toml, if there is one\n  tanets schedule 'cron(0 0 ? * MON-FRI *)' --timezone Asia/Tokyo\n\nEventBridge counts in UTC: 09:00 in Tokyo is `cron(0 0 * * ? *)`. The digest covers the day before."
    )]
    Schedule(ScheduleArgs),
    /// Lets the deployed function check all that it needs: secrets, cluster, indexes, fields, today's count, Slack. Posts
    /// nothing. Needs lambda:InvokeFunction, beside what `plan` needs of the function.
    #[command(
        after_help = "Examples:\n  tanets doctor                    a table, with a hint for each failure (exit code 6)\n  tanets doctor -o json            for programs: each finding has a stable name and kind"
    )]
    Doctor,
    /// Runs the deployed function once, now: the message comes back, and is posted only with `--post`. Needs
    /// lambda:InvokeFunction, beside what `plan` needs of the function.
    #[command(
        after_help = "Examples:\n  tanets invoke                    does the deployed function count?\n  tanets invoke --date 2026-11-20 --post   a day once more, into Slack"
    )]
    Invoke(InvokeArgs),
    /// Shows the runs of the deployed function, one a line: the day, the counts, posted or why not. Needs
    /// logs:FilterLogEvents on its log group.
    #[command(
        after_help = "Examples:\n  tanets logs                      the last week; -v: all that the runs logged\n  tanets logs --since 30d --failed   what went wrong in a month\n  tanets logs -f -o json           for programs, as it comes"
    )]
    Logs(LogsArgs),
    /// Prints the least IAM policy with which plan, deploy and destroy of this tanets.toml work.
    #[command(
        after_help = "Examples:\n  tanets policy > policy.json\n  tanets policy --plan-only --format terraform\n  tanets policy --operate                for whoever invokes, reads logs, previews, keeps secrets\n  tanets policy --github acme/logs --format cloudformation\n  tanets policy --github acme/logs --workflow > .github/workflows/tanets.yml"
    )]
    Policy(PolicyArgs),
    /// Prints the script that completes `tanets` in a shell.
    #[command(
        after_help = "Examples:\n  tanets completions bash > ~/.local/share/bash-completion/completions/tanets\n  tanets completions zsh > ~/.zfunc/_tanets        with ~/.zfunc in $fpath\n  tanets completions fish > ~/.config/fish/completions/tanets.fish\n  tanets completions powershell >> $PROFILE"
    )]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Prints the man page, or writes those of all commands into a folder.
    #[command(after_help = "Examples:\n  tanets man | man -l -\n  tanets man --dir ~/.local/share/man/man1")]
    Man {
        /// Write `tanets.1` and a page a command into this folder, which is made.
        #[arg(long, value_name = "FOLDER")]
        dir: Option<PathBuf>,
    },
    /// Prints the JSON Schema (draft 7) of tanets.toml: editors complete and check with it.
    #[command(
        after_help = "Example (the first line of tanets.toml is then `#:schema ./tanets.schema.json`, for taplo and Even Better TOML):\n  tanets schema > tanets.schema.json"
    )]
    Schema,
    /// Puts the webhook, or another secret, where tanets.toml refers to: into SSM's Parameter Store, encrypted.
    #[command(
        after_help = "Examples:\n  tanets secret set                    asks for the webhook, hidden, and keeps it\n  tanets secret set /tanets/search-credentials < credentials.txt\n  tanets secret check                  is it there, encrypted, readable, and a webhook?"
    )]
    Secret {
        /// What to do with it.
        #[command(subcommand)]
        command: SecretCommand,
    },
    /// Removes exactly what `deploy` made.
    #[command(
        after_help = "Examples:\n  tanets destroy --keep-logs\n  tanets destroy --yes            without being asked for the stack's name\n\n`protect = true` in tanets.toml blocks it, with --yes too."
    )]
    Destroy {
        /// Whether to ask.
        #[command(flatten)]
        confirm: ConfirmArgs,
        /// Leave the log group with all that the function has logged.
        #[arg(long)]
        keep_logs: bool,
        /// Don't wait for Lambda to remove a VPC function's network interfaces (20 to 40 minutes): leave the role,
        /// which it needs for that, to a later `destroy`.
        #[arg(long)]
        no_wait: bool,
    },
}
