//! The binary on a terminal: a pseudo-terminal that Python opens, with somebody who types.

use std::path::Path;
use std::process::Command;

use tanets_sandbox::require_peer;
use tempfile::TempDir;

use crate::world::{CONFIG, Emulator, Run, World, binary, run};

/// Types each answer once its question is there; gives all that the terminal showed.
const PYTHON: &str = r#"
import fcntl, json, os, pty, signal, struct, sys, termios, time
signal.alarm(300)  # a question that never comes is a failure, not a wait
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, int(sys.argv[2]), 0, 0))
    os.execv(sys.argv[3], sys.argv[3:])
def read():
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that nobody holds the other end any more
        return b""
shown, seen = b"", 0
for question, answer in json.loads(sys.argv[1]):
    while question.encode() not in shown[seen:]:
        more = read()
        if not more:
            sys.stdout.buffer.write(shown)
            sys.exit(f"never asked: {question}")
        shown += more
    seen = len(shown)
    while "(not shown)" in question and termios.tcgetattr(terminal)[3] & termios.ECHO:
        time.sleep(0.01)
    os.write(terminal, answer.encode() + (b"" if answer in ("\x03", "\x04") else b"\n"))  # Ctrl-C and Ctrl-D take no Enter
while more := read():
    shown += more
if not termios.tcgetattr(terminal)[3] & termios.ECHO:
    shown += b"\n(the terminal shows nothing any more)\n"
sys.stdout.buffer.write(shown)
sys.stdout.flush()
os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 255)
"#;

/// Runs a command on a terminal: questions and what is typed at each.
pub fn typed(command: &Command, answers: &[(&str, &str)]) -> Run {
    typed_in(200, command, answers)
}

/// The same in a window of so many columns.
pub fn typed_in(columns: u16, command: &Command, answers: &[(&str, &str)]) -> Run {
    let mut python = Command::new("python3");
    let answers = serde_json::to_string(answers).expect("JSON");
    python
        .args(["-c", PYTHON, &answers, &columns.to_string()])
        .arg(command.get_program())
        .args(command.get_args());
    python.current_dir(command.get_current_dir().unwrap_or(Path::new(".")));
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => python.env(name, value),
            None => python.env_remove(name),
        };
    }
    run(python)
}

#[test]
fn destroy_wants_the_stacks_name_and_deploy_a_yes() {
    let world = require_peer!(World::new(Emulator::Moto));
    let deploy = typed(&world.command(&["deploy"]), &[("changes? [y/N]", "Yes")]);
    assert_eq!(deploy.code, 0, "{deploy:#?}");
    let (question, destroy) = ("type the stack's name", world.command(&["destroy"]));
    for answer in ["y", "", &world.name.to_uppercase()] {
        let refused = typed(&destroy, &[(question, answer)]);
        assert_eq!(refused.code, 5, "{refused:#?}");
        world.assert_converged();
    }
    let done = typed(&destroy, &[(question, &world.name)]);
    assert_eq!(done.code, 0, "{done:#?}");
    assert!(done.stdout.contains("Destroyed"), "{}", done.stdout);
}

#[test]
fn a_protected_stack_is_not_destroyed() {
    let folder = TempDir::new().expect("a folder");
    let config = CONFIG.replace("ARCHITECTURE", "arm64");
    std::fs::write(folder.path().join("tanets.toml"), format!("protect = true\n{config}"))
        .expect("tanets.toml");
    // Not even a region is asked for.
    let refused = run(binary(folder.path(), &["destroy", "--yes"]));
    assert_eq!(refused.code, 4, "{refused:#?}");
    for said in ["error: tanets.toml:1: `protect = true`", "hint: ", "`protect = false`"] {
        assert!(refused.stderr.contains(said), "{said} in {}", refused.stderr);
    }
}

