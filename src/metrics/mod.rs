//! Figures of the process for those who watch it: Prometheus, and the live view of the admin API.
//!
//! ## Why
//! A request must not pay for being counted. What counts is found once, when a version is loaded ([`Metrics::worker`]),
//! and from then on it is a handful of atomic additions; names and labels are put together when somebody asks.
//!
//! Series are by worker, never by version, path or client, and past [`MAX_WORKERS`] workers share one: what is kept does
//! not grow with what clients send.

mod collect;
mod histogram;
mod live;
mod process;
mod series;

pub use self::live::{Live, Moment, WorkerMoment};
pub use self::series::{Counted, Series};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet, prometheus_text, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Metric, Registry};
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Workers that have series of their own; a server with more has other troubles than their names.
const MAX_WORKERS: usize = 10_000;
/// Name of the series of requests that led to no worker. No worker can be called so.
const NO_WORKER: &str = "(none)";
/// Name of the series of all workers past [`MAX_WORKERS`].
const OTHERS: &str = "(others)";

/// Why a request was turned away before it led anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// Too many requests were under way on the server.
    InFlight,
    /// Too many requests were under way for the worker.
    WorkerInFlight,
    /// Its key had used up its rate.
    RateLimit,
    /// It went in circles.
    Loop,
}

const REJECTIONS: [(Rejection, &str); 4] = [
    (Rejection::InFlight, "in_flight"),
    (Rejection::WorkerInFlight, "worker_in_flight"),
    (Rejection::RateLimit, "rate_limit"),
    (Rejection::Loop, "loop"),
];

/// All figures. Its lifetime is that of the process.
pub struct Metrics {
    workers: RwLock<HashMap<Arc<str>, Arc<Series>>>,
    no_worker: Arc<Series>,
    others: Arc<Series>,
    in_flight: AtomicI64,
    queued: AtomicI64,
    rejected: [AtomicU64; REJECTIONS.len()],
    registry: Mutex<Registry>,
}

impl Default for Metrics {
    fn default() -> Self {
        process::started();
        Self {
            workers: RwLock::default(),
            no_worker: Arc::new(Series::new(NO_WORKER.into())),
            others: Arc::new(Series::new(OTHERS.into())),
            in_flight: AtomicI64::new(0),
            queued: AtomicI64::new(0),
            rejected: Default::default(),
            registry: Mutex::default(),
        }
    }
}

impl Metrics {
    /// What counts the requests of the worker `name`. To be asked for once for each loaded version.
    pub fn worker(&self, name: &Arc<str>) -> Arc<Series> {
        let mut workers = self.workers.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = workers.get(name) {
            return series.clone();
        }
        if workers.len() >= MAX_WORKERS {
            return self.others.clone();
        }
        let series = Arc::new(Series::new(name.clone()));
        workers.insert(name.clone(), series.clone());
        series
    }

    /// What counts requests that led to no worker.
    pub fn no_worker(&self) -> &Arc<Series> {
        &self.no_worker
    }

    /// Counts a request as under way until what it gives is dropped.
    pub fn enter(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Relaxed);
        InFlight(self.clone())
    }

    /// Counts a request as waiting for its turn until what it gives is dropped.
    pub fn wait(&self) -> Queued<'_> {
        self.queued.fetch_add(1, Relaxed);
        Queued(self)
    }

    /// Requests waiting for their turn.
    pub fn queued(&self) -> i64 {
        self.queued.load(Relaxed)
    }

    /// Counts a request that was turned away.
    pub fn reject(&self, why: Rejection) {
        self.rejected[why as usize].fetch_add(1, Relaxed);
    }

    /// Makes a metric of another part of the server known. The name gets `glowplug_` before it, and `_total` behind it
    /// if it is a counter.
    pub fn register(&self, name: &str, help: &str, metric: impl Metric) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register(format!("glowplug_{name}"), help, metric);
    }

    /// Makes a figure known that is read when somebody asks.
    pub fn gauge(&self, name: &'static str, help: &'static str, read: impl Fn() -> f64 + Send + Sync + 'static) {
        self.add(Read { name, help, what: What::Gauge(Box::new(read)) });
    }

    /// Makes a count known that is read when somebody asks. The name gets `_total` behind it.
    pub fn counter(&self, name: &'static str, help: &'static str, read: impl Fn() -> u64 + Send + Sync + 'static) {
        self.add(Read { name, help, what: What::Counter(Box::new(read)) });
    }

    /// The same for counts that a label tells apart.
    pub fn counters<const N: usize>(
        &self,
        name: &'static str,
        help: &'static str,
        label: &'static str,
        read: impl Fn() -> [(&'static str, u64); N] + Send + Sync + 'static,
    ) {
        self.add(Read { name, help, what: What::Counters(label, Box::new(move || read().into())) });
    }

    fn add(&self, read: Read) {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner).register_collector(Box::new(read));
    }

    /// Everything as text, in the form that an `Accept` header with `accept` in it asks for, and its content type.
    pub fn exposition(self: &Arc<Self>, accept: &str) -> (String, &'static str) {
        let mut text = String::with_capacity(16 * 1024);
        let mut own = Registry::default();
        own.register_collector(Box::new(collect::Collected(self.clone())));
        let others = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing to a string does not fail.
        if accept.contains("application/openmetrics-text") {
            let _ = text::encode_registry(&mut text, &own);
            let _ = text::encode_registry(&mut text, &others);
            let _ = text::encode_eof(&mut text);
            return (text, "application/openmetrics-text; version=1.0.0; charset=utf-8");
        }
        let _ = prometheus_text::encode(&mut text, &own);
        let _ = prometheus_text::encode(&mut text, &others);
        (text, "text/plain; version=0.0.4; charset=utf-8")
    }

    /// All series there are, by name.
    fn all(&self) -> Vec<Arc<Series>> {
        let workers = self.workers.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = workers.values().cloned().collect();
        drop(workers);
        all.sort_by(|a, b| a.name().cmp(b.name()));
        all.push(self.no_worker.clone());
        if !self.others.is_empty() {
            all.push(self.others.clone());
        }
        all
    }
}

