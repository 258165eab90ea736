//! Our blocks against the builders of slack-messaging, which refuse what Slack's documentation forbids, and the limits
//! that they do not know.

use serde_json::{Value, json};
use slack_messaging::blocks::data_visualization::Chart as OracleChart;
use slack_messaging::blocks::data_visualization::charts::{
    AxisConfig, BarChart, DataPoint, DataSeries, LineChart,
};
use slack_messaging::blocks::elements::Button as OracleButton;
use slack_messaging::blocks::table::{ColumnAlignment, ColumnSetting, RawText, TableCell, TableRow};
use slack_messaging::blocks::{Actions, Context, DataVisualization, Header, Section, Table};
use slack_messaging::composition_objects::{Mrkdwn, Plain, TextObject as Oracle};

use super::super::block::{Chart, Series};
use super::*;

fn mrkdwn(text: &Text) -> Oracle<Mrkdwn> {
    let Text::Mrkdwn { text, verbatim } = text else { panic!("mrkdwn expected") };
    Oracle::<Mrkdwn>::builder().text(text).verbatim(*verbatim).build().unwrap()
}

fn plain(text: &Text) -> Oracle<Plain> {
    let Text::PlainText { text } = text else { panic!("plain text expected") };
    Oracle::<Plain>::builder().text(text).build().unwrap()
}

fn series(series: &Series) -> (Vec<DataSeries>, AxisConfig) {
    let point = |point: &block::Point| {
        DataPoint::builder().label(point.label.clone()).value(point.value).build().unwrap()
    };
    let one = |one: &block::OneSeries| {
        let data = one.data.iter().map(point).collect::<Vec<_>>();
        DataSeries::builder().name(one.name.clone()).set_data(Some(data)).build().unwrap()
    };
    let axis =
        AxisConfig::builder().set_categories(Some(series.axis_config.categories.clone())).build().unwrap();
    (series.series.iter().map(one).collect(), axis)
}

fn chart(chart: &Chart) -> OracleChart {
    match chart {
        Chart::Bar(bars) => {
            let (series, axis) = series(bars);
            BarChart::builder().set_series(Some(series)).axis_config(axis).build().unwrap().into()
        }
        Chart::Line(lines) => {
            let (series, axis) = series(lines);
            LineChart::builder().set_series(Some(series)).axis_config(axis).build().unwrap().into()
        }
    }
}

fn by_oracle(block: &Block) -> Value {
    let value = match block {
        Block::Header { text } => serde_json::to_value(Header::builder().text(plain(text)).build().unwrap()),
        Block::Section { text } => {
            serde_json::to_value(Section::builder().text(mrkdwn(text)).build().unwrap())
        }
        Block::Context { elements } => {
            let builder =
                elements.iter().fold(Context::builder(), |builder, text| builder.element(mrkdwn(text)));
            serde_json::to_value(builder.build().unwrap())
        }
        Block::Actions { elements } => {
            let button = |button: &Button| {
                OracleButton::builder().text(plain(&button.text)).url(&button.url).build().unwrap()
            };
            let builder =
                elements.iter().fold(Actions::builder(), |builder, one| builder.element(button(one)));
            serde_json::to_value(builder.build().unwrap())
        }
        Block::DataVisualization { title, chart: one } => {
            serde_json::to_value(DataVisualization::builder().title(title).chart(chart(one)).build().unwrap())
        }
        Block::Table { rows, column_settings } => {
            let cell = |cell: &block::Cell| TableCell::from(RawText::new(cell.text.clone()));
            let row = |cells: &Vec<block::Cell>| {
                cells.iter().fold(TableRow::builder(), |row, one| row.cell(cell(one))).build().unwrap()
            };
            let column = |column: &block::Column| {
                let align =
                    if column.align == "right" { ColumnAlignment::Right } else { ColumnAlignment::Left };
                ColumnSetting::builder().align(align).is_wrapped(column.is_wrapped).build().unwrap()
            };
            let builder = rows.iter().fold(Table::builder(), |table, one| table.row(row(one)));
            let builder =
                column_settings.iter().fold(builder, |table, one| table.column_setting(column(one)));
            serde_json::to_value(builder.build().unwrap())
        }
    };
    value.unwrap()
}

fn all_blocks(message: &Message) -> impl Iterator<Item = &Block> {
    message.blocks.iter().chain(message.attachments.iter().flat_map(|attachment| &attachment.blocks))
}

