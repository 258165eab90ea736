//! The AWS clients, who we are there, and the wording of what AWS says.
//!
//! The only module besides `resource/*` that knows the SDK.

use std::fmt;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::imds;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::time::Duration;

mod call_log;
pub mod network_interfaces;

pub use call_log::CallLog;

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
        let (region, credentials) = region_and_credentials(&options, http.clone()).await?;
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
            endpoint_override: endpoint_override(&sdk),
            sdk,
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

/// The region and the credentials, from AWS's usual places in their usual order. Outside of EC2 nobody answers at
/// the address of the instance metadata, so that place gets a moment and one try instead of seconds.
async fn region_and_credentials(
    options: &Options,
    http: SharedHttpClient,
) -> Result<(Region, DefaultCredentialsChain), NoRegion> {
    let providers = ProviderConfig::without_region().with_http_client(http);
    let moment = Duration::from_millis(300);
    let imds = imds::Client::builder().configure(&providers).connect_timeout(moment).max_attempts(1).build();
    let mut profile_region = ProfileFileRegionProvider::builder();
    let mut credentials = DefaultCredentialsChain::builder();
    if let Some(profile) = &options.profile {
        profile_region = profile_region.profile_name(profile);
        credentials = credentials.profile_name(profile);
    }
    let region = RegionProviderChain::first_try(options.region.clone().map(Region::new))
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(profile_region.build())
        .or_else(ImdsRegionProvider::builder().imds_client(imds.clone()).build());
    let region = region.region().await.ok_or(NoRegion)?;
    let providers = providers.with_region(Some(region.clone()));
    let credentials = credentials.configure(providers).imds_client(imds).region(region.clone());
    Ok((region, credentials.build().await))
}

/// The SDK takes a quota that is reached for throttling, and tries in vain for a minute.
#[derive(Debug)]
struct QuotaIsNoThrottling;

impl ClassifyRetry for QuotaIsNoThrottling {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error =
            context.output_or_error().and_then(Result::err).and_then(|error| error.as_operation_error());
        let quota = error.is_some_and(|error| format!("{error:?}").contains("code: Some(\"LimitExceeded"));
        if quota { RetryAction::RetryForbidden } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "QuotaIsNoThrottling"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// An emulator's address left in the environment makes a deploy go there: so each plan shows it.
fn endpoint_override(sdk: &aws_config::SdkConfig) -> Option<String> {
    const SERVICES: [&str; 5] = ["IAM", "LAMBDA", "EVENTBRIDGE", "CLOUDWATCH_LOGS", "STS"];
    if let Some(url) = sdk.endpoint_url() {
        return Some(url.to_owned());
    }
    let of_services: Vec<String> = SERVICES
        .iter()
        .filter_map(|service| {
            let url = std::env::var(format!("AWS_ENDPOINT_URL_{service}")).ok()?;
            Some(format!("{service}: {url}"))
        })
        .collect();
    (!of_services.is_empty()).then(|| of_services.join(", "))
}

/// What AWS said, in one line: the operation, the code and the message of a service's refusal, or why it
/// couldn't be asked. Never a response's headers or body.
#[derive(Debug, thiserror::Error)]
pub struct Error {
    /// The operation, as IAM names the action that allows it (`iam:CreateRole`).
    pub action: &'static str,
    /// The service's error code; `None` if no service answered.
    pub code: Option<String>,
    /// The service's message, or why there is no answer.
    pub message: String,
    /// The id that AWS's support asks for.
    pub request_id: Option<String>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, code, message, request_id } = self;
        let operation = action.split(':').next_back().unwrap_or(action);
        write!(f, "{operation}: ")?;
        if let Some(code) = code {
            write!(f, "{code}: ")?;
        }
        f.write_str(message)?;
        match request_id {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl Error {
    /// No service answered.
    fn without_answer(action: &'static str) -> Self {
        Self { action, code: None, message: String::new(), request_id: None }
    }

    /// Whether AWS refused for want of permission.
    pub fn is_denied(&self) -> bool {
        matches!(self.code.as_deref(), Some(code) if code.starts_with("AccessDenied") || code == "UnauthorizedOperation")
    }

    /// Whether the service answered with this code and, in its message, this text.
    pub fn is(&self, code: &str, text: &str) -> bool {
        self.code.as_deref() == Some(code) && self.message.contains(text)
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        if self.is_denied() {
            return Some(format!("allow `{}` to the deploying identity", self.action));
        }
        let code = self.code.as_deref();
        let hint = match code {
            Some("ExpiredToken" | "ExpiredTokenException" | "RequestExpired") => {
                "the credentials have expired: get new ones and run again; what is done stays done"
            }
            Some("InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch") => {
                "AWS doesn't know these credentials: check profile, access key and endpoint override"
            }
            Some("CodeStorageExceededException") => "delete unused function versions of this account",
            Some(code) if code.contains("Throttling") || code == "TooManyRequestsException" => {
                "AWS is throttling this account: run again in a minute"
            }
            None if self.message.contains("credentials") || self.message.contains("credential provider") => {
                "log in (`aws sso login`), choose a `--profile`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            }
            None => "check the network, the region and any endpoint override",
            Some(_) => return None,
        };
        Some(hint.to_owned())
    }
}

/// Turns the SDK's result into ours, with the action's name.
pub trait Explain<T> {
    /// The same, with an error that says what was asked and what AWS answered.
    ///
    /// # Errors
    /// The SDK's error, worded.
    fn explain(self, action: &'static str) -> Result<T, Error>;
}

impl<T, E, R> Explain<T> for Result<T, SdkError<E, R>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: fmt::Debug,
{
    fn explain(self, action: &'static str) -> Result<T, Error> {
        self.map_err(|error| {
            let meta = error.meta();
            Error {
                action,
                code: meta.code().map(str::to_owned),
                message: match meta.message() {
                    // Lambda's text for too large an environment ends with the environment itself.
                    Some(message) => message.split(" String measured:").next().unwrap_or_default().to_owned(),
                    None if meta.code().is_some() => "(no message)".to_owned(),
                    None => reason(&error),
                },
                request_id: meta.extra("aws_request_id").map(str::to_owned),
            }
        })
    }
}

/// Why there is no answer: the chain of causes without the SDK's filler.
fn reason(error: &dyn std::error::Error) -> String {
    const FILLER: [&str; 5] = [
        "dispatch failure",
        "io error",
        "other",
        "service error",
        "an error occurred while loading credentials",
    ];
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !FILLER.contains(&text.as_str()) && !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    parts.join(": ")
}

/// `None` where the service answered with the code that means "not there".
///
/// # Errors
/// Every other error.
pub fn found<T>(result: Result<T, Error>, absent: &str) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code.as_deref() == Some(absent) => Ok(None),
        Err(error) => Err(error),
    }
}
