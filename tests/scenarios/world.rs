//! A stack of its own for one scenario: a folder with tanets.toml, an account, and the binary to run there.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use tanets_sandbox::manners::{Manners, Proxy};
use tanets_sandbox::{Ministack, Moto, PeerError};
use tempfile::TempDir;

/// The webhook's secret part: no output may ever have it.
pub const SECRET: &str = "Xq7sEcReTwEbHoOkToKeN";

/// The configuration that scenarios start from: each key that may be set, set.
pub const CONFIG: &str = r##"
name     = "NAME"
schedule = "cron(15 1 * * ? *)"

[elasticsearch]
endpoint   = "https://vpc-logs-x.ap-northeast-1.es.amazonaws.com"
indexes    = ["app-*"]
field      = "message"
time_field = "@timestamp"
auth       = "auto"

[slack]
webhook  = "http://127.0.0.1:1/services/T0/B0/Xq7sEcReTwEbHoOkToKeN"
channel  = "#ops"
username = "ログ情報お知らせちゃん"

[digest]
levels   = ["Fatal", "Warning"]
per      = "h"
kibana   = "https://kibana.example.com/"
timezone = "Asia/Tokyo"
language = "ja"

[vpc]
subnets         = ["subnet-0a1", "subnet-0c2"]
security_groups = ["sg-0d3"]

[function]
memory             = 128
timeout            = 60
architecture       = "ARCHITECTURE"
log_retention_days = 30
package            = "PACKAGE"

[tags]
team = "sre"
"##;

/// Which emulator a scenario runs against: each refuses what the other lets pass.
#[derive(Clone, Copy, Debug)]
pub enum Emulator {
    /// Runs functions and fires rules.
    Ministack,
    /// The second opinion.
    Moto,
}

/// A scenario's surroundings.
pub struct World {
    /// The stack's name.
    pub name: String,
    /// What plays AWS's manners in front of the emulator: where the binary's requests go.
    pub aws: Proxy,
    /// The emulator's own address, past AWS's manners.
    pub emulator: String,
    /// The access key: on MiniStack, the account.
    pub account: String,
    folder: TempDir,
}

/// How a run of the binary ended.
#[derive(Debug)]
pub struct Run {
    /// Its exit code; -1 if a signal ended it.
    pub code: i32,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Its results.
    pub stdout: String,
    /// What it told beside them.
    pub stderr: String,
}

impl World {
    /// A new stack's name, and an account of its own where the emulator has accounts.
    pub fn new(emulator: Emulator) -> Result<Self, PeerError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let (emulator, account) = match emulator {
            Emulator::Ministack => {
                let ministack = Ministack::shared()?;
                (ministack.url().to_owned(), ministack.fresh_account())
            }
            Emulator::Moto => (Moto::shared()?.url().to_owned(), "123456789012".to_owned()),
        };
        let name = format!("digest-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let world = Self::at(name, emulator, account)?;
        let package = tanets_sandbox::function_package()?;
        std::fs::copy(package, world.folder.path().join("bootstrap")).expect("a copy of the function");
        world.write(CONFIG);
        Ok(world)
    }

    /// A stack of this name in this account, with an empty folder.
    pub fn at(name: String, emulator: String, account: String) -> Result<Self, PeerError> {
        let folder = TempDir::new().expect("a temporary folder");
        let aws = Proxy::in_front_of(&emulator)?;
        aws.play(Manners::SHORT);
        Ok(Self { name, aws, emulator, account, folder })
    }

    /// Writes tanets.toml; NAME, ARCHITECTURE and PACKAGE stand for this scenario's.
    pub fn write(&self, config: &str) {
        let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
        let config = config
            .replace("NAME", &self.name)
            .replace("ARCHITECTURE", architecture)
            .replace("PACKAGE", "bootstrap");
        std::fs::write(self.folder.path().join("tanets.toml"), config).expect("tanets.toml");
    }

