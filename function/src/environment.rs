//! What AWS tells a function through its environment, beside the settings: who it is and where.

use std::collections::BTreeMap;

use aws_credential_types::Credentials;

/// The services that hold referenced values: signing name, and the part of `AWS_ENDPOINT_URL_…`.
const SERVICES: [(&str, &str); 3] = [("kms", "KMS"), ("secretsmanager", "SECRETS_MANAGER"), ("ssm", "SSM")];

/// Who calls AWS, from where. On a workstation, whoever runs the digest fills it in.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `AWS_REGION`
    pub region: Option<String>,
    /// The keys that sign requests.
    pub credentials: Option<Credentials>,
    /// `AWS_LAMBDA_FUNCTION_NAME`: the encryption context of `kms:` references.
    pub function_name: Option<String>,
    /// Base URLs that replace AWS's own, by signing name (`ssm`, `secretsmanager`, `kms`).
    pub endpoints: BTreeMap<&'static str, String>,
}

impl Environment {
    /// Reads what Lambda sets: region, keys, the function's name, and the `AWS_ENDPOINT_URL` variables of the
    /// AWS SDKs, the service's own before the general one.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        let credentials = get("AWS_ACCESS_KEY_ID")
            .zip(get("AWS_SECRET_ACCESS_KEY"))
            .map(|(id, key)| Credentials::new(id, key, get("AWS_SESSION_TOKEN"), None, "environment"));
        let endpoint = |part| get(&format!("AWS_ENDPOINT_URL_{part}")).or_else(|| get("AWS_ENDPOINT_URL"));
        Self {
            region: get("AWS_REGION").or_else(|| get("AWS_DEFAULT_REGION")),
            credentials,
            function_name: get("AWS_LAMBDA_FUNCTION_NAME"),
            endpoints: SERVICES.iter().filter_map(|(name, part)| Some((*name, endpoint(part)?))).collect(),
        }
    }

    /// The base URL of an AWS service in a region.
    pub fn endpoint(&self, service: &str, region: &str) -> String {
        self.endpoints.get(service).cloned().unwrap_or_else(|| amazon(service, region))
    }
}

/// The base URL that AWS itself gives a service in a region.
pub fn amazon(service: &str, region: &str) -> String {
    let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
    format!("https://{service}.{region}.amazonaws.com{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_own_endpoint_goes_before_the_general_one_and_both_before_awss() {
        let environment = Environment::from_env(|name| match name {
            "AWS_ENDPOINT_URL_SSM" => Some("http://ssm.test".to_owned()),
            "AWS_ENDPOINT_URL" => Some("http://all.test".to_owned()),
            _ => None,
        });
        assert_eq!(environment.endpoint("ssm", "eu-west-1"), "http://ssm.test");
        assert_eq!(environment.endpoint("kms", "eu-west-1"), "http://all.test");
        let plain = Environment::default();
        assert_eq!(plain.endpoint("kms", "eu-west-1"), "https://kms.eu-west-1.amazonaws.com");
        assert_eq!(plain.endpoint("ssm", "cn-north-1"), "https://ssm.cn-north-1.amazonaws.com.cn");
    }
}
