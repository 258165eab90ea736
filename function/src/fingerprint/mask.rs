//! The mask: what varies from line to line, and what may tell of a person, becomes a placeholder. No digit and no
//! quoted text gets through.

use std::net::Ipv6Addr;

/// Quotation marks, opening and closing.
const QUOTES: [(char, char); 7] =
    [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’'), ('「', '」'), ('『', '』')];
/// Ends of names whose values are credentials, with `=` or `:`, without `-` and `_`.
const SECRETS: [&str; 10] = [
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "secretkey",
    "authorization",
    "cookie",
];
/// Names whose values tell of a person, with `=`.
const PERSONS: [&str; 9] =
    ["user", "username", "name", "login", "account", "customer", "email", "mail", "phone"];

/// The word before a token.
const BEARER: &str = "bearer";

/// Masks one line. Its words stay, single blanks between them.
pub fn mask(line: &str) -> String {
    let mut masked = String::with_capacity(line.len());
    let mut rest = line.trim();
    while let Some(first) = rest.chars().next() {
        let word = &rest[..word_length(rest)];
        if let Some(length) = quoted(rest, masked.chars().next_back()) {
            let close = rest[..length].chars().next_back();
            masked.extend([first, '…']);
            masked.extend(close);
            rest = &rest[length..];
        } else if word.is_empty() {
            push(&mut masked, if first.is_whitespace() || first.is_control() { ' ' } else { first });
            rest = &rest[first.len_utf8()..];
        } else {
            masked.push_str(&placeholder(word));
            rest = &rest[word.len()..];
            let length = value_length(word, rest);
            if length > 0 {
                // The separator stays: `password=‹secret›`.
                let value = rest.find(|c: char| !is_separator(c)).unwrap_or(length);
                rest[..value].chars().for_each(|c| push(&mut masked, c));
                masked.push_str("‹secret›");
                rest = &rest[length..];
            }
        }
    }
    collapsed(&masked)
}

fn push(masked: &mut String, c: char) {
    let c = if c.is_numeric() { '#' } else { c };
    if !(c == ' ' && masked.ends_with(' ')) {
        masked.push(c);
    }
}

/// Runs of the same placeholder are one: a list's length varies too.
fn collapsed(masked: &str) -> String {
    let mut text = masked.trim_end().to_owned();
    for (run, one) in [
        ("##", "#"),
        ("#,#", "#"),
        ("#, #", "#"),
        ("#.#", "#"),
        ("‹time› ‹time›", "‹time›"),
        ("‹id›, ‹id›", "‹id›"),
        ("‹id›,‹id›", "‹id›"),
    ] {
        while text.contains(run) {
            text = text.replace(run, one);
        }
    }
    text
}

fn is_separator(c: char) -> bool {
    matches!(c, '=' | ':' | ' ' | '"' | '\'')
}

/// Bytes of the word that the text begins with: what a name, a number, a path, an address is made of.
fn word_length(text: &str) -> usize {
    let inside = |c: char| c.is_ascii_alphanumeric() || "._-:/@+%~".contains(c);
    let length = text.find(|c| !inside(c)).unwrap_or(text.len());
    text[..length].trim_end_matches(['.', ':', '-', '/']).len()
}

/// Bytes of the quotation that the text begins with. An apostrophe within a word is none.
fn quoted(text: &str, before: Option<char>) -> Option<usize> {
    let first = text.chars().next()?;
    let (_, close) = QUOTES.into_iter().find(|(open, _)| *open == first)?;
    if first == '\'' && before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let inner = &text[first.len_utf8()..];
    let length = inner.find(close).filter(|length| *length > 0)?;
    Some(first.len_utf8() + length + close.len_utf8())
}

/// Bytes of separator and value after the name of a secret; none if it is no such name.
fn value_length(name: &str, rest: &str) -> usize {
    let name = name.replace(['-', '_'], "").to_ascii_lowercase();
    let last = name.rsplit(['.', ':', '/']).next().unwrap_or(&name);
    let scheme = last == BEARER && rest.starts_with(' ');
    let secret =
        SECRETS.iter().any(|name| last.ends_with(name)) && (rest.starts_with('=') || rest.starts_with(':'));
    let person = PERSONS.contains(&last) && rest.starts_with('=');
    if !(scheme || secret || person) {
        return 0;
    }
    let start = rest.len() - rest.trim_start_matches(is_separator).len();
    let value = &rest[start..];
    // `Authorization: Bearer x`: the scheme belongs to the value.
    let scheme = [BEARER, "basic"].into_iter().find(|scheme| {
        let word = value.get(..scheme.len()).unwrap_or_default();
        word.eq_ignore_ascii_case(scheme) && value[scheme.len()..].starts_with(' ')
    });
    let skipped = scheme.map_or(0, |scheme| scheme.len() + 1);
    let end = value[skipped..].find(|c: char| c.is_whitespace() || ",;&\"')]}".contains(c));
    let length = end.map_or(value.len(), |end| skipped + end);
    if length == 0 { 0 } else { start + length }
}

/// What a word becomes; itself, if nothing about it varies.
fn placeholder(word: &str) -> String {
    if let Some((scheme, rest)) = word.split_once("://") {
        return format!("{}://{}", placeholder(scheme), path(rest.trim_start_matches(['/', ':'])));
    }
    let has_digit = word.bytes().any(|b| b.is_ascii_digit());
    if let Some((local, domain)) = word.split_once('@')
        && !local.is_empty()
        && !domain.is_empty()
    {
        return "‹email›".to_owned();
    }
    if is_address(word) {
        return "‹ip›".to_owned();
    }
    if !has_digit {
        return if word.contains('/') { path(word) } else { word.to_owned() };
    }
    if is_time(word) {
        return "‹time›".to_owned();
    }
    if is_id(word) {
        return "‹id›".to_owned();
    }
    match word.contains('/') {
        true => path(word),
        false => parts(word),
    }
}

/// A path, part by part.
fn path(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.is_empty() { String::new() } else { placeholder(part) });
    parts.collect::<Vec<_>>().join("/")
}

