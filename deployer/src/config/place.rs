//! Lines of the file as errors show them: with carets, and without the secrets that stand in them.

use std::ops::Range;

use console::measure_text_width;
use serde::Serialize;
use tanets_function::secret::SENSITIVE;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The line, with `(sensitive)` for what is secret.
    pub source: String,
    /// Spaces and carets that mark the part of `source` in question, in columns of a terminal.
    pub marks: String,
}

impl Place {
    /// The line of `text` where `span` starts, hiding the bytes of `secrets`.
    pub(super) fn new(text: &str, span: Range<usize>, secrets: &[Range<usize>]) -> Self {
        let mut start = span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let mut place = Self {
            line: text[..line_start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            source: String::new(),
            marks: String::new(),
        };
        let mut hidden_until = line_start;
        for (offset, c) in text[line_start..line_end].trim_end_matches('\r').char_indices() {
            let at = line_start + offset;
            let secret = secrets.iter().find(|secret| secret.contains(&at));
            let marked = |bytes: &Range<usize>| bytes.start < span.end.max(start + 1) && start < bytes.end;
            match secret {
                Some(_) if at < hidden_until => {}
                Some(secret) => {
                    hidden_until = secret.end;
                    place.push(SENSITIVE, marked(secret));
                }
                None => place.push_char(c, marked(&(at..at + c.len_utf8()))),
            }
        }
        if !place.marks.contains('^') {
            // The end of the line or of the file.
            place.marks.push('^');
        }
        place.marks.truncate(place.marks.trim_end().len());
        place.source.truncate(place.source.trim_end().len());
        place
    }

    fn push_char(&mut self, c: char, marked: bool) {
        match c {
            '\t' => self.push("    ", marked),
            c if c.is_control() => self.push("\u{fffd}", marked),
            c => self.push(c.encode_utf8(&mut [0; 4]), marked),
        }
    }

    fn push(&mut self, shown: &str, marked: bool) {
        self.source.push_str(shown);
        let mark = if marked { "^" } else { " " };
        self.marks.push_str(&mark.repeat(measure_text_width(shown)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, marked: &str, secrets: &[&str]) -> (usize, usize, String) {
        let find = |part: &str| {
            let start = text.find(part).unwrap();
            start..start + part.len()
        };
        let secrets: Vec<_> = secrets.iter().map(|secret| find(secret)).collect();
        let Place { line, column, source, marks } = Place::new(text, find(marked), &secrets);
        (line, column, format!("{source}\n{marks}"))
    }

    #[test]
    fn carets_stand_under_what_they_mark() {
        for (text, marked, secrets, result) in [
            ("a = 1\nbb = 22\n", "22", &[][..], (2, 6, "bb = 22\n     ^^")),
            (
                "x = { 名前 = \"お知らせ\", k = 9 }",
                "9",
                &[],
                (1, 24, "x = { 名前 = \"お知らせ\", k = 9 }\n                             ^"),
            ),
            ("\tk = 9\r\n", "9", &[], (1, 6, "    k = 9\n        ^")),
            ("k = \"a\u{1b}[0m\"", "\"a\u{1b}[0m\"", &[], (1, 5, "k = \"a\u{fffd}[0m\"\n    ^^^^^^^")),
            (
                "k = 'pass word', z = 1",
                "pass",
                &["'pass word'"],
                (1, 6, "k = (sensitive), z = 1\n    ^^^^^^^^^^^"),
            ),
            (
                "k = 'pass word', z = 1",
                "z",
                &["'pass word'"],
                (1, 18, "k = (sensitive), z = 1\n                 ^"),
            ),
            (
                "k = '''\nsecret\n'''\nz = 1",
                "secret",
                &["'''\nsecret\n'''"],
                (2, 1, "(sensitive)\n^^^^^^^^^^^"),
            ),
            ("k = [\n1,\n]\n", "[\n1,\n]", &[], (1, 5, "k = [\n    ^")),
        ] {
            let (line, column, lines) = result;
            assert_eq!(shown(text, marked, secrets), (line, column, lines.to_owned()), "{text}");
        }
        let end = Place::new("k = \"", 5..5, &[]);
        assert_eq!((end.line, end.column, end.marks.as_str()), (1, 6, "     ^"));
        assert_eq!(Place::new("", 0..0, &[]).marks, "^");
    }
}
