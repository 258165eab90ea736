//! What to do about a failure that the function has found. The function gives the usual advice; what stands here is told by
//! network, role and references, which it doesn't know, and goes before. Pure.

use tanets_function::auth::amazon_service;
use tanets_function::check::{Finding, Kind, State, What};
use tanets_function::settings::{Auth, Reference};

use super::Surroundings;
use crate::config::{Config, Vpc, host_of};

/// Where the function's settings stand in tanets.toml, by their variables.
const KEYS: [(&str, &str); 9] = [
    ("SLACK_WEBHOOK_URL", "slack.webhook"),
    ("ES_ENDPOINT", "elasticsearch.endpoint"),
    ("ES_INDEXES", "elasticsearch.indexes"),
    ("ES_FIELD", "elasticsearch.field"),
    ("ES_MESSAGE_FIELD", "elasticsearch.message_field"),
    ("ES_TIME_FIELD", "elasticsearch.time_field"),
    ("ES_AUTH", "elasticsearch.auth"),
    ("ES_CREDENTIALS", "elasticsearch.credentials"),
    ("ES_CA", "elasticsearch.ca"),
];
/// The rest of them.
const DIGEST_KEYS: [(&str, &str); 2] =
    [("ERROR_LEVEL", "digest.levels"), ("DIGEST_MESSAGES", "digest.messages")];

/// The function's words with the keys of tanets.toml in the place of its variables.
pub fn in_toml(text: &str) -> String {
    let mut told = String::new();
    let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
    let mut rest = text;
    while let Some(start) = rest.find(is_name) {
        let (before, from) = rest.split_at(start);
        let (name, after) = from.split_at(from.find(|c| !is_name(c)).unwrap_or(from.len()));
        told += before;
        match KEYS.iter().chain(&DIGEST_KEYS).find(|(variable, _)| *variable == name) {
            Some((_, key)) => told += &format!("`{key}`"),
            None => told += name,
        }
        rest = after;
    }
    told + rest
}

/// What to do about a finding; none where it didn't fail, or nobody knows.
pub fn hint(finding: &Finding, around: &Surroundings) -> Option<String> {
    let State::Failed { kind, error, hint } = &finding.state else { return None };
    let told = match finding.what {
        What::SecretWebhook | What::SecretEndpoint | What::SecretCredentials | What::SecretCa => {
            secret(finding.what, *kind, error, around)
        }
        What::SlackName | What::SlackTcp | What::SlackTls | What::SlackHttp => slack(*kind, around),
        What::ClusterName | What::ClusterTcp | What::ClusterTls | What::ClusterHttp => cluster(*kind, around),
        What::ClusterAuthentication => authentication(*kind, error, around),
        What::ClusterIndexes | What::ClusterFields | What::ClusterCount => None,
        What::Time => Some(format!(
            "raise `function.timeout`: it is {} s, and a day of more errors may take longer",
            around.config.function.timeout
        )),
    };
    told.or_else(|| hint.as_deref().map(in_toml))
}

/// Packets that nobody answers: a route or a security group is missing.
fn is_silence(kind: Kind) -> bool {
    matches!(kind, Kind::Timeout | Kind::NoConnection)
}

fn listed(ids: &[String]) -> String {
    ids.join(", ")
}

fn slack(kind: Kind, around: &Surroundings) -> Option<String> {
    let Vpc { subnets, security_groups } = around.config.vpc.as_ref()?;
    let (subnets, groups) = (listed(subnets), listed(security_groups));
    match kind {
        kind if is_silence(kind) => Some(format!(
            "there is no way to the internet from {subnets}: each needs a route 0.0.0.0/0 to a NAT gateway (an internet \
             gateway is none for Lambda), and {groups} must let port 443 out"
        )),
        Kind::UnknownName => Some(
            "check the host in `slack.webhook`, and that the VPC resolves public names (its DNS support is on)"
                .to_owned(),
        ),
        _ => None,
    }
}

fn cluster(kind: Kind, around: &Surroundings) -> Option<String> {
    let endpoint = endpoint(&around.config);
    let host = endpoint.map(host_of).unwrap_or_default();
    match (kind, &around.config.vpc) {
        (kind, Some(Vpc { security_groups, .. })) if is_silence(kind) => Some(format!(
            "the cluster's security group must let in {} on the cluster's port ({}), and these must let it out; a cluster in \
             another VPC needs a peering or a transit gateway between",
            listed(security_groups),
            port(endpoint),
        )),
        (kind, None) if (is_silence(kind) || kind == Kind::UnknownName) && host.starts_with("vpc-") => Some(
            "this endpoint is in a VPC, and the function isn't: give it `vpc.subnets` and `vpc.security_groups`"
                .to_owned(),
        ),
        (kind, None) if is_silence(kind) => Some(
            "what stands in front of the cluster drops what the function sends: outside of a VPC it comes from changing \
             addresses of AWS; a cluster in a VPC needs `vpc.subnets` and `vpc.security_groups`"
                .to_owned(),
        ),
        (Kind::UnknownName, Some(_)) => Some(
            "check the spelling of `elasticsearch.endpoint`, that the VPC's DNS support is on, and that a private zone with \
             this name is associated with the VPC"
                .to_owned(),
        ),
        _ => None,
    }
}

