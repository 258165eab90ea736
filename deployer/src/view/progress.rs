//! Steps as they go: live lines with a clock on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

use super::console::Console;
use super::text::{DIM, RED, YELLOW, error, paint, symbol};
use crate::apply::{Event, Interruption, Skipped};
use crate::deadline::GRACE;
use crate::plan::{Action, Step};
use crate::resource::Address;

/// Tells the time.
pub type Clock = fn() -> Timestamp;

/// The running steps.
pub struct Steps {
    console: Console,
    live: bool,
    clock: Option<Clock>,
    running: Mutex<BTreeMap<Address, (ProgressBar, String)>>,
    /// What is waited for beside the steps.
    waiting: Mutex<Option<(ProgressBar, String)>>,
}

impl Steps {
    /// Shows steps on a console; live on a terminal. With a clock, each line begins with the time in UTC.
    pub fn new(console: Console, clock: Option<Clock>) -> Self {
        let live = !console.bars.is_hidden();
        Self { console, live, clock, running: Mutex::default(), waiting: Mutex::default() }
    }

    /// Shows what happens.
    pub fn show(&self, event: &Event<'_>) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started(step) => {
                let bar = ProgressBar::new_spinner().with_style(style()).with_message(doing(step));
                let bar = self.console.bars.add(bar);
                bar.enable_steady_tick(Duration::from_millis(100));
                running.insert(step.address.clone(), (bar, String::new()));
                if !self.live {
                    self.line(&format!("  {} ...", doing(step)));
                }
            }
            Event::Progress(step, text) => {
                let Some((bar, last)) = running.get_mut(&step.address) else { return };
                // The same words again are news only for a clock that runs.
                if last != text {
                    last.clone_from(text);
                    bar.set_message(format!("{}: {text}", doing(step)));
                    if !self.live {
                        drop(running);
                        self.line(&format!("  {}: {text}", doing(step)));
                    }
                }
            }
            Event::Finished(step, elapsed) => {
                clear(&mut running, step);
                let seconds = paint(DIM, format_args!("in {:.1} s", elapsed.as_secs_f32()));
                self.line(&format!("{} {} {seconds}", symbol(step.action), done(step)));
            }
            Event::Failed(step, failure, elapsed) => {
                clear(&mut running, step);
                let seconds = elapsed.as_secs_f32();
                self.line(&format!("{} {}: failed after {seconds:.1} s", paint(RED, "x"), doing(step)));
                let what = format!("could not {} `{}` ({})", verb(step.action), step.address, step.name);
                self.console.tell(&error(&what, &[failure.to_string()], failure.hint().as_deref()));
            }
            Event::Skipped(step, Skipped::After(needed)) => {
                self.line(&format!(
                    "{} {}: not started, it needs `{needed}`",
                    paint(YELLOW, "-"),
                    doing(step)
                ));
            }
            Event::Skipped(..) => {}
            Event::Interrupted(Interruption::Time(up)) => {
                let grace = GRACE.as_secs();
                self.line(&format!("Interrupted: {up}; steps that are under way get {grace} s to end ..."));
            }
            Event::Interrupted(Interruption::Signal) => {
                self.line("Interrupted: waiting for the steps that are under way (again to stop at once) ...")
            }
        }
    }

    /// Shows what is waited for beside the steps, until it has come.
    pub fn wait(&self, text: &str) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.as_ref().is_some_and(|(_, last)| last == text) {
            return;
        }
        let (bar, _) = waiting.take().unwrap_or_else(|| {
            let bar = self.console.bars.add(ProgressBar::new_spinner().with_style(style()));
            bar.enable_steady_tick(Duration::from_millis(100));
            (bar, String::new())
        });
        bar.set_message(text.to_owned());
        *waiting = Some((bar, text.to_owned()));
        if !self.live {
            drop(waiting);
            self.line(&format!("  {text} ..."));
        }
    }

    /// It has come.
    pub fn waited(&self) {
        if let Some((bar, _)) = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        let time = self.clock.map(|now| format!("{} ", now().strftime("%H:%M:%SZ"))).unwrap_or_default();
        self.console.tell(&format!("{time}{text}\n"));
    }
}

fn clear(running: &mut BTreeMap<Address, (ProgressBar, String)>, step: &Step) {
    if let Some((bar, _)) = running.remove(&step.address) {
        bar.finish_and_clear();
    }
}

fn style() -> ProgressStyle {
    // The message is cut where the window ends.
    ProgressStyle::with_template("{spinner} {elapsed:>3.dim} {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn verb(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Delete => "delete",
    }
}

fn doing(step: &Step) -> String {
    let verb = verb(step.action).trim_end_matches('e');
    format!("{:<10}  {verb}ing {}", step.address, step.name)
}

fn done(step: &Step) -> String {
    format!("{:<10}  {}d {}", step.address, verb(step.action), step.name)
}
