//! What an invocation asks for: a schedule's event, or a request by hand.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

/// What an event asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// `id`: EventBridge's; the same when it delivers an event once more.
    pub id: Option<String>,
    /// `date`: the day to report.
    pub date: Option<Date>,
    /// `time`: when EventBridge fired. The day before it is reported, so that a repeated event reports the same.
    pub time: Option<Timestamp>,
    /// `dry_run`: make the message, post nothing.
    pub dry_run: bool,
    /// `check`: make no message, look at what a run needs. Versions that don't know it would make a digest: whoever asks for
    /// a check asks for a dry run too.
    pub check: bool,
}

/// Why an event cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// Not a calendar day.
    #[error("`date` is {0}; it takes a day such as \"2018-12-09\"")]
    Date(Value),
    /// Not an instant.
    #[error("`time` is {0}; it takes an instant such as \"2018-12-10T01:15:00Z\"")]
    Time(Value),
    /// Not a boolean.
    #[error("`{key}` is {value}; it takes true or false")]
    Flag {
        /// The key.
        key: &'static str,
        /// What stands there.
        value: Value,
    },
    /// A day that has not begun has nothing to count.
    #[error("{0} has not begun yet")]
    Future(Date),
    /// Before the first or after the last year of the calendar.
    #[error("the day before the event is outside of the calendar")]
    OutOfRange(#[source] jiff::Error),
}

impl Event {
    /// Reads an event; keys it does not know are somebody else's.
    pub fn parse(event: &Value) -> Result<Self, EventError> {
        let value = |key: &str| event.get(key).filter(|value| !value.is_null());
        let date = |value: &Value| {
            // An instant would parse as a date too, and be silently cut.
            let day = value.as_str().filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
            day.ok_or_else(|| EventError::Date(value.clone()))
        };
        let time = |value: &Value| {
            value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| EventError::Time(value.clone()))
        };
        let flag = |key: &'static str| match value(key) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| EventError::Flag { key, value: value.clone() }),
        };
        Ok(Self {
            id: value("id").and_then(Value::as_str).map(str::to_owned),
            date: value("date").map(date).transpose()?,
            time: value("time").map(time).transpose()?,
            dry_run: flag("dry_run")?,
            check: flag("check")?,
        })
    }

    /// The day to report: the one asked for, or the calendar day before the event, or before now.
    pub fn day(&self, now: Timestamp, zone: &TimeZone) -> Result<Date, EventError> {
        let day = match self.date {
            Some(date) => date,
            None => {
                let fired = self.time.unwrap_or(now).to_zoned(zone.clone()).date();
                fired.yesterday().map_err(EventError::OutOfRange)?
            }
        };
        if day > now.to_zoned(zone.clone()).date() { Err(EventError::Future(day)) } else { Ok(day) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn day(event: Value, zone: &str) -> String {
        let now: Timestamp = "2018-12-20T00:00:00Z".parse().unwrap();
        match Event::parse(&event).and_then(|event| event.day(now, &TimeZone::get(zone).unwrap())) {
            Ok(day) => day.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_day_comes_from_the_event_in_the_zones_calendar() {
        let scheduled = json!({
            "version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {},
            "time": "2018-12-10T15:30:00Z", "resources": ["arn:aws:events:eu-west-1:1:rule/x"],
        });
        assert_eq!(day(scheduled.clone(), "UTC"), "2018-12-09");
        assert_eq!(day(scheduled, "Asia/Tokyo"), "2018-12-10");
        assert_eq!(day(json!({"detail": "{}", "source": "aws.scheduler"}), "UTC"), "2018-12-19");
        assert_eq!(day(json!({}), "America/New_York"), "2018-12-18");
        assert_eq!(day(json!(null), "UTC"), "2018-12-19");
        assert_eq!(day(json!({"date": "2018-12-01", "time": "2018-12-10T15:30:00Z"}), "UTC"), "2018-12-01");
        assert_eq!(
            day(json!({"date": "2018-12-20", "dry_run": true}), "UTC"),
            "2018-12-20",
            "a day in progress"
        );
    }

    #[test]
    fn a_bad_event_is_an_error_that_says_what_it_takes() {
        let cases = [
            (
                json!({"date": "2018-02-30"}),
                "`date` is \"2018-02-30\"; it takes a day such as \"2018-12-09\"",
            ),
            (json!({"date": 20181209}), "`date` is 20181209; it takes a day such as \"2018-12-09\""),
            (
                json!({"date": "2018-12-09T00:00:00Z"}),
                "`date` is \"2018-12-09T00:00:00Z\"; it takes a day such as \"2018-12-09\"",
            ),
            (
                json!({"time": "now"}),
                "`time` is \"now\"; it takes an instant such as \"2018-12-10T01:15:00Z\"",
            ),
            (json!({"check": 1}), "`check` is 1; it takes true or false"),
            (json!({"dry_run": "yes"}), "`dry_run` is \"yes\"; it takes true or false"),
            (json!({"date": "2018-12-21"}), "2018-12-21 has not begun yet"),
        ];
        for (event, expected) in cases {
            assert_eq!(day(event, "UTC"), expected);
        }
    }
}
