//! Runs workers that wrap Web Platform Tests on the host's own QuickJS: the quick loop of whoever writes a web API.
//!
//! `cargo run --release --example wpt -- [--failures] FILE…`: each file is a worker as `cargo xtask wpt --emit` writes
//! them. What counts is `cargo xtask wpt`, which serves the same workers with glowplug.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use rquickjs::{CatchResultExt, Context, Ctx, Function, Module, Object, Result, Runtime, Value};

#[path = "../src/web/mod.rs"]
mod web;

const MOCK: &str = include_str!("../tests/mock.js");

/// Calls the worker and gives what it answered as text.
const DRIVER: &str = "export default (mock, hooks) => ({
    state: { done: false },
    run(namespace) {
        hooks.register(namespace);
        hooks.fetch(mock.incoming({}));
    },
    failure: () => mock.failures.map(({ name, message, stack }) => `${name}: ${message}\\n${stack}`).join('\\n'),
    text() {
        const { response } = mock;
        if (response === null) return null;
        return typeof response.body === 'string' ? response.body : mock.native.utf8Decode(response.body, false, false);
    },
});";

fn evaluate<'js>(ctx: &Ctx<'js>, name: &str, source: &str) -> Result<Module<'js, rquickjs::module::Evaluated>> {
    let (module, evaluated) = Module::declare(ctx.clone(), name, source)?.eval()?;
    evaluated.finish::<()>()?;
    Ok(module)
}

/// The worker's answer, or why there is none.
fn answer(ctx: &Ctx<'_>, source: &str, deadline: Instant) -> Result<std::result::Result<String, String>> {
    let mock: Object = evaluate(ctx, "mock.js", MOCK)?.get("default")?;
    let driver: Function = evaluate(ctx, "driver.js", DRIVER)?.get("default")?;
    let hooks = web::boot(ctx, &mock.get("native")?)?;
    web::wasm::allow_compilation(ctx)?;
    let driver: Object = driver.call((mock.clone(), hooks))?;
    let worker = evaluate(ctx, "worker.js", source)?;
    driver.get::<_, Function>("run")?.call::<_, ()>((worker.namespace()?,))?;
    let tick: Function = mock.get("tick")?;
    loop {
        while ctx.execute_pending_job() {}
        let text: Option<String> = driver.get::<_, Function>("text")?.call(())?;
        if let Some(text) = text {
            return Ok(Ok(text));
        }
        let failure: String = driver.get::<_, Function>("failure")?.call(())?;
        if !failure.is_empty() {
            return Ok(Err(failure));
        }
        if !tick.call::<_, bool>(())? {
            return Ok(Err("hangs".to_owned()));
        }
        if Instant::now() > deadline {
            return Ok(Err("takes too long".to_owned()));
        }
    }
}

fn run(source: &str, limit: Duration) -> std::result::Result<String, String> {
    let deadline = Instant::now() + limit;
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    runtime.set_interrupt_handler(Some(Box::new(move || Instant::now() > deadline)));
    let (resolver, loader) = web::modules::loader();
    runtime.set_loader(resolver, loader);
    let context = Context::full(&runtime).map_err(|error| error.to_string())?;
    context.with(|ctx| answer(&ctx, source, deadline).catch(&ctx).map_err(|error| error.to_string())?)
}

/// One subtest: its name, its status (0 is a pass) and its message.
fn report(ctx: &Ctx<'_>, text: &str, show_failures: bool) -> Result<(usize, usize)> {
    let results: Object = ctx.json_parse(text)?.into_object().unwrap_or(Object::new(ctx.clone())?);
    let tests: Vec<Vec<Value>> = results.get("tests")?;
    let status: i32 = results.get("status")?;
    if show_failures && status != 0 {
        let message: Option<String> = results.get("message")?;
        println!("    harness status {status}: {}", message.unwrap_or_default());
    }
    let mut passed = 0;
    for test in &tests {
        let text =
            |index: usize| test.get(index).and_then(|value| value.as_string()?.to_string().ok()).unwrap_or_default();
        match test.get(1).and_then(Value::as_number) {
            Some(0.0) => passed += 1,
            status if show_failures => println!("    {status:?} {}: {}", text(0), text(2)),
            _ => {}
        }
    }
    Ok((passed, tests.len()))
}

fn main() -> ExitCode {
    let mut files: Vec<String> = std::env::args().skip(1).collect();
    let show_failures = files.iter().any(|file| file == "--failures");
    files.retain(|file| file != "--failures");
    let (mut passed, mut total) = (0, 0);
    for file in &files {
        let source = match std::fs::read_to_string(file) {
            Ok(source) => source,
            Err(error) => {
                eprintln!("error: failed to read `{file}`: {error}");
                return ExitCode::FAILURE;
            }
        };
        let name = file.rsplit('/').next().unwrap_or(file);
        match run(&source, Duration::from_secs(120)) {
            Err(reason) => println!("{name}: no result: {reason}"),
            Ok(text) => {
                let runtime = Runtime::new().expect("a runtime");
                let context = Context::full(&runtime).expect("a context");
                match context.with(|ctx| report(&ctx, &text, show_failures)) {
                    Ok((ok, all)) => {
                        println!("{name}: {ok}/{all}");
                        passed += ok;
                        total += all;
                    }
                    Err(error) => println!("{name}: no result: {error}"),
                }
            }
        }
    }
    println!("{passed}/{total} subtests pass");
    ExitCode::SUCCESS
}
