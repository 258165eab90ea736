//! Why a run failed, under a stable name, and what to do about it.

use jiff::civil::Date;

use crate::auth::AuthError;
use crate::digest::WindowError;
use crate::event::EventError;
use crate::http::{HttpError, UrlError};
use crate::reference::ReferenceError;
use crate::search::SearchError;
use crate::settings::SettingsError;
use crate::webhook::WebhookError;

/// Why a run failed. The outer text says what was being done.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The environment holds no usable settings.
    #[error("the settings cannot be used")]
    Settings(#[source] SettingsError),
    /// The event asks for something that does not exist.
    #[error("the event cannot be used")]
    Event(#[source] EventError),
    /// The day has no window.
    #[error("the day cannot be counted")]
    Window(#[source] WindowError),
    /// The HTTPS client did not start.
    #[error("no request can be made")]
    Http(#[source] HttpError),
    /// A setting stands elsewhere and cannot be read there.
    #[error("{name} cannot be read from where it stands")]
    Reference {
        /// The environment variable.
        name: &'static str,
        /// Why.
        source: ReferenceError,
    },
    /// The private authority's certificates are none.
    #[error("ES_CA cannot be used")]
    Authority(#[source] HttpError),
    /// The cluster's address is not one.
    #[error("ES_ENDPOINT cannot be used")]
    Endpoint(#[source] UrlError),
    /// The cluster cannot be authenticated to as the settings ask.
    #[error("ES_AUTH cannot be followed")]
    Auth(#[source] AuthError),
    /// There are no counts.
    #[error("the logs of {day} cannot be counted")]
    Search {
        /// The day.
        day: Date,
        /// Why.
        source: SearchError,
    },
    /// There is a message, but not in Slack.
    #[error("the digest of {day} cannot be posted")]
    Webhook {
        /// The day.
        day: Date,
        /// Why.
        source: WebhookError,
    },
}

impl RunError {
    /// A stable name for alarms and filters: Lambda's `errorType`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Settings(_) => "SettingsError",
            Self::Event(_) => "EventError",
            Self::Window(_) => "WindowError",
            Self::Http(_) => "HttpError",
            Self::Reference { .. } => "ReferenceError",
            Self::Authority(_) => "AuthorityError",
            Self::Endpoint(_) => "EndpointError",
            Self::Auth(_) => "AuthError",
            Self::Search { .. } => "SearchError",
            Self::Webhook { .. } => "WebhookError",
        }
    }

    /// The way out, where there is a typical one.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Settings(_) | Self::Event(_) | Self::Window(_) | Self::Http(_) => None,
            Self::Reference { source, .. } => source.hint(),
            Self::Authority(_) => Some("it takes the certificate of the authority, or a reference to it"),
            Self::Endpoint(UrlError::UserInfo) => {
                Some("give user and password as ES_CREDENTIALS, with ES_AUTH=basic")
            }
            Self::Endpoint(_) => Some("it takes a host name or a URL, such as https://logs.example:9200"),
            Self::Auth(source) => source.hint(),
            Self::Search { source, .. } => source.hint(),
            Self::Webhook { source, .. } => source.hint(),
        }
    }
}
