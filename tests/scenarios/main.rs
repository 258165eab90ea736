//! Scenarios: the real binary against real peers, from the outside in.
//!
//! Each deploys under a name or an account of its own, so they run side by side; `tanets-sandbox` has the peers.

mod changes;
mod config;
mod digest;
mod life_cycle;
mod manners;
mod neighbours;
mod output;
mod sweeps;
mod usage;
mod world;
