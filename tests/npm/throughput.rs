//! How fast bodies go through a worker, beside workerd, in one run. It measures, so it is not among the tests that are always run:
//! `cargo test --release --features npm --test npm throughput -- --ignored --nocapture`.

use crate::libraries::project;
use crate::support::Server;
use crate::workerd::Workerd;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// Bytes that each row is measured with.
const TOTAL: usize = 100 << 20;
const ROUNDS: usize = 3;

/// Route, what it does, and bytes of one request: what is read whole must fit into a worker's memory.
const ROWS: [(&str, &str, usize); 5] = [
    ("/bytes", "arrayBuffer()", TOTAL / 5),
    ("/text", "text()", TOTAL / 5),
    ("/pass", "pass the body on", TOTAL),
    ("/through", "pipe through a TransformStream", TOTAL),
    ("/gzip", "pipe through a CompressionStream", TOTAL),
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures, and takes its time"]
async fn throughput_beside_workerd() {
    let project = project("throughput.js", "").await;
    let glowplug = Server::start(project.path()).await;
    let workerd = Workerd::start(project.path()).await;
    println!("| a body of 100 MiB | glowplug MB/s | workerd MB/s | glowplug\'s memory, MiB |");
    println!("|---|---|---|---|");
    for (route, name, size) in ROWS {
        let body = Bytes::from((0..size).map(|index| b"abcdefgh ijklmnop\n"[index * 7 % 18]).collect::<Vec<u8>>());
        send(&glowplug.base, route, body.slice(..1024)).await;
        send(&workerd.base, route, body.slice(..1024)).await;
        let (mut mine, mut theirs) = (Duration::MAX, Duration::MAX);
        let before = glowplug.resident();
        let mut peak = before;
        for _ in 0..ROUNDS {
            let measured = tokio::spawn(time(glowplug.base.clone(), route, body.clone()));
            while !measured.is_finished() {
                peak = peak.max(glowplug.resident());
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            mine = mine.min(measured.await.expect("the client does not panic"));
            theirs = theirs.min(time(workerd.base.clone(), route, body.clone()).await);
        }
        let speed = |time: Duration| TOTAL as f64 / 1e6 / time.as_secs_f64();
        println!("| {name} | {:.0} | {:.0} | {before} to {peak} |", speed(mine), speed(theirs));
    }
}

/// How long the whole of `TOTAL` takes.
async fn time(base: String, route: &'static str, body: Bytes) -> Duration {
    let start = Instant::now();
    for _ in 0..TOTAL / body.len() {
        send(&base, route, body.clone()).await;
    }
    start.elapsed()
}

async fn send(base: &str, route: &str, body: Bytes) {
    let address = base.strip_prefix("http://").expect("servers are on http");
    let socket = TcpStream::connect(address).await.expect("the server listens");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(socket)).await.expect("HTTP");
    let connection = tokio::spawn(connection);
    let request = Request::post(route).header("host", "test").body(Full::new(body)).expect("a request");
    let mut response = sender.send_request(request).await.expect("an answer");
    assert!(response.status().is_success(), "{route}: {}", response.status());
    while let Some(frame) = response.frame().await {
        frame.expect("the body is complete");
    }
    connection.abort();
}
