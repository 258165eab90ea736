//! Other people in the same account: what they made, changed or added; and what the old Terraform module deployed.

use aws_sdk_eventbridge::types::Target;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Environment, FunctionCode, Runtime, VpcConfig};
use tanets_sandbox::require_peer;

use crate::world::{CONFIG, Emulator, World};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"},"Effect":"Allow"}]}"#;

/// Somebody else's hands in the account.
struct Neighbour<'w> {
    world: &'w World,
    runtime: tokio::runtime::Runtime,
    iam: aws_sdk_iam::Client,
    lambda: aws_sdk_lambda::Client,
    events: aws_sdk_eventbridge::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
}

impl<'w> Neighbour<'w> {
    fn of(world: &'w World) -> Self {
        macro_rules! client {
            ($service:ident) => {
                $service::Client::from_conf(
                    $service::Config::builder()
                        .behavior_version($service::config::BehaviorVersion::v2026_01_12())
                        .region($service::config::Region::new("ap-northeast-1"))
                        .endpoint_url(&world.emulator)
                        .credentials_provider($service::config::Credentials::new(
                            &world.account,
                            "test",
                            None,
                            None,
                            "neighbour",
                        ))
                        .http_client(aws_smithy_http_client::Builder::new().build_http())
                        .build(),
                )
            };
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (iam, lambda) = (client!(aws_sdk_iam), client!(aws_sdk_lambda));
        let (events, logs) = (client!(aws_sdk_eventbridge), client!(aws_sdk_cloudwatchlogs));
        Self { world, runtime, iam, lambda, events, logs }
    }

    fn arn(&self, service: &str, rest: &str) -> String {
        // Moto has one account, whatever the key.
        let account = if self.world.account.is_empty() { "123456789012" } else { &self.world.account };
        format!("arn:aws:{service}:ap-northeast-1:{account}:{rest}")
    }

    fn rule_arn(&self) -> String {
        self.arn("events", &format!("rule/{}", self.world.name))
    }

    fn function_arn(&self) -> String {
        self.arn("lambda", &format!("function:{}", self.world.name))
    }

    fn role_arn(&self) -> String {
        self.arn("iam", &format!("role/{}", self.world.name)).replace("ap-northeast-1", "")
    }

    fn make_role(&self) {
        let name = &self.world.name;
        self.runtime.block_on(async {
            let role = self.iam.create_role().role_name(name).assume_role_policy_document(TRUST);
            role.send().await.expect("a role");
            for policy in ["AmazonESReadOnlyAccess", "AWSLambdaExecute"] {
                let arn = format!("arn:aws:iam::aws:policy/{policy}");
                self.iam.attach_role_policy().role_name(name).policy_arn(arn).send().await.expect("a policy");
            }
        });
    }

    fn delete_role(&self) {
        let name = &self.world.name;
        self.runtime.block_on(async {
            let attached =
                self.iam.list_attached_role_policies().role_name(name).send().await.expect("policies");
            for policy in attached.attached_policies() {
                let arn = policy.policy_arn().unwrap_or_default();
                self.iam.detach_role_policy().role_name(name).policy_arn(arn).send().await.expect("detached");
            }
            self.iam.delete_role_policy().role_name(name).policy_name("tanets").send().await.expect("gone");
            self.iam.delete_role().role_name(name).send().await.expect("gone");
        });
    }

    /// What the article's Terraform module made, with the misspelt variable of its README.
    fn deploy_the_module(&self) {
        let name = &self.world.name;
        self.make_role();
        self.runtime.block_on(async {
            let environment = [
                ("SLACK_WEBHOOK_URL", "http://127.0.0.1:1/services/T0/B0/old"),
                ("SLACK_CHANNEL", "#old"),
                ("KIBANA_URL", "https://kibana.hoge"),
                ("ES_INDEXIS", "hoge-index"),
                ("ES_ENDPOINT", "es.hoge"),
                ("ERROR_LEVEL", "Fatal,Warning"),
                ("USER_NAME", "ログ情報お知らせちゃん"),
                ("UNIT_OF_TIME", "h"),
            ];
            let variables = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let zip = zip_of("lambda_function.py", b"def lambda_handler(event, context): return 1");
            self.lambda
                .create_function()
                .function_name(name)
                .role(self.role_arn())
                .runtime(Runtime::from("python3.12"))
                .handler("lambda_function.lambda_handler")
                .timeout(60)
                .code(FunctionCode::builder().zip_file(Blob::new(zip)).build())
                .environment(Environment::builder().set_variables(Some(variables.into())).build())
                .send()
                .await
                .expect("a function");
            let rule = self.events.put_rule().name(name).schedule_expression("cron(15 1 * * ? *)");
            rule.send().await.expect("a rule");
            self.put_target("terraform-20181210012345678900000001", &self.function_arn()).await;
            let permission = self.lambda.add_permission().function_name(name);
            let permission = permission.statement_id("AllowExecutionFromCloudWatch");
            let permission = permission.action("lambda:InvokeFunction").principal("events.amazonaws.com");
            permission.source_arn(self.rule_arn()).send().await.expect("a permission");
        });
        self.settle();
    }

    async fn put_target(&self, id: &str, arn: &str) {
        let target = Target::builder().id(id).arn(arn).build().expect("a target");
        self.events.put_targets().rule(&self.world.name).targets(target).send().await.expect("a target");
    }

    fn target_ids(&self) -> Vec<String> {
        let call = self.events.list_targets_by_rule().rule(&self.world.name).send();
        let targets = self.runtime.block_on(call).expect("targets").targets.unwrap_or_default();
        targets.into_iter().map(|target| target.id).collect()
    }

    fn statement_ids(&self) -> Vec<String> {
        let call = self.lambda.get_policy().function_name(&self.world.name).send();
        let policy = self.runtime.block_on(call).expect("a policy").policy.expect("a document");
        let policy: serde_json::Value = serde_json::from_str(&policy).expect("JSON");
        let statements = policy["Statement"].as_array().expect("statements").clone();
        statements.iter().map(|statement| statement["Sid"].as_str().expect("an id").to_owned()).collect()
    }

    /// Waits until the function takes another write.
    fn settle(&self) {
        self.runtime.block_on(async {
            for _ in 0..100 {
                let call = self.lambda.get_function_configuration().function_name(&self.world.name).send();
                let function = call.await.expect("a function");
                let updated =
                    function.last_update_status().is_some_and(|status| status.as_str() == "Successful");
                if updated && function.state().is_some_and(|state| state.as_str() == "Active") {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            panic!("the function doesn't settle");
        });
    }
}

fn zip_of(name: &str, content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
    zip.write_all(content).expect("an entry");
    zip.finish().expect("a zip").into_inner()
}

fn the_modules_deployment_is_refused_then_adopted_in_one_run(emulator: Emulator) {
    let world = require_peer!(World::new(emulator));
    let neighbour = Neighbour::of(&world);
    neighbour.deploy_the_module();

    let refused = world.tanets(&["deploy", "--yes", "-vv"]);
    assert_eq!((refused.code, refused.writes()), (4, vec![]), "{refused:#?}");
    for address in ["role", "function", "rule"] {
        let told = format!("{address} `{}` exists and is not ours", world.name);
        assert!(refused.stderr.contains(&told), "{}", refused.stderr);
    }
    assert!(refused.stderr.contains("--adopt"), "{}", refused.stderr);
    let destroy = world.tanets(&["destroy", "--yes", "-vv"]);
    assert_eq!((destroy.code, destroy.writes()), (0, vec![]), "{destroy:#?}");

    let planned = world.succeed(&["plan", "--adopt"]).stdout;
    assert!(planned.contains("update, it is taken over"), "{planned}");
    let adopted = world.succeed(&["deploy", "--adopt", "--yes", "-vv"]);
    assert_eq!(neighbour.target_ids(), ["tanets"]);
    assert_eq!(neighbour.statement_ids(), ["tanets"]);
    let order = |operation: &str| adopted.writes().iter().position(|write| *write == operation);
    let moves = ["AddPermission", "RemoveTargets", "PutTargets", "RemovePermission"].map(order);
    assert!(moves.is_sorted() && moves[0].is_some(), "in this order: {:?}", adopted.writes());
    world.assert_converged();
    let status = world.succeed(&["status"]);
    assert_eq!(status.stdout.matches("in sync").count(), 7, "{}", status.stdout);
    world.succeed(&["destroy", "--yes"]);
}

#[test]
fn the_modules_deployment_is_adopted_on_ministack() {
    the_modules_deployment_is_refused_then_adopted_in_one_run(Emulator::Ministack);
}

#[test]
fn the_modules_deployment_is_adopted_on_moto() {
    the_modules_deployment_is_refused_then_adopted_in_one_run(Emulator::Moto);
}

#[test]
fn what_others_add_to_our_resources_is_shown_and_kept() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.succeed(&["deploy", "--yes"]);
    let neighbour = Neighbour::of(&world);
    let name = &world.name;
    neighbour.settle();
    neighbour.runtime.block_on(async {
        neighbour.put_target("theirs", "arn:aws:sns:ap-northeast-1:123456789012:topic").await;
        let tag = aws_sdk_iam::types::Tag::builder().key("cost").value("42").build().expect("a tag");
        neighbour.iam.tag_role().role_name(name).tags(tag).send().await.expect("tagged");
        let policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        neighbour.iam.attach_role_policy().role_name(name).policy_arn(policy).send().await.expect("attached");
        let permission = neighbour.lambda.add_permission().function_name(name).statement_id("theirs");
        let permission = permission.action("lambda:InvokeFunction").principal("sns.amazonaws.com");
        permission.send().await.expect("permitted");
        let function =
            neighbour.lambda.get_function_configuration().function_name(name).send().await.expect("it");
        let mut variables = function.environment.and_then(|it| it.variables).unwrap_or_default();
        variables.insert("THEIRS".to_owned(), "their secret value".to_owned());
        let environment = Environment::builder().set_variables(Some(variables)).build();
        let call = neighbour.lambda.update_function_configuration().function_name(name);
        call.environment(environment).send().await.expect("updated");
        let config = neighbour.lambda.put_function_event_invoke_config().function_name(name);
        let config = config.maximum_retry_attempts(1).maximum_event_age_in_seconds(3600);
        config.send().await.expect("put");
    });
    neighbour.settle();
    assert_eq!(world.planned(), ["invocation.retries"]);
    let plan = world.succeed(&["plan"]).stdout;
    for kept in [
        "role        managed_policy.arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole = attached",
        "role        tags.cost = 42",
        "function    environment.THEIRS = (sensitive)",
        "permission  other_statement.theirs",
        "invocation  max_event_age = 3600",
        "target      other_target.theirs = arn:aws:sns",
    ] {
        assert!(plan.contains(kept), "{kept} in {plan}");
    }
    assert!(!plan.contains("their secret value"), "{plan}");

    // A change of ours next to theirs leaves theirs.
    world.write(&CONFIG.replace("#ops", "#dev"));
    world.succeed(&["deploy", "--yes"]);
    let call = neighbour.lambda.get_function_configuration().function_name(name).send();
    let variables = neighbour.runtime.block_on(call).expect("it").environment.and_then(|it| it.variables);
    let variables = variables.expect("variables");
    assert_eq!(
        (variables["THEIRS"].as_str(), variables["SLACK_CHANNEL"].as_str()),
        ("their secret value", "#dev")
    );
    assert_eq!(neighbour.statement_ids().len(), 2);
    let call = neighbour.lambda.get_function_event_invoke_config().function_name(name).send();
    let config = neighbour.runtime.block_on(call).expect("it");
    assert_eq!((config.maximum_retry_attempts, config.maximum_event_age_in_seconds), (Some(0), Some(3600)));
    world.assert_converged();

    // A rule that others use stays; what is ours goes.
    let destroyed = world.succeed(&["destroy", "--yes"]);
    assert!(destroyed.stderr.contains("has targets that aren't ours: theirs"), "{}", destroyed.stderr);
    assert_eq!(neighbour.target_ids(), ["theirs"]);
    let again = world.succeed(&["destroy", "--yes", "-vv"]);
    assert_eq!(again.writes(), Vec::<&str>::new());
}

#[test]
fn a_rule_that_a_person_disabled_stays_disabled_unless_the_configuration_says_otherwise() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.succeed(&["deploy", "--yes"]);
    let neighbour = Neighbour::of(&world);
    let disable = neighbour.events.disable_rule().name(&world.name).send();
    neighbour.runtime.block_on(disable).expect("disabled");
    let state = || {
        let call = neighbour.events.describe_rule().name(&world.name).send();
        neighbour.runtime.block_on(call).expect("a rule").state.expect("a state").as_str().to_owned()
    };
    world.assert_converged();
    assert!(world.succeed(&["plan"]).stdout.contains("the rule is disabled"));
    world.write(&CONFIG.replace("cron(15 1", "cron(16 1"));
    world.succeed(&["deploy", "--yes"]);
    assert_eq!(state(), "DISABLED");
    world.write(&CONFIG.replace("[elasticsearch]", "enabled = true\n[elasticsearch]"));
    world.succeed(&["deploy", "--yes"]);
    assert_eq!(state(), "ENABLED");
    world.assert_converged();
}

/// One attribute, changed behind our back; and what the plan then names.
type Drift = (&'static str, fn(&Neighbour<'_>));

