//! Runs `tests/web/*.js` on the prelude, with the impure natives played by `mock.js`.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{
    CatchResultExt, Context, Ctx, Error, Function, Module, Object, Promise, Result, Runtime, TypedArray, Value,
};

// Not through the library: with an rlib beside the cdylib, cargo would not optimise across crates.
#[path = "../src/web/mod.rs"]
mod web;

const MOCK: &str = include_str!("mock.js");
const HARNESS: &str = include_str!("harness.js");

fn evaluate<'js>(ctx: &Ctx<'js>, name: &str, source: &str) -> Result<Module<'js, rquickjs::module::Evaluated>> {
    let (module, evaluated) = Module::declare(ctx.clone(), name, source)?.eval()?;
    evaluated.finish::<()>()?;
    Ok(module)
}

/// What the host does for each module that a worker imports.
fn provide_wasm<'js>(ctx: Ctx<'js>, name: String, bytes: TypedArray<'js, u8>) -> Result<()> {
    // SAFETY: no JavaScript runs meanwhile.
    let bytes = unsafe { bytes.as_bytes() }.unwrap_or(&[]).to_vec();
    web::wasm::modules::provide(&ctx, name, &bytes)
}

/// The value of a settled promise, or its reason, thrown.
fn result_of<'js>(promise: Promise<'js>) -> Result<Value<'js>> {
    promise.result().unwrap_or(Err(rquickjs::Error::Unknown))
}

/// Evaluates one test file and runs its tests; gives the failures.
fn run_file(ctx: &Ctx<'_>, name: &str, source: &str) -> Result<Vec<String>> {
    let mock: Object = evaluate(ctx, "mock.js", MOCK)?.get("default")?;
    let run_job = |ctx: Ctx<'_>| ctx.execute_pending_job();
    mock.set("runJob", Function::new(ctx.clone(), run_job)?)?;
    mock.set("resultOf", Function::new(ctx.clone(), result_of)?)?;
    let harness: Function = evaluate(ctx, "harness.js", HARNESS)?.get("default")?;
    let hooks = web::boot(ctx, &mock.get("native")?)?;
    mock.set("allowWasmCompilation", Function::new(ctx.clone(), |ctx: Ctx<'_>| web::wasm::allow_compilation(&ctx))?)?;
    mock.set("provideWasm", Function::new(ctx.clone(), provide_wasm)?)?;
    let harness: Object = harness.call((mock, hooks))?;
    evaluate(ctx, name, source)?;

    harness.get::<_, Function>("run")?.call::<_, ()>(())?;
    let results: Object = harness.get("results")?;
    let tick: Function = harness.get("tick")?;
    loop {
        while web::jobs::begin(ctx).map(|()| ctx.execute_pending_job())? {}
        if results.get::<_, i32>("left")? == 0 {
            break;
        }
        if !tick.call::<_, bool>(())? {
            let current: String = results.get("current")?;
            let pending: String = harness.get::<_, Function>("pending")?.call(())?;
            return Ok(vec![format!("{current}: hangs, waiting for:\n{pending}")]);
        }
    }
    results.get("failures")
}

/// The modules of Node.js, which a bundler would put into the worker.
struct NodeModules;

const FLAGS: &str = "glowplug:flags";

impl Resolver for NodeModules {
    fn resolve<'js>(
        &mut self,
        _ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/dist/node");
        match name.strip_prefix("node:") {
            Some(name) => Ok(format!("{folder}/{name}.js")),
            None if name == FLAGS => Ok(name.to_owned()),
            None if base.starts_with(folder) && name.starts_with('.') => {
                let path = Path::new(base).parent().map(|parent| parent.join(name));
                let path = path.and_then(|path| path.canonicalize().ok());
                path.map(|path| path.to_string_lossy().into_owned()).ok_or(Error::new_resolving(base, name))
            }
            None => Err(Error::new_resolving(base, name)),
        }
    }
}

impl Loader for NodeModules {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        let text = match name {
            FLAGS => "export const populateEnv = true;".to_owned(),
            path => std::fs::read_to_string(path).map_err(|_| Error::new_loading(name))?,
        };
        Module::declare(ctx.clone(), name, text)
    }
}

fn check(name: &str, source: &str) {
    let runtime = Runtime::new().expect("a runtime");
    let (resolver, loader) = web::modules::loader();
    runtime.set_loader((NodeModules, resolver), (NodeModules, loader));
    // rejections nobody handles: the prelude must leave none behind, since each is logged to the user
    let unhandled = Rc::new(Cell::new(0));
    let count = Rc::clone(&unhandled);
    runtime.set_host_promise_rejection_tracker(Some(Box::new(move |_, _, _, is_handled| {
        count.set(count.get() + if is_handled { -1 } else { 1 });
    })));
    let context = Context::full(&runtime).expect("a context");
    let failures = context.with(|ctx| run_file(&ctx, name, source).catch(&ctx).map_err(|error| error.to_string()));
    match failures {
        Ok(failures) => assert!(failures.is_empty(), "{name}:\n{}", failures.join("\n")),
        Err(error) => panic!("{name} failed to run: {error}"),
    }
    assert_eq!(unhandled.get(), 0, "{name} left rejected promises without a handler");
}

macro_rules! test_files {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                check(concat!(stringify!($name), ".js"), include_str!(concat!("web/", stringify!($name), ".js")));
            }
        )*
    };
}

test_files! {
    bindings
    blob_form
    body
    body_coding
    cache
    compression
    console
    crypto
    crypto_keys
    crypto_secret
    encoding
    event_handlers
    event_source
    events
    fetch
    file_api
    global_scope
    handler
    headers
    html_rewriter
    html_rewriter_workerd
    identity_streams
    intl
    intl_dates
    kv
    messages
    node_async
    node_buffer
    node_crypto
    node_crypto_keys
    node_crypto_signatures
    node_events
    node_misc
    node_stream
    node_util
    performance
    request
    response
    service
    streams
    structured_clone
    timers
    url
    url_pattern
    webassembly
    websocket
}