    /// The scenario's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The binary, told where everything is. Most scenarios' clusters and webhooks are nowhere, and moto runs no function:
    /// their deploys aren't checked from inside.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.checking(arguments);
        if arguments.first() == Some(&"deploy") {
            command.arg("--no-check");
        }
        command
    }

    /// The same, with the check from inside after a deploy.
    pub fn checking(&self, arguments: &[&str]) -> Command {
        let mut command = binary(self.folder.path(), arguments);
        command
            .env("AWS_ENDPOINT_URL", self.aws.url())
            .env("AWS_ACCESS_KEY_ID", &self.account)
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "ap-northeast-1")
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    /// Runs the binary.
    pub fn tanets(&self, arguments: &[&str]) -> Run {
        run(self.command(arguments))
    }

    /// Runs the binary and requires that it succeeds.
    pub fn succeed(&self, arguments: &[&str]) -> Run {
        let run = self.tanets(arguments);
        assert_eq!(run.code, 0, "tanets {arguments:?}: {run:#?}");
        run
    }

    /// Invokes the function: its answer, or its error.
    pub fn invoke(&self, event: &Value) -> Value {
        let path = format!("/2015-03-31/functions/{}/invocations", self.name);
        self.post("lambda", &path, &[], &event.to_string())
    }

    /// Calls a service that speaks JSON; gives its answer.
    pub fn call(&self, service: &str, target: &str, body: &Value) -> Value {
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        self.post(service, "/", &headers, &body.to_string())
    }

    /// Takes the tag off that says that the role is ours.
    pub fn disown_role(&self) {
        let body = format!(
            "Action=UntagRole&Version=2010-05-08&RoleName={}&TagKeys.member.1=tanets%3Astack",
            self.name
        );
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let answer = self.request("iam", "/", &form, &body);
        assert!(answer.contains("UntagRoleResponse"), "{answer}");
    }

    fn post(&self, service: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Value {
        let answer = self.request(service, path, headers, body);
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{service}: {error}: {answer}"))
    }

    pub fn request(&self, service: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        let answer = self.ask(service, path, headers, Some(body));
        answer.unwrap_or_else(|| panic!("{service} {path}: refused: {body}"))
    }

    /// A request as the emulators take it: they read account, region and service of the signature, no more. It goes
    /// to the emulator itself, past AWS's manners: a GET, or a POST with a body. `None` where the emulator refuses, as
    /// it does when there is nothing.
    pub fn ask(
        &self,
        service: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Option<String> {
        let url = format!("{}{path}", self.emulator);
        let scope = format!("{}/20260101/ap-northeast-1/{service}/aws4_request", self.account);
        let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        let headers = headers.iter().copied().chain([("authorization", signature.as_str())]);
        let answer = match body {
            Some(body) => {
                headers.fold(ureq::post(url), |request, (name, value)| request.header(name, value)).send(body)
            }
            None => headers.fold(ureq::get(url), |request, (name, value)| request.header(name, value)).call(),
        };
        match answer {
            Ok(mut answer) => Some(answer.body_mut().read_to_string().expect("a text")),
            Err(ureq::Error::StatusCode(400 | 404)) => None,
            Err(error) => panic!("{service} {path}: {error}"),
        }
    }

    /// Requires that the next plan is empty.
    pub fn assert_converged(&self) {
        let run = self.tanets(&["plan", "--detailed-exitcode"]);
        assert_eq!(run.code, 0, "changes are left: {run:#?}");
    }

    /// The changes that a plan makes, as `address.attribute`, and whole steps as `address create`.
    pub fn planned(&self) -> Vec<String> {
        let lines = self.succeed(&["plan", "-o", "json"]).lines();
        let plan = lines.iter().find(|line| line["type"] == "plan").expect("a plan");
        let mut planned = Vec::new();
        for step in plan["steps"].as_array().expect("steps") {
            let address = step["address"].as_str().expect("an address");
            match step["action"].as_str() {
                Some("update") => {
                    let changes = step["changes"].as_array().expect("changes");
                    let names = changes.iter().map(|change| change["name"].as_str().expect("a name"));
                    planned.extend(names.map(|name| format!("{address}.{name}")));
                }
                action => planned.push(format!("{address} {}", action.expect("an action"))),
            }
        }
        planned
    }
}

impl Drop for World {
    /// Requires that nothing was sent which AWS never takes.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.aws.violations(), Vec::<String>::new(), "AWS would refuse this");
        }
    }
}

/// The binary in a folder, with nothing of the surrounding environment that it would heed.
pub fn binary(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tanets"));
    let ambient = std::env::vars().map(|(name, _)| name);
    let heeded = ["AWS_", "TANETS_", "GITHUB_", "GITLAB_"];
    for name in ambient.filter(|name| {
        heeded.iter().any(|prefix| name.starts_with(prefix)) || name.contains("COLOR") || name == "CI"
    }) {
        command.env_remove(name);
    }
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub fn run(command: Command) -> Run {
    run_watched(command, |_| ())
}

/// The same; `started` gets its process id.
pub fn run_watched(mut command: Command, started: impl FnOnce(u32)) -> Run {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    started(child.id());
    text_of(child.wait_with_output().expect("the binary's output"))
}

/// How a process has ended; requires that nothing shows the secret.
pub fn text_of(Output { status, stdout, stderr }: Output) -> Run {
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let code = status.code().unwrap_or(-1);
    let run = Run { code, signal: status.signal(), stdout: text(stdout), stderr: text(stderr) };
    assert!(!format!("{run:?}").contains(SECRET), "the secret is shown: {run:#?}");
    run
}

impl Run {
    /// The JSON lines of stdout.
    pub fn lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// The operations that `-vv` told, in order.
    pub fn operations(&self) -> Vec<&str> {
        let calls = self
            .stderr
            .lines()
            .filter_map(|line| line.split_once(": ").filter(|(_, rest)| rest.ends_with(" ms")));
        calls.filter_map(|(call, _)| call.rsplit(' ').next()).collect()
    }

    /// The operations that change something.
    pub fn writes(&self) -> Vec<&str> {
        let reads = ["Get", "List", "Describe"];
        self.operations()
            .into_iter()
            .filter(|name| !reads.iter().any(|read| name.starts_with(read)))
            .collect()
    }
}