const DRIFTS: &[Drift] = &[
    ("role.description", |it| {
        let call = it.iam.update_role().role_name(&it.world.name).description("changed").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("role.trust_policy", |it| {
        let document = TRUST.replace("lambda", "ec2");
        let call =
            it.iam.update_assume_role_policy().role_name(&it.world.name).policy_document(document).send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("role.managed_policy.arn:aws:iam::aws:policy/AWSLambdaExecute", |it| {
        let arn = "arn:aws:iam::aws:policy/AWSLambdaExecute";
        let call = it.iam.detach_role_policy().role_name(&it.world.name).policy_arn(arn).send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("role.inline_policy.tanets", |it| {
        let call = it.iam.delete_role_policy().role_name(&it.world.name).policy_name("tanets").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("role.tags.team", |it| {
        let call = it.iam.untag_role().role_name(&it.world.name).tag_keys("team").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("log_group.retention_days", |it| {
        let name = format!("/aws/lambda/{}", it.world.name);
        let call = it.logs.delete_retention_policy().log_group_name(name).send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("log_group.tags.team", |it| {
        let arn = it.arn("logs", &format!("log-group:/aws/lambda/{}", it.world.name));
        let call = it.logs.untag_resource().resource_arn(arn).tag_keys("team").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("function.description", |it| configure(it, |call| call.description("changed"))),
    ("function.handler", |it| configure(it, |call| call.handler("other"))),
    ("function.memory", |it| configure(it, |call| call.memory_size(512))),
    ("function.timeout", |it| configure(it, |call| call.timeout(3))),
    ("function.runtime", |it| configure(it, |call| call.runtime(Runtime::Providedal2))),
    ("function.role", |it| configure(it, |call| call.role(it.role_arn() + "-other"))),
    ("function.environment.ES_INDEXES", |it| {
        let call = it.lambda.get_function_configuration().function_name(&it.world.name).send();
        let mut variables = it
            .runtime
            .block_on(call)
            .expect("it")
            .environment
            .and_then(|it| it.variables)
            .unwrap_or_default();
        variables.insert("ES_INDEXES".to_owned(), "other".to_owned());
        let environment = Environment::builder().set_variables(Some(variables)).build();
        configure(it, |call| call.environment(environment.clone()));
    }),
    ("function.vpc.security_groups", |it| {
        let vpc = VpcConfig::builder()
            .subnet_ids("subnet-0a1")
            .subnet_ids("subnet-0c2")
            .security_group_ids("sg-0ff");
        configure(it, |call| call.vpc_config(vpc.clone().build()));
    }),
    ("function.code_sha256", |it| {
        let zip = Blob::new(zip_of("bootstrap", b"\x7fELF"));
        let call = it.lambda.update_function_code().function_name(&it.world.name).zip_file(zip).send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("invocation.retries", |it| {
        let call = it.lambda.put_function_event_invoke_config().function_name(&it.world.name);
        it.runtime.block_on(call.maximum_retry_attempts(2).send()).expect("changed");
    }),
    ("function.tags.team", |it| {
        let call = it.lambda.untag_resource().resource(it.function_arn()).tag_keys("team").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("rule.schedule", |it| {
        let call = it.events.put_rule().name(&it.world.name).schedule_expression("rate(7 days)");
        let call = call.description("Fires the log digest that tanets deploys").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("rule.description", |it| {
        let call = it.events.put_rule().name(&it.world.name).schedule_expression("cron(15 1 * * ? *)");
        it.runtime.block_on(call.description("changed").send()).expect("changed");
    }),
    ("rule.tags.team", |it| {
        let call = it.events.untag_resource().resource_arn(it.rule_arn()).tag_keys("team").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("permission create", |it| {
        let call = it.lambda.remove_permission().function_name(&it.world.name).statement_id("tanets").send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("permission.statement", |it| {
        let (name, id) = (&it.world.name, "tanets");
        let remove = it.lambda.remove_permission().function_name(name).statement_id(id).send();
        let add = it.lambda.add_permission().function_name(name).statement_id(id);
        let add = add
            .action("lambda:InvokeFunction")
            .principal("events.amazonaws.com")
            .source_arn("arn:aws:events:x");
        it.runtime.block_on(remove).expect("changed");
        it.runtime.block_on(add.send()).expect("changed");
    }),
    ("target.arn", |it| {
        it.runtime.block_on(it.put_target("tanets", "arn:aws:sns:ap-northeast-1:123456789012:x"))
    }),
    ("target.input", |it| {
        let target =
            Target::builder().id("tanets").arn(it.function_arn()).input("{}").build().expect("a target");
        let call = it.events.put_targets().rule(&it.world.name).targets(target).send();
        it.runtime.block_on(call).expect("changed");
    }),
    ("target create", |it| {
        let call = it.events.remove_targets().rule(&it.world.name).ids("tanets").send();
        it.runtime.block_on(call).expect("changed");
    }),
];

type Configure = aws_sdk_lambda::operation::update_function_configuration::builders::UpdateFunctionConfigurationFluentBuilder;

fn configure(it: &Neighbour<'_>, change: impl Fn(Configure) -> Configure) {
    let call = change(it.lambda.update_function_configuration().function_name(&it.world.name));
    it.runtime.block_on(call.send()).expect("changed");
}

#[test]
fn drift_of_every_attribute_is_seen_and_healed() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.succeed(&["deploy", "--yes"]);
    let neighbour = Neighbour::of(&world);
    for (attribute, drift) in DRIFTS {
        neighbour.settle();
        drift(&neighbour);
        neighbour.settle();
        assert_eq!(world.planned(), [*attribute], "{attribute}");
        world.succeed(&["deploy", "--yes"]);
        world.assert_converged();
    }
}

#[test]
fn a_function_whose_role_was_made_again_is_made_again_too() {
    let world = require_peer!(World::new(Emulator::Ministack));
    world.succeed(&["deploy", "--yes"]);
    let neighbour = Neighbour::of(&world);
    neighbour.delete_role();
    // The role is missing: the function's grant on its key goes with it.
    let healed = world.succeed(&["deploy", "--yes", "-vv"]);
    for write in ["CreateRole", "DeleteFunction", "CreateFunction", "AddPermission"] {
        assert!(healed.writes().contains(&write), "{write} in {:?}", healed.writes());
    }
    world.assert_converged();
    // Somebody made it again under the same name and with our tag: only its id tells.
    neighbour.delete_role();
    neighbour.make_role();
    world.succeed(&["deploy", "--adopt", "--yes"]);
    world.assert_converged();
    assert_eq!(neighbour.statement_ids(), ["tanets"]);
    world.succeed(&["destroy", "--yes"]);
}

#[test]
fn two_deploys_at_once_come_to_one_end() {
    let world = require_peer!(World::new(Emulator::Ministack));
    let both = |world: &World| {
        std::thread::scope(|scope| {
            let one = scope.spawn(|| world.tanets(&["deploy", "--yes"]));
            let other = world.tanets(&["deploy", "--yes"]);
            [one.join().expect("it ended"), other]
        })
    };
    for config in [CONFIG.to_owned(), CONFIG.replace("= 128", "= 256")] {
        world.write(&config);
        let ended = both(&world);
        assert!(ended.iter().any(|run| run.code == 0), "{ended:#?}");
        for loser in ended.iter().filter(|run| run.code != 0) {
            assert_eq!(loser.code, 1, "{loser:#?}");
            assert!(loser.stderr.contains("hint: "), "{loser:#?}");
        }
        world.succeed(&["deploy", "--yes"]);
        world.assert_converged();
        let neighbour = Neighbour::of(&world);
        assert_eq!(
            (neighbour.target_ids(), neighbour.statement_ids()),
            (vec!["tanets".into()], vec!["tanets".into()])
        );
    }
    world.succeed(&["destroy", "--yes"]);
}

#[test]
fn a_role_outlasts_the_network_interfaces_that_lambda_removes_with_it() {
    let world = require_peer!(World::new(Emulator::Moto));
    world.succeed(&["deploy", "--yes"]);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let ec2 = |body: &str| world.request("ec2", "/", &form, &format!("Version=2016-11-15&{body}"));
    let between = |text: &str, start: &str| {
        let rest = text.split_once(start).unwrap_or_else(|| panic!("{start} in {text}")).1;
        rest.split('<').next().expect("a text").to_owned()
    };
    // What Lambda leaves in the VPC for some minutes after a function.
    let subnet = between(&ec2("Action=DescribeSubnets"), "<subnetId>");
    let description = format!("AWS%20Lambda%20VPC%20ENI-{}-0a1b2c3d", world.name);
    let interface =
        ec2(&format!("Action=CreateNetworkInterface&SubnetId={subnet}&Description={description}"));
    let interface = between(&interface, "<networkInterfaceId>");

    let quick = world.succeed(&["destroy", "--yes", "--no-wait"]);
    assert!(quick.stdout.contains("Left: role"), "{}", quick.stdout);
    let mut waiting = world.command(&["destroy", "--yes"]).spawn().expect("the binary runs");
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(waiting.try_wait().expect("its state").is_none(), "the role went before the interface");
    ec2(&format!("Action=DeleteNetworkInterface&NetworkInterfaceId={interface}"));
    assert!(waiting.wait().expect("its end").success());
    assert_eq!(world.planned().len(), 7, "all is gone");
}
