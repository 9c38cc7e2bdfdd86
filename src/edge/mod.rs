//! The data plane: sockets, HTTP in and out, the order of a request's phases.

mod admission;
mod behind;
pub mod body;
mod budget;
pub mod dispatch;
pub mod error_page;
pub mod events;
mod exchange;
pub mod fleet;
mod forward;
mod front;
pub mod h3;
pub mod https;
mod identity;
mod linger;
pub mod listener;
mod load;
mod origin;
mod rate;
mod record;
mod recordings;
mod replay;
mod request_id;
mod respond;
mod route;
mod service;
mod sticky;
pub mod tls;
mod trace;
mod websocket;

pub use self::admission::{Gates, InFlightLimits};
pub use self::error_page::{Details, ErrorCode};
pub use self::front::{Front, Outgoing, serve};
pub use self::identity::Identity;

use self::fleet::Fleet;
pub use self::fleet::Live;
use self::load::Loader;
pub use self::load::{Data, Ready};
pub use self::recordings::Recordings;
use self::service::Services;
use crate::access_log::AccessLog;
use crate::cache::Cache;
use crate::engine::Executor;
use crate::host::LogSink;
use crate::ledger::Ledger;
use crate::meter::profile::Profile;
use crate::meter::{Outcome, Usage};
use crate::metrics::Metrics;
use crate::recording::{PublicKey, ReceiptKey};
use crate::registry::{OriginRoutes, Registry, WorkerName};
use crate::tail::Tail;
use std::num::NonZeroUsize;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// Who the server is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The worker's author: pages show everything, responses carry their cost.
    Dev,
    /// The public: pages show a code and the request's id.
    Serve,
    /// The public, with the cost of its response in each.
    ServeWithCost,
}

/// One line of the request log, written when all of the request's work is done.
#[derive(Debug, Clone)]
pub struct RequestLine {
    pub request_id: Arc<str>,
    /// Worker and version that answered; none when the request led to no worker.
    pub worker: Option<(Arc<str>, Arc<str>)>,
    pub method: http::Method,
    pub path: String,
    /// Status sent; 499 when the client left before there was one.
    pub status: u16,
    pub outcome: Outcome,
    pub usage: Usage,
    /// What went wrong, for people: the error and its mapped stack.
    pub problem: Option<String>,
    /// Where its fuel went, if the worker was prepared to tell.
    pub profile: Option<Profile>,
}

/// Where request lines go. Must not block.
pub type RequestSink = Arc<dyn Fn(RequestLine) + Send + Sync>;

/// How requests find their worker.
pub enum Entry {
    /// By host and path.
    Routes,
    /// All go to the one that [`Site::set_primary`] names.
    Primary,
}

/// What a site is made with.
pub struct SiteOptions {
    pub executor: Arc<Executor>,
    pub registry: Registry,
    /// Where KV namespaces are.
    pub data: Data,
    pub mode: Mode,
    pub entry: Entry,
    /// Domain below which workers are reached by their names.
    pub base_domain: Option<String>,
    /// Routes to origins that come before those that are deployed.
    pub routes: OriginRoutes,
    /// Versions that may be loaded at a time.
    pub loaded_versions: NonZeroUsize,
    /// In front of workers and origins, and behind what workers fetch and keep.
    pub cache: Cache,
    pub log: LogSink,
    pub requests: RequestSink,
    /// Where invocations are recorded, if any are.
    pub recordings: Option<Recordings>,
    /// Signs receipts, if they are signed.
    pub receipts: Option<Arc<ReceiptKey>>,
    /// Counts invocations and limits their fuel, if anything does.
    pub ledger: Option<Arc<Ledger>>,
    /// What is done besides answering.
    pub front: Front,
}

/// Everything that requests are answered with: its lifetime is that of the process.
pub struct Site {
    pub executor: Arc<Executor>,
    pub fleet: Fleet,
    pub tail: Arc<Tail>,
    pub metrics: Arc<Metrics>,
    front: Front,
    pub cache: Cache,
    mode: Mode,
    entry: Entry,
    log: LogSink,
    requests: RequestSink,
    recordings: Option<Recordings>,
    receipts: Option<Arc<ReceiptKey>>,
    ledger: Option<Arc<Ledger>>,
    /// Why there is no version to answer, while an author's first one does not build.
    broken: RwLock<Option<Arc<Details>>>,
    primary: RwLock<Option<WorkerName>>,
    /// What is on its way to tail consumers.
    pub traces: events::traces::Traces,
    /// Whether WebSockets are to be closed.
    stopping: watch::Sender<bool>,
}

impl Site {
    pub fn new(options: SiteOptions) -> Arc<Self> {
        let SiteOptions { executor, registry, data, mode, entry, base_domain, loaded_versions, cache, .. } = options;
        let SiteOptions { log, requests, recordings, receipts, ledger, front, routes, .. } = options;
        let metrics = Arc::<Metrics>::default();
        Arc::new_cyclic(|site| {
            let loader = Loader {
                executor: executor.clone(),
                registry: registry.clone(),
                data,
                cache: cache.clone(),
                dispatch: Arc::new(Services::new(site.clone())),
                metrics: metrics.clone(),
                gates: front.gates.clone(),
            };
            Self {
                executor,
                fleet: Fleet::new(registry, loader, base_domain, routes, loaded_versions),
                tail: Arc::default(),
                metrics,
                front,
                cache,
                mode,
                entry,
                log,
                requests,
                recordings,
                receipts,
                ledger,
                broken: RwLock::default(),
                primary: RwLock::default(),
                traces: events::traces::Traces::default(),
                stopping: watch::Sender::new(false),
            }
        })
    }

    /// What signatures of receipts are checked with, if they are signed.
    pub fn receipt_key(&self) -> Option<PublicKey> {
        self.receipts.as_ref().map(|key| key.public())
    }

    /// Closes all WebSockets, with the code that says that the server goes away; none is accepted for long after it.
    pub fn close_websockets(&self) {
        self.stopping.send_replace(true);
    }

    /// Waits until none is open.
    pub async fn websockets_closed(&self) {
        self.stopping.closed().await;
    }

    /// Says when WebSockets are to be closed.
    fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Waits until what was recorded is written.
    pub async fn recorded(&self) {
        if let Some(recordings) = &self.recordings {
            recordings.written().await;
        }
    }

    /// Where requests are logged, if they are.
    pub fn access_log(&self) -> Option<&Arc<AccessLog>> {
        self.front.access_log.as_ref()
    }

    /// Writes and sends what of logs and traces is waiting; nothing is logged afterwards.
    pub async fn close_logs(&self) {
        let (log, telemetry) = (self.front.access_log.clone(), self.front.telemetry.clone());
        let closing = tokio::task::spawn_blocking(move || {
            if let Some(log) = log {
                log.close();
            }
            if let Some(telemetry) = telemetry {
                telemetry.shut_down();
            }
        });
        let _ = closing.await;
    }

    /// Sets the worker that all requests go to.
    pub fn set_primary(&self, name: WorkerName) {
        *self.primary.write().unwrap_or_else(PoisonError::into_inner) = Some(name);
    }

    fn primary(&self) -> Option<WorkerName> {
        self.primary.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets why there is no version to answer, or that there is one.
    pub fn set_broken(&self, details: Option<Arc<Details>>) {
        *self.broken.write().unwrap_or_else(PoisonError::into_inner) = details;
    }

    /// Why there is no version to answer.
    pub fn broken(&self) -> Option<Arc<Details>> {
        self.broken.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
