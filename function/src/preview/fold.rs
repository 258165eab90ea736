//! Lines of styled text, folded to a width: by display width, between words and between Japanese characters. Pure.

use textwrap::core::{Word, display_width};
use textwrap::{Options, WordSeparator, wrap};

const RESET: &str = "\u{1b}[0m";
/// Ends a hyperlink (OSC 8).
pub(super) const NO_LINK: &str = "\u{1b}]8;;\u{1b}\\";
const LINK: &str = "\u{1b}]8;;";
/// What doesn't stand at the start of a line in Japanese, nor what ends a parenthesis.
const NEVER_FIRST: &str = "、。，．・：；？！ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ）〕］｝〉》」』】〜～％…,.:;?!)]}%";
/// What doesn't stand at the end.
const NEVER_LAST: &str = "（〔［｛〈《「『【([{";

/// A line as lines of at most `width` columns, all but the first after `indent`. A word that is wider is broken, or, with
/// `whole_words`, kept as it is, so that it can be copied. Styles and links go on over the lines, and not over the indent.
pub fn fold(line: &str, width: usize, indent: &str, whole_words: bool) -> Vec<String> {
    if display_width(line) <= width {
        return vec![line.to_owned()];
    }
    let options = Options::new(width.max(display_width(indent) + 2))
        .break_words(!whole_words)
        .word_separator(WordSeparator::Custom(words))
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    let options = options.subsequent_indent(indent);
    let mut open = Open::default();
    let lines = wrap(line, options);
    lines
        .iter()
        .enumerate()
        .map(|(number, line)| match number {
            0 => open.closed(line),
            _ => format!("{indent}{}", open.closed(line.strip_prefix(indent).unwrap_or(line))),
        })
        .collect()
}

/// Columns of a text, without its styles and links.
pub fn columns(text: &str) -> usize {
    display_width(text)
}

/// Words, with the space after them; a wide character is one by itself, as far as Japanese may be broken there.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut words = Vec::new();
    let (mut start, mut before, mut chars) = (0, None::<char>, line.char_indices());
    // A style before a word belongs to it.
    let mut style = None;
    while let Some((at, c)) = chars.next() {
        if c == '\u{1b}' {
            style.get_or_insert(at);
            skip_escape(&mut chars);
            continue;
        }
        let at = style.take().unwrap_or(at);
        let wide = |c: char| display_width(c.encode_utf8(&mut [0; 4])) > 1;
        let may_break = before.is_some_and(|before| match (before, c) {
            (_, ' ') => false,
            (' ', _) => true,
            _ => (wide(before) || wide(c)) && !NEVER_FIRST.contains(c) && !NEVER_LAST.contains(before),
        });
        if may_break {
            words.push(Word::from(&line[start..at]));
            start = at;
        }
        before = Some(c);
    }
    words.push(Word::from(&line[start..]));
    Box::new(words.into_iter())
}

/// Takes what follows an escape: up to a letter for a style, up to its end for a link.
fn skip_escape(chars: &mut std::str::CharIndices<'_>) {
    let is_link = chars.next().is_some_and(|(_, c)| c == ']');
    let mut last = ' ';
    for (_, c) in chars {
        if (is_link && last == '\u{1b}' && c == '\\') || (!is_link && c.is_ascii_alphabetic()) {
            return;
        }
        last = c;
    }
}

/// Styles and the link that are open where a line ends.
#[derive(Default)]
struct Open {
    styles: String,
    link: String,
}

impl Open {
    /// The line with what is still open before it, closed at its end.
    fn closed(&mut self, line: &str) -> String {
        let mut text = format!("{}{}{line}", self.link, self.styles);
        for (at, _) in line.match_indices('\u{1b}') {
            let rest = &line[at..];
            if let Some(link) = rest.strip_prefix(LINK) {
                let address = link.split('\u{1b}').next().unwrap_or_default();
                self.link =
                    if address.is_empty() { String::new() } else { format!("{LINK}{address}\u{1b}\\") };
            } else if let Some(end) = rest.find('m').filter(|_| rest.starts_with("\u{1b}[")) {
                match &rest[..=end] {
                    RESET => self.styles.clear(),
                    style => self.styles.push_str(style),
                }
            }
        }
        if !self.styles.is_empty() {
            text.push_str(RESET);
        }
        if !self.link.is_empty() {
            text.push_str(NO_LINK);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_folded_between_words_and_between_japanese_characters() {
        let url = "https://kibana.example.com/app";
        for (line, width, indent, whole, folded) in [
            ("as it is", 8, "", false, &["as it is"][..]),
            ("  role  in sync", 10, "    ", true, &["  role  in", "    sync"]),
            ("昨日出力された Fatal, Warning", 12, "", false, &["昨日出力され", "た Fatal,", "Warning"]),
            // Neither a comma first, nor a bracket last.
            ("あいうえ、お", 9, "", false, &["あいう", "え、お"]),
            ("あいう(えお)", 8, "", false, &["あいう", "(えお)"]),
            (url, 10, "", false, &["https://ki", "bana.examp", "le.com/app"]),
            (
                "see https://kibana.example.com/app",
                10,
                "  ",
                true,
                &["see", "  https://kibana.example.com/app"],
            ),
            ("ab  \u{1b}[2mcd\u{1b}[0m", 4, "", true, &["ab", "\u{1b}[2mcd\u{1b}[0m"]),
            // The style isn't the indent's.
            (
                "\u{1b}[4mab cd\u{1b}[0m ef",
                4,
                "  ",
                true,
                &["\u{1b}[4mab\u{1b}[0m", "  \u{1b}[4mcd\u{1b}[0m", "  ef"],
            ),
            (
                "\u{1b}]8;;https://k\u{1b}\\ab cd\u{1b}]8;;\u{1b}\\",
                3,
                "",
                true,
                &[
                    "\u{1b}]8;;https://k\u{1b}\\ab\u{1b}]8;;\u{1b}\\",
                    "\u{1b}]8;;https://k\u{1b}\\cd\u{1b}]8;;\u{1b}\\",
                ],
            ),
        ] {
            assert_eq!(fold(line, width, indent, whole), folded, "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_line_is_wider_and_nothing_but_spaces_is_lost(text in "[a-c、。あ漢 (){}]{0,60}", width in 4usize..30) {
            let lines = fold(&text, width, "", false);
            for line in &lines {
                prop_assert!(columns(line) <= width, "{line:?} in {lines:?}");
            }
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
