//! Local servers for tests: one plays given answers in order and keeps what it was asked, one speaks TLS, one answers
//! whatever it is asked.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, spawn};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

/// One request as it arrived.
#[derive(Debug)]
pub struct Seen {
    /// Method, path and query: `POST /x?y`.
    pub line: String,
    /// Header lines, names in lower case.
    pub headers: Vec<String>,
    /// The body.
    pub body: String,
}

/// The server; it ends after the last answer.
pub struct Server {
    /// Its base URL.
    pub url: String,
    thread: JoinHandle<Vec<Seen>>,
}

/// An answer: status, further header lines, body. An empty status closes the connection instead.
pub type Played = (&'static str, &'static str, String);

impl Server {
    /// Starts it with the answers that it will give.
    pub fn play(answers: Vec<Played>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let thread = spawn(move || answers.into_iter().map(|answer| serve(&listener, answer)).collect());
        Self { url, thread }
    }

    /// What it was asked, one request an answer. Waits for the last.
    pub fn seen(self) -> Vec<Seen> {
        self.thread.join().unwrap()
    }
}

fn serve(listener: &TcpListener, answer: Played) -> Seen {
    let (mut stream, _) = listener.accept().unwrap();
    let seen = read(&stream).unwrap();
    respond(&mut stream, answer);
    seen
}

fn respond(stream: &mut TcpStream, (status, headers, body): Played) {
    if !status.is_empty() {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
    }
}

/// A request; none if the client has nothing to ask.
fn read(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let line = lines.first()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<String> = lines
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| format!("{}: {value}", name.to_ascii_lowercase()))
        .collect();
    let length = headers.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut bytes = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut bytes).ok()?;
    Some(Seen { line, headers, body: String::from_utf8(bytes).unwrap() })
}

/// A private authority's PEM, and the URL of a server with a certificate of it for this name.
pub fn tls_server(name: &str) -> (String, String) {
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
    spawn(move || {
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

/// A search answer for 24 hours in which every hour has `n` lines of both levels.
pub fn found(n: u64) -> Played {
    let bucket = |n: u64| json!({"doc_count": n, "levels": {"buckets": {"l0": {"doc_count": n}, "l1": {"doc_count": n}}}});
    let hours: BTreeMap<String, Value> = (0..24).map(|hour| (format!("h{hour}"), bucket(n))).collect();
    let mut days: BTreeMap<String, Value> = (0..13).map(|day| (format!("d{day}"), bucket(0))).collect();
    days.insert("d0".to_owned(), bucket(1));
    days.insert("d13".to_owned(), bucket(24 * n));
    let answer = json!({
        "took": 3, "timed_out": false, "_shards": {"total": 1, "successful": 1},
        "aggregations": {
            "days": {"buckets": days},
            "hours": {"buckets": hours},
        },
    });
    ("200 OK", "", answer.to_string())
}

/// Answers each request by its line, `HEAD /`, and keeps the lines; connections that ask nothing are let go.
pub fn answering(answer: impl Fn(&str) -> Played + Send + 'static) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&asked);
    spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if let Some(seen) = read(&stream) {
                respond(&mut stream, answer(&seen.line));
                lines.lock().unwrap().push(seen.line);
            }
        }
    });
    (url, asked)
}
