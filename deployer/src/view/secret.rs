//! What is known of a kept secret, as text for people; never a part of it. Pure: gives strings.

use std::fmt::Write;

use super::KeptSecret;
use super::text::{GREEN, YELLOW, paint};

/// What was done or seen.
pub fn secret(kept: &KeptSecret) -> String {
    let KeptSecret { name, version, key, key_unread, modified, bytes, form, notes, replaced, written } = kept;
    let done = match (written, replaced) {
        (true, None) => format!("ssm:{name} is made, version {version}"),
        (true, Some(old)) => format!("ssm:{name} is version {version} now; version {old} is replaced"),
        (false, _) => format!("ssm:{name} is there and can be read, version {version}"),
    };
    let of = modified.map(|at| format!(", of {}", at.strftime("%Y-%m-%d %H:%M UTC"))).unwrap_or_default();
    let key = match (key, key_unread) {
        (Some(key), _) => key.clone(),
        (None, Some(why)) => format!("a key that can't be told: {why}"),
        (None, None) => "AWS's own key, alias/aws/ssm".to_owned(),
    };
    let mut text = format!(
        "{} {done}{of}\n  type   SecureString, encrypted with {key}\n  value  {bytes} bytes: {}\n",
        paint(GREEN, "✓"),
        form.words()
    );
    for note in notes {
        let _ = writeln!(text, "  {} {note}", paint(YELLOW, "!"));
    }
    if replaced.is_some() {
        text += "  The function's next run reads it.\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;
    use insta::assert_snapshot;

    use super::*;
    use crate::secret::Form;

    #[test]
    fn what_is_known_of_a_secret_is_told_and_what_should_be() {
        let replaced = KeptSecret {
            version: 3,
            key: Some("alias/tanets".to_owned()),
            bytes: 77,
            form: Form::Slack,
            replaced: Some(2),
            written: true,
            ..KeptSecret::of("/tanets/slack-webhook")
        };
        let checked = KeptSecret {
            version: 1,
            key_unread: Some("DescribeParameters: AccessDenied: no".to_owned()),
            modified: Some("2026-11-22T01:15:03Z".parse().unwrap()),
            bytes: 13,
            notes: vec!["tanets.toml doesn't refer to it"],
            ..KeptSecret::of("/tanets/other")
        };
        assert_snapshot!(strip_str(&[secret(&replaced), secret(&checked)].concat()), @"
        ✓ ssm:/tanets/slack-webhook is version 3 now; version 2 is replaced
          type   SecureString, encrypted with alias/tanets
          value  77 bytes: a Slack webhook
          The function's next run reads it.
        ✓ ssm:/tanets/other is there and can be read, version 1, of 2026-11-22 01:15 UTC
          type   SecureString, encrypted with a key that can't be told: DescribeParameters: AccessDenied: no
          value  13 bytes: no URL
          ! tanets.toml doesn't refer to it
        ");
    }
}
