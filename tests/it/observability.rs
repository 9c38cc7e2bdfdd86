//! What a server tells of itself: the access log, metrics, live figures.

use crate::node::Node;
use crate::support::{Answer, PATIENCE};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::{Value, json};
use std::path::Path;

const WORKER: &str = "export default { fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/throw') throw new Error('thrown');
    return new Response('hello '.repeat(100), { headers: { 'content-type': 'text/plain' } });
} };";

/// The first event of the live figures that is `wanted`.
async fn moment(response: Response<Incoming>, mut wanted: impl FnMut(&Value) -> bool) -> Value {
    let mut body = response.into_body();
    let mut seen = String::new();
    loop {
        let frame = tokio::time::timeout(PATIENCE, body.frame()).await.unwrap().unwrap().unwrap();
        seen.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        let (event, rest) = seen.split_once("\n\n").expect("events come whole");
        let moment: Value = serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap();
        if wanted(&moment) {
            return moment;
        }
        seen = rest.to_owned();
    }
}

/// Opens the live figures.
async fn watch(node: &Node) -> Response<Incoming> {
    let response = node.open(node.admin_request(Method::GET, "/v1/live", "")).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response
}

/// The lines of a log, as soon as there are `count`.
async fn lines(path: &Path, count: usize) -> Vec<String> {
    let start = tokio::time::Instant::now();
    loop {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        if lines.len() >= count && text.ends_with('\n') {
            return lines;
        }
        assert!(start.elapsed() < PATIENCE, "{} holds {lines:?}", path.display());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn admin(node: &Node, path: &str, accept: &str) -> Answer {
    let request = Request::get(format!("{}{path}", node.admin)).header("accept", accept);
    let request = request.header("authorization", format!("Bearer {}", node.token)).body(Full::default()).unwrap();
    node.send(request).await
}

#[tokio::test]
async fn each_request_is_a_line_of_json_and_a_rotated_file_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (log, rotated) = (dir.path().join("access.log"), dir.path().join("access.log.1"));
    let node = Node::start_with(&["--access-log-file", log.to_str().unwrap()]).await;
    node.deploy_script("hello", WORKER).await;
    let request = node.to("hello", Method::GET, "/a?b=c").header("user-agent", "test \"1\"");
    let answer = node.send(request.header("referer", "http://r/").body(Full::default()).unwrap()).await;
    node.get("hello", "/throw").await;
    node.get("nobody", "/").await;
    let lines_of = |lines: Vec<String>| lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let found: Vec<Value> = lines_of(lines(&log, 3).await);
    let first = &found[0];
    assert_eq!(first["request_id"], answer.header("x-request-id").unwrap());
    assert_eq!(
        (&first["path"], &first["method"], &first["protocol"]),
        (&"/a?b=c".into(), &"GET".into(), &"HTTP/1.1".into())
    );
    assert_eq!((&first["status"], &first["bytes"], &first["outcome"]), (&200.into(), &600.into(), &"ok".into()));
    assert_eq!((&first["worker"], &first["client"]), (&"hello".into(), &"127.0.0.1".into()));
    assert_eq!((&first["user_agent"], &first["referer"]), (&"test \"1\"".into(), &"http://r/".into()));
    assert!(first["host"].as_str().unwrap().starts_with("hello.localhost"), "{first}");
    assert!(first["fuel"].as_u64().unwrap() > 1000 && first["wall_ms"].as_f64().unwrap() > 0.0, "{first}");
    assert_eq!((&found[1]["status"], &found[1]["outcome"]), (&500.into(), &"exception".into()));
    assert_eq!((&found[2]["status"], &found[2]["worker"]), (&404.into(), &Value::Null));

    std::fs::rename(&log, &rotated).unwrap();
    let hang_up = tokio::process::Command::new("kill").args(["-HUP", &node.pid().to_string()]).status().await;
    assert!(hang_up.unwrap().success());
    let start = tokio::time::Instant::now();
    while !log.exists() {
        assert!(start.elapsed() < PATIENCE, "the log is not opened anew");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    node.get("hello", "/after").await;
    let after: Vec<Value> = lines_of(lines(&log, 1).await);
    assert_eq!(after[0]["path"], "/after");
    assert_eq!(lines(&rotated, 3).await.len(), 3);
}

#[tokio::test]
async fn the_combined_format_is_there_for_tools_that_read_it() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("access.log");
    let flags = ["--access-log-format", "combined", "--access-log-file", log.to_str().unwrap()];
    let node = Node::start_with(&flags).await;
    node.get("nobody", "/x").await;
    let line = lines(&log, 1).await.remove(0);
    assert!(line.starts_with("127.0.0.1 - - [") && line.contains("\"GET /x HTTP/1.1\" 404 "), "{line}");
    let (status, _) = node.stop().await;
    assert!(status.success());
}

#[tokio::test]
async fn metrics_are_for_tokens_and_for_an_address_of_their_own() {
    let node = Node::start_with(&["--metrics", "127.0.0.1:0"]).await;
    let stderr = node.stderr();
    let scrape = stderr.lines().find_map(|line| line.strip_prefix("metrics on ")).expect("it says where").to_owned();
    node.deploy_script("hello", WORKER).await;
    for _ in 0..3 {
        node.get("hello", "/").await;
    }
    node.get("hello", "/throw").await;
    node.get("nobody", "/").await;
    let request = Request::get(format!("{}/metrics", node.admin)).body(Full::default()).unwrap();
    assert_eq!(node.send(request).await.status, 401);
    let from_admin = admin(&node, "/metrics", "text/plain").await;
    let open = node.send(Request::get(&scrape).body(Full::default()).unwrap()).await;
    for answer in [&from_admin, &open] {
        assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        for line in [
            r#"glowplug_requests_total{worker="hello",outcome="ok",status="2xx"} 3"#,
            r#"glowplug_requests_total{worker="hello",outcome="exception",status="5xx"} 1"#,
            r#"glowplug_requests_total{worker="(none)",outcome="refused",status="4xx"} 1"#,
            r#"glowplug_request_duration_seconds_count{worker="hello"} 4"#,
            "glowplug_loaded_versions 1",
            "glowplug_in_flight_requests 0",
        ] {
            let found = answer.text().lines().any(|found| found == line || found == format!("{line}.0"));
            assert!(found, "`{line}` is not in\n{}", answer.text());
        }
        assert!(answer.text().contains("process_resident_memory_bytes "));
    }
    let other = node.send(Request::get(scrape.replace("/metrics", "/v1/tokens")).body(Full::default()).unwrap()).await;
    assert_eq!(other.status, 404, "nothing else is there");
    let open_metrics = admin(&node, "/metrics", "application/openmetrics-text; version=1.0.0").await;
    assert!(open_metrics.text().ends_with("# EOF\n"));
}

#[tokio::test]
async fn live_figures_come_each_second() {
    let node = Node::start().await;
    node.deploy_script("hello", WORKER).await;
    node.get("hello", "/").await;
    let response = watch(&node).await;
    for _ in 0..5 {
        node.get("hello", "/").await;
    }
    node.get("hello", "/throw").await;
    let moment = moment(response, |moment| moment["total"]["requests"] != 0).await;
    let hello = &moment["workers"][0];
    assert_eq!((&hello["worker"], &hello["requests"], &hello["errors"]), (&"hello".into(), &6.into(), &1.into()));
    assert!(hello["fuel"].as_u64().unwrap() > 1000 && hello["p99"].as_f64() >= hello["p50"].as_f64(), "{hello}");
}

const CACHING: &str = "export default { async fetch(request) {
    const { pathname } = new URL(request.url);
    const headers = { 'cache-control': pathname === '/plain' ? 'no-store' : 'max-age=60' };
    if (pathname === '/fail') throw new Error('failed');
    if (pathname === '/caches') {
        await caches.default.match('https://a.example/');
        await caches.default.put('https://a.example/', new Response('kept', { headers }));
        await caches.default.match('https://a.example/');
        await caches.default.match('https://a.example/');
    }
    return new Response('hello', { headers });
} };";

