//! Bindings of workers that are deployed on `glowplug serve`.

use crate::dev_bindings::{example, files_below, files_with, project_with};
use crate::hostile::ALONE;
use crate::node::Node;
use crate::origin::Origin;
use crate::support::{PATIENCE, glowplug, project};
use http::{Method, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

/// `glowplug tail` of one worker.
struct Tail {
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Tail {
    /// Watches `name`; returns when the server sends its events.
    async fn of(node: &Node, name: &str) -> Self {
        let mut command = glowplug();
        command.args(["tail", name, "--format", "json"]);
        command.env("GLOWPLUG_SERVER", &node.admin).env("GLOWPLUG_TOKEN", &node.token);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let watching = tokio::time::timeout(PATIENCE, said.next_line()).await.expect("it watches in time").unwrap();
        assert!(watching.as_deref().is_some_and(|line| line.contains("watching")), "{watching:?}");
        Self { lines, _child: child }
    }

    async fn event(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await.expect("there is an event in time");
        serde_json::from_str(&line.unwrap().expect("it goes on")).unwrap()
    }
}

const CALLER: &str = r#"
globalThis.mine = "the caller's";
export default {
  async fetch(request, env) {
    try {
      const response = await env.OTHER.fetch(request);
      return new Response(response.body, response);
    } catch (error) {
      if (new URL(request.url).pathname === "/uncaught") throw error;
      return Response.json({ caught: `${error.name}: ${error.message}` });
    }
  },
};
"#;

const CALLEE: &str = r#"
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/throw" || pathname === "/uncaught") throw new RangeError("only for the author");
    console.log("called for", pathname);
    return Response.json({ url: request.url, method: request.method, mine: globalThis.mine ?? null, body: await request.text() });
  },
};
"#;

const CALLER_CONFIG: &str =
    "name = \"caller\"\nmain = \"index.js\"\nservices = [{ binding = \"OTHER\", service = \"callee\" }]\n";

async fn deploy_pair(node: &Node) {
    node.deploy_script("callee", CALLEE).await;
    node.deploy(&[("wrangler.toml", CALLER_CONFIG), ("index.js", CALLER)], &[]).await;
}

#[tokio::test]
async fn a_call_has_a_sandbox_a_line_and_an_event_of_its_own() {
    let node = Node::start_with(&["--access-log"]).await;
    deploy_pair(&node).await;
    let (mut caller, mut callee) = (Tail::of(&node, "caller").await, Tail::of(&node, "callee").await);
    let request = node.to("caller", Method::POST, "/a?b=c").body(Full::from("a body")).unwrap();
    let seen = node.send(request).await.json();
    let url = "http://caller.localhost/a?b=c";
    assert_eq!(seen, json!({ "url": url, "method": "POST", "mine": null, "body": "a body" }));

    let (caller, callee) = (caller.event().await, callee.event().await);
    assert_eq!((&caller["scriptName"], &callee["scriptName"]), (&json!("caller"), &json!("callee")));
    assert_eq!(caller["requestId"], callee["requestId"]);
    assert_eq!(callee["event"], json!({ "request": { "method": "POST", "url": url }, "response": { "status": 200 } }));
    assert_eq!(callee["logs"][0]["message"], "called for /a");
    assert_eq!(caller["logs"], json!([]));
    assert!(caller["fuel"].as_u64() > Some(0) && callee["fuel"].as_u64() > Some(0), "{caller} {callee}");
    let lines = node.stderr().lines().filter(|line| line.contains(" POST /a?b=c 200 ")).count();
    assert_eq!(lines, 2, "{}", node.stderr());
}

#[tokio::test]
async fn what_a_callee_throws_is_for_its_caller_and_not_for_the_public() {
    let node = Node::start().await;
    deploy_pair(&node).await;
    let mut tail = Tail::of(&node, "callee").await;
    let caught = node.get("caller", "/throw").await.json();
    let caught = caught["caught"].as_str().unwrap();
    assert!(caught.starts_with("TypeError: env.OTHER.fetch() failed: "), "{caught}");
    assert!(caught.contains("RangeError: only for the author"), "{caught}");
    let event = tail.event().await;
    assert_eq!(event["outcome"], "exception");
    assert!(event["exceptions"][0]["message"].as_str().unwrap().contains("only for the author"), "{event}");
    assert!(event["exceptions"][0]["stack"][0].as_str().unwrap().contains("index.js:5"), "{event}");

    let page = node.get("caller", "/uncaught").await;
    assert_eq!((page.status.as_u16(), page.header("x-glowplug-error")), (500, Some("1101")));
    assert!(!page.text().contains("only for the author") && !page.text().contains("callee"), "{}", page.text());
}

