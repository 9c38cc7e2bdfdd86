//! An invocation told to those who watch: its request line, and its event in the tail.

use super::error_page::Details;
use super::events::traces;
use super::exchange::{CLIENT_LEFT, Exchange};
use super::load::Ready;
use super::recordings::{self, Recordings};
use super::respond;
use super::{RequestLine, Site, trace};
use crate::engine::Worker;
use crate::engine::invoke::{Report, TapeUse};
use crate::host::websocket::Offer;
use crate::host::{LogLine, LogSink};
use crate::ledger::{Entry, Grant, Series, Work};
use crate::limits::cpu_ms_of_fuel;
use crate::meter::profile::Profile;
use crate::meter::{Outcome, Usage};
use crate::metrics::{Counted, Series as Figures};
use crate::recording::{self, Receipt};
use crate::registry::WorkerName;
use crate::tail::{self, Happened};
use crate::telemetry::Span;
use http::Method;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

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
    arrived: Instant,
    /// What it came with, if it came from a client.
    exchange: Option<Arc<Exchange>>,
    /// Counts it; none while it leads to no worker.
    figures: Option<Arc<Figures>>,
    /// Of its worker's run, if it is traced.
    span: Option<Span>,
    worker: Option<(Arc<str>, Arc<str>)>,
    /// The pattern that matched; none when the request led to no worker.
    route: Option<Arc<str>>,
    /// What it runs on, if a budget limits it.
    grant: Option<Grant>,
    /// The request's head, if the invocation is recorded.
    recorded: Option<recording::Request>,
    /// What happened, if it is no request.
    happened: Option<Happened>,
    /// Workers that are told of it.
    consumers: Arc<[WorkerName]>,
    /// Header lines of the request, for them.
    headers: BTreeMap<String, String>,
    /// Console lines, kept while somebody watches.
    watched: Option<Arc<Mutex<Vec<tail::Line>>>>,
}

impl Record {
    /// A request that came now.
    pub fn new(site: Arc<Site>, request_id: Arc<str>, method: Method, path: String) -> Self {
        Self {
            site,
            request_id,
            method,
            url: String::new(),
            path,
            came: now(),
            arrived: Instant::now(),
            exchange: None,
            figures: None,
            span: None,
            worker: None,
            route: None,
            grant: None,
            recorded: None,
            happened: None,
            consumers: Arc::default(),
            headers: BTreeMap::new(),
            watched: None,
        }
    }

    /// It came from a client.
    pub fn of(mut self, exchange: Option<Arc<Exchange>>) -> Self {
        self.arrived = exchange.as_ref().map_or(self.arrived, |exchange| exchange.arrived);
        self.exchange = exchange;
        self
    }

    /// An event that happened now and is no request.
    pub fn of_event(site: Arc<Site>, request_id: Arc<str>, happened: Happened) -> Self {
        let (method, path) = match &happened {
            Happened::Scheduled { cron, .. } => (Method::from_bytes(b"CRON"), cron.clone()),
            Happened::Tail { .. } | Happened::Request(_) => (Method::from_bytes(b"TAIL"), String::new()),
        };
        let record = Self::new(site, request_id, method.unwrap_or_default(), path);
        Self { happened: Some(happened), ..record }
    }

    /// What answers is known.
    pub fn answered_by(&mut self, ready: &Ready, route: Arc<str>, url: &http::Uri) {
        self.worker = Some((ready.name.clone(), ready.version.clone()));
        self.route = Some(route);
        self.figures = Some(ready.series.clone());
        // What consumers do with traces is not traced.
        if !matches!(self.happened, Some(Happened::Tail { .. })) && !ready.tail_consumers.is_empty() {
            self.consumers = ready.tail_consumers.clone();
        }
        if self.site.tail.is_watched(&ready.name) || !self.consumers.is_empty() {
            self.url = url.to_string();
            self.watched = Some(Arc::default());
        }
    }

    /// It runs on fuel from a budget, if there is one.
    pub fn runs_on(&mut self, grant: Option<Grant>) {
        self.grant = grant;
    }

    /// What it runs on, if a budget had less than the worker's limit.
    pub fn granted(&self, worker: &Worker) -> Option<u64> {
        self.grant.as_ref().map(Grant::fuel).filter(|fuel| *fuel < worker.limits().fuel)
    }

    /// Its worker is about to run for `request`.
    pub fn trace<B>(&mut self, request: &mut http::Request<B>) {
        if let Some((worker, version)) = &self.worker {
            self.span = trace::run(request, worker, version);
        }
    }

    /// Whether the invocation of `worker` for `request` is recorded.
    pub fn tape<B>(&mut self, worker: &Worker, request: &http::Request<B>) -> TapeUse {
        if !self.consumers.is_empty() {
            let lines = request.headers().iter();
            let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            self.headers = lines.map(|(name, value)| (name.to_string(), text(value))).collect();
        }
        if !worker.can_be_recorded() || !self.site.recordings.as_ref().is_some_and(Recordings::wants_next) {
            return TapeUse::Off;
        }
        if request.extensions().get::<Arc<Offer>>().is_some() {
            tracing::warn!(
                request_id = &*self.request_id,
                "not recorded: the request asks for a WebSocket, and frames are not recorded"
            );
            return TapeUse::Off;
        }
        self.recorded = Some(recordings::head_of(request));
        TapeUse::Record
    }

