//! A fresh sandbox for every request, and one price for one request.

use crate::support::{Server, project};
use std::collections::BTreeSet;

const STATEFUL: &str = r#"
let count = 0;
const cache = new Map();
export default {
  async fetch(request) {
    count += 1;
    globalThis.seen = (globalThis.seen ?? 0) + 1;
    Array.prototype.leak = request.url;
    cache.set(request.url, count);
    return Response.json({ count, seen: globalThis.seen, cached: cache.size });
  },
};
"#;

#[tokio::test]
async fn global_state_of_one_request_is_never_seen_by_the_next() {
    let server = Server::script(STATEFUL).await;
    for _ in 0..20 {
        assert_eq!(server.get("/").await.text(), r#"{"count":1,"seen":1,"cached":1}"#);
    }
}

#[tokio::test]
async fn random_numbers_differ_between_requests() {
    let server = Server::script(
        "export default { fetch: () => Response.json([Math.random(), crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(8))]]) };",
    )
    .await;
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let answer = server.get("/").await.json();
        for value in answer.as_array().unwrap() {
            assert!(seen.insert(value.to_string()), "{value} came twice");
        }
    }
}

/// Work of several kinds: strings, maps, JSON, a regular expression, promises, an async function.
const BUSY: &str = r#"
export default {
  async fetch(request) {
    const url = new URL(request.url);
    const words = Object.entries(Object.fromEntries(url.searchParams)).map(([k, v]) => `${k}:${v}`);
    const parsed = JSON.parse(JSON.stringify({ words, list: Array.from({ length: 50 }, (_, i) => i * 1.5) }));
    await Promise.all(parsed.list.map(async (n) => n / 3));
    const hit = /(\w+)@(\w+)/.exec("someone@example");
    return new Response(parsed.list.reduce((a, b) => a + b, 0) + hit[2] + words.join(), { headers: { "x-a": "b" } });
  },
};
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_costs_the_same_under_load_and_after_a_restart() {
    let dir = project(&[
        ("worker.js", BUSY),
        (
            "other.js",
            "export default { fetch: () => { let n = 0; for (let i = 0; i < 3e5; i++) n += i; return new Response(String(n)); } };",
        ),
    ]);
    let other = std::sync::Arc::new(Server::start(&dir.path().join("other.js")).await);
    let load = tokio::spawn({
        let other = other.clone();
        async move {
            loop {
                other.get("/").await;
            }
        }
    });
    let mut fuels = BTreeSet::new();
    for _ in 0..2 {
        let server = std::sync::Arc::new(Server::start(&dir.path().join("worker.js")).await);
        let mut clients = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let server = server.clone();
            clients.spawn(async move {
                let mut fuels = BTreeSet::new();
                for _ in 0..63 {
                    fuels.insert(server.get("/path?a=1&b=two").await.fuel());
                }
                fuels
            });
        }
        while let Some(seen) = clients.join_next().await {
            fuels.extend(seen.unwrap());
        }
    }
    load.abort();
    assert_eq!(fuels.len(), 1, "one request, one price: {fuels:?}");
}