#[tokio::test]
async fn a_deployment_of_the_callee_is_called_at_once_and_a_rollback_too() {
    let node = Node::start().await;
    deploy_pair(&node).await;
    let say = |text: &str| format!("export default {{ fetch: () => new Response({text:?}) }};");
    for text in ["one", "two", "three"] {
        node.deploy_script("callee", &say(text)).await;
        assert_eq!(node.get("caller", "/").await.text(), text);
    }
    let output = node.cli(&["rollback", "--name", "callee"]).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(node.get("caller", "/").await.text(), "two");
}

#[tokio::test]
async fn a_worker_that_is_bound_must_be_there_and_stay() {
    let node = Node::start().await;
    let dir = project(&[("wrangler.toml", CALLER_CONFIG), ("index.js", CALLER)]);
    let output = node.cli_in(dir.path(), &["deploy"]).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    for expected in ["`OTHER`", "`callee`", "hint: "] {
        assert!(stderr.contains(expected), "{expected}: {stderr}");
    }
    assert_eq!(node.get("caller", "/").await.header("x-glowplug-error"), Some("1022"));

    deploy_pair(&node).await;
    let output = node.cli(&["delete", "callee", "--yes"]).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && stderr.contains("`caller`"), "{stderr}");
    assert_eq!(node.get("caller", "/").await.status, 200);
}

#[tokio::test]
async fn deploy_refuses_bindings_that_do_not_exist_here() {
    let node = Node::start().await;
    let config = "name = \"foreign\"\nmain = \"index.js\"\n[[d1_databases]]\nbinding = \"DATABASE\"\n\
        database_name = \"x\"\ndatabase_id = \"y\"\n[[queues.producers]]\nbinding = \"QUEUE\"\nqueue = \"q\"\n";
    let dir = project(&[("wrangler.toml", config), ("index.js", "export default { fetch() {} };")]);
    let output = node.cli_in(dir.path(), &["deploy"]).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    for expected in ["DATABASE", "D1", "QUEUE", "wrangler.toml:4"] {
        assert!(stderr.contains(expected), "{expected}: {stderr}");
    }
    assert_eq!(node.api(Method::GET, "/v1/workers", None).await.json()["workers"], json!([]));
}

#[tokio::test]
async fn an_environment_is_a_worker_of_its_own() {
    let node = Node::start().await;
    let config = "name = \"shop\"\nmain = \"index.js\"\nvars = { WHERE = \"top\" }\nkv_namespaces = [{ binding = \"KV\" }]\n\
        [env.staging]\nvars = { WHERE = \"staging\" }\nkv_namespaces = [{ binding = \"KV\" }]\n";
    let script = "export default { async fetch(request, env) { const before = await env.KV.get('k'); \
        await env.KV.put('k', env.WHERE); return Response.json([env.WHERE, before]); } };";
    let files = [("wrangler.toml", config), ("index.js", script)];
    node.deploy(&files, &[]).await;
    let staging = node.deploy(&files, &["--env", "staging"]).await;
    assert_eq!(staging["name"], "shop-staging");
    assert_eq!(node.get("shop", "/").await.json(), json!(["top", null]));
    assert_eq!(node.get("shop-staging", "/").await.json(), json!(["staging", null]));
    assert_eq!(node.get("shop", "/").await.json(), json!(["top", "top"]));
}

#[tokio::test]
async fn the_version_tells_what_it_was_deployed_as() {
    let node = Node::start().await;
    let config = "name = \"known\"\nmain = \"index.js\"\nversion_metadata = { binding = \"VERSION\" }\n";
    let script = "export default { fetch: (request, env) => Response.json(env.VERSION) };";
    let deployed = node.deploy(&[("wrangler.toml", config), ("index.js", script)], &["--tag", "v1.2"]).await;
    let seen = node.get("known", "/").await.json();
    assert_eq!((&seen["id"], &seen["tag"]), (&deployed["version"], &json!("v1.2")), "{deployed}");
    assert!(seen["timestamp"].as_str().unwrap().ends_with('Z'), "{seen}");
}

