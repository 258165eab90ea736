mod oracle;

use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::digest::{Counts, Tally, Window};
use crate::fingerprint::{Share, TopMessage};
use crate::settings::{Mention, Threshold};

/// The least that settings can be, in a language.
fn settings(language: Language) -> Settings {
    let get = |name: &str| match name {
        "SLACK_WEBHOOK_URL" | "ES_ENDPOINT" | "ES_INDEXES" | "ERROR_LEVEL" => Some("x".to_owned()),
        "DIGEST_LANGUAGE" => Some(language.to_string()),
        _ => None,
    };
    Settings::from_env(get).unwrap().0
}

fn counts(total: u64, levels: &[u64]) -> Counts {
    Counts { total, levels: levels.to_vec() }
}

/// Sunday, 2018-12-09 in Tokyo: 12 Fatal and 1,234 Warning, of which 6 lines are both.
fn digest() -> Digest {
    let mut hours = vec![counts(0, &[0, 0]); 24];
    hours[3] = counts(4, &[4, 0]);
    hours[14] = counts(1236, &[8, 1234]);
    let days = std::array::from_fn(|n| match n {
        13 => counts(1240, &[12, 1234]),
        12 => counts(1000, &[10, 1000]),
        6 => counts(100, &[24, 0]),
        n => counts(500 + n as u64, &[5, 500]),
    });
    let message =
        |level, text: &str, share, is_new| TopMessage { level, text: text.to_owned(), share, is_new };
    Digest {
        window: Window::of(date(2018, 12, 9), &TimeZone::get("Asia/Tokyo").unwrap()).unwrap(),
        levels: vec!["Fatal".to_owned(), "Warning".to_owned()],
        tally: Tally { days, hours },
        messages: vec![
            message(0, "worker # died", Share::Exactly(9), true),
            message(1, "slow query on orders took # ms", Share::About(60), false),
        ],
        counted_at: "2018-12-10T01:15:00Z".parse().unwrap(),
        run: None,
    }
}

fn links() -> Links {
    Links {
        all: "https://k.test/?a=1&b=2".to_owned(),
        levels: vec!["https://k.test/?l=0".to_owned(), "https://k.test/?l=1".to_owned()],
    }
}

/// The texts of a message's blocks, one after the other.
fn shown(message: &Message) -> String {
    let text = |text: &Text| match text {
        Text::PlainText { text } => format!("# {text}"),
        Text::Mrkdwn { text, .. } => text.clone(),
    };
    let show = |block: &Block| match block {
        Block::Header { text: header } => text(header),
        Block::Section { text: section } => text(section),
        Block::Context { elements } => elements.iter().map(text).collect(),
        Block::Actions { elements } => {
            let buttons = elements.iter().map(|button| format!("[{} → {}]", text(&button.text), button.url));
            buttons.collect::<Vec<_>>().join(" ")
        }
        Block::DataVisualization { title, chart } => {
            let (kind, series) = match chart {
                block::Chart::Bar(series) => ("bars", series),
                block::Chart::Line(series) => ("lines", series),
            };
            let one = |one: &block::OneSeries| {
                let points = one.data.iter().map(|point| format!("{} {}", point.label, point.value));
                format!("{}: {}", one.name, points.collect::<Vec<_>>().join(", "))
            };
            let all = series.series.iter().map(one).collect::<Vec<_>>().join("\n");
            format!("({kind}) {title}\n{all}")
        }
        Block::Table { rows, .. } => {
            let row = |cells: &Vec<block::Cell>| {
                cells.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>().join(" | ")
            };
            rows.iter().map(row).collect::<Vec<_>>().join("\n")
        }
    };
    let bar = message.attachments.iter().flat_map(|attachment| {
        [format!("({})", attachment.color)].into_iter().chain(attachment.blocks.iter().map(show))
    });
    message.blocks.iter().map(show).chain(bar).collect::<Vec<_>>().join("\n--\n")
}

