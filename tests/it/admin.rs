//! The admin API of a running server, held to `docs/openapi.json`.

mod description;

use self::description::Description;
use crate::node::{Node, component};
use crate::support::{Answer, PATIENCE};
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;

const WORKER: &str = "export default {
  async fetch(request, env) { console.log('looked at', new URL(request.url).pathname); return new Response('one'); }
};\n";

/// A server whose every answer is compared with the description.
struct Api {
    node: Node,
    description: Description,
}

impl Api {
    async fn start() -> Self {
        Self { node: Node::start().await, description: Description::load() }
    }

    /// Calls with JSON, or with none.
    async fn call(&mut self, method: Method, path: &str, body: Option<Value>, status: u16) -> Value {
        let answer = self.node.api(method.clone(), path, body.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}: {}", String::from_utf8_lossy(&answer.body));
        self.description.check(&method, path, body.as_ref(), &answer);
        if answer.body.is_empty() { Value::Null } else { serde_json::from_slice(&answer.body).unwrap_or(Value::Null) }
    }

    async fn get(&mut self, path: &str, status: u16) -> Value {
        self.call(Method::GET, path, None, status).await
    }

    async fn post(&mut self, path: &str, body: Value, status: u16) -> Value {
        self.call(Method::POST, path, Some(body), status).await
    }

