//! The function's settings and the environment variables that carry them: the only place that knows both.
//!
//! The first eight names are the original module's, so the function also runs as a drop-in under it. Nothing
//! here reads the process's environment or resolves a reference.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::tz::TimeZone;

use crate::secret::Secret;

/// The original's name for the field that is searched.
pub const DEFAULT_FIELD: &str = "message";
/// The name that log shippers give a document's time.
pub const DEFAULT_TIME_FIELD: &str = "@timestamp";

/// Where a setting's value is found when the function starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The value itself.
    Plain(Secret),
    /// `ssm:NAME`: a parameter of SSM Parameter Store, decrypted (name or ARN).
    Ssm(String),
    /// `secretsmanager:ID`: the current string of a Secrets Manager secret (name or ARN).
    SecretsManager(String),
    /// `kms:CIPHERTEXT`: base64 of a KMS ciphertext, encrypted under the encryption context
    /// `LambdaFunctionName` = the function's name.
    Kms(String),
}

impl Reference {
    /// The variable that [`Reference::from_str`] reads back. A plain value is sensitive, a reference is not.
    pub fn to_variable(&self) -> Variable {
        match self {
            Self::Plain(value) => Variable::Sensitive(value.clone()),
            Self::Ssm(name) => Variable::Plain(format!("ssm:{name}")),
            Self::SecretsManager(id) => Variable::Plain(format!("secretsmanager:{id}")),
            Self::Kms(ciphertext) => Variable::Plain(format!("kms:{ciphertext}")),
        }
    }
}

impl FromStr for Reference {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let text = text.trim();
        let (kind, rest) = text.split_once(':').unwrap_or(("", text));
        let name = rest.trim();
        let reference = match kind {
            "ssm" => Self::Ssm(name.to_owned()),
            "secretsmanager" => Self::SecretsManager(name.to_owned()),
            "kms" if BASE64_STANDARD.decode(name).is_err() => return Err(ValueError::NotBase64),
            "kms" => Self::Kms(name.to_owned()),
            _ => return Ok(Self::Plain(Secret::new(text))),
        };
        if name.is_empty() { Err(ValueError::EmptyReference) } else { Ok(reference) }
    }
}

/// An enum whose values have one spelling in the environment, in `tanets.toml` and in error texts.
macro_rules! spelled {
    ($name:ident { $($variant:ident => $text:literal),+ $(,)? }) => {
        impl $name {
            /// Every value, in the order in which error texts list them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The value as the environment spells it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = ValueError;

            fn from_str(text: &str) -> Result<Self, ValueError> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| ValueError::Unknown {
                    value: text.to_owned(),
                    allowed: Self::ALL.iter().map(|value| value.as_str()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    };
}

/// How requests to the cluster are authenticated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// With credentials, basic; else SigV4 for `*.es.amazonaws.com` and `*.aoss.amazonaws.com`; else none.
    #[default]
    Auto,
    /// AWS Signature Version 4 with the execution role's credentials.
    SigV4,
    /// `user:password` from the credentials.
    Basic,
    /// An API key from the credentials: `id:key`, or its base64 form as Kibana shows it.
    ApiKey,
    /// No authentication.
    None,
}

spelled!(Auth { Auto => "auto", SigV4 => "sigv4", Basic => "basic", ApiKey => "api-key", None => "none" });

/// The unit of time of the average.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Per hour.
    #[default]
    Hour,
    /// Per minute.
    Minute,
    /// Per second.
    Second,
}

spelled!(Unit { Hour => "h", Minute => "m", Second => "s" });

/// The language of the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Japanese, the original's.
    #[default]
    Japanese,
    /// English.
    English,
}

spelled!(Language { Japanese => "ja", English => "en" });

