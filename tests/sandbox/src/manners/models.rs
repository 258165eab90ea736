//! AWS's own service models, from botocore: which operation a request is, and what its input must be.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::error::{Context, PeerError};
use crate::paths::workspace_root;
use crate::progress::to_stderr;
use crate::python::{Environment, MOTO, output};

/// The services that tanets calls; Parameter Store's also manages fleets of machines, in patterns that take seconds to compile.
const SERVICES: [&str; 7] = [
    "events",
    "iam",
    "lambda",
    "logs",
    "resourcegroupstaggingapi",
    "ssm:DescribeParameters,GetParameter,PutParameter",
    "sts",
];

/// A model a service, by the name that signatures have.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Models(BTreeMap<String, Model>);

/// A service.
#[derive(Debug, Deserialize)]
pub(super) struct Model {
    pub(super) metadata: Metadata,
    pub(super) operations: BTreeMap<String, Operation>,
    pub(super) shapes: BTreeMap<String, Shape>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) protocol: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Operation {
    pub(super) http: Http,
    /// The shape of its input.
    pub(super) input: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Http {
    pub(super) method: String,
    pub(super) request_uri: String,
}

/// A shape, with the traits that say what a value may be.
#[derive(Debug, Deserialize)]
pub(super) struct Shape {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) required: Vec<String>,
    #[serde(default)]
    pub(super) members: BTreeMap<String, Member>,
    /// The member that is the whole body, where one is.
    pub(super) payload: Option<String>,
    /// A list's elements.
    pub(super) member: Option<Member>,
    pub(super) key: Option<Member>,
    pub(super) value: Option<Member>,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    pub(super) pattern: Option<String>,
    #[serde(rename = "enum", default)]
    pub(super) variants: Vec<String>,
}

/// A part of a structure, list or map.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Member {
    pub(super) shape: String,
    pub(super) location: Option<String>,
    pub(super) location_name: Option<String>,
}

impl Models {
    /// Those of botocore, read once a process.
    ///
    /// # Errors
    /// If Python or botocore are missing: the same error for all.
    pub(super) fn shared() -> Result<&'static Self, PeerError> {
        static SHARED: OnceLock<Result<Models, PeerError>> = OnceLock::new();
        SHARED.get_or_init(Self::load).as_ref().map_err(Clone::clone)
    }

    fn load() -> Result<Self, PeerError> {
        let environment = Environment::of(MOTO, &to_stderr)?;
        let script = workspace_root().join("tests/sandbox/python/models.py");
        let json = output(Command::new(environment.python()).arg("-B").arg(script).args(SERVICES))?;
        serde_json::from_str(&json).when(|| "reading AWS's service models".into())
    }

    /// Every pattern of every shape.
    #[cfg(test)]
    pub(super) fn patterns(&self) -> impl Iterator<Item = &str> {
        self.0.values().flat_map(|model| model.shapes.values()).filter_map(|shape| shape.pattern.as_deref())
    }

    pub(super) fn service(&self, name: &str) -> Option<&Model> {
        self.0.get(name)
    }
}

impl Model {
    /// The operation that a method and a path are, with the path's labels (still percent-encoded). The template with
    /// the most fixed text wins.
    pub(super) fn route(&self, method: &str, path: &str) -> Option<(&str, Vec<(&str, String)>)> {
        let routes = self.operations.iter().filter_map(|(name, operation)| {
            // A template with a query is only for operations that tanets does not use.
            let template = &operation.http.request_uri;
            let labels = (operation.http.method == method).then(|| labels(template, path)).flatten()?;
            Some((name.as_str(), labels))
        });
        routes.min_by_key(|(_, labels)| labels.len())
    }
}

/// The values of a template's labels in a path that fits it.
fn labels<'t>(template: &'t str, path: &str) -> Option<Vec<(&'t str, String)>> {
    let (wanted, given) = (template.trim_end_matches('/').split('/'), path.trim_end_matches('/').split('/'));
    let (wanted, given) = (Vec::from_iter(wanted), Vec::from_iter(given));
    if wanted.len() != given.len() {
        return None;
    }
    let mut labels = Vec::new();
    for (wanted, given) in wanted.into_iter().zip(given) {
        match wanted.strip_prefix('{').and_then(|label| label.strip_suffix('}')) {
            Some(label) => labels.push((label, given.to_owned())),
            None if wanted == given => {}
            None => return None,
        }
    }
    Some(labels)
}
