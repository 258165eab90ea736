//! Stages that need one another: after the first that fails, the rest is not tried. Holds what they found.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Finding, Kind, State, What};

/// Why something stands in the way of a digest.
#[derive(Debug)]
pub(super) struct Failure {
    pub kind: Kind,
    pub error: String,
    pub hint: Option<&'static str>,
}

impl From<Failure> for State {
    fn from(Failure { kind, error, hint }: Failure) -> Self {
        Self::Failed { kind, error, hint: hint.map(str::to_owned) }
    }
}

/// No further stage is tried: this one failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct After(pub What);

/// The stages, and what those that were tried have found.
#[derive(Debug)]
pub(super) struct Chain {
    left: VecDeque<What>,
    findings: Vec<Finding>,
}

impl Chain {
    /// Stages in their order, below what was found before.
    pub fn new(findings: Vec<Finding>, stages: impl IntoIterator<Item = What>) -> Self {
        Self { left: stages.into_iter().collect(), findings }
    }

    /// The stage that comes next.
    pub fn next(&self) -> Option<What> {
        self.left.front().copied()
    }

    /// Leaves a stage out: it makes no sense here.
    pub fn without(&mut self, stage: What) {
        self.left.retain(|left| *left != stage);
    }

    /// What the next stage has found, and how long that took.
    pub fn found(&mut self, took: Option<Duration>, found: Result<String, Failure>) -> Result<(), After> {
        let Some(what) = self.left.pop_front() else { return Ok(()) };
        let (state, end) = match found {
            Ok(detail) => (State::Ok { detail }, Ok(())),
            Err(failure) => (failure.into(), Err(After(what))),
        };
        self.findings.push(Finding { what, state, ms: took.map(|took| took.as_millis() as u64) });
        end
    }

    /// All findings; what is left was not tried.
    pub fn finish(self, end: Result<(), After>) -> Vec<Finding> {
        let Self { left, mut findings } = self;
        if let Err(After(after)) = end {
            let not_tried = |what| Finding { what, state: State::NotTried { after }, ms: None };
            findings.extend(left.into_iter().map(not_tried));
        }
        findings
    }
}
