//! `cargo bench-function`: what the function costs, by starting it as Lambda does, against ever more documents in a
//! real OpenSearch. Each figure is the median of fresh processes, as a function that runs once a day always is one.

mod front;
mod logs;
mod runtime;

use std::fmt::Write;
use std::path::Path;
use std::{fs, io};

use clap::Args;
use jiff::Timestamp;
use tanets_sandbox::{Inbox, OPENSEARCH_3, PeerError, SearchServer, build_function};
use zip::write::SimpleFileOptions;

use self::front::Front;
use self::logs::{DAY, LEVELS, Logs};
use self::runtime::{Run, Runtime};
use crate::report::{load, machine, median};
use crate::tell;

/// What to measure.
#[derive(Args)]
pub struct Options {
    /// How many documents the cluster holds: one row each.
    #[arg(
        long,
        value_name = "N",
        value_delimiter = ',',
        default_values_t = [1_000, 10_000, 100_000, 1_000_000],
        value_parser = clap::value_parser!(u64).range(100..=10_000_000),
    )]
    documents: Vec<u64>,
    /// How often the function is started against each.
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u16).range(1..=100))]
    runs: u16,
}

/// The runs against so many documents.
struct Row {
    documents: u64,
    /// Of the levels, on the day: the same in the truth and in every answer.
    counted: u64,
    runs: Vec<Run>,
}

/// Builds the function, starts an OpenSearch and measures; the report in Markdown.
///
/// # Errors
/// If a build or a peer fails, or a run does not give the true counts in one request and one message.
pub fn measure(options: &Options) -> Result<String, PeerError> {
    tell("building the function");
    let bootstrap = build_function(&|_| {})?;
    let search = SearchServer::start(&OPENSEARCH_3, &|line| tell(line))?;
    let load = load();
    let mut rows = Vec::new();
    for documents in &options.documents {
        tell(&format!("loading {documents} documents"));
        let logs = Logs { documents: *documents };
        let index = logs.load(&search)?;
        tell(&format!("starting the function {} times", options.runs));
        let runs = (0..options.runs).map(|_| run(&bootstrap, &search, &index, &logs));
        rows.push(Row {
            documents: *documents,
            counted: logs.counted(),
            runs: runs.collect::<Result<_, _>>()?,
        });
    }
    let zip = zipped(&bootstrap).map_err(|error| PeerError::new("zipping the function", error))?;
    Ok(markdown(&rows, (file_size(&bootstrap), zip), options.runs, load))
}

/// One fresh process, one event.
fn run(bootstrap: &Path, search: &SearchServer, index: &str, logs: &Logs) -> Result<Run, PeerError> {
    let (front, inbox) = (Front::start(search.url())?, Inbox::start()?);
    let settings = [
        ("SLACK_WEBHOOK_URL", inbox.webhook_url()),
        ("ES_ENDPOINT", front.url().to_owned()),
        ("ES_CA", front.authority().to_owned()),
        ("ES_INDEXES", index.to_owned()),
        ("ERROR_LEVEL", LEVELS.join(",")),
        ("ES_FIELD", "level".to_owned()),
    ];
    let event = format!("{{\"date\":\"{DAY}\"}}");
    let mut run = Runtime::start(bootstrap, &settings)?.invoke(&event)?;
    run.traffic = front.traffic();
    let wrong = |why: String| Err(PeerError::new("measuring the function", why));
    match (run.total, run.traffic.requests, inbox.messages().len()) {
        (Some(total), 1, 1) if total == logs.counted() => Ok(run),
        (total, requests, messages) => wrong(format!(
            "{total:?} lines counted of {}, {requests} requests, {messages} messages: {}",
            logs.counted(),
            run.answer
        )),
    }
}

fn file_size(path: &Path) -> u64 {
    path.metadata().map_or(0, |file| file.len())
}

