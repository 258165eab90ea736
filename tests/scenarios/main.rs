//! Scenarios: the real binary against real peers, from the outside in.
//!
//! Each deploys under a name or an account of its own, so they run side by side; `tanets-sandbox` has the peers.

mod access;
mod adoption;
mod by_hand;
mod changes;
mod ci;
mod config;
mod digest;
mod doctor;
mod drift;
mod endpoints;
mod expect;
mod life_cycle;
mod manners;
mod neighbour;
mod neighbours;
mod network_interfaces;
mod offline;
mod operate;
mod output;
mod pipelines;
mod preview;
mod races;
mod readme;
mod secret;
mod status;
mod sweeps;
mod terminal;
mod timeout;
mod usage;
mod window;
mod world;
