//! Text as Slack takes it: escaped foreign text, numbers, pictures of numbers.

/// One line of foreign text, at most `limit` characters: control and direction characters become blanks, invisible
/// ones vanish. The joiner of emoji stays.
pub(super) fn clean(text: &str, limit: usize) -> String {
    let blank = |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let invisible = |c: char| {
        matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}'
            | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    let mut visible = text.chars().filter(|c| !invisible(*c)).map(|c| if blank(c) { ' ' } else { c });
    let mut cut: String = visible.by_ref().take(limit).collect();
    if visible.next().is_some() {
        cut.push('…');
    }
    cut
}

/// Foreign text where Slack reads no markup, and angle brackets might still be read as one; never blank.
pub(super) fn plain_line(text: &str, limit: usize) -> String {
    let text = clean(text, limit).replace('<', "‹").replace('>', "›");
    if text.trim().is_empty() { "?".to_owned() } else { text }
}

/// Foreign text for mrkdwn: cut, and without any power. Each character grows to at most 5.
///
/// Slack decodes `&amp;`, `&lt;` and `&gt;` also inside code. A zero-width space disarms what has no entity: the
/// backtick that would end a code span, and the `@` of a mention.
pub(super) fn escape(text: &str, limit: usize) -> String {
    let mut escaped = String::new();
    for c in clean(text, limit).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '`' | '@' => escaped.extend([c, '\u{200b}']),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A number with a comma between thousands, as both languages write it.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An average as a person would say it: no decimals from 100, one from 10, two below; below 0.01 the first digit
/// that is not zero. Zero only for zero.
pub fn decimal(number: f64) -> String {
    let text = match number {
        n if n <= 0.0 => return "0".to_owned(),
        n if n >= 99.95 => return grouped(n.round() as u64),
        n if n >= 9.995 => format!("{n:.1}"),
        n if n >= 0.01 => format!("{n:.2}"),
        n => format!("{n:.*}", (-n.log10()).ceil() as usize),
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// One cell a number: the lowest for none, the next ones for up to the largest.
pub fn sparkline(numbers: &[u64]) -> String {
    const CELLS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = numbers.iter().max().copied().unwrap_or_default().max(1);
    // In u128, so that no count is too large to be multiplied.
    let cell = |number: &u64| CELLS[(u128::from(*number) * 7).div_ceil(u128::from(most)) as usize];
    numbers.iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn averages_are_rounded_but_never_to_nothing() {
        let cases = [
            (0.0, "0"),
            (23.0 / 24.0, "0.96"),
            (23.0 / 86400.0, "0.0003"),
            (1.0 / 86400.0, "0.00001"),
            (0.0096, "0.01"),
            (0.5, "0.5"),
            (2.0, "2"),
            (12.34, "12.3"),
            (9.999, "10"),
            (99.96, "100"),
            (1234567.8, "1,234,568"),
        ];
        for (number, expected) in cases {
            assert_eq!(decimal(number), expected, "{number}");
        }
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let cases = [(0, "0"), (999, "999"), (1000, "1,000"), (1234567, "1,234,567")];
        for (number, expected) in cases {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn a_sparkline_tells_none_from_few() {
        assert_eq!(sparkline(&[0, 1, 50, 100]), "▁▂▅█");
        assert_eq!(sparkline(&[0, 0]), "▁▁");
        assert_eq!(sparkline(&[u64::MAX, 1]), "█▂");
    }

    #[test]
    fn foreign_text_loses_its_power() {
        assert_eq!(
            escape("<!channel> & `x` @here", 99),
            "&lt;!channel&gt; &amp; `\u{200b}x`\u{200b} @\u{200b}here"
        );
        assert_eq!(escape("a\n\u{202e}b", 99), "a  b");
        assert_eq!(escape("\u{feff}a\u{200b}b\u{200f}👩\u{200d}💻", 99), "ab👩\u{200d}💻");
        assert_eq!(escape("&&&&", 2), "&amp;&amp;…", "an entity is never cut");
    }

    proptest! {
        #[test]
        fn escaped_text_is_bounded_and_holds_no_markup(text in any::<String>(), limit in 0usize..50) {
            let escaped = escape(&text, limit);
            prop_assert!(escaped.chars().count() <= 5 * limit + 1);
            prop_assert!(!escaped.contains(['<', '>', '\n']));
            let plain = escaped.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "");
            prop_assert!(!plain.contains('&'));
        }

        #[test]
        fn every_average_above_zero_is_shown_above_zero(total in 1u64..u64::MAX, seconds in 1u32..100_000) {
            let shown = decimal(total as f64 / f64::from(seconds));
            prop_assert!(shown.chars().any(|c| ('1'..='9').contains(&c)), "{}", shown);
        }
    }
}
