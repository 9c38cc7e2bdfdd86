//! A load that goes on: TLS, HTTP/2, hits of the cache and misses in turn.

use super::Edge;
use super::client::shake;
use crate::support::PATIENCE;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const CONNECTIONS: usize = 8;
/// Requests under way on each connection.
const STREAMS: usize = 4;
/// Of so many requests one is a miss, which runs the worker.
const MISS_EVERY: usize = 2;

/// What is kept takes memory up to a bound; the rest is on disk.
const SETTINGS: &str = r#"
[[listeners]]
address = "127.0.0.1:0"

[[listeners]]
address = "127.0.0.1:0"
tls = true

[tls]
certificates = [{ certificate = "a.pem", key = "a.key" }]

[cache]
memory_mb = 16
disk_mb = 64
"#;

const WORKER: &str =
    "export default { fetch: (request) => new Response('answer '.repeat(20) + new URL(request.url).pathname,
    { headers: { 'cache-control': 'max-age=3600' } }) };";

/// Requests to come, and what was seen of those that are over.
struct Load {
    left: AtomicUsize,
    hits: AtomicUsize,
    misses: AtomicUsize,
}

impl Load {
    /// Sends requests one after the other until none is left.
    async fn take_part(self: Arc<Self>, mut sender: SendRequest<Empty<Bytes>>) {
        loop {
            let number = self.left.fetch_sub(1, Ordering::Relaxed);
            // It wraps below zero.
            if number == 0 || number > usize::MAX / 2 {
                return;
            }
            let path = match number % MISS_EVERY {
                0 => format!("/once/{number}"),
                _ => format!("/again/{}", number % 16),
            };
            let request = Request::get(format!("https://held.a.test{path}")).body(Empty::new()).unwrap();
            let asking = async {
                let response = sender.send_request(request).await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
                let (head, body) = response.into_parts();
                (head, body.collect().await.unwrap_or_else(|error| panic!("{path}: {error:?}")).to_bytes())
            };
            let (head, body) = tokio::time::timeout(PATIENCE, asking).await.expect("an answer comes");
            assert_eq!(head.status, StatusCode::OK, "{path}: {body:?}");
            assert!(body.ends_with(path.as_bytes()), "{path} got {body:?}");
            let hit = head.headers["cache-status"].to_str().unwrap().contains("hit");
            if hit { &self.hits } else { &self.misses }.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Sends `count` requests; the server's memory may not grow over the second half.
async fn hold(count: usize) {
    let edge = Edge::start(SETTINGS).await;
    let settings = "name = \"held\"\nmain = \"index.js\"\nroutes = [{ pattern = \"held.a.test/*\", cache = true }]\n";
    edge.node.deploy(&[("index.js", WORKER), ("wrangler.toml", settings)], &[]).await;
    let config = edge.authority.client(&["h2"], None);
    let load = Arc::new(Load { left: count.into(), hits: 0.into(), misses: 0.into() });
    let mut clients = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let shaken = shake(&edge.address("https"), "held.a.test", &config).await.unwrap();
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(shaken.stream)).await.unwrap();
        tokio::spawn(connection);
        for _ in 0..STREAMS {
            clients.spawn(load.clone().take_part(sender.clone()));
        }
    }
    let start = Instant::now();
    let mut memory = Vec::new();
    while !clients.is_empty() {
        tokio::select! {
            ended = clients.join_next() => ended.unwrap().unwrap(),
            () = tokio::time::sleep(Duration::from_millis(250)) => {
                let done = load.hits.load(Ordering::Relaxed) + load.misses.load(Ordering::Relaxed);
                memory.push((done, edge.node.resident()));
            }
        }
    }
    let (hits, misses) = (load.hits.load(Ordering::Relaxed), load.misses.load(Ordering::Relaxed));
    let most = |from: usize, to: usize| {
        memory.iter().filter(|(done, _)| (from..to).contains(done)).map(|(_, size)| *size).max().unwrap_or_default()
    };
    let quarters = [0, 1, 2, 3].map(|quarter| most(count * quarter / 4, count * (quarter + 1) / 4));
    let rate = count as f64 / start.elapsed().as_secs_f64();
    println!("{hits} hits, {misses} misses, {rate:.0} requests/s; at most {quarters:?} MiB in each quarter");
    assert_eq!(hits + misses, count, "each request is answered once");
    assert!(
        misses >= count / MISS_EVERY && misses < count / MISS_EVERY + 16 * CONNECTIONS * STREAMS,
        "{misses} misses"
    );
    assert!(quarters[3] <= quarters[2] + 8, "memory grows: {quarters:?} MiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mixed_load_over_tls_is_held() {
    hold(4_000).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes on a release build, which `GLOWPLUG_PROGRAM` names"]
async fn a_million_requests_over_tls_are_held() {
    hold(1_000_000).await;
}
