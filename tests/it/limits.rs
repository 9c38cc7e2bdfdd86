//! Limits on requests, responses and time: just under and just over.

use crate::origin::Origin;
use crate::support::Server;
use http::Method;
use http_body_util::Full;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const WORKER: &str = r#"
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === "/sleep") { await sleep(Number(url.searchParams.get("ms"))); return new Response("slept"); }
    if (url.pathname === "/stream") return new Response(new ReadableStream({ async pull(c) { await sleep(50); c.enqueue(new Uint8Array(10)); } }));
    if (url.pathname === "/memory") { const kept = []; for (let i = 0; i < Number(url.searchParams.get("mb")); i++) kept.push(new Uint8Array(1 << 20).fill(1)); return new Response(String(kept.length)); }
    if (url.pathname === "/fetch") { let n = 0; try { for (; n < 10; n++) await (await fetch(url.searchParams.get("url"))).text(); } catch (e) { return new Response(`${n}: ${e.message}`); } return new Response(String(n)); }
    if (url.pathname === "/log") { for (let i = 0; i < 10000; i++) console.log("x".repeat(100)); return new Response("logged"); }
    return new Response("ok");
  },
};
"#;

async fn limited(limits: &str) -> Server {
    let config =
        format!("name = \"w\"\nmain = \"worker.js\"\ncompatibility_date = \"2026-01-01\"\n[limits]\n{limits}\n");
    Server::project(&[("wrangler.toml", &config), ("worker.js", WORKER)], "").await
}

#[tokio::test]
async fn a_response_that_takes_too_long_ends_at_the_wall_clock_limit() {
    let server = limited("wall_ms = 400").await;
    assert_eq!(server.get("/sleep?ms=100").await.text(), "slept");
    let start = Instant::now();
    let page = server.get("/sleep?ms=30000").await;
    assert_eq!((page.status.as_u16(), page.header("x-glowplug-error")), (504, Some("1104")));
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(server.breaks_off("/stream").await, "a body past its time must not look complete");
}

#[tokio::test]
async fn memory_under_the_limit_is_given_and_over_it_is_refused() {
    let server = limited("memory_mb = 64\ncpu_ms = 20000").await;
    assert_eq!(server.get("/memory?mb=40").await.text(), "40");
    let page = server.get("/memory?mb=70").await;
    assert_eq!((page.status.as_u16(), page.header("x-glowplug-error")), (503, Some("1103")), "{}", page.text());
}

#[tokio::test]
async fn subrequests_past_the_limit_are_an_error_that_names_it() {
    let (server, origin) = (limited("subrequests = 3").await, Origin::start().await);
    let answer = server.get(&format!("/fetch?url={}", origin.url("/x"))).await;
    assert!(answer.text().starts_with("3: ") && answer.text().contains("subrequests"), "{}", answer.text());
    assert_eq!(origin.requests(), 3);
}

#[tokio::test]
async fn output_past_the_limit_is_dropped_with_a_note() {
    let server = limited("cpu_ms = 20000").await;
    assert_eq!(server.get("/log").await.text(), "logged");
    server.printed("log limit").await;
    assert!(server.stderr().len() < 1 << 20);
}

#[tokio::test]
async fn a_url_or_body_past_its_limit_is_refused() {
    let server = limited("").await;
    assert_eq!(server.get(&format!("/{}", "u".repeat(15_000))).await.text(), "ok");
    let long = server.get(&format!("/{}", "u".repeat(17_000))).await;
    assert_eq!((long.status.as_u16(), long.header("x-glowplug-error")), (414, Some("1108")));

    let address = server.base.strip_prefix("http://").unwrap();
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    socket.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 104857601\r\n\r\n").await.unwrap();
    let mut answer = vec![0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_client_that_leaves_early_is_in_the_log() {
    let server = limited("").await;
    let request = server.request(Method::GET, "/sleep?ms=400").body(Full::default()).unwrap();
    let left = tokio::time::timeout(Duration::from_millis(150), server.open(request)).await;
    assert!(left.is_err());
    server.printed("GET /sleep?ms=400").await;
}
