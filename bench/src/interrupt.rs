//! Ctrl-C: ends at once while nothing is measured, else after the tool under way has been ended and its folder removed.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tanets_sandbox::PeerError;
use tokio::signal::unix::{SignalKind, signal};

/// The exit code of an interrupted command.
pub const EXIT_CODE: u8 = 130;

/// Whether somebody wants to end this.
#[derive(Clone, Default)]
pub struct Interrupt {
    graceful: Arc<AtomicBool>,
    pressed: Arc<AtomicBool>,
}

impl Interrupt {
    /// From now on, Ctrl-C and SIGTERM are ours.
    pub fn install() -> Result<Self, PeerError> {
        let interrupt = Self::default();
        let ours = interrupt.clone();
        let failed = |error| PeerError::new("listening for Ctrl-C", error);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let signals = {
            let _inside = runtime.enter();
            signal(SignalKind::interrupt()).and_then(|int| Ok((int, signal(SignalKind::terminate())?)))
        };
        let (mut int, mut term) = signals.map_err(failed)?;
        thread::spawn(move || {
            runtime.block_on(async {
                loop {
                    tokio::select! {
                        _ = int.recv() => {}
                        _ = term.recv() => {}
                    }
                    ours.pressed.store(true, Ordering::SeqCst);
                    if !ours.graceful.load(Ordering::SeqCst) {
                        process::exit(EXIT_CODE.into());
                    }
                }
            });
        });
        Ok(interrupt)
    }

    /// From now on there is something to clean up.
    pub fn ask_first(&self) {
        self.graceful.store(true, Ordering::SeqCst);
    }

    /// Whether it is time to clean up.
    pub fn pressed(&self) -> bool {
        self.pressed.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
impl Interrupt {
    /// One that was pressed before.
    pub fn pressed_already() -> Self {
        let interrupt = Self::default();
        interrupt.pressed.store(true, Ordering::SeqCst);
        interrupt
    }
}
