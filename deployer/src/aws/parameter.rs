//! Parameter Store: one parameter, read and written. Values are secrets and never told.

use jiff::Timestamp;
use serde_json::{Value, json};
use tanets_function::secret::Secret;

use super::signed::{SSM, ask};
use super::{Aws, Error, found};

/// A parameter.
#[derive(Debug)]
pub struct Parameter {
    /// `SecureString`, `String` or `StringList`.
    pub kind: String,
    /// From 1.
    pub version: u64,
    /// When it was last written.
    pub modified: Option<Timestamp>,
    /// What it holds, where that was asked for.
    pub value: Option<Secret>,
}

impl Aws {
    /// A parameter, with its value only if that is asked for; `None` if there is none of this name.
    ///
    /// # Errors
    /// If it can't be read.
    pub async fn parameter(&self, name: &str, with_value: bool) -> Result<Option<Parameter>, Error> {
        let input = json!({ "Name": name, "WithDecryption": with_value });
        let answer = found(ask(self, &SSM, "ssm:GetParameter", &input).await, "ParameterNotFound")?;
        Ok(answer.map(|answer| {
            let parameter = &answer["Parameter"];
            let text = |key: &str| parameter[key].as_str().unwrap_or_default();
            Parameter {
                kind: text("Type").to_owned(),
                version: parameter["Version"].as_u64().unwrap_or_default(),
                modified: parameter["LastModifiedDate"].as_f64().and_then(instant),
                value: with_value.then(|| Secret::new(text("Value"))),
            }
        }))
    }

    /// The KMS key that encrypts a parameter, as whoever wrote it named it: an alias, an id or an ARN. None where AWS names
    /// none.
    ///
    /// # Errors
    /// If it can't be read.
    pub async fn parameter_key(&self, name: &str) -> Result<Option<String>, Error> {
        let filter = json!({ "Key": "Name", "Option": "Equals", "Values": [name] });
        let input = json!({ "ParameterFilters": [filter] });
        let answer = ask(self, &SSM, "ssm:DescribeParameters", &input).await?;
        Ok(answer.pointer("/Parameters/0/KeyId").and_then(Value::as_str).map(str::to_owned))
    }

    /// Writes a SecureString and gives its version. Without a key, AWS's own of the account encrypts it.
    ///
    /// # Errors
    /// If it can't be written: one that is there and isn't to be replaced, among others.
    pub async fn put_parameter(
        &self,
        name: &str,
        value: &Secret,
        key: Option<&str>,
        replace: bool,
    ) -> Result<u64, Error> {
        let mut input = json!({
            "Name": name, "Value": value.expose(), "Type": "SecureString", "Overwrite": replace,
        });
        if let Some(key) = key {
            input["KeyId"] = json!(key);
        }
        let answer = ask(self, &SSM, "ssm:PutParameter", &input).await?;
        Ok(answer["Version"].as_u64().unwrap_or_default())
    }
}

fn instant(seconds: f64) -> Option<Timestamp> {
    Timestamp::from_second(seconds as i64).ok()
}
