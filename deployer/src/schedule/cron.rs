//! The six fields of `cron(…)`: EventBridge's grammar, checked before the crate `croner` sees the text.
//!
//! croner computes the times, and computes them right, but it takes more than EventBridge does and reads a
//! lone `L` among the weekdays as never; both are settled here.

use std::ops::Range;
use std::sync::LazyLock;

use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::ScheduleError;

pub(super) const MONTHS: &[&str] =
    &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
pub(super) const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The last year that EventBridge documents.
const LAST_YEAR: u16 = 2199;

/// What a field may hold: EventBridge's user guide, "Cron expressions".
struct Field {
    name: &'static str,
    min: u16,
    max: u16,
    names: &'static [&'static str],
    /// The whole of what is allowed, for people.
    allowed: &'static str,
}

const DAY_OF_MONTH: usize = 2;
const DAY_OF_WEEK: usize = 4;

const FIELDS: [Field; 6] = [
    Field { name: "minutes", min: 0, max: 59, names: &[], allowed: "0-59 (with , - * /)" },
    Field { name: "hours", min: 0, max: 23, names: &[], allowed: "0-23 (with , - * /)" },
    Field { name: "day of month", min: 1, max: 31, names: &[], allowed: "1-31 (with , - * ? / L W)" },
    Field { name: "month", min: 1, max: 12, names: MONTHS, allowed: "1-12 or JAN-DEC (with , - * /)" },
    Field {
        name: "day of week",
        min: 1,
        max: 7,
        names: WEEKDAYS,
        allowed: "1-7 or SUN-SAT, 1 is Sunday (with , - * ? L #)",
    },
    Field { name: "year", min: 1970, max: LAST_YEAR, names: &[], allowed: "1970-2199 (with , - * /)" },
];

/// EventBridge's reading: no seconds, a year, 1 = Sunday, `0/15` as "from 0, every 15".
static PARSER: LazyLock<CronParser> = LazyLock::new(|| {
    CronParser::builder()
        .seconds(Seconds::Required)
        .year(Year::Required)
        .alternative_weekdays(true)
        .sloppy_ranges(true)
        .build()
});

/// Checks the six fields that stand at `body` in the expression.
pub(super) fn parse(expression: &str, body: Range<usize>) -> Result<croner::Cron, ScheduleError> {
    let fields = split(expression, body.clone())?;
    let text = |index: usize| &expression[fields[index].clone()];
    for (field, at) in FIELDS.iter().zip(&fields) {
        Checker { field, expression, at: at.clone() }.check()?;
    }
    let days = fields[DAY_OF_MONTH].start..fields[DAY_OF_WEEK].end;
    match (text(DAY_OF_MONTH), text(DAY_OF_WEEK)) {
        ("?", "?") => {
            return Err(ScheduleError::new(days, "only one of day of month and day of week may be `?`")
                .hint("for every day, make the other one `*`"));
        }
        ("?", _) | (_, "?") => {}
        (day_of_month, day_of_week) => {
            let error = ScheduleError::new(days, "one of day of month and day of week must be `?`");
            let with = |index: usize| {
                let mut parts: Vec<&str> = (0..FIELDS.len()).map(text).collect();
                parts[index] = "?";
                format!("write `cron({})`", parts.join(" "))
            };
            return Err(match (day_of_month, day_of_week) {
                (_, "*") => error.hint(with(DAY_OF_WEEK)),
                ("*", _) => error.hint(with(DAY_OF_MONTH)),
                _ => error.hint("EventBridge cannot combine the two: keep one and make the other `?`"),
            });
        }
    }
    let day_of_week = if text(DAY_OF_WEEK) == "L" { "7" } else { text(DAY_OF_WEEK) };
    let pattern = ["0", text(0), text(1), text(DAY_OF_MONTH), text(3), day_of_week, text(5)].join(" ");
    PARSER.parse(&pattern).map_err(|error| {
        // Not known to happen: all that the checks above let through, croner takes (a property test says so).
        ScheduleError::new(body, format!("cannot be read: {error}"))
    })
}

