//! A request as AWS understands it: service, operation, input; read from the wire by the service's protocol.

use axum::body::Bytes;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::models::{Model, Models, Shape};

/// How a service's requests are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// A form with an `Action`; answers in XML.
    Query,
    /// JSON with a target.
    Json,
    /// Method and path.
    RestJson,
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) service: String,
    pub(super) operation: String,
    pub(super) protocol: Protocol,
    /// The members of the operation's input shape, by their names in the model.
    pub(super) input: Value,
}

impl Call {
    /// Reads a request. What no model knows goes by the `Action` of its form (EC2), or by its method
    /// and path, with its body as input.
    pub(super) fn read(models: &Models, parts: &Parts, body: &Bytes) -> Self {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let target = header("x-amz-target").and_then(|target| target.rsplit('.').next());
        let form = || {
            let query = parts.uri.query().filter(|query| query.contains("Action="));
            pairs(query.unwrap_or(std::str::from_utf8(body).unwrap_or_default()))
        };
        let service = header("authorization").and_then(signed_for).unwrap_or_default().to_owned();
        let model = models.service(&service);
        let json = || serde_json::from_slice(body).unwrap_or(Value::Null);
        let (protocol, operation, input) = match model.map(|model| model.metadata.protocol.as_str()) {
            Some("query") => {
                let form = form();
                let operation = action(&form).unwrap_or_default();
                let input = model.map_or(Value::Null, |model| from_form(model, &operation, form));
                (Protocol::Query, operation, input)
            }
            Some("rest-json") => {
                let routed = model.and_then(|model| {
                    let (operation, labels) = model.route(parts.method.as_str(), parts.uri.path())?;
                    Some((operation.to_owned(), from_rest(model, operation, &labels, parts, json())))
                });
                let (operation, input) = routed.unwrap_or_else(|| (unknown(parts), json()));
                (Protocol::RestJson, operation, input)
            }
            _ => match (target, action(&form())) {
                (None, Some(action)) => {
                    let input = form().into_iter().map(|(key, value)| (key, Value::from(value)));
                    (Protocol::Query, action, input.collect())
                }
                (target, _) => (Protocol::Json, target.map_or_else(|| unknown(parts), str::to_owned), json()),
            },
        };
        Self { service, operation, protocol, input }
    }

    /// The text of a member of the input.
    pub(super) fn text(&self, member: &str) -> &str {
        self.input[member].as_str().unwrap_or_default()
    }

    /// Its name in IAM's policies.
    pub(super) fn action(&self) -> String {
        match (self.service.as_str(), self.operation.as_str()) {
            ("lambda", "Invoke") => "lambda:InvokeFunction".to_owned(),
            (service, operation) => format!("{service}:{operation}"),
        }
    }

    /// The input without the bytes of a package.
    pub(super) fn recorded(&self) -> Value {
        let mut input = self.input.clone();
        for place in ["/ZipFile", "/Code/ZipFile"] {
            if let Some(zip) = input.pointer_mut(place)
                && let Some(text) = zip.as_str()
            {
                *zip = format!("({} characters)", text.len()).into();
            }
        }
        input
    }
}

fn unknown(parts: &Parts) -> String {
    format!("{} {}", parts.method, parts.uri.path())
}

/// The service in the scope of a signature: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn signed_for(authorization: &str) -> Option<&str> {
    authorization.split_once("Credential=")?.1.split('/').nth(3)
}

fn action(form: &[(String, String)]) -> Option<String> {
    form.iter().find(|(key, _)| key == "Action").map(|(_, value)| value.clone())
}

/// The pairs of a form, decoded.
fn pairs(form: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = form.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(k, v)| (decode(k), decode(v)))
        .collect()
}

/// The input of a form: `Tags.member.1.Key=team` and the like, as the operation's shape says.
fn from_form(model: &Model, operation: &str, form: Vec<(String, String)>) -> Value {
    let mut tree = Value::Object(Map::new());
    for (key, value) in form.into_iter().filter(|(key, _)| key != "Action" && key != "Version") {
        let mut place = &mut tree;
        for part in key.split('.') {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            place = &mut place[part];
        }
        *place = value.into();
    }
    let shape = model.operations.get(operation).and_then(|operation| operation.input.as_deref());
    match shape.and_then(|name| model.shapes.get(name)) {
        Some(shape) => typed(model, shape, tree),
        None => tree,
    }
}

/// A form's tree of texts, with lists, numbers and booleans where the shape has them. What does not fit stays text.
fn typed(model: &Model, shape: &Shape, tree: Value) -> Value {
    let of = |name: &str, value: Value| match model.shapes.get(name) {
        Some(shape) => typed(model, shape, value),
        None => value,
    };
    match (shape.kind.as_str(), tree) {
        ("structure", Value::Object(members)) => {
            let members = members.into_iter().map(|(name, value)| {
                let value = match shape.members.get(&name) {
                    Some(member) => of(&member.shape, value),
                    None => value,
                };
                (name, value)
            });
            Value::Object(members.collect())
        }
        ("list", Value::Object(mut outer)) => {
            let Some(Value::Object(elements)) = outer.remove("member") else {
                return Value::Array(Vec::new());
            };
            let mut elements: Vec<_> = elements.into_iter().collect();
            elements.sort_by_key(|(index, _)| index.parse::<usize>().unwrap_or(usize::MAX));
            let element = shape.member.as_ref().map_or("", |member| member.shape.as_str());
            elements.into_iter().map(|(_, value)| of(element, value)).collect()
        }
        ("integer" | "long", Value::String(text)) => {
            text.parse::<i64>().map_or(Value::String(text), Value::from)
        }
        ("boolean", Value::String(text)) => text.parse::<bool>().map_or(Value::String(text), Value::from),
        (_, value) => value,
    }
}

/// The input of a REST request: labels of the path, parameters of the query, and the members of the body.
fn from_rest(model: &Model, operation: &str, labels: &[(&str, String)], parts: &Parts, body: Value) -> Value {
    let shape = model.operations.get(operation).and_then(|operation| operation.input.as_deref());
    let Some(shape) = shape.and_then(|name| model.shapes.get(name)) else { return body };
    let mut input = match (&shape.payload, body) {
        (Some(name), body) => Map::from_iter([(name.clone(), body.to_string().into())]),
        (None, Value::Object(members)) => members,
        _ => Map::new(),
    };
    let query = pairs(parts.uri.query().unwrap_or_default());
    for (name, member) in &shape.members {
        let wire = member.location_name.as_deref().unwrap_or(name);
        let value = match member.location.as_deref() {
            Some("uri") => {
                let label = labels.iter().find(|(label, _)| *label == wire).map(|(_, value)| value);
                label.map(|value| percent_decode_str(value).decode_utf8_lossy().into_owned())
            }
            Some("querystring") => query.iter().find(|(key, _)| key == wire).map(|(_, value)| value.clone()),
            Some("header") => parts.headers.get(wire).and_then(|v| v.to_str().ok()).map(str::to_owned),
            _ => continue,
        };
        if let Some(value) = value {
            let value = Value::String(value);
            let typed = model.shapes.get(&member.shape).map(|shape| typed(model, shape, value.clone()));
            input.insert(name.clone(), typed.unwrap_or(value));
        }
    }
    Value::Object(input)
}
