//! Runs a command to its end and measures it from outside: wall time, and the memory of it and its children.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use std::os::unix::process::CommandExt;

use tanets_sandbox::PeerError;
use tanets_sandbox::interrupt::Interrupt;

/// A tool that hasn't ended by then never will.
const PATIENCE: Duration = Duration::from_secs(180);
/// Between asking a tool to end and insisting.
const GRACE: Duration = Duration::from_secs(5);
/// Between two looks at the memory: at least this, and so long that looking costs less than a tenth of a core.
const GLANCE: Duration = Duration::from_millis(2);
/// The lines of a failed tool's output that its error shows.
const TAIL: usize = 15;

/// What a run took.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    pub wall: Duration,
    /// The most memory that the command and its children held at once, in bytes: resident pages, as /proc has them.
    pub memory: u64,
}

/// Runs a command to its end. What it says goes to `log`.
///
/// # Errors
/// If it can't be started, fails, takes longer than three minutes, or is interrupted; with the end of its log.
pub fn run(command: &mut Command, log: &Path, interrupt: &Interrupt) -> Result<Usage, PeerError> {
    let doing = format!("running {}", shown(command));
    let failed = |error| PeerError::new(doing.clone(), error);
    let out = File::create(log).map_err(failed)?;
    let err = out.try_clone().map_err(failed)?;
    // A group of its own: a terminal's Ctrl-C is for us, and ending the group ends what the tool started.
    command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
    let begun = Instant::now();
    let mut child = command.spawn().map_err(failed)?;
    let (pid, ended) = (child.id(), AtomicBool::new(false));
    let (status, wall, watched) = thread::scope(|scope| {
        let watch = scope.spawn(|| watch(pid, begun, &ended, interrupt));
        let status = child.wait();
        let wall = begun.elapsed();
        ended.store(true, Ordering::SeqCst);
        (status, wall, watch.join())
    });
    let (memory, why) = watched.unwrap_or_default();
    let status = status.map_err(failed)?;
    match why {
        None if status.success() => Ok(Usage { wall, memory }),
        why => {
            let why = why.map_or_else(|| status.to_string(), str::to_owned);
            let said = fs::read(log).unwrap_or_default();
            let why = format!("{why}\n{}", last_lines(&String::from_utf8_lossy(&said)));
            Err(PeerError::new(doing, why))
        }
    }
}

/// Looks at the memory until the command has ended, and ends it if that is not to be waited for: then with the reason.
fn watch(pid: u32, begun: Instant, ended: &AtomicBool, interrupt: &Interrupt) -> (u64, Option<&'static str>) {
    let (mut memory, mut asked) = (0, None);
    while !ended.load(Ordering::SeqCst) {
        let look = Instant::now();
        memory = memory.max(held(pid));
        thread::sleep(GLANCE.max(look.elapsed() * 10));
        let why = match interrupt.pressed() {
            true => "interrupted",
            false if begun.elapsed() > PATIENCE => "it took longer than three minutes",
            false => continue,
        };
        let (_, since) = *asked.get_or_insert_with(|| {
            signal(pid, "-TERM");
            (why, Instant::now())
        });
        if since.elapsed() > GRACE {
            signal(pid, "-KILL");
        }
    }
    (memory, asked.map(|(why, _)| why))
}

/// Signals the command's group. It may have ended in this moment.
fn signal(group: u32, name: &str) {
    let _ = Command::new("kill").args([name, "--", &format!("-{group}")]).stderr(Stdio::null()).status();
}

/// Bytes that a process and its descendants hold now; for a process without any, the most that it ever held.
fn held(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let bytes = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
    };
    let children = children(pid);
    match children.is_empty() {
        true => bytes("VmHWM:").unwrap_or_default(),
        false => bytes("VmRSS:").unwrap_or_default() + children.into_iter().map(held).sum::<u64>(),
    }
}

fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| Vec::from_iter(list.split_whitespace().filter_map(|pid| pid.parse().ok())))
        .collect()
}

/// The command's name and arguments.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    Vec::from_iter(words.map(|word| word.to_string_lossy())).join(" ")
}

fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(script: &str) -> Result<Usage, PeerError> {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        run(command.args(["-c", script]), &folder.path().join("log"), &Interrupt::default())
    }

    #[test]
    fn a_child_s_memory_counts_and_the_time_is_the_whole_command_s() {
        // The shell holds a megabyte or two; 64 are its child's, which keeps them until somebody has looked.
        let hold = "python3 -c 'import time; held = b\"x\" * (64 << 20); time.sleep(0.3)'; true";
        let usage = measure(hold).unwrap();
        assert!(usage.memory > 60 << 20, "{usage:?}");
        assert!(usage.memory < 90 << 20, "{usage:?}");
        assert!(usage.wall > Duration::from_millis(200), "{usage:?}");
    }

    #[test]
    fn a_failure_tells_the_command_and_what_it_said() {
        let error = measure("echo because >&2; exit 3").unwrap_err();
        assert_eq!(error.explain(), "running sh -c echo because >&2; exit 3: exit status: 3\nbecause",);
    }

    #[test]
    fn an_interrupt_ends_the_command_and_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let interrupt = Interrupt::pressed_already();
        let begun = Instant::now();
        let mut command = Command::new("sh");
        let error =
            run(command.args(["-c", "sleep 60 & wait"]), &folder.path().join("log"), &interrupt).unwrap_err();
        assert!(error.explain().contains("interrupted"), "{}", error.explain());
        assert!(begun.elapsed() < GRACE);
    }
}
