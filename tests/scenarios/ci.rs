//! A CI: nobody is asked, lines are plain, and GitHub gets its groups, annotations, summary and outputs.

use std::path::PathBuf;
use std::process::Command;

use tanets_sandbox::manners::Fault;
use tanets_sandbox::require_peer;
use tempfile::TempDir;

use crate::world::{CONFIG, Emulator, Run, SECRET, World, binary, run};

/// The binary in a step of GitHub Actions; what the step leaves beside its log.
struct Step<'w> {
    world: &'w World,
    folder: TempDir,
}

impl Step<'_> {
    fn new(world: &World) -> Step<'_> {
        Step { world, folder: TempDir::new().expect("a folder") }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = self.world.command(arguments);
        let files = [("GITHUB_OUTPUT", "output"), ("GITHUB_STEP_SUMMARY", "summary")];
        command.envs(files.map(|(name, file)| (name, self.file(file))));
        let workspace = self.world.folder().parent().expect("a folder's folder");
        run({
            command.env("CI", "true").env("GITHUB_ACTIONS", "true").env("GITHUB_WORKSPACE", workspace);
            command
        })
    }

    fn read(&self, name: &str) -> String {
        let text = std::fs::read_to_string(self.file(name)).expect("the step wrote it");
        assert!(!text.contains(SECRET), "the secret is shown: {text}");
        text
    }

    /// The last value of an output.
    fn output(&self, name: &str) -> Option<String> {
        let outputs = self.read("output");
        let values = outputs.lines().filter_map(|line| line.split_once('='));
        values.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).next_back()
    }
}

#[test]
fn github_gets_groups_a_summary_and_outputs() {
    let world = require_peer!(World::new(Emulator::Moto));
    let planned = Step::new(&world);
    let plan = planned.run(&["plan"]);
    assert_eq!(plan.code, 0, "{plan:#?}");
    assert!(!plan.stdout.contains("\n::"), "commands stand beside the result: {}", plan.stdout);
    assert_eq!(planned.output("changed").as_deref(), Some("true"));
    let digest = planned.output("plan_digest").expect("a digest");
    let summary = planned.read("summary");
    for told in [
        format!("### tanets plan: {}\n", world.name),
        "| &#43; | function<br>".to_owned(),
        "<code>environment.SLACK&#95;WEBHOOK&#95;URL</code>: <code>&#40;sensitive&#41;</code>".to_owned(),
        format!("Plan digest: <code>{}</code>", digest.replace(':', "&#58;")),
    ] {
        assert!(summary.contains(&told), "{told} in {summary}");
    }

    let deployed = Step::new(&world);
    let deploy = deployed.run(&["deploy", "--yes", "--expect", &digest]);
    assert_eq!(deploy.code, 0, "{deploy:#?}");
    let groups = deploy.stderr.lines().filter(|line| line.starts_with("::"));
    let groups = Vec::from_iter(groups.filter(|line| !line.starts_with("::warning")));
    assert_eq!(groups, ["::group::Plan", "::endgroup::", "::group::Steps", "::endgroup::"]);
    assert_eq!(deployed.output("changed").as_deref(), Some("true"));
    let arn = deployed.output("function_arn").expect("an ARN");
    assert!(arn.ends_with(&format!(":function:{}", world.name)), "{arn}");
    let next = deployed.output("next_run").expect("a time");
    assert!(next.ends_with("T01:15:00Z"), "{next}");
    assert!(deployed.read("summary").contains("**7 done, 0 failed, 0 not started.**"));

    let again = Step::new(&world);
    again.run(&["deploy", "--yes", "-o", "json"]);
    assert_eq!(again.output("changed").as_deref(), Some("false"));
    assert!(again.read("summary").contains("Nothing to do"), "{}", again.read("summary"));
    world.write(&CONFIG.replace("cron(15 1 * * ? *)", "rate(2 hours)"));
    let rate = Step::new(&world);
    assert_eq!(rate.run(&["deploy", "--yes"]).code, 0);
    assert_eq!((rate.output("changed").as_deref(), rate.output("next_run")), (Some("true"), None));
    let destroyed = Step::new(&world);
    destroyed.run(&["destroy", "--yes"]);
    assert_eq!(
        (destroyed.output("changed").as_deref(), destroyed.output("function_arn")),
        (Some("true"), None)
    );
}

