//! stdout and stderr, with secrets taken out of whatever goes there.

use std::fs;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use clap::ColorChoice;
use indicatif::{MultiProgress, ProgressDrawTarget};
use tanets_function::secret::{SENSITIVE, Secret};

use super::text::{BOLD, CYAN, DIM, RED, paint};
use crate::init::Question;

/// The two streams. Clones are the same console.
#[derive(Clone, Debug)]
pub struct Console {
    secrets: Arc<Mutex<Vec<Secret>>>,
    /// Live lines on a terminal; nothing elsewhere.
    pub bars: MultiProgress,
}

impl Console {
    /// A console whose colours follow the choice, then the terminal and NO_COLOR. A `plain` one has no live lines, even on a
    /// terminal.
    pub fn new(color: ColorChoice, plain: bool) -> Self {
        match color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        }
        .write_global();
        let bars = match plain {
            true => MultiProgress::with_draw_target(ProgressDrawTarget::hidden()),
            false => MultiProgress::new(),
        };
        Self { secrets: Arc::default(), bars }
    }

    /// Never prints these texts.
    pub fn hide(&self, secrets: &[Secret]) {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(secrets);
    }

    /// Prints a result.
    pub fn result(&self, text: &str) {
        let text = self.redacted(text);
        // A reader that has gone away (`| head`) is no failure of ours.
        self.bars.suspend(|| anstream::stdout().write_all(text.as_bytes()).ok());
    }

    /// Prints what accompanies the work.
    pub fn tell(&self, text: &str) {
        let text = self.redacted(text);
        self.bars.suspend(|| anstream::stderr().write_all(text.as_bytes()).ok());
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
                let escaped = serde_json::Value::from(secret).to_string();
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
        let bytes = std::io::stdin().lock().read_line(&mut answer).ok()?;
        (bytes > 0).then(|| answer.trim().to_owned())
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

    /// Asks for a yes.
    pub fn agreed(&self, question: &str) -> bool {
        matches!(self.ask(question).to_lowercase().as_str(), "y" | "yes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
