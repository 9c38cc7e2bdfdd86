//! What a request costs without HTTP: fresh sandbox, handler, reset; with fuel on and off.
//!
//! `cargo bench --bench sandbox` prints a table in Markdown. All rows come from one run, interleaved, so that they can be
//! compared even on a busy machine. With `GLOWPLUG_BENCH_ENGINE=FILE` there are rows for another JavaScript engine too, such as
//! the `js-shim/dist/engine.wasm` of an earlier commit.
//!
//! "pages" are those of the worker's memory, of 4 KiB, that requests write to: the kernel has copied as many of the snapshot's.

use glowplug::build::append_section;
use glowplug::build::start_up::{Script, start_up};
use glowplug::digest::Digest;
use glowplug::engine::code_cache::CodeCache;
use glowplug::engine::invoke::Invocation;
use glowplug::engine::javascript::{Flavour, JsEngine};
use glowplug::engine::{Executor, ExecutorOptions, JsOrigin, Metering, ORIGIN_SECTION, Room, Setup, Wasi, Worker};
use glowplug::host::egress::EgressPolicy;
use glowplug::host::http::body;
use glowplug::limits::Limits;
use http_body_util::{BodyExt, Empty};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[path = "../tests/it/copied_pages.rs"]
mod copied_pages;
use copied_pages::copied_pages;

const HELLO_JS: &str = "export default { async fetch(request, env, ctx) { return new Response('Hello World!'); } };";
const FIB_JS: &str = "const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));\n\
                      export default { fetch: () => new Response(String(fib(22))) };";
const ROUNDS: usize = 20;
const PER_ROUND: usize = 500;

/// One row of the table.
struct Case {
    name: &'static str,
    metering: Metering,
    executor: Arc<Executor>,
    worker: Arc<Worker>,
    samples: Samples,
}

#[derive(Default)]
struct Samples {
    sandbox: Vec<Duration>,
    handler: Vec<Duration>,
    total: Vec<Duration>,
    fuel: u64,
    /// Of the machine's memory; none where the kernel does not tell.
    pages: Option<u64>,
}

/// What is added to the names of rows for the engine that `GLOWPLUG_BENCH_ENGINE` names.
const OTHER_ENGINE: &str = "JS hello (other engine)";

fn main() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let cache = CodeCache::in_dir(dir.path())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let rust = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests/dist/hello-rust.wasm"))?;
    let mut cases = Vec::new();
    for metering in [Metering::Fuel, Metering::Off] {
        let options = ExecutorOptions {
            cache: cache.clone(),
            egress: EgressPolicy::PublicOnly,
            metering,
            wasi: Wasi::Stable,
            room: Room::Server,
        };
        let _context = runtime.enter();
        let executor = Arc::new(Executor::new(options)?);
        let mut workers = vec![
            ("JS hello", script(&executor, executor.javascript(), HELLO_JS)?),
            ("JS fib(22)", script(&executor, executor.javascript(), FIB_JS)?),
            ("Rust hello", rust.clone()),
        ];
        if let Some(file) = std::env::var_os("GLOWPLUG_BENCH_ENGINE") {
            let engine = std::fs::read(file)?;
            executor.add_engine(&engine)?;
            let engine = JsEngine::from_wasm(&engine, Flavour::Shared, executor.wasmtime(), &cache)?;
            workers.insert(1, (OTHER_ENGINE, script(&executor, &engine, HELLO_JS)?));
        }
        for (name, wasm) in workers {
            let (_, prepared) = executor.prepare(&wasm, Digest::of(&wasm))?;
            let worker = Arc::new(Worker::new(prepared, Setup::default()));
            cases.push(Case { name, metering, executor: executor.clone(), worker, samples: Samples::default() });
        }
        if metering == Metering::Fuel {
            loads(&executor, &script(&executor, executor.javascript(), HELLO_JS)?)?;
        }
    }
    // wasmtime maps snapshots from the compiled files, or from memory files of its own.
    let folder = dir.path().to_string_lossy();
    let is_snapshot = |line: &str| line.contains("wasm-memory-image") || line.contains(&*folder);
    for round in 0..ROUNDS {
        for case in &mut cases {
            let before = copied_pages(is_snapshot);
            runtime.block_on(measure(case))?;
            if round == 0 {
                case.samples.pages = copied_pages(is_snapshot).zip(before).map(|(after, before)| after - before);
            }
        }
    }
    println!("| worker | fuel | sandbox p50 | handler p50 | request p50 | request p99 | fuel used | pages |");
    println!("|---|---|---|---|---|---|---|---|");
    for case in &mut cases {
        let metering = if case.metering == Metering::Fuel { "on" } else { "off" };
        let samples = &mut case.samples;
        println!(
            "| {} | {metering} | {} | {} | {} | {} | {} | {} |",
            case.name,
            micros(quantile(&mut samples.sandbox, 0.5)),
            micros(quantile(&mut samples.handler, 0.5)),
            micros(quantile(&mut samples.total, 0.5)),
            micros(quantile(&mut samples.total, 0.99)),
            samples.fuel,
            samples.pages.map_or("-".to_owned(), |pages| pages.to_string()),
        );
    }
    Ok(())
}

