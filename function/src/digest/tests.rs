use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use proptest::prelude::*;

use super::*;
use crate::settings::Threshold;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// The window's first and last instant, its length in minutes, and the starts of its hours on the clock.
fn described(day: Date, name: &str) -> (String, String, i64, Vec<String>) {
    let window = Window::of(day, &zone(name)).unwrap();
    let clock = |span: &Span| span.start.to_zoned(zone(name)).strftime("%H:%M").to_string();
    (
        window.day.start.to_string(),
        window.day.end.to_string(),
        window.day.length().as_mins(),
        window.hours.iter().map(clock).collect(),
    )
}

#[test]
fn days_have_their_real_boundaries_and_hours() {
    let cases = [
        // (day, zone, start, end, minutes, hours, the hours around the change)
        (
            date(2018, 12, 9),
            "Asia/Tokyo",
            "2018-12-08T15:00:00Z",
            "2018-12-09T15:00:00Z",
            1440,
            24,
            "00:00 01:00 02:00 03:00",
        ),
        (
            date(2026, 3, 8),
            "America/New_York",
            "2026-03-08T05:00:00Z",
            "2026-03-09T04:00:00Z",
            1380,
            23,
            "00:00 01:00 03:00 04:00",
        ),
        (
            date(2026, 11, 1),
            "America/New_York",
            "2026-11-01T04:00:00Z",
            "2026-11-02T05:00:00Z",
            1500,
            25,
            "00:00 01:00 01:00 02:00",
        ),
        (
            date(2026, 4, 5),
            "Australia/Lord_Howe",
            "2026-04-04T13:00:00Z",
            "2026-04-05T13:30:00Z",
            1470,
            25,
            "00:00 01:00 01:30 02:00",
        ),
        (
            date(2026, 10, 4),
            "Australia/Lord_Howe",
            "2026-10-03T13:30:00Z",
            "2026-10-04T13:00:00Z",
            1410,
            24,
            "00:00 01:00 02:30 03:00",
        ),
        (
            date(2026, 5, 1),
            "Asia/Kathmandu",
            "2026-04-30T18:15:00Z",
            "2026-05-01T18:15:00Z",
            1440,
            24,
            "00:00 01:00 02:00 03:00",
        ),
        // Midnight does not exist: the day begins at one o'clock.
        (
            date(2018, 11, 4),
            "America/Sao_Paulo",
            "2018-11-04T03:00:00Z",
            "2018-11-05T02:00:00Z",
            1380,
            23,
            "01:00 02:00 03:00 04:00",
        ),
        // The jump begins before midnight: half past eleven becomes half past midnight.
        (
            date(1919, 3, 31),
            "America/Toronto",
            "1919-03-31T04:30:00Z",
            "1919-04-01T04:00:00Z",
            1410,
            24,
            "00:30 01:00 02:00 03:00",
        ),
        // Midnight exists twice: the day begins at the first.
        (
            date(2018, 11, 4),
            "America/Havana",
            "2018-11-04T04:00:00Z",
            "2018-11-05T05:00:00Z",
            1500,
            25,
            "00:00 00:00 01:00 02:00",
        ),
    ];
    for (day, name, start, end, minutes, hours, around) in cases {
        let described = described(day, name);
        assert_eq!(
            (described.0.as_str(), described.1.as_str(), described.2),
            (start, end, minutes),
            "{day} {name}"
        );
        assert_eq!(described.3.len(), hours, "{day} {name}");
        assert_eq!(described.3[..4].join(" "), around, "{day} {name}");
    }
}

#[test]
fn a_day_that_the_calendar_jumps_over_is_an_error() {
    let error = Window::of(date(2011, 12, 30), &zone("Pacific/Apia")).unwrap_err();
    assert_eq!(error.to_string(), "2011-12-30 does not exist in Pacific/Apia");
}

#[test]
fn compared_days_are_calendar_days_too() {
    let window = Window::of(date(2026, 11, 2), &zone("America/New_York")).unwrap();
    assert_eq!(window.days[DAYS - 2].length().as_hours(), 25);
    assert_eq!(window.days[DAYS - 8].start.to_string(), "2026-10-26T04:00:00Z");
}

proptest! {
    #[test]
    fn hours_cover_the_day_without_gap_or_overlap(
        days in 0i32..60_000,
        name in proptest::sample::select(&[
            "UTC", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Monrovia",
            "America/Havana", "Asia/Beirut", "America/St_Johns", "Pacific/Chatham", "America/Toronto", "Asia/Gaza",
        ][..]),
    ) {
        let day = date(1900, 1, 1).checked_add(days.days()).unwrap();
        let Ok(window) = Window::of(day, &zone(name)) else { return Ok(()) };
        prop_assert_eq!(window.hours[0].start, window.day.start);
        prop_assert_eq!(window.hours.last().unwrap().end, window.day.end);
        for pair in window.hours.windows(2) {
            prop_assert_eq!(pair[0].end, pair[1].start);
            prop_assert!(pair[0].length() <= SignedDuration::from_hours(1));
        }
        prop_assert_eq!(window.days[DAYS - 1], window.day);
        for pair in window.days.windows(2) {
            prop_assert_eq!(pair[0].end, pair[1].start);
        }
        prop_assert_eq!(window.day.start.to_zoned(zone(name)).date(), day);
        let last = window.day.end - SignedDuration::from_nanos(1);
        prop_assert_eq!(last.to_zoned(zone(name)).date(), day);
    }
}

