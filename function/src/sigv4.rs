//! AWS Signature Version 4 for a whole request. Decides nothing: service, region and time are arguments.

use std::error::Error;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign as signature,
};
use aws_sigv4::sign::v4::SigningParams;
use reqwest::Request;
use reqwest::header::{HeaderName, HeaderValue};

/// Why a request could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("the request cannot be signed")]
pub struct SignError(#[source] Box<dyn Error + Send + Sync>);

/// Signs the request as it stands, all its headers included: to be called last.
///
/// `x-amz-content-sha256` is always sent and signed: OpenSearch Serverless (`aoss`) demands it, all else accepts it.
pub fn sign(
    request: &mut Request,
    credentials: &Credentials,
    region: &str,
    service: &str,
    time: SystemTime,
) -> Result<(), SignError> {
    // The defaults encode the path once more and normalise it, as all services other than S3 do.
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let identity = credentials.clone().into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(time)
        .settings(settings)
        .build()
        .map_err(|error| SignError(error.into()))?
        .into();
    let headers =
        request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let body = request.body().and_then(|body| body.as_bytes()).unwrap_or_default();
    let signable = SignableRequest::new(
        request.method().as_str(),
        request.url().as_str(),
        headers,
        SignableBody::Bytes(body),
    )
    .map_err(|error| SignError(error.into()))?;
    let (instructions, _) =
        signature(signable, &params).map_err(|error| SignError(error.into()))?.into_parts();
    for header in instructions.into_parts().0 {
        // The signer makes its values of hexadecimal, dates and the credentials' own text.
        let Ok(mut value) = HeaderValue::from_str(header.value()) else { continue };
        value.set_sensitive(header.sensitive());
        request.headers_mut().insert(HeaderName::from_static(header.name()), value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::{Duration, UNIX_EPOCH};

    use reqwest::{Method, Url};
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Case {
        service: String,
        region: String,
        key: (String, String),
        token: Option<String>,
        time: u64,
        url: String,
        body: String,
        headers: BTreeMap<String, String>,
        authorization: String,
    }

    #[test]
    fn signatures_are_botocores() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("../testdata/sigv4.json")).unwrap();
        assert!(!cases.is_empty());
        for case in cases {
            let mut request = Request::new(Method::POST, Url::parse(&case.url).unwrap());
            assert_eq!(request.url().as_str(), case.url, "what is sent is what botocore saw");
            for (name, value) in &case.headers {
                request.headers_mut().insert(HeaderName::try_from(name).unwrap(), value.parse().unwrap());
            }
            *request.body_mut() = Some(case.body.into());
            let credentials = Credentials::new(case.key.0, case.key.1, case.token.clone(), None, "test");
            let time = UNIX_EPOCH + Duration::from_secs(case.time);
            sign(&mut request, &credentials, &case.region, &case.service, time).unwrap();
            let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header("authorization"), Some(case.authorization.as_str()), "{}", case.url);
            assert_eq!(header("x-amz-security-token"), case.token.as_deref());
        }
    }
}
