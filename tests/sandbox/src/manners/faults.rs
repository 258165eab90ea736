//! Which request something happens to, and what.

use serde_json::Value;

use super::call::Call;

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is throttled, and so is its first repetition.
    Throttle,
    /// An answer of 500 that says nothing.
    ServerError,
    /// The connection is closed before AWS has seen it.
    Cut,
    /// AWS does it, and the connection is closed before the answer.
    LoseAnswer,
    /// It is denied, and so are all later ones of its operation.
    Deny,
    /// It is refused with this status, code and message.
    Refuse(u16, &'static str, &'static str),
    /// PutTargets or RemoveTargets: an answer of 200 in which the entry failed, for somebody else writes the rule.
    FailedEntry,
    /// The credentials have expired: for it and for all later ones.
    Expired,
    /// The client is killed before AWS has seen it.
    KillBefore,
    /// AWS does it, and the client is killed before the answer.
    KillAfter,
    /// The client gets a SIGINT; then the request goes its way.
    Interrupt,
}

/// A signal to the client.
#[derive(Clone, Copy, Debug)]
pub(super) enum Signal {
    Kill,
    Interrupt,
}

/// The faults that are to come and those that last.
#[derive(Default)]
pub(super) struct Faults {
    at: Vec<(usize, Fault)>,
    on: Vec<(String, usize, Fault)>,
    /// Operation and input of a request that is throttled once more.
    repeated: Vec<(String, Value)>,
    /// Actions, as IAM names them.
    denied: Vec<String>,
    expired: bool,
}

impl Faults {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn at(&mut self, number: usize, fault: Fault) {
        self.at.push((number, fault));
    }

    pub(super) fn on(&mut self, operation: &str, nth: usize, fault: Fault) {
        self.on.push((operation.to_owned(), nth, fault));
    }

    /// What happens to a request.
    pub(super) fn of(&mut self, number: usize, call: &Call) -> Option<Fault> {
        let fault = self.lasting(call).or_else(|| self.taken(number, call))?;
        match fault {
            Fault::Deny => self.denied.push(call.action()),
            Fault::Expired => self.expired = true,
            _ => {}
        }
        Some(fault)
    }

    fn lasting(&mut self, call: &Call) -> Option<Fault> {
        if self.expired {
            return Some(Fault::Expired);
        }
        if self.denied.contains(&call.action()) {
            return Some(Fault::Deny);
        }
        let same =
            |(operation, input): &(String, Value)| *operation == call.operation && *input == call.recorded();
        let index = self.repeated.iter().position(same)?;
        self.repeated.remove(index);
        Some(Fault::Throttle)
    }

    fn taken(&mut self, number: usize, call: &Call) -> Option<Fault> {
        for (operation, nth, _) in &mut self.on {
            if *operation == call.operation {
                *nth = nth.saturating_sub(1);
            }
        }
        let now = |(operation, nth, _): &(String, usize, Fault)| *operation == call.operation && *nth == 0;
        let fault = if let Some(index) = self.at.iter().position(|(at, _)| *at == number) {
            self.at.remove(index).1
        } else {
            let index = self.on.iter().position(now)?;
            self.on.remove(index).2
        };
        if fault == Fault::Throttle {
            self.repeated.push((call.operation.clone(), call.recorded()));
        }
        Some(fault)
    }
}
