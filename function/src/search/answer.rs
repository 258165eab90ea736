//! The search answer, and every way in which its zero is not a zero.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::Found;
use super::error::SearchError;
use super::request::{DAY, DAY_BEFORE, DAYS, HOURS, LEVELS, Query, SAMPLE, day_key, hour_key, level_key};
use super::sample::{self, Lines};
use crate::digest::{Counts, Tally, Window};
use crate::fingerprint::Sample;
use crate::http::quote;

#[derive(Deserialize)]
struct Answer {
    took: u64,
    timed_out: bool,
    // `terminated_early` says nothing: OpenSearch 3 sets it on whole answers to `size: 0`.
    #[serde(rename = "_shards")]
    shards: Shards,
    aggregations: Option<HashMap<String, Aggregation>>,
}

#[derive(Deserialize)]
struct Shards {
    total: u64,
    successful: u64,
    #[serde(default)]
    failures: Vec<Value>,
}

#[derive(Deserialize)]
struct Aggregation {
    #[serde(default)]
    buckets: HashMap<String, Bucket>,
}

#[derive(Deserialize)]
struct Bucket {
    doc_count: u64,
    levels: Option<Aggregation>,
    lines: Option<Lines>,
}

/// Reads a successful answer's body.
pub(super) fn read(body: &[u8], query: &Query<'_>, window: &Window) -> Result<Found, SearchError> {
    let answer: Answer = serde_json::from_slice(body).map_err(|error| match error.is_eof() {
        true => SearchError::CutOff { bytes: body.len() },
        false => SearchError::NotAnAnswer { body: quote(&String::from_utf8_lossy(body)) },
    })?;
    let Answer { took, timed_out, shards, aggregations } = answer;
    if shards.total == 0 {
        return Err(SearchError::NoIndex { indexes: query.indexes.join(", ") });
    }
    // Shards without a node count in neither `successful` nor `failed`.
    if shards.successful != shards.total {
        return Err(SearchError::Shards {
            successful: shards.successful,
            total: shards.total,
            reason: shards
                .failures
                .first()
                .and_then(failure)
                .unwrap_or_else(|| "they are not allocated".to_owned()),
        });
    }
    if timed_out {
        return Err(SearchError::TimedOut);
    }
    let aggregations = aggregations.ok_or(SearchError::Lacks("aggregations".to_owned()))?;
    let counts = |aggregation: &str, key: &str| -> Result<Counts, SearchError> {
        let lacks = |what: &str| SearchError::Lacks(format!("{aggregation}.{key}{what}"));
        let bucket = aggregations
            .get(aggregation)
            .and_then(|aggregation| aggregation.buckets.get(key))
            .ok_or_else(|| lacks(""))?;
        let levels = bucket.levels.as_ref().ok_or_else(|| lacks(".levels"))?;
        let level = |index| {
            let key = level_key(index);
            levels
                .buckets
                .get(&key)
                .map(|bucket| bucket.doc_count)
                .ok_or_else(|| lacks(&format!(".{LEVELS}.{key}")))
        };
        let levels = (0..query.levels.len()).map(level).collect::<Result<_, _>>()?;
        Ok(Counts { total: bucket.doc_count, levels })
    };
    let mut tally = Tally::default();
    for (n, day) in tally.days.iter_mut().enumerate() {
        *day = counts(DAYS, &day_key(n))?;
    }
    tally.hours = (0..window.hours.len()).map(|n| counts(HOURS, &hour_key(n))).collect::<Result<_, _>>()?;
    check_sums(&tally)?;
    // A message shows what samples there are; its numbers do not depend on them.
    let lines = |day: &str, level: usize| {
        let sample = aggregations.get(SAMPLE)?.buckets.get(day)?.levels.as_ref()?;
        let lines = sample.buckets.get(&level_key(level))?.lines.as_ref()?;
        Some(sample::texts(lines, query.message_field?))
    };
    let sample = |level| Sample {
        day: lines(DAY, level).unwrap_or_default(),
        day_before: lines(DAY_BEFORE, level).unwrap_or_default(),
    };
    let samples = (0..query.levels.len()).map(sample).collect();
    Ok(Found { tally, samples, took })
}

/// The hours must add up to the day: two aggregations that count the same lines in two ways.
fn check_sums(tally: &Tally) -> Result<(), SearchError> {
    let check = |pick: &dyn Fn(&Counts) -> u64| {
        let (day, hours) = (pick(tally.day()), tally.hours.iter().map(pick).sum());
        if day == hours { Ok(()) } else { Err(SearchError::Sums { day, hours }) }
    };
    check(&|counts| counts.total)?;
    (0..tally.day().levels.len()).try_for_each(|level| check(&|counts| counts.levels[level]))
}

/// The reason of a failed shard, with its index.
fn failure(failure: &Value) -> Option<String> {
    let text = |pointer: &str| failure.pointer(pointer).and_then(Value::as_str);
    let reason = text("/reason/reason").or_else(|| text("/reason/type"))?;
    Some(quote(&match text("/index") {
        Some(index) => format!("{index}: {reason}"),
        None => reason.to_owned(),
    }))
}
