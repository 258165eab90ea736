//! How a count compares with an earlier one, as a person would say it.

/// Below this count, people tell the difference instead of a percentage.
const FEW: u64 = 10;

/// How a count compares with an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Equal.
    Same,
    /// There were none.
    FromZero,
    /// There were so many, and are none.
    ToZero(u64),
    /// Both are small: so many more, or fewer if negative.
    Few(i64),
    /// Less than five percent up or down.
    Slight,
    /// Percent, rounded, below twice as many; -99 at the least.
    Percent(i64),
    /// Twice as many and more, in tenths, below tenfold.
    Tenths(u64),
    /// Tenfold and more.
    Times(u64),
}

impl Change {
    /// From an earlier count to a later one.
    pub fn between(before: u64, now: u64) -> Self {
        match (before, now) {
            _ if before == now => Self::Same,
            (0, _) => Self::FromZero,
            (_, 0) => Self::ToZero(before),
            _ if before < FEW && now < FEW => Self::Few(now as i64 - before as i64),
            _ => Self::ratio(before, now),
        }
    }

    fn ratio(before: u64, now: u64) -> Self {
        let ratio = now as f64 / before as f64;
        let tenths = (ratio * 10.0).round() as u64;
        if tenths >= 100 {
            return Self::Times(ratio.round() as u64);
        }
        if ratio >= 2.0 {
            return Self::Tenths(tenths);
        }
        let percent = (ratio - 1.0) * 100.0;
        if percent.abs() < 5.0 {
            return Self::Slight;
        }
        // A fall to nearly nothing is not a fall to nothing.
        Self::Percent((percent.round() as i64).max(-99))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_as_people_would() {
        let cases = [
            (0, 0, Change::Same),
            (7, 7, Change::Same),
            (0, 5, Change::FromZero),
            (5, 0, Change::ToZero(5)),
            (3, 4, Change::Few(1)),
            (9, 1, Change::Few(-8)),
            (1000, 1, Change::Percent(-99)),
            (100_000, 100_001, Change::Slight),
            (100, 96, Change::Slight),
            (10, 12, Change::Percent(20)),
            (100, 199, Change::Percent(99)),
            (10, 24, Change::Tenths(24)),
            (10, 99, Change::Tenths(99)),
            (1000, 9960, Change::Times(10)),
            (10, 100, Change::Times(10)),
            (1, u64::MAX, Change::Times(u64::MAX)),
        ];
        for (before, now, expected) in cases {
            assert_eq!(Change::between(before, now), expected, "{before} → {now}");
        }
    }
}
