//! `tanets schedule`: an expression in words, and when it fires. Offline.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{read, zone};
use crate::cli::{Global, ScheduleArgs};
use crate::exit::{Exit, Failure};
use crate::forecast::{clock_change, runs};
use crate::view::{Explanation, View};

pub(super) fn schedule(
    global: &Global,
    args: &ScheduleArgs,
    view: &dyn View,
    now: Timestamp,
) -> Result<Exit, Failure> {
    let ScheduleArgs { expression, timezone, count } = args;
    let (schedule, home) = match (expression, timezone) {
        (None, _) => {
            let config = read(global, view)?;
            (config.schedule.clone(), zone(&config).clone())
        }
        (Some(expression), None) if global.config.exists() => {
            (expression.clone(), zone(&read(global, view)?).clone())
        }
        (Some(expression), _) => (expression.clone(), TimeZone::UTC),
    };
    let zone = timezone.clone().unwrap_or(home);
    view.schedule(&Explanation {
        runs: runs(&schedule, &zone, now, usize::from(*count)),
        clocks: clock_change(&schedule, &zone, now),
        schedule,
        zone,
    });
    Ok(Exit::Done)
}
