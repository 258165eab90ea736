//! TLS in front of a search server, as Amazon's have it, and a count of what goes through.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tanets_sandbox::PeerError;

/// What went through.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Traffic {
    pub requests: u64,
    /// Bytes of requests, heads included.
    pub sent: u64,
    /// Bytes of answers, heads included.
    pub received: u64,
    /// How long the server took for its answers.
    pub waited_ms: f64,
}

/// A running front; it ends with the process.
pub struct Front {
    url: String,
    authority: String,
    traffic: Arc<Mutex<Traffic>>,
}

impl Front {
    /// Starts one on a free port, in front of an address such as `http://127.0.0.1:9201`.
    ///
    /// # Errors
    /// If there is no port or certificate.
    pub fn start(upstream: &str) -> Result<Self, PeerError> {
        let doing = "starting a front with TLS";
        let (config, authority) = config().map_err(|why| PeerError::new(doing, why))?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| PeerError::new(doing, error))?;
        let address = listener.local_addr().map_err(|error| PeerError::new(doing, error))?;
        let traffic = Arc::<Mutex<Traffic>>::default();
        let (shared, upstream) = (Arc::clone(&traffic), upstream.trim_start_matches("http://").to_owned());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that leaves is its own affair: what it misses, it tells.
                let _ = pass(stream, &config, &upstream, &shared);
            }
        });
        Ok(Self { url: format!("https://{address}"), authority, traffic })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The private authority of its certificate, in PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// What went through so far.
    pub fn traffic(&self) -> Traffic {
        *self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Why = Box<dyn std::error::Error + Send + Sync>;

fn config() -> Result<(Arc<ServerConfig>, String), Why> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(["127.0.0.1".to_owned()])?.signed_by(&key, &authority)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok((Arc::new(config), authority.pem()))
}

/// One request a connection.
fn pass(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
    upstream: &str,
    traffic: &Mutex<Traffic>,
) -> io::Result<()> {
    let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let mut client = BufReader::new(StreamOwned::new(connection, stream));
    let (mut request, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if client.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        request.extend(line.into_bytes());
    }
    request.extend(b"connection: close\r\n\r\n");
    let mut body = vec![0; length];
    client.read_exact(&mut body)?;
    request.append(&mut body);
    let begun = Instant::now();
    let mut server = TcpStream::connect(upstream)?;
    server.write_all(&request)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    {
        let mut traffic = traffic.lock().unwrap_or_else(PoisonError::into_inner);
        traffic.requests += 1;
        traffic.sent += request.len() as u64;
        traffic.received += answer.len() as u64;
        traffic.waited_ms += begun.elapsed().as_secs_f64() * 1000.0;
    }
    let client = client.get_mut();
    client.write_all(&answer)?;
    client.conn.send_close_notify();
    client.flush()
}
