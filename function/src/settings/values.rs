//! What single settings may be, and how each is spelled in the environment.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::tz::TimeZone;

use super::error::ValueError;
use crate::secret::Secret;

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

/// Which dashboards `KIBANA_URL` leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dashboards {
    /// Whatever it is: the address is used as it stands, or as a template.
    #[default]
    Link,
    /// Kibana 6.
    Kibana6,
    /// Kibana 7.
    Kibana7,
    /// Kibana 8: without a data view, a temporary one.
    Kibana8,
    /// Kibana 9: without a data view, a temporary one.
    Kibana9,
    /// OpenSearch Dashboards 2.9 and later.
    OpenSearch,
}

spelled!(Dashboards {
    Link => "link",
    Kibana6 => "kibana-6",
    Kibana7 => "kibana-7",
    Kibana8 => "kibana-8",
    Kibana9 => "kibana-9",
    OpenSearch => "opensearch",
});

impl Dashboards {
    /// True where a link names an index pattern (data view) by its id, and there is no way around it.
    pub const fn needs_data_view(self) -> bool {
        matches!(self, Self::Kibana6 | Self::Kibana7 | Self::OpenSearch)
    }
}

/// How the message pictures numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chart {
    /// Slack's own charts and tables; where Slack refuses them, text.
    #[default]
    Native,
    /// Pictures made of characters.
    Text,
    /// None.
    Off,
}

spelled!(Chart { Native => "native", Text => "text", Off => "off" });

/// What the message shows of the log lines themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Messages {
    /// The most frequent ones without numbers, addresses, ids, times and quoted text.
    #[default]
    Masked,
    /// The most frequent ones as they are: whoever reads the channel reads them too.
    Plain,
    /// Nothing: no log text leaves the cluster.
    Off,
}

spelled!(Messages { Masked => "masked", Plain => "plain", Off => "off" });

/// What happens when there was nothing to count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zero {
    /// The digest is posted all the same.
    #[default]
    Post,
    /// Nothing is posted.
    Quiet,
    /// Nothing is posted, except a line after a week (to Sunday) without anything.
    Weekly,
}

spelled!(Zero { Post => "post", Quiet => "quiet", Weekly => "weekly" });

/// So many log lines a day are worth a colour: `COUNT` of all, or `LEVEL=COUNT` of one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// The level; none for the total.
    pub level: Option<String>,
    /// From this count on, at least 1.
    pub count: u64,
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.level {
            Some(level) => write!(f, "{level}={}", self.count),
            None => write!(f, "{}", self.count),
        }
    }
}

impl FromStr for Threshold {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        // A level may hold a `=` itself; a count holds none.
        let (level, count) = match text.rsplit_once('=') {
            Some((level, count)) => (Some(level.trim()), count.trim()),
            None => (None, text.trim()),
        };
        match count.parse() {
            Ok(count) if count > 0 && level != Some("") => {
                Ok(Self { level: level.map(str::to_owned), count })
            }
            _ => Err(ValueError::NotAThreshold(text.to_owned())),
        }
    }
}

/// Who is called when an alert threshold is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mention {
    /// `here`, `channel` or `everyone`.
    Everybody(&'static str),
    /// A user group's id, such as `S0614TZR7`.
    Group(String),
    /// A member's id, such as `U012AB3CD`.
    Member(String),
}

impl Mention {
    /// As Slack's markup has it.
    pub fn markup(&self) -> String {
        match self {
            Self::Everybody(word) => format!("<!{word}>"),
            Self::Group(id) => format!("<!subteam^{id}>"),
            Self::Member(id) => format!("<@{id}>"),
        }
    }
}

impl fmt::Display for Mention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody(word) => f.write_str(word),
            Self::Group(id) | Self::Member(id) => f.write_str(id),
        }
    }
}

impl FromStr for Mention {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let text = text.trim();
        if let Some(word) = ["here", "channel", "everyone"].into_iter().find(|word| *word == text) {
            return Ok(Self::Everybody(word));
        }
        let is_id = text.len() >= 6 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        match text.bytes().next() {
            Some(b'S') if is_id => Ok(Self::Group(text.to_owned())),
            Some(b'U' | b'W') if is_id => Ok(Self::Member(text.to_owned())),
            _ => Err(ValueError::NotAMention(text.to_owned())),
        }
    }
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

/// Finds a time zone by its IANA name, in any case, in the zone data built into the program.
pub fn parse_timezone(name: &str) -> Result<TimeZone, ValueError> {
    TimeZone::get(name)
        .ok()
        .filter(|zone| zone.iana_name().is_some())
        .ok_or_else(|| ValueError::UnknownTimezone(name.to_owned()))
}