/// The first time strictly after `after`, if any comes before the documented years end.
pub(super) fn next(cron: &croner::Cron, after: Timestamp) -> Option<Timestamp> {
    let time = cron.find_next_occurrence(&after.to_zoned(TimeZone::UTC), false).ok()?;
    (time.year() <= LAST_YEAR as i16).then(|| time.timestamp())
}

/// The last time strictly before `before`, if there was any.
pub(super) fn previous(cron: &croner::Cron, before: Timestamp) -> Option<Timestamp> {
    let time = cron.find_previous_occurrence(&before.to_zoned(TimeZone::UTC), false).ok()?;
    Some(time.timestamp())
}

/// A unix cron line of five fields in EventBridge's words, if that is a matter of form only: the numbers of
/// the weekdays mean other days there, so lines that have them are left alone.
pub(super) fn from_unix(line: &str) -> Option<String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [minutes, hours, day_of_month, month, day_of_week] = fields[..] else { return None };
    let (day_of_month, day_of_week) = match (day_of_month, day_of_week) {
        (day_of_month, "*") => (day_of_month, "?"),
        ("*", day_of_week) if !day_of_week.contains(|c: char| c.is_ascii_digit()) => ("?", day_of_week),
        _ => return None,
    };
    let cron = format!("cron({minutes} {hours} {day_of_month} {month} {day_of_week} *)");
    super::Schedule::parse(&cron).ok().map(|_| cron)
}

/// The places of the six fields.
fn split(expression: &str, body: Range<usize>) -> Result<Vec<Range<usize>>, ScheduleError> {
    let text = &expression[body.clone()];
    let mut fields = Vec::new();
    let mut start = body.start;
    for field in text.split(' ') {
        if field.is_empty() || field.contains(char::is_whitespace) {
            if text.trim().is_empty() {
                break;
            }
            return Err(ScheduleError::new(
                start..start + field.len().max(1),
                "fields are separated by single spaces",
            )
            .hint("remove the other spaces"));
        }
        fields.push(start..start + field.len());
        start += field.len() + 1;
    }
    if fields.len() == FIELDS.len() {
        return Ok(fields);
    }
    let error = ScheduleError::new(
        body,
        format!("needs six fields, not {}: minutes hours day-of-month month day-of-week year", fields.len()),
    );
    Err(match fields.len() {
        5 => match from_unix(text) {
            Some(cron) => error.hint(format!("write `{cron}`")),
            None => error.hint("add the year (`*` for every year); one of the days must be `?`"),
        },
        7 => error.hint("there are no seconds: the finest step is one minute"),
        _ => error.hint("for every day at 01:15 UTC: `cron(15 1 * * ? *)`"),
    })
}

struct Checker<'a> {
    field: &'static Field,
    expression: &'a str,
    at: Range<usize>,
}

impl<'a> Checker<'a> {
    fn check(&self) -> Result<(), ScheduleError> {
        let whole = &self.expression[self.at.clone()];
        if whole == "*" || self.is_special(whole)? {
            return Ok(());
        }
        let mut start = self.at.start;
        for item in whole.split(',') {
            self.item(start..start + item.len())?;
            start += item.len() + 1;
        }
        Ok(())
    }

    /// What only the two fields of days know, and only alone: `?`, `L`, `LW`, `15W`, `6L`, `6#3`.
    fn is_special(&self, whole: &str) -> Result<bool, ScheduleError> {
        let of_month = self.field.name == FIELDS[DAY_OF_MONTH].name;
        let of_week = self.field.name == FIELDS[DAY_OF_WEEK].name;
        let prefix = |length: usize| self.at.start..self.at.start + length;
        if (of_month || of_week) && matches!(whole, "?" | "L") || of_month && whole == "LW" {
            return Ok(true);
        }
        if of_month
            && let Some(day) = whole.strip_suffix('W')
            && !whole.contains([',', '-', '/'])
        {
            return self.value(prefix(day.len())).map(|_| true);
        }
        if of_week && !whole.contains([',', '-']) {
            if let Some((day, nth)) = whole.split_once('#') {
                self.value(prefix(day.len()))?;
                if !matches!(nth, "1" | "2" | "3" | "4" | "5") {
                    let nth_at = self.at.start + day.len() + 1..self.at.end;
                    return Err(ScheduleError::new(
                        nth_at,
                        format!("after `#`, day of week takes 1-5, not `{nth}`"),
                    ));
                }
                return Ok(true);
            }
            if let Some(day) = whole.strip_suffix('L').filter(|day| day.bytes().all(|b| b.is_ascii_digit())) {
                return self.value(prefix(day.len())).map(|_| true);
            }
            // Nobody documents whether EventBridge takes a name there.
            let name = whole.to_ascii_uppercase();
            let day = name.strip_suffix('L').and_then(|day| WEEKDAYS.iter().position(|name| *name == day));
            if let Some(index) = day {
                return Err(self.refused(self.at.clone()).hint(format!("write `{}L`", index + 1)));
            }
        }
        Ok(false)
    }

