//! Why there are no counts, and what to do about it. Text from the cluster is quoted, cut and trusted with nothing.

use reqwest::StatusCode;
use serde_json::Value;

use crate::auth::AuthError;
use crate::http::{HttpError, Unreached, quote};

/// Why a search gave no counts that can be relied on.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The request could not be authenticated.
    #[error("the request cannot be authenticated")]
    Auth(#[source] AuthError),
    /// No answer.
    #[error("the cluster gave no answer")]
    Http(#[source] HttpError),
    /// An answer that says no.
    #[error("the cluster refused ({status}): {reason}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The cluster's words, cut.
        reason: String,
        /// What to do.
        hint: &'static str,
    },
    /// Success, and only the beginning of an answer.
    #[error("the answer breaks off after {bytes} bytes")]
    CutOff {
        /// As many came.
        bytes: usize,
    },
    /// Success, but not in the form of a search answer: a proxy's page, another service.
    #[error("the answer is not that of a search: {body}")]
    NotAnAnswer {
        /// What came instead, cut.
        body: String,
    },
    /// Nothing was searched.
    #[error("no open index matches {indexes}")]
    NoIndex {
        /// The configured names and patterns.
        indexes: String,
    },
    /// A part of the data was not searched.
    #[error("only {successful} of {total} shards answered: {reason}")]
    Shards {
        /// How many answered.
        successful: u64,
        /// How many there are.
        total: u64,
        /// The first failure's reason.
        reason: String,
    },
    /// The cluster gave up half-way.
    #[error("the search ran out of time, its counts are too low")]
    TimedOut,
    /// A part of the answer is missing.
    #[error("the answer lacks {0}")]
    Lacks(String),
    /// Nothing was found because there is nowhere to look.
    #[error("no index has a field {field}")]
    NoField {
        /// The field.
        field: String,
        /// The variable that names it.
        setting: &'static str,
    },
    /// Nothing was found because no range of time fits.
    #[error("the field {field} is of type {kind} and not a date")]
    NotADate {
        /// The field.
        field: String,
        /// Its type.
        kind: String,
    },
    /// Two ways to count the same lines disagree.
    #[error("the hours of the day add up to {hours}, the day has {day}")]
    Sums {
        /// Lines of the day.
        day: u64,
        /// Lines of its hours.
        hours: u64,
    },
}

impl SearchError {
    /// From an answer whose status is not a success.
    pub(super) fn refused(status: StatusCode, body: &[u8]) -> Self {
        let (kind, reason) = reason(body);
        let hint = hint(status.as_u16(), &kind, &reason);
        let reason = if reason.is_empty() {
            status.canonical_reason().unwrap_or("no reason").to_owned()
        } else {
            reason
        };
        Self::Refused { status: status.as_u16(), reason, hint }
    }

    /// Whether there is nothing to search: names and patterns that no index has, or that are closed.
    pub fn is_no_index(&self) -> bool {
        match self {
            Self::NoIndex { .. } => true,
            Self::Refused { reason, .. } => {
                reason.starts_with("index_not_found") || reason.starts_with("index_closed")
            }
            _ => false,
        }
    }

    /// Whether a request without samples may succeed.
    pub(super) fn may_be_the_samples(&self) -> bool {
        matches!(self, Self::Http(HttpError::TooLong) | Self::Refused { status: 400, .. })
    }

    /// The way out, where there is a typical one.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Auth(source) => source.hint(),
            Self::Http(error) => Some(unreached(error.why())),
            Self::Refused { hint, .. } => Some(hint),
            Self::CutOff { .. } => Some(BROKEN_OFF),
            Self::NotAnAnswer { .. } => Some(
                "check ES_ENDPOINT: it must be the cluster's own address, not that of Kibana or of a login page",
            ),
            Self::NoIndex { .. } => Some(
                "check ES_INDEXES; a pattern that matches nothing, a closed index, and one that the user may not see \
                 all look like this",
            ),
            Self::Shards { .. } => {
                Some("look at the cluster's health; the digest of this day can be made again later")
            }
            Self::TimedOut => {
                Some("the cluster is overloaded; the digest of this day can be made again later")
            }
            Self::NoField { setting: "ES_FIELD", .. } => {
                Some("set ES_FIELD to the field that holds the level, as the indexes' mappings name it")
            }
            Self::NoField { setting: "ES_MESSAGE_FIELD", .. } => {
                Some("set ES_MESSAGE_FIELD to the field that holds a line's text, or DIGEST_MESSAGES to off")
            }
            Self::NoField { .. } | Self::NotADate { .. } => Some(
                "set ES_TIME_FIELD to a field of type date or date_nanos, as the indexes' mappings name it",
            ),
            Self::Lacks(_) | Self::Sums { .. } => Some(
                "check ES_TIME_FIELD: it must be a field of type date or date_nanos with one value a document",
            ),
        }
    }
}

/// What to do about half an answer.
const BROKEN_OFF: &str = "something between the function and the cluster ends answers early; if it happens again, look \
                          at proxies and their limits";

