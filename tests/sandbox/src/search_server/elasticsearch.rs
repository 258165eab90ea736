//! How Elasticsearch is started: from the distribution that its own integration tests use, with hardly a module.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::{Release, Started, stand_in};
use crate::error::{Context, PeerError};
use crate::maven;
use crate::process::{Launch, Process, scratch};
use crate::progress::Progress;
use crate::python::{Environment, OPENSEARCH};

/// A user of a secured server, from files: what needs no index needs none of the modules that are not there.
#[derive(Clone, Copy, Debug)]
pub struct User {
    /// The name.
    pub name: &'static str,
    role: &'static str,
}

/// May do everything.
pub const ADMIN: User = User { name: "admin", role: "superuser" };
/// May read the indexes `app-*`, and nothing else.
pub const READER: User = User { name: "reader", role: "reader" };
const READER_ROLE: &str = "reader:\n  indices:\n    - names: ['app-*']\n      privileges: ['read']\n";
const PASSWORD: &str = "open-sesame";
/// Of that password, by bcrypt.
const HASH: &str = "$2a$10$6Xf64HGpLG0dqENwMEquRuIloaJlR19vnwEoiJsJKhka4Vpk/rxai";

impl User {
    /// `NAME:PASSWORD`. These servers live for minutes and listen on 127.0.0.1 only.
    pub fn credentials(&self) -> String {
        format!("{}:{PASSWORD}", self.name)
    }
}

/// Starts one, with a heap of 512 MB.
pub(super) fn start(
    release: &Release,
    patience: Duration,
    progress: &Progress<'_>,
) -> Result<Started, PeerError> {
    let environment = Environment::of(OPENSEARCH, progress)?;
    let java = release.java.home(progress)?;
    let home = home(release, &java, progress)?;
    progress("starting Elasticsearch");
    let scratch = scratch("elasticsearch")?;
    configure(release, &home, &scratch).when(|| "configuring Elasticsearch".into())?;
    let authority = match release.secured {
        true => Some(certificate(&scratch.join("config"))?),
        false => None,
    };
    let mut command = unprivileged().when(|| "looking who this is".into())?;
    command.extend(["bash".into(), home.join("bin/elasticsearch").into_os_string()]);
    let options = "-Xms64m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1";
    let env = vec![
        ("ES_PATH_CONF", scratch.join("config").into()),
        ("ES_TMPDIR", scratch.join("tmp").into()),
        ("ES_JAVA_HOME", java.clone().into()), // from 7.12 on
        ("JAVA_HOME", java.into()),
        ("ES_JAVA_OPTS", options.into()),
    ];
    let ports = scratch.join("logs/http.ports");
    let mut process = Process::start(&environment, Launch { name: "elasticsearch", command, env, scratch })?;
    let address = process.wait(patience, |_| http_address(&fs::read_to_string(&ports).ok()?))?;
    let scheme = if release.secured { "https" } else { "http" };
    Ok(Started { process, url: format!("{scheme}://{address}"), authority })
}

/// Its distribution; for a secured server with the plugin that API keys need.
fn home(release: &Release, java: &Path, progress: &Progress<'_>) -> Result<PathBuf, PeerError> {
    let group = "org.elasticsearch.distribution.integ-test-zip";
    let (name, version) = (release.name(), release.version);
    let made_with = if release.secured { stand_in::SOURCE } else { "" };
    let finish = |folder: &Path| match release.secured {
        true => stand_in::install(version, &folder.join(&name), java, progress),
        false => Ok(()),
    };
    Ok(maven::distribution(group, "elasticsearch", version, made_with, finish, progress)?.join(&name))
}

/// Writes a key and a certificate for this machine into a folder; the private authority that it comes from, in PEM.
fn certificate(folder: &Path) -> Result<String, PeerError> {
    let doing = || "making a certificate".to_owned();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().when(doing)?).when(doing)?;
    let key = KeyPair::generate().when(doing)?;
    let certificate = CertificateParams::new(["127.0.0.1".to_owned()]).when(doing)?;
    let certificate = certificate.signed_by(&key, &authority).when(doing)?;
    fs::write(folder.join("http.key"), key.serialize_pem()).when(doing)?;
    fs::write(folder.join("http.crt"), certificate.pem()).when(doing)?;
    Ok(authority.pem())
}

