//! What a cluster that cannot be reached, or not be trusted, leads to: with real TLS, a real resolver, real sockets.

use std::io::{Read, Write};
use std::net::TcpListener;

use super::*;
use crate::http::{parse_url, post_json};
use crate::testing::tls_server;

async fn asked(http: &Http, url: &str) -> Result<(), SearchError> {
    let request = post_json(parse_url(url).unwrap(), "application/json", "{}".to_owned());
    let answer = http.exchange(request, Duration::from_secs(10)).await;
    answer.map(drop).map_err(SearchError::Http)
}

#[tokio::test]
async fn a_private_authority_is_trusted_only_by_whoever_names_it() {
    let (authority, url) = tls_server("localhost");
    let error = asked(&Http::new().unwrap(), &url).await.unwrap_err();
    assert!(error.hint().unwrap().contains("set ES_CA"), "{}: {:?}", chain(&error), error.hint());
    asked(&Http::with_authority(&authority).unwrap(), &url).await.unwrap();
    let other = tls_server("localhost").0;
    assert!(asked(&Http::with_authority(&other).unwrap(), &url).await.is_err());
}

#[tokio::test]
async fn each_way_not_to_reach_a_cluster_has_its_own_hint() {
    let (authority, url) = tls_server("other.test");
    let http = Http::with_authority(&authority).unwrap();
    // Speaks, but no TLS.
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let plain_url = format!("https://{}", plain.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in plain.incoming().flatten() {
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let cases = [
        (url.as_str(), "is for another name"),
        (&plain_url, "does not speak TLS"),
        ("https://no-such-cluster.invalid", "is not known"),
        ("http://127.0.0.1:1", "security groups let it reach"),
    ];
    for (url, hint) in cases {
        let error = asked(&http, url).await.unwrap_err();
        assert!(error.hint().unwrap().contains(hint), "{url}: {}: {:?}", chain(&error), error.hint());
    }
}

#[test]
fn what_is_no_certificate_is_said_so() {
    for text in ["", "ca.pem", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"] {
        assert!(Http::with_authority(text).is_err(), "{text}");
    }
}
