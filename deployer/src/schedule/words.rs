//! A schedule in English. Takes only expressions that have been checked, and reads their fields as they were written: what a
//! person wrote as a step or a range is told as one. croner's own description takes `LW` for `L` and `0-30/10` for `*/10`.

use super::cron::{MONTHS, WEEKDAYS};

const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAY_NAMES: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

/// More times of day than these are told by their rule.
const MOST_TIMES: usize = 6;

/// `value unit` of a rate.
pub(super) fn rate(body: &str) -> String {
    let every = body.strip_prefix("1 ").unwrap_or(body);
    format!("every {every}")
}

/// The six fields of a cron expression.
pub(super) fn cron(body: &str) -> String {
    let mut fields = body.split(' ');
    let [minutes, hours, day_of_month, month, day_of_week, year] =
        std::array::from_fn(|_| fields.next().unwrap_or("*"));
    let (days, within_month) = match (day_of_month, day_of_week) {
        ("*", "?") | ("?", "*") => ("every day".to_owned(), false),
        ("?", day_of_week) => (days_of_week(day_of_week), day_of_week.len() > 1 && is_marked(day_of_week)),
        (day_of_month, _) => (days_of_month(day_of_month), true),
    };
    let months = items(month, "month", |text| name(text, MONTHS, &MONTH_NAMES));
    let mut words = format!("{}, {days}", time(minutes, hours));
    match (within_month, month) {
        (true, _) => words += &format!(" of {months}"),
        (false, "*") => {}
        (false, _) => words += &format!(", in {months}"),
    }
    if year != "*" {
        words += &format!(", in {}", items(year, "year", str::to_owned));
    }
    words
}

/// The time of day, in UTC.
fn time(minutes: &str, hours: &str) -> String {
    let numbers = |field: &str| {
        let numbers = field.split(',').map(|item| item.parse::<u8>().ok());
        numbers.collect::<Option<Vec<_>>>().map(|numbers| once(numbers.into_iter()))
    };
    if let (Some(minutes), Some(hours)) = (numbers(minutes), numbers(hours))
        && minutes.len() * hours.len() <= MOST_TIMES
    {
        let times = hours.iter().flat_map(|hour| minutes.iter().map(move |minute| (hour, minute)));
        return format!("at {} UTC", joined(times.map(|(hour, minute)| format!("{hour:02}:{minute:02}"))));
    }
    let minute_words = counted(items(minutes, "minute", str::to_owned), "at minute");
    match hours {
        "*" if minute_words.starts_with("every ") => minute_words,
        hours => format!("{minute_words} of {} (UTC)", counted(items(hours, "hour", str::to_owned), "hour")),
    }
}

fn days_of_month(field: &str) -> String {
    match field {
        "L" => "on the last day".to_owned(),
        "LW" => "on the last day from Monday to Friday".to_owned(),
        field => match field.strip_suffix('W') {
            Some(day) => format!("on the day from Monday to Friday nearest to day {day}"),
            None => match counted(items(field, "day", str::to_owned), "on day") {
                every if every.starts_with("every ") => format!("on {every}"),
                days => days,
            },
        },
    }
}

fn days_of_week(field: &str) -> String {
    let day = |text: &str| name(text, WEEKDAYS, &DAY_NAMES);
    if field == "L" {
        return "on Saturday".to_owned();
    }
    if let Some((weekday, nth)) = field.split_once('#') {
        let ordinal = nth.parse().ok().and_then(|nth: usize| ORDINALS.get(nth.checked_sub(1)?));
        return format!("on the {} {}", ordinal.unwrap_or(&nth), day(weekday));
    }
    match field.strip_suffix('L') {
        Some(weekday) => format!("on the last {}", day(weekday)),
        None => format!("on {}", items(field, "day", day)),
    }
}

/// Whether a day of the week is one of the month's.
fn is_marked(day_of_week: &str) -> bool {
    day_of_week.contains('#') || day_of_week.ends_with('L')
}

/// `at minute 5`, `at minutes 5 and 10`; what says `every` says it all.
fn counted(items: String, unit: &str) -> String {
    match items {
        every if every.starts_with("every ") => every,
        one if one.bytes().all(|b| b.is_ascii_digit()) => format!("{unit} {one}"),
        several => format!("{unit}s {several}"),
    }
}

/// A field's items, each as it was written.
fn items(field: &str, unit: &str, name: impl Fn(&str) -> String) -> String {
    let range = |base: &str| match base.split_once('-') {
        Some((from, to)) => format!("{} to {}", name(from), name(to)),
        None => name(base),
    };
    let every = |count: &str| match count {
        "1" => format!("every {unit}"),
        count => format!("every {count} {unit}s"),
    };
    joined(field.split(',').map(|item| match item.split_once('/') {
        None if item == "*" => every("1"),
        None => range(item),
        Some(("*" | "0", step)) => every(step),
        Some((base, step)) if base.starts_with(|c: char| c.is_ascii_digit()) && unit != "month" => {
            format!("{} from {unit} {}", every(step), range(base))
        }
        Some((base, step)) => format!("{} from {}", every(step), range(base)),
    }))
}

