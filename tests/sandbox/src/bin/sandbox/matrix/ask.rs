//! Asks the product, by the library that the Lambda runs, and compares all that it answers with the truth: the counts
//! of its outcome, the numbers of its message, and what the search behind them found hour by hour.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use tanets_function::auth::Authentication;
use tanets_function::digest::{self, Window};
use tanets_function::error::chain;
use tanets_function::http::{Http, parse_url};
use tanets_function::run::{Function, Outcome, RunError};
use tanets_function::search::{Cluster, Found, Query};
use tanets_function::secret::Secret;
use tanets_function::settings::Settings;
use tokio::time::Instant;

use super::logs::{Counts, Logs};
use super::questions::{Expected, Question};
use super::ways::{Way, Ways};
use crate::digest::number;

/// After all days that are asked for.
const NOW: Timestamp = Timestamp::constant(1_735_689_600, 0); // 2025-01-01T00:00:00Z
/// As long as Lambda would give.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks a question.
///
/// # Errors
/// What is wrong with the answer.
pub async fn ask(ways: &Ways<'_>, logs: &Logs, question: &Question) -> Result<(), String> {
    let way = ways.of(question.who);
    let settings = settings(&way, question)?;
    let function = Function::new(settings.clone(), way.environment.clone());
    let event = json!({"date": question.day.date, "dry_run": true});
    let run = function.run(&event, None, NOW, PATIENCE);
    match question.expected {
        Expected::Refusal(words) => refused(run.await, words),
        Expected::Truth(services) => {
            if way.service.is_none() {
                let outcome = run.await.map_err(|error| chain(&error))?;
                told(&outcome, &logs.count(question.day.span(), services, question), question)?;
            }
            found(&search(&settings, &way, question).await?, logs, services, question)
        }
    }
}

/// The settings as the function's environment would give them.
fn settings(way: &Way, question: &Question) -> Result<Settings, String> {
    let levels = question.levels.join(",");
    let get = |name: &str| match name {
        "SLACK_WEBHOOK_URL" => Some("http://127.0.0.1:9/nobody-posts".to_owned()),
        "ES_ENDPOINT" => Some(way.endpoint.clone()),
        "ES_INDEXES" => Some(question.indexes.to_owned()),
        "ERROR_LEVEL" => Some(levels.clone()),
        "ES_FIELD" => Some(question.field.to_owned()),
        "ES_TIME_FIELD" => Some(question.time_field.to_owned()),
        "ES_AUTH" => way.auth.map(str::to_owned),
        "ES_CREDENTIALS" => way.credentials.clone(),
        "ES_CA" => way.authority.clone(),
        "DIGEST_TIMEZONE" => Some(question.day.zone.to_owned()),
        "DIGEST_LANGUAGE" => Some("en".to_owned()),
        _ => None,
    };
    Settings::from_env(get).map(|(settings, _)| settings).map_err(|error| chain(&error))
}

/// An error with the words, and a way out.
fn refused(outcome: Result<Outcome, RunError>, words: &str) -> Result<(), String> {
    match outcome {
        Ok(outcome) => Err(format!("told {} instead of an error", outcome.total)),
        Err(error) => {
            let said = chain(&error);
            match error.hint() {
                None => Err(format!("lacks a hint: {said}")),
                Some(hint) if said.contains(words) || hint.contains(words) => Ok(()),
                Some(hint) => Err(format!("lacks the words {words:?}: {said}; hint: {hint}")),
            }
        }
    }
}

/// The outcome and the message tell the truth.
fn told(outcome: &Outcome, truth: &Counts, question: &Question) -> Result<(), String> {
    let levels: Vec<_> =
        question.levels.iter().map(|level| outcome.levels.get(*level).copied().unwrap_or_default()).collect();
    same("the outcome", &Counts { total: outcome.total, levels }, truth)?;
    let text = outcome.message.as_ref().map(|message| message.text.as_str()).unwrap_or_default();
    let read =
        |name: &str| number(text, name).ok_or_else(|| format!("the message does not tell {name}: {text}"));
    let levels = question.levels.iter().map(|level| read(level)).collect::<Result<_, _>>()?;
    same("the message", &Counts { total: read("Total")?, levels }, truth)
}

/// The search behind the message, which also counts hours and earlier days.
async fn search(settings: &Settings, way: &Way, question: &Question) -> Result<(Window, Found), String> {
    let date: Date = question.day.date.parse().map_err(|_| "the day is none".to_owned())?;
    let window = Window::of(date, &settings.timezone).map_err(|error| chain(&error))?;
    let endpoint = parse_url(&way.endpoint).map_err(|error| chain(&error))?;
    let credentials = way.credentials.as_ref().map(Secret::new);
    let mut authentication =
        Authentication::choose(settings.auth, &endpoint, credentials.as_ref(), &way.environment)
            .map_err(|error| chain(&error))?;
    if let (Authentication::SigV4 { service, .. }, Some(other)) = (&mut authentication, way.service) {
        *service = other;
    }
    let http = way.authority.as_ref().map_or_else(Http::new, |authority| Http::with_authority(authority));
    let http = http.map_err(|error| chain(&error))?;
    let cluster = Cluster { endpoint, authentication };
    let found = cluster.count(&http, &Query::from(settings), &window, Instant::now() + PATIENCE).await;
    Ok((window, found.map_err(|error| chain(&error))?))
}

/// Hours and earlier days are the truth, and the hours begin and end where they should.
fn found(
    (window, found): &(Window, Found),
    logs: &Logs,
    services: &[&str],
    question: &Question,
) -> Result<(), String> {
    let hours: Vec<_> = window.hours.iter().map(|hour| (hour.start, hour.end)).collect();
    if hours != question.day.hours() {
        return Err(format!("the day is cut into {} other hours: {hours:?}", hours.len()));
    }
    let tally = &found.tally;
    for (hour, counts) in hours.into_iter().zip(&tally.hours) {
        same(&format!("the hour from {}", hour.0), &own(counts), &logs.count(hour, services, question))?;
    }
    let earlier = [("the day before", tally.day_before()), ("the week before", tally.week_before())];
    for ((what, counts), span) in earlier.into_iter().zip(question.day.earlier()) {
        same(what, &own(counts), &logs.count(span, services, question))?;
    }
    Ok(())
}

fn own(digest::Counts { total, levels }: &digest::Counts) -> Counts {
    Counts { total: *total, levels: levels.clone() }
}

fn same(what: &str, told: &Counts, truth: &Counts) -> Result<(), String> {
    if told == truth {
        return Ok(());
    }
    Err(format!(
        "{what}: {} of {:?}, in truth {} of {:?}",
        told.total, told.levels, truth.total, truth.levels
    ))
}
