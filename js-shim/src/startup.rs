//! Start-up: raw exports that the host calls once per worker version, before it takes the snapshot.
//!
//! There is no WASI then. The host calls `glowplug_alloc`, writes the input there, calls `glowplug_start`, reads the
//! result, and keeps memory and stack pointer as the snapshot.

mod report;

use std::cell::Cell;

use data_url::forgiving_base64;
use rquickjs::promise::PromiseState;
use rquickjs::{Ctx, Exception, Function, Module, Object, Result, Value};

use crate::heap;
use crate::runtime::engine;
use crate::runtime::rejections;
use crate::web::wasm;
use report::Report;

/// A compatibility flag for tests: WebAssembly may be compiled at run time, which Workers refuse.
const ALLOW_WASM_COMPILATION: &str = "unsafe_wasm_compile";

/// Custom section that lets glowplug put the imported functions into a table (its `engine::javascript::imports`).
#[used]
#[unsafe(link_section = "glowplug:imports-table")]
static IMPORTS_TABLE: [u8; 1] = [1];

thread_local! {
    /// Address and length of the result's JSON text, which the host reads.
    static RESULT: Cell<[usize; 2]> = const { Cell::new([0, 0]) };
}

/// Memory for the host to write the input to.
#[unsafe(no_mangle)]
pub extern "C" fn glowplug_alloc(length: usize) -> *mut u8 {
    let memory: Box<[u8]> = vec![0; length].into_boxed_slice();
    Box::into_raw(memory).cast()
}

/// Evaluates a worker. `input` is what `glowplug_alloc` gave, filled with JSON in UTF-8: `name`, `source`, `env`,
/// and if there are any `bindings`, `secrets`, `wasm` and `compatibility_flags`.
///
/// # Safety
///
/// `input` and `length` must be those of one call of `glowplug_alloc`, not used before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn glowplug_start(input: *mut u8, length: usize) -> *const usize {
    // SAFETY: as the function demands; the box is the one that `glowplug_alloc` made.
    let input = unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(input, length)) };
    let report = match engine::with(|ctx| start(&ctx, input.into_vec())) {
        Ok(report) => report,
        Err(error) => Report::internal(&error),
    };
    let ready = report.is_ok();
    if ready {
        engine::settle_heap();
    }
    let text = Box::leak(report.to_json().into_boxed_str());
    RESULT.set([text.as_ptr() as usize, text.len()]);
    // Only a snapshot needs it, and a worker that was stopped has no fuel left for it.
    if ready {
        heap::seal();
        clear_dead_stack();
    }
    RESULT.with(|result| result.as_ptr().cast())
}

fn start(ctx: &Ctx<'_>, input: Vec<u8>) -> Report {
    // What was thrown is pending in the context: it is read before anything else runs.
    let worker = match evaluate(ctx, input) {
        Ok(worker) => worker,
        Err(error) => return failed(ctx, error),
    };
    engine::run_jobs(ctx);
    match worker.settle() {
        Ok(Settled::Ready(namespace)) => {
            engine::drain(ctx);
            Report::of(ctx, register(ctx, namespace))
        }
        Ok(Settled::Pending) => Report::hang(),
        Err(error) => failed(ctx, error),
    }
}

/// The report of an error. The module's promise is among the unhandled ones, and need not be told twice.
fn failed(ctx: &Ctx<'_>, error: rquickjs::Error) -> Report {
    let report = Report::of(ctx, Err(error));
    rejections::clear();
    report
}

fn register<'js>(ctx: &Ctx<'js>, namespace: Object<'js>) -> Result<Vec<String>> {
    let handlers = engine::hook(ctx, |hooks| &hooks.register)?.call((namespace,))?;
    engine::drain(ctx);
    Ok(handlers)
}

/// A worker's module whose top-level code has run to its first await.
struct Worker<'js> {
    namespace: Object<'js>,
    evaluated: rquickjs::Promise<'js>,
}

enum Settled<'js> {
    Ready(Object<'js>),
    /// Top-level code awaits what never comes.
    Pending,
}

fn evaluate<'js>(ctx: &Ctx<'js>, input: Vec<u8>) -> Result<Worker<'js>> {
    engine::boot(ctx)?;
    let input: Object<'js> = ctx.json_parse(input)?.get()?;
    let name: String = input.get("name")?;
    let source: String = input.get("source")?;
    let env: Value<'js> = input.get("env")?;
    let bindings: Value<'js> = input.get("bindings")?;
    let secrets: Value<'js> = input.get("secrets")?;
    let set_env: Function<'js> = engine::hook(ctx, |hooks| &hooks.set_env)?;
    set_env.call::<_, ()>((env, bindings, secrets))?;
    provide_wasm(ctx, &input)?;
    let (module, evaluated) = Module::declare(ctx.clone(), name, source)?.eval()?;
    Ok(Worker { namespace: module.namespace()?, evaluated })
}

/// The modules that the source imports, and leave to compile others where the worker has it.
fn provide_wasm<'js>(ctx: &Ctx<'js>, input: &Object<'js>) -> Result<()> {
    let flags: Option<Vec<String>> = input.get("compatibility_flags")?;
    if flags.is_some_and(|flags| flags.iter().any(|flag| flag == ALLOW_WASM_COMPILATION)) {
        wasm::allow_compilation(ctx)?;
    }
    let modules: Option<Vec<Object<'js>>> = input.get("wasm")?;
    for module in modules.unwrap_or_default() {
        let base64: String = module.get("base64")?;
        let Ok(bytes) = forgiving_base64::decode_to_vec(base64.as_bytes()) else {
            return Err(Exception::throw_internal(ctx, "a WebAssembly module is not in Base64"));
        };
        wasm::modules::provide(ctx, module.get("name")?, &bytes)?;
    }
    Ok(())
}

impl<'js> Worker<'js> {
    fn settle(self) -> Result<Settled<'js>> {
        match self.evaluated.state() {
            PromiseState::Pending => Ok(Settled::Pending),
            PromiseState::Resolved => Ok(Settled::Ready(self.namespace)),
            PromiseState::Rejected => match self.evaluated.result::<()>() {
                Some(Err(error)) => Err(error),
                _ => Ok(Settled::Ready(self.namespace)),
            },
        }
    }
}

/// Zeroes what start-up left on the shadow stack below the current frame: all-zero pages are not in the snapshot.
///
/// It goes down until nothing was written for a long stretch: filling the whole stack would cost the worker fuel.
#[inline(never)]
fn clear_dead_stack() {
    const PAGE: usize = 4096;
    const UNTOUCHED_PAGES: usize = 64;
    let marker = 0u8;
    // The page of the current frame stays as it is.
    let mut page = &raw const marker as usize / PAGE * PAGE;
    let mut untouched = 0;
    while page > PAGE && untouched < UNTOUCHED_PAGES {
        page -= PAGE;
        // SAFETY: the stack grows down to the lowest addresses (linked stack-first), so nothing that lives is below
        // the current frame. The lowest page, with the null pointer in it, is left out.
        let words = unsafe { std::slice::from_raw_parts_mut(page as *mut u64, PAGE / size_of::<u64>()) };
        if words.iter().all(|&word| word == 0) {
            untouched += 1;
        } else {
            words.fill(0);
            untouched = 0;
        }
    }
}
