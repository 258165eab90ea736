//! Kinds of failures, for programs: names that stay the same whatever the words are.

use serde::{Deserialize, Serialize};

use super::chain::Failure;
use crate::error::chain;
use crate::http::{HttpError, Unreached};
use crate::reference::ReferenceError;
use crate::search::SearchError;

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A host's name has no address.
    UnknownName,
    /// Nobody listens at the port.
    ConnectionRefused,
    /// There is no connection, for another reason.
    NoConnection,
    /// No answer in time.
    Timeout,
    /// The exchange broke off.
    Broken,
    /// A certificate of an authority that isn't trusted.
    UnknownAuthority,
    /// A certificate for another name.
    WrongName,
    /// A certificate that is refused for something else.
    Certificate,
    /// No TLS where it is expected.
    NoTls,
    /// Whoever asks isn't known.
    Unauthenticated,
    /// Whoever asks is known, and may not.
    Denied,
    /// It isn't there: a parameter, a secret, an index.
    NotFound,
    /// No index has the field.
    NoField,
    /// The field has a type that can't be searched so.
    WrongType,
    /// Too busy, or out of order.
    Unavailable,
    /// Counts that are not certainly whole.
    Incomplete,
    /// A value that can't be used.
    Invalid,
    /// Another answer that says no.
    Refused,
    /// The function's time limit is near.
    LittleTime,
}

impl From<Unreached> for Kind {
    fn from(why: Unreached) -> Self {
        match why {
            Unreached::UnknownName => Self::UnknownName,
            Unreached::Refused => Self::ConnectionRefused,
            Unreached::Timeout => Self::Timeout,
            Unreached::UnknownAuthority => Self::UnknownAuthority,
            Unreached::WrongName => Self::WrongName,
            Unreached::Certificate => Self::Certificate,
            Unreached::NoTls => Self::NoTls,
            Unreached::TooLong | Unreached::Broken => Self::Broken,
            Unreached::NoConnection => Self::NoConnection,
        }
    }
}

impl Kind {
    /// From an answer's status.
    fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Unauthenticated,
            403 => Self::Denied,
            404 => Self::NotFound,
            429 | 500..=599 => Self::Unavailable,
            _ => Self::Refused,
        }
    }
}

impl From<&SearchError> for Failure {
    fn from(error: &SearchError) -> Self {
        let kind = match error {
            SearchError::Auth(_) | SearchError::NotAnAnswer { .. } => Kind::Invalid,
            SearchError::Http(error) => error.why().into(),
            SearchError::Refused { status, .. } => match error.is_no_index() {
                true => Kind::NotFound,
                false => Kind::of_status(*status),
            },
            SearchError::NoIndex { .. } => Kind::NotFound,
            SearchError::NoField { .. } => Kind::NoField,
            SearchError::NotADate { .. } => Kind::WrongType,
            SearchError::CutOff { .. } => Kind::Broken,
            SearchError::Shards { .. }
            | SearchError::TimedOut
            | SearchError::Lacks(_)
            | SearchError::Sums { .. } => Kind::Incomplete,
        };
        Self { kind, error: chain(error), hint: error.hint() }
    }
}

impl From<&ReferenceError> for Failure {
    fn from(error: &ReferenceError) -> Self {
        let kind = match error {
            ReferenceError::Http(_, error) => error.why().into(),
            ReferenceError::Refused { code, .. } => match code.as_str() {
                code if code.starts_with("AccessDenied") => Kind::Denied,
                "ParameterNotFound" | "ParameterVersionNotFound" | "ResourceNotFoundException" => {
                    Kind::NotFound
                }
                _ => Kind::Refused,
            },
            ReferenceError::NoAwsCredentials
            | ReferenceError::NoRegion
            | ReferenceError::Endpoint(..)
            | ReferenceError::Sign(..)
            | ReferenceError::NoValue(_) => Kind::Invalid,
        };
        Self { kind, error: chain(error), hint: error.hint() }
    }
}

impl Failure {
    /// No answer of a host, with its own hint.
    pub(super) fn unreached(error: &HttpError, hint: fn(Unreached) -> &'static str) -> Self {
        let why = error.why();
        Self { kind: why.into(), error: chain(error), hint: Some(hint(why)) }
    }

    /// A setting, or a value that it refers to, that can't be used.
    pub(super) fn invalid(error: &dyn std::error::Error, hint: Option<&'static str>) -> Self {
        Self { kind: Kind::Invalid, error: chain(error), hint }
    }
}
