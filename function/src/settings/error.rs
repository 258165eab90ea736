//! Why settings cannot be used. Names the variable, never quotes a secret.

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
    /// Neither a count nor a level with one.
    #[error("{0:?} is not a threshold; it takes a count such as 2000, or a level's such as Fatal=1")]
    NotAThreshold(String),
    /// A threshold of a level that is not counted.
    #[error("{0:?} is not one of the levels that are counted")]
    UnknownLevel(String),
    /// Nobody who can be mentioned.
    #[error(
        "{0:?} is nobody; it takes here, channel, everyone, or the id of a user group (S…) or member (U…)"
    )]
    NotAMention(String),
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
