//! One namespace, several languages: JavaScript, Rust with the SDK, and a component that knows `wasi:keyvalue` alone.

use super::project_with;
use crate::support::Server;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ENTRY: &str = r#"
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const [, who, ...path] = url.pathname.split("/");
    if (who !== "js") return env[who].fetch(new Request(`https://${who}.example/${path.join("/")}${url.search}`, request));
    const key = url.searchParams.get("key");
    if (path[0] === "put") await env.KV.put(key, url.searchParams.get("value"), { metadata: { by: "js" } });
    if (path[0] === "list") return Response.json((await env.KV.list()).keys.map(({ name }) => name));
    return Response.json(await env.KV.getWithMetadata(key));
  },
};
"#;

/// The entry, the two guests and a namespace of all three.
async fn shared() -> Server {
    let shared = "kv_namespaces = [{ binding = \"KV\", id = \"shared\" }]\n";
    let services =
        "services = [{ binding = \"sdk\", service = \"sdk\" }, { binding = \"wasi\", service = \"wasi\" }]\n";
    let guest = |name| format!("name = \"{name}\"\nmain = \"worker.wasm\"\n{shared}");
    let dir = project_with(
        &[
            ("js/wrangler.toml", &format!("name = \"js\"\nmain = \"worker.js\"\n{services}{shared}")),
            ("js/worker.js", ENTRY),
            ("sdk/wrangler.toml", &guest("sdk")),
            ("wasi/wrangler.toml", &guest("wasi")),
        ],
        &[("sdk", "bindings.wasm"), ("wasi", "keyvalue.wasm")],
    );
    let paths = ["js", "sdk", "wasi"].map(|name| dir.path().join(name));
    let mut server = Server::start_all(&[&paths[0], &paths[1], &paths[2]], &[]).await;
    server.dir = Some(dir);
    server
}

#[tokio::test]
async fn what_one_language_writes_the_others_read() {
    let server = shared().await;
    let get = async |path: &str| -> Value { server.get(path).await.json() };
    get("/js/put?key=from-js&value=1").await;
    assert_eq!(
        get("/sdk/kv/put?key=from-sdk&value=2&metadata=%7B%22by%22%3A%22sdk%22%7D&ttl=600").await,
        json!({ "stored": "from-sdk" })
    );
    assert_eq!(get("/wasi/set?key=from-wasi&value=3").await, json!({ "ok": null }));

    for (key, value, metadata) in [
        ("from-js", "1", json!({ "by": "js" })),
        ("from-sdk", "2", json!({ "by": "sdk" })),
        ("from-wasi", "3", json!(null)),
    ] {
        let read = get(&format!("/js/get?key={key}")).await;
        assert_eq!(read, json!({ "value": value, "metadata": metadata, "cacheStatus": null }));
        let read = get(&format!("/sdk/kv/get?key={key}")).await;
        assert_eq!((&read["value"], &read["metadata"]), (&json!(value), &metadata), "{key}");
        assert_eq!(read["expiration"].is_u64(), key == "from-sdk", "{read}");
        assert_eq!(get(&format!("/wasi/get?key={key}")).await, json!({ "ok": value }));
        assert_eq!(get(&format!("/wasi/exists?key={key}")).await, json!({ "ok": true }));
    }
    let names = json!(["from-js", "from-sdk", "from-wasi"]);
    assert_eq!(get("/js/list").await, names);
    assert_eq!(get("/sdk/kv/list-all?limit=2").await, json!({ "names": names, "pages": 2 }));
    assert_eq!(get("/wasi/list").await["ok"]["keys"], names);

    assert_eq!(get("/wasi/delete?key=from-js").await, json!({ "ok": null }));
    assert_eq!(get("/sdk/kv/delete?key=from-wasi").await, json!({ "deleted": "from-wasi" }));
    assert_eq!(get("/js/list").await, json!(["from-sdk"]));

    assert_eq!(get("/wasi/increment?key=n&delta=5").await, json!({ "ok": 5 }));
    assert_eq!(get("/wasi/increment?key=n&delta=-7").await, json!({ "ok": -2 }));
    assert_eq!(get("/js/get?key=n").await["value"], "-2");
    assert_eq!(get("/wasi/open-missing").await["error"], "no-such-store");
}

