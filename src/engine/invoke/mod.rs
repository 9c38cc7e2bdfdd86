//! One invocation: a fresh sandbox, one request, one report.

mod http02;
mod http03;

use super::config::YIELD_INTERVAL;
use super::deadline::{self, Delivery, ResponseEnd};
use super::{Executor, Metering, Worker};
use crate::host::{Chain, Failure, FailureKind, FrozenClock, HostCtx, Inputs, Log, LogSink};
use crate::meter::{Outcome, Usage};
use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use wasmtime::{PoolConcurrencyLimitError, Store, Trap};
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::ProxyPre;

pub use super::response::{BodyError, ResponseBody};

/// How long a request may wait for a free sandbox.
const ADMISSION: Duration = Duration::from_secs(5);
/// Fuel granted where work is not counted; never read.
const UNMETERED: u64 = u64::MAX;

/// One request on its way into a sandbox.
pub struct Invocation {
    /// Absolute URI: scheme, authority and path.
    pub request: http::Request<WasiBody>,
    /// Names the request in logs.
    pub request_id: Arc<str>,
    /// Where the worker's output goes.
    pub log: LogSink,
    /// Seed of the worker's random numbers; drawn anew when there is none.
    pub seed: Option<[u8; 32]>,
    /// Where it stands among workers that call each other.
    pub chain: Chain,
}

/// The head of a response, its body still to come.
pub struct Head {
    pub response: http::Response<ResponseBody>,
    /// What was used so far; final when the report is there.
    pub usage: Usage,
}

/// An invocation under way.
pub struct Running {
    /// The response's head.
    pub head: AwaitedHead,
    /// What the worker reported in place of a response, while other work of it may go on.
    pub failure: oneshot::Receiver<Failure>,
    /// What the invocation used and how it ended, when all its work is done.
    pub report: oneshot::Receiver<Report>,
}

/// Gives the response's head, or nothing when there is none: the report says why.
///
/// It runs the sandbox itself as long as it is awaited, so that a request which is answered at once never leaves its
/// connection's thread. What is not over with the head goes on in a task of its own; so does what is under way when
/// this is dropped early, and then the sandbox's side is told that the client has left.
pub struct AwaitedHead {
    receiver: oneshot::Receiver<Head>,
    end: Arc<ResponseEnd>,
    run: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    settled: bool,
}

impl Future for AwaitedHead {
    type Output = Option<Head>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Head>> {
        if let Some(run) = &mut self.run
            && run.as_mut().poll(cx).is_ready()
        {
            self.run = None;
        }
        let head = std::task::ready!(Pin::new(&mut self.receiver).poll(cx));
        self.settled = true;
        Poll::Ready(head.ok())
    }
}

impl Drop for AwaitedHead {
    fn drop(&mut self) {
        if !self.settled {
            self.end.end(Delivery::ClientLeft);
        }
        if let Some(run) = self.run.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(run);
        }
    }
}

/// The account of an invocation.
#[derive(Debug, Clone)]
pub struct Report {
    pub outcome: Outcome,
    pub usage: Usage,
    /// Status of the response's head, if there was one.
    pub status: Option<http::StatusCode>,
    /// What went wrong, as the guest told it.
    pub failure: Option<Failure>,
    /// What went wrong, as wasmtime told it.
    pub trap: Option<String>,
    /// The worker asked that its failures be answered by the origin.
    pub pass_through: bool,
}

impl Executor {
    /// Starts an invocation. It runs while [`Running::head`] is awaited, and goes on after the response until the
    /// worker's work is done.
    ///
    /// `on_end` is called once with the account, whatever becomes of the client; it must not block.
    /// When the caller drops `head` before its value comes, the client is taken to have left: what the worker still does
    /// may take as long as `waitUntil` work may.
    pub fn invoke(
        self: &Arc<Self>,
        worker: Arc<Worker>,
        invocation: Invocation,
        on_end: impl FnOnce(&Report) + Send + 'static,
    ) -> Running {
        let (head, receiver) = oneshot::channel();
        let (report_sender, report) = oneshot::channel();
        let (failed, failure) = oneshot::channel();
        let end = Arc::new(ResponseEnd::default());
        let executor = self.clone();
        let run = {
            let end = end.clone();
            async move {
                let report = run(&executor, &worker, invocation, head, failed, end).await;
                on_end(&report);
                let _ = report_sender.send(report);
            }
        };
        Running { head: AwaitedHead { receiver, end, run: Some(Box::pin(run)), settled: false }, failure, report }
    }
}

