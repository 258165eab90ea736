//! What the services say. `{}` becomes a number of four digits.
//!
//! No dot, apostrophe or colon stands between two letters or digits: there the word breaks of search servers are
//! subtler than the truth's.

/// Who writes logs; each has its index.
pub(super) const SERVICES: &[&str] = &["checkout", "payment", "search", "mailer", "batch"];

/// Weight, level, text.
pub(super) const MESSAGES: &[(u64, &str, &str)] = &[
    (300, "Info", "Info: GET /items/{} answered in {} ms"),
    (220, "Info", "Info: order {} placed"),
    (120, "Info", "Info: session of user {} renewed"),
    (80, "Info", "Info: mail {} delivered"),
    (60, "Info", "Info: job {} finished in {} ms"),
    (30, "Info", "Info: cache refreshed, {} entries"),
    // The names of other levels in lines that are none.
    (6, "Info", "Info: nightly report {} sent, no error found"),
    (4, "Info", "Info: retried {} times, errors gone"),
    (3, "Info", "Info: the warning threshold is now {} ms"),
    (36, "Warning", "Warning: slow query on table orders took {} ms"),
    (22, "Warning", "Warning: stock of item {} is low"),
    (16, "Warning", "Warning: retrying request {} to the carrier"),
    (9, "Warning", "WARNING: certificate expires in {} minutes"),
    (5, "Warning", "Warning: 日本語の商品名が長すぎます (item {})"),
    (18, "Error", "Error: card of order {} declined by the bank"),
    (12, "Error", "Error: timeout after {} ms while calling the payment gateway"),
    (8, "Error", "ERROR: cannot parse address of user {}"),
    // Two levels in one line: counted for both, once in the total.
    (5, "Error", "Error: giving up on mail {} after a warning about its size"),
    (3, "Error", "Error: non-fatal failure in job {}, will run again"),
    (3, "Fatal", "Fatal: database connection pool exhausted, {} requests waiting"),
    (2, "Fatal", "FATAL: payment gateway unreachable for {} ms"),
    (1, "Fatal", "Fatal: batch {} aborted, first Error on line {}"),
];

/// What a service says during an incident.
pub(super) const INCIDENT: &[&(&str, &str)] = &[
    &("Error", "Error: timeout after {} ms while calling the payment gateway"),
    &("Error", "Error: order {} could not be saved"),
    &("Error", "Error: upstream answered 503 for request {}"),
    &("Warning", "Warning: circuit breaker open for {} ms"),
    &("Fatal", "Fatal: worker {} died"),
];