/// A digest with these totals on the last days of the trend.
fn digest(totals: &[u64], day: Date, name: &str, counted_at: &str) -> Digest {
    let mut tally = Tally::default();
    for (counts, total) in tally.days.iter_mut().rev().zip(totals.iter().rev()) {
        *counts = Counts { total: *total, levels: vec![*total] };
    }
    Digest {
        window: Window::of(day, &zone(name)).unwrap(),
        levels: vec!["Fatal".to_owned()],
        tally,
        messages: vec![],
        counted_at: counted_at.parse().unwrap(),
        run: None,
    }
}

#[test]
fn averages_divide_by_the_real_length_of_the_day() {
    let digest = digest(&[2300], date(2026, 3, 8), "America/New_York", "2026-03-09T12:00:00Z");
    assert_eq!(digest.average(Unit::Hour), 100.0);
    assert_eq!(digest.average(Unit::Minute), 100.0 / 60.0);
    assert_eq!(digest.average(Unit::Second), 100.0 / 3600.0);
}

#[test]
fn yesterday_is_the_zones_yesterday() {
    let day = date(2018, 12, 9);
    let cases = [
        ("2018-12-10T01:15:00Z", true, true),
        ("2018-12-09T15:00:00Z", true, true),
        ("2018-12-09T14:59:59Z", false, false),
        ("2018-12-10T15:00:00Z", false, true),
    ];
    for (counted_at, yesterday, complete) in cases {
        let digest = digest(&[0], day, "Asia/Tokyo", counted_at);
        assert_eq!((digest.is_yesterday(), digest.is_complete()), (yesterday, complete), "{counted_at}");
    }
}

/// Sunday's digest, counted the morning after.
fn sunday(totals: &[u64]) -> Digest {
    digest(totals, date(2018, 12, 9), "UTC", "2018-12-10T01:15:00Z")
}

#[test]
fn the_mood_is_that_of_the_thresholds_or_else_of_what_is_usual() {
    let read = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<Threshold>>();
    let usual = |total: u64| [vec![100; 13], vec![total]].concat();
    let rarely = |total: u64| [vec![1], vec![0; 12], vec![total]].concat();
    let cases = [
        (usual(0), &[][..], &[][..], Mood::Clear),
        (usual(49), &[], &[], Mood::Quiet),
        (usual(50), &[], &[], Mood::Usual),
        (usual(149), &[], &[], Mood::Usual),
        (usual(150), &[], &[], Mood::Busy),
        (usual(300), &[], &[], Mood::Stormy),
        (usual(u64::MAX), &[], &[], Mood::Stormy),
        // Some more than none is little to speak of; five are not.
        (rarely(4), &[], &[], Mood::Usual),
        (rarely(5), &[], &[], Mood::Stormy),
        // After two weeks without any, or at the first digest of all, there is no usual.
        (vec![5], &[], &[], Mood::First),
        (vec![500], &[], &[], Mood::First),
        (vec![500], &[], &["500"], Mood::Alert),
        (usual(149), &["Fatal=150"], &["200"], Mood::Usual),
        (usual(300), &["Fatal=301"], &[], Mood::Usual),
        (usual(150), &["Fatal=150"], &["200"], Mood::Warning),
        (usual(200), &["Fatal=150"], &["200"], Mood::Alert),
        (usual(0), &["1"], &[], Mood::Clear),
    ];
    for (totals, warn, alert, expected) in cases {
        let mood = Mood::of(&sunday(&totals), &read(warn), &read(alert));
        assert_eq!(mood, expected, "{totals:?} {warn:?} {alert:?}");
    }
    let mut today = sunday(&[0]);
    today.counted_at = "2018-12-09T12:00:00Z".parse().unwrap();
    assert_eq!(Mood::of(&today, &[], &[]), Mood::Usual, "the day may still have its errors before it");
}

#[test]
fn days_without_anything_are_posted_as_the_rule_says() {
    let quiet_week = [vec![3; 7], vec![0; 7]].concat();
    let quiet_six = [vec![3; 8], vec![0; 6]].concat();
    let saturday = digest(&quiet_week, date(2018, 12, 8), "UTC", "2018-12-10T01:15:00Z");
    let cases = [
        (sunday(&[1]), Zero::Quiet, Verdict::Post),
        (sunday(&[0]), Zero::Post, Verdict::Post),
        (sunday(&[0]), Zero::Quiet, Verdict::Silence),
        (sunday(&quiet_week), Zero::Quiet, Verdict::Silence),
        (sunday(&quiet_week), Zero::Weekly, Verdict::AllQuiet),
        (sunday(&quiet_six), Zero::Weekly, Verdict::Silence),
        (saturday, Zero::Weekly, Verdict::Silence),
    ];
    for (digest, zero, expected) in cases {
        assert_eq!(digest.verdict(zero), expected, "{zero} {}", digest.window.date);
    }
}

#[test]
fn the_peak_is_the_first_hour_with_the_most() {
    let row = |hours: &[u64]| Row {
        name: "",
        count: 0,
        day_before: Change::Same,
        week_before: Change::Same,
        hours: hours.to_vec(),
        days: vec![],
    };
    assert_eq!(row(&[0, 3, 1, 3]).peak(), Some(1));
    assert_eq!(row(&[0, 0]).peak(), None);
}
