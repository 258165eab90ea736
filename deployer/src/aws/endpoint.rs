//! Other addresses than AWS's own: whose they are, and what they are.

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

/// The services that a deployment asks, by the ids that variables (`AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`) and the
/// `services` sections of profiles are made of. There the SDK for Rust reads `cloudwatch-logs`, not the underscore of
/// the other SDKs; asked through it, the plan shows what really happens.
const SERVICES: [&str; 6] = ["IAM", "Lambda", "EventBridge", "CloudWatch Logs", "STS", "EC2"];

/// The address that stands in for a service's own, as the SDK's clients choose it: an explicit one, the service's from
/// environment or profile, the one for all services from there.
pub(super) fn of(sdk: &SdkConfig, service: &str) -> Option<String> {
    let for_all = || sdk.endpoint_url().map(str::to_owned);
    if sdk.get_origin("endpoint_url").is_client_config() {
        return for_all();
    }
    let key = ServiceConfigKey::builder().service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url");
    let key = key.build().ok();
    let of_service = key.and_then(|key| sdk.service_config()?.load_config(key));
    of_service.or_else(for_all)
}

/// An emulator's address that was left in environment or profile makes a deploy go there: so each plan shows it.
pub(super) fn overrides(sdk: &SdkConfig) -> Option<String> {
    let urls = SERVICES.map(|service| of(sdk, service));
    match &urls[0] {
        Some(url) if urls.iter().all(|other| other.as_ref() == Some(url)) => Some(url.clone()),
        _ => {
            let told = SERVICES.iter().zip(urls).filter_map(|(name, url)| Some(format!("{name}: {}", url?)));
            let told = Vec::from_iter(told);
            (!told.is_empty()).then(|| told.join(", "))
        }
    }
}
