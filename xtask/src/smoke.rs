//! A try of an archive as its user has it: unpacked, and run where there is nothing else. What it deploys is run by the
//! emulator, searches a real OpenSearch and posts to the inbox.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use flate2::read::GzDecoder;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tanets::package::{Architecture, Package};
use tanets_sandbox::corpus::{Corpus, Recipe};
use tanets_sandbox::{Inbox, Ministack, PeerError, SearchServer};
use tempfile::TempDir;

use crate::{VERSION, files, functions, tell};

const NAME: &str = "smoke";
/// The binary's name on this system.
const PROGRAM: &str = if cfg!(windows) { "tanets.exe" } else { "tanets" };
const LEVELS: [&str; 2] = ["Fatal", "Warning"];
const DAY: Date = date(2018, 12, 9);

/// An archive's contents.
pub struct Unpacked {
    /// The binary.
    pub program: PathBuf,
    folder: PathBuf,
    _scratch: TempDir,
}

/// Unpacks an archive.
pub fn unpack(archive: &Path) -> Result<Unpacked, PeerError> {
    let scratch = tempfile::tempdir().map_err(|error| PeerError::new("making a folder", error))?;
    let bytes = files::read(archive)?;
    tar::Archive::new(GzDecoder::new(bytes.as_slice()))
        .unpack(scratch.path())
        .map_err(|error| PeerError::new(format!("unpacking {}", archive.display()), error))?;
    let folder = files::list(scratch.path())?.pop().unwrap_or_default();
    let program = folder.join(PROGRAM);
    Ok(Unpacked { program, folder, _scratch: scratch })
}

/// Where the binary runs: a folder with itself and tanets.toml.
struct Cage {
    folder: TempDir,
    /// Whether that folder is all that it can see.
    closed: bool,
    variables: Vec<(&'static str, String)>,
}

impl Cage {
    fn new(program: &Path, variables: Vec<(&'static str, String)>) -> Result<Self, PeerError> {
        let failed = |error| PeerError::new("making the cage", error);
        let folder = tempfile::tempdir().map_err(failed)?;
        fs::copy(program, folder.path().join(PROGRAM)).map_err(failed)?;
        let mut cage = Self { folder, closed: cfg!(unix), variables };
        // Only root may change a process's root, and not in every container.
        cage.closed = cage.closed && cage.tanets(&["-V"]).is_ok_and(|(code, _)| code == 0);
        tell(match cage.closed {
            true => "tanets runs in a root folder with nothing but itself and tanets.toml",
            false => {
                "tanets runs without PATH and environment; its root can't be changed here (that takes root)"
            }
        });
        Ok(cage)
    }

    /// Runs the binary: its exit code, and all that it said.
    fn tanets(&self, arguments: &[&str]) -> Result<(i32, String), PeerError> {
        let mut command = match self.closed {
            true => {
                let mut command = Command::new("/usr/sbin/chroot");
                command.arg(self.folder.path()).arg("/tanets");
                command
            }
            false => Command::new(self.folder.path().join(PROGRAM)),
        };
        command.current_dir(self.folder.path()).args(arguments).env_clear().env("PATH", "");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let ran = command.output().map_err(|error| PeerError::new("running tanets", error))?;
        let said = [ran.stdout, ran.stderr].concat();
        Ok((ran.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned()))
    }

    /// Runs it and requires an exit code and words.
    fn expect(&self, arguments: &[&str], code: i32, words: &[&str]) -> Result<String, PeerError> {
        let (ended, said) = self.tanets(arguments)?;
        let missing = words.iter().find(|word| !said.contains(**word));
        if ended == code && missing.is_none() {
            tell(&format!("tanets {}: exit code {code}", arguments.join(" ")));
            return Ok(said);
        }
        let problem = missing.map_or_else(String::new, |word| format!(" without `{word}`"));
        let doing = format!("trying tanets {}", arguments.join(" "));
        Err(PeerError::new(doing, format!("exit code {ended}, not {code}{problem}:\n{said}")))
    }
}

/// Tries an archive for this machine.
pub fn smoke(archive: &Path) -> Result<(), PeerError> {
    let unpacked = unpack(archive)?;
    for name in
        ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "THIRD-PARTY-LICENSES.txt", "man/man1/tanets.1"]
    {
        files::read(&unpacked.folder.join(name))?;
    }
    if cfg!(windows) {
        let cage = Cage::new(&unpacked.program, Vec::new())?;
        cage.expect(&["--version"], 0, &[VERSION, "arm64", "x86_64"])?;
        tell("nothing was deployed: the emulator doesn't run on Windows");
        return Ok(());
    }
    let (ministack, search, inbox) = (Ministack::shared()?, SearchServer::shared()?, Inbox::start()?);
    let account = ministack.fresh_account();
    let cage = Cage::new(
        &unpacked.program,
        vec![
            ("AWS_ENDPOINT_URL", ministack.url().to_owned()),
            ("AWS_ACCESS_KEY_ID", account.clone()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_REGION", "ap-northeast-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ],
    )?;
    let own = if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::X86_64 };
    let toml = format!(
        "name = \"{NAME}\"\nschedule = \"rate(1 day)\"\n[elasticsearch]\nendpoint = \"{}\"\nindexes = [\"smoke-*\"]\n\
         [slack]\nwebhook = \"{}\"\n[digest]\nlevels = [\"Fatal\", \"Warning\"]\nlanguage = \"en\"\n[function]\n\
         architecture = \"{own}\"\n",
        search.url(),
        inbox.webhook_url(),
    );
    files::write(&cage.folder.path().join("tanets.toml"), toml)?;

