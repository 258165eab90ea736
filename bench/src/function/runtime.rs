//! Lambda's Runtime API around one process of the function: it starts it, hands it one event, takes its answer, and
//! looks at its time and memory from outside.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{fs, thread};

use serde_json::Value;
use tanets_sandbox::PeerError;

use super::front::Traffic;

/// As long as the function has, by tanets's default.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks for a connection: the figures' precision.
const GLANCE: Duration = Duration::from_micros(50);

/// One process, one event.
#[derive(Debug, Default)]
pub struct Run {
    /// From before the process was made to its first poll.
    pub start_ms: f64,
    /// Resident, in bytes.
    pub memory_at_poll: u64,
    /// From the event to the answer.
    pub wall_ms: f64,
    /// Of all its threads, from the event to the next poll.
    pub cpu_ms: f64,
    /// Resident at the next poll, in bytes.
    pub memory_after: u64,
    /// The most that was ever resident, in bytes.
    pub memory_peak: u64,
    /// The lines that the answer tells.
    pub total: Option<u64>,
    /// The answer.
    pub answer: String,
    /// What went to the cluster; filled in by who knows.
    pub traffic: Traffic,
}

/// A function that has polled for its first event.
pub struct Runtime {
    listener: TcpListener,
    child: Child,
    /// The poll that waits for its event.
    poll: Option<TcpStream>,
    run: Run,
}

impl Runtime {
    /// Starts the function and waits for its first poll.
    ///
    /// # Errors
    /// If it cannot be started or does not poll.
    pub fn start(bootstrap: &Path, settings: &[(&str, String)]) -> Result<Self, PeerError> {
        let failed = |error| PeerError::new("starting the function", error);
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let begun = Instant::now();
        let child = Command::new(bootstrap)
            .env_clear()
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_REGION", "ap-northeast-1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let mut runtime = Self { listener, child, poll: None, run: Run::default() };
        runtime.poll = Some(runtime.request("/invocation/next")?.0);
        runtime.run.start_ms = begun.elapsed().as_secs_f64() * 1000.0;
        runtime.run.memory_at_poll = runtime.status("VmRSS:");
        Ok(runtime)
    }

    /// Hands it an event, and ends it at its next poll.
    ///
    /// # Errors
    /// If it ends, or answers with an error.
    pub fn invoke(mut self, event: &str) -> Result<Run, PeerError> {
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + PATIENCE;
        let head = format!(
            "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
             lambda-runtime-deadline-ms: {}\r\nlambda-runtime-invoked-function-arn: arn:aws:lambda:x:1:function:bench\r\n\
             lambda-runtime-trace-id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{event}",
            deadline.as_millis(),
            event.len(),
        );
        let failed = |error| PeerError::new("handing the function an event", error);
        let cpu = self.cpu_ms();
        let begun = Instant::now();
        if let Some(mut poll) = self.poll.take() {
            poll.write_all(head.as_bytes()).map_err(failed)?;
        }
        let (mut answered, body) = self.request("/invocation/8476a536-")?;
        self.run.wall_ms = begun.elapsed().as_secs_f64() * 1000.0;
        let accepted = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        answered.write_all(accepted).map_err(failed)?;
        drop(answered);
        // It polls again: what it did is done.
        let _next = self.request("/invocation/next")?;
        self.run.cpu_ms = self.cpu_ms() - cpu;
        self.run.memory_after = self.status("VmRSS:");
        self.run.memory_peak = self.status("VmHWM:");
        let answer: Value = serde_json::from_str(&body).unwrap_or_default();
        self.run.total = answer["total"].as_u64().filter(|_| answer["posted"] == true);
        self.run.answer = body;
        Ok(std::mem::take(&mut self.run))
    }

    /// The next request, which has to be one of these; with its body.
    fn request(&mut self, expected: &str) -> Result<(TcpStream, String), PeerError> {
        let failed = |error| PeerError::new(format!("waiting for {expected}"), error);
        let stream = self.accept().map_err(failed)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
        let mut reader = BufReader::new(stream.try_clone().map_err(failed)?);
        let (mut first, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).map_err(failed)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if first.is_empty() {
                first = line;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).map_err(failed)?;
        let body = String::from_utf8_lossy(&body).into_owned();
        match first.contains(expected) {
            true => Ok((stream, body)),
            false => Err(PeerError::new(format!("waiting for {expected}"), format!("{first}{body}"))),
        }
    }

    /// The next connection; an error if the process ends before.
    fn accept(&mut self) -> io::Result<TcpStream> {
        let begun = Instant::now();
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false)?;
                    return Ok(stream);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(io::Error::other(format!("the function ended with {status}")));
            }
            if begun.elapsed() > PATIENCE {
                return Err(io::ErrorKind::TimedOut.into());
            }
            thread::sleep(GLANCE);
        }
    }

    /// A line of the process's status, in bytes.
    fn status(&self, key: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() * 1024
    }

    /// The time on a processor of all its threads that live.
    fn cpu_ms(&self) -> f64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).into_iter().flatten().flatten();
        let nanoseconds = tasks.filter_map(|task| {
            let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        });
        nanoseconds.sum::<u64>() as f64 / 1e6
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
