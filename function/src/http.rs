//! The one HTTPS client and what can go wrong on the wire. Knows no service.
//!
//! Errors carry no URL: a webhook's URL is a secret.

mod unreached;

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Client, Method, Request, StatusCode, Url};

pub use self::unreached::Unreached;

/// How long a connection may take. A VPC without a route lets packets vanish, so this is what its users wait.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest body that is read, in bytes. The counts of a search have some 10 kB, its samples 400 log lines.
const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// The longest foreign text that an error quotes, in characters.
const QUOTE_LIMIT: usize = 300;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The client could not be built: a fault of this program.
    #[error("the HTTPS client cannot start")]
    Client(#[source] reqwest::Error),
    /// The text of a private authority holds no certificate.
    #[error("it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)")]
    NoCertificate,
    /// The request was certainly not received: no address, no route, no TLS.
    #[error("no connection")]
    Connect(#[source] reqwest::Error),
    /// The request may have been received and acted upon.
    #[error("no answer within the time limit")]
    Timeout,
    /// The exchange broke off in between.
    #[error("the connection broke")]
    Broken(#[source] reqwest::Error),
    /// The body is longer than any answer that makes sense.
    #[error("the answer is longer than {} MB", BODY_LIMIT / 1024 / 1024)]
    TooLong,
}

impl From<reqwest::Error> for HttpError {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_connect() {
            Self::Connect(error)
        } else if error.is_timeout() {
            Self::Timeout
        } else {
            Self::Broken(error)
        }
    }
}

/// Why a text is not the URL of a service. Does not quote the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL with a host.
    #[error("it is not a URL")]
    NotAUrl,
    /// A scheme that is not HTTP.
    #[error("it is not an https:// or http:// URL")]
    Scheme,
    /// `https://user:password@…`
    #[error("it holds a user name or a password")]
    UserInfo,
}

/// Reads a URL; without a scheme, `https://` is meant.
pub fn parse_url(text: &str) -> Result<Url, UrlError> {
    let text = text.trim();
    let url = match text.contains("://") {
        true => Url::parse(text),
        false => Url::parse(&format!("https://{text}")),
    }
    .map_err(|_| UrlError::NotAUrl)?;
    match url.scheme() {
        "https" | "http" if !url.username().is_empty() || url.password().is_some() => Err(UrlError::UserInfo),
        "https" | "http" => Ok(url),
        _ => Err(UrlError::Scheme),
    }
}

/// The HTTPS client. One a process; building it reads some 140 root certificates, so it waits for the first use.
#[derive(Clone, Debug)]
pub struct Http(Client);

impl Http {
    /// Builds the client that trusts public authorities.
    pub fn new() -> Result<Self, HttpError> {
        Self::trusting(Vec::new())
    }

    /// Builds the client that trusts a private authority too: certificates in PEM.
    ///
    /// # Errors
    /// If there is no certificate in the text, or it cannot be read.
    pub fn with_authority(pem: &str) -> Result<Self, HttpError> {
        match Certificate::from_pem_bundle(pem.as_bytes()) {
            Ok(certificates) if !certificates.is_empty() => Self::trusting(certificates),
            _ => Err(HttpError::NoCertificate),
        }
    }

    fn trusting(own: Vec<Certificate>) -> Result<Self, HttpError> {
        // An error means that another part of the process, such as the AWS SDK, has chosen a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS
            .iter()
            .map(|der| Certificate::from_der(der))
            .collect::<Result<Vec<_>, _>>()
            .map_err(HttpError::Client)?;
        Client::builder()
            .tls_certs_only(roots.into_iter().chain(own))
            .connect_timeout(CONNECT_TIMEOUT)
            // A redirected POST becomes a GET, and a signature holds for one host only.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("tanets/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(Self)
            .map_err(HttpError::Client)
    }

    /// Sends a request and reads the whole answer, both within the time limit.
    pub async fn exchange(&self, mut request: Request, limit: Duration) -> Result<Answer, HttpError> {
        *request.timeout_mut() = Some(limit);
        let mut response = self.0.execute(request).await?;
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let request_id = response.headers().get("x-amzn-requestid");
        let request_id = request_id.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let retry_after = retry_after.map(Duration::from_secs);
        Ok(Answer { status: response.status(), retry_after, request_id, body })
    }
}

/// A `POST` of a JSON text.
pub fn post_json(url: Url, content_type: &'static str, body: String) -> Request {
    let mut request = Request::new(Method::POST, url);
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    *request.body_mut() = Some(body.into());
    request
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// Seconds of `Retry-After`, if the server names them.
    pub retry_after: Option<Duration>,
    /// The id that AWS gives a request, if it does.
    pub request_id: Option<String>,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Answer {
    /// True for statuses that promise better luck later.
    pub fn is_transient(&self) -> bool {
        matches!(self.status.as_u16(), 429 | 502..=504)
    }
}

/// Foreign text as an error may quote it: one line, at most 300 characters, no control characters.
pub fn quote(text: &str) -> String {
    let line = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = line.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(QUOTE_LIMIT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_needs_no_scheme_and_may_hold_no_password() {
        let read = |text: &str| parse_url(text).map(|url| url.to_string());
        assert_eq!(read("es.hoge"), Ok("https://es.hoge/".to_owned()));
        assert_eq!(read(" http://127.0.0.1:9200/base/ "), Ok("http://127.0.0.1:9200/base/".to_owned()));
        assert_eq!(read("es.hoge:9200/a"), Ok("https://es.hoge:9200/a".to_owned()));
        assert_eq!(read("ftp://es.hoge"), Err(UrlError::Scheme));
        assert_eq!(read("https://elastic:secret@es.hoge"), Err(UrlError::UserInfo));
        assert_eq!(read("https://"), Err(UrlError::NotAUrl));
        assert_eq!(read("{\"url\": 1}"), Err(UrlError::NotAUrl));
    }

    #[test]
    fn quoted_text_is_one_short_line() {
        assert_eq!(quote("a\n\tb \u{7}c"), "a b c");
        assert_eq!(quote(&"é".repeat(400)).chars().count(), 301);
    }

    #[tokio::test]
    async fn a_refused_connection_is_told_apart_from_a_timeout_and_shows_no_url() {
        let url = Url::parse("http://127.0.0.1:1/secret").unwrap();
        let request = post_json(url, "text/plain", String::new());
        let error = Http::new().unwrap().exchange(request, CONNECT_TIMEOUT).await.unwrap_err();
        assert!(matches!(error, HttpError::Connect(_)), "{error:?}");
        assert!(!crate::error::chain(&error).contains("secret"));
    }
}
