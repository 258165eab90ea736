//! stdout and stderr, with secrets taken out of whatever goes there.

use std::fs;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use clap::ColorChoice;
use console::Term;
use indicatif::{MultiProgress, ProgressDrawTarget};
use serde_json::Value;
use tanets_function::preview::{Window, channel, columns, draw, fold, sender};
use tanets_function::secret::{SENSITIVE, Secret};

use super::text::{self, BOLD, CYAN, DIM, RED, paint};
use crate::exit::Exit;
use crate::init::Question;

/// The two streams. Clones are the same console.
#[derive(Clone, Debug)]
pub struct Console {
    secrets: Arc<Mutex<Vec<Secret>>>,
    /// Why a result could not be written.
    unwritten: Arc<Mutex<Option<io::Error>>>,
    /// Live lines on a terminal; nothing elsewhere.
    pub bars: MultiProgress,
}

impl Console {
    /// A console whose colours follow the choice, then the terminal and NO_COLOR. A `plain` one has no live lines, even on a
    /// terminal, and neither has one without colours: it writes no escape codes at all.
    pub fn new(color: ColorChoice, plain: bool) -> Self {
        match color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        }
        .write_global();
        let bars = match plain || !has_colors(&std::io::stderr()) {
            true => MultiProgress::with_draw_target(ProgressDrawTarget::hidden()),
            false => MultiProgress::new(),
        };
        Self { secrets: Arc::default(), unwritten: Arc::default(), bars }
    }

    /// Never prints these texts.
    pub fn hide(&self, secrets: &[Secret]) {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(secrets);
    }

    /// Prints a result, folded to the window.
    pub fn result(&self, text: &str) {
        // A secret that is folded would no longer be found.
        let text = self.redacted(text);
        self.exact(&folded(&text, width(&Term::stdout()), self.has_links()));
    }

    /// Prints a result as it is: what programs read, or people copy.
    pub fn exact(&self, text: &str) {
        let text = self.redacted(text);
        let write = || {
            let mut stdout = anstream::stdout().lock();
            stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
        };
        if let Err(error) = self.bars.suspend(write) {
            *self.unwritten.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
    }

    /// Whether nobody takes results any more.
    pub fn is_closed(&self) -> bool {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The exit code of a run that ends with this one: no success where a result could not be written, a full disk behind
    /// `>` for one.
    pub fn finish(&self, exit: Exit) -> Exit {
        match self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A reader that has gone away (`| head`) is no failure of ours.
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                self.tell(&text::error("cannot write to standard output", &[error.to_string()], None));
                if matches!(exit, Exit::Done | Exit::Changes) { Exit::Failed } else { exit }
            }
            _ => exit,
        }
    }

    /// Prints what accompanies the work, folded to the window.
    pub fn tell(&self, text: &str) {
        let text = folded(&self.redacted(text), width(&Term::stderr()), false);
        self.bars.suspend(|| anstream::stderr().write_all(text.as_bytes()).ok());
    }

    /// Prints a message, drawn into the window.
    pub fn message(&self, payload: &Value) {
        let payload: Value = serde_json::from_str(&self.redacted(&payload.to_string())).unwrap_or_default();
        let window = Window { width: width(&Term::stdout()), links: self.has_links() };
        self.exact(&draw(sender(&payload), channel(&payload), &payload, window));
    }

    /// Whether results have colours, and their terminal links.
    fn has_links(&self) -> bool {
        has_colors(&std::io::stdout()) && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout)
    }

    /// Writes a result into a file.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn write(&self, file: &Path, text: &str) -> io::Result<()> {
        fs::write(file, self.redacted(text))
    }

    /// The text, as it may be shown.
    pub fn redacted(&self, text: &str) -> String {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().fold(text.to_owned(), |text, secret| match secret.expose() {
            "" => text,
            secret => {
                // In JSON, ours or what a service quotes, a quotation mark or backslash is written otherwise.
                let escaped = Value::from(secret).to_string();
                text.replace(secret, SENSITIVE).replace(escaped.trim_matches('"'), SENSITIVE)
            }
        })
    }

    /// Asks on stderr and reads a line.
    pub fn ask(&self, question: &str) -> String {
        self.line(question).unwrap_or_default()
    }

    /// The same; none at the end of the input.
    fn line(&self, question: &str) -> Option<String> {
        self.tell(question);
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        if !answer.ends_with('\n') {
            // Nobody has typed Enter: what comes next stands on a line of its own.
            self.tell("\n");
        }
        (read.ok()? > 0).then(|| answer.trim().to_owned())
    }

    /// Asks until the answer is right; none at the end of the input.
    pub fn answer(&self, question: &Question, env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let hint = match question.default {
            Some(default) => format!("[{default}]"),
            None => format!("such as {}", question.example),
        };
        self.tell(&format!("{}\n", paint(BOLD, question.text)));
        loop {
            let typed = self.line(&format!("  {} {}: ", question.key, paint(DIM, &hint)))?;
            let answer = match (typed.as_str(), question.default) {
                ("", Some(default)) => default,
                (typed, _) => typed,
            };
            match question.check(answer, env) {
                Ok(()) => return Some(answer.to_owned()),
                Err(problem) => {
                    let hint = problem.hint.iter().map(|hint| format!("  {}: {hint}\n", paint(CYAN, "hint")));
                    self.tell(&format!(
                        "  {} {}\n{}",
                        paint(RED, "!"),
                        problem.message,
                        String::from_iter(hint)
                    ));
                }
            }
        }
    }

    /// Asks for what nobody may see.
    ///
    /// # Errors
    /// If the terminal can't be read.
    pub fn ask_secret(&self, parameter: &str) -> io::Result<String> {
        self.tell(&format!("The value of {parameter} (not shown): "));
        ::console::Term::stderr().read_secure_line()
    }

    /// Asks whether a parameter's old value goes.
    pub fn replaces(&self, parameter: &str, version: u64) -> bool {
        self.agreed(&format!("{parameter} is there (version {version}). Replace it? [y/N] "))
    }

    /// Asks for a yes.
    pub fn agreed(&self, question: &str) -> bool {
        matches!(self.ask(question).to_lowercase().as_str(), "y" | "yes")
    }
}

