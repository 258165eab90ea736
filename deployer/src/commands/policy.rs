//! `tanets policy`: what whoever deploys must be allowed. Asks AWS for nothing but, at most, the account.

use super::{connect, identify, load};
use crate::access::{self, format};
use crate::aws::Identity;
use crate::cli::{Global, PolicyArgs};
use crate::deadline::Deadline;
use crate::exit::{Exit, Failure};
use crate::pipeline::{Pipeline, Source};
use crate::plan::Goal;
use crate::stack::Stack;
use crate::view::View;

pub(super) async fn policy(global: &Global, args: &PolicyArgs, view: &dyn View) -> Result<Exit, Failure> {
    let config = load(global, view)?;
    let aws = connect(global, &config, view).await?;
    let identity = match (&args.account, &config.account) {
        (Some(flag), Some(wanted)) if flag != wanted => {
            return Err(Failure::OtherAccount { flag: flag.clone(), wanted: wanted.clone() });
        }
        (Some(account), _) | (None, Some(account)) => Identity::of_account(account, &aws.region),
        (None, None) => {
            let deadline = Deadline::of_a_run(global.timeout);
            deadline.hold(identify(&aws, &config)).await??
        }
    };
    let stack = Stack::new(&config, &identity, None, Goal::Present { adopt: false });
    let source = match (&args.github, &args.gitlab) {
        (Some(repository), _) => Some(Source::GitHub {
            repository: repository.clone(),
            branch: args.branch.clone(),
            environment: args.environment.clone(),
        }),
        (None, Some(project)) => {
            Some(Source::GitLab { project: project.clone(), branch: args.branch.clone() })
        }
        (None, None) => None,
    };
    if let Some(source) = source {
        let pipeline = Pipeline::new(&source, &stack, &identity);
        match args.workflow {
            true => view.policy("workflow", &pipeline.workflow),
            false => view.policy(args.format.name(), &format::pipeline(args.format, &pipeline)),
        }
        return Ok(Exit::Done);
    }
    let (name, policy) = match args.operate {
        true => {
            (access::named(&config.name, "-operate"), access::operate::policy(&stack, &config, &identity))
        }
        false => {
            let name = access::deployer(&config.name, args.plan_only);
            (name, access::policy(&stack, args.plan_only))
        }
    };
    let policy = format::NamedPolicy { name, policy };
    view.policy(args.format.name(), &format::policy(args.format, &policy));
    Ok(Exit::Done)
}
