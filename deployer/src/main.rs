//! `tanets`: parse, run, print, exit code.

use std::io::ErrorKind;
use std::process::ExitCode;

use jiff::Timestamp;
use tanets::ci::Ci;
use tanets::cli::Cli;
use tanets::exit::Exit;
use tanets::{commands, view};

fn main() -> ExitCode {
    let cli = match Cli::read(&Vec::from_iter(std::env::args_os())) {
        Ok(cli) => cli,
        Err(unread) => {
            let Some(failure) = unread.failure() else {
                return match unread.print() {
                    // A reader that has gone away (`--help | head`) is no failure of ours.
                    Err(error) if error.kind() != ErrorKind::BrokenPipe => Exit::Failed,
                    _ => unread.exit(),
                }
                .into();
            };
            view::unread(&failure);
            return failure.exit().into();
        }
    };
    let view = view::choose(&cli.global, Ci::here().as_ref(), Timestamp::now);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(_) => return Exit::Failed.into(),
    };
    let result = runtime.block_on(commands::run(cli.command, &cli.global, view.as_ref(), Timestamp::now()));
    let exit = result.unwrap_or_else(|failure| {
        view.failure(&failure);
        failure.exit()
    });
    view.finish(exit).into()
}
