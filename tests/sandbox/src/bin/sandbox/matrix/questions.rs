//! What the product is asked on every server, and what it has to answer: the truth, or an error that helps.

use tanets_sandbox::{Release, Signer};

use super::days::{DAYS, Day, LONG, ORDINARY};
use super::indexes::{ALIASED, NANOSECONDS, SERVICES, TEXT_LEVEL};
use super::ways::Who;

/// One run of the function.
#[derive(Clone, Copy)]
pub struct Question {
    /// What it is about.
    pub about: &'static str,
    /// `ES_INDEXES`
    pub indexes: &'static str,
    /// `ERROR_LEVEL`
    pub levels: &'static [&'static str],
    /// `ES_FIELD`
    pub field: &'static str,
    /// `ES_TIME_FIELD`
    pub time_field: &'static str,
    /// The day to report.
    pub day: &'static Day,
    /// Who asks.
    pub who: Who,
    /// What has to come of it.
    pub expected: Expected,
}

/// What has to come of a question.
#[derive(Clone, Copy)]
pub enum Expected {
    /// The truth about the lines of these services.
    Truth(&'static [&'static str]),
    /// An error with these words and a hint.
    Refusal(&'static str),
}

use Expected::{Refusal, Truth};

const ALL: Question = Question {
    about: "message",
    indexes: "app-*",
    levels: &["Fatal", "Error", "Warning"],
    field: "message",
    time_field: "@timestamp",
    day: &ORDINARY,
    who: Who::Admin,
    expected: Truth(&SERVICES),
};

const LEVEL: Question = Question { about: "level", field: "level", ..ALL };

/// Beside every kind of day: indexes of every kind, and ways to be wrong.
const OPEN: [Question; 27] = [
    Question { about: "phrases", levels: &["Fatal", "the payment gateway", "商品名"], ..ALL },
    Question { about: "a level that nobody logs", levels: &["Fatal", "Nobody"], ..ALL },
    Question {
        about: "a list of indexes",
        indexes: "app-checkout,app-payment",
        expected: Truth(&["checkout", "payment"]),
        ..ALL
    },
    Question { about: "an alias", indexes: "logs", expected: Truth(&ALIASED), ..ALL },
    Question {
        about: "an alias on a long day",
        indexes: "logs",
        day: &LONG,
        expected: Truth(&ALIASED),
        ..LEVEL
    },
    Question { about: "nanoseconds", indexes: "app-payment", expected: Truth(&[NANOSECONDS]), ..ALL },
    Question {
        about: "nanoseconds on a long day",
        indexes: "app-payment",
        day: &LONG,
        expected: Truth(&[NANOSECONDS]),
        ..LEVEL
    },
    Question { about: "level as text", indexes: "app-search", expected: Truth(&[TEXT_LEVEL]), ..LEVEL },
    Question { about: "level as keyword", indexes: "app-checkout", expected: Truth(&["checkout"]), ..LEVEL },
    Question { about: "an own date format", indexes: "app-mailer", expected: Truth(&["mailer"]), ..ALL },
    Question {
        about: "a data stream, epoch milliseconds",
        indexes: "app-batch",
        expected: Truth(&["batch"]),
        ..ALL
    },
    Question { about: "a closed index beside a pattern", indexes: "closed-1,app-*", ..ALL },
    Question { about: "a missing index beside a pattern", indexes: "missing-1,app-*", ..ALL },
    Question { about: "a pattern that matches nothing beside one", indexes: "missing-*,app-*", ..ALL },
    Question {
        about: "indexes without the fields beside others",
        indexes: "app-metrics,app-empty,app-untimed,app-checkout",
        expected: Truth(&["checkout"]),
        ..ALL
    },
    Question { about: "a missing index", indexes: "missing-1", expected: Refusal("index_not_found"), ..ALL },
    Question {
        about: "a missing index beside another",
        indexes: "app-checkout,missing-1",
        expected: Refusal("index_not_found"),
        ..ALL
    },
    Question {
        about: "a pattern that matches nothing",
        indexes: "missing-*",
        expected: Refusal("no open index"),
        ..ALL
    },
    Question { about: "a closed index", indexes: "closed-1", expected: Refusal("index_closed"), ..ALL },
    Question {
        about: "a pattern of closed indexes",
        indexes: "closed-*",
        expected: Refusal("no open index"),
        ..ALL
    },
    Question { about: "times as text", indexes: "text-time", expected: Refusal(""), ..ALL },
    Question {
        about: "times as text beside others",
        indexes: "text-time,app-checkout",
        expected: Refusal("shards"),
        ..ALL
    },
    Question {
        about: "shards without a node",
        indexes: "unallocated",
        expected: Refusal("cluster's health"),
        ..ALL
    },
    Question {
        about: "shards without a node beside others",
        indexes: "unallocated,app-checkout",
        expected: Refusal("shards answered"),
        ..ALL
    },
    Question { about: "a level that is a number", indexes: "number-level", expected: Refusal(""), ..LEVEL },
    Question { about: "a level field that nothing has", field: "nope", expected: Refusal(""), ..ALL },
    Question { about: "a time field that nothing has", time_field: "nope", expected: Refusal(""), ..ALL },
];