#[test]
fn the_japanese_message() {
    let message = message(&digest(), &settings(Language::Japanese), Some(&links()), Form::Rich);
    insta::assert_snapshot!(shown(&message), @r#"
    # 🌧️ 2018年12月9日(日) いつもより多め
    --
    みんなちゅうもーく!昨日出力された *Fatal, Warning* を発表しちゃうよー!
    --
    *Fatal*: 12件(前日比 +20%、前週の日曜比 -50%)
    `▁▁▁▅▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁` ピーク 14:00〜(8件)
    --
    *Warning*: 1,234件(前日比 +23%、前週の日曜は0件)
    `▁▁▁▁▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁` ピーク 14:00〜(1,234件)
    --
    *合計*: 1,240件(前日比 +24%、前週の日曜の12倍) _複数レベルのログも1件と数えます_
    1時間の平均: 51.7件
    14日間の推移: 1日100〜1,240件
    --
    (bars) 時間帯ごとの件数
    Fatal: 00:00 0, 02:00 4, 04:00 0, 06:00 0, 08:00 0, 10:00 0, 12:00 0, 14:00 8, 16:00 0, 18:00 0, 20:00 0, 22:00 0
    Warning: 00:00 0, 02:00 0, 04:00 0, 06:00 0, 08:00 0, 10:00 0, 12:00 0, 14:00 1234, 16:00 0, 18:00 0, 20:00 0, 22:00 0
    --
    (lines) 14日間の件数
    Fatal: 11/26 5, 11/27 5, 11/28 5, 11/29 5, 11/30 5, 12/1 5, 12/2 24, 12/3 5, 12/4 5, 12/5 5, 12/6 5, 12/7 5, 12/8 10, 12/9 12
    Warning: 11/26 500, 11/27 500, 11/28 500, 11/29 500, 11/30 500, 12/1 500, 12/2 0, 12/3 500, 12/4 500, 12/5 500, 12/6 500, 12/7 500, 12/8 1000, 12/9 1234
    --
    *よく出たメッセージ*
    --
    レベル | 件数・割合 | メッセージ
    Fatal | 9件 🆕 | worker # died
    Warning | 約60% | slow query on orders took # ms
    --
    [# Kibanaで開く → https://k.test/?a=1&b=2] [# Fatal → https://k.test/?l=0] [# Warning → https://k.test/?l=1]
    --
    2018-12-09 00:00 〜 2018-12-10 00:00 Asia/Tokyo(24時間)、2018-12-10 10:15 に集計
    "#);
    insta::assert_snapshot!(message.text, @r#"
    みんなちゅうもーく!昨日出力された *Fatal, Warning* を発表しちゃうよー!
    🌧️ 2018年12月9日(日) いつもより多め
    *Fatal*: 12件(前日比 +20%、前週の日曜比 -50%) ピーク 14:00〜(8件)
    *Warning*: 1,234件(前日比 +23%、前週の日曜は0件) ピーク 14:00〜(1,234件)
    *合計*: 1,240件(前日比 +24%、前週の日曜の12倍) _複数レベルのログも1件と数えます_
    1時間の平均: 51.7件
    14日間の推移: 1日100〜1,240件
    *よく出たメッセージ*
    • Fatal 9件 🆕 `worker # died`
    • Warning 約60% `slow query on orders took # ms`
    詳細はこちら → <https://k.test/?a=1&amp;b=2|Kibana>
    2018-12-09 00:00 〜 2018-12-10 00:00 Asia/Tokyo(24時間)、2018-12-10 10:15 に集計
    "#);
}

#[test]
fn the_english_message_without_newer_blocks() {
    let mut digest = digest();
    digest.counted_at = "2018-12-12T01:15:00Z".parse().unwrap();
    digest.run = Some("8b1d".to_owned());
    let settings = Settings { unit: Unit::Minute, ..settings(Language::English) };
    let message = message(&digest, &settings, Some(&links()), Form::Plain);
    insta::assert_snapshot!(shown(&message), @r#"
    # 🌧️ Sunday, December 9, 2018: more than usual
    --
    Attention, everybody! Here are the *Fatal, Warning* counts of Sunday, December 9!
    --
    *Fatal*: 12 (20% more than the day before, 50% fewer than the Sunday before) <https://k.test/?l=0|Kibana>
    `▁▁▁▅▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁` peak at 14:00 (8)
    --
    *Warning*: 1,234 (23% more than the day before, none on the Sunday before) <https://k.test/?l=1|Kibana>
    `▁▁▁▁▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁` peak at 14:00 (1,234)
    --
    *Total*: 1,240 (24% more than the day before, 12 × the Sunday before) _each log counts once_
    Average: 0.86 per minute
    Last 14 days: `▄▄▄▄▄▄▂▄▄▄▄▄▇█` 100 to 1,240 a day
    --
    *Top messages*
    • Fatal 9 lines 🆕 `worker # died`
    • Warning about 60% `slow query on orders took # ms`
    --
    Details → <https://k.test/?a=1&amp;b=2|Kibana>
    --
    2018-12-09 00:00 to 2018-12-10 00:00 Asia/Tokyo (24 hours), counted 2018-12-12 10:15, run 8b1d
    "#);
    insta::assert_snapshot!(message.text, @r#"
    Attention, everybody! Here are the *Fatal, Warning* counts of Sunday, December 9!
    🌧️ Sunday, December 9, 2018: more than usual
    *Fatal*: 12 (20% more than the day before, 50% fewer than the Sunday before) peak at 14:00 (8)
    *Warning*: 1,234 (23% more than the day before, none on the Sunday before) peak at 14:00 (1,234)
    *Total*: 1,240 (24% more than the day before, 12 × the Sunday before) _each log counts once_
    Average: 0.86 per minute
    Last 14 days: 100 to 1,240 a day
    *Top messages*
    • Fatal 9 lines 🆕 `worker # died`
    • Warning about 60% `slow query on orders took # ms`
    Details → <https://k.test/?a=1&amp;b=2|Kibana>
    2018-12-09 00:00 to 2018-12-10 00:00 Asia/Tokyo (24 hours), counted 2018-12-12 10:15, run 8b1d
    "#);
}

#[test]
fn a_day_without_errors_is_praised_and_a_day_in_progress_is_called_so() {
    let mut digest = digest();
    digest.levels.truncate(1);
    digest.messages.clear();
    let none = counts(0, &[0]);
    digest.tally = Tally { hours: vec![none.clone(); 24], ..Tally::default() };
    digest.tally.days.fill(none);
    digest.tally.days[11] = counts(3, &[3]);
    insta::assert_snapshot!(shown(&message(&digest, &settings(Language::Japanese), None, Form::Plain)), @r#"
    # ☀️ 2018年12月9日(日) ゼロ件
    --
    みんなちゅうもーく!昨日は *Fatal* がゼロ件だったよー!おめでとー!(2日連続)
    --
    *Fatal*: 0件
    --
    14日間の推移: `▁▁▁▁▁▁▁▁▁▁▁█▁▁` 1日0〜3件
    --
    2018-12-09 00:00 〜 2018-12-10 00:00 Asia/Tokyo(24時間)、2018-12-10 10:15 に集計
    "#);
    digest.counted_at = "2018-12-09T03:00:00Z".parse().unwrap();
    insta::assert_snapshot!(shown(&message(&digest, &settings(Language::English), None, Form::Plain)), @r#"
    # ⛅ Sunday, December 9, 2018: as usual
    --
    Attention, everybody! Here are the *Fatal* counts of Sunday, December 9!
    --
    *Fatal*: 0
    --
    Last 14 days: `▁▁▁▁▁▁▁▁▁▁▁█▁▁` 0 to 3 a day
    --
    2018-12-09 00:00 to 2018-12-10 00:00 Asia/Tokyo (24 hours), counted 2018-12-09 12:00; the day is not over yet
    "#);
}

#[test]
fn a_week_without_anything_is_one_line() {
    let mut digest = digest();
    digest.tally.days[6..].fill(counts(0, &[0, 0]));
    insta::assert_snapshot!(shown(&all_quiet(&digest, &settings(Language::Japanese))), @r#"
    みんなちゅうもーく!この1週間、*Fatal, Warning* は一件もなかったよー!おめでとー!(8日連続)
    --
    2018-12-09 00:00 〜 2018-12-10 00:00 Asia/Tokyo(24時間)、2018-12-10 10:15 に集計
    "#);
    digest.tally.days.fill(counts(0, &[0, 0]));
    insta::assert_snapshot!(shown(&all_quiet(&digest, &settings(Language::English))), @r#"
    Attention, everybody! Not a single *Fatal, Warning* for a whole week. Well done! (14 days in a row, or more)
    --
    2018-12-09 00:00 to 2018-12-10 00:00 Asia/Tokyo (24 hours), counted 2018-12-10 10:15
    "#);
}

#[test]
fn an_alert_has_a_colour_and_mentions_whom_the_settings_name() {
    let alert = vec![Threshold { level: Some("Fatal".to_owned()), count: 12 }];
    let settings = Settings {
        alert,
        mention: Some(Mention::Everybody("here")),
        chart: Chart::Off,
        opening: Some("*{day}* {levels} → {total} <https://wiki.test|runbook>".to_owned()),
        ..settings(Language::English)
    };
    let alerted = message(&digest(), &settings, None, Form::Plain);
    insta::assert_snapshot!(shown(&alerted), @r#"
    # ⛈️ Sunday, December 9, 2018: alert threshold reached
    --
    <!here> *Sunday, December 9* Fatal, Warning → 1,240 <https://wiki.test|runbook>
    --
    (#e01e5a)
    --
    *Fatal*: 12 (20% more than the day before, 50% fewer than the Sunday before)
    peak at 14:00 (8)
    --
    *Warning*: 1,234 (23% more than the day before, none on the Sunday before)
    peak at 14:00 (1,234)
    --
    *Total*: 1,240 (24% more than the day before, 12 × the Sunday before) _each log counts once_
    Average: 51.7 per hour
    Last 14 days: 100 to 1,240 a day
    --
    *Top messages*
    • Fatal 9 lines 🆕 `worker # died`
    • Warning about 60% `slow query on orders took # ms`
    --
    2018-12-09 00:00 to 2018-12-10 00:00 Asia/Tokyo (24 hours), counted 2018-12-10 10:15
    "#);
    let mut calm = digest();
    calm.tally.days[13] = counts(1239, &[11, 1234]);
    let calm = message(&calm, &settings, None, Form::Plain);
    assert!(calm.attachments.is_empty() && !calm.text.contains("<!here>"), "{}", calm.text);
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
fn a_legacy_webhook_gets_its_settings_and_no_buttons() {
    let rich = |settings: &Settings| {
        serde_json::to_value(message(&digest(), settings, Some(&links()), Form::Rich)).unwrap()
    };
    let app = rich(&settings(Language::English));
    let keys: Vec<_> = app.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["blocks", "text", "unfurl_links", "unfurl_media"]);
    assert!(app.to_string().contains("\"actions\""));
    let legacy = rich(&Settings {
        channel: Some("#ops".to_owned()),
        username: Some("ログ情報お知らせちゃん".to_owned()),
        ..settings(Language::Japanese)
    });
    assert_eq!(legacy["channel"], "#ops");
    assert_eq!(legacy["username"], "ログ情報お知らせちゃん");
    assert_eq!(legacy["icon_emoji"], ":female-technologist:");
    assert!(!legacy.to_string().contains("\"actions\""));
    assert!(legacy.to_string().contains("<https://k.test/?l=0|Kibana>"));
}
