//! QuickJS as the snapshot holds it: one runtime, one context, the prelude's hooks; and the ways into it.

use std::cell::{Cell, OnceCell};
use std::mem::MaybeUninit;

use rquickjs::{Context, Ctx, Error, Exception, Function, Object, Persistent, Result, Runtime, Value, qjs};

use crate::heap::{self, ForQuickJs};
use crate::web;

use super::incoming;
use super::{failure, host, interrupt, native, rejections};

/// How deep JavaScript may nest, in bytes of the shadow stack; the linker gives that stack more (`build.rs`).
///
/// The host's own stack fills as well, up to 2.3 times as fast: measured with recursion through every built-in that
/// calls back. This is what fits into 8 MiB of it.
#[cfg(not(feature = "portable"))]
const MAX_STACK_BYTES: usize = 3 << 20;

/// What fits into the 512 KiB that wasmtime gives unless told otherwise.
#[cfg(feature = "portable")]
const MAX_STACK_BYTES: usize = 200 << 10;

/// Built-in objects whose functions are made now: QuickJS would make each on its first use, and so in every request.
const WARM_UP: &str = "
    for (const name of [
        'Array', 'ArrayBuffer', 'Date', 'Error', 'Function', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise',
        'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'TypeError', 'Uint8Array', 'WeakMap',
    ]) {
        for (let object = globalThis[name]; object; object = object.prototype) {
            Object.getOwnPropertyDescriptors(object);
        }
    }
    for (const iterator of [[].values(), new Map().values(), new Set().values(), (function* () {})()]) {
        for (let object = iterator; object; object = Object.getPrototypeOf(object)) {
            Object.getOwnPropertyDescriptors(object);
        }
    }
    Object.getOwnPropertyDescriptors(Object.getPrototypeOf(Uint8Array.prototype));
    Object.getOwnPropertyDescriptors(globalThis);
";

/// What a request may allocate before the first collection of cycles; most end before that.
const REQUEST_GC_HEADROOM: usize = 16 << 20;

/// Whether the instance is being prepared for the snapshot or serves a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    StartUp,
    Request,
}

/// Functions the prelude gives to Rust.
pub struct Hooks {
    pub set_env: Persistent<Function<'static>>,
    pub set_secrets: Persistent<Function<'static>>,
    pub register: Persistent<Function<'static>>,
    pub fetch: Persistent<Function<'static>>,
    #[cfg(not(feature = "portable"))]
    pub event: Persistent<Function<'static>>,
    pub pending: Persistent<Function<'static>>,
    pub unhandled_rejection: Persistent<Function<'static>>,
    pub rejection_handled: Persistent<Function<'static>>,
    pub describe: Persistent<Function<'static>>,
    /// The argument of `fetch`, made once: its getters ask for the request at hand.
    pub incoming: Persistent<Object<'static>>,
}

/// The engine with its prelude evaluated.
pub struct Engine {
    // Before the runtime, which it keeps alive.
    context: Context,
    runtime: Runtime,
    hooks: OnceCell<Hooks>,
}

thread_local! {
    static PHASE: Cell<Phase> = const { Cell::new(Phase::StartUp) };
    static ENGINE: OnceCell<Engine> = const { OnceCell::new() };
}

/// Where in its life this instance is.
pub fn phase() -> Phase {
    PHASE.get()
}

/// Start-up is over: a request is being served.
pub fn begin_request() {
    PHASE.set(Phase::Request);
}

/// Throws the error that explains why `what` cannot be used at the top level of a worker.
pub fn disallow_at_start_up(ctx: &Ctx<'_>, what: &str) -> Result<()> {
    match phase() {
        Phase::Request => Ok(()),
        Phase::StartUp => Err(Exception::throw_message(
            ctx,
            &format!(
                "{}: {what}. I/O, timers, random values and secrets are only there while a request is \
                 handled: move this into the fetch() handler.",
                failure::DISALLOWED
            ),
        )),
    }
}

/// Runs `f` in the engine, made on first use.
pub fn with<R>(f: impl for<'js> FnOnce(Ctx<'js>) -> R) -> Result<R> {
    ENGINE.with(|cell| {
        if cell.get().is_none() {
            // A failure leaves nothing behind but memory, and is told to the host.
            let engine = Engine::new()?;
            cell.get_or_init(|| engine);
        }
        let engine = cell.get().ok_or(Error::Unknown)?;
        Ok(engine.context.with(f))
    })
}

/// One of the prelude's functions.
pub fn hook<'js, T>(ctx: &Ctx<'js>, select: impl FnOnce(&Hooks) -> &Persistent<T>) -> Result<T::Changed<'js>>
where
    T: rquickjs::JsLifetime<'static> + Clone,
{
    ENGINE.with(|cell| {
        let hooks = cell.get().and_then(|engine| engine.hooks.get());
        select(hooks.ok_or(Error::Unknown)?).clone().restore(ctx)
    })
}

