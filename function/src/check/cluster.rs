//! Whether the cluster can be searched: its references, its host, and the very search of the digest, for today.

use jiff::Timestamp;
use tokio::time::Instant;

use super::chain::{After, Chain, Failure};
use super::reach::reach;
use super::secrets::{Read, Secrets};
use super::{Finding, Kind, STAGE, What, some_of};
use crate::auth::Authentication;
use crate::digest::Window;
use crate::http::{Http, parse_url};
use crate::run::RunError;
use crate::search::{Cluster, Fields, Found, Query, SearchError, unreached};
use crate::secret::Secret;
use crate::settings::Settings;

/// The cluster's stages, in their order.
const STAGES: [What; 8] = [
    What::ClusterName,
    What::ClusterTcp,
    What::ClusterTls,
    What::ClusterHttp,
    What::ClusterAuthentication,
    What::ClusterIndexes,
    What::ClusterFields,
    What::ClusterCount,
];

/// What the references of the cluster's settings stand for.
struct Values {
    endpoint: Result<Option<Secret>, After>,
    credentials: Result<Option<Secret>, After>,
    /// The client that trusts the cluster's authority.
    http: Result<Http, After>,
}

/// The references, then the stages of the cluster.
pub(super) async fn check(
    settings: &Settings,
    secrets: &Secrets<'_>,
    now: Timestamp,
    deadline: Instant,
) -> Vec<Finding> {
    let (endpoint, credentials, ca) = tokio::join!(
        secrets.read(What::SecretEndpoint, Some(&settings.endpoint)),
        secrets.read(What::SecretCredentials, settings.credentials.as_ref()),
        secrets.read(What::SecretCa, settings.ca.as_ref())
    );
    let (ca, http) = client(secrets, ca);
    let findings = [endpoint.finding, credentials.finding, ca].into_iter().flatten().collect();
    let mut chain = Chain::new(findings, STAGES);
    let values = Values { endpoint: endpoint.value, credentials: credentials.value, http };
    let end = stages(&mut chain, settings, secrets, values, now, deadline).await;
    chain.finish(end)
}

/// The client, and what stands against it: a certificate that can't be read, or is none.
fn client(secrets: &Secrets<'_>, Read { finding, value }: Read) -> (Option<Finding>, Result<Http, After>) {
    let ca = match value {
        Ok(Some(ca)) => ca,
        Ok(None) => return (finding, Ok(secrets.http.clone())),
        Err(after) => return (finding, Err(after)),
    };
    match Http::with_authority(ca.expose()).map_err(RunError::Authority) {
        Ok(http) => (finding, Ok(http)),
        Err(error) => {
            let state = Failure::invalid(&error, error.hint()).into();
            (Some(Finding { what: What::SecretCa, state, ms: None }), Err(After(What::SecretCa)))
        }
    }
}

async fn stages(
    chain: &mut Chain,
    settings: &Settings,
    secrets: &Secrets<'_>,
    values: Values,
    now: Timestamp,
    deadline: Instant,
) -> Result<(), After> {
    let Values { endpoint, credentials, http } = values;
    let endpoint = endpoint?;
    let endpoint = match parse_url(endpoint.as_ref().map_or("", Secret::expose)) {
        Ok(endpoint) => endpoint,
        Err(error) => {
            let error = RunError::Endpoint(error);
            return chain.found(None, Err(Failure::invalid(&error, error.hint())));
        }
    };
    if endpoint.scheme() == "http" {
        chain.without(What::ClusterTls);
    }
    reach(chain, &endpoint, http.as_ref().map_err(|after| *after), unreached, deadline).await?;
    let http = http?;

    let credentials = credentials?;
    let chosen = Authentication::choose(settings.auth, &endpoint, credentials.as_ref(), secrets.environment);
    let authentication = match chosen {
        Ok(authentication) => authentication,
        Err(error) => {
            let error = RunError::Auth(error);
            return chain.found(None, Err(Failure::invalid(&error, error.hint())));
        }
    };
    let way = authentication.to_string();
    let cluster = Cluster { endpoint, authentication };
    search(chain, &cluster, &http, settings, way, now, deadline).await
}

