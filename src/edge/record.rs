//! An invocation told to those who watch: its request line, and its event in the tail.

use super::error_page::Details;
use super::load::Ready;
use super::respond;
use super::{RequestLine, Site};
use crate::engine::Worker;
use crate::engine::invoke::Report;
use crate::host::{LogLine, LogSink};
use crate::limits::cpu_ms_of_fuel;
use crate::meter::{Outcome, Usage};
use crate::tail;
use http::Method;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Status in the log of a request whose client left before there was a response, as nginx has it.
const CLIENT_LEFT: u16 = 499;

/// One request on record.
pub struct Record {
    site: Arc<Site>,
    pub request_id: Arc<str>,
    method: Method,
    /// Absolute, once it is known to be valid.
    url: String,
    path: String,
    /// Milliseconds since the epoch.
    came: u64,
    worker: Option<(Arc<str>, Arc<str>)>,
    /// Console lines, kept while somebody watches.
    watched: Option<Arc<Mutex<Vec<tail::Line>>>>,
}

impl Record {
    /// A request that came now.
    pub fn new(site: Arc<Site>, request_id: Arc<str>, method: Method, path: String) -> Self {
        Self { site, request_id, method, url: String::new(), path, came: now(), worker: None, watched: None }
    }

    /// What answers is known.
    pub fn answered_by(&mut self, ready: &Ready, url: &http::Uri) {
        self.worker = Some((ready.name.clone(), ready.version.clone()));
        if self.site.tail.is_watched(&ready.name) {
            self.url = url.to_string();
            self.watched = Some(Arc::default());
        }
    }

    /// Where the worker's console lines go.
    pub fn log(&self) -> LogSink {
        let Some(watched) = self.watched.clone() else { return self.site.log.clone() };
        let log = self.site.log.clone();
        Arc::new(move |line: LogLine| {
            let entry = tail::Line { level: line.level_name(), message: line.text.clone(), timestamp: now() };
            watched.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
            log(line);
        })
    }

    /// The invocation is over.
    pub fn finish(self, report: &Report, worker: &Worker) {
        let status = match (report.status, report.outcome) {
            (Some(status), _) => status.as_u16(),
            (None, Outcome::Canceled) => CLIENT_LEFT,
            (None, _) => respond::explain(report, worker).0.status().as_u16(),
        };
        self.emit(status, report.outcome, report.usage, respond::problem(report, worker));
    }

    /// The request was answered without a sandbox.
    pub fn finish_without_run(self, status: u16, outcome: Outcome, problem: Option<Details>) {
        self.emit(status, outcome, Usage::default(), problem);
    }

    fn emit(self, status: u16, outcome: Outcome, usage: Usage, problem: Option<Details>) {
        if let (Some(lines), Some((name, version))) = (&self.watched, &self.worker) {
            let logs = std::mem::take(&mut *lines.lock().unwrap_or_else(PoisonError::into_inner));
            let exception = problem.as_ref().map(|problem| tail::Exception {
                message: problem.error.clone(),
                stack: problem.stack.iter().chain(&problem.pending).cloned().collect(),
            });
            self.site.tail.publish(tail::Event {
                script_name: name.clone(),
                script_version: version.clone(),
                request_id: self.request_id.clone(),
                event_timestamp: self.came,
                event: tail::Request {
                    request: tail::Asked { method: self.method.to_string(), url: self.url },
                    response: Some(tail::Answered { status }),
                },
                outcome,
                logs,
                exceptions: exception.into_iter().collect(),
                fuel: usage.fuel,
                cpu_time: cpu_ms_of_fuel(usage.fuel),
                wall_time: usage.wall.as_secs_f64() * 1000.0,
            });
        }
        (self.site.requests)(RequestLine {
            request_id: self.request_id,
            worker: self.worker,
            method: self.method,
            path: self.path,
            status,
            outcome,
            usage,
            problem: problem.map(text),
        });
    }
}

/// An error and what is known of it, for people.
fn text(details: Details) -> String {
    let mut text = details.error;
    for line in details.stack.iter().chain(&details.pending) {
        text.push_str("\n    ");
        text.push_str(line);
    }
    text
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis() as u64)
}