/// A request that is under way.
pub struct InFlight(Arc<Metrics>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

/// A request that waits for its turn.
pub struct Queued<'a>(&'a Metrics);

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.queued.fetch_sub(1, Relaxed);
    }
}

/// A figure that is read when it is asked for.
struct Read {
    name: &'static str,
    help: &'static str,
    what: What,
}

enum What {
    Gauge(Box<dyn Fn() -> f64 + Send + Sync>),
    Counter(Box<dyn Fn() -> u64 + Send + Sync>),
    /// With the label that tells them apart.
    Counters(&'static str, Box<dyn Fn() -> Vec<(&'static str, u64)> + Send + Sync>),
}

impl fmt::Debug for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Read").field(&self.name).finish()
    }
}

impl Collector for Read {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let name = format!("glowplug_{}", self.name);
        let kind = if matches!(self.what, What::Gauge(_)) { MetricType::Gauge } else { MetricType::Counter };
        let mut metric = encoder.encode_descriptor(&name, self.help, None, kind)?;
        match &self.what {
            What::Gauge(read) => metric.encode_gauge(&read()),
            What::Counter(read) => metric.encode_counter::<NoLabelSet, _, u64>(&read(), None),
            What::Counters(label, read) => read().into_iter().try_for_each(|(value, count)| {
                metric.encode_family(&[(*label, value)])?.encode_counter::<NoLabelSet, _, u64>(&count, None)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::{Lookup, Position};
    use crate::meter::{Outcome, Usage};
    use std::time::Duration;

    #[test]
    fn what_was_counted_is_told_in_both_forms() {
        let metrics = Arc::new(Metrics::default());
        let series = metrics.worker(&"hello".into());
        let usage = Usage { fuel: 7, subrequests: 2, ..Usage::default() };
        for millis in [1, 3, 200] {
            let duration = Duration::from_millis(millis);
            series.count(&Counted { outcome: Outcome::Ok, status: 204, usage: &usage, duration });
        }
        metrics.reject(Rejection::RateLimit);
        metrics.gauge("loaded_versions", "Versions that are loaded", || 5.0);
        metrics.counter("cache_disk_read_bytes", "Bytes read", || 9);
        metrics.counters("connections", "Connections", "protocol", || [("h2", 4), ("h3", 0)]);
        series.lookups().count(Position::Fetch, Lookup::Stale);
        let under_way = metrics.enter();
        let (text, kind) = metrics.exposition("text/plain");
        assert!(kind.starts_with("text/plain; version=0.0.4"));
        for line in [
            r#"glowplug_requests_total{worker="hello",outcome="ok",status="2xx"} 3"#,
            r#"glowplug_fuel_total{worker="hello"} 21"#,
            r#"glowplug_subrequests_total{worker="hello"} 6"#,
            r#"glowplug_request_duration_seconds_count{worker="hello"} 3"#,
            r#"glowplug_request_duration_seconds_bucket{worker="hello",le="+Inf"} 3"#,
            r#"glowplug_rejected_requests_total{reason="rate_limit"} 1"#,
            "glowplug_in_flight_requests 1",
            "glowplug_loaded_versions 5",
            r#"glowplug_cache_lookups_total{worker="hello",place="fetch",result="stale"} 1"#,
            "glowplug_cache_disk_read_bytes_total 9",
            r#"glowplug_connections_total{protocol="h2"} 4"#,
            r#"glowplug_connections_total{protocol="h3"} 0"#,
        ] {
            assert!(
                text.lines().any(|found| found == line || found == format!("{line}.0")),
                "{line} is not in\n{text}"
            );
        }
        drop(under_way);
        let (text, kind) = metrics.exposition("application/openmetrics-text;version=1.0.0");
        assert!(kind.starts_with("application/openmetrics-text") && text.ends_with("# EOF\n"), "{text}");
        assert!(text.contains("glowplug_in_flight_requests 0"));
        assert_eq!(text.matches(r#"le="+Inf""#).count(), 1, "{text}");
    }

    #[test]
    fn workers_past_the_bound_share_a_series() {
        let metrics = Arc::new(Metrics::default());
        for number in 0..MAX_WORKERS + 50 {
            metrics.worker(&format!("w{number}").into());
        }
        assert_eq!(metrics.workers.read().unwrap().len(), MAX_WORKERS);
        assert_eq!(&**metrics.worker(&"one-more".into()).name(), OTHERS);
        assert_eq!(&**metrics.worker(&"w3".into()).name(), "w3");
    }
}
