//! The shared cache beyond the RFC: those who ask at the same time, purging, restarts, workers that ask for it.

use crate::cache_origin::Origin;
use crate::node::Node;
use crate::support::Answer;
use bytes::Bytes;
use futures_util::future::join_all;
use http::{Method, Request};
use http_body_util::Full;
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

const CACHED: &[&str] = &["--private-egress"];

async fn route(node: &Node, origin: &Origin) {
    let route = json!({"pattern": "*/*", "origin": origin.base, "cache": true});
    assert!(node.api(Method::PUT, "/v1/routes", Some(route)).await.status.is_success());
}

async fn get(node: &Node, path: &str) -> Answer {
    let request = Request::get(format!("{}{path}", node.base)).body(Full::<Bytes>::default()).unwrap();
    node.send(request).await
}

/// How the cache says that it handled a request.
fn status(answer: &Answer) -> &str {
    answer.header("cache-status").unwrap_or("none")
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_ask_at_once_are_one_request_to_the_origin() {
    let origin = Origin::start().await;
    let node = Node::start_with(CACHED).await;
    route(&node, &origin).await;
    let answers = join_all((0..40).map(|_| get(&node, "/slow?cache-control=max-age%3D60"))).await;
    assert_eq!(origin.count("/slow"), 1);
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.text() == "slow 1"), "{answers:?}");
    let collapsed = answers.iter().filter(|answer| status(answer).contains("collapsed")).count();
    assert!(collapsed >= 1, "{:?}", answers.iter().map(status).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_one_client_does_not_hold_up_the_others() {
    let origin = Origin::start().await;
    let node = Node::start_with(CACHED).await;
    route(&node, &origin).await;
    let started = Instant::now();
    let answers = join_all((0..10).map(|_| get(&node, "/slow?cache-control=private"))).await;
    // One after the other they would take ten times as long as one.
    assert!(started.elapsed() < Duration::from_millis(2500), "{:?}", started.elapsed());
    assert_eq!(origin.count("/slow"), 10);
    let mut texts: Vec<&str> = answers.iter().map(Answer::text).collect();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 10, "each has its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn purges_are_seen_by_the_next_request() {
    let origin = Origin::start().await;
    let node = Node::start_with(CACHED).await;
    route(&node, &origin).await;
    let url = |path: &str| format!("{}{path}", node.base);
    let fresh = "cache-control=max-age%3D3600";
    let (a, b, c) =
        (format!("/a/1?{fresh}&cache-tag=news,x"), format!("/a/2?{fresh}"), format!("/b?{fresh}&cache-tag=News"));
    let host = node.base.trim_start_matches("http://").to_owned();
    for (arguments, hits) in [
        (vec![url(&a)], [false, true, true]),
        (vec!["--prefix".into(), format!("{host}/a/")], [false, false, true]),
        (vec!["--tag".into(), "news".into()], [false, true, false]),
        (vec!["--all".into()], [false, false, false]),
    ] {
        for path in [&a, &b, &c] {
            get(&node, path).await;
            assert!(status(&get(&node, path).await).contains("; hit"));
        }
        let arguments: Vec<&str> = ["cache", "purge"].into_iter().chain(arguments.iter().map(String::as_str)).collect();
        let output = node.cli(&arguments).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for (path, hit) in [&a, &b, &c].into_iter().zip(hits) {
            assert_eq!(status(&get(&node, path).await).contains("; hit"), hit, "{arguments:?}: {path}");
        }
    }
    let nothing = node.api(Method::POST, "/v1/cache/purge", Some(json!({}))).await;
    assert_eq!(nothing.status, 422, "{nothing:?}");
    let nothing = node.cli(&["cache", "purge"]).await;
    assert!(!nothing.status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_outlives_a_restart_and_what_was_purged_does_not() {
    let origin = Origin::start().await;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let node = Node::on(&data, None, CACHED).await;
    route(&node, &origin).await;
    let fresh = "cache-control=max-age%3D3600";
    let host = node.base.trim_start_matches("http://").to_owned();
    let at = async |node: &Node, path: &str| {
        let request = Request::get(format!("{}{path}", node.base)).header("host", &host);
        node.send(request.body(Full::<Bytes>::default()).unwrap()).await
    };
    for path in ["/kept", "/purged"] {
        at(&node, &format!("{path}?{fresh}")).await;
    }
    let purge = json!({"urls": [format!("http://{host}/purged?{fresh}")]});
    assert!(node.api(Method::POST, "/v1/cache/purge", Some(purge)).await.status.is_success());
    let token = node.token.clone();
    node.stop().await;
    let node = again(&data, &token).await;
    let kept = at(&node, &format!("/kept?{fresh}")).await;
    assert!(status(&kept).contains("; hit"), "{}", status(&kept));
    assert_eq!(kept.text(), "kept 1");
    let purged = at(&node, &format!("/purged?{fresh}")).await;
    assert_eq!(purged.text(), "purged 2", "{}", status(&purged));
    // Also after a crash.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (data, token, _) = node.kill().await;
    let node = again(&data, &token).await;
    assert_eq!(at(&node, &format!("/kept?{fresh}")).await.text(), "kept 1");
    assert_eq!(origin.count("/kept"), 1);
}

async fn again(data: &Path, token: &str) -> Node {
    Node::on(data, Some(token), CACHED).await
}

const WORKER: &str = r#"
const routes = {
  "/ttl": { cacheTtl: 60 },
  "/everything": { cacheEverything: true },
  "/status": { cacheTtlByStatus: { "200-299": 60, 404: 1, "500-599": -1 } },
  "/key": { cacheTtl: 60, cacheKey: "mine" },
  "/tags": { cacheTtl: 60, cacheTags: ["Mine"] },
  "/plain": undefined,
};
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const cf = routes[pathname];
    // What `cf` becomes, and what a component says.
    const init = searchParams.has("header") ? { headers: { "glowplug-cf": JSON.stringify(cf) } } : { cf };
    const response = await fetch(env.ORIGIN + searchParams.get("to"), cf === undefined ? {} : init);
    return new Response(`${response.headers.get("cf-cache-status")} ${await response.text()}`, { status: response.status });
  },
};
"#;

async fn worker(origin: &Origin, script: &str, route: &str) -> Node {
    let node = Node::start_with(CACHED).await;
    let config = format!(
        "name = \"w\"\nmain = \"index.js\"\ncompatibility_date = \"2026-01-01\"\nroutes = [{route}]\n[vars]\nORIGIN = \"{}\"\n",
        origin.base
    );
    node.deploy(&[("index.js", script), ("wrangler.toml", &config)], &[]).await;
    node
}

#[tokio::test(flavor = "multi_thread")]
async fn subrequests_are_cached_where_the_worker_asks_for_it() {
    let origin = Origin::start().await;
    let node = worker(&origin, WORKER, "\"*/*\"").await;
    let text = async |path: &str| get(&node, path).await.text().to_owned();
    assert_eq!(text("/ttl?header&to=/t").await, "MISS t 1");
    assert_eq!(text("/ttl?header&to=/t").await, "HIT t 1");
    assert_eq!(text("/plain?header&to=/t").await, "null t 2", "only where it is asked for");
    assert_eq!(
        (text("/everything?header&to=/e").await, text("/everything?header&to=/e").await),
        ("MISS e 1".into(), "HIT e 1".into())
    );
    let gone = "/status?header&to=/s%3Fstatus%3D404";
    assert_eq!((text(gone).await, text(gone).await), ("MISS s 1".into(), "HIT s 1".into()));
    let broken = "/status?header&to=/f%3Fstatus%3D503";
    assert_eq!((text(broken).await, text(broken).await), ("BYPASS f 1".into(), "BYPASS f 2".into()));
    assert_eq!(
        (text("/key?header&to=/k1").await, text("/key?header&to=/k2").await),
        ("MISS k1 1".into(), "HIT k1 1".into())
    );
    assert_eq!(
        (text("/tags?header&to=/g").await, text("/tags?header&to=/g").await),
        ("MISS g 1".into(), "HIT g 1".into())
    );
    let purge = node.api(Method::POST, "/v1/cache/purge", Some(json!({"tags": ["mine"]}))).await;
    assert!(purge.status.is_success(), "{purge:?}");
    assert_eq!(text("/tags?header&to=/g").await, "MISS g 2");
    let metrics = node.api(Method::GET, "/metrics", None).await;
    for (result, count) in [("miss", 6), ("hit", 5), ("bypass", 2)] {
        let line = format!("glowplug_cache_lookups_total{{worker=\"w\",place=\"fetch\",result=\"{result}\"}} {count}");
        assert!(metrics.text().lines().any(|found| found == line), "`{line}` is not in\n{}", metrics.text());
    }
}

const FAILING: &str = r#"
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/open") ctx.passThroughOnException();
    if (pathname === "/read") await request.text();
    if (pathname === "/fine") return new Response("worker");
    throw new Error("failed");
  },
};
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_origin_stands_in_for_a_worker_that_fails() {
    let origin = Origin::start().await;
    for (fail_open, closed) in [(true, 200), (false, 500)] {
        let route = format!("{{ pattern = \"*/*\", origin = \"{}\", fail_open = {fail_open} }}", origin.base);
        let node = worker(&origin, FAILING, &route).await;
        assert_eq!(get(&node, "/fine").await.text(), "worker");
        let open = get(&node, "/open").await;
        assert_eq!(open.status, 200, "{open:?}");
        assert!(open.text().starts_with("open "));
        assert_eq!(get(&node, "/closed").await.status, closed);
        let post = Request::post(format!("{}/read?echo=1", node.base)).body(Full::from("a body")).unwrap();
        let post = node.send(post).await;
        assert_eq!(post.status, closed);
        if fail_open {
            assert_eq!(post.text(), "a body", "what the worker has read comes again");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_behind_the_cache_is_not_run_for_a_hit() {
    let origin = Origin::start().await;
    let script = "let count = 0; export default { fetch(request, env) { return fetch(env.ORIGIN + '/counted?cache-control=max-age%3D60'); } };";
    let node = worker(&origin, script, "{ pattern = \"*/*\", cache = true }").await;
    for _ in 0..3 {
        assert_eq!(get(&node, "/x").await.text(), "counted 1");
    }
    assert_eq!(origin.count("/counted"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_response_is_passed_through_and_not_kept() {
    let origin = Origin::start().await;
    let node = Node::start_with(&["--private-egress", "--cache-object-mb", "1"]).await;
    route(&node, &origin).await;
    for count in 1..=2 {
        let answer = get(&node, "/large?cache-control=max-age%3D60&size=3000000").await;
        assert_eq!(answer.body.len(), 3_000_000);
        assert_eq!(origin.count("/large"), count);
    }
    let small = "/large2?cache-control=max-age%3D60&size=900000";
    assert_eq!((get(&node, small).await.body.len(), get(&node, small).await.body.len()), (900_000, 900_000));
    assert_eq!(origin.count("/large2"), 1);
}
