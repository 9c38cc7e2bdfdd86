//! What a guest can call, and the state of one request behind it.
//!
//! WASI comes from wasmtime's crates; here is what glowplug changes of it (a frozen clock, seeded random, guarded egress,
//! captured output) and the `glowplug:*` interfaces. Nothing is inherited from the process: no files, no sockets, no
//! environment but the worker's own.

pub mod binding;
pub mod bindings;
mod caller;
mod clock;
mod clock03;
pub mod egress;
mod fetch_cache;
mod generators;
pub mod http;
mod invocation;
mod io;
pub mod keyvalue;
pub mod log;
mod memory;
pub mod meter;
pub mod profile;
mod random;
mod response;
mod roles;
pub mod tape;
mod timers;
mod trace;
pub mod websocket;

pub use self::binding::{Bindings, CACHES, Chain, Dispatch, Target, VersionMetadata};
pub use self::bindings::invocation::{Failure, FailureKind};
pub use self::caller::{CDN_ID, Caller};
pub use self::clock::FrozenClock;
pub use self::http::{OriginClient, Subrequests};
pub use self::log::{Log, LogLine, LogSink};
pub use self::memory::MemoryLimiter;
pub use self::response::{Mark, ResponseProgress};

use self::binding::Reach;
use self::bindings::log::Level;
use self::meter::Meter;
use self::roles::Roles;
use self::tape::Tape;
use crate::limits::Limits;
use crate::meter::Operation;
use std::sync::Arc;
use tokio::sync::oneshot;
use wasmtime::component::{Linker, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};
use wasmtime_wasi_io::bindings::wasi::io as wasi_io;

/// Host objects (requests, streams, timers, …) that one sandbox may hold at a time.
const MAX_RESOURCES: usize = 20_000;
/// Random bytes one call may ask for.
const MAX_RANDOM_BYTES: u64 = 1 << 20;
/// In-memory size of one set of headers; twice the wire limit, for the host's own structures.
const MAX_HEADER_BYTES: usize = 256 * 1024;

/// The inputs of an invocation besides its request: the same seed and clock give the same run.
pub struct Inputs {
    /// Seed of every random number the worker draws.
    pub seed: [u8; 32],
    /// What the worker's clocks show.
    pub clock: FrozenClock,
    /// Environment variables, for components; a JavaScript worker has them in its snapshot.
    pub env: Arc<[(String, String)]>,
    /// What the worker can reach.
    pub bindings: Arc<Bindings>,
    /// Names the request that came from outside.
    pub request_id: Arc<str>,
    /// Where it stands among workers that call each other.
    pub chain: Chain,
    /// What the client speaks.
    pub protocol: ::http::Version,
    /// What is known of the client besides.
    pub caller: Caller,
    /// Whether it is recorded, or plays a recording; its clock is the one above.
    pub tape: Tape,
}

/// A failure that is told while other work of the run may go on.
#[derive(Debug)]
pub struct Failed {
    pub failure: Failure,
    /// The worker wants the origin to answer in its place.
    pub pass_through: bool,
}

/// All state of one request: the `T` of wasmtime's `Store<T>`.
pub struct HostCtx {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    clock: FrozenClock,
    log: Log,
    output: [log::LineStream; 2],
    roles: Roles,
    asked: Vec<u32>,
    /// Outgoing HTTP of this invocation.
    pub subrequests: Subrequests,
    /// Memory of this sandbox.
    pub memory: MemoryLimiter,
    /// What the guest reported instead of, or after, its response.
    pub failure: Option<Failure>,
    /// Told of a failure that comes in place of a response, since other work may go on after it.
    pub failed: Option<oneshot::Sender<Failed>>,
    /// `ctx.passThroughOnException()` was called.
    pub pass_through: bool,
    /// How far the response has come.
    pub response: ResponseProgress,
    /// Set where the engine has hooks.
    pub profile: Option<Box<profile::Recorder>>,
    /// The WebSocket that the request asks for, if it does.
    pub websocket: websocket::Offered,
    /// Fuel that the guest is told it has besides what it has: a recorded run that was cut off had more than it used.
    pub withheld: u64,
}