/// The full name of a number from 1, or of a short name.
fn name(text: &str, short: &[&str], full: &[&str]) -> String {
    let index = short.iter().position(|name| *name == text);
    let index = index.or_else(|| text.parse::<usize>().ok()?.checked_sub(1));
    index.and_then(|index| full.get(index)).map_or_else(|| text.to_owned(), |name| (*name).to_owned())
}

/// Each item once, where it first stands: EventBridge takes a value twice, and fires once.
fn once<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.fold(Vec::new(), |mut seen, item| {
        if !seen.contains(&item) {
            seen.push(item);
        }
        seen
    })
}

/// `a, b and c`.
fn joined(words: impl Iterator<Item = String>) -> String {
    let words = once(words);
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::schedule::Schedule;

    #[test]
    fn each_kind_of_field_is_told_as_it_was_written() {
        let mut told = String::new();
        for expression in [
            "rate(1 day)",
            "rate(5 minutes)",
            "cron(15 1 * * ? *)",
            "cron(0,30 9,21 ? * * *)",
            "cron(0/15 * * * ? *)",
            "cron(10/15 * * * ? *)",
            "cron(0-30/10 * * * ? *)",
            "cron(0/5 8-17 ? * MON-FRI *)",
            "cron(30 0/6 * * ? *)",
            "cron(* 1 * * ? *)",
            "cron(5 * * * ? *)",
            "cron(0 8 1 * ? *)",
            "cron(0 8 1,15 1,7 ? *)",
            "cron(0 9 1/2 JAN-MAR/2 ? *)",
            "cron(0 9 */2 */3 ? *)",
            "cron(0 10 L * ? *)",
            "cron(0 10 LW 12 ? *)",
            "cron(0 10 15W * ? *)",
            "cron(0 9 * 1-3 ? *)",
            "cron(0 10 ? * SUN,4 *)",
            "cron(0 10 ? JUN 7 *)",
            "cron(0 10 ? * L *)",
            "cron(0 10 ? * 6#3 *)",
            "cron(15 10 ? * 6L 2022-2035)",
            "cron(0 9 * * ? 2027/2)",
            "cron(0,0,0 9 * * ? *)",
            "cron(0,0,0,00 9,9,09 * * ? *)",
            "cron(0,30,0 9,21 ? 1,JAN MON,2 *)",
        ] {
            told += &format!("{expression}: {}\n", Schedule::parse(expression).unwrap().words());
        }
        insta::assert_snapshot!(told, @"
        rate(1 day): every day
        rate(5 minutes): every 5 minutes
        cron(15 1 * * ? *): at 01:15 UTC, every day
        cron(0,30 9,21 ? * * *): at 09:00, 09:30, 21:00 and 21:30 UTC, every day
        cron(0/15 * * * ? *): every 15 minutes, every day
        cron(10/15 * * * ? *): every 15 minutes from minute 10, every day
        cron(0-30/10 * * * ? *): every 10 minutes from minute 0 to 30, every day
        cron(0/5 8-17 ? * MON-FRI *): every 5 minutes of hours 8 to 17 (UTC), on Monday to Friday
        cron(30 0/6 * * ? *): at minute 30 of every 6 hours (UTC), every day
        cron(* 1 * * ? *): every minute of hour 1 (UTC), every day
        cron(5 * * * ? *): at minute 5 of every hour (UTC), every day
        cron(0 8 1 * ? *): at 08:00 UTC, on day 1 of every month
        cron(0 8 1,15 1,7 ? *): at 08:00 UTC, on days 1 and 15 of January and July
        cron(0 9 1/2 JAN-MAR/2 ? *): at 09:00 UTC, on every 2 days from day 1 of every 2 months from January to March
        cron(0 9 */2 */3 ? *): at 09:00 UTC, on every 2 days of every 3 months
        cron(0 10 L * ? *): at 10:00 UTC, on the last day of every month
        cron(0 10 LW 12 ? *): at 10:00 UTC, on the last day from Monday to Friday of December
        cron(0 10 15W * ? *): at 10:00 UTC, on the day from Monday to Friday nearest to day 15 of every month
        cron(0 9 * 1-3 ? *): at 09:00 UTC, every day, in January to March
        cron(0 10 ? * SUN,4 *): at 10:00 UTC, on Sunday and Wednesday
        cron(0 10 ? JUN 7 *): at 10:00 UTC, on Saturday, in June
        cron(0 10 ? * L *): at 10:00 UTC, on Saturday
        cron(0 10 ? * 6#3 *): at 10:00 UTC, on the third Friday of every month
        cron(15 10 ? * 6L 2022-2035): at 10:15 UTC, on the last Friday of every month, in 2022 to 2035
        cron(0 9 * * ? 2027/2): at 09:00 UTC, every day, in every 2 years from year 2027
        cron(0,0,0 9 * * ? *): at 09:00 UTC, every day
        cron(0,0,0,00 9,9,09 * * ? *): at 09:00 UTC, every day
        cron(0,30,0 9,21 ? 1,JAN MON,2 *): at 09:00, 09:30, 21:00 and 21:30 UTC, on Monday, in January
        ");
    }
}
