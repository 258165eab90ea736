//! Any text at all, and a sample with any change: no panic, and no secret.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn no_text_ends_in_a_panic_or_shows_a_secret(
        start in 0..FULL.len(),
        length in 0..12usize,
        insert in prop_oneof![
            Just(String::new()),
            r#"["'=\[\]{},.#\n ${}@:/a-z0-9あ\\-]{0,6}"#,
            "(?s).{0,4}",
        ],
    ) {
        let secret = FULL
            .replace("[slack]", "# webhook = 'hunter2hunter2'\n[slack] # hunter2hunter2")
            .replace("ssm:/tanets/slack-webhook", "https://hooks.slack.com/services/hunter2hunter2")
            .replace("\"auto\"", "\"basic\"\ncredentials = \"elastic:hunter2hunter2\"");
        let (start, end) = (secret.floor_char_boundary(start), secret.floor_char_boundary(start + length));
        let text = format!("{}{insert}{}", &secret[..start], &secret[end..]);
        let shown = match parse(&text) {
            Ok(config) => format!("{config:?}{:?}", config.warnings),
            Err(error) => format!("{error}{error:?}"),
        };
        // Half of it is enough to tell.
        prop_assert!(!shown.contains("hunter2"), "{}", shown);
    }

    #[test]
    fn any_text_is_taken_or_refused(text in "(?s).{0,80}", name in "\\PC{0,20}") {
        let _ = parse(&text).map_err(|error| error.to_string());
        let _ = parse(&format!("{MINIMAL}[tags]\n'{name}' = \"{name}\"")).map_err(|error| error.to_string());
    }
}
