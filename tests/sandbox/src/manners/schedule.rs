//! EventBridge's schedule expressions, as its user guide describes them: an opinion that owes nothing to the product's.

use std::ops::RangeInclusive;

/// Whether EventBridge takes an expression.
pub(super) fn is_valid(expression: &str) -> bool {
    let inner = |name: &str| expression.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    match (inner("rate"), inner("cron")) {
        (Some(rate), _) => rate_is_valid(rate),
        (_, Some(cron)) => cron_is_valid(cron),
        _ => false,
    }
}

fn rate_is_valid(rate: &str) -> bool {
    let Some((value, unit)) = rate.split_once(' ') else { return false };
    let Some(value) = number(value) else { return false };
    match unit {
        "minute" | "hour" | "day" => value == 1,
        "minutes" | "hours" | "days" => value > 1,
        _ => false,
    }
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

fn cron_is_valid(cron: &str) -> bool {
    let [minute, hour, day, month, weekday, year] = Vec::from_iter(cron.split(' '))[..] else { return false };
    let one_question_mark = (day == "?") != (weekday == "?");
    one_question_mark
        && list(minute, &(0..=59), &[])
        && list(hour, &(0..=23), &[])
        && (day == "?" || days_of_month(day))
        && list(month, &(1..=12), &MONTHS)
        && (weekday == "?" || weekdays(weekday))
        && list(year, &(1970..=2199), &[])
}

fn days_of_month(day: &str) -> bool {
    let nearest = |day: &str| number(day).is_some_and(|day| (1..=31).contains(&day));
    matches!(day, "L" | "LW") || day.strip_suffix('W').is_some_and(nearest) || list(day, &(1..=31), &[])
}

fn weekdays(weekday: &str) -> bool {
    let one = |day: &str| value(day, &(1..=7), &DAYS).is_some();
    if let Some((day, nth)) = weekday.split_once('#') {
        return one(day) && number(nth).is_some_and(|nth| (1..=5).contains(&nth));
    }
    weekday == "L" || weekday.strip_suffix('L').is_some_and(one) || list(weekday, &(1..=7), &DAYS)
}

/// `*`, values, ranges, steps, and commas between them.
fn list(field: &str, range: &RangeInclusive<u32>, names: &[&str]) -> bool {
    field.split(',').all(|element| {
        let (span, step) = element.split_once('/').map_or((element, None), |(span, step)| (span, Some(step)));
        let step_fits = step.is_none_or(|step| number(step).is_some_and(|step| step > 0));
        let span_fits = span == "*"
            || match span.split_once('-') {
                Some((from, to)) => value(from, range, names)
                    .zip(value(to, range, names))
                    .is_some_and(|(from, to)| from <= to),
                None => value(span, range, names).is_some(),
            };
        step_fits && span_fits
    })
}

/// A number in the range, or a name, which counts from the range's start.
fn value(text: &str, range: &RangeInclusive<u32>, names: &[&str]) -> Option<u32> {
    let named = names.iter().zip(*range.start()..).find(|(name, _)| **name == text).map(|(_, value)| value);
    named.or_else(|| number(text)).filter(|value| range.contains(value))
}

fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_recorded_of_the_real_service_is_judged_alike() {
        for valid in [
            "rate(1 minute)",
            "rate(5 minutes)",
            "rate(1 day)",
            "cron(15 1 * * ? *)",
            "cron(0 18 ? * MON-FRI *)",
            "cron(0/15 * * * ? *)",
            "cron(0 12 ? * 6L 2002-2005)",
            "cron(0 10 ? * 3#2 *)",
            "cron(0 8 3W * ? *)",
            "cron(0 8 L JAN,MAR ? *)",
        ] {
            assert!(is_valid(valid), "{valid}");
        }
        for invalid in [
            "rate(10 seconds)",
            "rate(1 minutes)",
            "rate(10 minute)",
            "rate(0 minutes)",
            "rate(-10 minutes)",
            "rate(10 MINUTES)",
            "rate( 10 minutes )",
            " rate(10 minutes)",
            "rate(10)",
            "rate()",
            "every day",
            "cron(0 1 * * * *)",
            "cron(0 12 * * ?)",
            "cron(71 8 1 * ? *)",
            "cron(0 1 3#2 * ? *)",
            "cron(0 1 ? * FUNDAY *)",
            "cron(0  1 * * ? *)",
        ] {
            assert!(!is_valid(invalid), "{invalid}");
        }
    }
}