/// Slack's documented limits, in characters.
fn check_limits(message: &Message) {
    assert!(message.text.chars().count() <= 40_000, "{}", message.text.chars().count());
    assert!(message.blocks.len() <= 50 && all_blocks(message).count() <= 50);
    let within = |text: &str, limit: usize| {
        let length = text.chars().count();
        assert!((1..=limit).contains(&length), "{length} of {limit}: {text}");
    };
    let text_within = |text: &Text, limit: usize| {
        let (Text::PlainText { text } | Text::Mrkdwn { text, .. }) = text;
        within(text, limit);
    };
    let mut tables = 0;
    for block in all_blocks(message) {
        match block {
            Block::Header { text } => text_within(text, 150),
            Block::Section { text } => text_within(text, 3000),
            Block::Context { elements } => elements.iter().for_each(|text| text_within(text, 3000)),
            Block::Actions { elements } => {
                assert!((1..=25).contains(&elements.len()));
                elements.iter().for_each(|button| text_within(&button.text, 75));
                elements.iter().for_each(|button| within(&button.url, 3000));
            }
            Block::DataVisualization { chart: Chart::Bar(series) | Chart::Line(series), .. } => {
                let categories = &series.axis_config.categories;
                assert!((1..=20).contains(&categories.len()));
                for one in &series.series {
                    within(&one.name, 20);
                    assert!(one.data.iter().map(|point| &point.label).eq(categories));
                }
            }
            Block::Table { rows, .. } => {
                tables += 1;
                assert!(rows.len() <= 100);
                rows.iter().flatten().for_each(|cell| within(&cell.text, 2000));
            }
        }
        // The oracle counts bytes, where Slack counts characters.
        let in_bytes = matches!(block, Block::DataVisualization { .. } | Block::Actions { .. });
        let written = json!(block).to_string();
        if written.is_ascii() || !in_bytes && written.len() <= 3000 {
            assert_eq!(by_oracle(block), json!(block));
        }
    }
    assert!(tables <= 1);
    let charts = all_blocks(message).filter(|block| matches!(block, Block::DataVisualization { .. })).count();
    assert!(charts <= 2);
}

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[<>&`@!|*]{0,2000}",
        Just("<!channel> <@U012AB3CD> `x` @here &amp; <https://evil.test|Kibana>".to_owned()),
        Just("\u{202e}\u{200b}\u{feff}👩\u{200d}💻\u{0}".to_owned()),
        Just("&".repeat(9_000)),
    ]
}

#[test]
fn a_message_of_a_megabyte_is_cut_and_both_languages_pass_the_oracle() {
    let mut digest = digest();
    digest.messages[0].text = "あ".repeat(1_000_000);
    for language in Language::ALL {
        for form in [Form::Rich, Form::Plain] {
            check_limits(&message(&digest, &settings(*language), Some(&links()), form));
        }
    }
    // Titles are ASCII in English, so the charts are compared too.
    let english = message(&digest, &settings(Language::English), None, Form::Rich);
    assert_eq!(all_blocks(&english).filter(|block| json!(block)["type"] == "data_visualization").count(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_message_keeps_slacks_limits_and_foreign_text_powerless(
        names in proptest::collection::vec(hostile(), 1..60),
        texts in proptest::collection::vec(hostile(), 0..9),
        numbers in proptest::collection::vec(any::<u64>(), 3),
        address in proptest::option::of(prop_oneof![Just("x".repeat(2501)), "https://[a-z&]{0,2400}"]),
        per_level in any::<bool>(),
        language in proptest::sample::select(Language::ALL),
        chart in proptest::sample::select(crate::settings::Chart::ALL),
        form in proptest::sample::select(&[Form::Rich, Form::Plain][..]),
        alert in any::<bool>(),
    ) {
        let level_counts = |n: u64| counts(n, &vec![n; names.len()]);
        let mut tally = Tally { hours: vec![level_counts(numbers[0]); 24], ..Tally::default() };
        for (n, day) in tally.days.iter_mut().enumerate() {
            *day = level_counts(numbers[n % 3]);
        }
        let message_of = |(n, text): (usize, String)| TopMessage {
            level: n % names.len(),
            text,
            share: Share::About(7),
            is_new: n % 2 == 0,
        };
        let messages = texts.into_iter().enumerate().map(message_of).collect();
        let digest = Digest { levels: names.clone(), tally, messages, run: Some(names[0].clone()), ..digest() };
        let links = address.map(|all| Links {
            levels: if per_level { vec![all.clone(); names.len()] } else { vec![] },
            all,
        });
        let threshold = Threshold { level: None, count: 1 };
        let alert = if alert { vec![threshold] } else { vec![] };
        let settings = Settings { chart, alert, ..settings(language) };
        let message = message(&digest, &settings, links.as_ref(), form);
        check_limits(&message);
        // The only markup is ours: links, and nothing that notifies.
        let markup = shown(&message).matches('<').count();
        let ours = shown(&message).matches("|Kibana>").count();
        prop_assert_eq!(markup, ours);
        prop_assert!(links.is_some() || ours == 0);
        prop_assert!(!message.text.contains("<!") && !message.text.contains("<@"));
        check_limits(&notice(&settings, digest.window.date, &names[0], Some(&names[0])));
        check_limits(&all_quiet(&digest, &settings));
    }
}
