//! A real search server on this machine: OpenSearch or Elasticsearch, from Maven Central, on a Java that came from
//! PyPI wherever that will do. Knows no log and no digest.

mod elasticsearch;
mod opensearch;
mod release;
mod stand_in;

use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

pub use self::elasticsearch::{ADMIN, READER, User};
pub use self::release::{OPENSEARCH_3, Product, RELEASES, Release};
use crate::error::PeerError;
use crate::http::Client;
use crate::process::Process;
use crate::progress::{Progress, to_stderr};

/// Documents a bulk request.
const BULK: usize = 5000;
/// Enough where a lot else is running.
const PATIENCE: Duration = Duration::from_secs(180);

/// A running search server.
#[derive(Debug)]
pub struct SearchServer {
    release: Release,
    url: String,
    authority: Option<String>,
    client: Client,
    _process: Process,
}

/// A server that knows its address, and is about to be ready.
struct Started {
    process: Process,
    url: String,
    /// The private authority of its certificate, in PEM, if it speaks TLS.
    authority: Option<String>,
}

impl SearchServer {
    /// The OpenSearch that this process's tests share: give each test its own index names.
    ///
    /// # Errors
    /// If it could not be set up or started: the same error for all.
    pub fn shared() -> Result<&'static Self, PeerError> {
        static SHARED: OnceLock<Result<SearchServer, PeerError>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&OPENSEARCH_3, &to_stderr)).as_ref().map_err(Clone::clone)
    }

    /// Sets up what is missing and starts one, with a heap of 512 MB.
    ///
    /// # Errors
    /// If Python, Java, packages or jars are missing, or it is not ready in time.
    pub fn start(release: &Release, progress: &Progress<'_>) -> Result<Self, PeerError> {
        let Started { mut process, url, authority } = match release.product {
            Product::OpenSearch => opensearch::start(release, PATIENCE, progress)?,
            Product::Elasticsearch => elasticsearch::start(release, PATIENCE, progress)?,
        };
        let client = match &authority {
            Some(authority) => {
                let credentials = BASE64_STANDARD.encode(ADMIN.credentials());
                Client::new(format!("Basic {credentials}"), authority)?
            }
            None => Client::default(),
        };
        let health = format!("{url}/_cluster/health");
        process.wait(PATIENCE, |_| client.get(&health).is_ok().then_some(()))?;
        Ok(Self { release: *release, url, authority, client, _process: process })
    }

    /// Its address, such as `http://127.0.0.1:9201`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The private authority that its certificate comes from, in PEM, if it speaks TLS: secured servers do.
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// What it is.
    pub fn release(&self) -> &Release {
        &self.release
    }

    /// Creates an index with one shard; `mappings` is the content of the key of this name.
    ///
    /// # Errors
    /// If the server refuses it.
    pub fn create_index(&self, name: &str, mappings: &Value) -> Result<(), PeerError> {
        let body = json!({
            "settings": {"number_of_shards": 1, "number_of_replicas": 0},
            "mappings": mappings,
        });
        // Version 6 can do without types, but has to be told.
        let query = if self.has_types() { "?include_type_name=false" } else { "" };
        self.put(&format!("/{name}{query}"), &body).map(drop)
    }

    /// Closes an index: its documents stay, and no search finds it.
    ///
    /// # Errors
    /// If the server refuses it.
    pub fn close_index(&self, name: &str) -> Result<(), PeerError> {
        self.send("POST", &format!("/{name}/_close"), "application/json", b"").map(drop)
    }

    /// Indexes documents and makes them visible to searches; returns how many.
    ///
    /// # Errors
    /// If a single one is refused.
    pub fn bulk(&self, index: &str, documents: impl IntoIterator<Item = Value>) -> Result<usize, PeerError> {
        self.load(index, "index", documents)
    }

    /// Appends documents to a data stream and makes them visible to searches; returns how many.
    ///
    /// # Errors
    /// If a single one is refused.
    pub fn append(
        &self,
        stream: &str,
        documents: impl IntoIterator<Item = Value>,
    ) -> Result<usize, PeerError> {
        self.load(stream, "create", documents)
    }

    fn load(
        &self,
        index: &str,
        action: &str,
        documents: impl IntoIterator<Item = Value>,
    ) -> Result<usize, PeerError> {
        let mut documents = documents.into_iter().peekable();
        let mut count = 0;
        let typed = if self.has_types() { "/_doc" } else { "" };
        while documents.peek().is_some() {
            let mut lines = String::new();
            for document in documents.by_ref().take(BULK) {
                lines.push_str(&format!("{{\"{action}\":{{}}}}\n{document}\n"));
                count += 1;
            }
            let path = format!("/{index}{typed}/_bulk?filter_path=errors,items.*.error");
            let answer = self.send("POST", &path, "application/x-ndjson", lines.as_bytes())?;
            if answer["errors"] != false {
                return Err(PeerError::new(format!("indexing into {index}"), answer.to_string()));
            }
        }
        self.send("POST", &format!("/{index}/_refresh"), "application/json", b"")?;
        Ok(count)
    }

    /// Makes an API key that may read these indexes and nothing else: `ID:KEY`. For secured servers.
    ///
    /// # Errors
    /// If the server refuses it.
    pub fn api_key(&self, indexes: &[&str]) -> Result<String, PeerError> {
        let reader = json!({"indices": [{"names": indexes, "privileges": ["read"]}]});
        let body = json!({"name": "digest", "role_descriptors": {"reader": reader}});
        let key = self.post("/_security/api_key", &body)?;
        match (key["id"].as_str(), key["api_key"].as_str()) {
            (Some(id), Some(secret)) => Ok(format!("{id}:{secret}")),
            _ => Err(PeerError::new("making an API key", "the answer has none")),
        }
    }

    /// GETs a path; the answer's JSON.
    ///
    /// # Errors
    /// If the answer is not 2xx.
    pub fn get(&self, path: &str) -> Result<Value, PeerError> {
        self.client.get(&format!("{}{path}", self.url))
    }

    /// POSTs JSON to a path such as `/app-*/_search`; the answer's JSON.
    ///
    /// # Errors
    /// If the answer is not 2xx.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, PeerError> {
        self.send("POST", path, "application/json", body.to_string().as_bytes())
    }

    /// PUTs JSON to a path; the answer's JSON.
    ///
    /// # Errors
    /// If the answer is not 2xx.
    pub fn put(&self, path: &str, body: &Value) -> Result<Value, PeerError> {
        self.send("PUT", path, "application/json", body.to_string().as_bytes())
    }

    fn send(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Result<Value, PeerError> {
        self.client.send(method, &format!("{}{path}", self.url), content_type, body)
    }

    fn has_types(&self) -> bool {
        self.release.product == Product::Elasticsearch && self.release.major() < 7
    }
}
