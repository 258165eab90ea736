//! The report as Markdown: a table of times for each latency, one of requests and memory, and what has to be said
//! beside them. Pure.

use std::fmt::Write;

use crate::report::{Figure, Measured, Report};
use crate::tool::Phase;

/// The whole report. With `chains`, also which requests waited for one another.
pub fn markdown(report: &Report, chains: bool) -> String {
    let Report { date, machine, load, aws, runs, latencies_ms, tools, not_run } = report;
    let mut text = format!(
        "Measured on {date}: {machine}, load average {load:.1} before; AWS played by {aws} on the same machine; {}.\n",
        medians(*runs),
    );
    for latency in latencies_ms {
        section(&mut text, &format!("Time, {}", with(*latency)));
        times(&mut text, tools, *latency);
    }
    // Only with latency does the order of requests tell what waits for what.
    let slowest = latencies_ms.iter().max().copied().unwrap_or_default();
    section(&mut text, &format!("Requests (writes among them) → longest chain, memory; {}", with(slowest)));
    costs(&mut text, tools, slowest);
    text.push('\n');
    for Measured { name, version, runs, differs, figures: _ } in tools {
        let runs = if runs == &report.runs { String::new() } else { format!("; {}", medians(*runs)) };
        let differs = differs.map(|differs| format!(": {differs}")).unwrap_or_default();
        line(&mut text, &format!("- {name} {version}{runs}{differs}."));
    }
    for tool in not_run {
        line(&mut text, &format!("- {tool}."));
    }
    if chains {
        section(&mut text, &format!("The longest chain of requests, {}", with(slowest)));
        for tool in tools {
            for figure in tool.figures.iter().filter(|f| f.latency_ms == slowest && !f.chain.is_empty()) {
                let (name, phase) = (tool.name, figure.phase.name());
                line(&mut text, &format!("- {name}, {phase}: {}", counted(&figure.chain)));
            }
        }
    }
    text
}

fn times(text: &mut String, tools: &[Measured], latency: u64) {
    let [first, rest @ ..] = tools else { return };
    let heads = rest.iter().flat_map(|tool| [tool.name.to_owned(), format!("÷ {}", first.name)]);
    row(text, "", std::iter::once(first.name.to_owned()).chain(heads));
    rule(text, 1 + 2 * rest.len());
    for phase in phases(tools) {
        let own = first.figure(phase, latency);
        let others = rest.iter().flat_map(|tool| {
            let theirs = tool.figure(phase, latency);
            let times = own.zip(theirs).map(|(own, theirs)| format!("{:.1}", theirs.wall_ms / own.wall_ms));
            [time(theirs), times.unwrap_or_default()]
        });
        row(text, phase.name(), std::iter::once(time(own)).chain(others));
    }
}

fn costs(text: &mut String, tools: &[Measured], latency: u64) {
    row(text, "", tools.iter().map(|tool| tool.name.to_owned()));
    rule(text, tools.len());
    // What asks for nothing is over before its memory can be looked at.
    for phase in phases(tools).filter(|phase| !matches!(phase, Phase::Start | Phase::Init)) {
        let cells = tools.iter().map(|tool| tool.figure(phase, latency).map_or("–".to_owned(), cost));
        row(text, phase.name(), cells);
    }
}

/// The phases that any tool has.
fn phases(tools: &[Measured]) -> impl Iterator<Item = Phase> {
    let there = |phase: &Phase| tools.iter().any(|tool| tool.figures.iter().any(|f| f.phase == *phase));
    Phase::ALL.into_iter().filter(there)
}

fn time(figure: Option<&Figure>) -> String {
    match figure.map(|figure| figure.wall_ms) {
        None => "–".to_owned(),
        Some(ms) if ms < 10.0 => format!("{ms:.1} ms"),
        Some(ms) if ms < 1000.0 => format!("{ms:.0} ms"),
        Some(ms) => format!("{:.2} s", ms / 1000.0),
    }
}

fn cost(figure: &Figure) -> String {
    let Figure { requests, writes, depth, memory, .. } = figure;
    format!("{requests} ({writes}) → {depth}, {} MB", memory.div_ceil(1_000_000))
}

