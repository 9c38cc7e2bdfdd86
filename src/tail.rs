//! Live logs: what each invocation did, for whoever watches now.
//!
//! ## Why
//! A watcher must never slow a worker: events go into a bounded buffer for each worker, and a watcher that does not
//! keep up loses the oldest and is told how many. Without watchers nothing is made.

use crate::meter::Outcome;
use crate::recording::Receipt;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::broadcast;

/// Events a watcher may lag behind.
const BUFFER: usize = 512;

/// One invocation, told when all its work is done. The names are those of Workers' tail events where they have one.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    pub script_name: Arc<str>,
    pub script_version: Arc<str>,
    pub request_id: Arc<str>,
    /// Milliseconds since the epoch at which the request came.
    pub event_timestamp: u64,
    pub event: Happened,
    #[serde(serialize_with = "outcome")]
    pub outcome: Outcome,
    pub logs: Vec<Line>,
    pub exceptions: Vec<Exception>,
    /// Units of fuel.
    pub fuel: u64,
    /// Milliseconds that stand for the fuel.
    pub cpu_time: f64,
    /// Milliseconds from the sandbox's start to the end of all work.
    pub wall_time: f64,
    /// The bill; none if no sandbox ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// The same with the server's signature, as JWS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_receipt: Option<String>,
}

/// What a worker was called for. The members are those of Workers' trace items.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Happened {
    Request(Request),
    #[serde(rename_all = "camelCase")]
    Scheduled {
        cron: String,
        /// Milliseconds since the epoch.
        scheduled_time: u64,
    },
    #[serde(rename_all = "camelCase")]
    Tail {
        consumed_events: Vec<Consumed>,
    },
}

impl Happened {
    /// What was asked, of a request.
    pub fn asked(&self) -> Option<&Asked> {
        match self {
            Self::Request(request) => Some(&request.request),
            Self::Scheduled { .. } | Self::Tail { .. } => None,
        }
    }
}

/// An invocation that a `tail` handler was told of.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Consumed {
    pub script_name: Arc<str>,
}

/// What was asked and answered.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    pub request: Asked,
    pub response: Option<Answered>,
}

/// The request of an [`Event`].
#[derive(Debug, Clone, Serialize)]
pub struct Asked {
    pub method: String,
    pub url: String,
    /// Header lines, for workers that consume traces; whoever watches logs has none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// The response of an [`Event`].
#[derive(Debug, Clone, Serialize)]
pub struct Answered {
    /// 499 when the client left before there was one.
    pub status: u16,
}

/// One line of console output.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// `debug`, `log`, `info`, `warn` or `error`.
    pub level: &'static str,
    pub message: String,
    /// Milliseconds since the epoch.
    pub timestamp: u64,
}

/// What went wrong, in terms of the author's files.
#[derive(Debug, Clone, Serialize)]
pub struct Exception {
    /// `TypeError: x is not a function`.
    pub message: String,
    /// Source-mapped frames.
    pub stack: Vec<String>,
}

fn outcome<S: serde::Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(outcome.as_str())
}

/// Passes events from the data plane to watchers.
#[derive(Default)]
pub struct Tail {
    watchers: AtomicUsize,
    workers: RwLock<HashMap<String, broadcast::Sender<Arc<Event>>>>,
}

/// A watcher's end. Dropping it ends the watch.
pub struct Watch {
    tail: Arc<Tail>,
    worker: String,
    receiver: Option<broadcast::Receiver<Arc<Event>>>,
}

/// What a watcher receives.
#[derive(Debug, Clone)]
pub enum Received {
    Event(Arc<Event>),
    /// The watcher was too slow, and this many events are lost to it.
    Lost(u64),
}

impl Tail {
    /// Begins to watch the worker `name`, whether or not there is one.
    pub fn watch(self: &Arc<Self>, name: &str) -> Watch {
        let mut workers = self.workers.write().unwrap_or_else(PoisonError::into_inner);
        let sender = workers.entry(name.to_owned()).or_insert_with(|| broadcast::channel(BUFFER).0);
        self.watchers.fetch_add(1, Ordering::Relaxed);
        Watch { tail: self.clone(), worker: name.to_owned(), receiver: Some(sender.subscribe()) }
    }

    /// Whether somebody watches the worker `name`: otherwise its events need not be made.
    pub fn is_watched(&self, name: &str) -> bool {
        self.watchers.load(Ordering::Relaxed) > 0
            && self.workers.read().unwrap_or_else(PoisonError::into_inner).contains_key(name)
    }

    /// Passes an event on. Never waits.
    pub fn publish(&self, event: impl Into<Arc<Event>>) {
        let event = event.into();
        let workers = self.workers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = workers.get(&*event.script_name) {
            // The last watcher may just have left.
            let _ = sender.send(event);
        }
    }
}

impl Watch {
    /// The next event, as soon as there is one.
    pub async fn next(&mut self) -> Option<Received> {
        match self.receiver.as_mut()?.recv().await {
            Ok(event) => Some(Received::Event(event)),
            Err(broadcast::error::RecvError::Lagged(lost)) => Some(Received::Lost(lost)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.receiver = None;
        self.tail.watchers.fetch_sub(1, Ordering::Relaxed);
        let mut workers = self.tail.workers.write().unwrap_or_else(PoisonError::into_inner);
        if workers.get(&self.worker).is_some_and(|sender| sender.receiver_count() == 0) {
            workers.remove(&self.worker);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str) -> Event {
        Event {
            script_name: name.into(),
            script_version: "v".into(),
            request_id: "1".into(),
            event_timestamp: 0,
            event: Happened::Tail { consumed_events: Vec::new() },
            outcome: Outcome::Ok,
            logs: Vec::new(),
            exceptions: Vec::new(),
            fuel: 1,
            cpu_time: 0.0,
            wall_time: 0.0,
            receipt: None,
            signed_receipt: None,
        }
    }

    #[tokio::test]
    async fn a_watcher_gets_its_own_workers_events_and_a_slow_one_learns_what_it_lost() {
        let tail = Arc::new(Tail::default());
        assert!(!tail.is_watched("a"));
        let mut watch = tail.watch("a");
        assert!(tail.is_watched("a") && !tail.is_watched("b"));
        tail.publish(event("b"));
        for _ in 0..BUFFER + 5 {
            tail.publish(event("a"));
        }
        assert!(matches!(watch.next().await, Some(Received::Lost(5))));
        assert!(matches!(watch.next().await, Some(Received::Event(event)) if &*event.script_name == "a"));
        drop(watch);
        assert!(!tail.is_watched("a"));
        assert!(tail.workers.read().unwrap().is_empty());
    }
}
