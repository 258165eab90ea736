//! What the single verbs take, and how their values are read. Types only.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tanets_function::settings::parse_timezone;

use crate::forecast::RUNS;
use crate::pipeline::{self, Project, Repository};
use crate::plan::PlanDigest;
use crate::schedule::Schedule;

/// What `init` need not ask.
#[derive(Clone, Debug, Args)]
pub struct InitArgs {
    /// The name of role, function and rule.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// When the digest comes: EventBridge's cron or rate, in UTC.
    #[arg(long, value_name = "EXPRESSION")]
    pub schedule: Option<String>,
    /// Where Elasticsearch or OpenSearch is.
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The OpenSearch domain's name, where the endpoint is a reference such as ssm:NAME.
    #[arg(long, value_name = "NAME")]
    pub domain: Option<String>,
    /// Index names and patterns, with commas between.
    #[arg(long, value_name = "LIST")]
    pub indexes: Option<String>,
    /// The words that are counted, with commas between.
    #[arg(long, value_name = "LIST")]
    pub levels: Option<String>,
    /// Where the webhook is kept: `ssm:NAME`, `secretsmanager:ID`, `kms:CIPHERTEXT`, or `${NAME}`. Not the URL itself: other
    /// users of this machine see a command line.
    #[arg(long, value_name = "REFERENCE")]
    pub webhook: Option<String>,
    /// Whose calendar days are counted: an IANA name; never asked, UTC by default.
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
    /// Take over what the old Terraform module was told: its block in this folder, with the values that Terraform finds by
    /// itself (defaults, TF_VAR_NAME, terraform.tfvars, *.auto.tfvars). Never the webhook's URL.
    #[arg(long, value_name = "DIR")]
    pub from_terraform: Option<PathBuf>,
    /// Which module, where more than one may be meant.
    #[arg(long, value_name = "NAME", requires = "from_terraform")]
    pub module: Option<String>,
    /// Write over a tanets.toml that is there.
    #[arg(long)]
    pub force: bool,
}

/// What `schedule` explains.
#[derive(Clone, Debug, Args)]
pub struct ScheduleArgs {
    /// An expression of EventBridge, in quotes; that of tanets.toml by default.
    #[arg(value_name = "EXPRESSION", value_parser = expression)]
    pub expression: Option<Schedule>,
    /// Whose local time is shown: an IANA name such as Asia/Tokyo. By default `digest.timezone` of tanets.toml, or UTC.
    #[arg(long, value_name = "ZONE", value_parser = parse_timezone)]
    pub timezone: Option<TimeZone>,
    /// How many runs are listed.
    #[arg(short = 'n', long, value_name = "N", default_value_t = RUNS as u8, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub count: u8,
}

fn expression(text: &str) -> Result<Schedule, String> {
    Schedule::parse(text).map_err(|error| match error.hint {
        Some(hint) => format!("{}\n\nhint: {hint}", error.message),
        None => error.message,
    })
}

/// Which message `preview` shows, and how.
#[derive(Clone, Debug, Args)]
pub struct PreviewArgs {
    /// The day, such as 2026-11-20; yesterday in the digest's time zone by default.
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub date: Option<Date>,
    /// Invented counts: asks no cluster.
    #[arg(long, conflicts_with = "post")]
    pub sample: bool,
    /// The exact payload that Slack would get, instead of a drawing.
    #[arg(long)]
    pub json: bool,
    /// Also writes a page that looks like Slack.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Also opens the message in Slack's Block Kit Builder, in the browser.
    #[arg(long)]
    pub open: bool,
    /// Also posts it to the webhook of tanets.toml.
    #[arg(long)]
    pub post: bool,
}

/// Which run `invoke` asks for.
#[derive(Clone, Copy, Debug, Args)]
pub struct InvokeArgs {
    /// The day, such as 2026-11-20; yesterday in the digest's time zone by default.
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub date: Option<Date>,
    /// Post the message, as the schedule does.
    #[arg(long)]
    pub post: bool,
}

/// Which runs `logs` shows.
#[derive(Clone, Copy, Debug, Args)]
pub struct LogsArgs {
    /// Go on, and show each run when it ends, until Ctrl-C.
    #[arg(short, long)]
    pub follow: bool,
    /// How far back, such as 1d, 12h or 2w.
    #[arg(long, value_name = "TIME", default_value = "1w", value_parser = back)]
    pub since: Span,
    /// Only runs without a digest.
    #[arg(long)]
    pub failed: bool,
}

