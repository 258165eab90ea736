//! The one search request: sent, retried, its answer checked.

mod answer;
mod error;
mod fields;
mod request;
mod sample;

use std::time::{Duration, SystemTime};

use reqwest::{Request, Url};
use tokio::time::Instant;

pub use self::error::{SearchError, unreached};
pub use self::fields::Fields;
pub use self::request::Query;
use crate::auth::Authentication;
use crate::digest::{Tally, Window};
use crate::error::chain;
use crate::fingerprint::Sample;
use crate::http::{Http, HttpError, post_json};
use crate::retry::Retry;

/// How long an answer may take. A search over some million matching lines takes well below a second.
const PATIENCE: Duration = Duration::from_secs(25);
/// How often an overloaded or unreachable cluster is asked again.
const FURTHER_ATTEMPTS: u32 = 3;

/// A search cluster: Elasticsearch 6.8 and later, OpenSearch 1.3 and later, Amazon's domains and collections.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The base URL; a path is kept.
    pub endpoint: Url,
    /// How requests prove who sends them.
    pub authentication: Authentication,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The counts.
    pub tally: Tally,
    /// Random lines of each level.
    pub samples: Vec<Sample>,
    /// Milliseconds that the cluster says it took.
    pub took: u64,
}

impl Cluster {
    /// Counts a window's log lines in one request. Counts that are not certainly whole are an error, never a
    /// smaller number. Only when log lines are too long to be sampled, a second request counts without them; and only two
    /// weeks without a single line lead to the question whether the fields exist at all.
    pub async fn count(
        &self,
        http: &Http,
        query: &Query<'_>,
        window: &Window,
        deadline: Instant,
    ) -> Result<Found, SearchError> {
        let mut retry = Retry::new(FURTHER_ATTEMPTS, deadline);
        let mut query = *query;
        loop {
            let patience = PATIENCE.min(retry.remaining());
            let request = self.request(&query, window, patience)?;
            let (error, transient, retry_after) = match http.exchange(request, patience).await {
                Ok(answer) if answer.status.is_success() => {
                    let found = answer::read(&answer.body, &query, window)?;
                    if found.tally.days.iter().all(|counts| counts.total == 0) {
                        self.check_fields(http, &query, retry.remaining()).await?;
                    }
                    return Ok(found);
                }
                Ok(answer) => {
                    let transient = answer.is_transient() && !error::will_happen_again(&answer.body);
                    (SearchError::refused(answer.status, &answer.body), transient, answer.retry_after)
                }
                Err(error) => {
                    let transient = matches!(error, HttpError::Connect(_));
                    (SearchError::Http(error), transient, None)
                }
            };
            // Lines may be longer than an answer may be, or an index set to give fewer of them. The counts matter.
            if query.message_field.is_some() && error.may_be_the_samples() {
                tracing::warn!(error = chain(&error), "counting again without samples of log lines");
                query.message_field = None;
                continue;
            }
            if !(transient && retry.again(retry_after).await) {
                return Err(error);
            }
        }
    }

    /// Two weeks without a single line: nothing happened, or nothing can be found.
    async fn check_fields(
        &self,
        http: &Http,
        query: &Query<'_>,
        remaining: Duration,
    ) -> Result<(), SearchError> {
        match self.fields(http, query, remaining).await? {
            Some(fields) => fields.check(query),
            None => Ok(()),
        }
    }

    /// What the cluster tells of the fields that are searched; none where it doesn't.
    ///
    /// # Errors
    /// If the request can't be authenticated.
    pub async fn fields(
        &self,
        http: &Http,
        query: &Query<'_>,
        limit: Duration,
    ) -> Result<Option<Fields>, SearchError> {
        let mut request = fields::request(query, &self.endpoint);
        self.authentication.apply(&mut request, SystemTime::now()).map_err(SearchError::Auth)?;
        Ok(match http.exchange(request, PATIENCE.min(limit)).await {
            Ok(answer) if answer.status.is_success() => Fields::read(&answer.body),
            _ => None,
        })
    }

    fn request(
        &self,
        query: &Query<'_>,
        window: &Window,
        patience: Duration,
    ) -> Result<Request, SearchError> {
        // The cluster gives up before we do, and Lambda after both, so that whoever ends it says why.
        let body = query.body(window, patience * 4 / 5);
        let mut request = post_json(query.url(&self.endpoint), "application/json", body.to_string());
        self.authentication.apply(&mut request, SystemTime::now()).map_err(SearchError::Auth)?;
        Ok(request)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_tests;
