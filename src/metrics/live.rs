//! What happened since the last look: the difference of two moments, for each worker.
//!
//! Whoever watches keeps the earlier moment, so that nothing is counted twice over and nothing is done while nobody does.

use super::histogram::Counts;
use super::series::{OUTCOMES, Series};
use super::{Metrics, REJECTIONS};
use crate::cache::LookupCounts;
use crate::meter::Outcome;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// One who watches.
pub struct Live {
    metrics: Arc<Metrics>,
    at: Instant,
    before: HashMap<Arc<str>, Seen>,
    rejected: u64,
}

/// What a series had counted.
#[derive(Clone, Default)]
struct Seen {
    requests: u64,
    errors: u64,
    fuel: u64,
    subrequests: u64,
    bytes_out: u64,
    cache: LookupCounts,
    durations: Counts,
}

/// What happened in a span of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    /// Length of the span in seconds.
    pub seconds: f64,
    /// Requests under way at its end.
    pub in_flight: i64,
    /// Requests waiting for their turn at its end.
    pub queued: i64,
    /// Requests that were turned away.
    pub rejected: u64,
    /// All workers together, and requests that led to none.
    pub total: WorkerMoment,
    /// Workers that had requests or asked the cache, the busiest first.
    pub workers: Vec<WorkerMoment>,
}

/// One worker's share of a [`Moment`].
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerMoment {
    pub worker: Arc<str>,
    pub requests: u64,
    /// Requests with an outcome that is neither `ok` nor `canceled`, or with a status of 500 or more.
    pub errors: u64,
    pub fuel: u64,
    pub subrequests: u64,
    pub bytes_out: u64,
    /// What came of asking the cache, by where it was asked.
    pub cache: LookupCounts,
    /// Milliseconds to the response's head; null if there were no requests.
    pub p50: Option<f64>,
    pub p99: Option<f64>,
}

impl Live {
    /// Begins to watch.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        let mut live = Self { metrics, at: Instant::now(), before: HashMap::new(), rejected: 0 };
        live.moment();
        live
    }

    /// What happened since the last call.
    pub fn moment(&mut self) -> Moment {
        let now = Instant::now();
        let seconds = now.duration_since(self.at).as_secs_f64();
        self.at = now;
        let mut sum = Seen::default();
        let mut workers = Vec::new();
        for series in self.metrics.all() {
            let seen = Seen::of(&series);
            let before = self.before.insert(series.name().clone(), seen.clone()).unwrap_or_default();
            let new = seen.since(&before);
            if new.requests > 0 || !new.cache.is_empty() {
                sum.merge(&new);
                workers.push(new.told(series.name().clone()));
            }
        }
        workers.sort_by(|a, b| b.requests.cmp(&a.requests).then_with(|| a.worker.cmp(&b.worker)));
        let rejected = REJECTIONS.iter().map(|(why, _)| self.metrics.rejected[*why as usize].load(Relaxed)).sum();
        let new_rejected = rejected - std::mem::replace(&mut self.rejected, rejected);
        Moment {
            seconds,
            in_flight: self.metrics.in_flight.load(Relaxed),
            queued: self.metrics.queued(),
            rejected: new_rejected,
            total: sum.told("(all)".into()),
            workers,
        }
    }
}

impl Seen {
    fn of(series: &Series) -> Self {
        let (mut requests, mut errors) = (0, 0);
        for (outcome, classes) in OUTCOMES.iter().zip(series.requests()) {
            for (class, count) in classes.into_iter().enumerate() {
                requests += count;
                let fine = matches!(outcome, Outcome::Ok | Outcome::Canceled | Outcome::Refused) && class != 5;
                errors += if fine { 0 } else { count };
            }
        }
        let sums = series.sums();
        Self {
            requests,
            errors,
            fuel: sums.fuel,
            subrequests: sums.subrequests,
            bytes_out: sums.bytes_out,
            cache: series.lookups().counts(),
            durations: series.durations(),
        }
    }

    fn since(&self, before: &Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(before.requests),
            errors: self.errors.saturating_sub(before.errors),
            fuel: self.fuel.saturating_sub(before.fuel),
            subrequests: self.subrequests.saturating_sub(before.subrequests),
            bytes_out: self.bytes_out.saturating_sub(before.bytes_out),
            cache: self.cache.since(&before.cache),
            durations: self.durations.since(&before.durations),
        }
    }

    fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        self.fuel += other.fuel;
        self.subrequests += other.subrequests;
        self.bytes_out += other.bytes_out;
        self.cache.merge(&other.cache);
        self.durations.merge(&other.durations);
    }

    fn told(&self, worker: Arc<str>) -> WorkerMoment {
        let quantile = |share| self.durations.quantile(share).as_ref().map(milliseconds);
        WorkerMoment {
            worker,
            requests: self.requests,
            errors: self.errors,
            fuel: self.fuel,
            subrequests: self.subrequests,
            bytes_out: self.bytes_out,
            cache: self.cache.clone(),
            p50: quantile(0.5),
            p99: quantile(0.99),
        }
    }
}

fn milliseconds(duration: &Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::{Lookup, Position};
    use crate::meter::Usage;
    use crate::metrics::Counted;

    #[test]
    fn a_moment_is_what_happened_since_the_one_before() {
        let metrics = Arc::new(Metrics::default());
        let series = metrics.worker(&"a".into());
        let usage = Usage { fuel: 10, ..Usage::default() };
        let count = |outcome, status, millis| {
            series.count(&Counted { outcome, status, usage: &usage, duration: Duration::from_millis(millis) });
        };
        count(Outcome::Ok, 200, 1);
        let mut live = Live::new(metrics.clone());
        assert_eq!(live.moment().workers, []);
        (0..98).for_each(|_| count(Outcome::Ok, 200, 1));
        count(Outcome::Ok, 503, 500);
        count(Outcome::Exception, 500, 500);
        let moment = live.moment();
        let [a] = &moment.workers[..] else { panic!("{moment:?}") };
        assert_eq!((&*a.worker, a.requests, a.errors, a.fuel), ("a", 100, 2, 1000));
        assert!((a.p50.unwrap() - 1.0).abs() < 0.2 && (a.p99.unwrap() - 500.0).abs() < 70.0, "{a:?}");
        assert_eq!((moment.total.requests, moment.total.p99), (100, a.p99));
        assert!(moment.total.cache.is_empty());
        series.lookups().count(Position::Route, Lookup::Hit);
        let moment = live.moment();
        assert_eq!((moment.total.p50, moment.workers.len()), (None, 1), "it asked the cache alone");
        assert_eq!(moment.workers[0].cache, moment.total.cache);
        assert_eq!(moment.total.cache.iter().collect::<Vec<_>>(), [("route", "hit", 1)]);
    }
}
