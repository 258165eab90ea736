//! Whether a host can be reached: its name, its port, its certificate, any answer. Where the function's client goes through
//! a proxy, name and port are the proxy's.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Method, Request, Url};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::STAGE;
use super::chain::{After, Chain, Failure};
use crate::http::{Http, HttpError, Unreached};

/// What is said about a host that can't be reached.
pub(super) type Hint = fn(Unreached) -> &'static str;

/// Where a connection goes.
struct Peer {
    host: String,
    port: u16,
    is_proxy: bool,
}

impl Peer {
    /// The URL's host, or the proxy that the client takes to it: both read the same variables by the same rules.
    fn of(url: &Url, proxies: &Matcher) -> Self {
        let proxy = url.as_str().parse().ok().and_then(|uri| proxies.intercept(&uri));
        if let Some(proxy) = proxy {
            let port = if proxy.uri().scheme_str() == Some("https") { 443 } else { 80 };
            let port = proxy.uri().port_u16().unwrap_or(port);
            return Self { host: plain(proxy.uri().host()), port, is_proxy: true };
        }
        let port = url.port_or_known_default().unwrap_or(443);
        Self { host: plain(url.host_str()), port, is_proxy: false }
    }

    fn told(&self, detail: String) -> String {
        if self.is_proxy { format!("{detail} (the proxy {})", self.host) } else { detail }
    }
}

/// A host without the brackets of an IPv6 address.
fn plain(host: Option<&str>) -> String {
    host.unwrap_or_default().trim_matches(['[', ']']).to_owned()
}

/// Name, port, certificate (none where the address is `http://`), answer: the next stages of the chain. The last two need
/// the client.
pub(super) async fn reach(
    chain: &mut Chain,
    url: &Url,
    http: Result<&Http, After>,
    hint: Hint,
    deadline: Instant,
) -> Result<(), After> {
    let limit = || STAGE.min(deadline.saturating_duration_since(Instant::now()));
    let peer = Peer::of(url, &Matcher::from_system());
    let begun = Instant::now();
    let addresses = within(limit(), lookup_host((peer.host.as_str(), peer.port))).await;
    let addresses = addresses.map(Vec::from_iter).map_err(|error| {
        let why = if error.is_none() { Unreached::Timeout } else { Unreached::UnknownName };
        failure(why, "the name is not resolved", error, hint)
    });
    let addresses = match addresses {
        Ok(addresses) => addresses,
        Err(failure) => return chain.found(Some(begun.elapsed()), Err(failure)),
    };
    chain.found(Some(begun.elapsed()), Ok(peer.told(listed(&addresses))))?;

    let begun = Instant::now();
    let connected = within(limit(), connect(addresses)).await.map_err(|error| {
        let why = match error.as_ref().map(std::io::Error::kind) {
            None | Some(std::io::ErrorKind::TimedOut) => Unreached::Timeout,
            Some(std::io::ErrorKind::ConnectionRefused) => Unreached::Refused,
            Some(_) => Unreached::NoConnection,
        };
        failure(why, &format!("port {} takes no connection", peer.port), error, hint)
    });
    let connected = connected.map(|address| peer.told(format!("connected to {address}")));
    chain.found(Some(begun.elapsed()), connected)?;

    let http = http?;
    let begun = Instant::now();
    let mut root = url.clone();
    root.set_path("/");
    root.set_query(None);
    root.set_fragment(None);
    let answer = http.exchange(Request::new(Method::HEAD, root), limit()).await;
    let mut took = Some(begun.elapsed());
    let is_tls = url.scheme() == "https";
    let no_answer = |error: &HttpError| Failure::unreached(error, hint);
    if is_tls {
        let trusted = match &answer {
            // The port takes connections: what is missing is TLS. And after silence nobody can tell.
            Err(error @ (HttpError::Connect(_) | HttpError::Timeout)) => Err(no_answer(error)),
            _ => Ok("the certificate is trusted".to_owned()),
        };
        chain.found(took.take(), trusted)?;
    }
    let answer = answer.map(|answer| format!("it answers ({})", answer.status.as_u16()));
    chain.found(took, answer.map_err(|error| no_answer(&error)))
}

/// What came in time, or the error; none if the time was up.
async fn within<T>(
    limit: Duration,
    work: impl Future<Output = std::io::Result<T>>,
) -> Result<T, Option<std::io::Error>> {
    match timeout(limit, work).await {
        Ok(ended) => ended.map_err(Some),
        Err(_) => Err(None),
    }
}

fn failure(why: Unreached, what: &str, error: Option<std::io::Error>, hint: Hint) -> Failure {
    let error = match error {
        Some(error) => format!("{what}: {error}"),
        None => format!("{what}: no answer within the time limit"),
    };
    Failure { kind: why.into(), error, hint: Some(hint(why)) }
}

/// The first of the addresses that takes a connection: all are tried at once.
async fn connect(addresses: Vec<SocketAddr>) -> std::io::Result<SocketAddr> {
    let mut tries = JoinSet::new();
    for address in addresses {
        tries.spawn(async move { TcpStream::connect(address).await.map(|_| address) });
    }
    let mut failed = std::io::Error::other("the name has no address");
    while let Some(Ok(tried)) = tries.join_next().await {
        match tried {
            Ok(address) => return Ok(address),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn listed(addresses: &[SocketAddr]) -> String {
    let addresses = Vec::from_iter(addresses.iter().map(|address| address.ip().to_string()));
    super::some_of(&addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_port_are_those_of_the_proxy_that_the_client_takes() {
        let proxies = Matcher::builder()
            .https("http://user:secret@proxy.test:3128")
            .http("http://other.test")
            .no("es.internal")
            .build();
        let peer = |url: &str| {
            let Peer { host, port, is_proxy } = Peer::of(&Url::parse(url).unwrap(), &proxies);
            (host, port, is_proxy)
        };
        let of = |host: &str, port, is_proxy| (host.to_owned(), port, is_proxy);
        assert_eq!(peer("https://hooks.slack.com/services/x"), of("proxy.test", 3128, true));
        assert_eq!(peer("http://hooks.slack.com"), of("other.test", 80, true));
        assert_eq!(peer("https://es.internal"), of("es.internal", 443, false));
        assert_eq!(peer("http://es.internal:9200"), of("es.internal", 9200, false));
        let direct = Matcher::builder().build();
        assert_eq!(Peer::of(&Url::parse("http://[::1]:9200/").unwrap(), &direct).host, "::1");
    }
}
