//! Cron triggers: which are due when, and one run for each due time.
//!
//! ## Why
//! A due time is claimed in the store before it is run, so that a server which is restarted within the minute does not run
//! it again. What was due while no server ran is not made up for, as with Cloudflare.

use crate::cron::Cron;
use crate::edge::Site;
use crate::edge::fleet::Live;
use crate::edge::load::Ready;
use crate::engine::invoke::Event;
use crate::registry::cron_runs::{Cause, CronRun};
use crate::registry::{VersionId, WorkerName};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The longest sleep, so that a clock that is set is noticed.
const NAP: Duration = Duration::from_secs(60);
/// What was due longer ago, since the machine slept, is not run any more.
const STALE: SignedDuration = SignedDuration::from_secs(60);

/// The triggers of one worker, of the version that has most of its traffic.
struct Triggers {
    version: VersionId,
    crons: Vec<(String, Cron)>,
}

/// Why a trigger was not run.
#[derive(Debug)]
pub enum TriggerError {
    NotFound(String),
    Failed(String),
}

/// Runs what is due until the process ends.
pub async fn follow(site: Arc<Site>) {
    let mut applied = site.fleet.applied();
    let mut known: HashMap<WorkerName, Triggers> = HashMap::new();
    let mut last = Timestamp::now();
    loop {
        applied.borrow_and_update();
        refresh(&site, &mut known).await;
        let now = Timestamp::now();
        for (worker, triggers) in &known {
            for (text, cron) in &triggers.crons {
                if let Some(due) = due(cron, last, now) {
                    tokio::spawn(run_due(site.clone(), worker.clone(), text.clone(), due));
                }
            }
        }
        last = now.max(last);
        let next = known.values().flat_map(|triggers| &triggers.crons).filter_map(|(_, cron)| cron.after(last)).min();
        let nap = next.and_then(|next| Duration::try_from(next.duration_since(Timestamp::now())).ok());
        tokio::select! {
            () = tokio::time::sleep(nap.map_or(NAP, |nap| nap.min(NAP))) => {}
            changed = applied.changed() => if changed.is_err() { return },
        }
    }
}

/// The last time after `last` and up to `now` at which `cron` was due, if that is not long ago.
fn due(cron: &Cron, last: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let from = last.max(now.checked_sub(STALE).unwrap_or(last));
    let mut found = None;
    let mut next = cron.after(from);
    while let Some(time) = next.filter(|time| *time <= now) {
        found = Some(time);
        next = cron.after(time);
    }
    found
}

/// Reads the triggers of workers whose live version is another than it was.
async fn refresh(site: &Site, known: &mut HashMap<WorkerName, Triggers>) {
    let live = site.fleet.workers();
    known.retain(|name, _| live.iter().any(|live| live.record.name == *name));
    for live in live {
        let name = &live.record.name;
        let Some(version) = main_version(&live) else {
            known.remove(name);
            continue;
        };
        if known.get(name).is_some_and(|triggers| triggers.version == *version) {
            continue;
        }
        match site.fleet.registry().version(name, version).await {
            Ok(found) => {
                let crons =
                    found.content.crons.into_iter().filter_map(|text| Some((text.clone(), Cron::parse(&text).ok()?)));
                known.insert(name.clone(), Triggers { version: version.clone(), crons: crons.collect() });
            }
            Err(error) => tracing::error!(worker = %name, %error, "failed to read the cron triggers"),
        }
    }
}

/// The version that has most of the traffic.
fn main_version(live: &Live) -> Option<&VersionId> {
    let shares = live.record.deployment.iter().flat_map(|deployment| &deployment.shares);
    shares.max_by_key(|share| share.share).map(|share| &share.version)
}

async fn run_due(site: Arc<Site>, worker: WorkerName, cron: String, due: Timestamp) {
    if let Err(TriggerError::NotFound(why) | TriggerError::Failed(why)) =
        run(&site, &worker, &cron, due, Cause::Clock).await
    {
        tracing::error!(%worker, cron, "a cron trigger was not run: {why}");
    }
}