#[tokio::test]
async fn the_sdk_has_the_whole_api_with_its_refusals() {
    let server = shared().await;
    let get = async |path: &str| -> Value { server.get(path).await.json() };
    get("/sdk/kv/put?key=json&value=%7B%22n%22%3A1%7D").await;
    assert_eq!(get("/sdk/kv/get?key=json&type=json").await, json!({ "value": { "n": 1 } }));
    assert_eq!(get("/sdk/kv/get?key=json&type=text").await, json!({ "value": "{\"n\":1}" }));
    assert_eq!(get("/sdk/kv/get?key=no&type=bytes").await, json!({ "value": null }));
    let many = get("/sdk/kv/many?key=no&key=json").await;
    assert_eq!((&many[0], &many[1]["value"]), (&json!(null), &json!("{\"n\":1}")));
    for (path, status, words) in [
        (
            format!("/sdk/kv/get?key={}", "x".repeat(513)),
            414,
            "UTF-8 encoded length of 513 exceeds key length limit of 512.",
        ),
        (
            "/sdk/kv/put?key=k&value=v&ttl=59".into(),
            400,
            "Invalid expiration_ttl of 59. Expiration TTL must be at least 60.",
        ),
        ("/sdk/kv/list?limit=1001".into(), 400, "Invalid key_count_limit of 1001."),
    ] {
        let refused = get(&path).await;
        assert_eq!(refused["refused"], status, "{refused}");
        assert!(refused["error"].as_str().unwrap().contains(words), "{refused}");
    }
    let missing = get("/sdk/kv/get?key=k&binding=NOPE").await;
    assert!(missing["error"].as_str().unwrap().contains("`NOPE`"), "{missing}");

    let large = "0123456789abcdef".repeat(1 << 16);
    let stored = server.post("/sdk/kv/stream?key=large", large.clone()).await.json();
    assert_eq!(stored["bytes"], large.len());
    assert_eq!(server.get("/sdk/kv/stream?key=large").await.text(), large);
}

#[tokio::test]
async fn a_rust_worker_calls_a_javascript_worker_and_pays_the_same_each_time() {
    let dir = project_with(
        &[
            (
                "rust/wrangler.toml",
                "name = \"rust\"\nmain = \"worker.wasm\"\nservices = [{ binding = \"OTHER\", service = \"js\" }]\n\
                 kv_namespaces = [{ binding = \"KV\" }]\nversion_metadata = { binding = \"V\" }\n\
                 vars = { TEXT = \"t\", LIST = [1, { a = true }] }\n",
            ),
            ("js/wrangler.toml", "name = \"js\"\nmain = \"worker.js\"\n"),
            (
                "js/worker.js",
                "export default { async fetch(request) { return Response.json({ method: request.method, url: request.url, \
                 host: request.headers.get('host'), urlHeader: request.headers.get('glowplug-url'), \
                 body: request.body === null ? null : await request.text() }, { headers: { 'x-from': 'js' } }); } };",
            ),
        ],
        &[("rust", "bindings.wasm")],
    );
    let server = Server::start_all(&[&dir.path().join("rust"), &dir.path().join("js")], &[]).await;
    let answer =
        server.post("/service?url=https%3A%2F%2Fshop.example%3A8443%2Fa%3Fb%3Dc&method=PUT", "text").await.json();
    assert_eq!((&answer["status"], &answer["headers"]["x-from"]), (&json!(200), &json!("js")), "{answer}");
    let seen: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!((&seen["method"], &seen["url"]), (&json!("PUT"), &json!("https://shop.example:8443/a?b=c")));
    assert_eq!((&seen["body"], &seen["urlHeader"]), (&json!("text"), &json!(null)));
    assert!(!seen.to_string().contains("binding.invalid"), "{seen}");

    let seen = server.post("/service/forward", "passed on").await.json();
    assert_eq!((&seen["method"], &seen["body"]), (&json!("POST"), &json!("passed on")));
    assert_eq!(seen["url"], format!("{}/service/forward", server.base));

    let mut fuels = BTreeSet::new();
    for _ in 0..10 {
        fuels.insert(server.get("/kv/get?key=a").await.fuel());
    }
    assert_eq!(fuels.len(), 1, "{fuels:?}");

    assert_eq!(server.get("/var?name=TEXT").await.json()["value"], "t");
    assert_eq!(server.get("/var?name=LIST").await.json()["parsed"]["json"], json!([1, { "a": true }]));
    let answer = server.get("/version").await;
    assert_eq!(answer.header("x-glowplug-version"), answer.json()["id"].as_str());
    assert!(answer.json()["timestamp"].as_str().unwrap().ends_with('Z'), "{}", answer.text());
}
