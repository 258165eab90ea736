use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value, json};
use slack_messaging::blocks::{Context, Header, Section};
use slack_messaging::composition_objects::{Mrkdwn, Plain, TextObject as Oracle};

use super::*;
use crate::digest::{Counts, Tally, Window};
use crate::secret::Secret;
use crate::settings::{Auth, Reference};

fn settings(language: Language) -> Settings {
    Settings {
        webhook: Reference::Plain(Secret::new("https://hooks.slack.test/secret")),
        channel: None,
        username: None,
        kibana: None,
        endpoint: Reference::Plain(Secret::new("https://es.test")),
        indexes: vec!["app".to_owned()],
        levels: vec![],
        unit: Unit::Hour,
        field: "message".to_owned(),
        time_field: "@timestamp".to_owned(),
        auth: Auth::Auto,
        credentials: None,
        timezone: TimeZone::UTC,
        language,
    }
}

fn counts(total: u64, levels: &[u64]) -> Counts {
    Counts { total, levels: levels.to_vec() }
}

/// Sunday, 2018-12-09 in Tokyo: 12 Fatal and 1,234 Warning, of which 6 lines are both.
fn digest() -> Digest {
    let mut hours = vec![counts(0, &[0, 0]); 24];
    hours[3] = counts(4, &[4, 0]);
    hours[14] = counts(1236, &[8, 1234]);
    Digest {
        window: Window::of(date(2018, 12, 9), &TimeZone::get("Asia/Tokyo").unwrap()).unwrap(),
        levels: vec!["Fatal".to_owned(), "Warning".to_owned()],
        tally: Tally {
            day: counts(1240, &[12, 1234]),
            day_before: counts(1000, &[10, 1000]),
            week_before: counts(100, &[24, 0]),
            hours,
        },
        counted_at: "2018-12-10T01:15:00Z".parse().unwrap(),
    }
}

/// The texts of a message's blocks, one after the other.
fn shown(message: &Message) -> String {
    let text = |text: &Text| match text {
        Text::PlainText { text } => format!("# {text}"),
        Text::Mrkdwn { text, .. } => text.clone(),
    };
    let blocks = message.blocks.iter().map(|block| match block {
        Block::Header { text: header } => text(header),
        Block::Section { text: section } => text(section),
        Block::Context { elements } => elements.iter().map(text).collect(),
    });
    blocks.collect::<Vec<_>>().join("\n--\n")
}