/// All that the function can be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `SLACK_WEBHOOK_URL`
    pub webhook: Reference,
    /// `SLACK_CHANNEL`: honoured by legacy webhooks only.
    pub channel: Option<String>,
    /// `USER_NAME`: honoured by legacy webhooks only.
    pub username: Option<String>,
    /// `KIBANA_URL`
    pub kibana: Option<String>,
    /// `ES_ENDPOINT`: with or without `https://`.
    pub endpoint: Reference,
    /// `ES_INDEXES`, comma separated: names or patterns, at least one.
    pub indexes: Vec<String>,
    /// `ERROR_LEVEL`, comma separated: at least one.
    pub levels: Vec<String>,
    /// `UNIT_OF_TIME`: `h`, `m` or `s`.
    pub unit: Unit,
    /// `ES_FIELD`: the field that holds a level's name, as a phrase; `message` by default.
    pub field: String,
    /// `ES_TIME_FIELD`: the field that holds a document's time; `@timestamp` by default.
    pub time_field: String,
    /// `ES_AUTH`: `auto`, `sigv4`, `basic`, `api-key` or `none`.
    pub auth: Auth,
    /// `ES_CREDENTIALS`: for `basic` and `api-key`.
    pub credentials: Option<Reference>,
    /// `DIGEST_TIMEZONE`: an IANA name; UTC by default. A zone without an IANA name has no spelling in the
    /// environment: take zones from [`parse_timezone`].
    pub timezone: TimeZone,
    /// `DIGEST_LANGUAGE`: `ja` or `en`.
    pub language: Language,
}

/// The value of an environment variable, with what may be shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// May be shown.
    Plain(String),
    /// May not.
    Sensitive(Secret),
}

impl Variable {
    /// The value itself: only for the request that sets it.
    pub fn expose(&self) -> &str {
        match self {
            Self::Plain(value) => value,
            Self::Sensitive(secret) => secret.expose(),
        }
    }
}

/// Why a single value was refused. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Not one of the values that the setting knows.
    #[error("{value:?} is not one of: {allowed}")]
    Unknown {
        /// What was given.
        value: String,
        /// What may be given, comma separated.
        allowed: String,
    },
    /// A time zone that the built-in zone data does not know.
    #[error("{0:?} is not an IANA time zone, such as Asia/Tokyo or UTC")]
    UnknownTimezone(String),
    /// `kms:` is followed by something else than base64.
    #[error("the text after kms: is not base64 of a ciphertext")]
    NotBase64,
    /// Nothing follows the reference's prefix.
    #[error(
        "nothing follows the prefix; allowed: ssm:NAME, secretsmanager:ID, kms:BASE64, or the value itself"
    )]
    EmptyReference,
}

/// Why an environment is not a set of settings. Names the variable; never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A required variable is absent, empty, or a list of nothing.
    #[error("{name} is not set; it takes {takes}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What it takes.
        takes: &'static str,
    },
    /// A variable has a value that it cannot have.
    #[error("{name} cannot be used")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// Why.
        source: ValueError,
    },
}

/// Finds a time zone by its IANA name, in any case, in the zone data built into the program.
pub fn parse_timezone(name: &str) -> Result<TimeZone, ValueError> {
    TimeZone::get(name)
        .ok()
        .filter(|zone| zone.iana_name().is_some())
        .ok_or_else(|| ValueError::UnknownTimezone(name.to_owned()))
}

