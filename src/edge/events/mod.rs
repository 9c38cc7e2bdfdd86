//! What workers are called for besides requests: cron triggers, and the invocations of others.

pub mod cron;
pub mod dev;
pub mod traces;

use super::Site;
use super::load::Ready;
use super::record::Record;
use super::request_id;
use crate::engine::invoke::{Event, Invocation, Report, Running};
use crate::host::Chain;
use crate::tail::Happened;
use bytes::Bytes;
use http::{Request, Version};
use http_body_util::Empty;
use std::sync::Arc;
use tokio::sync::oneshot;

/// In place of a pattern, in the ledger: the clock called.
const CRON: &str = "(cron)";
/// The same: another worker's invocation was over.
const TAIL: &str = "(tail)";

/// An event's invocation, from its record to its report. The error says why there was none.
async fn run(site: &Arc<Site>, ready: &Ready, event: Event) -> Result<Report, String> {
    let Some(worker) = ready.worker.clone() else { return Err(format!("`{}` has no code", ready.name)) };
    let (happened, route) = match &event {
        Event::Scheduled { cron, time } => (Happened::Scheduled { cron: cron.clone(), scheduled_time: *time }, CRON),
        Event::Tail { .. } => (Happened::Tail { consumed_events: Vec::new() }, TAIL),
    };
    let request_id = request_id::next();
    let mut record = Record::of_event(site.clone(), request_id.clone(), happened);
    record.answered_by(ready, route.into(), &http::Uri::from_static("/"));
    match site.grant(ready, worker.limits().fuel).await {
        Ok(grant) => record.runs_on(grant),
        Err((code, why)) => {
            let error = why.error.clone();
            record.finish_refused(code.status().as_u16(), why);
            return Err(error);
        }
    }
    let mut request = Request::new(crate::host::http::body(Empty::<Bytes>::new()));
    *request.version_mut() = Version::HTTP_11;
    let invocation = Invocation {
        request,
        event: Some(event),
        request_id,
        log: record.log(),
        seed: None,
        chain: Chain::default(),
        fuel: record.granted(&worker),
        tape: Default::default(),
    };
    let (sender, receiver) = oneshot::channel();
    let on_end = {
        let worker = worker.clone();
        move |report: &Report| {
            let _ = sender.send(report.clone());
            record.finish(report, &worker);
        }
    };
    let Running { head, .. } = site.executor.invoke(worker, invocation, on_end);
    // There is no head: this runs it to its end.
    head.await;
    receiver.await.map_err(|_| "the invocation ended without an account".to_owned())
}
