use proptest::prelude::*;

use super::*;
use crate::secret::Secret;

fn read(variables: &[(&str, &str)]) -> Result<(Settings, Vec<String>), SettingsError> {
    Settings::from_env(|name| {
        variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    })
}

const ORIGINAL: &[(&str, &str)] = &[
    ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T0/B0/x"),
    ("SLACK_CHANNEL", "hoge"),
    ("KIBANA_URL", "kibana.hoge"),
    ("ES_INDEXIS", "hoge-index"),
    ("ES_ENDPOINT", "es.hoge"),
    ("ERROR_LEVEL", "Fatal, Warning,,Fatal"),
    ("USER_NAME", "ログ情報お知らせちゃん"),
    ("UNIT_OF_TIME", "h"),
];

fn with(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    changes.iter().chain(ORIGINAL).copied().collect()
}

#[test]
fn the_articles_environment_is_understood_with_a_warning_about_its_misspelling() {
    let (settings, warnings) = read(ORIGINAL).unwrap();
    assert_eq!(settings.indexes, ["hoge-index"]);
    assert_eq!(settings.levels, ["Fatal", "Warning"]);
    assert_eq!(settings.language, Language::Japanese);
    assert_eq!(settings.timezone, TimeZone::UTC);
    assert_eq!(warnings, ["ES_INDEXIS is a misspelling of ES_INDEXES; it is used as such"]);
}

#[test]
fn the_right_spelling_wins_over_the_misspelling() {
    let (settings, warnings) = read(&with(&[("ES_INDEXES", "a, b-*")])).unwrap();
    assert_eq!(settings.indexes, ["a", "b-*"]);
    assert_eq!(warnings, ["ES_INDEXIS is ignored, because ES_INDEXES is set"]);
}

#[test]
fn an_error_names_the_variable_and_what_it_takes() {
    let cases = [
        (
            ("SLACK_WEBHOOK_URL", " "),
            "SLACK_WEBHOOK_URL is not set; it takes an incoming webhook's URL, or a reference to it",
        ),
        (("ERROR_LEVEL", " , "), "ERROR_LEVEL is not set; it takes levels, comma separated"),
        (("ES_INDEXIS", ","), "ES_INDEXES is not set; it takes index names or patterns, comma separated"),
        (("UNIT_OF_TIME", "d"), "UNIT_OF_TIME cannot be used: \"d\" is not one of: h, m, s"),
        (
            ("ES_AUTH", "iam"),
            "ES_AUTH cannot be used: \"iam\" is not one of: auto, sigv4, basic, api-key, none",
        ),
        (("ES_AUTH", "basic"), "ES_CREDENTIALS is not set; it takes user:password, because ES_AUTH is basic"),
        (("DIGEST_LANGUAGE", "fr"), "DIGEST_LANGUAGE cannot be used: \"fr\" is not one of: ja, en"),
        (("DIGEST_CHART", "pie"), "DIGEST_CHART cannot be used: \"pie\" is not one of: native, text, off"),
        (
            ("DIGEST_WARN", "Fatal=1,many"),
            "DIGEST_WARN cannot be used: \"many\" is not a threshold; it takes a count such as 2000, or a level's \
             such as Fatal=1",
        ),
        (
            ("DIGEST_ALERT", "fatal=1"),
            "DIGEST_ALERT cannot be used: \"fatal\" is not one of the levels that are counted",
        ),
        (
            ("DIGEST_MENTION", "@taro"),
            "DIGEST_MENTION cannot be used: \"@taro\" is nobody; it takes here, channel, everyone, or the id of a \
             user group (S…) or member (U…)",
        ),
        (
            ("DIGEST_DASHBOARDS", "kibana-7"),
            "DIGEST_DATA_VIEW is not set; it takes an index pattern's id, because these dashboards need one",
        ),
        (
            ("DIGEST_TIMEZONE", "Asia/Tokio"),
            "DIGEST_TIMEZONE cannot be used: \"Asia/Tokio\" is not an IANA time zone, such as Asia/Tokyo or UTC",
        ),
        (
            ("SLACK_WEBHOOK_URL", "kms:http://secret"),
            "SLACK_WEBHOOK_URL cannot be used: the text after kms: is not base64 of a ciphertext",
        ),
        (
            ("SLACK_WEBHOOK_URL", "ssm: "),
            "SLACK_WEBHOOK_URL cannot be used: nothing follows the prefix; \
             allowed: ssm:NAME, secretsmanager:ID, kms:BASE64, or the value itself",
        ),
    ];
    for (change, expected) in cases {
        let error = read(&with(&[change])).unwrap_err();
        assert_eq!(crate::error::chain(&error), expected);
    }
}

#[test]
fn a_plain_webhook_and_plain_credentials_are_the_only_sensitive_variables() {
    let (settings, _) =
        read(&with(&[("ES_CREDENTIALS", "user:pass"), ("DIGEST_TIMEZONE", "asia/tokyo")])).unwrap();
    let env = settings.to_env();
    let sensitive: Vec<_> = env
        .iter()
        .filter(|(_, value)| matches!(value, Variable::Sensitive(_)))
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(sensitive, ["ES_CREDENTIALS", "SLACK_WEBHOOK_URL"]);
    assert_eq!(env["DIGEST_TIMEZONE"].expose(), "Asia/Tokyo");
    assert!(!env.contains_key("UNIT_OF_TIME"), "a default is left out");
    assert!(!format!("{settings:?}{env:?}").contains("user:pass"));
}

