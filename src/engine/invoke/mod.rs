//! One invocation: a fresh sandbox, one request, one report.

mod event;
mod http02;
mod http03;
mod long_running;
mod pace;
mod report;
mod tape;

use self::pace::Paced;
use self::tape::Reel;
use super::config::YIELD_INTERVAL;
use super::deadline::{self, Delivery, ResponseEnd};
use super::room::Kind;
use super::{Executor, Metering, Worker};
use crate::host::meter::settle;
use crate::host::websocket::Offer;
use crate::host::{Caller, Chain, Failed, HostCtx, Inputs, Log, LogSink};
use crate::meter::{Operation, Phases, Usage};
use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use wasmtime::Store;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::ProxyPre;

pub use self::event::Event;
pub(super) use self::long_running::LongRunning;
pub use self::report::{Recorded, Report};
pub use self::tape::TapeUse;
pub use super::response::{BodyError, ResponseBody};

/// How long a request may wait for a free sandbox.
const ADMISSION: Duration = Duration::from_secs(5);
/// Fuel granted where work is not counted; never read.
const UNMETERED: u64 = u64::MAX;

/// One request on its way into a sandbox.
pub struct Invocation {
    /// Absolute URI: scheme, authority and path. It may have an `Arc<Offer>` among its extensions, and then ask for a
    /// WebSocket. An event has an empty one.
    pub request: http::Request<WasiBody>,
    /// What happened, if it is no request.
    pub event: Option<Event>,
    /// Names the request in logs.
    pub request_id: Arc<str>,
    /// Where the worker's output goes.
    pub log: LogSink,
    /// Seed of the worker's random numbers; drawn anew when there is none.
    pub seed: Option<[u8; 32]>,
    /// Where it stands among workers that call each other.
    pub chain: Chain,
    /// Fuel granted, if it is less than the worker's limit.
    pub fuel: Option<u64>,
    /// Whether it is recorded, or is to be what a recording says.
    pub tape: TapeUse,
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
    pub failure: oneshot::Receiver<Failed>,
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
    run: Option<Paced>,
    settled: bool,
}

impl Future for AwaitedHead {
    type Output = Option<Head>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Head>> {
        if let Some(run) = &mut self.run
            && Pin::new(run).poll(cx).is_ready()
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
                let kind = match invocation.request.extensions().get::<Arc<Offer>>() {
                    Some(_) => Kind::Socket,
                    None => Kind::Request,
                };
                let admitted = tokio::time::timeout(ADMISSION, executor.places.enter(kind)).await;
                executor.note_use();
                let report = match &admitted {
                    Ok(Ok(_)) => run(&executor, &worker, invocation, head, failed, end).await,
                    Ok(Err(_)) | Err(_) => Report::refused("no sandbox was free in time"),
                };
                on_end(&report);
                // The executor is idle when all is told.
                drop(admitted);
                let _ = report_sender.send(report);
            }
        };
        let run = Paced::new(Box::pin(run), self.long_running.clone());
        Running { head: AwaitedHead { receiver, end, run: Some(run), settled: false }, failure, report }
    }
}

/// How a run left its sandbox.
enum Ended {
    Returned,
    Trapped(wasmtime::Error),
    OutOfTime,
    /// An event was handled.
    Handled,
}

