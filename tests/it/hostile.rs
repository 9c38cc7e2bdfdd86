//! Workers and clients that mean harm: each gets its error, and nobody else notices.

use crate::support::{PATIENCE, Server, run};
use bytes::Bytes;
use http::Method;
use http_body_util::{BodyExt, Full};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Mutex;

/// One at a time: these tests take all the machine has.
pub static ALONE: Mutex<()> = Mutex::const_new(());

const HOSTILE: &str = r#"
function recurse(n) { return recurse(n + 1) + 1; }
const attacks = {
  "/ok": () => new Response("fine"),
  "/loop": () => { while (true) {} },
  "/allocate": () => { const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)); },
  "/strings": () => { let s = "x"; const all = []; for (;;) all.push(s + all.length + "y".repeat(100000)); },
  "/promises": async () => {
    const all = [];
    for (let i = 0; i < 1e6; i++) all.push(Promise.resolve(i));
    return new Response(String((await Promise.all(all)).length));
  },
  "/recursion": () => {
    try { recurse(0); } catch (error) { return new Response(`${error instanceof RangeError}: ${error.message}`); }
  },
  "/regex": () => new Response(String(/^(a+)+$/.test("a".repeat(50) + "b"))),
  "/json": async (request) => new Response(String(JSON.parse(await request.text()).length)),
  "/endless": () => new Response(new ReadableStream({ pull(controller) { controller.enqueue(new Uint8Array(65536)); } })),
  "/sort": () => { const a = Array.from({ length: 1e5 }, (_, i) => i); for (;;) a.sort(() => 0.5); },
  "/native": () => { for (;;) new Array(1e6).fill(0).join("-"); },
};
export default { fetch: (request) => attacks[new URL(request.url).pathname](request) };
"#;

