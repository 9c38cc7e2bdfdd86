//! Loads workers before anybody calls them, so that after a restart no request waits for its worker to be loaded.

use crate::edge::{Live, Site};
use crate::ledger::{By, Ledger, Query};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How far back calls count.
const PAST: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a server waits for it before it is ready; what is left goes on beside requests.
const PATIENCE: Duration = Duration::from_millis(500);

/// Loads as many as stay loaded: first those that were called most, then those that were deployed last.
pub async fn begin(site: &Arc<Site>, ledger: &Arc<Ledger>) -> JoinHandle<()> {
    let mut loading = tokio::spawn(load(site.clone(), ledger.clone()));
    // A task that ended early has said why.
    let _ = tokio::time::timeout(PATIENCE, &mut loading).await;
    loading
}

async fn load(site: Arc<Site>, ledger: Arc<Ledger>) {
    let calls = calls(&ledger).await;
    let mut workers = site.fleet.workers();
    workers.sort_by_cached_key(|live| Reverse(urgency(live, &calls)));
    for live in workers {
        if !site.fleet.has_room() {
            return;
        }
        site.fleet.load_ahead(&live).await;
    }
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
