//! Components in other languages: the same path, limits and meter.

use crate::origin::Origin;
use crate::support::{Server, run};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

fn guest(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/guests/dist").join(name)
}

async fn cases() -> Server {
    Server::start(&guest("cases.wasm")).await
}

fn encoded(url: &str) -> String {
    url.replace(':', "%3A").replace('/', "%2F")
}

#[tokio::test]
async fn a_rust_worker_answers_and_costs_the_same_each_time() {
    let server = Server::start(&guest("hello-rust.wasm")).await;
    let mut fuels = BTreeSet::new();
    for _ in 0..50 {
        let answer = server.get("/").await;
        assert_eq!(answer.text(), "Hello, world!\n");
        fuels.insert(answer.fuel());
    }
    assert_eq!(fuels.len(), 1, "{fuels:?}");
}

#[tokio::test]
async fn a_component_made_without_the_sdk_answers() {
    let server = Server::start(&guest("bare.wasm")).await;
    assert_eq!(server.get("/path").await.text(), "bare wasi:http 0.2 saw /path\n");
}

#[tokio::test]
async fn wasi_0_3_is_served_behind_its_flag() {
    let refused = run(&["dev", "--port", "0", guest("p3.wasm").to_str().unwrap(), "--help"]).await;
    assert!(String::from_utf8_lossy(&refused.stdout).contains("--experimental-wasi-03"));
    let off = Server::start(&guest("p3.wasm")).await;
    let page = off.get("/").await;
    assert!(page.text().contains("--experimental-wasi-03"), "{}", page.text());

    let on = Server::start_with(&guest("p3.wasm"), &["--experimental-wasi-03"]).await;
    let mut answers = BTreeSet::new();
    for _ in 0..20 {
        answers.insert(on.get("/x").await.text().to_owned());
    }
    assert_eq!(answers.into_iter().collect::<Vec<_>>(), ["wasi:http 0.3 saw /x\n"]);
    on.printed("GET /x 200").await;
}

#[tokio::test]
async fn bodies_go_both_ways() {
    let server = cases().await;
    let body = "0123456789".repeat(100_000);
    assert_eq!(server.post("/echo", body.clone()).await.text(), body);
    assert_eq!(server.post("/upper", "shout").await.text(), "SHOUT");
}

#[tokio::test]
async fn nothing_is_left_for_the_next_request() {
    let server = cases().await;
    let mut random = BTreeSet::new();
    for _ in 0..10 {
        assert_eq!(server.get("/counter").await.text(), "1");
        assert!(random.insert(server.get("/random").await.text().to_owned()));
    }
}

#[tokio::test]
async fn time_stands_still_while_a_worker_computes_and_moves_with_io() {
    let server = cases().await;
    let clock = server.get("/clock").await.json();
    assert_eq!(clock["before"], clock["after"]);
    let start = Instant::now();
    assert_eq!(server.get("/sleep?ms=120").await.text(), "slept 120ms");
    assert!(start.elapsed().as_millis() >= 120);
}

#[tokio::test]
async fn subrequests_run_side_by_side_and_waiting_costs_no_fuel() {
    let (server, origin) = (cases().await, Origin::start().await);
    let url = |ms: u32| encoded(&origin.url(&format!("/wait/{ms}")));
    let start = Instant::now();
    let path = format!("/parallel?url={0}&url={0}&url={0}&url={0}", url(300));
    assert_eq!(server.get(&path).await.text(), "200\n200\n200\n200\n");
    assert!(start.elapsed().as_millis() < 1000, "{:?}", start.elapsed());
    let quick = server.get(&format!("/fetch?url={}", url(100))).await;
    let slow = server.get(&format!("/fetch?url={}", url(900))).await;
    assert_eq!(quick.text(), "200\nwaited 100");
    assert_eq!(quick.fuel(), slow.fuel(), "waiting longer costs more");
}

#[tokio::test]
async fn work_goes_on_after_the_response() {
    let (server, origin) = (cases().await, Origin::start().await);
    let start = Instant::now();
    let answer = server.get(&format!("/wait-until?ms=400&url={}", encoded(&origin.url("/later")))).await;
    assert_eq!(answer.text(), "answered first");
    assert!(start.elapsed().as_millis() < 390, "the response waited: {:?}", start.elapsed());
    server.printed("after the response: 200").await;
    assert_eq!(origin.requests(), 1);
}

#[tokio::test]
async fn failures_have_their_code_and_the_server_goes_on() {
    let server = cases().await;
    for (path, code) in [("/panic", "1101"), ("/spin", "1102"), ("/recurse", "1101"), ("/hang", "1101")] {
        let page = server.get(path).await;
        assert_eq!(page.header("x-glowplug-error"), Some(code), "{path}: {}", page.text());
    }
    server.printed("asked to panic").await;
    assert!(server.get("/allocate").await.text().starts_with("no memory after 12"));
    assert_eq!(server.get("/panic-after-response").await.status, 200);
    assert_eq!(server.get("/hello").await.text(), "hello");
}

#[tokio::test]
async fn a_body_that_breaks_off_does_not_look_complete() {
    assert!(cases().await.breaks_off("/stream-error").await);
}
