//! The real peers of tanets on one machine: AWS emulators, search servers, a Slack inbox, and logs whose true counts are
//! known. Everything listens on 127.0.0.1, lives under `target/peers` and ends with the process that started it.
//!
//! A peer is set up when it is first asked for: with Python 3, and the first time with downloads from PyPI and Maven
//! Central. The library blocks; a test that wants a peer says so with [`require_peer!`].

pub mod corpus;
pub mod interrupt;
pub mod manners;
pub mod progress;
pub mod python;
pub mod slack_limits;

mod cargo;
mod error;
mod gate;
mod http;
mod inbox;
mod java;
mod maven;
mod ministack;
mod moto;
mod paths;
mod prepared;
mod process;
mod search_server;

use std::io::{self, Write};
use std::{env, thread};

pub use cargo::{build_deployer, build_function, build_released_deployer, function_package};
pub use error::PeerError;
pub use gate::{Gate, Signer};
pub use inbox::{Inbox, Message};
pub use java::Java;
pub use ministack::Ministack;
pub use moto::Moto;
pub use paths::{peers_dir, target_dir, workspace_root};
pub use search_server::{ADMIN, OPENSEARCH_3, Product, READER, RELEASES, Release, SearchServer, User};

/// The peer, or the end of the test: with `TANETS_REQUIRE_PEERS=1` a failure, otherwise a line `not run: TEST: reason`
/// on the process's stderr.
#[macro_export]
macro_rules! require_peer {
    ($peer:expr) => {
        match $peer {
            Ok(peer) => peer,
            Err(error) => {
                $crate::not_run(&error);
                return;
            }
        }
    };
}

/// Tells that the running test cannot run; for [`require_peer!`].
///
/// # Panics
/// With `TANETS_REQUIRE_PEERS=1`.
pub fn not_run(error: &PeerError) {
    let why = error.explain();
    assert!(
        env::var_os("TANETS_REQUIRE_PEERS").is_none_or(|value| value != "1"),
        "a required peer is missing: {why}"
    );
    // libtest names a test's thread after it, and captures what `eprintln!` writes.
    let thread = thread::current();
    let test = thread.name().unwrap_or("a test");
    // At once, so that tests side by side do not mix their lines.
    let _ = io::stderr().write_all(format!("not run: {test}: {why}\n").as_bytes());
}