#[tokio::test]
async fn what_came_of_asking_the_cache_is_counted_by_worker() {
    let node = Node::start_with(&["--private-egress"]).await;
    let config = "name = \"w\"\nmain = \"index.js\"\ncompatibility_date = \"2026-01-01\"\n\
                  routes = [{ pattern = \"w.example/*\", cache = true }]\n";
    node.deploy(&[("index.js", CACHING), ("wrangler.toml", config)], &[]).await;
    let route = json!({"pattern": "gone.example/*", "origin": "http://127.0.0.1:9", "cache": true});
    assert!(node.api(Method::PUT, "/v1/routes", Some(route)).await.status.is_success());
    let ask = async |method: Method, host: &str, path: &str| {
        let request = Request::builder().method(method).uri(format!("{}{path}", node.base)).header("host", host);
        node.send(request.body(Full::default()).unwrap()).await
    };
    let get = async |path: &str| ask(Method::GET, "w.example", path).await;
    let live = watch(&node).await;
    for status in ["fwd=uri-miss; fwd-status=200; stored", "hit", "hit"] {
        let answer = get("/kept").await;
        assert!(answer.header("cache-status").unwrap().contains(status), "{answer:?}");
    }
    get("/plain").await;
    get("/caches").await;
    assert_eq!(get("/fail").await.status, 500);
    ask(Method::POST, "w.example", "/kept").await;
    assert_eq!(ask(Method::GET, "gone.example", "/").await.status, 502);

    let metrics = admin(&node, "/metrics", "text/plain").await;
    let figure = |name: &str| -> Option<u64> {
        let line = metrics.text().lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map(|value| value.parse::<f64>().unwrap() as u64)
    };
    let of = |worker: &str, place: &str, result: &str| {
        let labels = format!("worker=\"{worker}\",place=\"{place}\",result=\"{result}\"");
        figure(&format!("glowplug_cache_lookups_total{{{labels}}}"))
    };
    for (result, count) in [("miss", 2), ("hit", 2), ("bypass", 1), ("failed", 1), ("dynamic", 1)] {
        assert_eq!(of("w", "route", result), Some(count), "{result} in\n{}", metrics.text());
    }
    assert_eq!((of("w", "caches", "miss"), of("w", "caches", "hit")), (Some(1), Some(2)));
    assert_eq!((of("(none)", "route", "failed"), of("w", "fetch", "hit")), (Some(1), None));
    // `/kept` and `/caches` of the route, and what the worker put there: a record and a body each.
    assert_eq!(figure("glowplug_cache_memory_entries"), Some(6));
    assert!(figure("glowplug_cache_memory_bytes").unwrap() > 15);
    assert!(figure("glowplug_cache_disk_written_bytes_total").is_some(), "{}", metrics.text());
    assert!(figure("glowplug_connections_total{protocol=\"http/1.1\"}").unwrap() >= 1);
    assert!(figure("glowplug_open_connections").unwrap() >= 1);
    for (name, label) in [("connections", "protocol=\"h3\""), ("refused_connections", "reason=\"full\"")] {
        assert_eq!(figure(&format!("glowplug_{name}_total{{{label}}}")), Some(0));
    }

    let mut cache = json!({});
    moment(live, |moment| {
        let mut workers = moment["workers"].as_array().unwrap().iter();
        let own = workers.find(|worker| worker["worker"] == "w").map_or(&Value::Null, |worker| &worker["cache"]);
        for (place, results) in own.as_object().into_iter().flatten() {
            for (result, count) in results.as_object().unwrap() {
                let sum = cache[place][result].as_u64().unwrap_or_default() + count.as_u64().unwrap();
                cache[place][result] = sum.into();
            }
        }
        cache["route"]["dynamic"] == 1
    })
    .await;
    let route = json!({"miss": 2, "hit": 2, "bypass": 1, "failed": 1, "dynamic": 1});
    assert_eq!(cache, json!({"route": route, "caches": {"miss": 1, "hit": 2}}));
}