#[test]
fn github_shows_what_is_wrong_beside_its_line() {
    let world = require_peer!(World::new(Emulator::Moto));
    world.write(&CONFIG.replace("= 128", "= 64").replace("levels ", "level  "));
    let step = Step::new(&world);
    let run = step.run(&["plan"]);
    assert_eq!(run.code, 3, "{run:#?}");
    let folder = world.folder().file_name().expect("a name").display().to_string();
    let annotations = Vec::from_iter(run.stderr.lines().filter(|line| line.starts_with("::error ")));
    // From the root of the checkout, with the hint in the same annotation.
    let wanted = [
        format!("::error file={folder}/tanets.toml,line=18,col=1"),
        format!("file={folder}/tanets.toml,line=29,col=22,title=function.memory::"),
    ];
    for wanted in wanted {
        assert!(annotations.iter().any(|line| line.contains(&wanted)), "{wanted}: {annotations:#?}");
    }
    assert!(annotations.iter().any(|line| line.contains("did you mean `levels`")), "{annotations:#?}");

    world.write(&CONFIG.replace("[elasticsearch]", "account = \"999999999999\"\n[elasticsearch]"));
    let run = step.run(&["plan", "-o", "json"]);
    assert_eq!(run.code, 4, "{run:#?}");
    assert!(run.stderr.contains("::error title=tanets::this is account"), "{}", run.stderr);
}

#[test]
fn a_secret_that_aws_echoes_is_in_no_summary_and_no_annotation() {
    let world = require_peer!(World::new(Emulator::Moto));
    let echo = "The value http://127.0.0.1:1/services/T0/B0/Xq7sEcReTwEbHoOkToKeN is not to its liking";
    assert!(echo.contains(SECRET));
    world.aws.on("CreateFunction", 1, Fault::Refuse(400, "InvalidParameterValueException", echo));
    let step = Step::new(&world);
    let run = step.run(&["deploy", "--yes"]);
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(run.stderr.contains("::error title=function%3A digest-"), "{}", run.stderr);
    let summary = step.read("summary");
    assert!(summary.contains("1 failed") && summary.contains("not to its liking"), "{summary}");
    // The plan's own secrets are written as any value; what was echoed is taken out of the finished text.
    assert!(summary.contains("(sensitive)"), "{summary}");
}

#[test]
fn a_ci_without_times_gets_them() {
    let world = require_peer!(World::new(Emulator::Moto));
    let mut command = world.command(&["deploy", "--yes"]);
    command.env("CI", "1");
    let deploy = run(command);
    let begun = deploy.stderr.lines().find(|line| line.contains("creating /aws/lambda/")).expect("a step");
    let (time, _) = begun.split_once(' ').expect("a time");
    assert_eq!(time.len(), "08:00:00Z".len(), "{begun}");
    assert!(time.ends_with('Z') && time.matches(':').count() == 2, "{begun}");
}

#[test]
fn a_terminal_in_a_ci_has_nobody_to_ask() {
    let folder = TempDir::new().expect("a folder");
    let on_a_terminal = |ci: &str| {
        let tanets = binary(folder.path(), &[]);
        let script = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
        let mut command = Command::new("python3");
        command.args(["-c", script]).arg(tanets.get_program()).arg("deploy").env("CI", ci);
        for name in ["GITHUB_ACTIONS", "GITLAB_CI", "TANETS_CONFIG"] {
            command.env_remove(name);
        }
        run({
            command.current_dir(folder.path());
            command
        })
    };
    assert_eq!(on_a_terminal("true").code, 5, "nothing is looked at before there is a yes");
    assert_eq!(on_a_terminal("").code, 3, "a person is asked later: here there is no tanets.toml");
}
