//! The API without sockets: requests straight into the router.

mod auth;
mod blobs;
mod crons;
mod deployments;
mod description;
mod form;
mod kv;
mod tail;
mod usage;
mod versions;

use super::*;
use crate::connection::Connection;
use crate::digest::Digest;
use crate::registry::version::{Artifact, JavaScript, Trigger as Interface};
use crate::registry::{OriginRoutes, SealingKey, WorkerRecord};
use crate::tail::Tail;
use axum::body::Body;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

/// An API on an empty storage, with a data plane that applies at once what is committed.
struct Api {
    router: axum::Router,
    registry: Registry,
    data: Storage,
    tail: Arc<Tail>,
    ledger: Arc<Ledger>,
    follower: tokio::task::AbortHandle,
    ready: watch::Sender<Readiness>,
    /// By the name of the scope.
    tokens: BTreeMap<&'static str, String>,
}

/// An answer, read to its end.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// The error's code, message and hint as one text.
    #[track_caller]
    fn error(&self) -> String {
        let json = self.json();
        let error = json["error"].as_object().unwrap_or_else(|| panic!("no error: {json}"));
        assert!(!self.status.is_success());
        let mut text = format!("{} {}", self.status.as_u16(), error["code"].as_str().unwrap());
        for key in ["message", "hint"] {
            if let Some(value) = error.get(key) {
                text.push_str(&format!(" | {}", value.as_str().unwrap()));
            }
        }
        for problem in error.get("problems").and_then(Value::as_array).into_iter().flatten() {
            text.push_str(&format!(" | {}", problem.as_str().unwrap()));
        }
        text
    }

    #[track_caller]
    fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Api {
    async fn new() -> Self {
        let data = Storage::in_memory();
        let registry = Registry::new(data.clone(), SealingKey::from_bytes(&[1; 32]));
        let mut tokens = BTreeMap::new();
        for scope in [Scope::Read, Scope::Deploy, Scope::Secrets, Scope::Admin] {
            let name = super::auth::name_of(scope);
            tokens.insert(name, registry.create_token(name, [scope].into(), None).await.unwrap().value.text);
        }
        let (applied, routes) =
            (Arc::new(watch::Sender::new(0)), Arc::new(Mutex::new(table(&[], &OriginRoutes::new()))));
        let follower = follow(data.clone(), registry.clone(), applied.clone(), routes.clone());
        let follower = tokio::spawn(follower).abort_handle();
        let (ready, readiness) = watch::channel(Readiness::Ready);
        let tail = Arc::new(Tail::default());
        let ledger = Arc::new(Ledger::unwritten(data.clone()).await.unwrap());
        let router = router_of(Arc::new(App {
            registry: registry.clone(),
            data: data.clone(),
            cache: crate::cache::Cache::in_memory(),
            tail: tail.clone(),
            ledger: ledger.clone(),
            components: Components::judged_by(judge),
            applied: applied.subscribe(),
            routes: Arc::new(move || routes.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            base_domain: Some("localhost".into()),
            public_url: "http://127.0.0.1:8787".into(),
            ready: readiness,
            receipt_key: None,
            metrics: Arc::default(),
            trigger: Arc::new(|Trigger { worker, cron, time }| Box::pin(crons::run_of(worker, cron, time))),
            urls: Urls::new("http://127.0.0.1:8787", Some("localhost")),
            failures: Failures::default(),
            memory: Memory::default(),
            checks: Arc::new(Semaphore::new(CHECKS)),
            tails: Arc::new(Semaphore::new(TAILS)),
            live_within: Duration::from_millis(200),
            heartbeat: Duration::from_millis(50),
            store_check: Semaphore::new(1),
        }));
        Self { router, registry, data, tail, ledger, follower, ready, tokens }
    }

    /// From now on nothing that is committed is applied.
    fn stop_following(&self) {
        self.follower.abort();
    }

    /// A request with the token that may do everything.
    fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let token = format!("Bearer {}", self.tokens["admin"]);
        http::Request::builder().method(method).uri(path).header("authorization", token)
    }

    async fn open(&self, request: http::Request<Body>) -> Response {
        answer(self.router.clone(), request).await
    }

    async fn send(&self, request: http::Request<Body>) -> Answer {
        let (head, body) = self.open(request).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        assert_eq!(head.headers["cache-control"], "no-store");
        Answer { status: head.status, headers: head.headers, body }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.send(self.request("DELETE", path).body(Body::empty()).unwrap()).await
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = self.request(method, path).header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Stores a blob, and gives its digest.
    async fn blob(&self, bytes: &[u8]) -> String {
        let digest = Digest::of(bytes);
        let request = self.request("PUT", &format!("/v1/blobs/{digest}")).body(Body::from(bytes.to_vec())).unwrap();
        self.send(request).await;
        digest.to_string()
    }

    /// Deploys a component with this text in it, and gives its version.
    async fn deploy(&self, name: &str, text: &str) -> String {
        let artifact = self.blob(format!("component {text}").as_bytes()).await;
        let body = json!({"version": {"artifact": artifact, "message": text}, "deploy": true});
        let answer = self.call("POST", &format!("/v1/workers/{name}/versions"), body).await.expect(201).json();
        answer["version"]["id"].as_str().unwrap().to_owned()
    }

    /// The newest lines of the audit log, each as a text.
    async fn audit(&self) -> Vec<String> {
        let entries = self.registry.audit(None, 100).await.unwrap().entries;
        let line = |entry: crate::registry::AuditEntry| {
            let token = entry.token.map_or("nobody".to_owned(), |token| token.name);
            let outcome = serde_json::to_value(entry.outcome).unwrap();
            let outcome = outcome.as_str().unwrap();
            format!("{token}: {} {}: {outcome}, {}", entry.action, entry.target, entry.detail)
        };
        entries.into_iter().map(line).collect()
    }
}

/// Takes what begins with `component`; `slow` in it makes for a long start-up.
fn judge(wasm: &[u8], digest: Digest) -> anyhow::Result<Artifact> {
    let text = String::from_utf8_lossy(wasm);
    anyhow::ensure!(!text.contains("panic") || panic!("as the test wants"));
    anyhow::ensure!(text.starts_with("component"), "failed to compile the component\nhint: build it again");
    let start_up_fuel = crate::limits::fuel_of_cpu_ms(if text.contains("slow") { 1001 } else { 10 });
    let javascript = JavaScript { engine: "e".repeat(64), handlers: vec!["fetch".into()], start_up_fuel };
    Ok(Artifact { digest, size: wasm.len() as u64, trigger: Interface::Http02, javascript: Some(javascript) })
}

fn table(records: &[WorkerRecord], origins: &OriginRoutes) -> Arc<RouteTable> {
    Arc::new(RouteTable::new(Some("localhost"), records.iter(), origins))
}

/// What the data plane does.
async fn follow(
    data: Storage,
    registry: Registry,
    applied: Arc<watch::Sender<Revision>>,
    routes: Arc<Mutex<Arc<RouteTable>>>,
) {
    let mut changes = data.watch();
    while let Ok(changed) = changes.recv().await {
        let new = table(&registry.workers().await.unwrap(), &registry.origin_routes().await.unwrap());
        *routes.lock().unwrap() = new;
        applied.send_replace(changed.revision);
    }
}

/// A client at this address.
fn from(address: &str, mut request: http::Request<Body>) -> http::Request<Body> {
    let client = SocketAddr::new(address.parse().unwrap(), 1);
    request.extensions_mut().insert(Arc::new(Connection::plain(Some(client), None)));
    request
}
