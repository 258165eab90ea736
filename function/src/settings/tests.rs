use proptest::prelude::*;

use super::*;

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

fn settings() -> impl Strategy<Value = Settings> {
    let one = (
        references(),
        proptest::option::of(text()),
        proptest::option::of(text()),
        proptest::option::of(text()),
    );
    let two = (references(), items(), items(), text(), text(), proptest::option::of(references()));
    let three = (
        proptest::sample::select(Unit::ALL),
        proptest::sample::select(Auth::ALL),
        proptest::sample::select(Language::ALL),
        proptest::sample::select(
            &["UTC", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "Etc/UTC"][..],
        ),
    );
    (one, two, three).prop_map(|(one, two, three)| {
        let (webhook, channel, username, kibana) = one;
        let (endpoint, indexes, levels, field, time_field, credentials) = two;
        let (unit, auth, language, zone) = three;
        // Basic and API keys without credentials are refused, so they are not settings that can exist.
        let auth = if credentials.is_some() { auth } else { Auth::Auto };
        let timezone = parse_timezone(zone).unwrap();
        Settings {
            webhook,
            channel,
            username,
            kibana,
            endpoint,
            indexes,
            levels,
            unit,
            field,
            time_field,
            auth,
            credentials,
            timezone,
            language,
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
