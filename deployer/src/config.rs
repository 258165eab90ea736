//! tanets.toml: the text becomes a [`Config`], or everything that is wrong with it is told at once.
//!
//! It owns the keys, their defaults and how they depend on each other. It calls nobody and prints nothing;
//! `expand` knows `${ENV}`, `document` reads keys, `digest` has those of the message, `values` knows what a single value may be,
//! `host` knows the names of OpenSearch domains, `place` and `problem` are what people read.

mod digest;
mod document;
mod expand;
mod host;
mod place;
mod problem;
mod read;
mod reference;
mod values;
mod webhook;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tanets_function::settings::Settings;

use crate::package::Architecture;
use crate::schedule::Schedule;
use document::Document;
pub use host::{domain_from_host, host_of, is_in_vpc, region_from_host};
pub use place::Place;
pub use problem::{ConfigError, Problem};
pub(crate) use values::quote;

/// The JSON Schema (draft 7) of the file, for editors. A test holds it against the keys, values and defaults here.
pub const SCHEMA_TEXT: &str = include_str!("../tanets.schema.json");

/// Every key of every table; `""` is the top of the file, and `tags` takes any key.
const KEYS: &[(&str, &[&str])] = &[
    ("", &["name", "schedule", "region", "account", "enabled", "protect"]),
    (
        "elasticsearch",
        &[
            "endpoint",
            "indexes",
            "field",
            "message_field",
            "time_field",
            "auth",
            "credentials",
            "domain",
            "ca",
        ],
    ),
    ("slack", &["webhook", "channel", "username"]),
    (
        "digest",
        &[
            "levels",
            "per",
            "kibana",
            "dashboards",
            "data_view",
            "timezone",
            "language",
            "opening",
            "chart",
            "messages",
            "zero",
            "warn",
            "alert",
            "mention",
        ],
    ),
    ("vpc", &["subnets", "security_groups"]),
    ("function", &["memory", "timeout", "architecture", "log_retention_days", "kms_key", "package"]),
    ("tags", &[]),
];

/// A valid tanets.toml, with the defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The name of role, function and rule: 1-64 letters, digits, `-` and `_`.
    pub name: String,
    /// When the rule fires.
    pub schedule: Schedule,
    /// The region to deploy to, if the file says so.
    pub region: Option<String>,
    /// The only account to deploy to, 12 digits, if the file says so.
    pub account: Option<String>,
    /// Whether the rule fires; none leaves it as it is (a new rule fires).
    pub enabled: Option<bool>,
    /// The line of `protect = true`, from 1: the stack isn't destroyed. None where it may be.
    pub protect: Option<usize>,
    /// What the function is told.
    pub settings: Settings,
    /// The OpenSearch domain that the role may search: the key `domain`, or taken from the endpoint's host.
    /// None if no request is signed, or for OpenSearch Serverless.
    pub domain: Option<String>,
    /// The function's network; none for a function outside a VPC.
    pub vpc: Option<Vpc>,
    /// The function itself.
    pub function: Function,
    /// Tags for whatever takes tags, without our own.
    pub tags: BTreeMap<String, String>,
    /// What is allowed, but should be known.
    pub warnings: Vec<Problem>,
}

/// `[vpc]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpc {
    /// 1-16 subnet ids.
    pub subnets: Vec<String>,
    /// 1-5 security group ids.
    pub security_groups: Vec<String>,
}

/// `[function]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// MB, 128-10240.
    pub memory: u32,
    /// Seconds, 1-900.
    pub timeout: u32,
    /// The machine that it runs on.
    pub architecture: Architecture,
    /// Days, one of CloudWatch's 22 values; none keeps logs for ever.
    pub log_retention_days: Option<u32>,
    /// ARN of the KMS key for the environment; none is AWS's own.
    pub kms_key: Option<String>,
    /// A `bootstrap` executable or a zip of one, relative to the folder of tanets.toml if it was; none builds
    /// the function.
    pub package: Option<PathBuf>,
}

impl Config {
    /// Reads and checks a tanets.toml. `env` answers the `${NAME}` in its strings.
    ///
    /// # Errors
    /// When the file cannot be read, and everything that [`Config::parse`] finds.
    pub fn load(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let text =
            fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.into(), source })?;
        Self::parse(&text, path, env)
    }

    /// Checks the text of a tanets.toml. `file` names it in errors, and relative paths start at its folder.
    ///
    /// # Errors
    /// All problems of the file, in its order; the first only, if it is not TOML.
    pub fn parse(text: &str, file: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let root = document::parse(text, file, KEYS)?;
        let mut doc = Document::new(text, &root, KEYS, env);
        let config = read::config(&mut doc, file);
        let (problems, warnings) = doc.finish(file);
        match config {
            Some(config) if problems.is_empty() => Ok(Self { warnings, ..config }),
            _ => Err(ConfigError::Invalid { problems }),
        }
    }
}

/// The name of a parameter, from `ssm:NAME` or the name alone.
///
/// # Errors
/// If it is none, in words that don't quote it: it may be a secret.
pub fn parameter_name(text: &str) -> Result<String, String> {
    let name = text.strip_prefix("ssm:").unwrap_or(text);
    if name.starts_with("arn:") {
        return Err("is an ARN, and Parameter Store writes by names: with `--region`, if need be".to_owned());
    }
    match reference::reference(&format!("ssm:{name}")) {
        Ok(_) => Ok(name.to_owned()),
        Err(_) => {
            Err("must be letters, digits, `.`, `-`, `_`, and a leading `/` if it has any `/`".to_owned())
        }
    }
}

/// A region by the rule for the file's `region`.
///
/// # Errors
/// If it can be none, in the same words.
pub fn region(text: &str) -> Result<String, String> {
    values::region(text).map_err(|fault| fault.message)
}

/// Bytes of the function's environment as Lambda measures it: the compact JSON object of its variables.
pub fn environment_size(settings: &Settings) -> usize {
    let variables = settings.to_env();
    let object: BTreeMap<_, _> = variables.iter().map(|(name, value)| (name, value.expose())).collect();
    // A map of strings always has a JSON text.
    serde_json::to_string(&object).map_or(usize::MAX, |json| json.len())
}

/// Bytes of the request that changes all of a function's settings, at most: its environment's, and all beside it.
pub fn settings_size(environment: usize, name: &str, vpc: Option<&Vpc>, kms_key: Option<&str>) -> usize {
    // Names of members, the role's ARN without the name, description, revision and numbers: 356 bytes.
    const FIXED: usize = 400;
    let ids = vpc.into_iter().flat_map(|vpc| vpc.subnets.iter().chain(&vpc.security_groups));
    let ids: usize = ids.map(|id| id.len() + "\"\",".len()).sum();
    FIXED + environment + name.len() + ids + kms_key.map_or(0, str::len)
}

#[cfg(test)]
mod tests;
