//! `tanets logs`: one line a run, from the function's log; with `-f`, as they come.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{connect, identify, load, zone};
use crate::aws::Aws;
use crate::cli::{Global, LogsArgs};
use crate::config::Config;
use crate::deadline::Deadline;
use crate::exit::{Exit, Failure};
use crate::resource::log_group;
use crate::retry;
use crate::run_log::{End, Line, LoggedRun, Reader};
use crate::view::View;

/// How late CloudWatch may show a line: so far each look goes back.
const LATE: SignedDuration = SignedDuration::from_mins(10);
/// How long the log may be out of reach while somebody follows it.
const PATIENCE: Duration = Duration::from_secs(600);

pub(super) async fn logs(
    global: &Global,
    args: &LogsArgs,
    view: &dyn View,
    now: Timestamp,
) -> Result<Exit, Failure> {
    let config = load(global, view)?;
    let deadline = Deadline::of_a_run(global.timeout);
    let aws = connect(global, &config, view).await?;
    deadline.hold(identify(&aws, &config)).await??;
    let since = now.to_zoned(TimeZone::UTC).checked_sub(args.since).map(|since| since.timestamp());
    let mut look = Look {
        since: since.unwrap_or(Timestamp::UNIX_EPOCH),
        seen: HashSet::new(),
        reader: Reader::default(),
    };
    let shown = deadline.hold(look.show(&aws, &config, args, view)).await??;
    if !args.follow {
        if !shown {
            view.nothing_logged();
        }
        return Ok(Exit::Done);
    }
    let mut failing: Option<Instant> = None;
    while !view.is_closed() {
        retry::until_the_next_look().await;
        let shown = Deadline::of_a_run(None).hold(look.show(&aws, &config, args, view)).await?;
        let begun = *failing.get_or_insert_with(Instant::now);
        match shown {
            // A laptop sleeps, a network is away: whoever follows wants to go on, and not for ever.
            Err(Failure::Log(error)) if error.is_transient() && begun.elapsed() < PATIENCE => {}
            shown => {
                shown?;
                failing = None;
            }
        }
    }
    Ok(Exit::Done)
}

/// What was looked at so far.
struct Look {
    since: Timestamp,
    seen: HashSet<Line>,
    reader: Reader,
}

impl Look {
    /// Shows the runs that have ended since the last look, and tells whether there are any.
    async fn show(
        &mut self,
        aws: &Aws,
        config: &Config,
        args: &LogsArgs,
        view: &dyn View,
    ) -> Result<bool, Failure> {
        let group = log_group::name_of(&config.name);
        let lines = aws.log_lines(&group, self.since).await.map_err(Failure::Log)?;
        let mut lines = lines.ok_or(Failure::NotDeployed("log group"))?;
        lines.retain(|line| self.seen.insert(line.clone()));
        if let Some(last) = lines.last() {
            self.since = self.since.max(last.at.saturating_sub(LATE).unwrap_or(self.since));
        }
        let runs = self.reader.read(lines);
        let wanted = |run: &&LoggedRun| !args.failed || matches!(run.end, End::Failed(_));
        let shown = runs.iter().filter(wanted).inspect(|run| view.logged(run, zone(config))).count();
        Ok(shown > 0)
    }
}
