//! Gives memory back that no request is using.

use crate::edge::Site;
use std::sync::Arc;
use std::time::Duration;

/// Between one time and the next: what is called more often than that pays some microseconds for it, once in this time.
const PERIOD: Duration = Duration::from_secs(10);

/// Goes on until it is aborted.
pub async fn keep_small(site: Arc<Site>) {
    let mut tick = tokio::time::interval(PERIOD);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // The first tick comes at once, when workers are being loaded.
    tick.tick().await;
    loop {
        tick.tick().await;
        let workers: Vec<_> = site.fleet.ready().iter().filter_map(|ready| ready.worker.clone()).collect();
        let executor = site.executor.clone();
        match tokio::task::spawn_blocking(move || executor.release_memory(&workers)).await {
            Ok(Err(error)) => tracing::warn!(error = format!("{error:#}"), "failed to give memory back"),
            // The process is stopping.
            Err(_) => return,
            Ok(Ok(())) => {}
        }
    }
}
