//! The one search request: sent, retried, its answer checked.

mod answer;
mod error;
mod request;

use std::time::{Duration, SystemTime};

use reqwest::{Request, Url};
use tokio::time::Instant;

pub use self::error::SearchError;
pub use self::request::Query;
use crate::auth::Authentication;
use crate::digest::{Tally, Window};
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
    /// Milliseconds that the cluster says it took.
    pub took: u64,
}

impl Cluster {
    /// Counts a window's log lines in one request. Counts that are not certainly whole are an error, never a
    /// smaller number.
    pub async fn count(
        &self,
        http: &Http,
        query: &Query<'_>,
        window: &Window,
        deadline: Instant,
    ) -> Result<Found, SearchError> {
        let mut retry = Retry::new(FURTHER_ATTEMPTS, deadline);
        loop {
            let patience = PATIENCE.min(retry.remaining());
            let request = self.request(query, window, patience)?;
            let (error, transient, retry_after) = match http.exchange(request, patience).await {
                Ok(answer) if answer.status.is_success() => {
                    return answer::read(&answer.body, query, window);
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
            if !(transient && retry.again(retry_after).await) {
                return Err(error);
            }
        }
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