impl Settings {
    /// Reads the settings from variables; an empty one counts as absent. The second part of the answer are
    /// warnings for the log.
    ///
    /// # Errors
    /// The first variable that is missing or has a value it cannot have.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<(Self, Vec<String>), SettingsError> {
        let get =
            |name: &str| get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let mut warnings = Vec::new();
        // The article and the module's README misspell the name; the original's code does not.
        let indexes = match (get("ES_INDEXES"), get("ES_INDEXIS")) {
            (None, Some(misspelled)) => {
                warnings.push("ES_INDEXIS is a misspelling of ES_INDEXES; it is used as such".to_owned());
                Some(misspelled)
            }
            (Some(indexes), Some(_)) => {
                warnings.push("ES_INDEXIS is ignored, because ES_INDEXES is set".to_owned());
                Some(indexes)
            }
            (indexes, None) => indexes,
        };
        let auth = parsed(get, "ES_AUTH")?.unwrap_or_default();
        let credentials = parsed(get, "ES_CREDENTIALS")?;
        if credentials.is_none() {
            match auth {
                Auth::Basic => {
                    return Err(missing("ES_CREDENTIALS", "user:password, because ES_AUTH is basic"));
                }
                Auth::ApiKey => return Err(missing("ES_CREDENTIALS", "id:key, because ES_AUTH is api-key")),
                Auth::Auto | Auth::SigV4 | Auth::None => {}
            }
        }
        let timezone = match get("DIGEST_TIMEZONE") {
            Some(name) => parse_timezone(&name)
                .map_err(|source| SettingsError::Invalid { name: "DIGEST_TIMEZONE", source })?,
            None => TimeZone::UTC,
        };
        let settings = Self {
            webhook: parsed(get, "SLACK_WEBHOOK_URL")?
                .ok_or(missing("SLACK_WEBHOOK_URL", "an incoming webhook's URL, or a reference to it"))?,
            channel: get("SLACK_CHANNEL"),
            username: get("USER_NAME"),
            kibana: get("KIBANA_URL"),
            endpoint: parsed(get, "ES_ENDPOINT")?
                .ok_or(missing("ES_ENDPOINT", "the cluster's host name or URL, or a reference to it"))?,
            indexes: list(indexes)
                .ok_or(missing("ES_INDEXES", "index names or patterns, comma separated"))?,
            levels: list(get("ERROR_LEVEL")).ok_or(missing("ERROR_LEVEL", "levels, comma separated"))?,
            unit: parsed(get, "UNIT_OF_TIME")?.unwrap_or_default(),
            field: get("ES_FIELD").unwrap_or_else(|| DEFAULT_FIELD.to_owned()),
            time_field: get("ES_TIME_FIELD").unwrap_or_else(|| DEFAULT_TIME_FIELD.to_owned()),
            auth,
            credentials,
            timezone,
            language: parsed(get, "DIGEST_LANGUAGE")?.unwrap_or_default(),
        };
        Ok((settings, warnings))
    }

    /// The environment that gives these settings back through [`Settings::from_env`]. Settings at their
    /// default are left out. A plain webhook and plain credentials are sensitive; references and all else
    /// are not.
    pub fn to_env(&self) -> BTreeMap<&'static str, Variable> {
        self.variables().into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Every variable that can carry a setting; `None` where these settings leave it out.
    pub fn variables(&self) -> BTreeMap<&'static str, Option<Variable>> {
        // Exhaustive: a new setting does not compile until its variable is decided.
        let Self {
            webhook,
            channel,
            username,
            kibana,
            endpoint,
            indexes,
            levels,
            unit,
            field,
            time_field,
            auth,
            credentials,
            timezone,
            language,
        } = self;
        let plain = |value: &str| Some(Variable::Plain(value.to_owned()));
        let unless = |default: &str, value: &str| if value == default { None } else { plain(value) };
        let endpoint = match endpoint {
            Reference::Plain(url) => Variable::Plain(url.expose().to_owned()),
            reference => reference.to_variable(),
        };
        [
            ("SLACK_WEBHOOK_URL", Some(webhook.to_variable())),
            ("SLACK_CHANNEL", channel.as_deref().and_then(plain)),
            ("USER_NAME", username.as_deref().and_then(plain)),
            ("KIBANA_URL", kibana.as_deref().and_then(plain)),
            ("ES_ENDPOINT", Some(endpoint)),
            ("ES_INDEXES", plain(&indexes.join(","))),
            ("ES_INDEXIS", None),
            ("ERROR_LEVEL", plain(&levels.join(","))),
            ("UNIT_OF_TIME", unless(Unit::default().as_str(), unit.as_str())),
            ("ES_FIELD", unless(DEFAULT_FIELD, field)),
            ("ES_TIME_FIELD", unless(DEFAULT_TIME_FIELD, time_field)),
            ("ES_AUTH", unless(Auth::default().as_str(), auth.as_str())),
            ("ES_CREDENTIALS", credentials.as_ref().map(Reference::to_variable)),
            ("DIGEST_TIMEZONE", unless("UTC", timezone.iana_name().unwrap_or("UTC"))),
            ("DIGEST_LANGUAGE", unless(Language::default().as_str(), language.as_str())),
        ]
        .into()
    }
}

fn missing(name: &'static str, takes: &'static str) -> SettingsError {
    SettingsError::Missing { name, takes }
}

fn parsed<T: FromStr<Err = ValueError>>(
    get: impl Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Option<T>, SettingsError> {
    get(name).map(|value| value.parse()).transpose().map_err(|source| SettingsError::Invalid { name, source })
}

/// A comma separated list without blanks, empty parts and repetitions; none if nothing is left.
fn list(text: Option<String>) -> Option<Vec<String>> {
    let mut items: Vec<String> = Vec::new();
    for item in text.unwrap_or_default().split(',').map(str::trim) {
        if !item.is_empty() && !items.iter().any(|known| known == item) {
            items.push(item.to_owned());
        }
    }
    (!items.is_empty()).then_some(items)
}

#[cfg(test)]
mod tests;
