//! Memory that no request uses is given back, and no request ever notices.

use crate::node::{Node, component};
use bytes::Bytes;
use glowplug::digest::Digest;
use glowplug::engine::code_cache::CodeCache;
use glowplug::engine::invoke::Invocation;
use glowplug::engine::{Executor, ExecutorOptions, Metering, Room, Setup, Wasi, Worker};
use glowplug::host::egress::EgressPolicy;
use glowplug::host::http::body;
use http::Request;
use http_body_util::{BodyExt, Empty};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Writes all over its snapshot, and says what it found there and what it left.
const WRITES: &str = r#"
const kept = Array.from({ length: 5000 }, (_, at) => ({ at, calls: 0 }));
const sum = () => kept.reduce((sum, { at, calls }) => sum + at + calls, 0);
export default {
  async fetch(request) {
    const before = sum();
    for (const one of kept) one.calls += 1;
    const wait = Number(new URL(request.url).searchParams.get("wait"));
    if (wait > 0) await scheduler.wait(wait);
    return new Response(`${before} ${sum()}`);
  },
};
"#;
const ANSWER: &str = "12497500 12502500";

/// What the process `pid` has resident of compiled components: KiB of their code, and of snapshots in slots.
fn resident(pid: u32) -> (u64, u64) {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/smaps")).unwrap();
    let (mut sums, mut kind) = ((0, 0), None);
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        match words.next().unwrap() {
            "Rss:" => {
                let kilobytes: u64 = words.next().unwrap().parse().unwrap();
                match kind {
                    Some(false) => sums.0 += kilobytes,
                    Some(true) => sums.1 += kilobytes,
                    None => {}
                }
            }
            key if key.ends_with(':') => {}
            _ => kind = line.ends_with(".component.cwasm").then(|| words.next().unwrap().contains('w')),
        }
    }
    sums
}

/// An executor looks at all of the process's memory, so these need a process of their own.
#[tokio::test]
async fn memory_is_released_beside_requests() {
    let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--ignored", "--nocapture", "idle_memory::in_a_process_of_its_own"]).kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_secs(300), command.output()).await.expect("it ends").unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test above"]
async fn in_a_process_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let executor = executor(dir.path());
    let (script, rust) = (component(&[("index.js", WRITES)]).await, include_bytes!("../guests/dist/hello-rust.wasm"));
    let workers = [worker(&executor, &script), worker(&executor, rust)];
    let hello = call(&executor, &workers[1], "/?name=you").await;
    let pid = std::process::id();

    // All of it goes when nobody is there, and comes back.
    assert_eq!(call(&executor, &workers[0], "/").await, ANSWER);
    let (code, slots) = resident(pid);
    assert!(code > 0 && slots > 0, "{code} {slots}");
    executor.release_memory(&workers).unwrap();
    assert_eq!(resident(pid), (0, 0));
    assert_eq!(call(&executor, &workers[0], "/").await, ANSWER);

    // A sandbox that waits keeps what it wrote, and the code of workers that nobody holds stays.
    let waiting = tokio::spawn({
        let (executor, worker) = (executor.clone(), workers[0].clone());
        async move { call(&executor, &worker, "/?wait=2000").await }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = resident(pid);
    executor.release_memory(&[]).unwrap();
    assert!(!waiting.is_finished(), "the machine is too slow for this test");
    assert_eq!(resident(pid), before);
    assert_eq!(waiting.await.unwrap(), ANSWER);

    // Beside requests without end.
    let stop = Arc::new(AtomicBool::new(false));
    let releasing = std::thread::spawn({
        let (executor, workers, stop) = (executor.clone(), workers.clone(), stop.clone());
        move || {
            let mut releases = 0;
            while !stop.load(Ordering::Relaxed) {
                let before = resident(pid).1;
                executor.release_memory(&workers).unwrap();
                releases += usize::from(resident(pid).1 < before);
            }
            releases
        }
    });
    let calls = (0..3).map(|client| {
        let (executor, workers, hello) = (executor.clone(), workers.clone(), hello.clone());
        tokio::spawn(async move {
            for number in 0..150 {
                assert_eq!(call(&executor, &workers[0], "/").await, ANSWER);
                assert_eq!(call(&executor, &workers[1], "/?name=you").await, hello);
                // So that there are moments without a sandbox.
                tokio::time::sleep(Duration::from_millis((client + number) % 7)).await;
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    assert!(releasing.join().unwrap() > 0, "nothing was ever released");

    // With a second executor there may be sandboxes that the first knows nothing of.
    let other = self::executor(dir.path());
    let before = resident(pid);
    executor.release_memory(&workers).unwrap();
    assert_eq!(resident(pid), before);
    drop(other);
    executor.release_memory(&workers).unwrap();
    assert_eq!(resident(pid), (0, 0));
}

/// A server does it by itself.
#[tokio::test]
async fn an_idle_server_keeps_no_pages_of_its_workers() {
    let node = Node::start().await;
    node.deploy_script("writes", WRITES).await;
    assert_eq!(node.get("writes", "/").await.text(), ANSWER);
    assert!(resident(node.pid()).1 > 0);
    let patience = Instant::now() + Duration::from_secs(60);
    while resident(node.pid()) != (0, 0) {
        assert!(Instant::now() < patience, "{:?}", resident(node.pid()));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(node.get("writes", "/").await.text(), ANSWER);
}

fn executor(cache: &Path) -> Arc<Executor> {
    let options = ExecutorOptions {
        cache: CodeCache::in_dir(cache).unwrap(),
        egress: EgressPolicy::PublicOnly,
        metering: Metering::Fuel,
        wasi: Wasi::Stable,
        room: Room::Tool,
    };
    Arc::new(Executor::new(options).unwrap())
}

/// Mapped from its file, as every version that was deployed.
fn worker(executor: &Executor, wasm: &[u8]) -> Arc<Worker> {
    let digest = Digest::of(wasm);
    let info = executor.prepare(wasm, digest).unwrap().0;
    let prepared = executor.prepared(digest, info.trigger, info.engine()).unwrap().expect("it was kept");
    Arc::new(Worker::new(prepared, Setup::default()))
}

async fn call(executor: &Arc<Executor>, worker: &Arc<Worker>, path: &str) -> String {
    let request = Request::get(format!("http://localhost{path}")).header("host", "localhost");
    let invocation = Invocation {
        request: request.body(body(Empty::<Bytes>::new())).unwrap(),
        event: None,
        request_id: "idle".into(),
        log: Arc::new(|_| {}),
        seed: Some([7; 32]),
        chain: Default::default(),
        fuel: None,
        tape: Default::default(),
    };
    let running = executor.invoke(worker.clone(), invocation, |_| {});
    let response = running.head.await.expect("the worker answers").response;
    assert_eq!(response.status(), 200);
    let answer = response.into_body().collect().await.unwrap().to_bytes();
    running.report.await.unwrap();
    String::from_utf8(answer.to_vec()).unwrap()
}