/// A chain, its repetitions counted.
fn counted(chain: &[String]) -> String {
    let runs = chain.chunk_by(|a, b| a == b);
    let runs =
        runs.map(|run| if run.len() == 1 { run[0].clone() } else { format!("{} ×{}", run[0], run.len()) });
    Vec::from_iter(runs).join(" → ")
}

fn with(latency: u64) -> String {
    match latency {
        0 => "without latency".to_owned(),
        ms => format!("with {ms} ms a request"),
    }
}

fn medians(runs: u16) -> String {
    if runs == 1 { "1 run".to_owned() } else { format!("medians of {runs} runs") }
}

fn section(text: &mut String, title: &str) {
    line(text, &format!("\n**{title}**\n"));
}

fn row(text: &mut String, head: &str, cells: impl Iterator<Item = String>) {
    line(text, &format!("| {head} | {} |", Vec::from_iter(cells).join(" | ")));
}

fn rule(text: &mut String, columns: usize) {
    line(text, &format!("|---|{}", "--:|".repeat(columns)));
}

fn line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::NotRun;

    fn figure(phase: Phase, latency_ms: u64, wall_ms: f64) -> Figure {
        Figure {
            phase,
            latency_ms,
            wall_ms,
            fastest_ms: wall_ms,
            slowest_ms: wall_ms,
            requests: 4,
            writes: 1,
            depth: 3,
            memory: 20_100_000,
            chain: ["GetRole", "GetFunction", "GetFunction"].map(str::to_owned).into(),
        }
    }

    fn report() -> Report {
        let measured = |name, runs, differs, figures| Measured {
            name,
            version: "1.0".to_owned(),
            runs,
            differs,
            figures,
        };
        let both = |wall| [figure(Phase::NothingToDo, 0, wall), figure(Phase::NothingToDo, 50, wall)];
        let mut init = figure(Phase::Init, 50, 2000.0);
        init.requests = 0;
        init.chain.clear();
        Report {
            date: "2026-11-22".to_owned(),
            machine: "2 cores".to_owned(),
            load: 0.25,
            aws: "MiniStack 1".to_owned(),
            runs: 3,
            latencies_ms: vec![0, 50],
            tools: vec![
                measured("tanets", 3, None, both(8.25).into()),
                measured("Terraform", 1, Some("no tags"), both(1250.0).into_iter().chain([init]).collect()),
            ],
            not_run: vec![NotRun { name: "Chalice".to_owned(), why: "no network\nat all".to_owned() }],
        }
    }

    #[test]
    fn a_report_reads_as_markdown_with_ratios_and_names_what_is_missing() {
        let expected = "\
Measured on 2026-11-22: 2 cores, load average 0.2 before; AWS played by MiniStack 1 on the same machine; medians of 3 runs.

**Time, without latency**

|  | tanets | Terraform | ÷ tanets |
|---|--:|--:|--:|
| `init`, once | – | – |  |
| nothing to do | 8.2 ms | 1.25 s | 151.5 |

**Time, with 50 ms a request**

|  | tanets | Terraform | ÷ tanets |
|---|--:|--:|--:|
| `init`, once | – | 2.00 s |  |
| nothing to do | 8.2 ms | 1.25 s | 151.5 |

**Requests (writes among them) → longest chain, memory; with 50 ms a request**

|  | tanets | Terraform |
|---|--:|--:|
| nothing to do | 4 (1) → 3, 21 MB | 4 (1) → 3, 21 MB |

- tanets 1.0.
- Terraform 1.0; 1 run: no tags.
- Chalice was not measured: no network at all.
";
        assert_eq!(markdown(&report(), false), expected);
    }

    #[test]
    fn chains_are_shown_on_request_with_their_repetitions_counted() {
        let text = markdown(&report(), true);
        let tail = "\
**The longest chain of requests, with 50 ms a request**

- tanets, nothing to do: GetRole → GetFunction ×2
- Terraform, nothing to do: GetRole → GetFunction ×2
";
        assert!(text.ends_with(tail), "{text}");
    }
}
