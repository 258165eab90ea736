//! Where region and credentials come from.

use std::time::Duration;

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::imds;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::{NoRegion, Options};

/// The region and the credentials, from AWS's usual places in their usual order. Outside of EC2 nobody answers at
/// the address of the instance metadata, so that place gets a moment and one try instead of seconds.
pub(super) async fn region_and_credentials(
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