/// How a run left its sandbox.
enum Ended {
    Returned,
    Trapped(wasmtime::Error),
    OutOfTime,
}

async fn run(
    executor: &Executor,
    worker: &Arc<Worker>,
    invocation: Invocation,
    head: oneshot::Sender<Head>,
    failed: oneshot::Sender<Failure>,
    end: Arc<ResponseEnd>,
) -> Report {
    let Ok(Ok(_slot)) = tokio::time::timeout(ADMISSION, executor.slots.acquire()).await else {
        return Report::refused("no sandbox was free in time");
    };
    let started = Instant::now();
    let sending = Sending {
        head,
        end: end.clone(),
        wants_body: invocation.request.method() != http::Method::HEAD,
        started,
        granted: worker.limits().fuel,
    };
    let mut store = match new_store(executor, worker, &invocation) {
        Ok(store) => store,
        Err(error) => return Report::internal(&error),
    };
    store.data_mut().failed = Some(failed);
    let request = invocation.request;
    let mut sandbox = Duration::ZERO;
    let guest = async {
        match &worker.pre {
            ProxyPre::P2(pre) => {
                let proxy = pre.instantiate_async(&mut store).await?;
                sandbox = started.elapsed();
                http02::call(&mut store, &proxy, request, sending, sandbox).await
            }
            ProxyPre::P3(pre) => {
                let service = pre.instantiate_async(&mut store).await?;
                sandbox = started.elapsed();
                http03::call(&mut store, &service, request, sending, sandbox).await
            }
        }
    };
    let ended = tokio::select! {
        biased;
        result = guest => result.map_or_else(Ended::Trapped, |()| Ended::Returned),
        () = deadline::expired(&end, worker.limits().wall, worker.limits().wait_until) => Ended::OutOfTime,
    };

    // The body's channel closes with the store: mark it before, so that a part is not taken for the whole.
    let left = store.get_fuel().unwrap_or(UNMETERED);
    let ctx = store.data_mut();
    if ctx.response.body_open {
        end.set_broken();
    }
    ctx.flush_output();
    let usage = Usage {
        fuel: if executor.metering == Metering::Fuel { worker.limits().fuel.saturating_sub(left) } else { 0 },
        peak_memory: ctx.memory.held(),
        subrequests: ctx.subrequests.made(),
        sandbox,
        handler: ctx.response.head_at.map_or_else(|| started.elapsed(), |at| at.duration_since(started)),
        wall: started.elapsed(),
    };
    Report::of(ended, ctx, usage, &end)
}

fn new_store(executor: &Executor, worker: &Arc<Worker>, invocation: &Invocation) -> wasmtime::Result<Store<HostCtx>> {
    let seed = match invocation.seed {
        Some(seed) => seed,
        None => {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed)
                .map_err(|error| wasmtime::format_err!("the system gives no random numbers: {error}"))?;
            seed
        }
    };
    let inputs = Inputs {
        seed,
        clock: FrozenClock::new(),
        env: worker.env().clone(),
        bindings: worker.bindings().clone(),
        request_id: invocation.request_id.clone(),
        chain: invocation.chain.clone(),
    };
    let log = Log::new(invocation.request_id.clone(), mapped(&invocation.log, worker), worker.limits().log as usize);
    let ctx = HostCtx::new(inputs, worker.limits(), executor.client.clone(), log);
    let mut store = Store::new(&executor.engine, ctx);
    store.limiter(|ctx| &mut ctx.memory);
    if executor.metering == Metering::Fuel {
        store.set_fuel(worker.limits().fuel)?;
        store.fuel_async_yield_interval(Some(YIELD_INTERVAL))?;
    }
    Ok(store)
}

