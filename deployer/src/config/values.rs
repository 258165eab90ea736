//! What a single value may be. Each check takes a string and gives what it means, or why it means nothing.
//!
//! The limits are AWS's (the API models of Lambda, IAM, EventBridge, CloudWatch Logs) and Elasticsearch's.
//! A reason never quotes what may be secret.

use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use jiff::tz::TimeZone;
use tanets_function::settings::{ValueError, parse_timezone};

use crate::package::Architecture;
use crate::schedule::Schedule;

/// Why a value means nothing.
pub(super) struct Fault {
    pub message: String,
    pub hint: Option<String>,
    /// The bytes of the value in question; none for all.
    pub at: Option<Range<usize>>,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, at: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

pub(super) type Checked<T> = Result<T, Fault>;

/// The value if it is right, else the fault.
fn ensure(right: bool, value: &str, fault: impl FnOnce() -> Fault) -> Checked<String> {
    if right { Ok(value.to_owned()) } else { Err(fault()) }
}

/// A value as an error shows it: short, without control characters, and not if it looks secret.
pub(crate) fn quote(value: &str) -> String {
    if may_be_secret(value) {
        return tanets_function::secret::SENSITIVE.to_owned();
    }
    if value.is_empty() {
        return "an empty string".to_owned();
    }
    let plain: String = value.chars().take(60).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    format!("`{plain}{}`", if value.chars().nth(60).is_some() { "…" } else { "" })
}

/// Whether a value looks like a secret, whatever its key: a Slack webhook, or a URL with a password in it.
pub(super) fn may_be_secret(text: &str) -> bool {
    text.contains("hooks.slack.com/") || (text.contains('@') && text.contains(':'))
}

/// The candidate that was probably meant, if one is close.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= (word.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// One of a few spellings.
pub(super) fn choice<T>(value: &str, all: &[T]) -> Checked<T>
where
    T: Copy + Display + FromStr<Err = ValueError>,
{
    value.parse().map_err(|_| unknown(value, &all.iter().map(T::to_string).collect::<Vec<_>>()))
}

pub(super) fn architecture(value: &str) -> Checked<Architecture> {
    let found = Architecture::ALL.into_iter().find(|architecture| architecture.as_str() == value);
    found.ok_or_else(|| {
        let fault = unknown(value, &Architecture::ALL.map(|known| known.to_string()));
        match value {
            "aarch64" => fault.hint("did you mean \"arm64\"?"),
            "amd64" | "x64" => fault.hint("did you mean \"x86_64\"?"),
            _ => fault,
        }
    })
}

fn unknown(value: &str, all: &[String]) -> Fault {
    let list = all.iter().map(|known| format!("\"{known}\"")).collect::<Vec<_>>().join(", ");
    let list = match list.rsplit_once(", ") {
        Some((first, last)) => format!("{first} or {last}"),
        None => list,
    };
    let fault = Fault::new(format!("must be {list}, not {}", quote(value)));
    match nearest(value, all.iter().map(String::as_str)) {
        Some(nearest) => fault.hint(format!("did you mean \"{nearest}\"?")),
        None => fault,
    }
}

/// The strictest of what Lambda, IAM, EventBridge and CloudWatch Logs take.
pub(super) fn name(value: &str) -> Checked<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let fault = || {
        Fault::new(format!("must be 1-64 letters, digits, `-` and `_`, not {}", quote(value)))
            .hint("role, function, rule and log group all bear this name")
    };
    ensure((1..=64).contains(&value.len()) && value.chars().all(allowed), value, fault)
}

pub(super) fn schedule(value: &str) -> Checked<Schedule> {
    Schedule::parse(value).map_err(|error| Fault {
        message: error.message,
        hint: error.hint,
        at: Some(error.span),
    })
}

pub(super) fn region(value: &str) -> Checked<String> {
    let parts: Vec<&str> = value.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let right = match parts.as_slice() {
        [country, middle @ .., number] => {
            (2..=4).contains(&country.len())
                && letters(country)
                && !middle.is_empty()
                && middle.iter().all(letters)
                && is_number(number, 1..=2)
        }
        _ => false,
    };
    ensure(right, value, || {
        Fault::new(format!("must be a region such as \"ap-northeast-1\", not {}", quote(value)))
    })
}

pub(super) fn account(value: &str) -> Checked<String> {
    let fault = Fault::new(format!("must be the 12 digits of an AWS account, not {}", quote(value)));
    ensure(is_number(value, 12..=12), value, || match value.replace('-', "") {
        digits if is_number(&digits, 12..=12) => fault.hint(format!("write \"{digits}\"")),
        _ => fault,
    })
}

