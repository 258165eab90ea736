//! Times checked by hand, and refusals as people read them.

mod walk;

use jiff::civil::date;

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
        "cron(0 1 ? * FRIL *)",
        "cron(0 1 ? * sunL *)",
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
        "rate(99999999 days)",
        "rate(876001 hours)",
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
    cron(0 1 ? * FRIL *) [FRIL] day of week must be 1-7 or SUN-SAT, 1 is Sunday (with , - * ? L #), not `FRIL` | write `6L`
    cron(0 1 ? * sunL *) [sunL] day of week must be 1-7 or SUN-SAT, 1 is Sunday (with , - * ? L #), not `sunL` | write `1L`
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
    rate(99999999 days) [99999999] a rate is at most 100 years, not 99999999 days | it first fires that long after the deploy; for every day: `rate(1 day)`
    rate(876001 hours) [876001] a rate is at most 100 years, not 876001 hours | it first fires that long after the deploy; for every day: `rate(1 day)`
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
