//! The rule's schedule: EventBridge's `cron(…)` and `rate(…)`, checked here exactly as AWS documents them,
//! because EventBridge refuses a bad one with "is not valid" and not a word more.
//!
//! It owns the grammar and the times of the next runs. It reads no clock: the time to count from is given.

mod cron;
mod words;

use std::fmt;
use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// The longest expression that EventBridge takes, in characters (PutRule's model).
const MAX_LENGTH: usize = 256;

/// The longest rate: about a century. EventBridge documents no limit, but nobody sees such a rule fire.
const LONGEST_RATE: SignedDuration = SignedDuration::from_hours(24 * 36_500);

/// A schedule expression that EventBridge takes. `Display` gives it as it was written.
#[derive(Clone, Debug)]
pub struct Schedule {
    expression: String,
    recurrence: Recurrence,
}

#[derive(Clone, Debug)]
enum Recurrence {
    Cron(Box<croner::Cron>),
    Rate(SignedDuration),
}

/// Why an expression was refused, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScheduleError {
    /// What is wrong, with what is allowed.
    pub message: String,
    /// The way out, if there is one to name.
    pub hint: Option<String>,
    /// The bytes of the expression that are wrong.
    pub span: Range<usize>,
}

impl ScheduleError {
    fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, span }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl Schedule {
    /// Checks an expression: `cron(minutes hours day-of-month month day-of-week year)` in UTC, or
    /// `rate(value unit)`.
    ///
    /// # Errors
    /// The first thing that EventBridge would refuse, or that its documentation does not allow.
    pub fn parse(expression: &str) -> Result<Self, ScheduleError> {
        let all = 0..expression.len();
        if expression.chars().count() > MAX_LENGTH {
            return Err(ScheduleError::new(all, format!("must be at most {MAX_LENGTH} characters")));
        }
        let recurrence = if let Some(body) = body(expression, "cron(") {
            Recurrence::Cron(Box::new(cron::parse(expression, body)?))
        } else if let Some(body) = body(expression, "rate(") {
            Recurrence::Rate(rate(expression, body)?)
        } else {
            return Err(neither(expression));
        };
        Ok(Self { expression: expression.to_owned(), recurrence })
    }

    /// The expression as it was written.
    pub fn as_str(&self) -> &str {
        &self.expression
    }

    /// When it fires, in English: `at 01:15 UTC, every day`.
    pub fn words(&self) -> String {
        // Both kinds end with `)` and start with five characters: that was checked.
        let body = body(&self.expression, "cron(").or_else(|| body(&self.expression, "rate("));
        let body = body.map_or("", |body| &self.expression[body]);
        match &self.recurrence {
            Recurrence::Cron(_) => words::cron(body),
            Recurrence::Rate(_) => words::rate(body),
        }
    }

    /// The next `count` times strictly after `after`; fewer if the schedule ends (its years are over, or its
    /// day never comes). A rate starts when AWS creates or changes the rule, so its times are those of a rule
    /// put at `after`.
    pub fn next(&self, after: Timestamp, count: usize) -> Vec<Timestamp> {
        let following = |time: &Timestamp| match &self.recurrence {
            Recurrence::Cron(cron) => cron::next(cron, *time),
            Recurrence::Rate(every) => time.checked_add(*every).ok(),
        };
        std::iter::successors(following(&after), following).take(count).collect()
    }

    /// The first time from `at` on, where `first` is an earlier one: a rate's are counted from that.
    pub fn first_from(&self, at: Timestamp, first: Timestamp) -> Option<Timestamp> {
        match &self.recurrence {
            Recurrence::Cron(cron) => cron::next(cron, at.checked_sub(SignedDuration::from_secs(1)).ok()?),
            Recurrence::Rate(every) => {
                let (passed, every) = (at.duration_since(first).as_secs(), every.as_secs());
                let whole = passed.div_euclid(every) + i64::from(passed.rem_euclid(every) > 0);
                first.checked_add(SignedDuration::from_secs(whole.checked_mul(every)?)).ok()
            }
        }
    }

    /// The last `count` times strictly before `before`, the latest first; fewer if there were fewer. Those of a rate are
    /// counted back from `before`: AWS alone knows when it began.
    pub fn last(&self, before: Timestamp, count: usize) -> Vec<Timestamp> {
        let preceding = |time: &Timestamp| match &self.recurrence {
            Recurrence::Cron(cron) => cron::previous(cron, *time),
            Recurrence::Rate(every) => time.checked_sub(*every).ok(),
        };
        std::iter::successors(preceding(&before), preceding).take(count).collect()
    }

    /// Whether its times are known: those of a rate depend on when AWS began to count.
    pub fn is_exact(&self) -> bool {
        matches!(self.recurrence, Recurrence::Cron(_))
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expression)
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.expression == other.expression
    }
}

