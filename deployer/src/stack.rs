//! Configuration, identity and package make the stack: the desired resources, and the only list of kinds.

use std::collections::BTreeSet;

use crate::aws::Identity;
use crate::config::Config;
use crate::grants;
use crate::observe::Observation;
use crate::package::Package;
use crate::plan::{Candidate, Goal, Plan, plan};
use crate::resource::function::Function;
use crate::resource::log_group::{self, LogGroup};
use crate::resource::permission::Permission;
use crate::resource::role::Role;
use crate::resource::rule::Rule;
use crate::resource::target::Target;
use crate::resource::{Address, Resource, tags};

/// The resources of one deployment, in dependency order. All names and ARNs are known before the first write.
pub struct Stack {
    /// Its name.
    pub name: String,
    /// The function's ARN.
    pub function_arn: String,
    /// The rule's ARN.
    pub rule_arn: String,
    resources: Vec<Box<dyn Resource>>,
}

impl Stack {
    /// The stack of a configuration in an account. Only a stack that is to be destroyed needs no package.
    pub fn new(config: &Config, identity: &Identity, package: Option<Package>) -> Self {
        let Identity { account, arn: _, partition, region } = identity;
        let name = &config.name;
        let tags = tags::desired(name, &config.tags);
        let log_group = format!("/aws/lambda/{name}");
        let function_arn = format!("arn:{partition}:lambda:{region}:{account}:function:{name}");
        let rule_arn = format!("arn:{partition}:events:{region}:{account}:rule/{name}");
        let managed = |policy: &str| format!("arn:{partition}:iam::aws:policy/{policy}");
        let in_vpc = managed("service-role/AWSLambdaVPCAccessExecutionRole");
        let always = [managed("AmazonESReadOnlyAccess"), managed("AWSLambdaExecute")];
        let (managed, not_managed) = match config.vpc {
            // Lambda refuses a function in a VPC whose role may not make network interfaces.
            Some(_) => (always.into_iter().chain([in_vpc]).collect(), BTreeSet::new()),
            None => (always.into(), BTreeSet::from([in_vpc])),
        };
        let resources: Vec<Box<dyn Resource>> = vec![
            Box::new(Role {
                name: name.clone(),
                managed,
                not_managed,
                inline: grants::statements(config, identity),
                tags: tags.clone(),
            }),
            Box::new(LogGroup {
                arn: format!("arn:{partition}:logs:{region}:{account}:log-group:{log_group}"),
                name: log_group,
                retention_days: config.function.log_retention_days.map(whole),
                stack: name.clone(),
                tags: tags.clone(),
            }),
            Box::new(Function {
                name: name.clone(),
                arn: function_arn.clone(),
                role_arn: format!("arn:{partition}:iam::{account}:role/{name}"),
                package,
                architecture: config.function.architecture.as_str().to_owned(),
                memory: whole(config.function.memory),
                timeout: whole(config.function.timeout),
                environment: config.settings.variables(),
                vpc: config.vpc.clone(),
                kms_key: config.function.kms_key.clone(),
                stack: name.clone(),
                tags: tags.clone(),
            }),
            Box::new(Rule {
                name: name.clone(),
                arn: rule_arn.clone(),
                schedule: config.schedule.to_string(),
                enabled: config.enabled,
                stack: name.clone(),
                tags,
            }),
            Box::new(Permission {
                function: name.clone(),
                function_arn: function_arn.clone(),
                rule_arn: rule_arn.clone(),
            }),
            Box::new(Target { rule: name.clone(), function_arn: function_arn.clone() }),
        ];
        Self { name: name.clone(), function_arn, rule_arn, resources }
    }

    /// The resources in dependency order.
    pub fn resources(&self) -> impl Iterator<Item = &dyn Resource> {
        self.resources.iter().map(AsRef::as_ref)
    }

    /// The resource of an address.
    pub fn resource(&self, address: &Address) -> Option<&dyn Resource> {
        self.resources().find(|resource| resource.address() == *address)
    }

    /// The plan from what was observed to the goal.
    pub fn plan(&self, mut observation: Observation, goal: Goal) -> Plan {
        let candidates = self.resources().filter_map(|resource| {
            let address = resource.address();
            let desired = match goal {
                Goal::Present => Some(resource.desired()),
                Goal::Absent { keep_logs: true } if address == log_group::ADDRESS => return None,
                Goal::Absent { .. } => None,
            };
            let observed = observation.remove(&address);
            Some(Candidate { name: resource.name(), needs: resource.needs(), address, desired, observed })
        });
        plan(candidates.collect())
    }
}

/// The SDK counts in `i32`; the configuration's limits lie far below its end.
fn whole(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
