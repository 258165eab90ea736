//! What lets a CI deploy: two roles that trust the pipeline of one repository, and the workflow that takes them. Pure.
//!
//! Whoever opens a pull request gets a role that reads; only the branch or the environment that people guard gets the one
//! that writes.

use serde_json::{Value, json};

use crate::access;
use crate::aws::Identity;
use crate::stack::Stack;

mod repository;

pub use repository::{NoRepository, Project, Repository, branch, environment};

const GITHUB_EXAMPLE: &str = include_str!("../../examples/github.yml");
const GITLAB_EXAMPLE: &str = include_str!("../../examples/gitlab.yml");
/// What the examples deploy, and where.
const EXAMPLE_ROLE: &str = "arn:aws:iam::123456789012:role/error_log_daily_notify";
const EXAMPLE_REGION: &str = "ap-northeast-1";
const EXAMPLE_ENVIRONMENT: &str = "production";

/// Where the pipeline runs, and what of it may deploy.
#[derive(Clone, Debug)]
pub enum Source {
    /// GitHub Actions.
    GitHub {
        /// The repository.
        repository: Repository,
        /// The branch that deploys, and is looked at every night.
        branch: String,
        /// The environment that deploys, whatever the branch: GitHub guards it.
        environment: Option<String>,
    },
    /// GitLab CI on gitlab.com.
    GitLab {
        /// The project.
        project: Project,
        /// The branch that deploys.
        branch: String,
    },
}

/// A role of the pipeline.
#[derive(Clone, Debug)]
pub struct Role {
    /// `plan` or `deploy`.
    pub task: &'static str,
    /// Its name.
    pub name: String,
    /// Who may take it.
    pub trust: Value,
    /// What it may do.
    pub policy: Value,
}

/// All that a pipeline needs.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Who signs the pipeline's identity: an OIDC provider's host.
    pub provider: &'static str,
    /// Whom that identity is for.
    pub audience: &'static str,
    /// One that plans, one that deploys.
    pub roles: [Role; 2],
    /// Where the workflow's file stands in the repository.
    pub path: &'static str,
    /// The workflow.
    pub workflow: String,
}

impl Pipeline {
    /// The pipeline that deploys this stack.
    pub fn new(source: &Source, stack: &Stack, identity: &Identity) -> Self {
        let Identity { account, arn: _, partition, region } = identity;
        let (provider, audience, path) = match source {
            Source::GitHub { .. } => {
                ("token.actions.githubusercontent.com", "sts.amazonaws.com", ".github/workflows/tanets.yml")
            }
            Source::GitLab { .. } => ("gitlab.com", "https://gitlab.com", ".gitlab-ci.yml"),
        };
        let (plan, deploy) = source.subjects();
        let role = |task, plan_only, subjects: Vec<String>| {
            let federated = format!("arn:{partition}:iam::{account}:oidc-provider/{provider}");
            let is_pattern = subjects.iter().any(|subject| subject.contains('*'));
            let operator = if is_pattern { "StringLike" } else { "StringEquals" };
            let mut condition = json!({ "StringEquals": { format!("{provider}:aud"): audience } });
            condition[operator][format!("{provider}:sub")] = json!(subjects);
            let trust = json!({
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": { "Federated": federated },
                "Condition": condition,
            });
            Role {
                task,
                name: access::deployer(&stack.name, plan_only),
                trust: json!({ "Version": "2012-10-17", "Statement": [trust] }),
                policy: access::policy(stack, plan_only),
            }
        };
        let roles = [role("plan", true, plan), role("deploy", false, deploy)];
        let mut workflow = source.workflow();
        for Role { task, name, .. } in &roles {
            let arn = format!("arn:{partition}:iam::{account}:role/{name}");
            workflow = workflow.replace(&format!("{EXAMPLE_ROLE}-{task}"), &arn);
        }
        workflow = workflow.replace(EXAMPLE_REGION, region);
        Self { provider, audience, roles, path, workflow }
    }
}

impl Source {
    /// Which pipelines may plan, and which may deploy: the subjects of their identities.
    fn subjects(&self) -> (Vec<String>, Vec<String>) {
        match self {
            Self::GitHub { repository, branch, environment } => {
                let on_branch = format!("ref:refs/heads/{branch}");
                let deploy = match environment {
                    Some(environment) => format!("environment:{environment}"),
                    None => on_branch.clone(),
                };
                let both = |contexts: &[&str]| {
                    let all = repository.subjects();
                    let all = contexts
                        .iter()
                        .flat_map(|context| all.iter().map(move |of| format!("{of}:{context}")));
                    all.collect()
                };
                (both(&["pull_request", &on_branch]), both(&[&deploy]))
            }
            Self::GitLab { project, branch } => {
                let on_branch = |branch| format!("project_path:{project}:ref_type:branch:ref:{branch}");
                (vec![on_branch("*")], vec![on_branch(branch)])
            }
        }
    }

    /// The example's workflow for this repository and branch.
    fn workflow(&self) -> String {
        match self {
            Self::GitHub { repository, branch, environment } => {
                let text = GITHUB_EXAMPLE
                    .replace("OWNER/REPO", &repository.to_string())
                    .replace("[main]", &json!([branch]).to_string())
                    .replace("main deploys", &format!("{branch} deploys"));
                let line = format!("    environment: {EXAMPLE_ENVIRONMENT}\n");
                match environment {
                    Some(environment) => {
                        text.replace(&line, &format!("    environment: {}\n", json!(environment))).replace(
                            &format!("--environment {EXAMPLE_ENVIRONMENT}"),
                            &format!("--environment {environment}"),
                        )
                    }
                    None => {
                        text.replace(&line, "").replace(&format!(" --environment {EXAMPLE_ENVIRONMENT}"), "")
                    }
                }
            }
            Self::GitLab { project, branch } => GITLAB_EXAMPLE
                .replace("GROUP/PROJECT", &project.to_string())
                .replace("\"main\"", &json!(branch).to_string())
                .replace("main deploys", &format!("{branch} deploys")),
        }
    }
}

#[cfg(test)]
mod tests;