/// The length of the zip that Lambda gets.
fn zipped(bootstrap: &Path) -> io::Result<usize> {
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    // As the deployer packs it.
    zip.start_file("bootstrap", SimpleFileOptions::default().compression_level(Some(6)))?;
    io::copy(&mut fs::File::open(bootstrap)?, &mut zip)?;
    Ok(zip.finish()?.into_inner().len())
}

fn markdown(rows: &[Row], (size, zip): (u64, usize), runs: u16, load: f64) -> String {
    let all = || rows.iter().flat_map(|row| &row.runs);
    let start = middle(all().map(|run| run.start_ms));
    let fastest = all().map(|run| run.start_ms).fold(f64::INFINITY, f64::min);
    let mut text = format!(
        "Measured on {}: {}, load average {load:.1} before; OpenSearch {} on the same machine, behind TLS; medians of \
         {runs} fresh processes.\n\n",
        Timestamp::now().strftime("%Y-%m-%d"),
        machine(),
        OPENSEARCH_3.version,
    );
    let at_poll = middle(all().map(|run| run.memory_at_poll as f64));
    let facts = [
        ("zip", format!("{:.2} MB (bootstrap {:.2} MB)", zip as f64 / 1e6, size as f64 / 1e6)),
        ("process start to first poll", format!("{start:.1} ms (fastest {fastest:.1} ms)")),
        ("memory at the first poll", megabytes(at_poll)),
    ];
    text.push_str("|  |  |\n|---|--:|\n");
    for (name, value) in facts {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {name} | {value} |");
    }
    text.push_str(
        "\n| documents | counted | requests | sent | received | time in the cluster | own time | CPU | memory | most memory |\n\
         |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for Row { documents, counted, runs } in rows {
        let of = |pick: &dyn Fn(&Run) -> f64| middle(runs.iter().map(pick));
        let cells = [
            documents.to_string(),
            counted.to_string(),
            format!("{:.0}", of(&|run| run.traffic.requests as f64)),
            kilobytes(of(&|run| run.traffic.sent as f64)),
            kilobytes(of(&|run| run.traffic.received as f64)),
            format!("{:.0} ms", of(&|run| run.traffic.waited_ms)),
            format!("{:.0} ms", of(&|run| run.wall_ms - run.traffic.waited_ms)),
            format!("{:.0} ms", of(&|run| run.cpu_ms)),
            megabytes(of(&|run| run.memory_after as f64)),
            megabytes(of(&|run| run.memory_peak as f64)),
        ];
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let mut values = Vec::from_iter(values);
    values.sort_by(f64::total_cmp);
    median(&values)
}

fn kilobytes(bytes: f64) -> String {
    format!("{:.1} kB", bytes / 1e3)
}

fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::front::Traffic;

    #[test]
    fn a_report_has_a_row_for_each_corpus_and_medians_in_it() {
        let run = |start_ms, wall_ms| Run {
            start_ms,
            memory_at_poll: 5_000_000,
            wall_ms,
            cpu_ms: 12.0,
            memory_after: 11_000_000,
            memory_peak: 12_345_678,
            total: Some(7),
            answer: String::new(),
            traffic: Traffic { requests: 1, sent: 3000, received: 12_400, waited_ms: 30.0 },
        };
        let rows =
            [Row { documents: 1000, counted: 7, runs: vec![run(2.0, 90.0), run(9.0, 50.0), run(3.0, 60.0)] }];
        let text = markdown(&rows, (3_000_000, 1_450_000), 3, 0.5);
        assert!(text.contains("load average 0.5 before; OpenSearch 3.8.0"), "{text}");
        let tail = "\
|  |  |
|---|--:|
| zip | 1.45 MB (bootstrap 3.00 MB) |
| process start to first poll | 3.0 ms (fastest 2.0 ms) |
| memory at the first poll | 5.0 MB |

| documents | counted | requests | sent | received | time in the cluster | own time | CPU | memory | most memory |
|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
| 1000 | 7 | 1 | 3.0 kB | 12.4 kB | 30 ms | 30 ms | 12 ms | 11.0 MB | 12.3 MB |
";
        assert!(text.ends_with(tail), "{text}");
    }
}
