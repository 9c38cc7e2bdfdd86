//! Invocations told to the workers that consume their traces.
//!
//! ## Why
//! Nobody may wait for a consumer: what it cannot keep up with is dropped and counted. Its own invocations for traces have
//! no traces, so that two workers that consume each other's do not go on for ever.

use crate::edge::Site;
use crate::engine::invoke::Event;
use crate::registry::WorkerName;
use crate::tail;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Items that may wait for a consumer.
const MOST_WAITING: usize = 1_000;
/// Items that a consumer gets at a time.
const BATCH: usize = 100;

/// What is on its way to consumers. Its lifetime is that of the site.
#[derive(Default)]
pub struct Traces {
    queues: Mutex<HashMap<WorkerName, VecDeque<Arc<tail::Event>>>>,
    dropped: AtomicU64,
}

impl Traces {
    /// How many items were dropped, since their consumers did not keep up.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<WorkerName, VecDeque<Arc<tail::Event>>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next items for a consumer; none if there are no more, and then nobody is delivering to it any more.
    fn batch(&self, consumer: &WorkerName) -> Option<Vec<Arc<tail::Event>>> {
        let mut queues = self.queues();
        let queue = queues.get_mut(consumer)?;
        if queue.is_empty() {
            queues.remove(consumer);
            return None;
        }
        let count = queue.len().min(BATCH);
        Some(queue.drain(..count).collect())
    }
}

/// Sends `event` on its way to `consumers`. Never waits.
pub fn send(site: &Arc<Site>, consumers: &[WorkerName], event: &Arc<tail::Event>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    for consumer in consumers {
        let mut queues = site.traces.queues();
        // Who has a queue has somebody who empties it.
        match queues.get_mut(consumer) {
            Some(queue) if queue.len() >= MOST_WAITING => {
                let dropped = site.traces.dropped.fetch_add(1, Ordering::Relaxed) + 1;
                if dropped.is_power_of_two() {
                    tracing::warn!(%consumer, dropped, "a tail consumer does not keep up: traces are dropped");
                }
            }
            Some(queue) => queue.push_back(event.clone()),
            None => {
                queues.insert(consumer.clone(), VecDeque::from([event.clone()]));
                runtime.spawn(deliver(site.clone(), consumer.clone()));
            }
        }
    }
}

async fn deliver(site: Arc<Site>, consumer: WorkerName) {
    while let Some(batch) = site.traces.batch(&consumer) {
        let items = Value::Array(batch.iter().map(|event| item(event)).collect()).to_string();
        if let Err(why) = hand_over(&site, &consumer, items).await {
            tracing::warn!(%consumer, "traces were not handed over: {why}");
        }
    }
}

async fn hand_over(site: &Arc<Site>, consumer: &WorkerName, items: String) -> Result<(), String> {
    let Some(live) = site.fleet.live(consumer) else { return Err(format!("there is no worker `{consumer}`")) };
    let ready = match site.fleet.current(&live, 0).await {
        Ok(Some(ready)) => ready,
        Ok(None) => return Err("nothing of it is deployed".into()),
        Err(error) => return Err(format!("it cannot be loaded: {error:#}")),
    };
    // What went wrong in the handler is in its own log.
    super::run(site, &ready, Event::Tail { items }).await.map(drop)
}

/// The members of Workers' `TraceItem`.
fn item(event: &tail::Event) -> Value {
    let time = event.event_timestamp;
    let logs = event
        .logs
        .iter()
        .map(|line| json!({ "timestamp": line.timestamp, "level": line.level, "message": [line.message] }));
    let exceptions = event.exceptions.iter().map(|exception| {
        let (name, message) = exception.message.split_once(": ").unwrap_or(("Error", &exception.message));
        json!({ "timestamp": time, "name": name, "message": message, "stack": exception.stack.join("\n") })
    });
    json!({
        "scriptName": event.script_name,
        "scriptVersion": { "id": event.script_version },
        "event": event.event,
        "eventTimestamp": time,
        "logs": logs.collect::<Vec<_>>(),
        "exceptions": exceptions.collect::<Vec<_>>(),
        "diagnosticsChannelEvents": [],
        "outcome": event.outcome.as_str(),
        "cpuTime": event.cpu_time,
        "wallTime": event.wall_time,
        "truncated": false,
        "executionModel": "stateless",
        "entrypoint": null,
        "dispatchNamespace": null,
        "scriptTags": [],
        "requestId": event.request_id,
        "fuel": event.fuel,
    })
}
