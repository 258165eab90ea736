//! The function's settings and the environment variables that carry them: the only place that knows both.
//!
//! The first eight names are the original module's, so the function also runs as a drop-in under it. Nothing
//! here reads the process's environment or resolves a reference.

mod error;
mod values;

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::tz::TimeZone;

pub use self::error::{SettingsError, ValueError};
pub use self::values::{
    Auth, Chart, Dashboards, Language, Mention, Messages, Reference, Threshold, Unit, Variable, Zero,
    parse_timezone,
};

/// The original's name for the field that is searched.
pub const DEFAULT_FIELD: &str = "message";
/// The name that log shippers give a line's text.
pub const DEFAULT_MESSAGE_FIELD: &str = "message";
/// The name that log shippers give a document's time.
pub const DEFAULT_TIME_FIELD: &str = "@timestamp";

/// All that the function can be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `SLACK_WEBHOOK_URL`
    pub webhook: Reference,
    /// `SLACK_CHANNEL`: honoured by legacy webhooks only.
    pub channel: Option<String>,
    /// `USER_NAME`: honoured by legacy webhooks only.
    pub username: Option<String>,
    /// `KIBANA_URL`: an address, or a template of one.
    pub kibana: Option<String>,
    /// `DIGEST_DASHBOARDS`: `link`, `kibana-6` to `kibana-9` or `opensearch`.
    pub dashboards: Dashboards,
    /// `DIGEST_DATA_VIEW`: the id of the index pattern that links name.
    pub data_view: Option<String>,
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
    /// `ES_MESSAGE_FIELD`: the field whose text the message shows; `message` by default.
    pub message_field: String,
    /// `ES_TIME_FIELD`: the field that holds a document's time; `@timestamp` by default.
    pub time_field: String,
    /// `ES_AUTH`: `auto`, `sigv4`, `basic`, `api-key` or `none`.
    pub auth: Auth,
    /// `ES_CREDENTIALS`: for `basic` and `api-key`.
    pub credentials: Option<Reference>,
    /// `ES_CA`: certificates (PEM) of a private authority that the cluster's certificate comes from.
    pub ca: Option<Reference>,
    /// `DIGEST_TIMEZONE`: an IANA name; UTC by default. A zone without an IANA name has no spelling in the
    /// environment: take zones from [`parse_timezone`].
    pub timezone: TimeZone,
    /// `DIGEST_LANGUAGE`: `ja` or `en`.
    pub language: Language,
    /// `DIGEST_OPENING`: the first sentence in one's own words, in Slack's markup; knows `{day}`, `{levels}`, `{total}`.
    pub opening: Option<String>,
    /// `DIGEST_CHART`: `native`, `text` or `off`.
    pub chart: Chart,
    /// `DIGEST_MESSAGES`: `masked`, `plain` or `off`.
    pub messages: Messages,
    /// `DIGEST_ZERO`: `post`, `quiet` or `weekly`.
    pub zero: Zero,
    /// `DIGEST_WARN`, comma separated: counts that turn the message yellow.
    pub warn: Vec<Threshold>,
    /// `DIGEST_ALERT`, comma separated: counts that turn the message red and mention.
    pub alert: Vec<Threshold>,
    /// `DIGEST_MENTION`: `here`, `channel`, `everyone`, or an id.
    pub mention: Option<Mention>,
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
        let levels = list(get("ERROR_LEVEL")).ok_or(missing("ERROR_LEVEL", "levels, comma separated"))?;
        let dashboards: Dashboards = parsed(get, "DIGEST_DASHBOARDS")?.unwrap_or_default();
        let (kibana, data_view) = (get("KIBANA_URL"), get("DIGEST_DATA_VIEW"));
        if dashboards != Dashboards::Link && kibana.is_none() {
            return Err(missing("KIBANA_URL", "the dashboards' address, because DIGEST_DASHBOARDS is set"));
        }
        if dashboards.needs_data_view() && data_view.is_none() {
            return Err(missing(
                "DIGEST_DATA_VIEW",
                "an index pattern's id, because these dashboards need one",
            ));
        }
        let settings = Self {
            webhook: parsed(get, "SLACK_WEBHOOK_URL")?
                .ok_or(missing("SLACK_WEBHOOK_URL", "an incoming webhook's URL, or a reference to it"))?,
            channel: get("SLACK_CHANNEL"),
            username: get("USER_NAME"),
            kibana,
            dashboards,
            data_view,
            endpoint: parsed(get, "ES_ENDPOINT")?
                .ok_or(missing("ES_ENDPOINT", "the cluster's host name or URL, or a reference to it"))?,
            indexes: list(indexes)
                .ok_or(missing("ES_INDEXES", "index names or patterns, comma separated"))?,
            unit: parsed(get, "UNIT_OF_TIME")?.unwrap_or_default(),
            field: get("ES_FIELD").unwrap_or_else(|| DEFAULT_FIELD.to_owned()),
            message_field: get("ES_MESSAGE_FIELD").unwrap_or_else(|| DEFAULT_MESSAGE_FIELD.to_owned()),
            time_field: get("ES_TIME_FIELD").unwrap_or_else(|| DEFAULT_TIME_FIELD.to_owned()),
            auth,
            credentials,
            ca: parsed(get, "ES_CA")?,
            timezone,
            language: parsed(get, "DIGEST_LANGUAGE")?.unwrap_or_default(),
            opening: get("DIGEST_OPENING"),
            chart: parsed(get, "DIGEST_CHART")?.unwrap_or_default(),
            messages: parsed(get, "DIGEST_MESSAGES")?.unwrap_or_default(),
            zero: parsed(get, "DIGEST_ZERO")?.unwrap_or_default(),
            warn: thresholds(get, "DIGEST_WARN", &levels)?,
            alert: thresholds(get, "DIGEST_ALERT", &levels)?,
            mention: parsed(get, "DIGEST_MENTION")?,
            levels,
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
            dashboards,
            data_view,
            endpoint,
            indexes,
            levels,
            unit,
            field,
            message_field,
            time_field,
            auth,
            credentials,
            ca,
            timezone,
            language,
            opening,
            chart,
            messages,
            zero,
            warn,
            alert,
            mention,
        } = self;
        let plain = |value: &str| Some(Variable::Plain(value.to_owned()));
        let unless = |default: &str, value: &str| if value == default { None } else { plain(value) };
        let open = |reference: &Reference| match reference {
            Reference::Plain(value) => Variable::Plain(value.expose().to_owned()),
            reference => reference.to_variable(),
        };
        let thresholds = |thresholds: &[Threshold]| {
            let texts: Vec<String> = thresholds.iter().map(Threshold::to_string).collect();
            unless("", &texts.join(","))
        };
        [
            ("SLACK_WEBHOOK_URL", Some(webhook.to_variable())),
            ("SLACK_CHANNEL", channel.as_deref().and_then(plain)),
            ("USER_NAME", username.as_deref().and_then(plain)),
            ("KIBANA_URL", kibana.as_deref().and_then(plain)),
            ("ES_ENDPOINT", Some(open(endpoint))),
            ("ES_INDEXES", plain(&indexes.join(","))),
            ("ES_INDEXIS", None),
            ("ERROR_LEVEL", plain(&levels.join(","))),
            ("UNIT_OF_TIME", unless(Unit::default().as_str(), unit.as_str())),
            ("ES_FIELD", unless(DEFAULT_FIELD, field)),
            ("ES_MESSAGE_FIELD", unless(DEFAULT_MESSAGE_FIELD, message_field)),
            ("ES_TIME_FIELD", unless(DEFAULT_TIME_FIELD, time_field)),
            ("ES_AUTH", unless(Auth::default().as_str(), auth.as_str())),
            ("ES_CREDENTIALS", credentials.as_ref().map(Reference::to_variable)),
            ("ES_CA", ca.as_ref().map(open)),
            ("DIGEST_TIMEZONE", unless("UTC", timezone.iana_name().unwrap_or("UTC"))),
            ("DIGEST_LANGUAGE", unless(Language::default().as_str(), language.as_str())),
            ("DIGEST_DASHBOARDS", unless(Dashboards::default().as_str(), dashboards.as_str())),
            ("DIGEST_DATA_VIEW", data_view.as_deref().and_then(plain)),
            ("DIGEST_OPENING", opening.as_deref().and_then(plain)),
            ("DIGEST_CHART", unless(Chart::default().as_str(), chart.as_str())),
            ("DIGEST_MESSAGES", unless(Messages::default().as_str(), messages.as_str())),
            ("DIGEST_ZERO", unless(Zero::default().as_str(), zero.as_str())),
            ("DIGEST_WARN", thresholds(warn)),
            ("DIGEST_ALERT", thresholds(alert)),
            ("DIGEST_MENTION", mention.as_ref().map(|mention| Variable::Plain(mention.to_string()))),
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

/// A list of thresholds, of levels that are counted.
fn thresholds(
    get: impl Fn(&str) -> Option<String>,
    name: &'static str,
    levels: &[String],
) -> Result<Vec<Threshold>, SettingsError> {
    let threshold = |text: &String| {
        let threshold: Threshold = text.parse()?;
        match &threshold.level {
            Some(level) if !levels.contains(level) => Err(ValueError::UnknownLevel(level.clone())),
            _ => Ok(threshold),
        }
    };
    let texts = list(get(name)).unwrap_or_default();
    let read: Result<_, _> = texts.iter().map(threshold).collect();
    read.map_err(|source| SettingsError::Invalid { name, source })
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
