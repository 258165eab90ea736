use jiff::civil::date;
use proptest::prelude::*;

use super::*;

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
    assert_eq!(window.day_before.length().as_hours(), 25);
    assert_eq!(window.week_before.start.to_string(), "2026-10-26T04:00:00Z");
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
        prop_assert_eq!(window.day_before.end, window.day.start);
        prop_assert_eq!(window.day.start.to_zoned(zone(name)).date(), day);
        let last = window.day.end - SignedDuration::from_nanos(1);
        prop_assert_eq!(last.to_zoned(zone(name)).date(), day);
    }
}

fn digest(total: u64, day: Date, name: &str, counted_at: &str) -> Digest {
    Digest {
        window: Window::of(day, &zone(name)).unwrap(),
        levels: vec![],
        tally: Tally { day: Counts { total, levels: vec![] }, ..Tally::default() },
        counted_at: counted_at.parse().unwrap(),
    }
}

#[test]
fn averages_divide_by_the_real_length_of_the_day() {
    let digest = digest(2300, date(2026, 3, 8), "America/New_York", "2026-03-09T12:00:00Z");
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
        let digest = digest(0, day, "Asia/Tokyo", counted_at);
        assert_eq!((digest.is_yesterday(), digest.is_complete()), (yesterday, complete), "{counted_at}");
    }
}

#[test]
fn changes_are_told_as_people_would() {
    let cases = [
        (0, 0, Change::Same),
        (7, 7, Change::Same),
        (0, 5, Change::FromZero),
        (5, 0, Change::Percent(-100)),
        (1000, 1, Change::Percent(-99)),
        (100_000, 100_001, Change::Slight),
        (100_000, 99_999, Change::Slight),
        (10, 12, Change::Percent(20)),
        (10, 99, Change::Percent(890)),
        (10, 100, Change::Times(10)),
        (1, u64::MAX, Change::Times(u64::MAX)),
    ];
    for (before, now, expected) in cases {
        assert_eq!(Change::between(before, now), expected, "{before} → {now}");
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
    };
    assert_eq!(row(&[0, 3, 1, 3]).peak(), Some(1));
    assert_eq!(row(&[0, 0]).peak(), None);
}