/// Stack traces that a worker logs name the author's files, as those of its errors do.
fn mapped(sink: &LogSink, worker: &Arc<Worker>) -> LogSink {
    if !worker.has_source_map() {
        return sink.clone();
    }
    let (sink, worker) = (sink.clone(), worker.clone());
    Arc::new(move |mut line| {
        // Most lines hold no stack trace, and the map is read only for those that may.
        if line.text.contains("at ")
            && let Some(map) = worker.source_map()
            && let Cow::Owned(text) = map.map_text(&line.text)
        {
            line.text = text;
        }
        sink(line);
    })
}

/// What is needed to send the head once the guest gives it.
struct Sending {
    head: oneshot::Sender<Head>,
    end: Arc<ResponseEnd>,
    wants_body: bool,
    started: Instant,
    granted: u64,
}

impl Sending {
    /// Hands the head over. A client that left meanwhile ends the response here.
    fn send(self, response: http::Response<WasiBody>, fuel_left: u64, sandbox: Duration) {
        let length = response.headers().get(http::header::CONTENT_LENGTH);
        let expected = match length {
            _ if !self.wants_body || response.status() == http::StatusCode::NOT_MODIFIED => Some(0),
            Some(length) => length.to_str().ok().and_then(|length| length.parse().ok()),
            None => None,
        };
        let usage = Usage {
            fuel: self.granted.saturating_sub(fuel_left),
            sandbox,
            handler: self.started.elapsed(),
            ..Usage::default()
        };
        let end = self.end.clone();
        let response = response.map(|body| ResponseBody::new(body, self.end, expected));
        if self.head.send(Head { response, usage }).is_err() {
            end.end(Delivery::ClientLeft);
        }
    }
}

impl Report {
    fn refused(why: &str) -> Self {
        Self::without_run(Outcome::LoadShed, why.to_owned())
    }

    /// The account as far as it is known when a failure comes in place of a response.
    pub fn early(failure: Failure) -> Self {
        let outcome = match failure.kind {
            FailureKind::Cpu => Outcome::ExceededCpu,
            FailureKind::Memory => Outcome::ExceededMemory,
            FailureKind::Exception | FailureKind::Hang => Outcome::Exception,
        };
        let usage = Usage::default();
        Self { outcome, usage, status: None, failure: Some(failure), trap: None, pass_through: false }
    }

    fn internal(error: &wasmtime::Error) -> Self {
        Self::without_run(Outcome::InternalError, format!("{error:#}"))
    }

    fn without_run(outcome: Outcome, why: String) -> Self {
        Self { outcome, usage: Usage::default(), status: None, failure: None, trap: Some(why), pass_through: false }
    }

    fn of(ended: Ended, ctx: &mut HostCtx, usage: Usage, end: &ResponseEnd) -> Self {
        let failure = ctx.failure.take();
        let (outcome, trap) = match ended {
            Ended::OutOfTime if end.client_left() => (Outcome::Canceled, None),
            Ended::OutOfTime => (Outcome::ExceededWallTime, None),
            Ended::Returned => match &failure {
                None if ctx.response.status.is_none() => (Outcome::Exception, None),
                None if end.client_left() => (Outcome::Canceled, None),
                None => (Outcome::Ok, None),
                Some(failure) => (outcome_of(failure, ctx), None),
            },
            Ended::Trapped(error) => {
                let outcome = match error.downcast_ref::<Trap>() {
                    Some(Trap::OutOfFuel) => Outcome::ExceededCpu,
                    _ if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() => Outcome::LoadShed,
                    _ if ctx.memory.refused() => Outcome::ExceededMemory,
                    _ => Outcome::Exception,
                };
                (outcome, Some(format!("{error:#}")))
            }
        };
        Self { outcome, usage, status: ctx.response.status, failure, trap, pass_through: ctx.pass_through }
    }
}

fn outcome_of(failure: &Failure, ctx: &HostCtx) -> Outcome {
    match failure.kind {
        FailureKind::Cpu => Outcome::ExceededCpu,
        FailureKind::Memory => Outcome::ExceededMemory,
        _ if ctx.memory.refused() => Outcome::ExceededMemory,
        FailureKind::Exception | FailureKind::Hang => Outcome::Exception,
    }
}
