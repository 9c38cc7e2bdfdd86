//! Ten thousand workers on one server: how it starts, what it takes, how it finds one of them and deploys one more.
//!
//! The bounds are those of a release build; a debug build, which does the same work some times slower, gets [`SLOWER`].

use crate::node::{Node, component};
use crate::support::Answer;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use glowplug::registry::version::Artifact;
use glowplug::registry::{
    Binding, NewVersion, Publish, Registry, RoutePattern, SealingKey, Targets, Traffic, VersionId, WorkerName,
};
use glowplug::storage::Storage;
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

const WORKERS: usize = 10_000;
/// Different components that they share.
const COMPONENTS: usize = 5;
/// Publishes at a time.
const PARALLEL: usize = 128;

/// How many times the bounds on time a debug build may take.
const SLOWER: u32 = if cfg!(debug_assertions) { 5 } else { 1 };
const START_UP: Duration = Duration::from_secs(2);
/// Resident bytes before any traffic.
const MEMORY: u64 = 300_000_000;
/// What one more deployment may take on the server.
const DEPLOYMENT: Duration = Duration::from_millis(200);
/// What a server says of a deployment it has made live.
const STEPS: [&str; 3] = ["check", "commit", "live"];

/// Versions that are kept loaded.
const LOADED: usize = 100;
/// Bytes that resident memory may grow by, once that many are loaded, for twice as many more workers called.
const GROWTH: u64 = 40_000_000;

/// One of the workers.
struct Worker {
    name: String,
    version: VersionId,
    route: Option<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_workers_are_served_by_one_server() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let (token, artifacts) = components(&data).await;
    let began = Instant::now();
    let workers = publish_all(&data, &artifacts).await;
    let mut report = format!("{WORKERS} workers published in {:.1?}\n", began.elapsed());

    let began = Instant::now();
    let node = Node::on(&data, Some(&token), &["--loaded-versions", &LOADED.to_string()]).await;
    let (started, memory) = (began.elapsed(), resident(&node));
    writeln!(report, "start-up {started:.0?}, {} MB resident before traffic", memory / 1_000_000).unwrap();

    find_routes(&node, &workers).await;
    let steps = deploy_more(&node).await;
    let deployments: Vec<Duration> = steps.iter().map(|steps| steps.iter().sum()).collect();
    writeln!(report, "one more deployment: {}", spread(&deployments)).unwrap();
    for (at, step) in STEPS.iter().enumerate() {
        let took: Vec<_> = steps.iter().map(|steps| steps[at]).collect();
        writeln!(report, "    {step}: {}", spread(&took)).unwrap();
    }
    loaded_versions_are_bounded(&node, &workers, &mut report).await;

    println!("{report}");
    assert!(started < START_UP * SLOWER, "start-up took {started:?}");
    assert!(memory < MEMORY, "{memory} bytes are resident before traffic");
    let slowest = deployments.iter().max().unwrap();
    assert!(*slowest < DEPLOYMENT * SLOWER, "a deployment took {slowest:?}");
}

/// Lets a server check and compile some components; gives its token and what it found.
async fn components(data: &Path) -> (String, Vec<Artifact>) {
    let node = Node::on(data, None, &[]).await;
    let mut artifacts = Vec::new();
    for number in 0..COMPONENTS {
        let published = publish(&node, &format!("seed-{number}"), &answering(number).await, None).await;
        assert_eq!(node.get(&format!("seed-{number}"), "/").await.status, 200);
        let id = published["version"]["id"].as_str().unwrap().to_owned();
        artifacts.push((number, id));
    }
    let token = node.token.clone();
    assert!(node.stop().await.0.success());
    let registry = registry(data);
    let mut found = Vec::new();
    for (number, id) in artifacts {
        let version = registry.version(&name(&format!("seed-{number}")), &id.parse().unwrap()).await.unwrap();
        found.push(version.content.artifact.unwrap());
    }
    (token, found)
}

/// A component that answers with the id of its version and the URL.
async fn answering(number: usize) -> Bytes {
    let source = format!(
        "const number = {number};
         export default {{ fetch: (request, env) => new Response(`${{env.META.id}} ${{number}} ${{request.url}}`) }};"
    );
    let config = "name = \"scale\"\nmain = \"index.js\"\n[version_metadata]\nbinding = \"META\"";
    component(&[("wrangler.toml", config), ("index.js", &source)]).await
}