/// A word with marks in it, part by part; digits become `#`.
fn parts(word: &str) -> String {
    let mut text = String::new();
    for part in word.split_inclusive(['.', '_', ':', '+', '%', '~', '@']) {
        let name = part.trim_end_matches(['.', '_', ':', '+', '%', '~', '@']);
        if is_id(name) {
            text.push_str("‹id›");
        } else {
            for c in name.chars() {
                if !(c.is_ascii_digit() && text.ends_with('#')) {
                    text.push(if c.is_ascii_digit() { '#' } else { c });
                }
            }
        }
        text.push_str(&part[name.len()..]);
    }
    text
}

/// An IP address, with or without port or prefix length.
fn is_address(word: &str) -> bool {
    let host = word.split('/').next().unwrap_or(word);
    let v4 = host.split(':').next().unwrap_or(host);
    let parts: Vec<&str> = v4.split('.').collect();
    let is_v4 = parts.len() == 4 && parts.iter().all(|part| part.parse::<u8>().is_ok());
    is_v4
        || (host.matches(':').count() >= 2
            && host.contains(|c: char| c.is_ascii_digit())
            && host.parse::<Ipv6Addr>().is_ok())
}

/// A date, a time of day, or both: digits in the order in which they are written.
fn is_time(word: &str) -> bool {
    let shape: String = word.chars().map(|c| if c.is_ascii_digit() { 'd' } else { c }).collect();
    ["dddd-dd-dd", "dddd/dd/dd", "dd:dd", "d:dd", "dd/dd/dddd"].iter().any(|form| shape.starts_with(form))
        || shape.split_once('/').is_some_and(|(day, rest)| {
            // 10/Dec/2018:13:55:36, as web servers write it.
            (day == "d" || day == "dd") && rest.get(3..8) == Some("/dddd")
        })
}

/// UUIDs, hashes, and names that letters and digits alternate in.
fn is_id(word: &str) -> bool {
    let plain = word.strip_prefix("0x").unwrap_or(word).replace('-', "");
    let hex = plain.len() >= 8 && plain.bytes().all(|b| b.is_ascii_hexdigit());
    let letters = plain.bytes().any(|b| b.is_ascii_alphabetic());
    let digits = plain.bytes().any(|b| b.is_ascii_digit());
    let bytes = plain.as_bytes();
    let turns = bytes.windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    let random = plain.len() >= 12 && turns >= 4 || plain.len() >= 20 && turns >= 2 && plain == word;
    let mixed = random && bytes.iter().all(u8::is_ascii_alphanumeric);
    letters && digits && (hex || mixed) || (word.starts_with("0x") && hex)
}
