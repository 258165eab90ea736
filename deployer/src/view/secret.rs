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
        (None, Some(why)) => format!("cannot tell: {why}"),
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
        text += "  A function that is warm may know the old value for some hours.\n";
    }
    text
}