#[tokio::test]
async fn workers_share_a_namespace_by_its_id_and_survive_a_crash() {
    let node = Node::start().await;
    let shared = "kv_namespaces = [{ binding = \"KV\", id = \"shared\" }]\n";
    let script = "export default { async fetch(request, env) { const { searchParams } = new URL(request.url); \
        if (searchParams.has('value')) await env.KV.put(searchParams.get('key'), searchParams.get('value')); \
        return new Response(await env.KV.get(searchParams.get('key'))); } };";
    node.deploy(
        &[("wrangler.toml", &format!("name = \"js\"\nmain = \"index.js\"\n{shared}")), ("index.js", script)],
        &[],
    )
    .await;
    let guest = |name: &str| format!("name = \"{name}\"\nmain = \"worker.wasm\"\n{shared}");
    let dir = project_with(
        &[("sdk/wrangler.toml", &guest("sdk")), ("wasi/wrangler.toml", &guest("wasi"))],
        &[("sdk", "bindings.wasm"), ("wasi", "keyvalue.wasm")],
    );
    for name in ["sdk", "wasi"] {
        node.cli_json(&dir.path().join(name), &["deploy", "--json"]).await;
    }
    assert_eq!(node.get("js", "/?key=k&value=from-js").await.text(), "from-js");
    assert_eq!(node.get("sdk", "/kv/get?key=k").await.json()["value"], "from-js");
    assert_eq!(node.get("wasi", "/set?key=k&value=from-wasi").await.json(), json!({ "ok": null }));
    assert_eq!(node.get("js", "/?key=k").await.text(), "from-wasi");

    let (data, token, _dir) = node.kill().await;
    let node = Node::on(&data, Some(&token), &[]).await;
    assert_eq!(node.get("sdk", "/kv/get?key=k").await.json()["value"], "from-wasi");
}

#[tokio::test]
async fn a_secret_is_rotated_at_once_for_every_language_and_is_nowhere_to_be_found() {
    const MARKER: &str = "zq7-marker-of-a-secret";
    // The code cache is among what is searched.
    let code = tempfile::tempdir().unwrap();
    let node = Node::start_with(&["--access-log", "--cache", code.path().to_str().unwrap()]).await;
    let script = "export default { fetch(request, env) { console.log('asked'); \
        if (request.url.endsWith('/throw')) throw new Error('no'); return Response.json({ value: env.API_KEY ?? null }); } };";
    node.deploy_script("js", script).await;
    let dir = project_with(&[("wrangler.toml", "name = \"rust\"\nmain = \"worker.wasm\"\n")], &[("", "bindings.wasm")]);
    node.cli_json(dir.path(), &["deploy", "--json"]).await;
    let mut tail = Tail::of(&node, "js").await;

    for value in [json!(format!("{MARKER}-1")), json!(format!("{MARKER}-2")), json!(null)] {
        for worker in ["js", "rust"] {
            let path = format!("/v1/workers/{worker}/secrets");
            let answer = node.api(Method::PATCH, &path, Some(json!({ "API_KEY": value }))).await;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            assert!(!answer.text().contains(MARKER));
            let seen = node.get(worker, "/secret?name=API_KEY").await.json();
            assert_eq!(seen, json!({ "value": value }), "{worker}");
        }
        assert!(!node.get("js", "/throw").await.text().contains(MARKER));
    }
    for _ in 0..6 {
        let event = tail.event().await.to_string();
        assert!(!event.contains(MARKER), "{event}");
    }
    assert!(!node.stderr().contains(MARKER), "{}", node.stderr());
    let files = files_below(node.data());
    for kind in [".db", ".db-wal"] {
        assert!(files.iter().any(|file| file.to_string_lossy().ends_with(kind)), "no `{kind}`: {files:?}");
    }
    assert!(files_below(code.path()).len() >= 2, "the code of both workers is there");
    for folder in [node.data(), code.path()] {
        assert_eq!(files_with(folder, MARKER), Vec::<std::path::PathBuf>::new());
    }
    assert!(!files_with(node.data(), "API_KEY").is_empty(), "the search finds what is there");
}

#[tokio::test]
async fn a_worker_reaches_neither_bindings_by_address_nor_the_server_itself() {
    let node = Node::start().await;
    let config = "name = \"open\"\nmain = \"index.js\"\nkv_namespaces = [{ binding = \"KV\" }]\n";
    let script = r#"
        export default {
          async fetch(request, env) {
            await env.KV.put("crown", "jewels");
            try {
              const response = await fetch(new URL(request.url).searchParams.get("url"), { headers: { "glowplug-url": "http://open/values/crown" } });
              return new Response(`${response.status} ${await response.text()}`);
            } catch (error) {
              return new Response(`${error.name}: ${error.message}`);
            }
          },
        };"#;
    node.deploy(&[("wrangler.toml", config), ("index.js", script)], &[]).await;
    let origin = Origin::start().await;
    let token = "a".repeat(32);
    let admin_port = node.admin.rsplit(':').next().unwrap();
    for (url, expected) in [
        (format!("http://{token}.0.binding.invalid/values/crown"), "fetch failed: "),
        ("http://KV/values/crown".to_owned(), "fetch failed: "),
        (node.admin.clone(), "not allowed"),
        (format!("http://localhost:{admin_port}/v1/workers"), "not allowed"),
        (format!("http://[::1]:{admin_port}/v1/workers"), "not allowed"),
        (format!("http://2130706433:{admin_port}/v1/workers"), "not allowed"),
        (node.base.clone(), "not allowed"),
        (origin.url("/"), "not allowed"),
        ("http://169.254.169.254/latest/meta-data".to_owned(), "not allowed"),
    ] {
        let encoded: String = url.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let told = node.get("open", &format!("/?url={encoded}")).await;
        assert!(told.text().starts_with("TypeError: ") && told.text().contains(expected), "{url}: {}", told.text());
    }
    assert_eq!(origin.requests(), 0);
}

