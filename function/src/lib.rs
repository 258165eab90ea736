//! What the Lambda function of tanets does: counts yesterday's errors in a search cluster and puts them into
//! Slack.
//!
//! A run reads from top to bottom in [`run`]: the event gives the day ([`event`]), the day its window
//! ([`digest`]), references their values ([`reference`](mod@reference)), one search the counts ([`search`]), the counts a
//! message ([`slack`]), which goes to the webhook ([`webhook`]). A check ([`mod@check`]) looks at all
//! of that without a message. `digest`, `slack` and `links` are pure. The
//! same library serves the Lambda (`lambda`, behind a feature) and previews elsewhere (`preview`, behind another).

pub mod auth;
pub mod check;
pub mod digest;
pub mod environment;
pub mod error;
pub mod event;
pub mod fingerprint;
pub mod http;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod links;
#[cfg(feature = "preview")]
pub mod preview;
pub mod reference;
pub mod retry;
pub mod run;
pub mod search;
pub mod secret;
pub mod settings;
pub mod sigv4;
pub mod slack;
#[cfg(test)]
mod testing;
pub mod version;
pub mod webhook;
