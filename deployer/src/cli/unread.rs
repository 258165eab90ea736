//! Why a command line can't be read, in the form that was asked for. What is typed after `secret` may be one, as a webhook is
//! anywhere, and a CI keeps what it sees: such words are never quoted.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ColorChoice, Command};
use tanets_function::secret::SENSITIVE;

use super::Output;
use crate::exit::{Exit, Failure};

const HELP: &str = "`--help` lists them";

/// Help, the version, or wrong usage.
#[derive(Debug)]
pub struct Unread {
    error: clap::Error,
    output: Output,
}

impl Unread {
    pub(super) fn new(error: clap::Error, arguments: &[OsString], command: &Command) -> Self {
        let output = told(arguments, "--output", output).filter(|form| *form == "json");
        let is_for_secrets = arguments.iter().any(|argument| argument == "secret");
        let is_webhook = |argument: &OsString| argument.to_string_lossy().contains("hooks.slack.com/");
        let hidden = is_for_secrets || arguments.iter().any(is_webhook);
        Self {
            error: if hidden { without_words(error, command, is_for_secrets) } else { error },
            output: output.map_or(Output::Human, |_| Output::Json),
        }
    }

    /// The exit code: clap's own for wrong usage is 2, which means pending changes here.
    pub fn exit(&self) -> Exit {
        if self.error.use_stderr() { Exit::Usage } else { Exit::Done }
    }

    /// What programs are told, if they asked, and if it's neither help nor the version.
    pub fn failure(&self) -> Option<Failure> {
        if self.output != Output::Json || self.exit() == Exit::Done {
            return None;
        }
        // What clap says of a missing verb is the whole help.
        if self.error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Some(Failure::Usage {
                message: "a command is missing".to_owned(),
                hint: Some(HELP.to_owned()),
            });
        }
        let text = self.error.render().to_string();
        let mut paragraphs = text.split("\n\n").map(str::trim);
        let message = paragraphs.next().unwrap_or_default();
        let hint = paragraphs.find_map(|text| text.strip_prefix("hint: ").or(text.strip_prefix("tip: ")));
        Some(Failure::Usage {
            message: message.strip_prefix("error: ").unwrap_or(message).to_owned(),
            hint: hint.map(|hint| hint.replace("\n  tip: ", "; ")),
        })
    }

    /// Prints it for people.
    ///
    /// # Errors
    /// If nobody takes it.
    pub fn print(&self) -> std::io::Result<()> {
        self.error.print()
    }
}

/// The colours that are asked for: help and usage errors heed them too.
pub(super) fn color(arguments: &[OsString]) -> ColorChoice {
    told(arguments, "--color", |_| None).and_then(|when| when.parse().ok()).unwrap_or_default()
}

/// What stands behind `-o` in the same word: `-qo json` is `-q -o json`.
fn output(text: &str) -> Option<&str> {
    text.strip_prefix('-')?.trim_start_matches(['q', 'v']).strip_prefix('o')
}

/// What a flag is told, on a command line that may be wrong elsewhere. `short` gives what stands behind its letter.
fn told<'a>(
    arguments: &'a [OsString],
    long: &str,
    short: impl Fn(&'a str) -> Option<&'a str>,
) -> Option<&'a str> {
    let texts = || arguments.iter().filter_map(|argument| argument.to_str());
    let behind = texts().zip(texts().skip(1)).find(|(flag, _)| *flag == long || short(flag) == Some(""));
    let within = |text: &'a str| {
        let long = text.strip_prefix(long).and_then(|rest| rest.strip_prefix('='));
        let short = || short(text).map(|rest| rest.strip_prefix('=').unwrap_or(rest));
        long.or_else(short).filter(|value| !value.is_empty())
    };
    behind.map(|(_, value)| value).or_else(|| texts().find_map(within))
}

/// The same error, in which only flags and verbs that there are have names.
fn without_words(error: clap::Error, command: &Command, is_for_secrets: bool) -> clap::Error {
    let kind = error.kind();
    // These have clap's own text, and nothing of what was typed.
    if !error.use_stderr() || kind == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return error;
    }
    let mut quiet = clap::Error::new(kind).with_cmd(command);
    for (context, value) in error.context() {
        let is_typed = match context {
            ContextKind::InvalidArg => kind == ErrorKind::UnknownArgument,
            ContextKind::InvalidSubcommand => kind == ErrorKind::InvalidSubcommand,
            // An empty one says that there was none.
            ContextKind::InvalidValue => !matches!(value, ContextValue::String(text) if text.is_empty()),
            ContextKind::PriorArg
            | ContextKind::ValidValue
            | ContextKind::ValidSubcommand
            | ContextKind::MinValues
            | ContextKind::ActualNumValues
            | ContextKind::ExpectedNumValues
            | ContextKind::SuggestedArg
            | ContextKind::SuggestedSubcommand
            | ContextKind::SuggestedValue
            | ContextKind::Usage => false,
            // A suggestion in words quotes what it is about.
            _ => continue,
        };
        let value = if is_typed { ContextValue::String(SENSITIVE.to_owned()) } else { value.clone() };
        quiet.insert(context, value);
    }
    if kind == ErrorKind::UnknownArgument && is_for_secrets {
        let tip = "a secret's value comes from standard input or a prompt, never from the command line";
        quiet.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    }
    quiet
}

#[cfg(test)]
mod tests {
    use super::super::Cli;
    use super::*;