/// What to do about no answer.
pub fn unreached(why: Unreached) -> &'static str {
    match why {
        Unreached::Timeout => {
            "the cluster is overloaded, or a security group drops what the function sends: let it reach the cluster's port"
        }
        Unreached::TooLong => "set DIGEST_MESSAGES to off: the counts alone are a short answer",
        Unreached::UnknownAuthority => {
            "the cluster's certificate comes from a private authority: set ES_CA to the certificate of this authority"
        }
        Unreached::WrongName => {
            "the cluster's certificate is for another name: ES_ENDPOINT must be the name that stands in it"
        }
        Unreached::Certificate => {
            "the cluster's certificate is refused: is it expired, and is the clock right?"
        }
        Unreached::NoTls => "the cluster does not speak TLS at this port: an http:// endpoint needs none",
        Unreached::UnknownName => {
            "the name of ES_ENDPOINT is not known: check its spelling, and that the VPC resolves it"
        }
        Unreached::Broken => BROKEN_OFF,
        Unreached::Refused | Unreached::NoConnection => {
            "check ES_ENDPOINT, and that the function's subnets and security groups let it reach the cluster's port"
        }
    }
}

/// Some clusters answer a spent time limit or a full breaker with a transient status; asking again adds to it.
pub(super) fn will_happen_again(body: &[u8]) -> bool {
    let (kind, reason) = reason(body);
    kind.contains("circuit_breaking") || kind.contains("too_many_buckets") || ran_out_of_time(&kind, &reason)
}

/// Versions answer this with 429, 500 or 504, and differ in where they say it.
fn ran_out_of_time(kind: &str, reason: &str) -> bool {
    kind.contains("time_exceeded") || kind.contains("timeout") || reason.contains("Time exceeded")
}

/// The types of an error body, joined, and its most telling reason, cut. Bodies come in four forms: Elasticsearch's
/// object, its plain string, Amazon's `Message`, and text or HTML of whatever stands in front.
fn reason(body: &[u8]) -> (String, String) {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return (String::new(), quote(&String::from_utf8_lossy(body)));
    };
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    let kinds = ["/error/root_cause/0/type", "/error/type", "/error/caused_by/type"].map(text);
    let kind = kinds.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let places = [
        "/error/root_cause/0/reason",
        "/error/caused_by/reason",
        "/error/failed_shards/0/reason/reason",
        "/error/reason",
        "/error",
        "/Message",
        "/message",
    ];
    let reason = places.into_iter().find_map(text).map(quote);
    let first_kind = kinds.into_iter().flatten().next().map(quote);
    let reason = match (first_kind, reason) {
        (Some(kind), Some(reason)) => format!("{kind}: {reason}"),
        (kind, reason) => reason.or(kind).unwrap_or_default(),
    };
    (kind, reason)
}

fn hint(status: u16, kind: &str, reason: &str) -> &'static str {
    let says = |word: &str| reason.contains(word);
    match status {
        300..=399 => "the endpoint redirects; set ES_ENDPOINT to the final address",
        400 if kind.contains("index_closed") => {
            "open the index, or name a pattern: patterns skip closed indexes"
        }
        400 if kind.contains("too_long") => "ES_INDEXES is too long for one request line; use patterns",
        400 if says("Fielddata") || says("not optimised") => {
            "ES_TIME_FIELD must be of type date or date_nanos, not text"
        }
        400 if says("failed to create query") => {
            "ES_FIELD must be a text or keyword field; it has another type here"
        }
        400..=599 if kind.contains("too_many_buckets") => {
            "ERROR_LEVEL has more levels than one search of this cluster may count (search.max_buckets)"
        }
        401 => "check ES_AUTH and ES_CREDENTIALS (user:password for basic, id:key for api-key)",
        403 if says("User: anonymous") => {
            "the request was not signed, but the domain wants it; set ES_AUTH to sigv4"
        }
        403 if says("is not authorized to perform") => {
            "IAM refused: allow es:ESHttpPost on the domain in the execution role's policy or the domain's access policy"
        }
        403 if says("no permissions for") => {
            "fine-grained access control refused: map the execution role (or the user) to a security role that may \
             read these indexes"
        }
        403 if says("is unauthorized for") => {
            "give the user or API key the privilege `read` on these indexes"
        }
        403 if kind.contains("cluster_block") => "the index is blocked for reading (index.blocks.read)",
        403 if says("signature") || says("security token") => {
            "the signature was refused: check the region of the endpoint and the clock"
        }
        403 => {
            "check what the user or execution role may do: the domain's access policy and security roles; for \
             Serverless the data access and network policies"
        }
        404 if kind.contains("index_not_found") => "check ES_INDEXES: a name without a wildcard must exist",
        404 => "check ES_ENDPOINT: nothing answers searches at this address",
        405 => "check ES_ENDPOINT: this address does not answer searches",
        406 => "something between the function and the cluster changes the content type",
        413 => "something between the function and the cluster limits requests to less than a few kilobytes",
        400..=599 if ran_out_of_time(kind, reason) => {
            "the search ran out of time in the cluster; make the digest again later"
        }
        429 | 503 if kind.contains("circuit_breaking") => {
            "the cluster is short of memory; make the digest again later"
        }
        429 => "the cluster is overloaded; make the digest again later",
        500..=599 => "look at the cluster's health; the digest of this day can be made again later",
        _ => {
            "the cluster did not understand: check ES_FIELD, ES_TIME_FIELD, ES_INDEXES, and what stands in front of it"
        }
    }
}