    // The hashes of the release: in the binary, in the plan, and in Lambda.
    let mut hashes = Vec::new();
    for architecture in Architecture::ALL {
        let path = functions::path(&files::dist_dir(), architecture);
        let package = Package::from_path(&path, architecture);
        hashes.push(package.map_err(|error| PeerError::new("reading the release's functions", error))?);
    }
    let told = Vec::from_iter(hashes.iter().map(|package| package.code_sha256.as_str()));
    cage.expect(&["--version"], 0, &told)?;
    let own_hash = hashes.iter().find(|package| package.architecture == own);
    let own_hash = own_hash.map(|package| package.code_sha256.as_str()).unwrap_or_default();
    let header = format!("inside this tanets (version {VERSION}, {own}");
    cage.expect(&["check"], 0, &["is valid"])?;
    cage.expect(&["plan", "--detailed-exitcode"], 2, &[&header, own_hash])?;
    let corpus = logs(search)?;
    let runs_here = cfg!(target_os = "linux");
    match runs_here {
        true => cage.expect(&["deploy", "--yes"], 0, &["Deployed", "✓ cluster: count", "All is well"])?,
        false => cage.expect(&["deploy", "--yes", "--no-check"], 0, &["Deployed"])?,
    };
    cage.expect(&["plan", "--detailed-exitcode"], 0, &["Nothing to do"])?;
    match runs_here {
        true => answers(ministack, &account, &corpus, &inbox)?,
        false => tell(
            "the function wasn't invoked: it is a program for Linux, and the emulator runs it right here",
        ),
    }
    cage.expect(&["destroy", "--yes"], 0, &["Destroyed"])?;
    cage.expect(&["destroy", "--yes"], 0, &["Nothing to do"])?;
    tell(&format!("{} is good", files::name(archive)));
    Ok(())
}

/// Logs of a day whose counts are known.
fn logs(search: &SearchServer) -> Result<Corpus, PeerError> {
    let corpus = Recipe { seed: 7, zone: TimeZone::UTC, first: DAY, last: DAY, per_day: 300 }.generate();
    search.create_index("smoke-1", &Corpus::mappings())?;
    search.bulk("smoke-1", corpus.documents().iter().map(|document| document.to_json()))?;
    Ok(corpus)
}

/// Invokes the function on the day whose counts are known, and requires these in its answer and a message in the inbox.
fn answers(ministack: &Ministack, account: &str, corpus: &Corpus, inbox: &Inbox) -> Result<(), PeerError> {
    let event = json!({ "source": "aws.events", "time": "2018-12-10T01:15:00Z", "detail": {} });
    let doing = "invoking the function";
    let url = format!("{}/2015-03-31/functions/{NAME}/invocations", ministack.url());
    // MiniStack reads no more of a signature than whose it is.
    let scope = format!("{account}/20260101/ap-northeast-1/lambda/aws4_request");
    let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
    let answer = ureq::post(url).header("authorization", signature).send(event.to_string());
    let answer = answer.and_then(|mut answer| answer.body_mut().read_to_string());
    let answer = answer.map_err(|error| PeerError::new(doing, error))?;
    let found: Value = serde_json::from_str(&answer).map_err(|error| PeerError::new(doing, error))?;
    let truth = corpus.truth(DAY, &LEVELS);
    let levels = Vec::from_iter(LEVELS.iter().filter_map(|level| found["levels"][level].as_u64()));
    let wanted = truth.levels;
    if levels != wanted || found["posted"] != true {
        return Err(PeerError::new(
            doing,
            format!("it should have counted {wanted:?}, and answered {answer}"),
        ));
    }
    let messages = inbox.wait_for(1, Duration::from_secs(5))?;
    tell(&format!("the function inside counted {wanted:?} and posted {} message", messages.len()));
    Ok(())
}