    fn unread(line: &str) -> Unread {
        let arguments = Vec::from_iter(line.split(' ').map(OsString::from));
        Cli::read(&arguments).expect_err(line)
    }

    #[test]
    fn nothing_that_is_typed_after_secret_is_quoted() {
        let mut told = String::new();
        for line in [
            "tanets secret set /x https://hooks.slack.com/services/T/B/XYZZY",
            "tanets secret set /x --https://hooks.slack.com/XYZZY",
            "tanets secret set /x --kms-ky XYZZY",
            "tanets secret set /x -XYZZY",
            "tanets secret set --yes=XYZZY",
            "tanets secret set -o XYZZY",
            "tanets secret set --color XYZZY",
            "tanets secret set --timeout XYZZY",
            "tanets secret set --region XYZZY",
            "tanets secret set --kms-key",
            "tanets secret set -q -v XYZZY",
            "tanets secret check /x XYZZY",
            "tanets secret XYZZY",
            "tanets secret help XYZZY",
            "tanets --XYZZY secret set",
            "tanets init https://hooks.slack.com/services/T/B/XYZZY",
        ] {
            let text = unread(line).error.render().to_string();
            assert!(!text.contains("XYZZY") && !text.contains("hooks"), "{text}");
            told += &format!(
                "{line}\n  {}\n",
                text.split("\n\nUsage").next().unwrap().split("\n\nFor more").next().unwrap()
            );
        }
        insta::assert_snapshot!(told, @"
        tanets secret set /x https://hooks.slack.com/services/T/B/XYZZY
          error: unexpected argument '(sensitive)' found

          tip: a secret's value comes from standard input or a prompt, never from the command line
        tanets secret set /x --https://hooks.slack.com/XYZZY
          error: unexpected argument '(sensitive)' found

          tip: a secret's value comes from standard input or a prompt, never from the command line
        tanets secret set /x --kms-ky XYZZY
          error: unexpected argument '(sensitive)' found

          tip: a similar argument exists: '--kms-key'
          tip: a secret's value comes from standard input or a prompt, never from the command line
        tanets secret set /x -XYZZY
          error: unexpected argument '(sensitive)' found

          tip: a secret's value comes from standard input or a prompt, never from the command line
        tanets secret set --yes=XYZZY
          error: unexpected value '(sensitive)' for '--yes' found; no more were expected
        tanets secret set -o XYZZY
          error: invalid value '(sensitive)' for '--output <OUTPUT>'
          [possible values: human, json]
        tanets secret set --color XYZZY
          error: invalid value '(sensitive)' for '--color <WHEN>'
          [possible values: auto, always, never]
        tanets secret set --timeout XYZZY
          error: invalid value '(sensitive)' for '--timeout <TIME>'
        tanets secret set --region XYZZY
          error: invalid value '(sensitive)' for '--region <REGION>'
        tanets secret set --kms-key
          error: a value is required for '--kms-key <KEY>' but none was supplied
        tanets secret set -q -v XYZZY
          error: the argument '--quiet' cannot be used with '--verbose...'
        tanets secret check /x XYZZY
          error: unexpected argument '(sensitive)' found

          tip: a secret's value comes from standard input or a prompt, never from the command line
        tanets secret XYZZY
          error: unrecognized subcommand '(sensitive)'
        tanets secret help XYZZY
          error: unrecognized subcommand '(sensitive)'
        tanets --XYZZY secret set
          error: unexpected argument '(sensitive)' found

          tip: a secret's value comes from standard input or a prompt, never from the command line
        tanets init https://hooks.slack.com/services/T/B/XYZZY
          error: unexpected argument '(sensitive)' found
        ");
    }

    #[test]
    fn other_commands_quote_what_they_do_not_know() {
        let text = unread("tanets plan --no-such-flag").error.render().to_string();
        assert!(text.starts_with("error: unexpected argument '--no-such-flag' found"), "{text}");
    }

    #[test]
    fn programs_that_ask_for_json_get_wrong_usage_as_a_failure() {
        for form in ["-qo json", "-vvojson", "-o json", "-ojson", "-o=json", "--output json", "--output=json"]
        {
            let failure = unread(&format!("tanets schedule bad {form}")).failure().expect(form);
            assert!(failure.to_string().ends_with("`rate(value unit)`"), "{failure}");
            assert_eq!(failure.hint().as_deref(), Some("for every day at 01:15 UTC: `cron(15 1 * * ? *)`"));
            assert_eq!(failure.exit(), Exit::Usage);
        }
        for (line, message, hint) in [
            (
                "tanets plan --adop -o json",
                "unexpected argument '--adop' found",
                Some("a similar argument exists: '--adopt'"),
            ),
            (
                "tanets completions -o json",
                "the following required arguments were not provided:\n  <SHELL>",
                None,
            ),
            (
                "tanets secret -o json",
                "'tanets secret' requires a subcommand but one was not provided\n  [subcommands: set, check, help]",
                None,
            ),
            ("tanets -o json secret", "a command is missing", Some("`--help` lists them")),
        ] {
            let failure = unread(line).failure().expect(line);
            assert_eq!((failure.to_string().as_str(), failure.hint().as_deref()), (message, hint), "{line}");
        }
        for line in [
            "tanets schedule bad",
            "tanets schedule bad -o human",
            "tanets --help -o json",
            "tanets -V -o json",
        ] {
            assert!(unread(line).failure().is_none(), "{line}");
        }
    }
}
