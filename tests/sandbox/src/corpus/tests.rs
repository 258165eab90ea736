use proptest::prelude::*;

use super::*;

const LEVELS: [&str; 3] = ["Fatal", "Error", "Warning"];

fn recipe(zone: &str, first: Date, last: Date) -> Recipe {
    Recipe { seed: 7, zone: TimeZone::get(zone).unwrap(), first, last, per_day: 400 }
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn the_same_seed_gives_the_same_logs_and_a_day_does_not_depend_on_its_neighbours() {
    let long = recipe("Asia/Tokyo", date("2018-12-01"), date("2018-12-05")).generate();
    let again = recipe("Asia/Tokyo", date("2018-12-01"), date("2018-12-05")).generate();
    let short = recipe("Asia/Tokyo", date("2018-12-03"), date("2018-12-03")).generate();
    assert_eq!(long.documents(), again.documents());
    assert_eq!(long.truth(date("2018-12-03"), &LEVELS), short.truth(date("2018-12-03"), &LEVELS));
    let other = Recipe { seed: 8, ..recipe("Asia/Tokyo", date("2018-12-01"), date("2018-12-05")) }.generate();
    assert_ne!(long.documents(), other.documents());
}

#[test]
fn a_day_has_its_levels_overlaps_and_a_line_in_its_first_and_last_millisecond() {
    let day = date("2018-12-03");
    let corpus = recipe("Asia/Tokyo", day, day).generate();
    let truth = corpus.truth(day, &LEVELS);
    assert!(truth.levels.iter().all(|count| *count > 0), "{truth:?}");
    assert!(truth.total < truth.levels.iter().sum(), "some lines must belong to two levels: {truth:?}");
    let times: Vec<_> = corpus.documents().iter().map(|document| document.time.to_string()).collect();
    assert_eq!(times.first().unwrap(), "2018-12-02T15:00:00Z");
    assert_eq!(times.last().unwrap(), "2018-12-03T14:59:59.999Z");
}

#[test]
fn days_of_a_changing_clock_have_23_and_25_hours() {
    for (day, hours) in [("2018-03-11", 23), ("2018-11-04", 25), ("2018-11-05", 24)] {
        let day = date(day);
        let truth = recipe("America/New_York", day, day).generate().truth(day, &LEVELS);
        assert_eq!(truth.hours.len(), hours, "{day}");
    }
}

#[test]
fn only_whole_words_count_in_any_case() {
    let says = |message: &str| Document {
        time: Timestamp::UNIX_EPOCH,
        service: "batch",
        level: "Info",
        message: message.to_owned(),
    };
    for (message, counts) in [
        ("Error: x", true),
        ("x (ERROR)", true),
        ("non-error", true),
        ("errors", false),
        ("my_error", false),
        ("", false),
    ] {
        assert_eq!(says(message).mentions("Error"), counts, "{message}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The naive way: each document is looked at on its own, and its local date and time are printed and compared.
    #[test]
    fn the_truth_is_what_a_naive_count_gives(
        seed: u64,
        offset in 0..300_i32,
        zone in prop::sample::select(vec!["UTC", "Asia/Tokyo", "America/New_York", "Asia/Kathmandu"]),
    ) {
        let first = date("2018-02-25") + jiff::Span::new().days(offset);
        let recipe = Recipe { seed, per_day: 60, ..recipe(zone, first, first + jiff::Span::new().days(2)) };
        let corpus = recipe.generate();
        let day = first.tomorrow().unwrap();
        let truth = corpus.truth(day, &LEVELS);
        let mut levels = [0; 3];
        let mut total = 0;
        for document in corpus.documents() {
            let local = document.time.to_zoned(recipe.zone.clone());
            if local.strftime("%F").to_string() != day.to_string() {
                continue;
            }
            let spaced = format!(" {} ", document.message.to_lowercase().replace([':', '(', ')', ',', '-', '/'], " "));
            let found = LEVELS.map(|level| spaced.contains(&format!(" {} ", level.to_lowercase())));
            for (count, found) in levels.iter_mut().zip(found) {
                *count += u64::from(found);
            }
            total += u64::from(found.contains(&true));
        }
        prop_assert_eq!(&truth.levels, &levels);
        prop_assert_eq!(truth.total, total);
        prop_assert_eq!(truth.hours.iter().map(|hour| hour.total).sum::<u64>(), total);
    }
}