fn registry(data: &Path) -> Registry {
    let key = SealingKey::load_or_create(&data.join("secret.key")).unwrap();
    Registry::new(Storage::open(data).unwrap(), key)
}

fn name(text: &str) -> WorkerName {
    text.parse().unwrap()
}

/// Publishes all workers, past the server, which is not running.
async fn publish_all(data: &Path, artifacts: &[Artifact]) -> Vec<Worker> {
    let registry = registry(data);
    let publishing = stream::iter(0..WORKERS).map(|number| {
        let (registry, artifact) = (registry.clone(), artifacts[number % artifacts.len()].clone());
        tokio::spawn(async move {
            let (worker, route) = (format!("w{number:05}"), route(number));
            let new = NewVersion {
                artifact: Some(artifact),
                vars: [("NUMBER".to_owned(), number.into())].into(),
                bindings: [("META".to_owned(), Binding::VersionMetadata)].into(),
                compatibility_date: "2026-01-01".to_owned(),
                ..NewVersion::default()
            };
            let publish = Publish {
                routes: Some(route.iter().map(|route| route.parse::<RoutePattern>().unwrap().into()).collect()),
                subdomain: Some(true),
                previews: Some(true),
                traffic: Traffic::All,
                targets: Targets::MustExist,
                author: "test".to_owned(),
                message: String::new(),
            };
            let done = registry.publish(&name(&worker), new, publish).await.unwrap();
            Worker { name: worker, version: done.value.version.id, route }
        })
    });
    publishing.buffered(PARALLEL).map(Result::unwrap).collect().await
}

/// The route of a worker: every second one has one, and they are of five kinds.
fn route(number: usize) -> Option<String> {
    match number % 10 {
        0 => Some(format!("h{number}.example.com/*")),
        2 => Some(format!("*.z{number}.example.net/api/*")),
        4 => Some(format!("shared.example.com/t/{number}/*")),
        6 => Some(format!("*.example.org/u{number}/*")),
        8 => Some(format!("*y{number}.example.com/only")),
        _ => None,
    }
}

/// Host and path that lead to the worker by its route, and nearly so.
fn by_route(number: usize) -> [(String, String); 2] {
    match number % 10 {
        0 => [
            (format!("h{number}.example.com"), "/a?b".to_owned()),
            (format!("www.h{number}.example.com"), "/a".to_owned()),
        ],
        2 => [
            (format!("a.b.z{number}.example.net"), "/api/x".to_owned()),
            (format!("z{number}.example.net"), "/api/x".to_owned()),
        ],
        4 => [
            ("shared.example.com".to_owned(), format!("/t/{number}/x")),
            ("shared.example.com".to_owned(), format!("/t/{number}")),
        ],
        6 => [
            (format!("a{number}.example.org"), format!("/u{number}/")),
            ("example.org".to_owned(), format!("/u{number}/")),
        ],
        _ => [
            (format!("my{number}.example.com"), "/only".to_owned()),
            (format!("my{number}.example.com"), "/only/".to_owned()),
        ],
    }
}

async fn ask(node: &Node, host: &str, path: &str) -> Answer {
    let request = Request::get(format!("{}{path}", node.base)).header("host", host);
    node.send(request.body(Full::default()).unwrap()).await
}

async fn find_routes(node: &Node, workers: &[Worker]) {
    // Few enough for the list of loaded versions, and of all kinds.
    for number in (0..WORKERS).step_by(WORKERS / 50 - 7) {
        let worker = &workers[number];
        let answers = |host: String, path: String| async move {
            let answer = ask(node, &host, &path).await;
            assert_eq!(answer.status, StatusCode::OK, "{host}{path}: {answer:?}");
            let text = answer.text();
            assert!(
                text.starts_with(&format!("{} ", worker.version)),
                "{host}{path} led to {text}, not {}",
                worker.name
            );
            assert!(text.ends_with(&format!("http://{host}{path}")), "{text}");
        };
        answers(format!("{}.localhost", worker.name), "/x".to_owned()).await;
        answers(format!("{}-{}.localhost", worker.version, worker.name), "/x".to_owned()).await;
        if worker.route.is_some() {
            let [(host, path), (near_host, near_path)] = by_route(number);
            answers(host.clone(), path.clone()).await;
            refused(node, &near_host, &near_path).await;
            let url = format!("/v1/routes/explain?url=http://{host}{}", path.replace('?', "%3F"));
            let explained = node.api(Method::GET, &url, None).await.json();
            assert_eq!(explained["worker"], json!(worker.name), "{explained}");
            assert_eq!(explained["how"]["pattern"], json!(worker.route), "{explained}");
        }
    }
    let version = &workers[0].version;
    for host in ["localhost", "w99999.localhost", "a.w00000.localhost", "unknown.test", "example.com", "h1.example.com"]
    {
        refused(node, host, "/").await;
    }
    refused(node, &format!("{version}-w00001.localhost"), "/").await;
}