#[tokio::test]
async fn the_example_is_deployed_as_its_readme_says() {
    let node = Node::start().await;
    let dir = example::copy();
    let early = node.cli_in(dir.path(), &["deploy", "links"]).await;
    let stderr = String::from_utf8_lossy(&early.stderr);
    assert!(!early.status.success() && stderr.contains("`ADMIN_TOKEN`") && stderr.contains("`visits`"), "{stderr}");

    node.cli_json(dir.path(), &["deploy", "visits", "--json"]).await;
    let secret = json!({ "ADMIN_TOKEN": "a real one" });
    assert_eq!(node.api(Method::PATCH, "/v1/workers/links/secrets", Some(secret)).await.status, 200);
    node.cli_json(dir.path(), &["deploy", "links", "--json"]).await;
    assert_eq!(node.get("visits", "/x").await.header("x-glowplug-error"), Some("1022"), "it is for workers only");

    assert!(node.get("links", "/").await.text().contains("<h1>Short links</h1>"));
    let add = node.to("links", Method::POST, "/api/links").header("authorization", "Bearer a real one");
    let added = node.send(add.body(Full::from("https://example.com/a")).unwrap()).await;
    assert_eq!(added.status, 201, "{added:?}");
    let slug = added.json()["slug"].as_str().unwrap().to_owned();
    let followed = node.get("links", &format!("/go/{slug}")).await;
    assert_eq!(followed.header("location"), Some("https://example.com/a"));
    let start = Instant::now();
    while node.get("links", "/api/links").await.json()["links"][0]["visits"] != 1 {
        assert!(start.elapsed() < PATIENCE, "the visit was never counted");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_loops_delays_no_other_worker() {
    let _alone = ALONE.lock().await;
    let node = Arc::new(Node::start().await);
    let config = "name = \"hog\"\nmain = \"index.js\"\nlimits = { cpu_ms = 2000 }\n";
    node.deploy(&[("wrangler.toml", config), ("index.js", "export default { fetch() { for (;;); } };")], &[]).await;
    node.deploy_script("other", "export default { fetch: () => new Response('fine') };").await;
    assert_eq!(node.get("other", "/").await.text(), "fine");
    let loops: Vec<_> = (0..4)
        .map(|_| {
            let node = node.clone();
            tokio::spawn(async move { node.get("hog", "/").await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut waits = Vec::new();
    for _ in 0..100 {
        let start = Instant::now();
        assert_eq!(node.get("other", "/").await.text(), "fine");
        waits.push(start.elapsed());
    }
    assert!(loops.iter().all(|hog| !hog.is_finished()), "the loops ended before the others were measured");
    waits.sort();
    assert!(waits[94] < Duration::from_millis(50), "95 of 100 others waited up to {:?}", waits[94]);
    for hog in loops {
        let answer = hog.await.unwrap();
        assert_eq!(answer.header("x-glowplug-error"), Some("1102"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_component_s_subrequests_are_answered_by_the_shared_cache() {
    let node = Node::start_with(&["--private-egress"]).await;
    let origin = Origin::start().await;
    let dir = project_with(&[("wrangler.toml", "name = \"rust\"\nmain = \"worker.wasm\"\n")], &[("", "bindings.wasm")]);
    node.cli_json(dir.path(), &["deploy", "--json"]).await;
    let path = format!("/cached?ttl=60&tag=news&url={}", origin.url("/page"));
    let status = async || {
        let answer = node.get("rust", &path).await;
        answer.header("cf-cache-status").map(str::to_owned).unwrap_or_else(|| panic!("{answer:?}"))
    };
    assert_eq!(status().await, "MISS");
    assert_eq!(status().await, "HIT");
    assert_eq!(origin.requests(), 1);
    let purged = node.cli(&["cache", "purge", "--tag", "news"]).await;
    assert!(purged.status.success(), "{}", String::from_utf8_lossy(&purged.stderr));
    assert_eq!(status().await, "MISS");
    assert_eq!(origin.requests(), 2);
}