#[test]
fn the_japanese_message() {
    let message = message(&digest(), &settings(Language::Japanese), Some("https://k.test/?a=1&b=2"));
    insta::assert_snapshot!(shown(&message), @r#"
    # 2018年12月9日(日) Asia/Tokyo
    --
    みんなちゅうもーく!昨日出力された *Fatal, Warning* を発表しちゃうよー!
    --
    *Fatal*: 12件(前日比 +20%、前週の日曜比 -50%)
    `▁▁▁▅▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁` ピーク 14:00〜(8件)
    --
    *Warning*: 1,234件(前日比 +23%、前週の日曜は0件)
    `▁▁▁▁▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁` ピーク 14:00〜(1,234件)
    --
    *合計*: 1,240件(前日比 +24%、前週の日曜の12倍) _重複は1件と数えます_
    1時間の平均: 51.7件
    --
    詳細はこちら → <https://k.test/?a=1&amp;b=2|Kibana>
    --
    2018-12-09 00:00 〜 2018-12-10 00:00 Asia/Tokyo(24時間)、2018-12-10 10:15 に集計
    "#);
    insta::assert_snapshot!(message.text, @r#"
    みんなちゅうもーく!昨日出力された *Fatal, Warning* を発表しちゃうよー!
    *Fatal*: 12件(前日比 +20%、前週の日曜比 -50%)
    *Warning*: 1,234件(前日比 +23%、前週の日曜は0件)
    *合計*: 1,240件(前日比 +24%、前週の日曜の12倍) _重複は1件と数えます_
    1時間の平均: 51.7件
    詳細はこちら → <https://k.test/?a=1&amp;b=2|Kibana>
    2018-12-09 00:00 〜 2018-12-10 00:00 Asia/Tokyo(24時間)、2018-12-10 10:15 に集計
    "#);
}

#[test]
fn the_english_message() {
    let mut digest = digest();
    digest.counted_at = "2018-12-12T01:15:00Z".parse().unwrap();
    let message = message(&digest, &Settings { unit: Unit::Minute, ..settings(Language::English) }, None);
    insta::assert_snapshot!(shown(&message), @r#"
    # Sunday, December 9, 2018 Asia/Tokyo
    --
    Attention, everybody! Here are the *Fatal, Warning* counts of Sunday, December 9!
    --
    *Fatal*: 12 (+20% vs the day before; -50% vs Sunday a week before)
    `▁▁▁▅▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁` peak at 14:00 (8)
    --
    *Warning*: 1,234 (+23% vs the day before; none on Sunday a week before)
    `▁▁▁▁▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁` peak at 14:00 (1,234)
    --
    *Total*: 1,240 (+24% vs the day before; 12 times Sunday a week before) _each log counted once_
    Average: 0.86 per minute
    --
    2018-12-09 00:00 to 2018-12-10 00:00 Asia/Tokyo (24 hours), counted 2018-12-12 10:15
    "#);
    insta::assert_snapshot!(message.text, @r#"
    Attention, everybody! Here are the *Fatal, Warning* counts of Sunday, December 9!
    *Fatal*: 12 (+20% vs the day before; -50% vs Sunday a week before)
    *Warning*: 1,234 (+23% vs the day before; none on Sunday a week before)
    *Total*: 1,240 (+24% vs the day before; 12 times Sunday a week before) _each log counted once_
    Average: 0.86 per minute
    2018-12-09 00:00 to 2018-12-10 00:00 Asia/Tokyo (24 hours), counted 2018-12-12 10:15
    "#);
}

#[test]
fn a_day_without_errors_is_praised_and_a_day_in_progress_is_called_so() {
    let mut digest = digest();
    digest.levels.truncate(1);
    let none = counts(0, &[0]);
    digest.tally = Tally {
        day: none.clone(),
        day_before: counts(3, &[3]),
        week_before: none.clone(),
        hours: vec![none; 24],
    };
    insta::assert_snapshot!(shown(&message(&digest, &settings(Language::Japanese), None)), @r#"
    # 2018年12月9日(日) Asia/Tokyo
    --
    みんなちゅうもーく!昨日は *Fatal* がゼロ件だったよー!おめでとー!
    --
    *Fatal*: 0件(前日比 -100%、前週の日曜と同じ)
    --
    1時間の平均: 0件
    --
    2018-12-09 00:00 〜 2018-12-10 00:00 Asia/Tokyo(24時間)、2018-12-10 10:15 に集計
    "#);
    digest.counted_at = "2018-12-09T03:00:00Z".parse().unwrap();
    insta::assert_snapshot!(shown(&message(&digest, &settings(Language::English), None)), @r#"
    # Sunday, December 9, 2018 Asia/Tokyo
    --
    Attention, everybody! Here are the *Fatal* counts of Sunday, December 9!
    --
    *Fatal*: 0 (-100% vs the day before; same as Sunday a week before)
    --
    Average: 0 per hour
    --
    2018-12-09 00:00 to 2018-12-10 00:00 Asia/Tokyo (24 hours), counted 2018-12-09 12:00; the day is not over yet
    "#);
}

#[test]
fn a_notice_says_why_and_has_no_markup_of_others() {
    let settings = settings(Language::English);
    let notice = notice(&settings, date(2018, 12, 9), "refused: <!channel> `x`", Some("check ES_INDEXES"));
    assert_eq!(
        notice.text,
        "Sorry! The logs of Sunday, December 9 could not be counted.\n\
         Reason: refused: &lt;!channel&gt; `\u{200b}x`\u{200b}\n\
         Hint: check ES_INDEXES"
    );
}

#[test]
fn the_settings_of_legacy_webhooks_are_sent_only_when_set() {
    let plain = serde_json::to_value(message(&digest(), &settings(Language::English), None)).unwrap();
    let keys: Vec<_> = plain.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["blocks", "text", "unfurl_links", "unfurl_media"]);
    let legacy = Settings {
        channel: Some("#ops".to_owned()),
        username: Some("ログ情報お知らせちゃん".to_owned()),
        ..settings(Language::Japanese)
    };
    let legacy = serde_json::to_value(message(&digest(), &legacy, None)).unwrap();
    assert_eq!(legacy["channel"], "#ops");
    assert_eq!(legacy["username"], "ログ情報お知らせちゃん");
    assert_eq!(legacy["icon_emoji"], ":female-technologist:");
}

/// The same blocks, made by the builders of slack-messaging, which refuse what Slack's documentation forbids.
fn by_oracle(message: &Message) -> Vec<Value> {
    let mrkdwn = |text: &Text| {
        let Text::Mrkdwn { text, verbatim } = text else { panic!("mrkdwn expected") };
        Oracle::<Mrkdwn>::builder().text(text).verbatim(*verbatim).build().unwrap()
    };
    let block = |block: &Block| match block {
        Block::Header { text: Text::PlainText { text } } => {
            let text = Oracle::<Plain>::builder().text(text).build().unwrap();
            serde_json::to_value(Header::builder().text(text).build().unwrap())
        }
        Block::Header { .. } => panic!("a header takes plain text"),
        Block::Section { text } => {
            serde_json::to_value(Section::builder().text(mrkdwn(text)).build().unwrap())
        }
        Block::Context { elements } => {
            let builder =
                elements.iter().fold(Context::builder(), |builder, text| builder.element(mrkdwn(text)));
            serde_json::to_value(builder.build().unwrap())
        }
    };
    message.blocks.iter().map(|b| block(b).unwrap()).collect()
}

/// Slack's documented limits, in characters.
fn check_limits(message: &Message) {
    assert!(message.text.chars().count() <= 40_000);
    assert!(message.blocks.len() <= 50);
    let within = |text: &Text, limit: usize| {
        let (Text::PlainText { text } | Text::Mrkdwn { text, .. }) = text;
        let length = text.chars().count();
        assert!((1..=limit).contains(&length), "{length} of {limit}: {text}");
    };
    for block in &message.blocks {
        match block {
            Block::Header { text } => within(text, 150),
            Block::Section { text } => within(text, 3000),
            Block::Context { elements } => {
                assert!(elements.len() <= 10);
                elements.iter().for_each(|text| within(text, 3000));
            }
        }
    }
    assert_eq!(json!(by_oracle(message)), json!(message.blocks));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_message_keeps_slacks_limits_and_foreign_text_powerless(
        names in proptest::collection::vec(prop_oneof![any::<String>(), "[<>&`@!|*]{0,2000}"], 1..60),
        numbers in proptest::collection::vec(any::<u64>(), 4),
        link in proptest::option::of(prop_oneof![Just("x".repeat(2501)), "https://[a-z&]{0,2400}"]),
        language in proptest::sample::select(Language::ALL),
    ) {
        let level_counts = |n: u64| counts(n, &vec![n; names.len()]);
        let digest = Digest {
            levels: names.clone(),
            tally: Tally {
                day: level_counts(numbers[0]),
                day_before: level_counts(numbers[1]),
                week_before: level_counts(numbers[2]),
                hours: vec![level_counts(numbers[3]); 24],
            },
            ..digest()
        };
        let message = message(&digest, &settings(language), link.as_deref());
        check_limits(&message);
        // The only markup is ours: at most the one link.
        prop_assert!(shown(&message).matches('<').count() <= usize::from(link.is_some()));
        check_limits(&notice(&settings(language), digest.window.date, &names[0], Some(&names[0])));
    }
}
