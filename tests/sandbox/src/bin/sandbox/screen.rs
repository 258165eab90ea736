//! What people see: the only place that prints. Progress goes to stderr, live on a terminal, as plain lines elsewhere;
//! results go to stdout.

use std::fmt::Display;
use std::io::{IsTerminal, stderr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tanets_sandbox::PeerError;
use tanets_sandbox::progress::Progress;

/// Weak text.
pub const DIM: Style = Style::new().dimmed();
/// Strong text.
pub const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
/// Room for a step's name.
const WIDTH: usize = 26;
/// Between two lines of a step's progress where there is no terminal.
const QUIET: Duration = Duration::from_secs(15);

/// The terminal, or what stands in for one.
pub struct Screen {
    bars: MultiProgress,
    live: bool,
}

impl Screen {
    /// The process's own.
    pub fn new() -> Self {
        Self { bars: MultiProgress::new(), live: stderr().is_terminal() }
    }

    /// Does one step and shows it: what it is doing, and at the end how long it took and what came of it. Steps may
    /// run side by side.
    pub fn step<T>(
        &self,
        name: &str,
        work: impl FnOnce(&Progress<'_>) -> Result<(T, String), PeerError>,
    ) -> Result<T, PeerError> {
        let start = Instant::now();
        let bar = self.bars.add(ProgressBar::new_spinner());
        // The template is a constant; if it were wrong, the default one would do.
        if let Ok(style) =
            ProgressStyle::with_template("{spinner:.cyan} {prefix} {elapsed:>5} {wide_msg:.dim}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(format!("{name:WIDTH$}"));
        bar.enable_steady_tick(Duration::from_millis(100));
        let shown = Mutex::new(None::<Instant>);
        let done = work(&|line| {
            bar.set_message(line.to_owned());
            let mut shown = shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if !self.live && shown.is_none_or(|at| at.elapsed() > QUIET) {
                *shown = Some(Instant::now());
                anstream::eprintln!("   {DIM}{name}: {line}{DIM:#}");
            }
        });
        bar.finish_and_clear();
        let took = format!("{:.1} s", start.elapsed().as_secs_f64());
        match done {
            Ok((value, detail)) => {
                self.line(format!("{GOOD}ok{GOOD:#} {name:WIDTH$} {took:>7}  {DIM}{detail}{DIM:#}"));
                Ok(value)
            }
            Err(error) => {
                self.line(format!("{BAD}no{BAD:#} {name:WIDTH$} {took:>7}"));
                Err(error)
            }
        }
    }

    /// A line of progress.
    pub fn line(&self, line: impl Display) {
        self.bars.suspend(|| anstream::eprintln!("{line}"));
    }

    /// A result.
    pub fn result(&self, text: impl Display) {
        self.bars.suspend(|| anstream::println!("{text}"));
    }

    /// Why it ended.
    pub fn error(&self, error: &PeerError) {
        self.line(format!("\n{BAD}error:{BAD:#} {}", error.explain()));
    }
}
