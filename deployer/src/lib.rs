//! tanets puts yesterday's error counts from Elasticsearch or OpenSearch into Slack every morning.
//!
//! This library is the deployer; its flow is one line a module:
//!
//! - [`config`]: `tanets.toml` to a `Config`; [`schedule`], [`forecast`]: when it fires and what that covers
//! - [`aws`]: clients, identity, error wording; [`retry`] and [`deadline`]: the only places that wait for
//!   a clock
//! - [`package`]: the deterministic zip; [`cargo_lambda`]: builds what goes into it
//! - [`stack`]: all of these to the desired resources, each kind in a file of [`resource`]; [`grants`]: what the
//!   function may do; [`policy`]: documents in a normal form
//! - [`access`]: what the deploying identity must be allowed, as a policy; [`pipeline`]: a CI's roles and workflow
//! - [`observe`]: all reads at once; [`plan`]: desired and observed to steps, pure; [`apply`]: carries them out
//! - [`stacks`]: every stack of a region
//! - [`secret`]: what may be kept where the configuration refers to
//! - [`run_log`]: the function's log as runs; [`delivery`]: whether the digest went out; [`doctor`]: the function's check
//!   from inside, with hints
//! - [`commands`]: one function a verb; [`view`]: the only place that prints; [`ci`]: whose log that is; [`exit`]: how a
//!   run can end; [`manual`]: completions and man pages; [`init`]: a first tanets.toml;
//!   [`migration`]: one from the old module, out of [`terraform`]'s files

pub mod access;
pub mod apply;
pub mod attributes;
pub mod aws;
pub mod cargo_lambda;
pub mod ci;
pub mod cli;
pub mod commands;
pub mod config;
pub mod deadline;
pub mod delivery;
pub mod doctor;
pub mod exit;
pub mod forecast;
pub mod grants;
pub mod init;
pub mod manual;
pub mod migration;
pub mod observe;
pub mod package;
pub mod pipeline;
pub mod plan;
pub mod policy;
pub mod resource;
pub mod retry;
pub mod run_log;
pub mod schedule;
pub mod secret;
pub mod stack;
pub mod stacks;
pub mod terraform;
pub mod view;
