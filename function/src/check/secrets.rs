//! Whether the references of the settings can be read. Never shows what stands there.

use tokio::time::Instant;

use super::chain::{After, Failure};
use super::{Finding, State, What};
use crate::environment::Environment;
use crate::http::Http;
use crate::reference::resolve;
use crate::secret::Secret;
use crate::settings::Reference;

/// What reads them.
#[derive(Clone, Copy)]
pub(super) struct Secrets<'a> {
    pub http: &'a Http,
    pub environment: &'a Environment,
    pub deadline: Instant,
}

/// A value that may stand elsewhere.
pub(super) struct Read {
    /// None for a value that stands in the settings themselves.
    pub finding: Option<Finding>,
    /// The value, or what stands in its way; none for a setting that isn't set.
    pub value: Result<Option<Secret>, After>,
}

impl Secrets<'_> {
    pub async fn read(&self, what: What, reference: Option<&Reference>) -> Read {
        let Some(reference) = reference else { return Read { finding: None, value: Ok(None) } };
        let place = match reference {
            Reference::Plain(value) => return Read { finding: None, value: Ok(Some(value.clone())) },
            Reference::Ssm(name) => format!("ssm:{name}"),
            Reference::SecretsManager(id) => format!("secretsmanager:{id}"),
            Reference::Kms(_) => "kms:…".to_owned(),
        };
        let begun = Instant::now();
        let read = resolve(reference, self.http, self.environment, self.deadline).await;
        let (state, value) = match read {
            Ok(value) => (State::Ok { detail: format!("{place} can be read") }, Ok(Some(value))),
            Err(error) => {
                let failure = Failure::from(&error);
                let error = format!("{place}: {}", failure.error);
                (Failure { error, ..failure }.into(), Err(After(what)))
            }
        };
        let ms = Some(begun.elapsed().as_millis() as u64);
        Read { finding: Some(Finding { what, state, ms }), value }
    }
}