    /// One item of a list: `5`, `1-5`, `0/15`, `*/15`, `8-18/2`.
    fn item(&self, at: Range<usize>) -> Result<(), ScheduleError> {
        let text = &self.expression[at.clone()];
        let base = match text.split_once('/') {
            Some((base, step)) => {
                self.step(at.end - step.len()..at.end)?;
                if base == "*" {
                    return Ok(());
                }
                base
            }
            None => text,
        };
        let base_at = at.start..at.start + base.len();
        match base.split_once('-') {
            Some((first, last)) => {
                let from = self.value(base_at.start..base_at.start + first.len())?;
                let to = self.value(base_at.end - last.len()..base_at.end)?;
                if from > to {
                    return Err(self
                        .error(base_at, format!("a range goes upwards, not `{base}`"))
                        .hint("write it as a list, such as `22,23,0,1` or `FRI,SAT,SUN`"));
                }
                Ok(())
            }
            None => self.value(base_at).map(|_| ()),
        }
    }

    fn step(&self, at: Range<usize>) -> Result<(), ScheduleError> {
        let Field { name, min, max, .. } = *self.field;
        if name == FIELDS[DAY_OF_WEEK].name {
            return Err(self.refused(at.start - 1..at.end).hint("list the days, such as `MON,WED,FRI`"));
        }
        // A step past the field's end would be the same as none.
        let limit = if min > 1 { max - min } else { max };
        let text = &self.expression[at.clone()];
        let step = digits(text, 4).filter(|step| (1..=limit).contains(step));
        step.map(|_| ()).ok_or_else(|| self.error(at, format!("a step is 1-{limit}, not `{text}`")))
    }

    /// A number or a name, within the field's bounds.
    fn value(&self, at: Range<usize>) -> Result<u16, ScheduleError> {
        let Field { name, min, max, names, allowed } = *self.field;
        let text = &self.expression[at.clone()];
        if let Some(index) = names.iter().position(|name| *name == text) {
            return Ok(index as u16 + 1);
        }
        let width = if max > 99 { 4 } else { 2 };
        if let Some(value) = digits(text, width).filter(|value| (min..=max).contains(value)) {
            return Ok(value);
        }
        let error = self.refused(at);
        let upper = text.to_ascii_uppercase();
        Err(if names.contains(&upper.as_str()) {
            error.hint(format!("write `{upper}`"))
        } else if text == "0" && name == FIELDS[DAY_OF_WEEK].name {
            error.hint("1 is Sunday and 7 is Saturday, unlike unix cron")
        } else if let Some(mark) = text.chars().find(|c| "*?LW#".contains(*c) && allowed.contains(*c))
            && text.len() <= 4
        {
            error.hint(format!("`{mark}` stands alone in its field, not in a list or range"))
        } else {
            error
        })
    }

    fn refused(&self, at: Range<usize>) -> ScheduleError {
        let text = &self.expression[at.clone()];
        let Field { name, allowed, .. } = self.field;
        let what = if text.is_empty() { "an empty item".to_owned() } else { format!("`{text}`") };
        ScheduleError::new(at, format!("{name} must be {allowed}, not {what}"))
    }

    fn error(&self, at: Range<usize>, message: String) -> ScheduleError {
        ScheduleError::new(at, format!("{}: {message}", self.field.name))
    }
}

/// A number of at most `width` digits and nothing else.
fn digits(text: &str, width: usize) -> Option<u16> {
    let plain = !text.is_empty() && text.len() <= width && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}