/// Runs a trigger because somebody asks for it, and gives the record of the run.
pub async fn trigger(
    site: &Arc<Site>,
    worker: &WorkerName,
    cron: Option<String>,
    time: Option<Timestamp>,
) -> Result<CronRun, TriggerError> {
    let live =
        site.fleet.live(worker).ok_or_else(|| TriggerError::NotFound(format!("there is no worker `{worker}`")))?;
    let cron = match cron {
        Some(cron) => cron,
        None => {
            let version = main_version(&live).ok_or_else(|| TriggerError::NotFound("nothing is deployed".into()))?;
            let version = site.fleet.registry().version(worker, version).await;
            let version = version.map_err(|error| TriggerError::Failed(error.to_string()))?;
            version.content.crons.into_iter().next().unwrap_or_default()
        }
    };
    let run = run(site, worker, &cron, time.unwrap_or_else(Timestamp::now), Cause::Asked).await?;
    run.ok_or_else(|| TriggerError::Failed("it was run at the same moment already".into()))
}

/// One run, with its record. None if this due time was run before.
async fn run(
    site: &Arc<Site>,
    worker: &WorkerName,
    cron: &str,
    due: Timestamp,
    cause: Cause,
) -> Result<Option<CronRun>, TriggerError> {
    let ready = ready(site, worker).await?;
    let registry = site.fleet.registry();
    let mut run = CronRun::begun(cron, due, Timestamp::now(), &ready.version, cause);
    let failed = |error: crate::registry::Error| TriggerError::Failed(error.to_string());
    if !registry.claim_cron_run(worker, &run).await.map_err(failed)? {
        return Ok(None);
    }
    let time = due.as_millisecond().max(0).unsigned_abs();
    match super::run(site, &ready, Event::Scheduled { cron: cron.to_owned(), time }).await {
        Ok(report) => {
            let worker = ready.worker.as_deref();
            let problem = worker.and_then(|worker| crate::edge::respond::problem(&report, worker, None));
            run.end(Timestamp::now(), report.outcome.as_str(), report.usage.fuel, problem.map(|problem| problem.error));
        }
        Err(why) => run.end(Timestamp::now(), "refused", 0, Some(why)),
    }
    registry.end_cron_run(worker, &run).await.map_err(failed)?;
    Ok(Some(run))
}

async fn ready(site: &Site, worker: &WorkerName) -> Result<Arc<Ready>, TriggerError> {
    let live =
        site.fleet.live(worker).ok_or_else(|| TriggerError::NotFound(format!("there is no worker `{worker}`")))?;
    let version =
        main_version(&live).ok_or_else(|| TriggerError::NotFound(format!("nothing of `{worker}` is deployed")))?;
    match site.fleet.version(worker, version).await {
        Ok(Some(ready)) => Ok(ready),
        Ok(None) => Err(TriggerError::NotFound(format!("there is no version {version}"))),
        Err(error) => Err(TriggerError::Failed(format!("it cannot be loaded: {error:#}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_is_the_last_time_and_not_long_ago() {
        let cron = Cron::parse("* * * * *").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let due = |last: &str, now: &str| due(&cron, at(last), at(now)).map(|time| time.to_string());
        assert_eq!(due("2026-01-01T00:00:10Z", "2026-01-01T00:00:50Z"), None);
        assert_eq!(due("2026-01-01T00:00:10Z", "2026-01-01T00:01:00Z"), Some("2026-01-01T00:01:00Z".into()));
        assert_eq!(due("2026-01-01T00:01:00Z", "2026-01-01T00:01:30Z"), None, "it was run");
        assert_eq!(due("2026-01-01T00:00:10Z", "2026-01-01T09:30:20Z"), Some("2026-01-01T09:30:00Z".into()));
        assert_eq!(due("2026-01-01T00:05:00Z", "2026-01-01T00:01:00Z"), None, "the clock was set back");
    }
}
