//! Loads workers before anybody calls them, so that after a restart no request waits for its worker to be loaded.

use crate::edge::{Live, Site};
use crate::ledger::{By, Ledger, Query};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

/// How far back calls count.
const PAST: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a server waits for it before it is ready; what is left goes on beside requests.
const PATIENCE: Duration = Duration::from_millis(500);

/// Before each worker that is loaded beside requests, so that they have the cores most of the time.
const PAUSE: Duration = Duration::from_millis(5);

/// Loads as many as stay loaded: first those that were called most, then those that were deployed last.
pub async fn begin(site: &Arc<Site>, ledger: &Arc<Ledger>) -> JoinHandle<()> {
    let ready = Instant::now() + PATIENCE;
    let mut loading = tokio::spawn(load(site.clone(), ledger.clone(), ready));
    // A task that ended early has said why.
    let _ = tokio::time::timeout_at(ready, &mut loading).await;
    loading
}

/// `ready` is when requests come.
async fn load(site: Arc<Site>, ledger: Arc<Ledger>, ready: Instant) {
    let calls = calls(&ledger).await;
    let mut workers = site.fleet.workers();
    workers.sort_by_cached_key(|live| Reverse(urgency(live, &calls)));
    let mut room = site.fleet.room();
    let fitting = workers.into_iter().take_while(|live| {
        let fits = live.versions() <= room;
        room = room.saturating_sub(live.versions());
        fits
    });
    let queue = Arc::new(Mutex::new(fitting.collect::<Vec<_>>().into_iter()));
    let mut loaders = JoinSet::new();
    for _ in 0..available_parallelism().map_or(1, usize::from) {
        let (site, queue) = (site.clone(), queue.clone());
        let next = move || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        loaders.spawn(async move {
            while let Some(live) = next() {
                if Instant::now() >= ready {
                    tokio::time::sleep(PAUSE).await;
                }
                site.fleet.load_ahead(&live).await;
            }
        });
    }
    loaders.join_all().await;
}

fn urgency(live: &Live, calls: &HashMap<Arc<str>, u64>) -> impl Ord + use<> {
    let record = &live.record;
    let deployed = record.deployment.as_ref().map(|deployment| deployment.created);
    (calls.get(record.name.as_str()).copied().unwrap_or(0), deployed)
}

/// How often each worker was called. Without it the order is a worse one, and no more.
async fn calls(ledger: &Ledger) -> HashMap<Arc<str>, u64> {
    let usage = ledger.usage(&Query::last(PAST, By::Worker)).await;
    let usage = usage.inspect_err(|error| tracing::warn!(%error, "failed to read which workers are called most"));
    let groups = usage.unwrap_or_default().into_iter();
    groups.filter_map(|(group, tally)| Some((group.worker?, tally.requests()))).collect()
}
