use std::path::Path;

use insta::assert_snapshot;

use super::*;
use crate::access::{TRUST_POLICY_LIMIT, size};
use crate::config::Config;
use crate::plan::Goal;

fn pipeline(source: &Source) -> Pipeline {
    let text = "name = \"digest\"\nschedule = \"rate(1 day)\"\n[elasticsearch]\nindexes = [\"app\"]\n\
                endpoint = \"https://search.example.com\"\n[slack]\nwebhook = \"ssm:/tanets/webhook\"\n\
                [digest]\nlevels = [\"Fatal\"]";
    let config = Config::parse(text, Path::new("tanets.toml"), &|_| None).unwrap();
    let identity = Identity::of_account("111122223333", "eu-west-1");
    Pipeline::new(source, &Stack::new(&config, &identity, None, Goal::Present { adopt: false }), &identity)
}

fn github(repository: &str, environment: Option<&str>) -> Pipeline {
    pipeline(&Source::GitHub {
        repository: repository.parse().unwrap(),
        branch: "main".to_owned(),
        environment: environment.map(str::to_owned),
    })
}

/// Who may take each role.
fn trusted(Pipeline { roles, .. }: &Pipeline) -> String {
    let condition = |role: &Role| format!("{}: {}", role.name, role.trust["Statement"][0]["Condition"]);
    roles.each_ref().map(condition).join("\n").replace('"', "")
}

#[test]
fn on_github_both_forms_of_the_subject_are_trusted() {
    assert_snapshot!(trusted(&github("acme/logs", None)), @r#"
    digest-plan: {StringEquals:{token.actions.githubusercontent.com:aud:sts.amazonaws.com},StringLike:{token.actions.githubusercontent.com:sub:[repo:acme/logs:pull_request,repo:acme@*/logs@*:pull_request,repo:acme/logs:ref:refs/heads/main,repo:acme@*/logs@*:ref:refs/heads/main]}}
    digest-deploy: {StringEquals:{token.actions.githubusercontent.com:aud:sts.amazonaws.com},StringLike:{token.actions.githubusercontent.com:sub:[repo:acme/logs:ref:refs/heads/main,repo:acme@*/logs@*:ref:refs/heads/main]}}
    "#);
}

#[test]
fn an_environment_deploys_in_place_of_the_branch() {
    let pipeline = github("acme/logs", Some("production"));
    assert_snapshot!(pipeline.roles[1].trust["Statement"][0]["Condition"].to_string(), @r#"
    {"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":{"token.actions.githubusercontent.com:sub":["repo:acme/logs:environment:production","repo:acme@*/logs@*:environment:production"]}}
    "#);
    assert!(pipeline.workflow.contains("    environment: \"production\"\n"), "{}", pipeline.workflow);
}

#[test]
fn numbers_that_are_known_are_the_only_ones() {
    assert_snapshot!(trusted(&github("acme@17/logs@42", None)), @r#"
    digest-plan: {StringEquals:{token.actions.githubusercontent.com:aud:sts.amazonaws.com,token.actions.githubusercontent.com:sub:[repo:acme/logs:pull_request,repo:acme@17/logs@42:pull_request,repo:acme/logs:ref:refs/heads/main,repo:acme@17/logs@42:ref:refs/heads/main]}}
    digest-deploy: {StringEquals:{token.actions.githubusercontent.com:aud:sts.amazonaws.com,token.actions.githubusercontent.com:sub:[repo:acme/logs:ref:refs/heads/main,repo:acme@17/logs@42:ref:refs/heads/main]}}
    "#);
}

#[test]
fn on_gitlab_any_branch_plans_and_one_deploys() {
    let project: Project = "acme/ops/logs".parse().unwrap();
    let pipeline = pipeline(&Source::GitLab { project, branch: "trunk".to_owned() });
    assert_snapshot!(trusted(&pipeline), @r#"
    digest-plan: {StringEquals:{gitlab.com:aud:https://gitlab.com},StringLike:{gitlab.com:sub:[project_path:acme/ops/logs:ref_type:branch:ref:*]}}
    digest-deploy: {StringEquals:{gitlab.com:aud:https://gitlab.com,gitlab.com:sub:[project_path:acme/ops/logs:ref_type:branch:ref:trunk]}}
    "#);
    assert!(pipeline.workflow.contains("$CI_COMMIT_BRANCH == \"trunk\""), "{}", pipeline.workflow);
}

#[test]
fn a_workflow_names_the_roles_and_nothing_of_the_example() {
    let project: Project = "acme/logs".parse().unwrap();
    let gitlab = pipeline(&Source::GitLab { project, branch: "main".to_owned() });
    for Pipeline { workflow, .. } in [github("acme/logs", None), gitlab] {
        for role in ["plan", "deploy"] {
            assert!(
                workflow.contains(&format!(" arn:aws:iam::111122223333:role/digest-{role}\n")),
                "{workflow}"
            );
        }
        for example in ["123456789012", "ap-northeast-1", "error_log", "OWNER", "GROUP"] {
            assert!(!workflow.contains(example), "{example}: {workflow}");
        }
    }
    assert!(!github("acme/logs", None).workflow.contains("environment:"));
}

#[test]
fn the_role_of_a_pull_request_writes_nothing() {
    let [plan, deploy] = github("acme/logs", None).roles;
    assert!(!plan.policy.to_string().contains("iam:PassRole"), "{}", plan.policy);
    assert!(deploy.policy.to_string().contains("iam:PassRole"), "{}", deploy.policy);
    assert!(!deploy.trust.to_string().contains("pull_request"), "{}", deploy.trust);
}

#[test]
fn the_longest_names_fit_into_a_trust_policy() {
    let repository = format!("{}/{}", "o".repeat(39), "r".repeat(100));
    let [plan, deploy] = github(&repository, Some(&"e".repeat(255))).roles;
    assert!(size(&plan.trust) < TRUST_POLICY_LIMIT && size(&deploy.trust) < TRUST_POLICY_LIMIT);
}

#[test]
fn no_name_opens_a_role_to_others() {
    for text in [
        "acme",
        "acme/*",
        "*/logs",
        "acme/lo gs",
        "acme/logs:x",
        "acme/logs/x",
        "acme@1/logs",
        "acme@x/logs@1",
        "/",
    ] {
        assert!(text.parse::<Repository>().is_err(), "{text}");
    }
    for text in ["acme", "acme/*", "acme//logs", "acme/logs:ref"] {
        assert!(text.parse::<Project>().is_err(), "{text}");
    }
    for text in ["", "*", "re?ease", "a:b", "/main", "main/"] {
        assert!(branch(text).is_err(), "{text}");
        assert!(environment(text).is_err(), "{text}");
    }
    assert!(branch("release/1.x").is_ok() && environment("Production EU").is_ok());
}