pub(super) fn is_number(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Any text that an environment variable gives back as it was.
pub(super) fn plain(value: &str) -> Checked<String> {
    if value.is_empty() {
        return Err(Fault::new("must not be empty").hint("remove it"));
    }
    ensure(value.trim() == value && !value.contains(char::is_control), value, || {
        Fault::new("must not start or end with a space, or have a line break or control character")
    })
}

/// An index, alias, data stream or pattern, as Elasticsearch names them (create index API).
pub(super) fn index(value: &str) -> Checked<String> {
    let fault = |what: &str| Fault::new(format!("{what}: {}", quote(value)));
    if let Some(at) = value.find(',') {
        let parts: Vec<String> = value.split(',').map(|part| format!("\"{}\"", part.trim())).collect();
        return Err(Fault { at: Some(at..at + 1), ..fault("must be one name or pattern") }
            .hint(format!("split it: [{}]", parts.join(", "))));
    }
    if let Some((at, c)) = value.char_indices().find(|(_, c)| c.is_whitespace() || "\\/?\"<>|#".contains(*c))
    {
        let at = Some(at..at + c.len_utf8());
        return Err(Fault { at, ..fault("must not have a space or any of \\ / ? \" < > | # in it") });
    }
    if value.is_empty() || value.len() > 255 {
        return Err(fault("must be 1-255 bytes"));
    }
    if value.starts_with(['_', '-', '+']) {
        let refused = fault("must not start with `_`, `-` or `+`");
        return Err(if value == "_all" { refused.hint("write \"*\" for all indexes") } else { refused });
    }
    if let Some((at, c)) = value.char_indices().find(|(_, c)| c.is_uppercase()) {
        let at = Some(at..at + c.len_utf8());
        return Err(Fault { at, ..fault("must be lower case") }
            .hint("index names have no capitals; for an alias that has them, put `*` in their place"));
    }
    Ok(value.to_owned())
}

/// A level, as it stands in log lines. Levels travel comma separated.
pub(super) fn level(value: &str) -> Checked<String> {
    if let Some(at) = value.find(',') {
        let parts: Vec<String> = value.split(',').map(|part| format!("\"{}\"", part.trim())).collect();
        return Err(Fault { at: Some(at..at + 1), ..Fault::new("must be one level, without a comma") }
            .hint(format!("split it: [{}]", parts.join(", "))));
    }
    plain(value)
}

/// A time zone of the built-in zone data.
pub(super) fn timezone(value: &str) -> Checked<TimeZone> {
    parse_timezone(value).map_err(|_| {
        let fault =
            Fault::new(format!("must be an IANA time zone such as \"Asia/Tokyo\", not {}", quote(value)));
        let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        // Three letters are near to every other abbreviation.
        let close = if value.len() > 4 { nearest(value, known.iter().map(String::as_str)) } else { None };
        let by_city = || {
            let city = value.rsplit('/').next().unwrap_or(value).replace(' ', "_").to_lowercase();
            let is_city = |name: &&String| name.rsplit('/').next().is_some_and(|c| c.to_lowercase() == city);
            known.iter().find(is_city).map(String::as_str)
        };
        match (value, close.or_else(by_city)) {
            ("JST", _) => fault.hint("did you mean \"Asia/Tokyo\"?"),
            (_, Some(name)) => fault.hint(format!("did you mean \"{name}\"?")),
            _ => fault,
        }
    })
}

/// An OpenSearch domain's name (CreateDomain's model).
pub(super) fn domain(value: &str) -> Checked<String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let right = (3..=28).contains(&value.len())
        && value.starts_with(|c: char| c.is_ascii_lowercase())
        && value.chars().all(allowed);
    ensure(right, value, || {
        Fault::new(format!(
            "must be 3-28 lower-case letters, digits and `-`, first a letter, not {}",
            quote(value)
        ))
        .hint("the domain's name as the OpenSearch console lists it, not its host name")
    })
}

/// The ARN of a KMS key: Lambda's settings take no alias.
pub(super) fn kms_key(value: &str) -> Checked<String> {
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    let right = matches!(parts[..], ["arn", partition, "kms", key_region, key_account, key]
    if partition.starts_with("aws") && region(key_region).is_ok() && account(key_account).is_ok()
        && key.strip_prefix("key/").is_some_and(|id| {
            !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        }));
    ensure(right, value, || {
        let fault = Fault::new(format!("must be arn:aws:kms:REGION:ACCOUNT:key/ID, not {}", quote(value)));
        if value.contains("alias/") {
            fault.hint("Lambda takes no alias: `aws kms describe-key --key-id ALIAS --query KeyMetadata.Arn` tells the ARN")
        } else {
            fault
        }
    })
}

/// The id of a subnet or security group.
pub(super) fn id(value: &str, prefix: &str) -> Checked<String> {
    let rest = value.strip_prefix(prefix);
    let right = rest
        .is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    ensure(right && value.len() <= 64, value, || {
        Fault::new(format!("must be an id such as \"{prefix}0a1b2c3d\", not {}", quote(value)))
    })
}

/// A tag: what IAM, Lambda, EventBridge and CloudWatch Logs all take.
pub(super) fn tag(key: &str, value: &str) -> Checked<String> {
    let lower = key.to_lowercase();
    if let Some(prefix) = ["aws:", "tanets:"].into_iter().find(|prefix| lower.starts_with(prefix)) {
        let owner = if prefix == "aws:" { "AWS" } else { "tanets itself" };
        return Err(Fault::new(format!("must not start with `{prefix}`, which is reserved for {owner}")));
    }
    // IAM's [\p{L}\p{Z}\p{N}_.:/=+\-@]: `is_alphabetic` and `is_numeric` also take a few marks that IAM
    // refuses, in scripts that write vowels as marks.
    let allowed = |c: char| {
        c.is_alphabetic()
            || c.is_numeric()
            || "_.:/=+-@".contains(c)
            || (c.is_whitespace() && !c.is_control())
    };
    for (what, text, length) in [("key", key, 1..=128), ("value", value, 0..=256)] {
        if !length.contains(&text.chars().count()) {
            return Err(Fault::new(format!(
                "must have a {what} of {}-{} characters",
                length.start(),
                length.end()
            )));
        }
        if let Some(c) = text.chars().find(|c| !allowed(*c)) {
            let mut shown = [0; 4];
            let fault = Fault::new(format!(
                "must have a {what} of letters, digits, spaces and `_.:/=+-@`, without {}",
                quote(c.encode_utf8(&mut shown))
            ));
            return Err(fault);
        }
    }
    Ok(value.to_owned())
}