fn references() -> impl Strategy<Value = Reference> {
    prop_oneof![
        "https?://[a-z]{1,9}/[A-Za-z0-9/:]{0,9}".prop_map(|url| Reference::Plain(Secret::new(url))),
        "/?[a-z/:]{0,9}[a-z]".prop_map(Reference::Ssm),
        "[a-z:/]{0,9}[a-z]".prop_map(Reference::SecretsManager),
        Just(Reference::Kms("AQICAHg+/w==".to_owned())),
    ]
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9#<>&é会*?{}:-]([ a-zA-Z0-9#]{0,8}[a-z])?"
}

fn items() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::btree_set(text(), 1..4).prop_map(|set| set.into_iter().collect())
}

fn thresholds(levels: Vec<String>) -> impl Strategy<Value = Vec<Threshold>> {
    let level = proptest::option::of(proptest::sample::select(levels));
    let threshold = (level, 1u64..).prop_map(|(level, count)| Threshold { level, count });
    proptest::collection::vec(threshold, 0..4).prop_map(|mut thresholds| {
        let mut seen = Vec::new();
        thresholds.retain(|threshold| {
            !seen.contains(&threshold.to_string()) && {
                seen.push(threshold.to_string());
                true
            }
        });
        thresholds
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    let option = || proptest::option::of(text());
    let one = (references(), option(), option(), option(), option(), option());
    let two = (references(), items(), text(), text(), text(), proptest::option::of(references()));
    let three = (
        proptest::sample::select(Unit::ALL),
        proptest::sample::select(Auth::ALL),
        proptest::sample::select(Language::ALL),
        proptest::sample::select(
            &["UTC", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "Etc/UTC"][..],
        ),
        proptest::sample::select(Dashboards::ALL),
        proptest::sample::select(Chart::ALL),
        proptest::sample::select(Messages::ALL),
        proptest::sample::select(Zero::ALL),
        proptest::option::of(proptest::sample::select(&["here", "channel", "S0614TZR7", "U012AB3CD"][..])),
        proptest::option::of(references()),
    );
    let four = items()
        .prop_flat_map(|levels| (thresholds(levels.clone()), thresholds(levels.clone()), Just(levels)));
    (one, two, three, four).prop_map(|(one, two, three, four)| {
        let (webhook, channel, username, kibana, data_view, opening) = one;
        let (endpoint, indexes, field, message_field, time_field, credentials) = two;
        let (unit, auth, language, zone, dashboards, chart, messages, zero, mention, ca) = three;
        let (warn, alert, levels) = four;
        // Basic and API keys without credentials are refused, so they are not settings that can exist; likewise
        // dashboards without an address or an index pattern.
        let auth = if credentials.is_some() { auth } else { Auth::Auto };
        let dashboards = if kibana.is_some() && data_view.is_some() { dashboards } else { Dashboards::Link };
        let timezone = parse_timezone(zone).unwrap();
        let mention = mention.map(|mention| mention.parse().unwrap());
        Settings {
            webhook,
            channel,
            username,
            kibana,
            dashboards,
            data_view,
            endpoint,
            indexes,
            levels,
            unit,
            field,
            message_field,
            time_field,
            auth,
            credentials,
            ca,
            timezone,
            language,
            opening,
            chart,
            messages,
            zero,
            warn,
            alert,
            mention,
        }
    })
}

proptest! {
    #[test]
    fn settings_survive_the_environment(settings in settings()) {
        let env = settings.to_env();
        let (back, warnings) =
            Settings::from_env(|name| env.get(name).map(|value| value.expose().to_owned())).unwrap();
        prop_assert_eq!(back, settings);
        prop_assert!(warnings.is_empty());
    }
}

#[test]
fn the_articles_settings_need_nothing_more() {
    let (settings, _) = read(ORIGINAL).unwrap();
    let env = settings.to_env();
    assert_eq!(
        env.keys().copied().collect::<Vec<_>>(),
        [
            "ERROR_LEVEL",
            "ES_ENDPOINT",
            "ES_INDEXES",
            "KIBANA_URL",
            "SLACK_CHANNEL",
            "SLACK_WEBHOOK_URL",
            "USER_NAME"
        ]
    );
}

#[test]
fn thresholds_and_mentions_have_the_marks_that_slack_and_people_use() {
    let (settings, _) =
        read(&with(&[("DIGEST_ALERT", "Fatal=1, 2000"), ("DIGEST_MENTION", "S0614TZR7")])).unwrap();
    let fatal = Threshold { level: Some("Fatal".to_owned()), count: 1 };
    assert_eq!(settings.alert, [fatal, Threshold { level: None, count: 2000 }]);
    assert_eq!(settings.mention.unwrap().markup(), "<!subteam^S0614TZR7>");
    let mark = |text: &str| text.parse::<Mention>().map(|mention| mention.markup());
    assert_eq!(mark("here").unwrap(), "<!here>");
    assert_eq!(mark("U012AB3CD").unwrap(), "<@U012AB3CD>");
    for nobody in ["", "Here", "S1", "s0614tzr7", "C012AB3CD", "here>"] {
        assert!(mark(nobody).is_err(), "{nobody}");
    }
}