#[test]
fn init_asks_six_questions_and_again_after_a_wrong_answer() {
    let folder = TempDir::new().expect("a folder");
    let answers = [
        ("name", "my digest"),
        ("1-64 letters", "digest"),
        ("schedule", "15 1 * * *"),
        ("`cron(15 1 * * ? *)`", ""),
        ("elasticsearch.endpoint", "https://logs.example.com"),
        ("elasticsearch.indexes", "app-*"),
        ("digest.levels", "Fatal,  Warning"),
        ("slack.webhook", ""),
    ];
    let init = binary(folder.path(), &["init"]);
    let ended = typed(&init, &answers);
    assert_eq!(ended.code, 0, "{ended:#?}");
    assert!(ended.stdout.contains("Wrote tanets.toml."), "{}", ended.stdout);
    let text = std::fs::read_to_string(folder.path().join("tanets.toml")).expect("tanets.toml");
    for line in
        ["name = \"digest\"", "levels = [\"Fatal\", \"Warning\"]", "schedule = \"cron(15 1 * * ? *)\""]
    {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert_eq!(run(binary(folder.path(), &["check"])).code, 0);
}

#[test]
fn an_end_without_an_answer_is_told_on_a_line_of_its_own() {
    let folder = TempDir::new().expect("a folder");
    let ended = typed(&binary(folder.path(), &["init", "--color", "never"]), &[("name [", "\u{4}")]);
    assert_eq!(ended.code, 5, "{ended:#?}");
    assert!(ended.stdout.contains(": \r\nerror: not confirmed"), "{}", ended.stdout);
}

#[test]
fn init_asks_for_the_domain_that_a_reference_leads_to() {
    let folder = TempDir::new().expect("a folder");
    let flags = ["--name", "digest", "--schedule", "rate(1 day)", "--indexes", "app-*", "--levels", "Fatal"];
    let flags = [&["init", "--webhook", "ssm:/hook"], &flags[..]].concat();
    let answers = [("elasticsearch.endpoint", "ssm:/endpoint"), ("elasticsearch.domain", "logs-x")];
    let ended = typed(&binary(folder.path(), &flags), &answers);
    assert_eq!(ended.code, 0, "{ended:#?}");
    let text = std::fs::read_to_string(folder.path().join("tanets.toml")).expect("tanets.toml");
    assert!(text.contains("endpoint = \"ssm:/endpoint\"\ndomain = \"logs-x\"\n"), "{text}");

    let again = [&flags[..], &["--endpoint", "ssm:/endpoint", "--force"]].concat();
    let alone = run(binary(folder.path(), &again));
    assert_eq!(alone.code, 64, "{alone:#?}");
    assert!(alone.stderr.contains("nobody is there to ask: --domain"), "{}", alone.stderr);
    let flag = run(binary(folder.path(), &[&again[..], &["--domain", "logs-y"]].concat()));
    assert_eq!(flag.code, 0, "{flag:#?}");
}

#[test]
fn what_the_terraform_files_do_not_tell_is_asked() {
    let folder = TempDir::new().expect("a folder");
    let block = r#"
module "digest" {
  source = "git::https://github.com/ryota548/tanets"
  name   = "digest"
  environment = {
    ES_ENDPOINT = aws_elasticsearch_domain.logs.endpoint
    ES_INDEXES  = "App-*"
    ERROR_LEVEL = "Fatal"
  }
}
"#;
    std::fs::write(folder.path().join("main.tf"), block).expect("main.tf");
    let answers = [("Where is Elasticsearch", "logs.example.com"), ("Which indexes hold", "app-*")];
    let init = binary(folder.path(), &["init", "--from-terraform", "."]);
    let ended = typed(&init, &answers);
    assert_eq!(ended.code, 0, "{ended:#?}");
    for told in
        ["`aws_elasticsearch_domain.logs.endpoint` isn't known without", "terraform state rm module.digest"]
    {
        assert!(ended.stdout.contains(told), "{told} in {}", ended.stdout);
    }
    let text = std::fs::read_to_string(folder.path().join("tanets.toml")).expect("tanets.toml");
    for line in ["name = \"digest\"", "endpoint = \"logs.example.com\"", "indexes = [\"app-*\"]"] {
        assert!(text.contains(line), "{line} in {text}");
    }
}
