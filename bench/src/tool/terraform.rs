//! Terraform with the article's module.

use std::ffi::OsString;
use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tanets_sandbox::PeerError;
use zip::write::SimpleFileOptions;

use super::{Desired, Phase, Tool, revised, words, write};

const MODULE: &str = include_str!("../../tools/main.tf");
/// How the provider's address ends, wherever it comes from.
const PROVIDER: &str = "/hashicorp/aws";

pub struct Terraform {
    version: String,
    plugins: Option<PathBuf>,
    /// By revision: a module gets its zip ready-made.
    zips: [Vec<u8>; 2],
}

impl Terraform {
    /// Terraform, if it is on the PATH and finds its provider; `plugins` is a folder to take that from.
    pub fn find(plugins: Option<PathBuf>, bootstrap: &[u8]) -> Result<Self, PeerError> {
        let plugins = plugins.map(std::path::absolute).transpose();
        let plugins = plugins.map_err(|error| PeerError::new("looking for Terraform's plugins", error))?;
        let zips = [zipped(&revised(bootstrap, 0)), zipped(&revised(bootstrap, 1))];
        let [first, second] =
            zips.map(|zip| zip.map_err(|error| PeerError::new("zipping the function", error)));
        let mut terraform = Self { version: String::new(), plugins, zips: [first?, second?] };
        let doing = "making a folder for Terraform";
        let folder = tempfile::Builder::new().prefix("tanets-bench-").tempdir();
        let folder = folder.map_err(|error| PeerError::new(doing, error))?;
        terraform.write(folder.path(), Phase::Init.desired())?;
        let init = terraform.command(Phase::Init).unwrap_or_default();
        output(&init, folder.path()).map_err(|error| {
            PeerError::new("running terraform init", error).hint(
                "install Terraform; without a way to its registry, set up a mirror or give --terraform-plugins",
            )
        })?;
        let versions = output(&words("terraform", &["version", "-json"]), folder.path());
        let versions = versions.and_then(|text| Ok(serde_json::from_str::<Value>(&text)?));
        let versions = versions.map_err(|error| PeerError::new("running terraform version", error))?;
        let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
        let providers = versions["provider_selections"].as_object().into_iter().flatten();
        let provider =
            providers.filter(|(address, _)| address.ends_with(PROVIDER)).map(|(_, v)| text(v)).next();
        let provider = provider.unwrap_or_default();
        terraform.version = format!("{} (aws {provider})", text(&versions["terraform_version"]));
        Ok(terraform)
    }
}

impl Tool for Terraform {
    fn name(&self) -> &'static str {
        "Terraform"
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn differs(&self) -> Option<&'static str> {
        Some(
            "the article's module, with a VPC and a log group; without tanets's inline policy, tags and limit of \
             asynchronous retries; its zip is ready-made, tanets makes its own",
        )
    }

    fn write(&self, folder: &Path, Desired { revision, memory }: Desired) -> Result<(), PeerError> {
        write(&folder.join("main.tf"), MODULE)?;
        write(&folder.join("lambda.zip"), &self.zips[usize::from(revision)])?;
        let variables = json!({
            "name": "bench",
            "memory": memory,
            "environment": {
                "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x",
                "ES_ENDPOINT": "https://vpc-logs-x.ap-northeast-1.es.amazonaws.com",
                "ES_INDEXES": "app-*",
                "ERROR_LEVEL": "Fatal,Warning",
            },
        });
        write(&folder.join("terraform.tfvars.json"), variables.to_string())
    }

    fn command(&self, phase: Phase) -> Option<Vec<OsString>> {
        let arguments: &[&str] = match phase {
            Phase::Start => &["-help"],
            Phase::Init => &["init", "-input=false", "-no-color"],
            Phase::Destroy => &["destroy", "-auto-approve", "-input=false", "-no-color"],
            _ => &["apply", "-auto-approve", "-input=false", "-no-color"],
        };
        let mut command = words("terraform", arguments);
        if let (Phase::Init, Some(plugins)) = (phase, &self.plugins) {
            let mut option = OsString::from("-plugin-dir=");
            option.push(plugins);
            command.push(option);
        }
        Some(command)
    }
}

/// A zip with the function in it.
fn zipped(bootstrap: &[u8]) -> io::Result<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bootstrap", SimpleFileOptions::default().unix_permissions(0o755))?;
    zip.write_all(bootstrap)?;
    Ok(zip.finish()?.into_inner())
}

/// What a command says on stdout.
fn output(command: &[OsString], folder: &Path) -> io::Result<String> {
    let [program, arguments @ ..] = command else { return Ok(String::new()) };
    let output = Command::new(program).args(arguments).current_dir(folder).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let why = said.lines().find_map(|line| line.trim().strip_prefix("Error: "));
        return Err(io::Error::other(why.map_or_else(|| output.status.to_string(), str::to_owned)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