/// Writes the folder `config` into `scratch`.
fn configure(release: &Release, home: &Path, scratch: &Path) -> std::io::Result<()> {
    let config = scratch.join("config");
    for folder in [&config, &scratch.join("tmp")] {
        fs::create_dir_all(folder)?;
    }
    for entry in fs::read_dir(home.join("config"))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), config.join(entry.file_name()))?;
        }
    }
    let options = fs::read_to_string(home.join("config/jvm.options"))?;
    fs::write(config.join("jvm.options"), without_collector(&options))?;
    let mut settings = format!(
        "network.host: 127.0.0.1\n\
         http.port: 0\n\
         node.portsfile: true\n\
         discovery.type: single-node\n\
         cluster.routing.allocation.disk.threshold_enabled: false\n\
         path.data: {0}/data\n\
         path.logs: {0}/logs\n",
        scratch.display()
    );
    if release.secured {
        settings.push_str(
            "xpack.security.enabled: true\n\
             xpack.security.http.ssl.enabled: true\n\
             xpack.security.http.ssl.key: http.key\n\
             xpack.security.http.ssl.certificate: http.crt\n\
             xpack.security.authc.api_key.enabled: true\n\
             xpack.security.transport.ssl.enabled: false\n",
        );
        if release.major() >= 8 {
            settings.push_str("xpack.security.autoconfiguration.enabled: false\n");
        }
        let lines = |line: fn(&User) -> String| [ADMIN, READER].iter().map(line).collect::<String>();
        fs::write(config.join("users"), lines(|user| format!("{}:{HASH}\n", user.name)))?;
        fs::write(config.join("users_roles"), lines(|user| format!("{}:{}\n", user.role, user.name)))?;
        fs::write(config.join("roles.yml"), READER_ROLE)?;
    }
    // The versions before refuse each setting of a module that they do not have.
    fs::write(config.join("elasticsearch.yml"), settings)
}

/// Java's options without those that choose and log a garbage collector, size the heap or write dumps: ours come
/// from the environment, and two collectors end the process.
fn without_collector(options: &str) -> String {
    let ours = |line: &&str| {
        !["GC", "gc", "G1", "CMS", "PrintTenuring", "HeapDump", "ErrorFile", "-Xm"]
            .iter()
            .any(|word| line.contains(word))
    };
    options.lines().filter(ours).flat_map(|line| [line, "\n"]).collect()
}

/// What goes before a command that refuses to be root: for root, a user namespace in which it is nobody, though for
/// the file system it stays root.
fn unprivileged() -> std::io::Result<Vec<OsString>> {
    #[cfg(unix)]
    let root = std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self")?) == 0;
    #[cfg(not(unix))]
    let root = false;
    let command = ["unshare", "--user", "--map-user=65534", "--map-group=65534"].map(Into::into);
    Ok(if root { command.into() } else { Vec::new() })
}

/// The first line of the file of addresses, when it is complete.
fn http_address(ports: &str) -> Option<String> {
    let (line, _) = ports.split_once('\n')?;
    line.starts_with("127.0.0.1:").then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_gets_one_collector_and_one_heap() {
        let given = "# GC\n-Xms1g\n8-13:-XX:+UseConcMarkSweepGC\n-XX:+UseG1GC\n-XX:HeapDumpPath=data\n-Xss1m\n\
                     9-:-Xlog:gc*,safepoint:file=logs/gc.log\n-Djava.io.tmpdir=${ES_TMPDIR}\n";
        assert_eq!(without_collector(given), "-Xss1m\n-Djava.io.tmpdir=${ES_TMPDIR}\n");
    }

    #[test]
    fn the_address_is_read_only_when_its_line_is_complete() {
        assert_eq!(http_address("127.0.0.1:41"), None);
        assert_eq!(http_address("127.0.0.1:41843\n"), Some("127.0.0.1:41843".to_owned()));
    }
}
