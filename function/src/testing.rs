//! A local HTTP server for tests: plays given answers in order and keeps what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread::{JoinHandle, spawn};

/// One request as it arrived.
#[derive(Debug)]
pub struct Seen {
    /// Method, path and query: `POST /x?y`.
    pub line: String,
    /// Header lines, names in lower case.
    pub headers: Vec<String>,
    /// The body.
    pub body: String,
}

/// The server; it ends after the last answer.
pub struct Server {
    /// Its base URL.
    pub url: String,
    thread: JoinHandle<Vec<Seen>>,
}

/// An answer: status, further header lines, body. An empty status closes the connection instead.
pub type Played = (&'static str, &'static str, String);

impl Server {
    /// Starts it with the answers that it will give.
    pub fn play(answers: Vec<Played>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let thread = spawn(move || answers.into_iter().map(|answer| serve(&listener, answer)).collect());
        Self { url, thread }
    }

    /// What it was asked, one request an answer. Waits for the last.
    pub fn seen(self) -> Vec<Seen> {
        self.thread.join().unwrap()
    }
}

fn serve(listener: &TcpListener, (status, headers, body): Played) -> Seen {
    let (mut stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let line = lines.remove(0).trim_end_matches(" HTTP/1.1").to_owned();
    let headers_seen: Vec<String> = lines
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| format!("{}: {value}", name.to_ascii_lowercase()))
        .collect();
    let length = headers_seen.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut bytes = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut bytes).unwrap();
    if !status.is_empty() {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
    }
    Seen { line, headers: headers_seen, body: String::from_utf8(bytes).unwrap() }
}
