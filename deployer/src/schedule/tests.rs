//! Times checked by hand, refusals as people read them, and croner against a matcher that shares nothing with it.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;

use super::*;

/// A Sunday.
const START: &str = "2026-11-22T00:00:00Z";

fn next(expression: &str, after: &str, count: usize) -> Vec<String> {
    let schedule = Schedule::parse(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
    assert_eq!(schedule.to_string(), expression);
    let times = schedule.next(after.parse().unwrap(), count);
    times.iter().map(|time| time.strftime("%F %H:%M").to_string()).collect()
}

#[test]
fn next_times_are_those_of_the_calendar() {
    for (expression, times) in [
        ("cron(15 1 * * ? *)", "2026-11-22 01:15, 2026-11-23 01:15, 2026-11-24 01:15"),
        ("cron(05 01 * * ? *)", "2026-11-22 01:05, 2026-11-23 01:05, 2026-11-24 01:05"),
        ("cron(0/15 * * * ? *)", "2026-11-22 00:15, 2026-11-22 00:30, 2026-11-22 00:45"),
        ("cron(*/25 3 * * ? *)", "2026-11-22 03:00, 2026-11-22 03:25, 2026-11-22 03:50"),
        (
            "cron(0 10-12,14 * * ? *)",
            "2026-11-22 10:00, 2026-11-22 11:00, 2026-11-22 12:00, 2026-11-22 14:00",
        ),
        ("cron(0 8-17/4 * * ? *)", "2026-11-22 08:00, 2026-11-22 12:00, 2026-11-22 16:00, 2026-11-23 08:00"),
        ("cron(0 10 LW * ? *)", "2026-11-30 10:00, 2026-12-31 10:00, 2027-01-29 10:00"),
        ("cron(0 0 L * ? *)", "2026-11-30 00:00, 2026-12-31 00:00, 2027-01-31 00:00, 2027-02-28 00:00"),
        ("cron(0 9 3W * ? *)", "2026-12-03 09:00, 2027-01-04 09:00, 2027-02-03 09:00"),
        ("cron(0 9 31W * ? *)", "2026-12-31 09:00, 2027-01-29 09:00, 2027-03-31 09:00"),
        ("cron(0 9 ? * 3#2 *)", "2026-12-08 09:00, 2027-01-12 09:00"),
        ("cron(0 9 ? * FRI#1 *)", "2026-12-04 09:00, 2027-01-01 09:00"),
        ("cron(0 9 ? * 6L *)", "2026-11-27 09:00, 2026-12-25 09:00"),
        ("cron(0 9 ? * L *)", "2026-11-28 09:00, 2026-12-05 09:00"),
        ("cron(0 18 ? * MON-FRI *)", "2026-11-23 18:00, 2026-11-24 18:00, 2026-11-25 18:00"),
        ("cron(0 18 ? * 1,7 *)", "2026-11-22 18:00, 2026-11-28 18:00, 2026-11-29 18:00"),
        ("cron(0 0 1 1 ? 2027/2)", "2027-01-01 00:00, 2029-01-01 00:00"),
        ("cron(0 0 1 JAN,JUN ? 2027-2028)", "2027-01-01 00:00, 2027-06-01 00:00, 2028-01-01 00:00"),
        ("cron(0 0 29 2 ? *)", "2028-02-29 00:00, 2032-02-29 00:00"),
        ("rate(1 minute)", "2026-11-22 00:01, 2026-11-22 00:02"),
        ("rate(5 hours)", "2026-11-22 05:00, 2026-11-22 10:00"),
        ("rate(7 days)", "2026-11-29 00:00, 2026-12-06 00:00"),
    ] {
        let times: Vec<&str> = times.split(", ").collect();
        assert_eq!(next(expression, START, times.len()), times, "{expression}");
    }
    assert_eq!(next("cron(0 9 1W * ? *)", "2026-07-31T00:00:00Z", 1), ["2026-08-03 09:00"]);
}

#[test]
fn a_schedule_that_has_ended_has_no_next_time() {
    for expression in ["cron(0 0 31 2 ? *)", "cron(0 2 ? JAN 1-5 2022)", "cron(15 10 ? * 6L 2002-2005)"] {
        assert!(next(expression, START, 3).is_empty(), "{expression}");
    }
    assert_eq!(next("cron(0 0 1 1 ? *)", "2198-06-01T00:00:00Z", 3), ["2199-01-01 00:00"]);
}

#[test]
fn last_times_are_those_before_the_latest_first() {
    for (expression, times) in [
        ("cron(15 1 * * ? *)", "2026-11-21 01:15, 2026-11-20 01:15"),
        ("cron(0 0 ? * SUN *)", "2026-11-15 00:00, 2026-11-08 00:00"),
        ("cron(0 9 ? * 6L *)", "2026-10-30 09:00, 2026-09-25 09:00"),
        ("cron(0 9 L 2 ? *)", "2026-02-28 09:00, 2025-02-28 09:00, 2024-02-29 09:00"),
        ("cron(0 9 1 1 ? 2026/2)", "2026-01-01 09:00"),
        ("rate(6 hours)", "2026-11-21 18:00, 2026-11-21 12:00"),
    ] {
        let times: Vec<&str> = times.split(", ").collect();
        let last = Schedule::parse(expression).unwrap().last(START.parse().unwrap(), times.len());
        let last: Vec<String> = last.iter().map(|time| time.strftime("%F %H:%M").to_string()).collect();
        assert_eq!(last, times, "{expression}");
    }
    for never in ["cron(0 9 1 1 ? 2030)", "cron(0 0 31 2 ? *)"] {
        assert_eq!(Schedule::parse(never).unwrap().last(START.parse().unwrap(), 3), [], "{never}");
    }
}

/// The refused part, the message and the hint, as one text.
fn refusal(expression: &str) -> String {
    let error = Schedule::parse(expression).expect_err(expression);
    let hint = error.hint.map(|hint| format!(" | {hint}")).unwrap_or_default();
    format!("{expression} [{}] {}{hint}", &expression[error.span], error.message)
}

#[test]
fn refusals_name_the_field_the_place_and_the_way_out() {
    let refusals: Vec<String> = [
        "15 1 * * *",
        "0 9 * * MON-FRI",
        "0 9 * * 1-5",
        "15 1 * * ? *",
        "@daily",
        "CRON(15 1 * * ? *)",
        " rate(10 minutes)",
        "cron(15 1 * * ? *",
        "at(2026-11-22T00:00:00)",
        "cron()",
        "cron(INVALID)",
        "cron(15 1 * * *)",
        "cron(0 9 * * 1-5)",
        "cron(0 15 1 * * ? *)",
        "cron(15  1 * * ? *)",
        "cron( 15 1 * * ? *)",
        "cron(15 1 * *\t? *)",
        "cron(71 8 1 * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 1 32 * ? *)",
        "cron(0 1 1 13 ? *)",
        "cron(0 1 1 foo ? *)",
        "cron(0 1 1 jan ? *)",
        "cron(0 1 ? * 0 *)",
        "cron(0 1 ? * 8 *)",
        "cron(0 1 ? * */2 *)",
        "cron(0 1 * * ? 1960)",
        "cron(0 1 * * ? 2200)",
        "cron(0 1 * * * *)",
        "cron(0 1 * * MON *)",
        "cron(0 1 1 * MON *)",
        "cron(0 1 ? * ? *)",
        "cron(? 1 * * ? *)",
        "cron(0/0 1 * * ? *)",
        "cron(0/60 1 * * ? *)",
        "cron(/5 1 * * ? *)",
        "cron(0 22-2 * * ? *)",
        "cron(0 1 ? * FRI-MON *)",
        "cron(1,,2 1 * * ? *)",
        "cron(*,5 1 * * ? *)",
        "cron(-5 1 * * ? *)",
        "cron(0 1 1,L * ? *)",
        "cron(0 1 32W * ? *)",
        "cron(0 1 L-3 * ? *)",
        "cron(0 1 3#2 * ? *)",
        "cron(0 1 ? * 3#6 *)",
        "cron(0 1 ? * 3#1,6#3 *)",
        "cron(0 1 ? * 15W *)",
        "cron(7 20 * * NOT *)",
        "rate()",
        "rate(10)",
        "rate( 10 minutes )",
        "rate(1 minutes)",
        "rate(10 minute)",
        "rate(10 MINUTES)",
        "rate(10 seconds)",
        "rate(2 weeks)",
        "rate(10 minutess)",
        "rate(0 minutes)",
        "rate(-10 minutes)",
        "rate(foo minutes)",
        "rate(99999999999 days)",
        "",
    ]
    .map(refusal)
    .into();
    insta::assert_snapshot!(refusals.join("\n"), @r"
    15 1 * * * [15 1 * * *] must be `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)` | as EventBridge writes it: `cron(15 1 * * ? *)`
    0 9 * * MON-FRI [0 9 * * MON-FRI] must be `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)` | as EventBridge writes it: `cron(0 9 ? * MON-FRI *)`
    0 9 * * 1-5 [0 9 * * 1-5] must be `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)` | a unix cron expression needs a year, and `?` for one of the days
    15 1 * * ? * [15 1 * * ? *] must be `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)` | put it in `cron(15 1 * * ? *)`
    @daily [@daily] must be `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)` | for every day at 01:15 UTC: `cron(15 1 * * ? *)`
    CRON(15 1 * * ? *) [CRON(15 1 * * ? *)] must be `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)` | write `cron` and `rate` in lower case
     rate(10 minutes) [ rate(10 minutes)] must be `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)` | remove the spaces around it
    cron(15 1 * * ? * [cron(15 1 * * ? *] must be `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)` | end it with `)`
    at(2026-11-22T00:00:00) [at(2026-11-22T00:00:00)] must be `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)` | a rule has no one-time schedules
    cron() [] needs six fields, not 0: minutes hours day-of-month month day-of-week year | for every day at 01:15 UTC: `cron(15 1 * * ? *)`
    cron(INVALID) [INVALID] needs six fields, not 1: minutes hours day-of-month month day-of-week year | for every day at 01:15 UTC: `cron(15 1 * * ? *)`
    cron(15 1 * * *) [15 1 * * *] needs six fields, not 5: minutes hours day-of-month month day-of-week year | write `cron(15 1 * * ? *)`
    cron(0 9 * * 1-5) [0 9 * * 1-5] needs six fields, not 5: minutes hours day-of-month month day-of-week year | add the year (`*` for every year); one of the days must be `?`
    cron(0 15 1 * * ? *) [0 15 1 * * ? *] needs six fields, not 7: minutes hours day-of-month month day-of-week year | there are no seconds: the finest step is one minute
    cron(15  1 * * ? *) [ ] fields are separated by single spaces | remove the other spaces
    cron( 15 1 * * ? *) [ ] fields are separated by single spaces | remove the other spaces
    cron(15 1 * *	? *) [*	?] fields are separated by single spaces | remove the other spaces
    cron(71 8 1 * ? *) [71] minutes must be 0-59 (with , - * /), not `71`
    cron(0 24 * * ? *) [24] hours must be 0-23 (with , - * /), not `24`
    cron(0 1 32 * ? *) [32] day of month must be 1-31 (with , - * ? / L W), not `32`
    cron(0 1 1 13 ? *) [13] month must be 1-12 or JAN-DEC (with , - * /), not `13`
    cron(0 1 1 foo ? *) [foo] month must be 1-12 or JAN-DEC (with , - * /), not `foo`
    cron(0 1 1 jan ? *) [jan] month must be 1-12 or JAN-DEC (with , - * /), not `jan` | write `JAN`
    cron(0 1 ? * 0 *) [0] day of week must be 1-7 or SUN-SAT, 1 is Sunday (with , - * ? L #), not `0` | 1 is Sunday and 7 is Saturday, unlike unix cron
    cron(0 1 ? * 8 *) [8] day of week must be 1-7 or SUN-SAT, 1 is Sunday (with , - * ? L #), not `8`
    cron(0 1 ? * */2 *) [/2] day of week must be 1-7 or SUN-SAT, 1 is Sunday (with , - * ? L #), not `/2` | list the days, such as `MON,WED,FRI`
    cron(0 1 * * ? 1960) [1960] year must be 1970-2199 (with , - * /), not `1960`
    cron(0 1 * * ? 2200) [2200] year must be 1970-2199 (with , - * /), not `2200`
    cron(0 1 * * * *) [* * *] one of day of month and day of week must be `?` | write `cron(0 1 * * ? *)`
    cron(0 1 * * MON *) [* * MON] one of day of month and day of week must be `?` | write `cron(0 1 ? * MON *)`
    cron(0 1 1 * MON *) [1 * MON] one of day of month and day of week must be `?` | EventBridge cannot combine the two: keep one and make the other `?`
    cron(0 1 ? * ? *) [? * ?] only one of day of month and day of week may be `?` | for every day, make the other one `*`
    cron(? 1 * * ? *) [?] minutes must be 0-59 (with , - * /), not `?`
    cron(0/0 1 * * ? *) [0] minutes: a step is 1-59, not `0`
    cron(0/60 1 * * ? *) [60] minutes: a step is 1-59, not `60`
    cron(/5 1 * * ? *) [] minutes must be 0-59 (with , - * /), not an empty item
    cron(0 22-2 * * ? *) [22-2] hours: a range goes upwards, not `22-2` | write it as a list, such as `22,23,0,1` or `FRI,SAT,SUN`
    cron(0 1 ? * FRI-MON *) [FRI-MON] day of week: a range goes upwards, not `FRI-MON` | write it as a list, such as `22,23,0,1` or `FRI,SAT,SUN`
    cron(1,,2 1 * * ? *) [] minutes must be 0-59 (with , - * /), not an empty item
    cron(*,5 1 * * ? *) [*] minutes must be 0-59 (with , - * /), not `*` | `*` stands alone in its field, not in a list or range
    cron(-5 1 * * ? *) [] minutes must be 0-59 (with , - * /), not an empty item
    cron(0 1 1,L * ? *) [L] day of month must be 1-31 (with , - * ? / L W), not `L` | `L` stands alone in its field, not in a list or range
    cron(0 1 32W * ? *) [32] day of month must be 1-31 (with , - * ? / L W), not `32`
    cron(0 1 L-3 * ? *) [L] day of month must be 1-31 (with , - * ? / L W), not `L` | `L` stands alone in its field, not in a list or range
    cron(0 1 3#2 * ? *) [3#2] day of month must be 1-31 (with , - * ? / L W), not `3#2`
    cron(0 1 ? * 3#6 *) [6] after `#`, day of week takes 1-5, not `6`
    cron(0 1 ? * 3#1,6#3 *) [3#1] day of week must be 1-7 or SUN-SAT, 1 is Sunday (with , - * ? L #), not `3#1` | `#` stands alone in its field, not in a list or range
    cron(0 1 ? * 15W *) [15W] day of week must be 1-7 or SUN-SAT, 1 is Sunday (with , - * ? L #), not `15W`
    cron(7 20 * * NOT *) [NOT] day of week must be 1-7 or SUN-SAT, 1 is Sunday (with , - * ? L #), not `NOT`
    rate() [] a rate is a value and a unit with a single space between | such as `rate(1 day)` or `rate(5 minutes)`
    rate(10) [10] a rate is a value and a unit with a single space between | such as `rate(1 day)` or `rate(5 minutes)`
    rate( 10 minutes ) [ 10 minutes ] a rate is a value and a unit with a single space between | such as `rate(1 day)` or `rate(5 minutes)`
    rate(1 minutes) [minutes] a rate's unit is minute, hour or day, plural for values above 1 | write `rate(1 minute)`
    rate(10 minute) [minute] a rate's unit is minute, hour or day, plural for values above 1 | write `rate(10 minutes)`
    rate(10 MINUTES) [MINUTES] a rate's unit is minute, hour or day, plural for values above 1 | write `rate(10 minutes)`
    rate(10 seconds) [seconds] a rate's unit is minute, hour or day, plural for values above 1 | the finest step is one minute
    rate(2 weeks) [weeks] a rate's unit is minute, hour or day, plural for values above 1 | write `rate(14 days)`
    rate(10 minutess) [minutess] a rate's unit is minute, hour or day, plural for values above 1
    rate(0 minutes) [0] a rate's value is a whole number from 1, not `0`
    rate(-10 minutes) [-10] a rate's value is a whole number from 1, not `-10`
    rate(foo minutes) [foo] a rate's value is a whole number from 1, not `foo`
    rate(99999999999 days) [99999999999] a rate's value is a whole number from 1, not `99999999999`
     [] must be `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)` | for every day at 01:15 UTC: `cron(15 1 * * ? *)`
    ");
}

#[test]
fn an_expression_of_more_than_256_characters_is_refused() {
    let long = format!("cron({} 1 * * ? *)", vec!["1"; 130].join(","));
    assert_eq!(Schedule::parse(&long).unwrap_err().message, "must be at most 256 characters");
}

#[test]
fn a_run_reports_the_day_before_it_in_the_digests_zone() {
    for (fire, zone, day) in [
        ("2018-12-10T01:15:00Z", "Asia/Tokyo", date(2018, 12, 9)),
        ("2018-12-10T15:00:00Z", "Asia/Tokyo", date(2018, 12, 10)),
        ("2018-12-10T14:59:00Z", "Asia/Tokyo", date(2018, 12, 9)),
        ("2018-12-10T01:15:00Z", "UTC", date(2018, 12, 9)),
        ("2018-12-10T01:15:00Z", "America/New_York", date(2018, 12, 8)),
        ("2027-01-01T00:00:00Z", "UTC", date(2026, 12, 31)),
    ] {
        assert_eq!(digest_day(fire.parse().unwrap(), &TimeZone::get(zone).unwrap()), day, "{fire} {zone}");
    }
}

/// The days of a schedule, as a person would put it.
#[derive(Clone, Debug)]
enum Days {
    OfMonth(BTreeSet<u16>),
    Last,
    LastWorkday,
    Nearest(i8),
    OfWeek(BTreeSet<u16>),
    Nth(i8, usize),
    LastOf(i8),
}

impl Days {
    /// Whether they hold a day, found by walking its month.
    fn hold(&self, day: Date) -> bool {
        let month: Vec<Date> =
            day.first_of_month().series(1.day()).take(day.days_in_month() as usize).collect();
        // 1 = Sunday.
        let number = |day: &Date| day.weekday().to_sunday_one_offset();
        let workdays = || {
            month.iter().filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)).copied()
        };
        match self {
            Self::OfMonth(days) => days.contains(&(day.day() as u16)),
            Self::Last => month.last() == Some(&day),
            Self::LastWorkday => workdays().last() == Some(day),
            Self::Nearest(wanted) => {
                *wanted <= day.days_in_month()
                    && workdays().min_by_key(|day| (day.day() - wanted).abs()) == Some(day)
            }
            Self::OfWeek(days) => days.contains(&(number(&day) as u16)),
            Self::Nth(weekday, nth) => {
                month.iter().filter(|day| number(day) == *weekday).nth(nth - 1) == Some(&day)
            }
            Self::LastOf(weekday) => month.iter().rfind(|day| number(day) == *weekday) == Some(&day),
        }
    }
}

/// A field and the values it stands for.
fn field(
    min: u16,
    max: u16,
    names: &'static [&'static str],
    steps: bool,
) -> BoxedStrategy<(String, BTreeSet<u16>)> {
    let spell = move |value: u16, named: bool| match names.get(value as usize - min as usize) {
        Some(name) if named => (*name).to_owned(),
        _ => value.to_string(),
    };
    let single = (min..=max, any::<bool>())
        .prop_map(move |(value, named)| (spell(value, named), BTreeSet::from([value])));
    let range = (min..=max, min..=max, any::<bool>()).prop_map(move |(a, b, named)| {
        let (from, to) = (a.min(b), a.max(b));
        (format!("{}-{}", spell(from, named), spell(to, named)), (from..=to).collect())
    });
    let item = if steps {
        let step = 1..=(max - min).min(max);
        let from = (min..=max, step.clone()).prop_map(move |(from, step)| {
            (format!("{from}/{step}"), (from..=max).step_by(step as usize).collect())
        });
        let every = step
            .clone()
            .prop_map(move |step| (format!("*/{step}"), (min..=max).step_by(step as usize).collect()));
        let within = (min..=max, min..=max, step).prop_map(move |(a, b, step)| {
            let (from, to) = (a.min(b), a.max(b));
            (format!("{from}-{to}/{step}"), (from..=to).step_by(step as usize).collect())
        });
        prop_oneof![3 => single, 2 => range, 1 => from, 1 => every, 1 => within].boxed()
    } else {
        prop_oneof![single, range].boxed()
    };
    let list = prop::collection::vec(item, 1..4).prop_map(|items: Vec<(String, BTreeSet<u16>)>| {
        let text: Vec<String> = items.iter().map(|(text, _)| text.clone()).collect();
        (text.join(","), items.into_iter().flat_map(|(_, values)| values).collect())
    });
    prop_oneof![1 => Just(("*".to_owned(), (min..=max).collect())), 3 => list].boxed()
}

const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// The two day fields (day of month, day of week) and what they mean.
fn days() -> impl Strategy<Value = (String, String, Days)> {
    let of_month = |text: String, days| (text, "?".to_owned(), days);
    let of_week = |text: String, days| ("?".to_owned(), text, days);
    let weekday = || {
        (1..=7i8, any::<bool>()).prop_map(|(day, named)| {
            (if named { WEEKDAYS[day as usize - 1].to_owned() } else { day.to_string() }, day)
        })
    };
    prop_oneof![
        field(1, 31, &[], true).prop_map(move |(text, days)| of_month(text, Days::OfMonth(days))),
        Just(of_month("L".into(), Days::Last)),
        Just(of_month("LW".into(), Days::LastWorkday)),
        (1..=31i8).prop_map(move |day| of_month(format!("{day}W"), Days::Nearest(day))),
        field(1, 7, WEEKDAYS, false).prop_map(move |(text, days)| of_week(text, Days::OfWeek(days))),
        Just(of_week("L".into(), Days::OfWeek(BTreeSet::from([7])))),
        (weekday(), 1..=5usize)
            .prop_map(move |((text, day), nth)| of_week(format!("{text}#{nth}"), Days::Nth(day, nth))),
        (1..=7i8).prop_map(move |day| of_week(format!("{day}L"), Days::LastOf(day))),
    ]
}

proptest! {
    #[test]
    fn next_times_agree_with_a_walk_through_the_calendar(
        (minutes, minute_set) in field(0, 59, &[], true),
        (hours, hour_set) in field(0, 23, &[], true),
        (months, month_set) in field(1, 12, MONTHS, true),
        (day_of_month, day_of_week, days) in days(),
        (years, year_set) in field(2024, 2031, &[], false).prop_map(|(text, years)| match text.as_str() {
            "*" => (text, (1970..=2199).collect()),
            _ => (text, years),
        }),
        after in 1_704_067_200i64..1_830_000_000, // 2024 to 2027
    ) {
        let expression = format!("cron({minutes} {hours} {day_of_month} {months} {day_of_week} {years})");
        let schedule = Schedule::parse(&expression).map_err(|error| TestCaseError::fail(format!("{expression}: {error}")))?;
        let after = Timestamp::from_second(after).unwrap();
        let start = TimeZone::UTC.to_datetime(after).date();
        // Six years of days: past a leap day.
        let walked: Vec<Timestamp> = start
            .series(1.day())
            .take(366 * 6)
            .filter(|day| year_set.contains(&(day.year() as u16)) && month_set.contains(&(day.month() as u16)))
            .filter(|day| days.hold(*day))
            .flat_map(|day| hour_set.iter().map(move |hour| (day, *hour)))
            .flat_map(|(day, hour)| minute_set.iter().map(move |minute| day.at(hour as i8, *minute as i8, 0, 0)))
            .map(|time| TimeZone::UTC.to_timestamp(time).unwrap())
            .filter(|time| *time > after)
            .take(4)
            .collect();
        let horizon = TimeZone::UTC.to_timestamp((start + (366 * 6).days()).at(0, 0, 0, 0)).unwrap();
        let times: Vec<Timestamp> = schedule.next(after, 4).into_iter().filter(|time| *time < horizon).collect();
        prop_assert_eq!(&times, &walked, "{}", expression);
        // And backwards the same.
        if let Some((last, before)) = walked.split_last() {
            let back = Vec::from_iter(before.iter().rev().copied());
            prop_assert_eq!(schedule.last(*last, before.len()), back, "{}", expression);
        }
        let words = schedule.words();
        prop_assert!(!words.contains(['*', '?', '#', '/']), "{}: {}", expression, words);
    }

    #[test]
    fn any_text_is_taken_or_refused_within_its_bounds(text in r"(cron|rate)\([0-9A-Z*?/#,LW \-]{0,30}\)|\PC{0,40}") {
        match Schedule::parse(&text) {
            Ok(schedule) => {
                schedule.next(START.parse().unwrap(), 2);
                prop_assert!(!schedule.words().is_empty());
            }
            Err(error) => { prop_assert!(text.get(error.span.clone()).is_some(), "{:?}", error); }
        }
    }
}
