//! The access log: a line for each request, written by a thread of its own.
//!
//! ## Why
//! A disk that is slow or full must cost the log its lines and not the clients their time: a request puts what is known
//! of it into a bounded queue and goes on. What does not fit is counted and told in the log's place.

mod combined;
mod json;

use crate::meter::Outcome;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Lines that may wait to be written; past them lines are dropped and counted.
const QUEUE: usize = 16 * 1024;
/// How long a line may wait in memory when no other follows it.
const FLUSH: Duration = Duration::from_millis(200);

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object for each line.
    Json,
    /// NCSA's combined format, as Apache and nginx have it.
    Combined,
}

/// Where lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    Stdout,
    /// A file that is appended to, and made if it is not there.
    File(PathBuf),
}

/// A request that is over.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When it came, in milliseconds since the epoch.
    pub time: u64,
    pub request_id: Arc<str>,
    pub client: Option<IpAddr>,
    pub method: http::Method,
    pub protocol: &'static str,
    pub host: String,
    /// With the query.
    pub path: String,
    /// 499 when the client left before there was one.
    pub status: u16,
    /// Bytes of the response's body that were handed to the connection.
    pub bytes: u64,
    pub worker: Option<(Arc<str>, Arc<str>)>,
    pub outcome: Outcome,
    pub fuel: u64,
    pub subrequests: u32,
    /// Of the sandbox, `waitUntil` included.
    pub wall: Duration,
    /// From arrival to the response's last byte.
    pub duration: Duration,
    /// What the cache said, as in `Cache-Status`.
    pub cache: Option<String>,
    pub user_agent: Option<String>,
    pub referer: Option<String>,
    /// Trace that the request belongs to, in hexadecimal.
    pub trace_id: Option<String>,
}

enum Message {
    Entry(Box<Entry>),
    Reopen,
    Stop,
}

/// Takes entries; its thread writes them.
pub struct AccessLog {
    queue: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl AccessLog {
    /// Opens the log. Fails if its file cannot be opened.
    pub fn open(destination: Destination, format: Format) -> io::Result<Self> {
        Self::with_queue(destination, format, QUEUE)
    }

    fn with_queue(destination: Destination, format: Format, length: usize) -> io::Result<Self> {
        let (queue, messages) = sync_channel(length);
        let dropped = Arc::new(AtomicU64::new(0));
        let writer =
            Writer { out: output(&destination)?, destination, format, dropped: dropped.clone(), failing: false };
        let writer = std::thread::Builder::new().name("access-log".into()).spawn(move || writer.run(&messages))?;
        Ok(Self { queue, dropped, writer: Mutex::new(Some(writer)) })
    }

    /// Takes an entry. Never waits: it is dropped and counted if there is no room.
    pub fn write(&self, entry: Entry) {
        if let Err(TrySendError::Full(_)) = self.queue.try_send(Message::Entry(Box::new(entry))) {
            self.dropped.fetch_add(1, Relaxed);
        }
    }

    /// Opens the file anew, after whoever rotates logs has moved it away. Waits while the queue is full.
    pub fn reopen(&self) {
        let _ = self.queue.send(Message::Reopen);
    }

    /// Entries that were dropped.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }

    /// Writes what is waiting, and ends. Waits for the disk.
    pub fn close(&self) {
        let _ = self.queue.send(Message::Stop);
        if let Some(writer) = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = writer.join();
        }
    }
}

type Out = BufWriter<Box<dyn Write + Send>>;