impl HostCtx {
    /// State for one request under `limits`.
    pub fn new(inputs: Inputs, limits: &Limits, client: OriginClient, log: Log) -> Self {
        let output = [Level::Info, Level::Error].map(|level| log::LineStream::new(log.clone(), level));
        let mut wasi = WasiCtx::builder();
        wasi.stdout(output[0].clone())
            .stderr(output[1].clone())
            .envs(&inputs.env)
            .wall_clock(inputs.clock.clone())
            .monotonic_clock(inputs.clock.clone())
            .max_random_size(MAX_RANDOM_BYTES);
        wasi.secure_random(generators::stream(inputs.seed, generators::SECURE))
            .insecure_random(generators::stream(inputs.seed, generators::INSECURE))
            .insecure_random_seed(generators::hash_seed(inputs.seed));
        let mut table = ResourceTable::new();
        table.set_max_capacity(MAX_RESOURCES);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(MAX_HEADER_BYTES);
        let reach =
            Reach::new(inputs.bindings, inputs.seed, inputs.request_id, inputs.chain, (inputs.protocol, inputs.caller));
        Self {
            table,
            wasi: wasi.build(),
            http,
            clock: inputs.clock.clone(),
            log,
            output,
            roles: Roles::default(),
            asked: Vec::new(),
            subrequests: Subrequests::new(client, reach, limits.subrequests, inputs.tape),
            memory: MemoryLimiter::new(limits.memory as usize),
            failure: None,
            failed: None,
            pass_through: false,
            response: ResponseProgress::default(),
            profile: None,
            websocket: None,
            withheld: 0,
        }
    }

    fn keyvalue(&mut self) -> keyvalue::Keyvalue<'_> {
        let Subrequests { reach, count, meter, tape, .. } = &mut self.subrequests;
        meter.called();
        let bindings = reach.bindings();
        keyvalue::Keyvalue { table: &mut self.table, clock: &self.clock, bindings, count, meter, tape }
    }

    fn io(&mut self) -> io::Io<'_> {
        let Self { table, clock, roles, asked, subrequests: Subrequests { meter, tape, .. }, .. } = self;
        meter.called();
        io::Io { table, clock, meter, roles, tape, asked }
    }

    /// The state, for an import that has no narrower view of it.
    fn run(&mut self) -> &mut Self {
        self.subrequests.meter.called();
        self
    }

    /// Notes that the host did `operation` on `bytes` bytes.
    fn charge(&mut self, operation: Operation, bytes: u64) {
        self.subrequests.meter.charge(operation, bytes);
    }

    /// Counts the host's work.
    pub fn meter(&mut self) -> &mut Meter {
        &mut self.subrequests.meter
    }

    /// Records the run, or plays another to it.
    pub fn tape(&mut self) -> &mut Tape {
        &mut self.subrequests.tape
    }

    /// Passes on output that has no line end yet; called when the run is over.
    pub fn flush_output(&self) {
        self.output.iter().for_each(log::LineStream::finish);
    }
}

impl WasiView for HostCtx {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.subrequests.meter.called();
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for HostCtx {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.subrequests.meter.called();
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.subrequests }
    }
}

/// Makes everything a guest can call known to the linker.
pub fn add_to_linker(linker: &mut Linker<HostCtx>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    wasi_io::error::add_to_linker::<_, io::HasIo>(linker, HostCtx::io)?;
    wasi_io::poll::add_to_linker::<_, io::HasIo>(linker, HostCtx::io)?;
    wasi_io::streams::add_to_linker::<_, io::HasIo>(linker, HostCtx::io)?;
    response::add_to_linker(linker)?;
    roles::add_to_linker(linker)?;
    random::add_to_linker(linker)?;
    timers::add_to_linker(linker)?;
    bindings::log::add_to_linker::<_, invocation::HasRun>(linker, HostCtx::run)?;
    bindings::invocation::add_to_linker::<_, invocation::HasRun>(linker, HostCtx::run)?;
    bindings::bindings::add_to_linker::<_, invocation::HasRun>(linker, HostCtx::run)?;
    bindings::websocket::add_to_linker::<_, invocation::HasRun>(linker, HostCtx::run)?;
    keyvalue::add_to_linker(linker, HostCtx::keyvalue)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// Makes WASI 0.3 known to the linker as well. wasmtime calls it experimental.
pub fn add_wasi_03_to_linker(linker: &mut Linker<HostCtx>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    wasmtime_wasi::p3::add_to_linker(linker)?;
    wasmtime_wasi_http::p3::add_to_linker(linker)?;
    clock03::add_to_linker(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}
