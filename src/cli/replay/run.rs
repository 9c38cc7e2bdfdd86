//! One recording, run again.

use super::subject::Program;
use crate::cache::Cache;
use crate::engine::invoke::{Invocation, Report, Running, TapeUse};
use crate::engine::{Executor, Setup, Worker};
use crate::host::tape::{Play, Played};
use crate::host::{Bindings, Caller, Chain, Target, VersionMetadata, http as host_http};
use crate::kv::Namespace;
use crate::limits::Limits;
use crate::recording::{BindingKind, Given, Receipt, Recording};
use crate::storage::Storage;
use anyhow::{Context, Result};
use http_body_util::{BodyExt, Empty};
use std::sync::Arc;
use std::time::Duration;

/// A replay waits for nothing but itself; one that takes so long has a fault.
const PATIENCE: Duration = Duration::from_secs(3600);

/// What came of running a recording again.
pub struct Rerun {
    pub receipt: Receipt,
    pub played: Played,
    /// What went wrong with it, if anything did.
    pub problem: Option<String>,
}

/// Runs `recording` on `program`. To be called on a runtime with one thread: what happens between the run's waits then
/// happens in the same order each time.
pub async fn run(executor: &Arc<Executor>, program: &Program, recording: &Arc<Recording>, play: Play) -> Result<Rerun> {
    let worker = Arc::new(Worker::new(program.prepared(executor)?, setup(program, &recording.given)));
    let mut request = http::Request::builder()
        .method(recording.request.method.as_str())
        .version(recording.request.version())
        .uri(&recording.request.url);
    for (name, value) in &recording.request.headers {
        request = request.header(name, &value.0[..]);
    }
    if let Some(cf) = &recording.request.cf {
        request = request.extension(Caller::recorded(cf));
    }
    if recording.request.bodiless {
        request = request.extension(host_http::Bodiless);
    }
    let body = host_http::body(Empty::new());
    let invocation = Invocation {
        request: request.body(body).context("the recorded request is no request")?,
        event: None,
        request_id: id(recording).into(),
        log: Arc::new(|_| {}),
        seed: None,
        chain: Chain::default(),
        fuel: Some(recording.given.fuel),
        tape: TapeUse::Play(recording.clone(), play),
    };
    let Running { head, report, .. } = executor.invoke(worker.clone(), invocation, |_| {});
    if let Some(head) = head.await {
        // The worker's side is compared; this only takes it, so that it can go on.
        let mut body = head.response.into_body();
        while let Some(Ok(_)) = body.frame().await {}
    }
    let report = report.await.context("the run ended without an account")?;
    let receipt = Receipt::new(id(recording), worker.subject(), report.outcome, &report.usage);
    let played = report.played.as_deref().cloned().unwrap_or_default();
    Ok(Rerun { receipt, played, problem: problem(&report) })
}

/// The request's id.
pub fn id(recording: &Recording) -> &str {
    recording.receipt.as_ref().map_or("", |receipt| &receipt.request_id)
}

fn problem(report: &Report) -> Option<String> {
    match (&report.trap, &report.failure) {
        (Some(trap), _) => Some(trap.clone()),
        (None, Some(failure)) => Some(format!("{}: {}", failure.name, failure.message)),
        (None, None) => None,
    }
}

/// The worker as the recorded one was set up; its bindings lead nowhere, since what they answered is recorded.
fn setup(program: &Program, given: &Given) -> Setup {
    let target = |kind: &BindingKind| match kind {
        BindingKind::Kv => Target::Kv(Namespace::new(Storage::in_memory(), "recorded")),
        BindingKind::Cache => Target::Cache(Cache::in_memory().space("recorded".into())),
        BindingKind::Service | BindingKind::Assets => Target::Service("recorded".to_owned()),
    };
    let [id, tag, timestamp] = given.version.clone();
    let bindings = Bindings {
        targets: given.bindings.iter().map(|(name, kind)| (name.clone(), target(kind))).collect(),
        secrets: given.secrets.clone(),
        version: VersionMetadata { id, tag, timestamp },
        cache: None,
        dispatch: None,
    };
    Setup {
        name: program.subject.name.as_str().into(),
        version: program.subject.version.as_str().into(),
        artifact: program.subject.artifact,
        engine: program.subject.engine,
        limits: Limits {
            fuel: given.fuel,
            memory: given.memory,
            subrequests: given.subrequests,
            log: given.log,
            wall: PATIENCE,
            wait_until: PATIENCE,
            ..Limits::default()
        },
        env: program.env.clone().unwrap_or_else(|| given.env.clone()).into(),
        bindings: Arc::new(bindings),
    }
}