fn output(destination: &Destination) -> io::Result<Out> {
    let out: Box<dyn Write + Send> = match destination {
        Destination::Stdout => Box::new(io::stdout()),
        Destination::File(path) => Box::new(append(path)?),
    };
    Ok(BufWriter::with_capacity(64 * 1024, out))
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

struct Writer {
    destination: Destination,
    format: Format,
    out: Out,
    dropped: Arc<AtomicU64>,
    /// It has been said that lines cannot be written.
    failing: bool,
}

impl Writer {
    fn run(mut self, messages: &Receiver<Message>) {
        let mut line = String::new();
        loop {
            match messages.recv_timeout(FLUSH) {
                Ok(Message::Entry(entry)) => {
                    line.clear();
                    match self.format {
                        Format::Json => json::write(&mut line, &entry),
                        Format::Combined => combined::write(&mut line, &entry),
                    }
                    line.push('\n');
                    let written = self.out.write_all(line.as_bytes());
                    self.said(written);
                }
                Ok(Message::Reopen) => self.reopen(),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let flushed = self.out.flush();
                    self.said(flushed);
                }
            }
        }
        let flushed = self.out.flush();
        self.said(flushed);
    }

    fn reopen(&mut self) {
        let flushed = self.out.flush();
        self.said(flushed);
        match output(&self.destination) {
            Ok(out) => self.out = out,
            // The old file goes on being written to.
            Err(error) => tracing::error!(%error, "failed to open the access log anew"),
        }
    }

    /// Says once that writing fails, and once that it works again.
    fn said(&mut self, written: io::Result<()>) {
        match written {
            Ok(()) if self.failing => {
                self.failing = false;
                tracing::info!("the access log is written again");
            }
            Ok(()) => {}
            Err(error) => {
                self.dropped.fetch_add(1, Relaxed);
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::error!(%error, "failed to write the access log");
                }
            }
        }
    }
}

#[cfg(test)]
pub(crate) fn example() -> Entry {
    Entry {
        time: 1_700_000_000_123,
        request_id: "00ff".into(),
        client: Some([192, 0, 2, 1].into()),
        method: http::Method::GET,
        protocol: "HTTP/2",
        host: "example.com".into(),
        path: "/a?b=\"c\"".into(),
        status: 200,
        bytes: 12,
        worker: Some(("hello".into(), "abc".into())),
        outcome: Outcome::Ok,
        fuel: 15_000_000,
        subrequests: 1,
        wall: Duration::from_micros(1500),
        duration: Duration::from_micros(2500),
        cache: None,
        user_agent: Some("curl/8 \\ \"x\"\u{1b}".into()),
        referer: None,
        trace_id: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_in_order_and_a_moved_file_is_opened_anew() {
        let dir = tempfile::tempdir().unwrap();
        let (path, moved) = (dir.path().join("access.log"), dir.path().join("access.log.1"));
        let log = AccessLog::open(Destination::File(path.clone()), Format::Json).unwrap();
        let entry = |path: &str| Entry { path: path.into(), ..example() };
        log.write(entry("/1"));
        log.write(entry("/2"));
        std::fs::rename(&path, &moved).unwrap();
        log.reopen();
        log.write(entry("/3"));
        log.close();
        let paths = |file: &Path| -> Vec<String> {
            let lines = std::fs::read_to_string(file).unwrap();
            let parsed = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
            parsed.map(|line| line["path"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!((paths(&moved), paths(&path)), (vec!["/1".into(), "/2".into()], vec!["/3".to_owned()]));
        assert_eq!(log.dropped(), 0);
    }

    #[test]
    fn what_does_not_fit_is_dropped_and_counted_and_nobody_waits() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        // A reader that does not read: the pipe fills, and the thread stands still.
        let reader = OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
        let log = AccessLog::with_queue(Destination::File(pipe), Format::Combined, 8).unwrap();
        let entry = Entry { path: "/".repeat(8000), ..example() };
        (0..200).for_each(|_| log.write(entry.clone()));
        assert!(log.dropped() > 100, "{} were dropped", log.dropped());
        drop(log);
        drop(reader);
    }

    #[test]
    fn a_file_that_cannot_be_opened_is_an_error_at_once() {
        let missing = Destination::File("/nonexistent/access.log".into());
        assert!(AccessLog::open(missing, Format::Json).is_err());
    }
}