async fn run(
    executor: &Executor,
    worker: &Arc<Worker>,
    mut invocation: Invocation,
    head: oneshot::Sender<Head>,
    failed: oneshot::Sender<Failed>,
    end: Arc<ResponseEnd>,
) -> Report {
    let started = Instant::now();
    let granted = invocation.fuel.map_or(worker.limits().fuel, |fuel| fuel.min(worker.limits().fuel));
    let granted = granted - invocation.tape.withheld().min(granted);
    let sending = Sending {
        head,
        end: end.clone(),
        wants_body: invocation.request.method() != http::Method::HEAD,
        started,
        granted,
    };
    let event = invocation.event.take();
    let is_event = event.is_some();
    let wall = event.as_ref().map_or(worker.limits().wall, |event| event.wall(worker.limits().wall));
    let offer = invocation.request.extensions_mut().remove::<Arc<Offer>>();
    let (mut store, reel, request) = match new_store(executor, worker, invocation, granted) {
        Ok(made) => made,
        Err(error) => return Report::internal(&error),
    };
    store.data_mut().failed = Some(failed);
    let sockets = offer.as_ref().map(|offer| offer.open().clone());
    if let Some(offer) = offer {
        store.data_mut().meter().set_refill(granted);
        store.data_mut().websocket = Some(offer);
    }
    let recording = match worker.profiler().map(|profiler| profiler.begin(&mut store, granted)).transpose() {
        Ok(recording) => recording,
        Err(error) => return Report::internal(&error),
    };
    let mut sandbox = Duration::ZERO;
    let guest = async {
        if let Some(event) = event {
            return event::call(&mut store, worker, event).await;
        }
        match &worker.pre {
            ProxyPre::P2(pre) => {
                let proxy = pre.instantiate_async(&mut store).await?;
                sandbox = started.elapsed();
                // Those with a source map are JavaScript workers.
                http02::call(&mut store, &proxy, request, sending, sandbox, worker.has_source_map()).await
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
        result = guest => match result {
            Ok(()) if is_event => Ended::Handled,
            Ok(()) => Ended::Returned,
            Err(error) => Ended::Trapped(error),
        },
        () = deadline::expired(&end, wall, worker.limits().wait_until, sockets.as_deref()) => Ended::OutOfTime,
    };

    // The body's channel closes with the store: mark it before, so that a part is not taken for the whole.
    let left = store.get_fuel().unwrap_or(UNMETERED);
    let ctx = store.data_mut();
    let granted = granted.saturating_add(ctx.meter().added());
    if ctx.response.body_open {
        end.set_broken();
    }
    ctx.flush_output();
    let fuel = if executor.metering == Metering::Fuel {
        granted.saturating_sub(left.saturating_sub(ctx.meter().take_owed()))
    } else {
        0
    };
    let usage = Usage {
        fuel,
        phases: phases(ctx, fuel, granted),
        charges: *ctx.meter().charges(),
        peak_memory: ctx.memory.held(),
        subrequests: ctx.subrequests.made(),
        sandbox,
        handler: ctx.response.head_at.map_or_else(|| started.elapsed(), |at| at.duration_since(started)),
        wall: started.elapsed(),
    };
    let cut = matches!(ended, Ended::OutOfTime);
    let mut report = Report::of(ended, ctx, usage, &end);
    reel.finish(ctx.tape(), &mut report, granted, cut).await;
    report.profile = recording.map(|recording| recording.end(&mut store, granted.saturating_sub(fuel)));
    report
}

/// Tells the instructions of the handler from those of the work after the response.
fn phases(ctx: &mut HostCtx, fuel: u64, granted: u64) -> Phases {
    let own = fuel.saturating_sub(ctx.meter().charges().fuel());
    let handler = match ctx.response.complete {
        Some(mark) => granted.saturating_sub(mark.left).saturating_sub(mark.host).min(own),
        None => own,
    };
    Phases { handler, wait_until: own - handler }
}

fn new_store(
    executor: &Executor,
    worker: &Arc<Worker>,
    invocation: Invocation,
    granted: u64,
) -> wasmtime::Result<(Store<HostCtx>, Reel, http::Request<WasiBody>)> {
    let log = Log::new(invocation.request_id.clone(), mapped(&invocation.log, worker), worker.limits().log as usize);
    let (reel, tape, request) = Reel::new(invocation.tape, invocation.seed, invocation.request)?;
    let inputs = Inputs {
        seed: reel.seed,
        clock: tape.clock(),
        env: worker.env().clone(),
        bindings: worker.bindings().clone(),
        request_id: invocation.request_id,
        chain: invocation.chain,
        protocol: request.version(),
        caller: request.extensions().get::<Caller>().cloned().unwrap_or_default(),
        tape,
    };
    let mut ctx = HostCtx::new(inputs, worker.limits(), executor.client.clone(), log);
    ctx.withheld = reel.withheld;
    ctx.meter().charge(Operation::Instantiate, 0);
    let owed = ctx.meter().take_owed();
    let mut store = Store::new(worker.engine(), ctx);
    store.limiter(|ctx| &mut ctx.memory);
    if executor.metering == Metering::Fuel {
        store.set_fuel(granted.saturating_sub(owed))?;
        store.fuel_async_yield_interval(Some(YIELD_INTERVAL))?;
        store.call_hook(|mut store, hook| settle(&mut store, hook));
    }
    Ok((store, reel, request))
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

/// Whether a response of this status never has a body.
fn is_bodiless(status: http::StatusCode) -> bool {
    matches!(status, http::StatusCode::NOT_MODIFIED | http::StatusCode::SWITCHING_PROTOCOLS)
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
            _ if !self.wants_body || is_bodiless(response.status()) => Some(0),
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
