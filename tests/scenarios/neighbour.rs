//! Somebody else's hands in the account: past the binary and past AWS's manners, straight to the emulator.

use aws_sdk_eventbridge::types::Target;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Environment, FunctionCode, Runtime};

use crate::world::World;

/// Lets Lambda assume a role.
pub const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"},"Effect":"Allow"}]}"#;

/// Somebody else's hands in the account.
pub struct Neighbour<'w> {
    pub world: &'w World,
    pub runtime: tokio::runtime::Runtime,
    pub iam: aws_sdk_iam::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub events: aws_sdk_eventbridge::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
}

impl<'w> Neighbour<'w> {
    pub fn of(world: &'w World) -> Self {
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

    pub fn arn(&self, service: &str, rest: &str) -> String {
        // Moto has one account, whatever the key.
        let account = if self.world.account.is_empty() { "123456789012" } else { &self.world.account };
        format!("arn:aws:{service}:ap-northeast-1:{account}:{rest}")
    }

    pub fn rule_arn(&self) -> String {
        self.arn("events", &format!("rule/{}", self.world.name))
    }

    pub fn function_arn(&self) -> String {
        self.arn("lambda", &format!("function:{}", self.world.name))
    }

    pub fn role_arn(&self) -> String {
        self.arn("iam", &format!("role/{}", self.world.name)).replace("ap-northeast-1", "")
    }

    pub fn make_role(&self) {
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

    pub fn delete_role(&self) {
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
    pub fn deploy_the_module(&self) {
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

    pub async fn put_target(&self, id: &str, arn: &str) {
        let target = Target::builder().id(id).arn(arn).build().expect("a target");
        self.events.put_targets().rule(&self.world.name).targets(target).send().await.expect("a target");
    }

    pub fn target_ids(&self) -> Vec<String> {
        let call = self.events.list_targets_by_rule().rule(&self.world.name).send();
        let targets = self.runtime.block_on(call).expect("targets").targets.unwrap_or_default();
        targets.into_iter().map(|target| target.id).collect()
    }

    pub fn statement_ids(&self) -> Vec<String> {
        let call = self.lambda.get_policy().function_name(&self.world.name).send();
        let policy = self.runtime.block_on(call).expect("a policy").policy.expect("a document");
        let policy: serde_json::Value = serde_json::from_str(&policy).expect("JSON");
        let statements = policy["Statement"].as_array().expect("statements").clone();
        statements.iter().map(|statement| statement["Sid"].as_str().expect("an id").to_owned()).collect()
    }

    /// Waits until the function takes another write.
    pub fn settle(&self) {
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

pub fn zip_of(name: &str, content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
    zip.write_all(content).expect("an entry");
    zip.finish().expect("a zip").into_inner()
}