    /// Sends bytes.
    async fn put(&mut self, path: &str, bytes: impl Into<Bytes>, headers: &[(&str, &str)], status: u16) -> Answer {
        let request = self.request(Method::PUT, path, Some(&self.node.token), headers);
        let answer = self.node.send(request.body(Full::new(bytes.into())).unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "PUT {path}: {}", String::from_utf8_lossy(&answer.body));
        self.description.check(&Method::PUT, path, None, &answer);
        answer
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        headers: &[(&str, &str)],
    ) -> http::request::Builder {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.node.admin));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    }

    /// Uploads a blob and gives its digest.
    async fn blob(&mut self, bytes: impl Into<Bytes>) -> String {
        let bytes = bytes.into();
        let digest = digest(&bytes);
        self.put(&format!("/v1/blobs/{digest}"), bytes, &[], 201).await;
        digest
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn every_operation_answers_as_described() {
    let mut api = Api::start().await;
    server(&mut api).await;
    let (one, two) = versions(&mut api).await;
    deployments(&mut api, &one, &two).await;
    routes(&mut api).await;
    secrets(&mut api).await;
    kv(&mut api).await;
    crons(&mut api).await;
    tail(&mut api).await;
    live(&mut api).await;
    tokens(&mut api).await;
    usage(&mut api).await;
    api.call(Method::DELETE, &format!("/v1/workers/hello/versions/{one}"), None, 204).await;
    api.call(Method::DELETE, "/v1/workers/hello?force=perhaps", None, 400).await;
    api.call(Method::DELETE, "/v1/workers/hello?force=true", None, 204).await;
    api.call(Method::DELETE, "/v1/workers/hello", None, 404).await;
    assert_eq!(api.node.get("hello", "/").await.status, StatusCode::NOT_FOUND);
    refusals(&mut api).await;
    api.description.all_seen();
    let (status, stderr) = api.node.stop().await;
    assert!(status.success(), "{stderr}");
    assert!(!stderr.contains("s3cret"), "{stderr}");
}

async fn server(api: &mut Api) {
    for path in ["/healthz", "/readyz", "/v1/openapi.json", "/metrics"] {
        api.get(path, 200).await;
    }
    let server = api.get("/v1/server", 200).await;
    assert_eq!(server["url"], api.node.base);
    assert_eq!(api.post("/v1/check", json!({}), 200).await, json!({"problems": []}));
    assert_eq!(api.get("/v1/workers", 200).await, json!({"workers": []}));
    api.get("/v1/audit", 200).await;
    api.get("/v1/audit?limit=0", 400).await;
}

/// Gives the ids of two versions, of which the second is live.
async fn versions(api: &mut Api) -> (String, String) {
    let wasm = component(&[("index.js", WORKER)]).await;
    let first = digest(&wasm);
    let missing = api.post("/v1/blobs/missing", json!({"digests": [first]}), 200).await;
    assert_eq!(missing, json!({"missing": [first]}));
    api.post("/v1/blobs/missing", json!({"digests": ["x"]}), 400).await;
    api.post("/v1/blobs/missing", json!({"digests": [], "pad": "x".repeat(9 << 20)}), 413).await;
    api.put(&format!("/v1/blobs/{first}"), "something else", &[], 400).await;
    api.put(&format!("/v1/blobs/{first}"), "x", &[("content-encoding", "br")], 415).await;
    // The client gets to see the answer though it is still sending.
    api.put(&format!("/v1/blobs/{first}"), vec![0; 70 << 20], &[], 413).await;
    api.blob(wasm.clone()).await;
    api.put(&format!("/v1/blobs/{first}"), wasm.clone(), &[], 200).await;
    api.get(&format!("/v1/blobs/{first}"), 200).await;
    assert_eq!(api.node.api(Method::GET, &format!("/v1/blobs/{first}"), None).await.body, wasm);
    api.get(&format!("/v1/blobs/{}", "0".repeat(64)), 404).await;

    let path = "/v1/workers/hello/versions";
    let body =
        json!({"version": {"artifact": first, "message": "first", "bindings": {"KV": {"type": "kv"}}}, "deploy": true});
    let one = api.post(path, body.clone(), 201).await;
    assert!(one["version"]["artifact"]["javascript"]["start_up_fuel"].as_u64().unwrap() > 0);
    assert_eq!(api.node.get("hello", "/").await.text(), "one");
    assert_eq!(api.post(path, body, 201).await["unchanged"], true);

    let second = api.blob(component(&[("index.js", &WORKER.replace("'one'", "'two'"))]).await).await;
    let two = api.post(path, json!({"version": {"artifact": second, "vars": {"N": 1.5}}, "deploy": true}), 201).await;
    assert_eq!(api.node.get("hello", "/").await.text(), "two");
    let (one, two) = (one["version"]["id"].as_str().unwrap(), two["version"]["id"].as_str().unwrap());
    assert_eq!(api.node.get(&format!("{one}-hello"), "/").await.text(), "one");

    let junk = api.blob("junk").await;
    for (version, status) in [
        (json!({}), 422),
        (json!({"artifact": digest(b"none")}), 422),
        (json!({"artifact": junk}), 422),
        (json!({"assets": junk}), 422),
        (json!({"artifact": first, "required_secrets": ["NONE"]}), 422),
        (json!({"artifact": 1}), 400),
        (json!({"artifact": first, "d1": []}), 400),
    ] {
        api.post(path, json!({"version": version, "deploy": true}), status).await;
    }
    api.post("/v1/workers/Hello/versions", json!({"version": {"artifact": first}, "deploy": true}), 400).await;
    api.get(path, 200).await;
    api.get("/v1/workers/none/versions", 404).await;
    api.get(&format!("{path}/{one}"), 200).await;
    api.get(&format!("{path}/000000000000"), 404).await;
    api.get(&format!("{path}/x"), 400).await;
    api.call(Method::DELETE, &format!("{path}/{two}"), None, 409).await;
    api.get("/v1/workers", 200).await;
    api.get("/v1/workers/hello", 200).await;
    api.get("/v1/workers/none", 404).await;
    (one.to_owned(), two.to_owned())
}

async fn deployments(api: &mut Api, one: &str, two: &str) {
    let path = "/v1/workers/hello/deployments";
    let half =
        json!({"versions": [{"version": two, "percent": 0.01}, {"version": one, "percent": 99.99}], "message": "try"});
    api.post(path, half, 201).await;
    api.post(path, json!({"versions": [{"version": one, "percent": 1}]}), 422).await;
    api.post(path, json!({"versions": 1}), 400).await;
    api.post("/v1/workers/none/deployments", json!({"versions": [{"version": one, "percent": 100}]}), 404).await;
    api.post("/v1/workers/hello/rollback", json!({"version": two, "message": "back"}), 201).await;
    api.post("/v1/workers/hello/rollback", json!({"version": two}), 409).await;
    api.post("/v1/workers/none/rollback", json!({}), 404).await;
    assert_eq!(api.node.get("hello", "/").await.text(), "two");
    api.get(&format!("{path}?limit=3"), 200).await;
    api.get(&format!("{path}?limit=many"), 400).await;
}

async fn routes(api: &mut Api) {
    let set = json!({"routes": ["example.com/a/*", "*.example.com/*"]});
    api.call(Method::PUT, "/v1/workers/hello/routes", Some(set), 200).await;
    api.call(Method::PUT, "/v1/workers/hello/routes", Some(json!({"routes": ["a b"]})), 422).await;
    api.call(Method::PUT, "/v1/workers/none/routes", Some(json!({"routes": []})), 404).await;
    api.get("/v1/routes", 200).await;
    let port = api.node.base.rsplit(':').next().unwrap().to_owned();
    let explained = api.get(&format!("/v1/routes/explain?url=http%3A%2F%2Fexample.com%3A{port}%2Fa%2Fb"), 200).await;
    assert_eq!((&explained["worker"], &explained["how"]["pattern"]), (&json!("hello"), &json!("example.com/a/*")));
    let explained = api.get("/v1/routes/explain?url=http%3A%2F%2Fnobody.test%2F", 200).await;
    assert_eq!(explained["worker"], Value::Null);
    api.get("/v1/routes/explain?url=nothing", 400).await;
    let origin = json!({"pattern": "static.test/*", "origin": "https://origin.test", "cache": true});
    api.call(Method::PUT, "/v1/routes", Some(origin), 200).await;
    api.call(Method::PUT, "/v1/routes", Some(json!("static.test/*")), 422).await;
    api.get("/v1/routes", 200).await;
    let explained = api.get("/v1/routes/explain?url=http%3A%2F%2Fstatic.test%2F", 200).await;
    assert_eq!(explained["origin"], "https://origin.test");
    api.call(Method::DELETE, "/v1/routes?pattern=static.test/*", None, 204).await;
    api.call(Method::DELETE, "/v1/routes?pattern=static.test/*", None, 404).await;
    api.call(Method::POST, "/v1/cache/purge", Some(json!({"urls": ["static.test/a"], "tags": ["a"]})), 200).await;
    api.call(Method::POST, "/v1/cache/purge", Some(json!({"prefixes": [""]})), 422).await;
}

async fn secrets(api: &mut Api) {
    let path = "/v1/workers/hello/secrets";
    api.call(Method::PATCH, path, Some(json!({"KEY": "s3cret", "GONE": "x"})), 200).await;
    api.call(Method::PATCH, path, Some(json!({"GONE": null})), 200).await;
    api.call(Method::PATCH, path, Some(json!({"KEY": 1})), 400).await;
    api.call(Method::PATCH, path, Some(json!({"NONE": null})), 404).await;
    api.call(Method::PATCH, path, Some(json!({"a b": "x"})), 422).await;
    assert_eq!(api.get(path, 200).await, json!({"secrets": ["KEY"]}));
    api.get("/v1/workers/none/secrets", 404).await;
}

async fn kv(api: &mut Api) {
    let all = "/v1/kv/namespaces";
    let made = api.post(all, json!({"title": "data"}), 201).await;
    api.post(all, json!({"title": "data"}), 409).await;
    api.post(all, json!({"title": ""}), 422).await;
    api.get(all, 200).await;
    let path = format!("{all}/{}", made["id"].as_str().unwrap());
    api.get(&path, 200).await;
    api.get(&format!("{all}/none"), 404).await;
    api.call(Method::PATCH, &path, Some(json!({"title": "new"})), 200).await;
    api.call(Method::PATCH, &path, Some(json!({"name": "new"})), 400).await;

    let metadata = [("glowplug-kv-metadata", "%7B%22a%22%3A1%7D")];
    api.put(&format!("{path}/values/a/b%2Fc?expiration_ttl=60"), "value", &metadata, 204).await;
    api.put(&format!("{path}/values/k?expiration_ttl=1"), "value", &[], 400).await;
    api.put(&format!("{path}/values/k"), vec![0; (25 << 20) + 1], &[], 413).await;
    let request = api.request(Method::GET, &format!("{path}/values/a%2Fb/c"), Some(&api.node.token), &[]);
    let got = api.node.send(request.body(Full::default()).unwrap()).await;
    assert_eq!((got.text(), got.header("glowplug-kv-metadata")), ("value", Some("{\"a\":1}")));
    api.get(&format!("{path}/values/a%2Fb/c"), 200).await;
    api.get(&format!("{path}/values/none"), 404).await;
    api.get(&format!("{path}/keys?prefix=a"), 200).await;
    api.get(&format!("{path}/keys?limit=x"), 400).await;
    api.post(&format!("{path}/values"), json!({"keys": ["a/b/c", "none"]}), 200).await;
    api.post(&format!("{path}/values"), json!({"keys": []}), 400).await;
    let entries =
        json!([{"key": "x", "value": "1", "metadata": {"n": 1.50}}, {"key": "y", "value": "AA==", "base64": true}]);
    api.post(&format!("{path}/bulk"), entries, 200).await;
    api.post(&format!("{path}/bulk"), json!([{"key": "", "value": ""}]), 400).await;
    assert_eq!(api.get(&format!("{path}/keys?limit=2"), 200).await["list_complete"], false);
    api.post(&format!("{path}/bulk/delete"), json!(["x", "y", "z"]), 200).await;
    api.post(&format!("{path}/bulk/delete"), json!({}), 400).await;
    api.call(Method::DELETE, &format!("{path}/values/a/b/c"), None, 204).await;
    api.call(Method::DELETE, &format!("{path}/values/{}", "x".repeat(513)), None, 400).await;
    api.call(Method::DELETE, &path, None, 204).await;
    api.call(Method::DELETE, &path, None, 404).await;
}

async fn crons(api: &mut Api) {
    for path in ["/v1/workers/none/crons", "/v1/workers/none/crons/runs"] {
        api.get(path, 404).await;
    }
    api.post("/v1/workers/none/crons/trigger", json!({}), 404).await;
    api.get("/v1/workers/hello/crons", 200).await;
    // The worker has no handler for it: that is the run's outcome.
    let run = api.post("/v1/workers/hello/crons/trigger", json!({"cron": "* * * * *"}), 200).await;
    assert_eq!((&run["outcome"], &run["cause"]), (&json!("exception"), &json!("asked")));
    let runs = api.get("/v1/workers/hello/crons/runs?limit=5", 200).await;
    assert_eq!(runs["runs"], json!([run]));
}

async fn tail(api: &mut Api) {
    api.get("/v1/workers/none/tail", 404).await;
    api.get("/v1/workers/hello/tail?sampling_rate=0", 400).await;
    let mut lines = stream(api, "/v1/workers/hello/tail?status=ok&method=GET&search=looked").await;
    let mut next = async || tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
    assert_eq!(api.node.get("hello", "/seen").await.text(), "two");
    let event = loop {
        let line = next().await;
        if line.starts_with('{') {
            break serde_json::from_str::<Value>(&line).unwrap();
        }
    };
    assert_eq!(event["logs"][0]["message"], "looked at /seen");
    assert!(event["fuel"].as_u64().unwrap() > 0);
    api.description.check_line("/v1/workers/hello/tail", "application/x-ndjson", &event);
}

/// The lines of an answer that does not end, without its head.
async fn stream(api: &Api, path: &str) -> Lines<BufReader<TcpStream>> {
    let mut socket = TcpStream::connect(api.node.admin.trim_start_matches("http://")).await.unwrap();
    let token = &api.node.token;
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut lines = BufReader::new(socket).lines();
    let mut next = async || tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
    assert_eq!(next().await, "HTTP/1.1 200 OK");
    while !next().await.is_empty() {}
    lines
}

async fn live(api: &mut Api) {
    let mut lines = stream(api, "/v1/live").await;
    let moment = loop {
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
        if let Some(moment) = line.strip_prefix("data:") {
            break serde_json::from_str::<Value>(moment).unwrap();
        }
    };
    api.description.check_line("/v1/live", "text/event-stream", &moment);
}

async fn usage(api: &mut Api) {
    api.node.get("hello", "/").await;
    let usage = api.get("/v1/usage", 200).await;
    assert!(usage["total"]["requests"].as_u64().is_some_and(|requests| requests > 0), "{usage}");
    for by in ["version", "route", "day", "minute"] {
        api.get(&format!("/v1/usage?by={by}"), 200).await;
    }
    api.get("/v1/usage?by=hour", 400).await;
    api.get("/v1/usage/prices?worker=hello", 200).await;
    let priced = api.get("/v1/usage/prices", 200).await;
    let enough = priced["prices"].as_array().is_some_and(|prices| prices.len() > 5);
    assert!(enough && priced["requests"] == usage["total"]["runs"], "{priced}");
    api.get("/v1/usage/prices?until=never", 400).await;
    let path = "/v1/budgets/worker/hello";
    api.get(path, 404).await;
    api.post(path, json!({"fuel": 1}), 404).await;
    api.call(Method::PUT, path, Some(json!({"fuel": -1})), 400).await;
    api.call(Method::PUT, path, Some(json!({"fuel": 1000})), 200).await;
    api.call(Method::PUT, "/v1/budgets/token/nobody", Some(json!({"fuel": 1})), 200).await;
    assert_eq!(api.post(path, json!({"fuel": 500}), 200).await["fuel"], 1500);
    assert_eq!(api.get(path, 200).await["left"], 1500);
    assert_eq!(api.get("/v1/budgets", 200).await["budgets"].as_array().map(Vec::len), Some(2));
    api.call(Method::DELETE, path, None, 204).await;
    api.call(Method::DELETE, path, None, 404).await;
}

async fn tokens(api: &mut Api) {
    let new = json!({"name": "reader", "scopes": ["read"], "expires": "2999-01-01T00:00:00Z"});
    let made = api.post("/v1/tokens", new, 201).await;
    api.post("/v1/tokens", json!({"name": "x", "scopes": []}), 422).await;
    api.post("/v1/tokens", json!({"name": "x", "scopes": ["root"]}), 400).await;
    api.get("/v1/tokens", 200).await;
    // A token that may only read is refused by everything that wants more.
    let reader = made["token"].as_str().unwrap();
    for (method, path, scope) in api.description.operations() {
        let request = api.request(method.clone(), &path, Some(reader), &[]).body(Full::default()).unwrap();
        if scope == "read" || scope == "none" {
            continue;
        }
        let answer = api.node.send(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}");
        api.description.check(&method, &path, None, &answer);
    }
    api.call(Method::DELETE, &format!("/v1/tokens/{}", made["id"].as_str().unwrap()), None, 204).await;
    api.call(Method::DELETE, &format!("/v1/tokens/{}", made["id"].as_str().unwrap()), None, 404).await;
    let own = api.node.token[3..15].to_owned();
    api.call(Method::DELETE, &format!("/v1/tokens/{own}"), None, 409).await;
    let log = api.get("/v1/audit?limit=1000", 200).await;
    let actions: Vec<_> =
        log["entries"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    for action in ["publish", "deploy", "roll back", "set routes", "set secrets", "create token", "put KV values"] {
        assert!(actions.contains(&action), "{action}: {actions:?}");
    }
    assert!(!log.to_string().contains("s3cret"));
}

/// Without a token nothing is given away, and soon nothing is answered any more.
async fn refusals(api: &mut Api) {
    let mut statuses = Vec::new();
    for (method, path, scope) in api.description.operations() {
        let request = api.request(method.clone(), &path, None, &[]).body(Full::default()).unwrap();
        let answer = api.node.send(request).await;
        api.description.check(&method, &path, None, &answer);
        if scope == "none" {
            assert_eq!(answer.status, StatusCode::OK, "{path}");
        } else {
            statuses.push(answer.status.as_u16());
        }
    }
    let expected: Vec<_> = (0..statuses.len()).map(|n| if n < 10 { 401 } else { 429 }).collect();
    assert_eq!(statuses, expected);
}