/// Before the snapshot: collects garbage, so that requests start from a small heap and rarely collect.
pub fn settle_heap() {
    ENGINE.with(|cell| {
        if let Some(engine) = cell.get() {
            engine.runtime.run_gc();
            let used = engine.runtime.memory_usage().malloc_size;
            let used = usize::try_from(used).unwrap_or(0);
            engine.runtime.set_gc_threshold(used + REQUEST_GC_HEADROOM);
        }
    });
}

/// Runs code that may call JavaScript, and reports what it throws to nobody's hands.
pub fn enter<'js>(ctx: &Ctx<'js>, f: impl FnOnce() -> Result<()>) {
    if let Err(error) = f() {
        let value = thrown(ctx, error);
        failure::uncaught(ctx, value);
    }
}

/// The JavaScript value that stands for `error`.
pub fn thrown<'js>(ctx: &Ctx<'js>, error: Error) -> Value<'js> {
    match error {
        Error::Exception => ctx.catch(),
        error => {
            // Throws what it says as a JavaScript error, which is then caught.
            let _ = Exception::throw_message(ctx, &error.to_string());
            ctx.catch()
        }
    }
}

/// Runs promise jobs until none is left, or JavaScript was stopped.
pub fn run_jobs(ctx: &Ctx<'_>) {
    run_jobs_while(ctx, || true);
}

/// As `run_jobs`, but no further when `wanted` is false.
pub fn run_jobs_while(ctx: &Ctx<'_>, wanted: impl Fn() -> bool) {
    // SAFETY: `ctx` keeps its runtime alive.
    let runtime = unsafe { qjs::JS_GetRuntime(ctx.as_raw().as_ptr()) };
    while !interrupt::stopped() && wanted() {
        enter(ctx, || web::jobs::begin(ctx));
        let mut job_context = MaybeUninit::uninit();
        // SAFETY: the runtime is alive and locked by `Context::with`; the out-pointer is only written.
        match unsafe { qjs::JS_ExecutePendingJob(runtime, job_context.as_mut_ptr()) } {
            0 => return,
            1.. => {}
            _ => {
                let value = ctx.catch();
                failure::uncaught(ctx, value);
            }
        }
    }
}

/// Runs promise jobs, and tells the prelude of rejections nobody handled, until both have run dry.
pub fn drain(ctx: &Ctx<'_>) {
    loop {
        run_jobs(ctx);
        if interrupt::stopped() || !rejections::report(ctx) {
            return;
        }
    }
}

impl Engine {
    fn new() -> Result<Engine> {
        // A bug of ours traps; say where.
        std::panic::set_hook(Box::new(|panic| host::log(4, &format!("engine bug: {panic}"))));
        let runtime = Runtime::new_with_alloc(ForQuickJs)?;
        runtime.set_max_stack_size(MAX_STACK_BYTES);
        runtime.set_interrupt_handler(Some(Box::new(interrupt::handler)));
        runtime.set_host_promise_rejection_tracker(Some(Box::new(rejections::track)));
        let (resolver, loader) = web::modules::loader();
        runtime.set_loader(resolver, loader);
        let context = Context::full(&runtime)?;
        Ok(Engine { runtime, context, hooks: OnceCell::new() })
    }
}

/// Evaluates the prelude, once.
pub fn boot(ctx: &Ctx<'_>) -> Result<()> {
    ENGINE.with(|cell| {
        let engine = cell.get().ok_or(Error::Unknown)?;
        if engine.hooks.get().is_none() {
            interrupt::calibrate(ctx)?;
            ctx.eval::<(), _>(WARM_UP)?;
            let hooks = Hooks::new(ctx)?;
            engine.hooks.get_or_init(|| hooks);
            heap::prelude_is_over();
        }
        Ok(())
    })
}

impl Hooks {
    fn new<'js>(ctx: &Ctx<'js>) -> Result<Hooks> {
        let native = native::object(ctx)?;
        let hooks: Object<'js> = web::boot(ctx, &native)?;
        let function = |name: &str| -> Result<Persistent<Function<'static>>> {
            let function: Function<'js> = hooks.get(name)?;
            Ok(Persistent::save(ctx, function))
        };
        Ok(Hooks {
            set_env: function("setEnv")?,
            set_secrets: function("setSecrets")?,
            register: function("register")?,
            fetch: function("fetch")?,
            #[cfg(not(feature = "portable"))]
            event: function("event")?,
            pending: function("pending")?,
            unhandled_rejection: function("unhandledRejection")?,
            rejection_handled: function("rejectionHandled")?,
            describe: function("describe")?,
            incoming: Persistent::save(ctx, incoming::object(ctx)?),
        })
    }
}