fn has_colors(stream: &impl anstream::stream::RawStream) -> bool {
    anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never
}

/// The columns of a stream's window; none if it goes elsewhere.
fn width(term: &Term) -> Option<usize> {
    term.size_checked().map(|(_, columns)| usize::from(columns)).filter(|columns| *columns > 0)
}

/// Each line within the width, but for words that are longer; what goes on is indented. Columns that don't fit come together.
/// Lines of a file stay as they are, for the carets below them.
fn folded(text: &str, width: Option<usize>, links: bool) -> String {
    let text = if links { text.to_owned() } else { without_links(text) };
    let Some(width) = width else { return text };
    let is_whole = |line: &str| {
        let start = line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit());
        // A command by itself is pasted into a shell.
        let is_command = ["  tanets ", "  terraform "].iter().any(|name| line.starts_with(name));
        start.starts_with('|') || is_command && !start.contains("  ")
    };
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let lines = Vec::from_iter(text.split_inclusive('\n'));
    let mut folded = String::new();
    // Lines below each other with the same indent are a table.
    for table in lines.chunk_by(|one, next| indent(one) == indent(next) && *one != "\n" && *next != "\n") {
        let is_narrow = table.iter().any(|line| !is_whole(line) && columns(line.trim_end()) > width);
        for line in table {
            if !is_narrow || is_whole(line) {
                folded.push_str(line);
                continue;
            }
            // A question ends in a space, behind which the answer is typed.
            let (line, end) = line.split_at(line.trim_end().len());
            let (start, rest) = line.split_at(indent(line));
            let mut rest = rest.to_owned();
            while rest.contains("   ") {
                rest = rest.replace("   ", "  ");
            }
            let hanging = " ".repeat((start.len() + 2).min(width / 2));
            folded += &(fold(&format!("{start}{rest}"), width, &hanging, true).join("\n") + end);
        }
    }
    folded
}

/// The text where its links lead nowhere.
fn without_links(text: &str) -> String {
    let mut parts = text.split("\u{1b}]8;;");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once("\u{1b}\\").map_or(part, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use tanets_function::preview::link;

    use super::*;

    #[test]
    fn text_is_folded_to_the_window_and_lines_of_a_file_are_not() {
        let text = "  role  digest  in sync\n12 | key = \"a long value\"\n   |       ^^^^^^^^^^^^^^\nMake these changes? ";
        let narrow = "  role  digest\n    in sync\n12 | key = \"a long value\"\n   |       ^^^^^^^^^^^^^^\nMake these\n  changes? ";
        assert_eq!(folded(text, Some(16), false), narrow);
        assert_eq!(folded(text, None, false), text);
        let table = "    memory          128\n    package_source  a release\n\n    memory          128\n";
        let narrow = "    memory  128\n    package_source  a\n      release\n\n    memory          128\n";
        assert_eq!(folded(table, Some(23), false), narrow);
        let command = "  tanets check -c 'a long name.toml'\n    is it right?\n";
        assert_eq!(folded(command, Some(16), false), command);
        let arn = "arn:aws:iam::123456789012:role/digest";
        let linked = format!("  role {}\n", link("https://console.aws.amazon.com/", arn));
        assert_eq!(folded(&linked, None, true), linked);
        assert_eq!(folded(&linked, Some(16), false), format!("  role\n    {arn}\n"));
    }

    #[test]
    fn a_secret_is_taken_out_as_it_is_and_as_json_writes_it() {
        let console = Console::new(ColorChoice::Never, false);
        console.hide(&[Secret::new("elastic:pa\"ss\\word"), Secret::new("")]);
        let json = serde_json::json!({ "message": "String: {\"ES\":\"elastic:pa\"ss\\word\"}" }).to_string();
        for text in ["measured elastic:pa\"ss\\word.", json.as_str()] {
            let shown = console.redacted(text);
            assert!(!shown.contains("word") && shown.contains(SENSITIVE), "{shown}");
        }
    }
}
