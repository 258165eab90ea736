//! Why there is no answer, as a kind: told by the words of rustls, of the system's resolver and of its sockets.

use super::HttpError;
use crate::error::chain;

/// What keeps an answer from coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreached {
    /// The name has no address.
    UnknownName,
    /// Nobody listens there.
    Refused,
    /// Silence: packets are dropped, or somebody is very busy.
    Timeout,
    /// The certificate comes from an authority that isn't trusted.
    UnknownAuthority,
    /// The certificate is another name's.
    WrongName,
    /// The certificate is refused for something else.
    Certificate,
    /// TLS isn't what is spoken there.
    NoTls,
    /// The answer is longer than any that makes sense.
    TooLong,
    /// The exchange broke off.
    Broken,
    /// There is no connection, for another reason.
    NoConnection,
}

impl HttpError {
    /// What kept the answer from coming.
    pub fn why(&self) -> Unreached {
        let text = chain(self);
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        match self {
            Self::Timeout => Unreached::Timeout,
            Self::TooLong => Unreached::TooLong,
            // The last: an authority of the same name, with another key.
            _ if says(&["UnknownIssuer", "SelfSigned", "CaUsedAsEndEntity", "BadSignature"]) => {
                Unreached::UnknownAuthority
            }
            _ if says(&["NotValidForName", "not valid for name"]) => Unreached::WrongName,
            _ if says(&["certificate"]) => Unreached::Certificate,
            _ if says(&["InvalidContentType", "corrupt message"]) => Unreached::NoTls,
            _ if says(&["dns error", "failed to lookup"]) => Unreached::UnknownName,
            Self::Broken(_) => Unreached::Broken,
            _ if says(&["timed out"]) => Unreached::Timeout,
            _ if says(&["refused"]) => Unreached::Refused,
            _ => Unreached::NoConnection,
        }
    }
}
