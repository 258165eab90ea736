//! URLs and references: where the cluster and the webhook are, or where their secrets are kept.
//!
//! A reason never quotes the value. The shapes of names and ARNs are those of SSM, Secrets Manager and KMS.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tanets_function::settings::{Auth, Reference, ValueError};

use super::host::host_of;
use super::values::{Checked, Fault, is_number};

/// A host, with or without scheme, port and base path; or a reference to one.
pub(super) fn endpoint(value: &str) -> Checked<Reference> {
    if let Some(reference) = reference(value)? {
        return Ok(reference);
    }
    check_url(value).map_err(|fault| match fault.hint {
        Some(_) => fault,
        None => fault
            .hint("such as `https://search.example.com:9200`, or a reference such as `ssm:/tanets/endpoint`"),
    })?;
    parse_reference(value)
}

/// The address of dashboards, or a template of a link into them.
pub(super) fn kibana(value: &str) -> Checked<String> {
    if !is_url(value) {
        return Err(Fault::new("must be a URL that starts with https:// or http://"));
    }
    let (base, rest) = value.split_at(value.find(['?', '#', '{']).unwrap_or(value.len()));
    check_url(base)?;
    if !rest.chars().all(|c| c.is_ascii_graphic()) {
        return Err(
            Fault::new("must be a URL without spaces and special characters").hint("encode them as %20")
        );
    }
    placeholders(value, &["from", "to", "query", "index"])?;
    Ok(value.to_owned())
}

/// Whether every `{name}` in a template is known.
pub(super) fn placeholders(template: &str, known: &[&str]) -> Checked<()> {
    for (open, _) in template.match_indices('{') {
        let name = template[open + 1..].split('}').next().unwrap_or_default();
        if !known.contains(&name) || !template[open..].contains('}') {
            let list = known.iter().map(|known| format!("{{{known}}}")).collect::<Vec<_>>().join(", ");
            let fault = Fault::new("has a placeholder that is not known").hint(format!("known: {list}"));
            return Err(Fault { at: Some(open..open + 1), ..fault });
        }
    }
    Ok(())
}

/// Certificates of a private authority, or a reference to them.
pub(super) fn ca(value: &str) -> Checked<Reference> {
    if let Some(reference) = reference(value)? {
        return Ok(reference);
    }
    if !value.contains("-----BEGIN CERTIFICATE-----") || !value.contains("-----END CERTIFICATE-----") {
        return Err(Fault::new("must be certificates in PEM, or a reference to them").hint(
            "such as `ssm:/tanets/ca`, or the text from `-----BEGIN CERTIFICATE-----` to `-----END CERTIFICATE-----`",
        ));
    }
    parse_reference(value)
}

/// A Slack webhook's URL, or a reference to one.
pub(super) fn webhook(value: &str) -> Checked<Reference> {
    if let Some(reference) = reference(value)? {
        return Ok(reference);
    }
    let fault =
        Fault::new("must be a URL (https://…) or a reference: ssm:NAME, secretsmanager:ID, kms:BASE64");
    if !is_url(value) {
        return Err(
            fault.hint("such as `ssm:/tanets/slack-webhook`, `${SLACK_WEBHOOK_URL}`, or the webhook's URL")
        );
    }
    if host_of(value).is_empty() || value.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(Fault::new("must be a URL with a host, and without spaces and line breaks"));
    }
    parse_reference(value)
}

/// Credentials come from outside the file: a reference, or `${NAME}`.
pub(super) fn credentials(value: &str, auth: Auth, from_env: bool) -> Checked<Reference> {
    if let Some(reference) = reference(value)? {
        return Ok(reference);
    }
    if !from_env {
        return Err(Fault::new("must not stand in the file")
            .hint("write a reference such as `ssm:/tanets/search-credentials`, or `${SEARCH_CREDENTIALS}`"));
    }
    if value.trim().is_empty() {
        return Err(Fault::new("must not be empty"));
    }
    if auth == Auth::Basic && !value.contains(':') {
        return Err(Fault::new("must be `user:password` with `auth = \"basic\"`"));
    }
    parse_reference(value)
}