/// The endpoint, where it stands in the file.
fn endpoint(config: &Config) -> Option<&str> {
    match &config.settings.endpoint {
        Reference::Plain(endpoint) => Some(endpoint.expose()),
        Reference::Ssm(_) | Reference::SecretsManager(_) | Reference::Kms(_) => None,
    }
}

fn port(endpoint: Option<&str>) -> String {
    let url = endpoint.and_then(|endpoint| tanets_function::http::parse_url(endpoint).ok());
    let port = url.and_then(|url| url.port_or_known_default());
    port.map_or("443 for a domain of AWS".to_owned(), |port| port.to_string())
}

fn authentication(kind: Kind, error: &str, around: &Surroundings) -> Option<String> {
    let Surroundings { config, role_arn, .. } = around;
    let amazon = endpoint(config).map(host_of).and_then(amazon_service);
    let signs = match config.settings.auth {
        Auth::SigV4 => true,
        Auth::Auto => config.settings.credentials.is_none() && amazon.is_some(),
        Auth::Basic | Auth::ApiKey | Auth::None => false,
    };
    let asks_as_nobody = !signs && config.settings.credentials.is_none();
    match kind {
        Kind::Denied if signs && error.contains("no permissions for") => Some(format!(
            "fine-grained access control refused: map {role_arn} as a backend role to a role that may read {} (Dashboards: \
             Security, Roles, Mapped users)",
            listed(&config.settings.indexes)
        )),
        Kind::Denied if signs && amazon.is_some_and(|(service, _)| service == "aoss") => Some(format!(
            "the collection's data access policy must give {role_arn} aoss:ReadDocument and aoss:DescribeIndex, and its \
             network policy must let the function in; new policies take a minute"
        )),
        Kind::Denied if signs && error.contains("is not authorized to perform") => Some(format!(
            "the domain's access policy must let {role_arn} do es:ESHttpPost and es:ESHttpGet: the role's own policy does, and \
             an explicit deny goes before it"
        )),
        Kind::Unauthenticated | Kind::Denied if asks_as_nobody => Some(
            "the cluster wants to know who asks: set `elasticsearch.auth` to sigv4 (a domain of AWS), or to basic or api-key \
             with `elasticsearch.credentials`"
                .to_owned(),
        ),
        Kind::Unauthenticated if !signs => Some(
            "the cluster doesn't take what `elasticsearch.credentials` leads to: user:password for basic, id:key for api-key"
                .to_owned(),
        ),
        _ => None,
    }
}

fn secret(what: What, kind: Kind, error: &str, around: &Surroundings) -> Option<String> {
    let Surroundings { config, role_arn, region } = around;
    let settings = &config.settings;
    let reference = match what {
        What::SecretEndpoint => Some(&settings.endpoint),
        What::SecretCredentials => settings.credentials.as_ref(),
        What::SecretCa => settings.ca.as_ref(),
        _ => Some(&settings.webhook),
    };
    let service = match reference? {
        Reference::Plain(_) => return None,
        Reference::Ssm(_) => "ssm",
        Reference::SecretsManager(_) => "secretsmanager",
        Reference::Kms(_) => "kms",
    };
    match (kind, reference?, &config.vpc) {
        (kind, _, Some(Vpc { subnets, security_groups })) if is_silence(kind) => Some(format!(
            "there is no way to {service} from {}: each needs a route to a NAT gateway, or their VPC an interface endpoint \
             com.amazonaws.{region}.{service} that lets in {} on port 443",
            listed(subnets),
            listed(security_groups),
        )),
        // SSM and Secrets Manager decrypt in the role's name, and say it so or so.
        (Kind::Denied, _, _) if error.contains("kms:") || error.contains("ciphertext refers to") => {
            Some(format!(
                "{role_arn} may not decrypt it: give the ARN of its key as `function.kms_key`, and let the key's policy allow the \
                 role kms:Decrypt"
            ))
        }
        (Kind::Denied, _, _) => Some(format!(
            "the policy that `tanets deploy` gives {role_arn} allows exactly this: look for a permissions boundary, an \
             organization's policy, or the secret's own policy that takes it away"
        )),
        (Kind::NotFound, Reference::Ssm(name), _) => {
            Some(format!("there is no such parameter in {region}: `tanets secret set {name}` puts it there"))
        }
        (Kind::NotFound, Reference::SecretsManager(id), _) => Some(format!(
            "there is no such secret in {region}, or it has no value: `aws secretsmanager create-secret --name {id}`"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
