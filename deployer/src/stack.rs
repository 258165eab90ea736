//! Configuration, identity and package make the stack: the desired resources, and the only list of kinds.

use std::collections::{BTreeMap, BTreeSet};

use crate::attributes::changes;
use crate::aws::Identity;
use crate::config::Config;
use crate::grants;
use crate::observe::Observation;
use crate::package::Package;
use crate::plan::{Candidate, Goal, NotOurs, Plan, PlanDigest, plan};
use crate::resource::function::{self, Function};
use crate::resource::invocation::{self, Invocation};
use crate::resource::log_group::{self, LogGroup};
use crate::resource::permission::{self, Permission};
use crate::resource::role::{self, Role, RoleId};
use crate::resource::rule::{self, Rule};
use crate::resource::tags::Tags;
use crate::resource::target::{self, Target};
use crate::resource::{Address, Resource};

/// The resources of one deployment, in dependency order. All names and ARNs are known before the first write.
pub struct Stack {
    /// Its name.
    pub name: String,
    /// What people look for in AWS: kind and ARN.
    pub arns: Vec<(&'static str, String)>,
    resources: Vec<Box<dyn Resource>>,
}

impl Stack {
    /// The stack of a configuration in an account. Only a stack that is to be destroyed needs no package.
    pub fn new(config: &Config, identity: &Identity, package: Option<Package>, goal: Goal) -> Self {
        let adopt = goal == (Goal::Present { adopt: true });
        let role_id = RoleId::default();
        let Identity { account, arn: _, partition, region } = identity;
        let name = &config.name;
        let tags = Tags::new(name, &config.tags);
        let log_group = log_group::name_of(name);
        let function_arn = format!("arn:{partition}:lambda:{region}:{account}:function:{name}");
        let rule_arn = format!("arn:{partition}:events:{region}:{account}:rule/{name}");
        let role_arn = format!("arn:{partition}:iam::{account}:role/{name}");
        let log_group_arn = format!("arn:{partition}:logs:{region}:{account}:log-group:{log_group}");
        let arns = vec![
            ("role", role_arn.clone()),
            ("log_group", log_group_arn.clone()),
            ("function", function_arn.clone()),
            ("rule", rule_arn.clone()),
        ];
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
                arn: role_arn.clone(),
                managed,
                not_managed,
                inline: grants::statements(config, identity),
                tags: tags.clone().in_region(region),
                id: role_id.clone(),
            }),
            Box::new(LogGroup {
                arn: log_group_arn,
                name: log_group,
                retention_days: config.function.log_retention_days.map(whole),
                tags: tags.clone(),
            }),
            Box::new(Function {
                name: name.clone(),
                arn: function_arn.clone(),
                role_arn,
                role_id,
                package,
                architecture: config.function.architecture.as_str().to_owned(),
                memory: whole(config.function.memory),
                timeout: whole(config.function.timeout),
                environment: config.settings.variables(),
                vpc: config.vpc.clone(),
                kms_key: config.function.kms_key.clone(),
                tags: tags.clone(),
            }),
            Box::new(Rule {
                name: name.clone(),
                arn: rule_arn.clone(),
                schedule: config.schedule.to_string(),
                enabled: config.enabled,
                tags,
            }),
            Box::new(Permission {
                function: name.clone(),
                function_arn: function_arn.clone(),
                rule_arn: rule_arn.clone(),
                adopt,
            }),
            Box::new(Invocation { function: name.clone(), function_arn: function_arn.clone() }),
            Box::new(Target { rule: name.clone(), rule_arn, function_arn: function_arn.clone(), adopt }),
        ];
        Self { name: name.clone(), arns, resources }
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
        let mut spared = BTreeMap::new();
        match goal {
            Goal::Present { .. } => self.renew_what_is_the_functions(&mut observation),
            Goal::Absent { keep_logs, wait } => {
                // It goes with the function.
                spared.insert(invocation::ADDRESS, None);
                if !wait
                    && observation.get(&role::ADDRESS).is_some_and(|role| role::is_in_vpc(&role.attributes))
                {
                    let why = "stays until Lambda has removed the function's network interfaces with it (20 to 40 \
                               min): then run `tanets destroy` again";
                    spared.insert(role::ADDRESS, Some(why.to_owned()));
                }
                if keep_logs {
                    spared.insert(log_group::ADDRESS, None);
                }
                // A rule can't go without its targets, and those of others aren't ours to remove.
                let others =
                    observation.get(&target::ADDRESS).map(|target| target.attributes.members(target::OTHERS));
                let others = Vec::from_iter(others.into_iter().flatten().map(|(id, _)| id.to_owned()));
                if !others.is_empty() {
                    let why = format!("has targets that aren't ours: {}", others.join(", "));
                    spared.insert(rule::ADDRESS, Some(why));
                }
            }
        }
        let candidates = self.resources().filter(|resource| !spared.contains_key(&resource.address()));
        let candidates = candidates.map(|resource| Candidate {
            address: resource.address(),
            name: resource.name(),
            needs: resource.needs(),
            desired: matches!(goal, Goal::Present { .. }).then(|| resource.desired()),
            observed: observation.remove(&resource.address()),
        });
        let candidates = Vec::from_iter(candidates);
        let digest = PlanDigest::of(&self.arns, goal, &candidates);
        let mut plan = plan(candidates, goal == (Goal::Present { adopt: true }));
        plan.digest = digest;
        for (address, why) in spared {
            let name = self.resource(&address).map(Resource::name).unwrap_or_default();
            plan.left.extend(why.map(|why| NotOurs { address, name, why }));
        }
        plan
    }

    /// A function that is made again loses its permission and its settings for invocation.
    fn renew_what_is_the_functions(&self, observation: &mut Observation) {
        let Some(function) = self.resource(&function::ADDRESS) else { return };
        let observed = observation.get(&function::ADDRESS).map(|observed| &observed.attributes);
        if observed.is_some_and(|observed| function::is_replaced(&changes(&function.desired(), observed))) {
            observation.remove(&permission::ADDRESS);
            observation.remove(&invocation::ADDRESS);
        }
    }
}

/// The SDK counts in `i32`; the configuration's limits lie far below its end.
fn whole(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