/// Whether a value starts as a URL does.
pub(super) fn is_url(value: &str) -> bool {
    value.starts_with("https://") || value.starts_with("http://")
}

/// `[http[s]://]host[:port][/path]`. The reasons do not quote the value: it may hold a password.
fn check_url(value: &str) -> Checked<()> {
    let rest = match value.split_once("://") {
        Some(("http" | "https", rest)) => rest,
        Some(_) => return Err(Fault::new("must start with https:// or http://, or with the host")),
        None => value,
    };
    if rest.contains('@') {
        return Err(Fault::new("must not have a user or password in it")
            .hint("give them with `auth = \"basic\"` and `credentials`"));
    }
    if rest.contains(['?', '#']) {
        return Err(Fault::new("must not have a `?` or `#` in it"));
    }
    let host = host_of(value);
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_name = host.split('.').all(|label| !label.is_empty() && label.chars().all(letter));
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_v6 = inner.is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok());
    if !is_name && !is_v6 {
        return Err(Fault::new("must have a host name of letters, digits, `-` and `.`"));
    }
    let after = &rest[host.len()..];
    let (port, path) = after.find('/').map_or((after, ""), |slash| after.split_at(slash));
    let right_port = match port.strip_prefix(':') {
        Some(port) => is_number(port, 1..=5) && port.parse::<u16>().is_ok_and(|port| port > 0),
        None => port.is_empty(),
    };
    if !right_port {
        return Err(Fault::new("must have a port of 1-65535 after the host, or none"));
    }
    if !path.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Fault::new("must have a path without spaces and special characters"));
    }
    Ok(())
}

/// A reference whose shape AWS takes; none if the value is no reference.
pub(super) fn reference(value: &str) -> Checked<Option<Reference>> {
    let Some((kind @ ("ssm" | "secretsmanager" | "kms"), name)) = value.split_once(':') else {
        return Ok(None);
    };
    let charset = |marks: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c));
    let arn = name.starts_with("arn:");
    let arn_of = |resource: &str| {
        let parts: Vec<&str> = name.splitn(6, ':').collect();
        matches!(parts[..], ["arn", partition, service, region, account, rest]
            if partition.starts_with("aws") && service == kind && !region.is_empty()
                && is_number(account, 12..=12) && rest.strip_prefix(resource).is_some_and(|id| !id.is_empty()))
    };
    let (right, wanted) = match kind {
        "ssm" if arn => {
            (arn_of("parameter/") && charset(".-_/:"), "arn:aws:ssm:REGION:ACCOUNT:parameter/NAME")
        }
        "ssm" => (
            (1..=1011).contains(&name.len())
                && charset(".-_/")
                && !name.ends_with('/')
                && (name.starts_with('/') || !name.contains('/')),
            "a parameter's name: letters, digits, `.`, `-`, `_`, and a leading `/` if it has any `/`",
        ),
        "secretsmanager" if arn => {
            (arn_of("secret:") && charset("/_+=.@-:"), "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME")
        }
        "secretsmanager" => (
            (1..=512).contains(&name.len()) && charset("/_+=.@-"),
            "a secret's name: 1-512 letters, digits and `/_+=.@-`",
        ),
        // A KMS ciphertext has at most 6144 bytes, so 8192 letters of base64.
        _ => (
            (1..=8192).contains(&name.len()) && STANDARD.decode(name).is_ok(),
            "base64 of what `aws kms encrypt` gave",
        ),
    };
    if !right {
        return Err(Fault::new(format!("must have after `{kind}:` {wanted}")));
    }
    parse_reference(value).map(Some)
}

/// The function's own reading of it, so that both always agree.
fn parse_reference(value: &str) -> Checked<Reference> {
    value.parse().map_err(|error: ValueError| Fault::new(error.to_string()))
}