async fn measure(case: &mut Case) -> anyhow::Result<()> {
    for _ in 0..PER_ROUND {
        let request = http::Request::get("http://localhost/hello?x=1")
            .header("host", "localhost")
            .header("user-agent", "bench")
            .header("accept", "*/*")
            .body(body(Empty::new()))?;
        let log: glowplug::host::LogSink = Arc::new(|_| {});
        let invocation = Invocation {
            request,
            event: None,
            request_id: "bench".into(),
            log,
            seed: None,
            chain: Default::default(),
            fuel: None,
            tape: Default::default(),
        };
        let start = Instant::now();
        let running = case.executor.invoke(case.worker.clone(), invocation, |_| {});
        let head = running.head.await.ok_or_else(|| anyhow::anyhow!("no response"))?;
        head.response.into_body().collect().await?;
        let report = running.report.await?;
        case.samples.total.push(start.elapsed());
        case.samples.sandbox.push(report.usage.sandbox);
        case.samples.handler.push(report.usage.handler - report.usage.sandbox);
        case.samples.fuel = report.usage.fuel;
    }
    Ok(())
}

/// Time from a component on disk to a worker that can serve.
fn loads(executor: &Executor, wasm: &[u8]) -> anyhow::Result<()> {
    let digest = Digest::of(wasm);
    let (info, _) = executor.prepare(wasm, digest)?;
    let engine = info.origin.map(|origin| origin.engine);
    let mut samples = Vec::new();
    for _ in 0..200 {
        let start = Instant::now();
        executor.prepared(digest, info.trigger, engine.as_deref())?;
        samples.push(start.elapsed());
    }
    println!(
        "load a compiled JS worker from disk: p50 {}, p99 {}\n",
        micros(quantile(&mut samples, 0.5)),
        micros(quantile(&mut samples, 0.99))
    );
    Ok(())
}

fn script(executor: &Executor, javascript: &JsEngine, source: &str) -> anyhow::Result<Vec<u8>> {
    let env = Default::default();
    let script = Script {
        name: "worker.js",
        source,
        wasm: &[],
        env: &env,
        bindings: &[],
        secrets: &[],
        compatibility_date: "2026-01-01",
        compatibility_flags: &[],
    };
    let started = std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(16 << 20)
            .spawn_scoped(scope, || start_up(executor.wasmtime(), javascript, &script, &Limits::default()))?
            .join()
            .expect("start-up does not panic")
    })??;
    let mut wasm = javascript.assemble(&started.image)?;
    let origin = JsOrigin {
        engine: javascript.digest().to_owned(),
        name: "bench".to_owned(),
        handlers: started.handlers,
        start_up_fuel: started.fuel,
        compatibility_date: script.compatibility_date.to_owned(),
    };
    append_section(&mut wasm, ORIGIN_SECTION, &serde_json::to_vec(&origin)?);
    Ok(wasm)
}

fn quantile(samples: &mut [Duration], q: f64) -> Duration {
    samples.sort_unstable();
    samples[((samples.len() - 1) as f64 * q) as usize]
}

fn micros(duration: Duration) -> String {
    format!("{:.1} µs", duration.as_secs_f64() * 1e6)
}