async fn refused(node: &Node, host: &str, path: &str) {
    let answer = ask(node, host, path).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{host}{path}: {answer:?}");
    assert_eq!(answer.header("x-glowplug-error"), Some("1022"), "{host}{path}: {answer:?}");
}

async fn publish(node: &Node, name: &str, component: &Bytes, route: Option<&str>) -> Value {
    let digest = node.upload(component).await;
    let body = json!({
        "version": {
            "artifact": digest,
            "bindings": {"META": {"type": "version_metadata"}},
            "compatibility_date": "2026-01-01",
        },
        "deploy": true,
        "routes": route.map(|route| [route]),
    });
    let answer = node.api(Method::POST, &format!("/v1/workers/{name}/versions"), Some(body)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json()
}

/// Deploys new workers with components that the server has not seen; gives what each step took on the server.
async fn deploy_more(node: &Node) -> Vec<[Duration; STEPS.len()]> {
    let mut took = Vec::new();
    for number in 0..10 {
        let (name, route) = (format!("more-{number}"), format!("more{number}.example.com/*"));
        let published = publish(node, &name, &answering(COMPONENTS + number).await, Some(&route)).await;
        let milliseconds = &published["milliseconds"];
        took.push(STEPS.map(|step| Duration::from_secs_f64(milliseconds[step].as_f64().unwrap() / 1000.0)));
        // Deployed is live.
        let answer = ask(node, &format!("more{number}.example.com"), "/").await;
        assert!(answer.text().starts_with(published["version"]["id"].as_str().unwrap()), "{answer:?}");
    }
    took
}

async fn loaded_versions_are_bounded(node: &Node, workers: &[Worker], report: &mut String) {
    let call = |worker: usize| async move {
        let Worker { name, version, .. } = &workers[worker];
        let began = Instant::now();
        let answer = node.get(name, "/").await;
        let took = began.elapsed();
        assert!(answer.text().starts_with(&format!("{version} ")), "{name}: {answer:?}");
        took
    };
    // Odd ones: no other part of the test has called them.
    let numbers: Vec<_> = (0..3 * LOADED).map(|index| index * 2 + 1).collect();
    let (mut cold, mut memory) = (Vec::new(), Vec::new());
    for hundred in numbers.chunks(LOADED) {
        for &number in hundred {
            cold.push(call(number).await);
        }
        memory.push(resident(node));
    }
    // The first has been forgotten for long, and answers all the same; so do the last, which are loaded.
    let again = call(numbers[0]).await;
    let mut warm = Vec::new();
    for &number in &numbers[2 * LOADED + 10..] {
        warm.push(call(number).await);
    }
    writeln!(report, "first request of a worker: {}", spread(&cold)).unwrap();
    writeln!(report, "a forgotten one again: {again:.1?}; loaded ones: {}", spread(&warm)).unwrap();
    let shown: Vec<_> = memory.iter().map(|bytes| format!("{} MB", bytes / 1_000_000)).collect();
    writeln!(report, "resident after 100, 200, 300 workers called, of which {LOADED} are kept: {}", shown.join(", "))
        .unwrap();
    let grown = memory[2].saturating_sub(memory[0]);
    assert!(grown < GROWTH, "memory grew by {grown} bytes with workers that are not kept\n{report}");
}

/// Resident memory of the server in bytes.
fn resident(node: &Node) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", node.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

fn spread(took: &[Duration]) -> String {
    let mut took = took.to_vec();
    took.sort();
    let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
    format!("p50 {:.1?}, p99 {:.1?}, max {:.1?}", at(50), at(99), at(100))
}
