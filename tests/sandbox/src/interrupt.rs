//! Ctrl-C for the commands of this workspace: ends them at once while there is nothing to clean up, later asks for it.
//! Peers end with their process anyway, however it ends.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

use crate::error::{Context, PeerError};

/// The exit code of an interrupted command.
pub const EXIT_CODE: u8 = 130;

/// What a second Ctrl-C does to a command that is cleaning up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// It ends at once.
    Ends,
    /// It goes on cleaning up: what is left behind would spoil the next run.
    Waits,
}

/// Whether somebody wants to end this.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    graceful: Arc<AtomicBool>,
    pressed: Arc<AtomicBool>,
}

impl Interrupt {
    /// From now on, Ctrl-C and SIGTERM are ours.
    ///
    /// # Errors
    /// If the system has no signals or threads left.
    pub fn install(again: Again) -> Result<Self, PeerError> {
        let interrupt = Self::default();
        let ours = interrupt.clone();
        let doing = || "listening for Ctrl-C".to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().when(doing)?;
        let signals = {
            let _inside = runtime.enter();
            signal(SignalKind::interrupt()).and_then(|int| Ok((int, signal(SignalKind::terminate())?)))
        };
        let (mut int, mut term) = signals.when(doing)?;
        thread::spawn(move || {
            runtime.block_on(async {
                loop {
                    tokio::select! {
                        _ = int.recv() => {}
                        _ = term.recv() => {}
                    }
                    if ours.press(again) {
                        process::exit(EXIT_CODE.into());
                    }
                }
            });
        });
        Ok(interrupt)
    }

    /// One that was pressed before.
    pub fn pressed_already() -> Self {
        Self { graceful: Arc::default(), pressed: Arc::new(AtomicBool::new(true)) }
    }

    /// From now on there is something to clean up.
    pub fn ask_first(&self) {
        self.graceful.store(true, Ordering::SeqCst);
    }

    /// Whether it is time to clean up.
    pub fn pressed(&self) -> bool {
        self.pressed.load(Ordering::SeqCst)
    }

    /// Takes note of a Ctrl-C; whether it ends the process at once.
    fn press(&self, again: Again) -> bool {
        let before = self.pressed.swap(true, Ordering::SeqCst);
        !self.graceful.load(Ordering::SeqCst) || (before && again == Again::Ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_something_to_clean_up_is_asked_first_and_again_only_where_that_may_be_left() {
        for (again, second) in [(Again::Ends, true), (Again::Waits, false)] {
            let interrupt = Interrupt::default();
            assert!(interrupt.press(again), "nothing to clean up");
            let interrupt = Interrupt::default();
            interrupt.ask_first();
            assert!(!interrupt.press(again) && interrupt.pressed());
            assert_eq!(interrupt.press(again), second, "{again:?}");
        }
    }
}
