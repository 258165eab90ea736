//! The AWS clients, and who we are there.
//!
//! The only module besides `resource/*` that knows the SDK.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

mod call_log;
mod credentials;
mod endpoint;
mod environment;
mod error;
mod hint;
mod invoke;
mod log_events;
pub mod network_interfaces;
mod parameter;
mod signed;
mod stack_names;

pub use call_log::CallLog;
use error::QuotaIsNoThrottling;
pub use error::{Error, Explain, found};
pub use invoke::Invoked;
pub use parameter::Parameter;

/// How the account is reached. What isn't given comes from AWS's usual places.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The region.
    pub region: Option<String>,
    /// The profile of the shared configuration.
    pub profile: Option<String>,
    /// Another address for all services: an emulator's.
    pub endpoint_url: Option<String>,
    /// Where each call is told, if anywhere.
    pub call_log: Option<CallLog>,
}

/// The clients of the services in use.
#[derive(Clone, Debug)]
pub struct Aws {
    /// Role and policies.
    pub iam: aws_sdk_iam::Client,
    /// Function and permission.
    pub lambda: aws_sdk_lambda::Client,
    /// Rule and target.
    pub events: aws_sdk_eventbridge::Client,
    /// Log group.
    pub logs: aws_sdk_cloudwatchlogs::Client,
    sts: aws_sdk_sts::Client,
    sdk: aws_config::SdkConfig,
    call_log: Option<CallLog>,
    /// The region of all that is deployed.
    pub region: String,
    /// The addresses that stand in for AWS's own, from options, environment or profile.
    pub endpoint_override: Option<String>,
}

/// Who is deploying, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account: 12 digits.
    pub account: String,
    /// The caller's ARN.
    pub arn: String,
    /// `aws`, `aws-cn` or `aws-us-gov`: from the caller's ARN.
    pub partition: String,
    /// The region.
    pub region: String,
}

impl Identity {
    /// Of nobody in particular in this account: for what is only computed.
    pub fn of_account(account: &str, region: &str) -> Self {
        let partition = match region {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        Self {
            account: account.to_owned(),
            arn: String::new(),
            partition: partition.to_owned(),
            region: region.to_owned(),
        }
    }
}

/// No region is known.
#[derive(Debug, thiserror::Error)]
#[error("no AWS region: set `region` in tanets.toml, `--region`, AWS_REGION, or a region in the profile")]
pub struct NoRegion;

impl Aws {
    /// Makes the clients. Asks the network for nothing but, at most, a region.
    ///
    /// # Errors
    /// If no region is known.
    pub async fn connect(options: Options) -> Result<Self, NoRegion> {
        // ring, because aws-lc is a C library that takes minutes to build.
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http.clone())
            .retry_config(RetryConfig::standard().with_max_attempts(8))
            .timeout_config(
                TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(60)).build(),
            )
            // A slow uplink may stall for seconds while it sends a package of megabytes.
            .stalled_stream_protection(
                StalledStreamProtectionConfig::enabled().grace_period(Duration::from_secs(30)).build(),
            );
        if let Ok(name) = AppName::new(concat!("tanets-", env!("CARGO_PKG_VERSION"))) {
            loader = loader.app_name(name);
        }
        let (region, credentials) = credentials::region_and_credentials(&options, http.clone()).await?;
        loader = loader.region(region.clone()).credentials_provider(credentials);
        if let Some(profile) = options.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = options.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let sdk = loader.load().await;
        macro_rules! client {
            ($service:ident) => {{
                let mut config = $service::config::Builder::from(&sdk).retry_classifier(QuotaIsNoThrottling);
                if let Some(log) = &options.call_log {
                    config = config.interceptor(log.clone());
                }
                $service::Client::from_conf(config.build())
            }};
        }
        Ok(Self {
            iam: client!(aws_sdk_iam),
            lambda: client!(aws_sdk_lambda),
            events: client!(aws_sdk_eventbridge),
            logs: client!(aws_sdk_cloudwatchlogs),
            sts: client!(aws_sdk_sts),
            region: region.to_string(),
            endpoint_override: endpoint::overrides(&sdk),
            sdk,
            call_log: options.call_log,
        })
    }

    /// Who we are. The first call of each run: bad credentials then fail once, not once a resource.
    ///
    /// # Errors
    /// Whatever is wrong with the credentials or the way to AWS.
    pub async fn identity(&self) -> Result<Identity, Error> {
        let caller = self.sts.get_caller_identity().send().await.explain("sts:GetCallerIdentity");
        let caller = caller.map_err(|error| match error {
            // The chain's last provider speaks for all that have nothing.
            Error { code: None, message, .. } if message.contains("IMDS") => Error {
                message: "no credentials in environment, profile, container or instance".to_owned(),
                ..Error::without_answer("sts:GetCallerIdentity")
            },
            error => error,
        })?;
        let arn = caller.arn().unwrap_or_default().to_owned();
        let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
        let account = caller.account().unwrap_or_default().to_owned();
        Ok(Identity { account, arn, partition, region: self.region.clone() })
    }
}