    /// Where the worker's console lines go.
    pub fn log(&self) -> LogSink {
        let mut log = self.site.log.clone();
        if let Some(span) = &self.span {
            log = trace::logged(span, log);
        }
        let Some(watched) = self.watched.clone() else { return log };
        Arc::new(move |line: LogLine| {
            let entry = tail::Line { level: line.level_name(), message: line.text.clone(), timestamp: now() };
            watched.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
            log(line);
        })
    }

    /// The invocation is over.
    pub fn finish(mut self, report: &Report, worker: &Worker) {
        let granted = self.granted(worker);
        self.count(report.outcome, Work::from(&report.usage));
        let recorded = self.recorded.take();
        let watched = self.watched.is_some();
        let receipt = (watched || recorded.is_some())
            .then(|| Receipt::new(&self.request_id, worker.subject(), report.outcome, &report.usage));
        if let (Some(recordings), Some(head), Some(receipt)) = (&self.site.recordings, recorded, receipt.clone()) {
            recordings.keep(self.site.fleet.registry().storage(), head, receipt, report, worker);
        }
        let status = match (report.status, report.outcome) {
            (Some(status), _) => status.as_u16(),
            (None, Outcome::Ok) if self.happened.is_some() => 200,
            (None, Outcome::Canceled) => CLIENT_LEFT,
            (None, _) => respond::explain(report, worker, granted).0.status().as_u16(),
        };
        let problem = respond::problem(report, worker, granted);
        self.emit(status, report.outcome, report.usage, problem, receipt, report.profile.clone());
    }

    /// Static assets have answered.
    pub fn finish_with_asset(self, status: u16) {
        if let (Some(ledger), Some(series)) = (&self.site.ledger, self.series()) {
            ledger.count_asset(series);
        }
        self.emit(status, Outcome::Ok, Usage::default(), None, None, None);
    }

    /// The cache has answered.
    pub fn finish_with_cached(self, status: u16) {
        self.emit(status, Outcome::Ok, Usage::default(), None, None, None);
    }

    /// The route's origin has answered.
    pub fn finish_with_origin(self, status: u16) {
        self.emit(status, Outcome::Ok, Usage::default(), None, None, None);
    }

    /// The request was refused.
    pub fn finish_refused(mut self, status: u16, problem: Details) {
        self.count(Outcome::Refused, Work::default());
        self.emit(status, Outcome::Refused, Usage::default(), Some(problem), None, None);
    }

    /// Puts it into the ledger, if it led to a worker. What it did not use of its budget is given back.
    fn count(&mut self, outcome: Outcome, work: Work) {
        let grant = self.grant.take();
        if let (Some(ledger), Some(series)) = (&self.site.ledger, self.series()) {
            ledger.count(Entry { series, outcome, work, grant });
        }
    }

    fn series(&self) -> Option<Series> {
        let ((worker, version), route) = self.worker.as_ref().zip(self.route.as_ref())?;
        Some(Series { worker: worker.clone(), version: version.clone(), route: route.clone() })
    }

    fn emit(
        self,
        status: u16,
        outcome: Outcome,
        usage: Usage,
        problem: Option<Details>,
        receipt: Option<Receipt>,
        profile: Option<Profile>,
    ) {
        self.figures.as_ref().unwrap_or_else(|| self.site.metrics.no_worker()).count(&Counted {
            outcome,
            status,
            usage: &usage,
            duration: self.to_head(&usage),
        });
        if let Some(exchange) = &self.exchange {
            exchange.ended(self.worker.as_ref(), status, outcome, &usage);
        }
        if let Some(span) = &self.span {
            trace::ran(span, outcome, &usage, problem.clone().map(text));
        }
        let signed_receipt = receipt.as_ref().and_then(|receipt| self.signed(receipt));
        if let (Some(lines), Some((name, version))) = (&self.watched, &self.worker) {
            let logs = std::mem::take(&mut *lines.lock().unwrap_or_else(PoisonError::into_inner));
            let exception = problem.as_ref().map(|problem| tail::Exception {
                message: problem.error.clone(),
                stack: problem.stack.iter().chain(&problem.pending).cloned().collect(),
            });
            let request = tail::Request {
                request: tail::Asked { method: self.method.to_string(), url: self.url, headers: self.headers },
                response: Some(tail::Answered { status }),
            };
            let event = Arc::new(tail::Event {
                script_name: name.clone(),
                script_version: version.clone(),
                request_id: self.request_id.clone(),
                event_timestamp: self.came,
                event: self.happened.unwrap_or(Happened::Request(request)),
                outcome,
                logs,
                exceptions: exception.into_iter().collect(),
                fuel: usage.fuel,
                cpu_time: cpu_ms_of_fuel(usage.fuel),
                wall_time: usage.wall.as_secs_f64() * 1000.0,
                signed_receipt,
                receipt,
            });
            traces::send(&self.site, &self.consumers, &event);
            self.site.tail.publish(event);
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
            profile,
        });
    }
}

impl Record {
    /// From the request's arrival to the head of its response.
    fn to_head(&self, usage: &Usage) -> Duration {
        // What came after the head is in `wall` and not in `handler`.
        self.arrived.elapsed().saturating_sub(usage.wall.saturating_sub(usage.handler))
    }

    /// The receipt with the server's signature, if the server signs and somebody watches.
    fn signed(&self, receipt: &Receipt) -> Option<String> {
        self.watched.as_ref()?;
        let signed = self.site.receipts.as_ref()?.sign(receipt);
        signed.inspect_err(|error| tracing::error!(%error, "a receipt cannot be signed")).ok()
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
