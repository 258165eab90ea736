//! How a request to the cluster proves who sends it.

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Request, Url};

use crate::environment::Environment;
use crate::secret::Secret;
use crate::settings::Auth;
use crate::sigv4::{SignError, sign};

/// Why requests to the cluster cannot be authenticated as the settings ask.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// SigV4 without keys.
    #[error("there are no AWS credentials in the environment to sign with")]
    NoAwsCredentials,
    /// SigV4 without a region, neither in the host name nor in the environment.
    #[error("there is no AWS region, neither in the endpoint's host name nor in AWS_REGION")]
    NoRegion,
    /// `basic` or `api-key` without `ES_CREDENTIALS`.
    #[error("ES_CREDENTIALS is not set")]
    NoCredentials,
    /// Basic credentials without a colon.
    #[error("ES_CREDENTIALS is not of the form user:password")]
    NotUserPassword,
    /// Credentials that cannot stand in a header.
    #[error("ES_CREDENTIALS holds characters that cannot be sent")]
    NotAHeader,
    /// The signature failed.
    #[error("signing failed")]
    Sign(#[source] SignError),
}

impl AuthError {
    /// The way out.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoCredentials | Self::NotUserPassword | Self::NotAHeader => {
                Some("ES_CREDENTIALS takes user:password for basic, id:key for api-key")
            }
            Self::NoAwsCredentials | Self::NoRegion => {
                Some("in Lambda both are there; elsewhere set AWS_REGION and keys")
            }
            Self::Sign(_) => None,
        }
    }
}

/// What is added to each request.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// Nothing.
    None,
    /// An `Authorization` header.
    Header(Secret),
    /// A signature.
    SigV4 {
        /// `es` or `aoss`.
        service: &'static str,
        /// The cluster's region.
        region: String,
        /// The signer's keys.
        credentials: Credentials,
    },
}

/// The way, without what proves it.
impl fmt::Display for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Header(header) if header.expose().starts_with("Basic ") => f.write_str("user and password"),
            Self::Header(_) => f.write_str("API key"),
            Self::SigV4 { service, region, credentials: _ } => write!(f, "SigV4 ({service}, {region})"),
        }
    }
}

/// The signing name and the region of an Amazon host: `es` for OpenSearch Service domains, `aoss` for Serverless
/// collections. None for all other hosts.
pub fn amazon_service(host: &str) -> Option<(&'static str, &str)> {
    let host = host.strip_suffix(".cn").unwrap_or(host).strip_suffix(".amazonaws.com")?;
    let (rest, service) = host.rsplit_once('.')?;
    let service = match service {
        "es" => "es",
        "aoss" => "aoss",
        _ => return None,
    };
    Some((service, rest.rsplit_once('.')?.1))
}

impl Authentication {
    /// Chooses for an endpoint. `credentials` are `ES_CREDENTIALS`, resolved.
    pub fn choose(
        auth: Auth,
        endpoint: &Url,
        credentials: Option<&Secret>,
        environment: &Environment,
    ) -> Result<Self, AuthError> {
        let amazon = amazon_service(endpoint.host_str().unwrap_or_default());
        match (auth, credentials) {
            (Auth::None, _) => Ok(Self::None),
            // Whoever gives credentials wants them used: domains with an internal user database take basic.
            (Auth::Basic | Auth::Auto, Some(credentials)) => {
                let text = credentials.expose();
                if !text.contains(':') {
                    return Err(AuthError::NotUserPassword);
                }
                Ok(Self::Header(Secret::new(format!("Basic {}", BASE64_STANDARD.encode(text)))))
            }
            (Auth::ApiKey, Some(credentials)) => {
                let text = credentials.expose();
                // Base64 has no colon, so the two forms cannot be confused.
                let key = if text.contains(':') { BASE64_STANDARD.encode(text) } else { text.to_owned() };
                Ok(Self::Header(Secret::new(format!("ApiKey {key}"))))
            }
            (Auth::Basic | Auth::ApiKey, None) => Err(AuthError::NoCredentials),
            (Auth::Auto, None) if amazon.is_none() => Ok(Self::None),
            (Auth::SigV4 | Auth::Auto, _) => {
                let (service, region) = match amazon {
                    Some((service, region)) => (service, region.to_owned()),
                    None => ("es", environment.region.clone().ok_or(AuthError::NoRegion)?),
                };
                let credentials = environment.credentials.clone().ok_or(AuthError::NoAwsCredentials)?;
                Ok(Self::SigV4 { service, region, credentials })
            }
        }
    }

    /// Adds what proves the sender. To be called when the request is complete.
    pub fn apply(&self, request: &mut Request, time: SystemTime) -> Result<(), AuthError> {
        match self {
            Self::None => Ok(()),
            Self::Header(header) => {
                let mut value = HeaderValue::from_str(header.expose()).map_err(|_| AuthError::NotAHeader)?;
                value.set_sensitive(true);
                request.headers_mut().insert(AUTHORIZATION, value);
                Ok(())
            }
            Self::SigV4 { service, region, credentials } => {
                sign(request, credentials, region, service, time).map_err(AuthError::Sign)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(auth: Auth, endpoint: &str, credentials: Option<&str>) -> String {
        let environment = Environment {
            region: Some("eu-west-1".to_owned()),
            credentials: Some(Credentials::new("AKID", "key", None, None, "test")),
            ..Environment::default()
        };
        let credentials = credentials.map(Secret::new);
        let endpoint = crate::http::parse_url(endpoint).unwrap();
        match Authentication::choose(auth, &endpoint, credentials.as_ref(), &environment) {
            Ok(Authentication::None) => "none".to_owned(),
            Ok(Authentication::Header(header)) => header.expose().to_owned(),
            Ok(Authentication::SigV4 { service, region, .. }) => format!("{service} {region}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn each_way_to_authenticate_is_chosen_by_the_settings_and_the_host() {
        let domain = "vpc-logs-x.ap-northeast-1.es.amazonaws.com";
        let cases = [
            (Auth::Auto, domain, None, "es ap-northeast-1"),
            (Auth::Auto, "x.us-east-2.aoss.amazonaws.com", None, "aoss us-east-2"),
            (Auth::Auto, "search-x.cn-north-1.es.amazonaws.com.cn", None, "es cn-north-1"),
            (Auth::Auto, domain, Some("user:pass"), "Basic dXNlcjpwYXNz"),
            (Auth::Auto, "es.amazonaws.com.example", None, "none"),
            (Auth::Auto, "http://127.0.0.1:9200", None, "none"),
            (Auth::SigV4, "logs.example", Some("user:pass"), "es eu-west-1"),
            (Auth::None, domain, Some("user:pass"), "none"),
            (Auth::ApiKey, "logs.example", Some("id:key"), "ApiKey aWQ6a2V5"),
            (Auth::ApiKey, "logs.example", Some("aWQ6a2V5"), "ApiKey aWQ6a2V5"),
            (Auth::Basic, "logs.example", Some("user"), "ES_CREDENTIALS is not of the form user:password"),
            (Auth::Basic, "logs.example", None, "ES_CREDENTIALS is not set"),
        ];
        for (auth, endpoint, credentials, expected) in cases {
            assert_eq!(chosen(auth, endpoint, credentials), expected, "{auth} {endpoint}");
        }
    }
}
