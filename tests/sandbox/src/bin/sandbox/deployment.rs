//! The deployment as a user has it: a `tanets.toml`, AWS's environment variables, and the binary `tanets`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::tz::TimeZone;
use tanets_sandbox::{Inbox, Ministack, PeerError, SearchServer, target_dir};

/// The name of the function and of all that belongs to it.
pub const NAME: &str = "error_log_daily_notify";
/// What is counted.
pub const LEVELS: [&str; 3] = ["Fatal", "Error", "Warning"];
/// MiniStack takes twelve digits as an account of its own.
const ACCOUNT: &str = "123456789012";

/// What `tanets` is run with.
pub struct Deployment {
    tanets: PathBuf,
    /// `tanets.toml`.
    pub config: PathBuf,
    /// A file for a shell, which then has `tanets` and its variables.
    pub shell: PathBuf,
    variables: Vec<(&'static str, String)>,
}

/// A message's language, as the machine's user reads it: `ja` or `en`.
pub fn language() -> &'static str {
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).unwrap_or_default();
    if locale.starts_with("ja") { "ja" } else { "en" }
}

/// The machine's time zone, if it has a name that every machine knows; else UTC.
pub fn zone() -> TimeZone {
    let system = TimeZone::system();
    let named = system.iana_name().filter(|name| !name.starts_with("Etc/"));
    named.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
}

impl Deployment {
    /// Writes the files.
    pub fn prepare(
        tanets: PathBuf,
        bootstrap: &Path,
        zone: &TimeZone,
        (ministack, search, inbox): (&Ministack, &SearchServer, &Inbox),
    ) -> Result<Self, PeerError> {
        let folder = target_dir().join("sandbox");
        let config = folder.join("tanets.toml");
        let shell = folder.join("env");
        let variables = vec![
            ("AWS_ENDPOINT_URL", ministack.url().to_owned()),
            ("AWS_ACCESS_KEY_ID", ACCOUNT.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_REGION", "ap-northeast-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("TANETS_CONFIG", config.display().to_string()),
        ];
        let levels = LEVELS.map(|level| format!("{level:?}")).join(", ");
        let timezone = zone.iana_name().unwrap_or("UTC");
        let architecture = if env::consts::ARCH == "aarch64" { "arm64" } else { env::consts::ARCH };
        let toml = format!(
            "# Written by `cargo sandbox`. Change something and run `tanets plan`.\n\
             name     = \"{NAME}\"\n\
             schedule = \"rate(1 minute)\"\n\n\
             [elasticsearch]\n\
             endpoint = \"{}\"\n\
             indexes  = [\"app-*\"]\n\n\
             [slack]\n\
             webhook = \"{}\"\n\n\
             [digest]\n\
             levels   = [{levels}]\n\
             timezone = \"{timezone}\"\n\
             language = \"{}\"\n\n\
             [function]\n\
             architecture = \"{architecture}\"\n\
             package      = '{}'\n",
            search.url(),
            inbox.webhook_url(),
            language(),
            bootstrap.display(),
        );
        let bin = tanets.parent().unwrap_or(Path::new("."));
        let mut script = String::from("# . this file: `tanets` then speaks to the sandbox's AWS.\n");
        script.push_str("unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN\n");
        for (name, value) in &variables {
            script.push_str(&format!("export {name}='{value}'\n"));
        }
        script.push_str(&format!("export PATH='{}':\"$PATH\"\n", bin.display()));
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&config, toml))
            .and_then(|()| fs::write(&shell, script))
            .map_err(|error| PeerError::new(format!("writing into {}", folder.display()), error))?;
        Ok(Self { tanets, config, shell, variables })
    }

    /// Runs `tanets` with these arguments; what it says is seen as it says it.
    ///
    /// # Errors
    /// If its exit code is not 0.
    pub fn run(&self, arguments: &[&str]) -> Result<(), PeerError> {
        let mut command = Command::new(&self.tanets);
        command.args(arguments).arg("--config").arg(&self.config);
        for (name, _) in env::vars_os() {
            // A real account's profile must not have a say here.
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        let doing = || format!("running tanets {}", arguments.join(" "));
        let status = command.envs(self.variables.iter().map(|(name, value)| (name, value))).status();
        match status.map_err(|error| PeerError::new(doing(), error))? {
            status if status.success() => Ok(()),
            status => Err(PeerError::new(doing(), status.to_string())),
        }
    }
}
