//! `caches`: what a worker keeps between requests.

use crate::support::Server;
use serde_json::json;

const WORKER: &str = r#"
const KEY = "https://example.com/kept?a=b";
const routes = {
  "/put": async (cache, url) => {
    await cache.put(KEY, new Response(url.searchParams.get("text"), { headers: { "cache-control": "max-age=60", etag: '"1"', "x-y": "z" } }));
    return new Response("put");
  },
  "/put-long": async (cache) => {
    let count = 100;
    const body = new ReadableStream({ pull(c) { if (count-- <= 0) c.close(); else c.enqueue(new Uint8Array(100_000)); } });
    await cache.put(KEY, new Response(body));
    return new Response(String((await (await cache.match(KEY)).arrayBuffer()).byteLength));
  },
  "/put-broken": async (cache) => {
    const body = new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(10)); c.error(new Error("lost")); } });
    const failed = await cache.put(KEY, new Response(body)).catch((error) => error.message);
    return Response.json([failed, (await cache.match(KEY)) === undefined]);
  },
  "/put-private": async (cache) => {
    await cache.put(KEY, new Response("x", { headers: { "set-cookie": "a=b" } }));
    return new Response(String(await cache.match(KEY)));
  },
  "/match": async (cache, url, request) => {
    const response = await cache.match(new Request(KEY, { headers: request.headers }));
    return response ?? new Response("none", { status: 404 });
  },
  "/delete": async (cache) => new Response(String(await cache.delete(KEY))),
  "/many": async (cache) => {
    let error = "";
    for (let i = 0; i < 60 && error === ""; i++) await cache.match(KEY).catch((failed) => { error = `${i} ${failed.message}`; });
    return new Response(error);
  },
};
export default {
  async fetch(request) {
    const url = new URL(request.url);
    const name = url.searchParams.get("cache");
    return routes[url.pathname](name === null ? caches.default : await caches.open(name), url, request);
  },
};
"#;

#[tokio::test]
async fn a_response_is_kept_for_later_requests() {
    let server = Server::script(WORKER).await;
    assert_eq!(server.get("/match").await.status, 404);
    assert_eq!(server.get("/put?text=hello").await.text(), "put");
    let kept = server.get("/match").await;
    let headers =
        ["x-y", "etag", "cf-cache-status", "content-length"].map(|name| kept.header(name).unwrap().to_owned());
    assert_eq!((kept.text(), headers), ("hello", ["z", "\"1\"", "HIT", "5"].map(str::to_owned)));
    assert!(kept.header("age").is_some());
    assert_eq!(server.get("/match?cache=other").await.status, 404);
    assert_eq!(server.get("/delete").await.text(), "true");
    assert_eq!(server.get("/delete").await.text(), "false");
    assert_eq!(server.get("/match").await.status, 404);
}

#[tokio::test]
async fn conditions_and_ranges_are_answered_by_the_cache() {
    let server = Server::script(WORKER).await;
    server.get("/put?text=hello").await;
    let with = |name: &'static str, value: &'static str| {
        let request = server.request(http::Method::GET, "/match").header(name, value);
        server.send(request.body(Default::default()).unwrap())
    };
    assert_eq!(with("if-none-match", "\"1\"").await.status, 304);
    let part = with("range", "bytes=1-2").await;
    assert_eq!((part.status.as_u16(), part.text(), part.header("content-range")), (206, "el", Some("bytes 1-2/5")));
}

#[tokio::test]
async fn bodies_stream_in_and_only_whole_ones_are_kept() {
    let server = Server::script(WORKER).await;
    assert_eq!(server.get("/put-broken").await.json(), json!(["lost", true]));
    assert_eq!(server.get("/put-private").await.text(), "undefined");
    assert_eq!(server.get("/put-long").await.text(), "10000000");
}

#[tokio::test]
async fn operations_count_as_subrequests() {
    let config =
        "name = \"w\"\nmain = \"worker.js\"\ncompatibility_date = \"2026-01-01\"\nlimits = { subrequests = 50 }\n";
    let server = Server::project(&[("wrangler.toml", config), ("worker.js", WORKER)], ".").await;
    let said = server.get("/many").await;
    assert!(said.text().starts_with("50 Cache match() failed: too many subrequests"), "{}", said.text());
}

#[tokio::test]
async fn workers_have_caches_of_their_own() {
    let config = |name: &str, more: &str| {
        format!("name = \"{name}\"\nmain = \"worker.js\"\ncompatibility_date = \"2026-01-01\"\n{more}")
    };
    let front = "export default { fetch(request, env) { return env[new URL(request.url).host.split(\".\")[0]].fetch(request); } };";
    let services = "services = [{ binding = \"one\", service = \"one\" }, { binding = \"two\", service = \"two\" }]\n";
    let (front_config, one, two) = (config("front", services), config("one", ""), config("two", ""));
    let files = [
        ("front/wrangler.toml", front_config.as_str()),
        ("front/worker.js", front),
        ("one/wrangler.toml", one.as_str()),
        ("one/worker.js", WORKER),
        ("two/wrangler.toml", two.as_str()),
        ("two/worker.js", WORKER),
    ];
    let server = Server::projects(&files, &["front", "one", "two"]).await;
    let get = |host: &'static str, path: &'static str| {
        let request = server.request(http::Method::GET, path).header("host", format!("{host}.localhost"));
        server.send(request.body(Default::default()).unwrap())
    };
    assert_eq!(get("one", "/put?text=mine").await.text(), "put");
    assert_eq!(get("one", "/match").await.text(), "mine");
    assert_eq!(get("two", "/match").await.status, 404);
}