/// Of secured servers.
const SECURED: [Question; 10] = [
    Question { about: "a user who may read", who: Who::Reader, ..ALL },
    Question {
        about: "a user who may not read one of two",
        indexes: "app-checkout,secret",
        who: Who::Reader,
        expected: Refusal("unauthorized"),
        ..ALL
    },
    Question {
        about: "a user who may read none",
        indexes: "secret",
        who: Who::Reader,
        expected: Refusal("unauthorized"),
        ..ALL
    },
    Question { about: "a wrong password", who: Who::Stranger, expected: Refusal("(401)"), ..ALL },
    Question { about: "no password", who: Who::Nobody, expected: Refusal("(401)"), ..ALL },
    Question {
        about: "a private authority that isn't trusted",
        who: Who::Distrustful,
        expected: Refusal("set ES_CA"),
        ..ALL
    },
    Question { about: "an API key", who: Who::Key, ..ALL },
    Question { about: "an encoded API key", who: Who::EncodedKey, ..LEVEL },
    Question {
        about: "an API key that may not read one of two",
        indexes: "app-checkout,secret",
        who: Who::Key,
        expected: Refusal("give the user or API key"),
        ..ALL
    },
    Question {
        about: "an API key that nobody made",
        who: Who::UnknownKey,
        expected: Refusal("(401)"),
        ..ALL
    },
];

/// Through the gates of the others.
const SIGNED: [Question; 6] = [
    Question { about: "a request signed for a domain", who: Who::Signer(Signer::Permitted), ..ALL },
    Question { about: "a request signed for a collection", who: Who::Collection, ..ALL },
    Question {
        about: "a request without a signature",
        who: Who::Unsigned,
        expected: Refusal("was not signed"),
        ..ALL
    },
    Question {
        about: "a request signed with a wrong secret",
        who: Who::Forger,
        expected: Refusal("the signature was refused"),
        ..ALL
    },
    Question {
        about: "a signer whom IAM refuses",
        who: Who::Signer(Signer::WithoutPermission),
        expected: Refusal("IAM refused"),
        ..ALL
    },
    Question {
        about: "a signer whom fine-grained access control refuses",
        who: Who::Signer(Signer::WithoutRole),
        expected: Refusal("fine-grained access control refused"),
        ..ALL
    },
];

/// Every question to a server.
pub fn questions(release: &Release) -> Vec<Question> {
    let days = DAYS.iter().flat_map(|day| [Question { day, ..ALL }, Question { day, ..LEVEL }]);
    let closed = if release.secured { &SECURED[..] } else { &SIGNED[..] };
    days.chain(OPEN).chain(closed.iter().copied()).collect()
}
