//! What the function may do beyond the managed policies: the statements of the inline policy. Pure.
//!
//! AmazonESReadOnlyAccess reads a domain's configuration; it doesn't match `es:ESHttp*`, so it can't search.
//! AWSLambdaExecute grants more than anybody needs: `logs:*` on all groups, and all objects of S3.

use serde_json::{Value, json};
use tanets_function::settings::{Auth, Reference, Settings};

use crate::aws::Identity;
use crate::config::{Config, host_of, region_from_host};

/// What AWSLambdaExecute grants and the function has no use for.
const UNUSED: [&str; 4] = ["logs:CreateLogGroup", "logs:DeleteLogGroup", "s3:GetObject", "s3:PutObject"];

/// The statements for this configuration.
pub fn statements(config: &Config, identity: &Identity) -> Vec<Value> {
    let Identity { account, arn: _, partition, region } = identity;
    let settings = &config.settings;
    // The log group is made by the deploy: a late run must not bring it back after a destroy.
    let mut statements = vec![json!({ "Effect": "Deny", "Action": UNUSED, "Resource": "*" })];
    let mut allow = |actions: &[&str], resource: String| {
        statements.push(json!({ "Effect": "Allow", "Action": actions, "Resource": resource }));
    };
    let host = host(settings);
    if let Some(domain) = &config.domain {
        let region = host.and_then(region_from_host).unwrap_or_else(|| region.clone());
        let domain = format!("arn:{partition}:es:{region}:{account}:domain/{domain}/*");
        allow(&["es:ESHttpGet", "es:ESHttpPost"], domain);
    }
    if let Some((collection, region)) = host.and_then(collection).filter(|_| signs(settings.auth)) {
        allow(
            &["aoss:APIAccessAll"],
            format!("arn:{partition}:aoss:{region}:{account}:collection/{collection}"),
        );
    }
    let mut ciphertexts = false;
    for reference in references(settings) {
        match reference {
            Reference::Plain(_) => {}
            Reference::Ssm(name) => {
                allow(&["ssm:GetParameter"], parameter(name, identity));
            }
            Reference::SecretsManager(id) => {
                // Secrets Manager adds a hyphen and six characters to a secret's name.
                let arn = format!("arn:{partition}:secretsmanager:{region}:{account}:secret:{id}-??????");
                allow(
                    &["secretsmanager:GetSecretValue"],
                    if id.starts_with("arn:") { id.clone() } else { arn },
                );
            }
            Reference::Kms(_) => ciphertexts = true,
        }
    }
    match &config.function.kms_key {
        Some(key) => allow(&["kms:Decrypt"], key.clone()),
        // A ciphertext doesn't tell its key: whatever the key is, only for this function's ciphertexts.
        None if ciphertexts => statements.push(json!({
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": format!("arn:{partition}:kms:{region}:{account}:key/*"),
            "Condition": { "StringEquals": { "kms:EncryptionContext:LambdaFunctionName": config.name } },
        })),
        None => {}
    }
    // A parameter may have a key of its own, and doesn't tell which: whatever the key is, only for this parameter's value. AWS's
    // own key needs no right.
    statements.extend(parameters(config, identity).into_iter().map(|arn| {
        json!({
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": format!("arn:{partition}:kms:{region}:{account}:key/*"),
            "Condition": { "StringEquals": { "kms:EncryptionContext:PARAMETER_ARN": arn } },
        })
    }));
    statements
}

/// The ARNs of the parameters that the configuration refers to.
pub fn parameters(config: &Config, identity: &Identity) -> Vec<String> {
    let parameters = references(&config.settings).filter_map(|reference| match reference {
        Reference::Ssm(name) => Some(parameter(name, identity)),
        Reference::Plain(_) | Reference::SecretsManager(_) | Reference::Kms(_) => None,
    });
    parameters.collect()
}

fn references(settings: &Settings) -> impl Iterator<Item = &Reference> {
    let sometimes = [settings.credentials.as_ref(), settings.ca.as_ref()];
    [&settings.webhook, &settings.endpoint].into_iter().chain(sometimes.into_iter().flatten())
}

/// The ARN of a parameter.
fn parameter(name: &str, Identity { account, arn: _, partition, region }: &Identity) -> String {
    match name.starts_with("arn:") {
        true => name.to_owned(),
        false => format!("arn:{partition}:ssm:{region}:{account}:parameter/{}", name.trim_start_matches('/')),
    }
}

fn host(settings: &Settings) -> Option<&str> {
    match &settings.endpoint {
        Reference::Plain(endpoint) => Some(host_of(endpoint.expose())),
        Reference::Ssm(_) | Reference::SecretsManager(_) | Reference::Kms(_) => None,
    }
}

fn signs(auth: Auth) -> bool {
    matches!(auth, Auth::Auto | Auth::SigV4)
}

/// The id and region in the host of a collection of OpenSearch Serverless: `ID.REGION.aoss.amazonaws.com`.
fn collection(host: &str) -> Option<(&str, &str)> {
    host.strip_suffix(".aoss.amazonaws.com")?.split_once('.')
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn granted(elasticsearch: &str, webhook: &str, function: &str) -> Vec<String> {
        let text = format!(
            "name = \"digest\"\nschedule = \"rate(1 day)\"\n[elasticsearch]\nindexes = [\"app\"]\n{elasticsearch}\n\
             [slack]\nwebhook = \"{webhook}\"\n[digest]\nlevels = [\"Fatal\"]\n[function]\n{function}"
        );
        let config = Config::parse(&text, Path::new("tanets.toml"), &|_| None).unwrap();
        let identity = Identity {
            account: "123456789012".to_owned(),
            arn: String::new(),
            partition: "aws".to_owned(),
            region: "ap-northeast-1".to_owned(),
        };
        let one =
            |statement: &Value| format!("{} {}", statement["Action"], statement["Resource"]).replace('"', "");
        let statements = statements(&config, &identity);
        assert_eq!(statements[0]["Effect"], "Deny");
        statements[1..].iter().map(one).collect()
    }

    #[test]
    fn the_role_may_search_its_domain_and_read_exactly_the_secrets_that_are_referenced() {
        const PLAIN: &str = "https://hooks.slack.com/services/T0/B0/x";
        const ES: &str = "[es:ESHttpGet,es:ESHttpPost] arn:aws:es";
        let key = "arn:aws:kms:ap-northeast-1:123456789012:key/11111111-2222-3333-4444-555555555555";
        let with_key = format!("kms_key = \"{key}\"");
        let reads_key = format!("[kms:Decrypt] {key}");
        let table: &[(&str, &str, &str, &[&str])] = &[
            ("endpoint = \"https://search.example.com\"", PLAIN, "", &[]),
            (
                "endpoint = \"vpc-logs-x.us-west-2.es.amazonaws.com\"",
                PLAIN,
                "",
                &[&format!("{ES}:us-west-2:123456789012:domain/logs-x/*")],
            ),
            (
                "endpoint = \"https://logs.example.com\"\nauth = \"sigv4\"\ndomain = \"logs\"",
                PLAIN,
                "",
                &[&format!("{ES}:ap-northeast-1:123456789012:domain/logs/*")],
            ),
            (
                "endpoint = \"https://abc123.us-east-1.aoss.amazonaws.com\"",
                PLAIN,
                "",
                &["[aoss:APIAccessAll] arn:aws:aoss:us-east-1:123456789012:collection/abc123"],
            ),
            (
                "endpoint = \"https://search.example.com\"\nauth = \"basic\"\ncredentials = \"secretsmanager:es/reader\"",
                "ssm:/tanets/slack-webhook",
                "",
                &[
                    "[ssm:GetParameter] arn:aws:ssm:ap-northeast-1:123456789012:parameter/tanets/slack-webhook",
                    "[secretsmanager:GetSecretValue] arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:es/reader-??????",
                    "kms:Decrypt arn:aws:kms:ap-northeast-1:123456789012:key/*",
                ],
            ),
            (
                "endpoint = \"https://search.example.com\"",
                "kms:AQICAHg=",
                "",
                &["kms:Decrypt arn:aws:kms:ap-northeast-1:123456789012:key/*"],
            ),
            ("endpoint = \"https://search.example.com\"", "kms:AQICAHg=", &with_key, &[&reads_key]),
        ];
        for (elasticsearch, webhook, function, expected) in table {
            assert_eq!(granted(elasticsearch, webhook, function), *expected, "{elasticsearch} {webhook}");
        }
    }

    #[test]
    fn with_an_unknown_key_only_the_functions_own_ciphertexts_and_parameters_are_read() {
        let identity = Identity::of_account("123456789012", "eu-west-1");
        let last = |webhook: &str| {
            let text = format!(
                "name = \"digest\"\nschedule = \"rate(1 day)\"\n[elasticsearch]\nindexes = [\"app\"]\n\
                 endpoint = \"https://s.example.com\"\n[slack]\nwebhook = \"{webhook}\"\n[digest]\nlevels = [\"F\"]"
            );
            let config = Config::parse(&text, Path::new("tanets.toml"), &|_| None).unwrap();
            let statement = statements(&config, &identity).pop().unwrap();
            assert_eq!(statement["Resource"], "arn:aws:kms:eu-west-1:123456789012:key/*");
            statement["Condition"]["StringEquals"].clone()
        };
        assert_eq!(last("kms:AQICAHg="), json!({ "kms:EncryptionContext:LambdaFunctionName": "digest" }));
        let hook = "arn:aws:ssm:eu-west-1:123456789012:parameter/hook";
        for webhook in ["ssm:/hook", "ssm:hook", &format!("ssm:{hook}")] {
            assert_eq!(last(webhook), json!({ "kms:EncryptionContext:PARAMETER_ARN": hook }));
        }
    }
}
