//! How many requests may be under way, and what becomes of those that are too many.
//!
//! ## Why
//! A server that takes on all that comes is slow for everybody and then out of memory. Here requests past the limit wait in
//! a queue that is bounded in length and in time, and past that are told at once to come again.

use super::Site;
use super::error_page::{Details, ErrorCode};
use super::exchange::Exchange;
use super::load::Ready;
use crate::metrics::{Metrics, Rejection};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bounds on requests under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InFlightLimits {
    /// On the whole server.
    pub requests: Option<usize>,
    /// For each worker.
    pub per_worker: Option<usize>,
    /// Requests that may wait for their turn, at each of these limits.
    pub queue: usize,
    /// How long one may wait.
    pub patience: Duration,
}

impl Default for InFlightLimits {
    fn default() -> Self {
        Self { requests: None, per_worker: None, queue: 1000, patience: Duration::from_secs(5) }
    }
}

/// One limit: so many are in, and so many wait.
#[derive(Debug)]
pub struct Gate {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    queue: usize,
    patience: Duration,
}

impl Gate {
    fn new(places: usize, limits: &InFlightLimits) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
            waiting: AtomicUsize::new(0),
            queue: limits.queue,
            patience: limits.patience,
        }
    }

    /// A place, at once or after a wait. None if too many wait, or if it takes too long.
    async fn enter(&self, metrics: &Metrics) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Some(place);
        }
        let _turn = Turn::take(self)?;
        let _queued = metrics.wait();
        tokio::time::timeout(self.patience, self.places.clone().acquire_owned()).await.ok()?.ok()
    }
}

/// A place in the queue.
struct Turn<'a>(&'a Gate);

impl<'a> Turn<'a> {
    fn take(gate: &'a Gate) -> Option<Self> {
        let turn = Self(gate);
        (gate.waiting.fetch_add(1, Relaxed) < gate.queue).then_some(turn)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Relaxed);
    }
}

/// All limits on requests under way.
#[derive(Debug, Default)]
pub struct Gates {
    limits: InFlightLimits,
    all: Option<Gate>,
    /// By worker; versions of one share theirs.
    workers: Mutex<HashMap<Arc<str>, Weak<Gate>>>,
}

impl Gates {
    pub fn new(limits: InFlightLimits) -> Self {
        let all = limits.requests.map(|places| Gate::new(places, &limits));
        Self { limits, all, workers: Mutex::default() }
    }

    /// The gate of the worker `name`, if there is a limit.
    pub(super) fn worker(&self, name: &Arc<str>) -> Option<Arc<Gate>> {
        let places = self.limits.per_worker?;
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = workers.get(name).and_then(Weak::upgrade) {
            return Some(gate);
        }
        workers.retain(|_, gate| gate.strong_count() > 0);
        let gate = Arc::new(Gate::new(places, &self.limits));
        workers.insert(name.clone(), Arc::downgrade(&gate));
        Some(gate)
    }
}

impl Site {
    /// A place for a request on the server.
    pub(super) async fn enter(&self, exchange: &Exchange) -> Result<(), (ErrorCode, Details)> {
        let Some(gate) = &self.front.gates.all else { return Ok(()) };
        let place = gate.enter(&self.metrics).await;
        self.hold(exchange, place, Rejection::InFlight, "too many requests are under way on this server")
            .map_err(|why| *why)
    }

    /// A place for a request at its worker.
    pub(super) async fn enter_worker(
        &self,
        exchange: Option<&Arc<Exchange>>,
        ready: &Ready,
    ) -> Result<(), (ErrorCode, Details)> {
        let (Some(gate), Some(exchange)) = (&ready.gate, exchange) else { return Ok(()) };
        let place = gate.enter(&self.metrics).await;
        self.hold(exchange, place, Rejection::WorkerInFlight, "too many requests are under way for this worker")
            .map_err(|why| *why)
    }

    fn hold(
        &self,
        exchange: &Exchange,
        place: Option<OwnedSemaphorePermit>,
        rejection: Rejection,
        why: &str,
    ) -> Result<(), Box<(ErrorCode, Details)>> {
        match place {
            Some(place) => {
                exchange.hold(place);
                Ok(())
            }
            None => {
                self.metrics.reject(rejection);
                let hint = Some("`[limits]` in the server's settings says how many may be".to_owned());
                Err(Box::new((ErrorCode::Overloaded, Details { error: why.to_owned(), hint, ..Details::default() })))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(places: usize, queue: usize, patience: Duration) -> Arc<Gate> {
        Arc::new(Gate::new(places, &InFlightLimits { queue, patience, ..InFlightLimits::default() }))
    }

    #[tokio::test]
    async fn who_is_too_many_waits_and_who_cannot_wait_is_told_at_once() {
        let metrics = Arc::new(Metrics::default());
        let gate = gate(1, 1, Duration::from_secs(60));
        let first = gate.enter(&metrics).await.expect("there is a place");
        let second = tokio::spawn({
            let (gate, metrics) = (gate.clone(), metrics.clone());
            async move { gate.enter(&metrics).await.is_some() }
        });
        while metrics.queued() == 0 {
            tokio::task::yield_now().await;
        }
        assert!(gate.enter(&metrics).await.is_none(), "the queue is full");
        drop(first);
        assert!(second.await.unwrap(), "the one that waited has its turn");
        assert_eq!((metrics.queued(), gate.waiting.load(Relaxed)), (0, 0));
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let (metrics, gate) = (Metrics::default(), gate(1, 10, Duration::from_millis(20)));
        let _first = gate.enter(&metrics).await.expect("there is a place");
        assert!(gate.enter(&metrics).await.is_none());
        assert_eq!(gate.waiting.load(Relaxed), 0);
    }

    #[test]
    fn versions_of_a_worker_share_its_gate() {
        let gates = Gates::new(InFlightLimits { per_worker: Some(2), ..InFlightLimits::default() });
        let (one, again) = (gates.worker(&"a".into()).unwrap(), gates.worker(&"a".into()).unwrap());
        assert!(Arc::ptr_eq(&one, &again) && !Arc::ptr_eq(&one, &gates.worker(&"b".into()).unwrap()));
        assert!(Gates::default().worker(&"a".into()).is_none());
    }
}