fn back(text: &str) -> Result<Span, String> {
    match text.parse::<Span>() {
        Ok(span) if span.is_positive() => Ok(span),
        Ok(_) => Err("must be a time back from now, such as 1d".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn day(text: &str) -> Result<Date, &'static str> {
    // An instant would parse too, and be silently cut.
    let day = Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
    day.ok_or("a day is written as 2026-11-20")
}

/// What `policy` prints.
#[derive(Clone, Debug, Args)]
pub struct PolicyArgs {
    /// Only what `plan` and `status` (without `--all`) need: nothing that writes.
    #[arg(long)]
    pub plan_only: bool,
    /// What whoever looks after the stack needs: what `plan` does, and what `invoke`, `logs`, `preview` and `secret` do. For the
    /// other stacks that `status --all` lists, it needs theirs too.
    #[arg(long, conflicts_with = "plan_only")]
    pub operate: bool,
    /// The form: a document, or what Terraform or CloudFormation makes it from.
    #[arg(long, value_enum, default_value_t)]
    pub format: PolicyFormat,
    /// The roles with which GitHub Actions plans and deploys: one for pull requests, one for the branch or environment. With
    /// GitHub's numbers (`OWNER@ID/REPO@ID`, from `gh api repos/OWNER/REPO`) nobody who later gets the name is trusted.
    #[arg(long, value_name = "OWNER/REPO", group = "pipeline", conflicts_with_all = ["plan_only", "operate"])]
    pub github: Option<Repository>,
    /// The environment of GitHub that may deploy, whatever the branch.
    #[arg(long, value_name = "NAME", requires = "github", conflicts_with = "gitlab", value_parser = pipeline::environment)]
    pub environment: Option<String>,
    /// The same for GitLab CI on gitlab.com.
    #[arg(long, value_name = "GROUP/PROJECT", group = "pipeline", conflicts_with_all = ["plan_only", "operate"])]
    pub gitlab: Option<Project>,
    /// The branch that deploys.
    #[arg(long, value_name = "NAME", default_value = "main", requires = "pipeline", value_parser = pipeline::branch)]
    pub branch: String,
    /// Only the pipeline's workflow, ready for its file.
    #[arg(long, requires = "pipeline", conflicts_with = "format")]
    pub workflow: bool,
    /// The account, where tanets.toml doesn't name it and no credentials are at hand.
    #[arg(long, value_name = "ID", value_parser = account)]
    pub account: Option<String>,
}

/// The form of a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PolicyFormat {
    /// IAM's own.
    #[default]
    Json,
    /// Terraform's language.
    Terraform,
    /// A template of CloudFormation, in JSON.
    Cloudformation,
}

impl PolicyFormat {
    /// As the command line has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Terraform => "terraform",
            Self::Cloudformation => "cloudformation",
        }
    }
}

fn account(text: &str) -> Result<String, &'static str> {
    let right = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if right { Ok(text.to_owned()) } else { Err("an account has 12 digits") }
}

/// How a read-only command tells its result.
#[derive(Clone, Copy, Debug, Args)]
pub struct ExitArgs {
    /// Exit with 2 if changes are pending.
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// What is taken over.
#[derive(Clone, Copy, Debug, Args)]
pub struct AdoptArgs {
    /// Take over what has the stack's names and no owner's tag: what the Terraform module made, or a hand.
    #[arg(long)]
    pub adopt: bool,
}

/// What a deploy is held against, before and after.
#[derive(Clone, Debug, Args)]
pub struct GuardArgs {
    /// Only if the plan is still the one with this digest, which `plan` tells; otherwise nothing is done (exit code 4).
    #[arg(long, value_name = "DIGEST")]
    pub expect: Option<PlanDigest>,
    /// Only show what would change: the same as `plan`.
    #[arg(long)]
    pub dry_run: bool,
    /// Don't let the deployed function check from inside what it needs. Without changes it never does.
    #[arg(long)]
    pub no_check: bool,
}

/// How a writing command is confirmed.
#[derive(Clone, Copy, Debug, Args)]
pub struct ConfirmArgs {
    /// Don't ask. Without a terminal, nothing is done without this.
    #[arg(short, long)]
    pub yes: bool,
}

/// What `secret` does.
#[derive(Debug, Subcommand)]
pub enum SecretCommand {
    /// Keeps a secret as a SecureString: the value comes from standard input, or from a prompt that doesn't show it. Needs
    /// ssm:GetParameter and ssm:PutParameter, for one that is there also ssm:DescribeParameters, and kms:Encrypt on a key of your
    /// own.
    #[command(
        after_help = "Examples:\n  tanets secret set                        the webhook of tanets.toml; asks for it, hidden\n  tanets secret set --yes < webhook.txt    over an old one, without a question\n  tanets secret set /tanets/search-credentials --kms-key alias/tanets"
    )]
    Set(SecretSetArgs),
    /// Looks at a secret: is it there, encrypted, readable from here, and of the right form? Never shows it. Needs
    /// ssm:GetParameter, kms:Decrypt on a key of your own, and ssm:DescribeParameters to tell the key.
    #[command(
        after_help = "Examples:\n  tanets secret check\n  tanets secret check /tanets/search-credentials -o json"
    )]
    Check {
        /// The parameter, such as /tanets/slack-webhook; that of the webhook in tanets.toml by default.
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
}

/// Where a secret is kept.
#[derive(Clone, Debug, Args)]
pub struct SecretSetArgs {
    /// The parameter, such as /tanets/slack-webhook; that of the webhook in tanets.toml by default. Not the value.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// The KMS key that encrypts it: ARN, id or alias. By default `function.kms_key` of tanets.toml, then the one that it has,
    /// then AWS's own.
    #[arg(long, value_name = "KEY")]
    pub kms_key: Option<String>,
    /// Whether to ask before an old value is replaced.
    #[command(flatten)]
    pub confirm: ConfirmArgs,
}
