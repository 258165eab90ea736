//! What the proxy's owner and its server both see: requests, faults, and what AWS would remember.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::uri::Authority;

use super::Request;
use super::call::Call;
use super::faults::{Fault, Faults};
use super::functions::Functions;
use super::models::Models;
use super::refusal::Refusal;
use super::roles::Roles;
use super::settings::Manners;

pub(super) struct Shared {
    pub(super) upstream: Authority,
    pub(super) models: &'static Models,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) requests: Vec<Request>,
    /// How often the requests were cleared: a late answer must not be entered at somebody else's number.
    pub(super) generation: usize,
    pub(super) under_way: usize,
    pub(super) latency: Duration,
    pub(super) faults: Faults,
    pub(super) client: Option<u32>,
    pub(super) manners: Manners,
    pub(super) violations: Vec<String>,
    pub(super) roles: Roles,
    pub(super) functions: Functions,
}

impl State {
    /// What AWS answers to a request that comes before it has digested an earlier one.
    pub(super) fn too_early(&mut self, call: &Call) -> Option<Refusal> {
        let (manners, roles) = (&self.manners, &self.roles);
        let unseen = roles.unread(call, manners).or_else(|| roles.unseen(call, manners));
        let unseen = unseen.or_else(|| roles.unattached(call, manners));
        let has_states = manners.has_states();
        unseen.or_else(|| self.functions.refusal(call).filter(|_| has_states))
    }
}

/// A request that has been entered, to be closed with its answer.
pub(super) struct Entry {
    index: usize,
    generation: usize,
}

impl Shared {
    pub(super) fn new(upstream: Authority, models: &'static Models) -> Self {
        Self { upstream, models, began: Instant::now(), state: Mutex::default() }
    }

    /// A panic elsewhere leaves nothing half-done in there.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a request; what is to happen to it, if anything.
    pub(super) fn enter(&self, call: &Call) -> (Entry, Option<Fault>) {
        let mut state = self.lock();
        let (index, now) = (state.requests.len(), self.began.elapsed());
        state.under_way += 1;
        state.requests.push(Request {
            number: index + 1,
            service: call.service.clone(),
            operation: call.operation.clone(),
            began: now,
            ended: now,
            status: 0,
            input: call.recorded(),
        });
        let fault = state.faults.of(index + 1, call);
        (Entry { index, generation: state.generation }, fault)
    }

    /// Enters its end.
    pub(super) fn close(&self, entry: &Entry, status: u16) {
        let mut state = self.lock();
        state.under_way -= 1;
        let ended = self.began.elapsed();
        if entry.generation == state.generation
            && let Some(request) = state.requests.get_mut(entry.index)
        {
            request.ended = ended;
            request.status = status;
        }
    }
}