/// Today's count, and what the cluster tells of indexes and fields: the remaining stages.
async fn search(
    chain: &mut Chain,
    cluster: &Cluster,
    http: &Http,
    settings: &Settings,
    way: String,
    now: Timestamp,
    deadline: Instant,
) -> Result<(), After> {
    let begun = Instant::now();
    let query = Query::from(settings);
    let today = now.to_zoned(settings.timezone.clone()).date();
    let window = match Window::of(today, &settings.timezone) {
        Ok(window) => window,
        Err(error) => {
            let error = RunError::Window(error);
            return chain.found(None, Err(Failure::invalid(&error, error.hint())));
        }
    };
    let limit = STAGE.min(deadline.saturating_duration_since(Instant::now()));
    let (fields, counted) =
        tokio::join!(cluster.fields(http, &query, limit), cluster.count(http, &query, &window, deadline));
    let fields = fields.ok().flatten();
    let failed = counted.as_ref().err();
    let fails_at = failed.map(|error| stage(error, fields.is_some()));
    let mut took = Some(begun.elapsed());
    while let Some(what) = chain.next() {
        let found = match (what, failed) {
            (_, Some(error)) if fails_at == Some(what) => {
                let mut failure = Failure::from(error);
                if what == What::ClusterIndexes {
                    failure.error += &there_are(cluster, http, &query, deadline).await;
                }
                Err(failure)
            }
            (What::ClusterAuthentication, _) => Ok(way.clone()),
            (What::ClusterIndexes, _) => Ok(indexes(fields.as_ref())),
            (What::ClusterFields, _) => described(&query, fields.as_ref(), counted.as_ref().ok()),
            _ => Ok(counted.as_ref().map(|found| counts(found, &settings.levels)).unwrap_or_default()),
        };
        chain.found(took.take(), found)?;
    }
    Ok(())
}

/// The stage that an error of the search belongs to. Whoever tells of fields has let us in.
fn stage(error: &SearchError, is_let_in: bool) -> What {
    match error {
        error if error.is_no_index() => What::ClusterIndexes,
        SearchError::NoField { .. } | SearchError::NotADate { .. } => What::ClusterFields,
        SearchError::Refused { status: 401 | 403, .. } => What::ClusterAuthentication,
        SearchError::Auth(_)
        | SearchError::Http(_)
        | SearchError::NotAnAnswer { .. }
        | SearchError::Refused { .. }
            if !is_let_in =>
        {
            What::ClusterAuthentication
        }
        _ => What::ClusterCount,
    }
}

/// Which indexes are there instead, as far as the function may see them.
async fn there_are(cluster: &Cluster, http: &Http, query: &Query<'_>, deadline: Instant) -> String {
    let all = ["*".to_owned()];
    let query = Query { indexes: &all, ..*query };
    let limit = STAGE.min(deadline.saturating_duration_since(Instant::now()));
    let fields = cluster.fields(http, &query, limit).await.ok().flatten();
    match fields.and_then(|fields| fields.indexes) {
        None => String::new(),
        Some(names) => {
            let names = Vec::from_iter(names.into_iter().filter(|name| !name.starts_with('.')));
            match names.is_empty() {
                true => "; there is none that it may see".to_owned(),
                false => format!("; there are {}", some_of(&names)),
            }
        }
    }
}

fn indexes(fields: Option<&Fields>) -> String {
    match fields.and_then(|fields| fields.indexes.as_ref()) {
        Some(names) => some_of(names),
        None => "found".to_owned(),
    }
}

/// The types of the fields. Time and level are the search's to judge; a field that no message is found in is ours: the
/// digest would go out without a word.
fn described(query: &Query<'_>, fields: Option<&Fields>, found: Option<&Found>) -> Result<String, Failure> {
    let Some(fields) = fields else {
        return Ok("the search takes them; the cluster doesn't list them".to_owned());
    };
    let sampled = found.is_some_and(|found| {
        found.samples.iter().any(|sample| !sample.day.is_empty() || !sample.day_before.is_empty())
    });
    if let Some(field) = query.message_field.filter(|field| fields.kinds(field).is_empty() && !sampled) {
        let error = SearchError::NoField { field: field.to_owned(), setting: "ES_MESSAGE_FIELD" };
        return Err(Failure { kind: Kind::NoField, ..Failure::from(&error) });
    }
    let mut names = Vec::new();
    for field in [Some(query.time_field), Some(query.field), query.message_field].into_iter().flatten() {
        let kinds = match fields.kinds(field) {
            [] => "not mapped".to_owned(),
            kinds => kinds.join(" and "),
        };
        let told = format!("{field} ({kinds})");
        if !names.contains(&told) {
            names.push(told);
        }
    }
    Ok(names.join(", "))
}

fn counts(found: &Found, levels: &[String]) -> String {
    let day = found.tally.day();
    let two_weeks: u64 = found.tally.days.iter().map(|day| day.total).sum();
    let levels = levels.iter().zip(&day.levels).map(|(level, count)| format!("{level} {count}"));
    let levels = Vec::from_iter(levels).join(", ");
    format!("{} today ({levels}), {two_weeks} in two weeks", day.total)
}
