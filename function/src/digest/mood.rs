//! Whether a day is as usual, and whether the team's own thresholds say otherwise.

use super::{Counts, Digest};
use crate::settings::Threshold;

/// So many lines more than usual make a busy day: below, a multiple says little.
const NOTICEABLE: u64 = 5;

/// A day at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Not a single line.
    Clear,
    /// Less than half of the usual.
    Quiet,
    /// As usual.
    Usual,
    /// The first lines after none at all on the days before: nothing to compare with.
    First,
    /// Half as many again as usual.
    Busy,
    /// Three times the usual.
    Stormy,
    /// A warning threshold is reached.
    Warning,
    /// An alert threshold is reached.
    Alert,
}

impl Mood {
    /// The thresholds decide; without any, how the day compares with the median of the days before it.
    pub fn of(digest: &Digest, warn: &[Threshold], alert: &[Threshold]) -> Self {
        let counts = digest.tally.day();
        let reached = |thresholds: &[Threshold]| thresholds.iter().any(|one| is_reached(one, digest, counts));
        if reached(alert) {
            return Self::Alert;
        }
        if reached(warn) {
            return Self::Warning;
        }
        let total = counts.total;
        if !digest.is_complete() {
            return Self::Usual;
        }
        if total == 0 {
            return Self::Clear;
        }
        if digest.tally.is_first() {
            return Self::First;
        }
        let usual = digest.tally.usual();
        let more = total.saturating_sub(usual);
        let times = |n: u64, of: u64| u128::from(total) * u128::from(of) >= u128::from(usual) * u128::from(n);
        match () {
            () if !times(1, 2) => Self::Quiet,
            // Whoever set thresholds has said what is too much.
            () if !(warn.is_empty() && alert.is_empty()) || more < NOTICEABLE => Self::Usual,
            () if times(3, 1) => Self::Stormy,
            () if times(3, 2) => Self::Busy,
            () => Self::Usual,
        }
    }
}

fn is_reached(threshold: &Threshold, digest: &Digest, counts: &Counts) -> bool {
    let Some(level) = &threshold.level else { return counts.total >= threshold.count };
    digest.levels.iter().zip(&counts.levels).any(|(name, count)| name == level && *count >= threshold.count)
}
