//! What runs in the user's pipeline: the action's script as GitHub calls it, and the files as GitHub and GitLab read them.

use std::path::Path;
use std::process::Command;

use tanets_sandbox::progress::to_stderr;
use tanets_sandbox::python::{Environment, PIPELINES};
use tanets_sandbox::{require_peer, workspace_root};

use crate::world::{CONFIG, Emulator, Run, World, run};

fn text(path: &str) -> String {
    std::fs::read_to_string(workspace_root().join(path)).expect("a file of the repository")
}

/// The action's script, as action.yml calls it.
fn action(world: &World, variables: &[(&str, &str)]) -> Run {
    let tanets = Path::new(env!("CARGO_BIN_EXE_tanets")).parent().expect("a folder").display();
    let mut command = world.command(&[]);
    let environment = Vec::from_iter(
        command.get_envs().map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned))),
    );
    command = Command::new("sh");
    for (name, value) in environment {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let defaults = [("COMMAND", "auto"), ("EXPECT", ""), ("ARGUMENTS", ""), ("DEFAULT_BRANCH", "main")];
    command.arg(workspace_root().join("action.sh")).current_dir(world.folder());
    command.envs(defaults).env("CI", "true").env("GITHUB_ACTIONS", "true");
    command.env("PATH", format!("{tanets}:/usr/bin:/bin")).envs(variables.iter().copied());
    run(command)
}

#[test]
fn the_action_plans_pull_requests_deploys_the_default_branch_and_looks_for_drift_at_night() {
    let world = require_peer!(World::new(Emulator::Moto));
    let event = |name, branch| [("GITHUB_EVENT_NAME", name), ("GITHUB_REF", branch)];
    let only_planned = |run: &Run| {
        assert_eq!(run.code, 0, "{run:#?}");
        assert!(run.stdout.starts_with("tanets plan "), "{}", run.stdout);
        assert_eq!(world.planned().len(), 7, "nothing is there");
    };
    only_planned(&action(&world, &event("pull_request", "refs/pull/7/merge")));
    only_planned(&action(&world, &event("push", "refs/heads/feature")));
    let drift = action(&world, &event("schedule", "refs/heads/main"));
    assert_eq!(drift.code, 2, "{drift:#?}");
    let other = format!("sha256:{}", "0".repeat(64));
    let [name, branch] = event("push", "refs/heads/main");
    let refused = action(&world, &[name, branch, ("EXPECT", &other)]);
    assert_eq!(refused.code, 4, "{refused:#?}");

    // moto runs no function.
    let deployed = action(&world, &[name, branch, ("ARGUMENTS", "--no-check")]);
    assert!(deployed.code == 0 && deployed.stdout.starts_with("Deployed"), "{deployed:#?}");
    assert_eq!(action(&world, &event("schedule", "refs/heads/main")).code, 0, "no drift");

    world.write(&CONFIG.replace("= 128", "= 256"));
    let asked = action(&world, &[("COMMAND", "plan"), ("ARGUMENTS", "--detailed-exitcode -q")]);
    assert_eq!(asked.code, 2, "{asked:#?}");
    let wrong = action(&world, &[("COMMAND", "destroy")]);
    assert!(wrong.code == 64 && wrong.stderr.starts_with("::error "), "{wrong:#?}");
}

#[test]
fn github_and_gitlab_take_the_files_as_they_are() {
    let tools = require_peer!(Environment::of(PIPELINES, &to_stderr));
    for (schema, file) in [
        ("vendor.github-actions", "action.yml"),
        ("vendor.github-workflows", "examples/github.yml"),
        ("vendor.gitlab-ci", "examples/gitlab.yml"),
    ] {
        let mut command = Command::new(tools.bin().join("check-jsonschema"));
        command.args(["--builtin-schema", schema]);
        if schema == "vendor.gitlab-ci" {
            command.args(["--data-transform", "gitlab-ci"]);
        }
        command.arg(file).current_dir(workspace_root());
        let checked = run(command);
        assert_eq!(checked.code, 0, "{file}: {checked:#?}");
    }
}

#[test]
fn the_readme_shows_the_examples_as_they_are() {
    let readme = text("README.md");
    for file in ["examples/github.yml", "examples/gitlab.yml"] {
        let shown = format!("[`{file}`]({file}):\n\n```yaml\n{}```\n", text(file));
        assert!(readme.contains(&shown), "README.md doesn't show {file} as it is");
    }
}

#[test]
fn what_is_pinned_is_this_version() {
    let version = env!("CARGO_PKG_VERSION");
    for (file, pins) in [
        ("action.yml", vec![format!("default: \"{version}\"")]),
        ("examples/github.yml", vec![format!("uses: tanets/tanets@v{version}\n")]),
        ("examples/gitlab.yml", vec![format!("TANETS_VERSION: \"{version}\"\n")]),
    ] {
        let text = text(file);
        for pin in pins {
            assert!(text.contains(&pin), "{file} pins another version than {pin}");
        }
        // Another's action is pinned by its commit, a tag may move.
        for uses in text.lines().filter_map(|line| line.split_once("uses: ")).map(|(_, uses)| uses) {
            let (name, at) = uses.split_once('@').expect("a version");
            let commit = at.split(' ').next().unwrap_or_default();
            let pinned = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(name == "tanets/tanets" || pinned, "{file}: {uses}");
        }
    }
}