async fn attacked(path: &'static str, body: Bytes, check: impl FnOnce(crate::support::Answer)) {
    let _alone = ALONE.lock().await;
    let server = Arc::new(Server::script(HOSTILE).await);
    for _ in 0..20 {
        server.get("/ok").await;
    }
    let before = server.resident();
    let attack = tokio::spawn({
        let server = server.clone();
        async move { server.post(path, body).await }
    });
    let mut waits = Vec::new();
    while waits.len() < 5 || !attack.is_finished() && waits.len() < 200 {
        let start = Instant::now();
        assert_eq!(server.get("/ok").await.text(), "fine");
        waits.push(start.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    waits.sort();
    let median = waits[waits.len() / 2];
    assert!(median < Duration::from_millis(50), "others waited {median:?} during `{path}`");
    check(tokio::time::timeout(PATIENCE, attack).await.expect("the attack ends").unwrap());
    let after = settle(&server, before + 48).await;
    assert!(after <= before + 48, "memory went from {before} to {after} MiB after `{path}`");
    assert_eq!(server.get("/ok").await.text(), "fine");
}

/// Waits for memory to go down to `target`, for a while.
async fn settle(server: &Server, target: u64) -> u64 {
    for _ in 0..50 {
        if server.resident() <= target {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.resident()
}

fn fails_with(code: u16, status: u16) -> impl FnOnce(crate::support::Answer) {
    move |answer| {
        assert_eq!(answer.header("x-glowplug-error"), Some(code.to_string().as_str()), "{answer:?}");
        assert_eq!(answer.status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_ends_at_the_cpu_limit_and_is_named() {
    attacked("/loop", Bytes::new(), |answer| {
        let page = answer.text().to_owned();
        fails_with(1102, 503)(answer);
        assert!(page.contains("worker.js:5") && page.contains("fuel"), "{page}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_endless_loops_than_cores_delay_nobody() {
    let _alone = ALONE.lock().await;
    let server = Arc::new(Server::script(HOSTILE).await);
    server.get("/ok").await;
    let loops: Vec<_> = (0..4)
        .map(|_| {
            let server = server.clone();
            tokio::spawn(async move { server.get("/loop").await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut waits = Vec::new();
    for _ in 0..100 {
        let start = Instant::now();
        assert_eq!(server.get("/ok").await.text(), "fine");
        waits.push(start.elapsed());
    }
    assert!(loops.iter().all(|hog| !hog.is_finished()), "the loops ended before the others were measured");
    waits.sort();
    assert!(waits[94] < Duration::from_millis(50), "95 of 100 others waited up to {:?}", waits[94]);
    for hog in loops {
        fails_with(1102, 503)(hog.await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn allocation_ends_at_the_memory_limit() {
    attacked("/allocate", Bytes::new(), fails_with(1103, 503)).await;
    attacked("/strings", Bytes::new(), fails_with(1103, 503)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_promises_work_or_hit_a_limit() {
    attacked("/promises", Bytes::new(), |answer| match answer.status.as_u16() {
        200 => assert_eq!(answer.text(), "1000000"),
        _ => fails_with(1103, 503)(answer),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_recursion_is_a_range_error_that_can_be_caught() {
    attacked("/recursion", Bytes::new(), |answer| {
        assert_eq!(answer.text(), "true: Maximum call stack size exceeded");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regular_expression_that_backtracks_for_ever_is_stopped() {
    attacked("/regex", Bytes::new(), fails_with(1102, 503)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn loops_inside_built_in_functions_are_stopped() {
    attacked("/sort", Bytes::new(), fails_with(1102, 503)).await;
    attacked("/native", Bytes::new(), fails_with(1102, 503)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parsing_fifty_megabytes_of_json_works_or_hits_a_limit() {
    let json = format!("[{}1]", "1,".repeat(25 << 20));
    attacked("/json", Bytes::from(json), |answer| match answer.status.as_u16() {
        200 => assert_eq!(answer.text(), ((25 << 20) + 1).to_string()),
        _ => assert!(matches!(answer.header("x-glowplug-error"), Some("1102" | "1103")), "{answer:?}"),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_without_end_stops_when_its_client_leaves() {
    let _alone = ALONE.lock().await;
    let server = Server::script(HOSTILE).await;
    let before = server.resident();
    let mut response = server.open(server.request(Method::GET, "/endless").body(Full::default()).unwrap()).await;
    let mut read = 0;
    while read < 1 << 20 {
        read += response.frame().await.unwrap().unwrap().into_data().unwrap().len();
    }
    drop(response);
    server.printed("GET /endless 200").await;
    let after = settle(&server, before + 48).await;
    assert!(after <= before + 48, "memory went from {before} to {after} MiB");
    assert_eq!(server.get("/ok").await.text(), "fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_headers_are_refused() {
    let _alone = ALONE.lock().await;
    let server = Server::script(HOSTILE).await;
    let address = server.base.strip_prefix("http://").unwrap();
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut request = String::from("GET /ok HTTP/1.1\r\nhost: x\r\n");
    for number in 0..100_000 {
        request.push_str(&format!("x-{number}: y\r\n"));
    }
    request.push_str("\r\n");
    // The server may answer and close before it has read everything.
    let _ = socket.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert_eq!(server.get("/ok").await.text(), "fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_with_a_hundred_thousand_headers_is_an_exception() {
    let _alone = ALONE.lock().await;
    let server = Server::script(
        "export default { fetch() { const headers = new Headers(); for (let i = 0; i < 1e5; i++) headers.append('x-' + i, 'y'); return new Response('', { headers }); } };",
    )
    .await;
    fails_with(1101, 500)(server.get("/").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_at_the_top_level_fails_the_build_and_names_the_line() {
    let _alone = ALONE.lock().await;
    let dir = crate::support::project(&[(
        "worker.js",
        "let n = 0;\nwhile (true) globalThis.n = n++;\nexport default { fetch() {} };\n",
    )]);
    let source = dir.path().join("worker.js");
    let out = dir.path().join("out.wasm");
    let output = run(&["build", source.to_str().unwrap(), "-o", out.to_str().unwrap()]).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(stderr.contains("worker.js:1") && stderr.contains("hint: do less at the top level"), "{stderr}");
    assert!(!out.exists());
}
