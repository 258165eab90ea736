//! Which keys the file may have; one that nobody knows gets the nearest, or its home.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::DeValue;

use super::{Document, Keys, article, path};
use crate::config::values::nearest;

impl Document<'_> {
    pub(super) fn check_keys(&mut self, keys: Keys) {
        let top = keys.iter().find(|(table, _)| table.is_empty()).map_or(&[][..], |(_, keys)| keys);
        for (key, value) in self.root {
            let name = key.get_ref().as_ref();
            match (keys.iter().find(|(table, _)| *table == name && !name.is_empty()), value.get_ref()) {
                (Some((_, known)), DeValue::Table(table)) => {
                    for (key, value) in table {
                        let key_name = key.get_ref().as_ref();
                        let is_known = known.is_empty() || known.contains(&key_name);
                        // A key in the wrong table is no riddle.
                        let anywhere = is_known || keys.iter().any(|(_, keys)| keys.contains(&key_name));
                        self.note_secrets(key_name, value, anywhere);
                        if !is_known {
                            self.unknown_key(keys, name, known, key);
                        }
                    }
                }
                (Some(_), other) => {
                    self.note_secrets("", value, false);
                    let message = format!("must be a table, not {}", article(other.type_str()));
                    self.note(
                        Some(key.span()),
                        name,
                        message,
                        Some(format!("write `[{name}]` on its own line")),
                    );
                }
                (None, _) => {
                    self.note_secrets(name, value, top.contains(&name));
                    if !top.contains(&name) {
                        self.unknown_key(keys, "", top, key);
                    }
                }
            }
        }
    }

    fn unknown_key(&mut self, keys: Keys, table: &str, known: &[&str], key: &Spanned<Cow<'_, str>>) {
        let name = key.get_ref().as_ref();
        let tables =
            keys.iter().map(|(table, _)| *table).filter(|other| table.is_empty() && !other.is_empty());
        let candidates: Vec<&str> = known.iter().copied().chain(tables).collect();
        let home = keys.iter().find(|(other, known)| *other != table && known.contains(&name));
        let hint = match (home, nearest(name, candidates.iter().copied())) {
            (Some(("", _)), _) => {
                format!("`{name}` belongs to the top of the file, before the first [table]")
            }
            (Some((home, _)), _) => format!("`{name}` belongs in [{home}]"),
            (None, Some(nearest)) => format!("did you mean `{nearest}`?"),
            (None, None) => format!("known here: {}", candidates.join(", ")),
        };
        self.note(Some(key.span()), &path(table, name), "is not a known key".into(), Some(hint));
    }
}
