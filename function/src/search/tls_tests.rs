//! What a cluster that cannot be reached, or not be trusted, leads to: with real TLS, a real resolver, real sockets.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;
use crate::http::{parse_url, post_json};

/// A private authority's PEM, and the URL of a server with a certificate of it for this name.
fn server(name: &str) -> (String, String) {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::new(config.clone())).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            // A client that does not trust us leaves before it has said anything.
            if stream.read(&mut [0; 4096]).is_ok_and(|length| length > 0) {
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
                    .unwrap();
                stream.conn.send_close_notify();
                stream.flush().unwrap();
            }
        }
    });
    (authority.pem(), url)
}

async fn asked(http: &Http, url: &str) -> Result<(), SearchError> {
    let request = post_json(parse_url(url).unwrap(), "application/json", "{}".to_owned());
    let answer = http.exchange(request, Duration::from_secs(10)).await;
    answer.map(drop).map_err(SearchError::Http)
}

#[tokio::test]
async fn a_private_authority_is_trusted_only_by_whoever_names_it() {
    let (authority, url) = server("localhost");
    let error = asked(&Http::new().unwrap(), &url).await.unwrap_err();
    assert!(error.hint().unwrap().contains("set ES_CA"), "{}: {:?}", chain(&error), error.hint());
    asked(&Http::with_authority(&authority).unwrap(), &url).await.unwrap();
    let other = server("localhost").0;
    assert!(asked(&Http::with_authority(&other).unwrap(), &url).await.is_err());
}

#[tokio::test]
async fn each_way_not_to_reach_a_cluster_has_its_own_hint() {
    let (authority, url) = server("other.test");
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
