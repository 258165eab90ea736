//! croner against a matcher that shares nothing with it: a walk through the calendar.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use proptest::prelude::*;

use super::*;

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
