//! What a request costs, in figures that are the same on every machine: `benches/counts.json` has what they may be.
//!
//! A commit that changes them for a reason writes the file anew, `GLOWPLUG_COUNTS=write cargo test --test it counts::`, and says
//! the reason. Times are in `benches/RESULTS.md`; they are noise where these are none.

use crate::copied_pages::copied_pages;
use crate::node::component;
use glowplug::digest::Digest;
use glowplug::engine::code_cache::CodeCache;
use glowplug::engine::invoke::Invocation;
use glowplug::engine::{Executor, ExecutorOptions, Metering, Room, Setup, Wasi, Worker};
use glowplug::host::egress::EgressPolicy;
use glowplug::host::http::body;
use glowplug::meter::Operation;
use http::Request;
use http_body_util::{BodyExt, Full};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/counts.json");
/// How much a figure may grow unsaid, in per cent.
const GROWTH: u64 = 2;

/// The figures of one request.
type Counts = BTreeMap<String, u64>;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Known(BTreeMap<String, Counts>);

#[tokio::test]
async fn what_a_request_costs_does_not_grow_unsaid() {
    let dir = tempfile::tempdir().unwrap();
    let options = ExecutorOptions {
        cache: CodeCache::in_dir(dir.path()).unwrap(),
        egress: EgressPolicy::PublicOnly,
        metering: Metering::Fuel,
        wasi: Wasi::Stable,
        room: Room::Tool,
    };
    let executor = Arc::new(Executor::new(options).unwrap());
    let mut found = Known::default();
    for (name, code, request) in cases() {
        found.0.insert(name.to_owned(), counts(&executor, dir.path(), code, request).await);
    }
    if std::env::var_os("GLOWPLUG_COUNTS").is_some_and(|what| what == "write") {
        std::fs::write(FILE, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
        return;
    }
    let known: Known = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    assert_eq!(found.0.keys().collect::<Vec<_>>(), known.0.keys().collect::<Vec<_>>());
    let mut grown = Vec::new();
    for (name, counts) in &found.0 {
        for (what, &now) in counts {
            let before = known.0[name][what];
            if now * 100 > before * (100 + GROWTH) {
                grown.push(format!("{name}: {now} {what}, {before} before"));
            }
        }
    }
    assert!(
        grown.is_empty(),
        "requests cost more than `benches/counts.json` says:\n{}\nhint: `GLOWPLUG_COUNTS=write cargo test --test it counts::` \
         writes it anew",
        grown.join("\n")
    );
}

/// What is run.
enum Code {
    Script(&'static str),
    Component(&'static [u8]),
}

fn cases() -> [(&'static str, Code, Request<Full<bytes::Bytes>>); 3] {
    let request = |method: &str, body: String| {
        Request::builder()
            .method(method)
            .uri("http://localhost/")
            .header("host", "localhost")
            .header("accept", "*/*")
            .body(Full::from(body))
            .unwrap()
    };
    let item = |id: u32| {
        let name = (id * 7) % 23;
        format!(r#"{{"id":{id},"name":"article number {name}","price":199,"quantity":2,"tags":["t{}","new"]}}"#, id % 3)
    };
    let items = (0..22).map(item).collect::<Vec<_>>().join(",");
    let orders = format!(r#"{{"customer":"c-1027","items":[{items}]}}"#);
    let hello_rust = include_bytes!("../guests/dist/hello-rust.wasm");
    [
        ("hello JS", Code::Script(include_str!("../../benches/workers/hello.js")), request("GET", String::new())),
        ("hello Rust", Code::Component(hello_rust), request("GET", String::new())),
        ("JSON API", Code::Script(include_str!("../../benches/workers/api.js")), request("POST", orders)),
    ]
}

async fn counts(executor: &Arc<Executor>, cache: &Path, code: Code, request: Request<Full<bytes::Bytes>>) -> Counts {
    let wasm = match code {
        Code::Script(source) => component(&[("index.js", source)]).await,
        Code::Component(wasm) => wasm.into(),
    };
    // Compiled code is mapped from its file, as it is for every version that was deployed.
    let digest = Digest::of(&wasm);
    let info = executor.prepare(&wasm, digest).unwrap().0;
    let engine = info.origin.as_ref().map(|origin| &*origin.engine);
    let prepared = executor.prepared(digest, info.trigger, engine).unwrap().expect("it was kept");
    let worker = Arc::new(Worker::new(prepared, Setup::default()));
    let invocation = Invocation {
        request: request.map(body),
        event: None,
        request_id: "counts".into(),
        log: Arc::new(|_| {}),
        seed: Some([7; 32]),
        chain: Default::default(),
        fuel: None,
        tape: Default::default(),
    };
    let copied = || copied_pages(|line| line.contains(&*cache.to_string_lossy())).filter(|_| resets_by_page());
    let before = copied();
    let running = executor.invoke(worker.clone(), invocation, |_| {});
    let head = running.head.await.expect("the worker answers");
    assert_eq!(head.response.status(), 200);
    let answer = head.response.into_body().collect().await.unwrap().to_bytes();
    assert!(!answer.is_empty());
    let usage = running.report.await.unwrap().usage;
    let mut figures = vec![
        ("fuel of instructions", usage.fuel - usage.charges.fuel()),
        ("calls of imports", usage.charges.of(Operation::HostCall).times),
    ];
    if let Some((before, after)) = before.zip(copied()) {
        figures.push(("pages of the snapshot written to", after - before));
    }
    figures.into_iter().map(|(what, count)| (what.to_owned(), count)).collect()
}

/// Whether the kernel tells which pages were written to, as Linux does from 6.7 on. Elsewhere more is copied than that.
fn resets_by_page() -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split(['.', '-']).map_while(|number| number.parse::<u32>().ok());
    numbers.next().zip(numbers.next()).is_some_and(|release| release >= (6, 7))
}
