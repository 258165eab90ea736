//! The figures: samples to medians, and what they were measured on. Pure but for looking at machine and clock.

use std::collections::BTreeMap;
use std::thread::available_parallelism;
use std::time::Duration;
use std::{fmt, fs};

use jiff::Timestamp;
use serde::Serialize;
use tanets_sandbox::PeerError;
use tanets_sandbox::manners::chain;
use tanets_sandbox::python::MINISTACK;

use crate::comparison::{Sample, Settings};
use crate::tool::{Phase, Tool};

/// All figures of one call.
#[derive(Debug, Serialize)]
pub struct Report {
    /// When, in UTC.
    pub date: String,
    pub machine: String,
    /// The machine's load average over the minute before: above 0, others took part of its cores.
    pub load: f64,
    /// What plays AWS.
    pub aws: String,
    pub runs: u16,
    pub latencies_ms: Vec<u64>,
    pub tools: Vec<Measured>,
    pub not_run: Vec<NotRun>,
}

/// A tool and its figures.
#[derive(Debug, Serialize)]
pub struct Measured {
    pub name: &'static str,
    pub version: String,
    pub runs: u16,
    /// In what its deployment differs from tanets's.
    pub differs: Option<&'static str>,
    pub figures: Vec<Figure>,
}

/// Medians over the runs of one phase at one latency.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    pub phase: Phase,
    pub latency_ms: u64,
    pub wall_ms: f64,
    pub fastest_ms: f64,
    pub slowest_ms: f64,
    pub requests: usize,
    pub writes: usize,
    /// The requests of `chain`: round trips that had to wait for one another.
    pub depth: usize,
    /// The most memory held at once, in bytes.
    pub memory: u64,
    /// One longest chain of requests in which each began after the one before it had ended.
    pub chain: Vec<String>,
}

/// A tool that wasn't measured.
#[derive(Debug, Serialize)]
pub struct NotRun {
    pub name: String,
    pub why: String,
}

impl NotRun {
    /// A tool and why not.
    pub fn new(name: &str, error: &PeerError) -> Self {
        Self { name: name.to_owned(), why: error.explain() }
    }
}

impl fmt::Display for NotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, why } = self;
        write!(f, "{name} was not measured: {}", why.replace('\n', " "))
    }
}

impl Report {
    /// The report of what was measured.
    pub fn new(
        settings: &Settings,
        load: f64,
        tools: Vec<(Box<dyn Tool>, Vec<Sample>)>,
        not_run: Vec<NotRun>,
    ) -> Self {
        let tools = tools.into_iter().map(|(tool, samples)| Measured {
            name: tool.name(),
            version: tool.version().to_owned(),
            runs: tool.runs(settings.runs),
            differs: tool.differs(),
            figures: figures(&samples),
        });
        Self {
            date: Timestamp::now().strftime("%Y-%m-%d").to_string(),
            machine: machine(),
            load,
            aws: format!("MiniStack {}", MINISTACK.version()),
            runs: settings.runs,
            latencies_ms: settings.latencies.iter().map(whole_ms).collect(),
            tools: tools.collect(),
            not_run,
        }
    }
}

impl Measured {
    /// The figure of a phase at a latency.
    pub fn figure(&self, phase: Phase, latency_ms: u64) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.phase == phase && figure.latency_ms == latency_ms)
    }
}

fn figures(samples: &[Sample]) -> Vec<Figure> {
    let mut groups: BTreeMap<(u64, Phase), Vec<&Sample>> = BTreeMap::new();
    for sample in samples {
        groups.entry((whole_ms(&sample.latency), sample.phase)).or_default().push(sample);
    }
    let figure = |((latency_ms, phase), mut group): (_, Vec<&Sample>)| {
        group.sort_by_key(|sample| sample.usage.wall);
        let walls = Vec::from_iter(group.iter().map(|sample| sample.usage.wall.as_secs_f64() * 1000.0));
        let middle = group[group.len() / 2];
        let chain = chain(&middle.requests);
        Figure {
            phase,
            latency_ms,
            wall_ms: median(&walls),
            fastest_ms: walls[0],
            slowest_ms: walls[walls.len() - 1],
            requests: middle.requests.len(),
            writes: middle.requests.iter().filter(|request| !request.is_read()).count(),
            depth: chain.len(),
            memory: group.iter().map(|sample| sample.usage.memory).max().unwrap_or_default(),
            chain: chain.into_iter().map(|request| request.operation.clone()).collect(),
        }
    };
    groups.into_iter().map(figure).collect()
}

/// Of sorted values, at least one.
pub fn median(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { f64::midpoint(sorted[half - 1], sorted[half]) }
}

fn whole_ms(duration: &Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The machine's load average over the last minute; 0 where it doesn't tell.
pub fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or_default()
}

/// Its cores and system, as far as it tells.
pub fn machine() -> String {
    let cores = available_parallelism().map_or(0, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("unknown", |(_, model)| model.trim());
    format!("{cores} cores ({model}, {})", std::env::consts::OS)
}

#[cfg(test)]
mod tests;
