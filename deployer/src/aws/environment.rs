//! The surroundings in which the function's library runs here: the caller's keys and addresses instead of Lambda's.

use aws_sdk_sts::config::ProvideCredentials;
use tanets_function::environment::Environment;

use super::{Aws, Error, endpoint, error};

/// The services that hold referenced values: as requests are signed, and as AWS's tools call them.
const SERVICES: [(&str, &str); 3] = [("kms", "KMS"), ("secretsmanager", "Secrets Manager"), ("ssm", "SSM")];

impl Aws {
    /// What the function of this name would find in its environment, for whoever runs this.
    ///
    /// # Errors
    /// If there are no credentials.
    pub async fn environment(&self, function: &str) -> Result<Environment, Error> {
        let without = |message: String| Error { message, ..Error::without_answer("sts:GetCallerIdentity") };
        let provider = self.sdk.credentials_provider().ok_or_else(|| without("no credentials".to_owned()))?;
        let credentials =
            provider.provide_credentials().await.map_err(|error| without(error::reason(&error)))?;
        let endpoints = SERVICES.iter().filter_map(|(name, id)| Some((*name, endpoint::of(&self.sdk, id)?)));
        Ok(Environment {
            region: Some(self.region.clone()),
            credentials: Some(credentials),
            function_name: Some(function.to_owned()),
            endpoints: endpoints.collect(),
        })
    }
}