impl Eq for Schedule {}

/// The calendar day that a run at `fire` reports: the day before, in the digest's time zone.
pub fn digest_day(fire: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(fire).date().saturating_sub(1.day())
}

/// Where the text between `prefix` and the closing parenthesis stands.
fn body(expression: &str, prefix: &str) -> Option<Range<usize>> {
    (expression.starts_with(prefix) && expression.ends_with(')')).then(|| prefix.len()..expression.len() - 1)
}

fn neither(expression: &str) -> ScheduleError {
    let error = ScheduleError::new(
        0..expression.len(),
        "must be `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)`",
    );
    let trimmed = expression.trim();
    let lower = trimmed.to_ascii_lowercase();
    let is_call = |text: &str| text.starts_with("cron(") || text.starts_with("rate(");
    if trimmed != expression && is_call(trimmed) {
        error.hint("remove the spaces around it")
    } else if trimmed != lower && is_call(&lower) {
        error.hint("write `cron` and `rate` in lower case")
    } else if is_call(trimmed) {
        error.hint("end it with `)`")
    } else if lower.starts_with("at(") {
        error.hint("a rule has no one-time schedules")
    } else if trimmed.split_whitespace().count() == 5 {
        match cron::from_unix(trimmed) {
            Some(cron) => error.hint(format!("as EventBridge writes it: `{cron}`")),
            None => error.hint("a unix cron expression needs a year, and `?` for one of the days"),
        }
    } else if trimmed.split_whitespace().count() == 6 {
        error.hint(format!("put it in `cron({trimmed})`"))
    } else {
        error.hint("for every day at 01:15 UTC: `cron(15 1 * * ? *)`")
    }
}

fn rate(expression: &str, body: Range<usize>) -> Result<SignedDuration, ScheduleError> {
    let text = &expression[body.clone()];
    let Some((value, unit)) = text.split_once(' ').filter(|(_, unit)| !unit.contains(' ')) else {
        return Err(ScheduleError::new(body, "a rate is a value and a unit with a single space between")
            .hint("such as `rate(1 day)` or `rate(5 minutes)`"));
    };
    let value_at = body.start..body.start + value.len();
    let unit_at = value_at.end + 1..body.end;
    let count = value
        .parse::<u32>()
        .ok()
        .filter(|_| value.bytes().all(|b| b.is_ascii_digit()) && !value.starts_with('0'))
        .ok_or_else(|| {
            ScheduleError::new(
                value_at.clone(),
                format!("a rate's value is a whole number from 1, not `{value}`"),
            )
        })?;
    let wrong_unit =
        || ScheduleError::new(unit_at, "a rate's unit is minute, hour or day, plural for values above 1");
    let lower = unit.to_ascii_lowercase();
    let stem = lower.strip_suffix('s').unwrap_or(&lower);
    let minutes = match stem {
        "minute" => 1,
        "hour" => 60,
        "day" => 24 * 60,
        "second" => return Err(wrong_unit().hint("the finest step is one minute")),
        "week" => return Err(wrong_unit().hint(format!("write `rate({} days)`", u64::from(count) * 7))),
        _ => return Err(wrong_unit()),
    };
    let spelled = if count == 1 { stem.to_owned() } else { format!("{stem}s") };
    if unit != spelled {
        return Err(wrong_unit().hint(format!("write `rate({count} {spelled})`")));
    }
    let every = SignedDuration::from_mins(i64::from(count) * minutes);
    if every > LONGEST_RATE {
        return Err(ScheduleError::new(value_at, format!("a rate is at most 100 years, not {count} {unit}"))
            .hint("it first fires that long after the deploy; for every day: `rate(1 day)`"));
    }
    Ok(every)
}

#[cfg(test)]
mod tests;
