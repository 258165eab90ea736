//! An account's life: a first deploy, an update of everything, a destroy; each cheap enough to be run hundreds of
//! times.

use std::sync::OnceLock;

use tanets_sandbox::manners::{Fault, Request};
use tanets_sandbox::{Ministack, PeerError, progress};

use super::account::{Account, observe};
use crate::world::{Run, World, run_watched};

/// What the sweeps run, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Into an empty account.
    FirstDeploy,
    /// Of another schedule, configuration, code, retention and tags.
    Update,
    /// Of everything.
    Destroy,
}

impl Command {
    /// All, in the order of a life.
    pub const ALL: [Self; 3] = [Self::FirstDeploy, Self::Update, Self::Destroy];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstDeploy => "first deploy",
            Self::Update => "update",
            Self::Destroy => "destroy",
        }
    }
}

/// The whole configuration of a stack outside of any VPC.
const CONFIG: &str = r#"
name     = "NAME"
schedule = "cron(15 1 * * ? *)"
[elasticsearch]
endpoint = "https://search-logs-x.ap-northeast-1.es.amazonaws.com"
indexes  = ["app-*"]
[slack]
webhook  = "ssm:/tanets/webhook"
[digest]
levels   = ["Fatal", "Warning"]
[function]
memory             = 128
architecture       = "ARCHITECTURE"
log_retention_days = 30
package            = "PACKAGE"
[tags]
team = "sre"
"#;

/// What an update replaces, by what: an attribute of each resource that has some.
const UPDATE: [(&str, &str); 5] = [
    ("cron(15 1 * * ? *)", "rate(2 hours)"),
    ("ssm:/tanets/webhook", "secretsmanager:webhook"),
    ("= 128", "= 256"),
    ("= 30", "= 14"),
    ("\"sre\"", "\"web\""),
];

/// One stack in an account of its own.
pub struct Life {
    world: World,
}

impl Life {
    /// In a new account of a MiniStack that only sweeps use.
    pub fn new() -> Result<Self, PeerError> {
        static MINISTACK: OnceLock<Result<Ministack, PeerError>> = OnceLock::new();
        let ministack = MINISTACK.get_or_init(|| Ministack::start(&progress::to_stderr));
        let ministack = ministack.as_ref().map_err(Clone::clone)?;
        let world = World::at("digest".to_owned(), ministack.url().to_owned(), ministack.fresh_account())?;
        Ok(Self { world })
    }

    /// Runs a command, with a fault at a request or without.
    pub fn run_with(&self, command: Command, fault: Option<(usize, Fault)>) -> Run {
        let update = command != Command::FirstDeploy;
        let replaced = UPDATE.iter().filter(|_| update);
        self.world.write(&replaced.fold(CONFIG.to_owned(), |config, (from, to)| config.replace(from, to)));
        std::fs::write(self.world.folder().join("bootstrap"), program(update)).expect("the function");
        self.world.aws.clear();
        if let Some((number, fault)) = fault {
            self.world.aws.at(number, fault);
        }
        let verb = if command == Command::Destroy { "destroy" } else { "deploy" };
        let run = run_watched(self.world.command(&[verb, "--yes"]), |pid| self.world.aws.client(pid));
        self.world.aws.wait_until_quiet();
        run
    }

    /// The requests of the last run.
    pub fn requests(&self) -> Vec<Request> {
        self.world.aws.requests()
    }

    /// What is in the account.
    pub fn account(&self) -> Account {
        observe(&self.world)
    }
}

/// As little of a program as is taken for one: an ELF header.
fn program(other: bool) -> Vec<u8> {
    let machine: u8 = if cfg!(target_arch = "aarch64") { 183 } else { 62 };
    let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
    bytes.resize(16, 0);
    bytes.extend([2, 0, machine, 0]);
    bytes.resize(64, 0);
    if other {
        bytes.push(0);
    }
    bytes
}

/// A life without a fault: what the others are compared with.
pub struct Clean {
    accounts: Vec<(Command, Account)>,
    longest: usize,
}

impl Clean {
    /// Lived once a process.
    pub fn shared() -> Result<&'static Self, PeerError> {
        static SHARED: OnceLock<Result<Clean, PeerError>> = OnceLock::new();
        SHARED.get_or_init(Self::live).as_ref().map_err(Clone::clone)
    }

    fn live() -> Result<Self, PeerError> {
        let life = Life::new()?;
        let (mut accounts, mut longest) = (Vec::new(), 0);
        for command in Command::ALL {
            let run = life.run_with(command, None);
            assert_eq!(run.code, 0, "{}: {run:#?}", command.name());
            longest = longest.max(life.requests().len());
            let again = life.run_with(command, None);
            let writes = Vec::from_iter(life.requests().into_iter().filter(|request| !request.is_read()));
            assert!(again.code == 0 && writes.is_empty(), "{}, again: {writes:?}", command.name());
            accounts.push((command, life.account()));
        }
        assert!(accounts[2].1.values().all(Option::is_none), "destroyed: {:#?}", accounts[2]);
        assert_eq!(accounts[0].1.len(), accounts[0].1.values().flatten().count(), "{:#?}", accounts[0]);
        Ok(Self { accounts, longest })
    }

    /// The account after a command.
    pub fn account(&self, command: Command) -> &Account {
        let of_command = self.accounts.iter().find(|(of, _)| *of == command);
        &of_command.expect("each command is in a life").1
    }

    /// The number of requests of the command that needs most.
    pub fn longest(&self) -> usize {
        self.longest
    }
}
