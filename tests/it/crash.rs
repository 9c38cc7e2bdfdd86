//! The server is killed at any moment: what it acknowledged is there after, and nothing is there by half.
//!
//! Several clients change things at the same time, each its own, so that each knows what must be there: what was
//! acknowledged, with or without the one change that was under way when the server was killed.

mod entries;
mod worker;

use self::entries::Entries;
use self::worker::Worker;
use crate::node::{Node, component};
use crate::support::glowplug;
use glowplug::digest::Digest;
use http::Method;
use hyper::body::Bytes;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::watch;

/// How often the server is killed.
const ROUNDS: usize = 200;
/// After so many rounds everything is looked at, not only what was changed since.
const THOROUGH: usize = 20;
/// The longest that the clients are let work, in milliseconds.
const LONGEST: u64 = 400;

/// Numbers that look random (SplitMix64), and are the same for the same seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn bytes(&mut self, length: usize) -> Bytes {
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            bytes.extend(self.next().to_le_bytes());
        }
        bytes.truncate(length);
        bytes.into()
    }

    pub fn split(&mut self) -> Self {
        Self(self.next())
    }
}

/// Until when the clients work, and how they reach the server.
#[derive(Clone)]
pub struct Shift<'a> {
    pub node: &'a Node,
    pub killed: watch::Receiver<bool>,
}

impl Shift<'_> {
    /// Sends a change. None if the server was killed before it answered; then nobody knows whether it was made.
    pub async fn send(&self, request: http::Request<http_body_util::Full<Bytes>>) -> Option<crate::support::Answer> {
        match self.node.try_send(request).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                let mut killed = self.killed.clone();
                let waiting = killed.wait_for(|killed| *killed);
                let killed = tokio::time::timeout(Duration::from_secs(1), waiting).await;
                assert!(
                    killed.is_ok(),
                    "a request failed before the server was killed: {error}\n{}",
                    self.node.stderr()
                );
                None
            }
        }
    }

    /// Changes something through the admin API. It must succeed, if the server lives to answer it.
    pub async fn api(&self, method: Method, path: &str, body: Value) -> Option<Value> {
        let answer = self.send(self.node.admin_request(method.clone(), path, body.to_string())).await?;
        assert!(answer.status.is_success(), "{method} {path} {body}: {} {}", answer.status, answer.text());
        assert_eq!(answer.header("x-glowplug-warning"), None, "{method} {path} was not live in time");
        Some(if answer.body.is_empty() { Value::Null } else { answer.json() })
    }
}

/// What reads its number, its version and its secret, and stores what it is sent.
async fn source(number: usize) -> Bytes {
    let script = format!(
        "export default {{
           async fetch(request, env) {{
             if (request.method === 'GET') {{
               return Response.json({{ number: {number}, id: env.META.id, tag: env.META.tag, secret: env.SECRET }});
             }}
             const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
             const metadata = JSON.parse(request.headers.get('x-metadata'));
             if (request.method === 'PUT') await env.KV.put(key, request.body, {{ metadata }});
             else await env.KV.delete(key);
             return new Response('done');
           }},
         }};"
    );
    let config = "name = \"crash\"\nmain = \"index.js\"\n[version_metadata]\nbinding = \"META\"\n\
         [[kv_namespaces]]\nbinding = \"KV\"\nid = \"any\"\n[secrets]\nrequired = [\"SECRET\"]";
    component(&[("wrangler.toml", config), ("index.js", &script)]).await
}

/// What is the same in every round.
pub struct Setting {
    /// The components with their digests; each says its place here as its number.
    pub components: Vec<(String, Bytes)>,
    /// Id of the KV namespace.
    pub namespace: String,
}

/// Uploads a component that is not there yet, and does what another does: the server must compile it first.
pub async fn fresh(setting: &Setting, number: usize, random: &mut Random, shift: &Shift<'_>) -> Option<String> {
    // A custom section: 0, its length, the length of its name, its name, its content.
    let mut wasm = setting.components[number].1.to_vec();
    wasm.extend([0, 10, 1, b'x']);
    wasm.extend(random.next().to_le_bytes());
    let digest = Digest::of(&wasm).to_string();
    let request = shift.node.admin_request(Method::PUT, &format!("/v1/blobs/{digest}"), wasm);
    let answer = shift.send(request).await?;
    assert_eq!(answer.status, 201, "{}", answer.text());
    Some(digest)
}

/// Uploads blobs that nobody names, of which the last may be lost.
struct Uploads {
    random: Random,
    /// Acknowledged since they were last looked at.
    made: Vec<String>,
}

impl Uploads {
    async fn work(&mut self, shift: Shift<'_>) {
        loop {
            let length = 1 + self.random.below(64 * 1024);
            let bytes = self.random.bytes(length as usize);
            let digest = Digest::of(&bytes).to_string();
            let request = shift.node.admin_request(Method::PUT, &format!("/v1/blobs/{digest}"), bytes);
            let Some(answer) = shift.send(request).await else { return };
            assert_eq!(answer.status, 201, "{}", answer.text());
            self.made.push(digest);
        }
    }

    async fn check(&mut self, node: &Node) {
        let body = json!({ "digests": std::mem::take(&mut self.made) });
        let answer = node.api(Method::POST, "/v1/blobs/missing", Some(body)).await;
        assert_eq!(answer.json(), json!({ "missing": [] }));
    }
}

/// Two clients that deploy the same worker at once: who comes first is not known, but each deployment is there.
struct Crowd {
    count: usize,
    /// Number and message of what was acknowledged since it was last looked at.
    made: Vec<(u64, String)>,
}

impl Crowd {
    async fn work(&mut self, setting: &Setting, shift: Shift<'_>) {
        let one = async |member: usize| {
            let mut made = Vec::new();
            for turn in self.count.. {
                let message = format!("{member} {turn}");
                let version = json!({ "artifact": setting.components[member].0, "vars": { "MESSAGE": message }, "message": message });
                let body = json!({ "version": version, "deploy": true });
                let Some(answer) = shift.api(Method::POST, "/v1/workers/crowd/versions", body).await else {
                    return (turn + 1, made);
                };
                made.push((answer["deployment"]["number"].as_u64().unwrap(), message));
            }
            unreachable!("numbers do not end")
        };
        let ((a, first), (b, second)) = tokio::join!(one(0), one(1));
        self.count = a.max(b);
        self.made.extend(first);
        self.made.extend(second);
    }

    async fn check(&mut self, node: &Node) {
        let answer = node.api(Method::GET, "/v1/workers/crowd/deployments?limit=200", None).await.json();
        let listed = answer["deployments"].as_array().unwrap();
        let audit = node.api(Method::GET, "/v1/audit?limit=1000", None).await.json();
        let audit: Vec<_> = audit["entries"].as_array().unwrap().iter().collect();
        for (number, message) in self.made.drain(..) {
            let found = listed.iter().find(|deployment| deployment["number"] == number);
            assert_eq!(
                found.map(|found| &found["message"]),
                Some(&json!(message)),
                "deployment {number} of {listed:?}"
            );
            // The audit log is written before the answer is sent.
            let detail = format!("; deployment {number}: ");
            let is_line = |line: &&Value| {
                line["target"] == "workers/crowd/versions" && line["detail"].as_str().unwrap().contains(&detail)
            };
            assert!(audit.iter().any(is_line), "deployment {number} is not in the audit log");
        }
        let numbers: Vec<_> = listed.iter().map(|deployment| deployment["number"].as_u64().unwrap()).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] == pair[1] + 1), "{numbers:?}");
        let worker = node.api(Method::GET, "/v1/workers/crowd", None).await.json();
        assert_eq!(worker["deployment"], listed[0]);
        let live = worker["deployment"]["versions"][0]["version"].as_str().unwrap();
        let version = node.api(Method::GET, &format!("/v1/workers/crowd/versions/{live}"), None).await.json();
        assert_eq!(version["message"], worker["deployment"]["message"]);
    }
}

/// All clients and what they know.
struct World {
    setting: Setting,
    workers: Vec<Worker>,
    entries: Vec<Entries>,
    uploads: Uploads,
    crowd: Crowd,
}

impl World {
    async fn new(node: &Node, random: &mut Random) -> Self {
        let mut components = Vec::new();
        for number in 0..3 {
            let wasm = source(number).await;
            components.push((node.upload(&wasm).await, wasm));
        }
        let made = node.api(Method::POST, "/v1/kv/namespaces", Some(json!({ "title": "entries" }))).await.json();
        let setting = Setting { components, namespace: made["id"].as_str().unwrap().to_owned() };
        let alive = Shift { node, killed: watch::channel(false).1 };
        let mut workers = Vec::new();
        for name in ["first", "second", "store"] {
            workers.push(Worker::new(name, &setting, random.split(), &alive).await);
        }
        // This one stays as it is; it stores what its clients send.
        workers.pop();
        let body = json!({ "version": { "artifact": setting.components[0].0, "message": "0" }, "deploy": true });
        alive.api(Method::POST, "/v1/workers/crowd/versions", body).await;
        let entries = [entries::Way::Admin, entries::Way::Admin, entries::Way::Worker, entries::Way::Worker];
        Self {
            setting,
            workers,
            entries: entries.into_iter().enumerate().map(|(at, way)| Entries::new(at, way, random.split())).collect(),
            uploads: Uploads { random: random.split(), made: Vec::new() },
            crowd: Crowd { count: 1, made: Vec::new() },
        }
    }

    /// Lets everybody work until the server is killed, `after` this long.
    async fn work(&mut self, node: &Node, after: Duration) {
        let (kill, killed) = watch::channel(false);
        let shift = Shift { node, killed };
        let (setting, pid) = (&self.setting, node.pid());
        let killer = async {
            tokio::time::sleep(after).await;
            kill.send_replace(true);
            let pid = rustix::process::Pid::from_raw(pid as i32).expect("the server runs");
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("the server runs");
        };
        let workers = futures_util::future::join_all(self.workers.iter_mut().map(|it| it.work(setting, shift.clone())));
        let entries = futures_util::future::join_all(self.entries.iter_mut().map(|it| it.work(setting, shift.clone())));
        let uploads = self.uploads.work(shift.clone());
        let crowd = self.crowd.work(setting, shift.clone());
        tokio::join!(killer, workers, entries, uploads, crowd);
    }

    async fn check(&mut self, node: &Node, scope: entries::Scope) {
        for worker in &mut self.workers {
            worker.check(node).await;
        }
        for entries in &mut self.entries {
            entries.check(&self.setting, node, scope).await;
        }
        self.uploads.check(node).await;
        self.crowd.check(node).await;
    }
}

/// `glowplug store check` on the folder of a server that is not running.
async fn check_folder(data: &Path) {
    let output = glowplug().args(["store", "check", "--data"]).arg(data).output().await.unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
}

/// Starts a server. Its code cache is its own, since what is written there may be cut off too.
async fn start(data: &Path, token: Option<&str>) -> Node {
    Node::on(data, token, &["--cache", data.join("code").to_str().unwrap()]).await
}

/// Starts a server and kills it while it starts.
async fn killed_at_start(data: &Path, after: Duration) {
    let mut command = glowplug();
    command.args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"]).arg(data);
    command.arg("--cache").arg(data.join("code"));
    let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    tokio::time::sleep(after).await;
    child.kill().await.unwrap();
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_the_server_is_killed_at_any_moment() {
    let seed = match std::env::var("GLOWPLUG_TEST_SEED") {
        Ok(seed) => seed.parse().expect("GLOWPLUG_TEST_SEED is a number"),
        Err(_) => SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64,
    };
    println!("GLOWPLUG_TEST_SEED={seed}");
    let mut random = Random(seed);
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let begin = Instant::now();
    let mut node = start(&data, None).await;
    let token = node.token.clone();
    let mut world = World::new(&node, &mut random).await;
    let (mut starts, mut longest_start) = (Duration::ZERO, Duration::ZERO);
    for round in 1..=ROUNDS {
        let after = Duration::from_micros(random.below(LONGEST * 1000));
        world.work(&node, after).await;
        node.kill().await;
        let thorough = round % THOROUGH == 0;
        if thorough {
            check_folder(&data).await;
        }
        if random.below(8) == 0 {
            killed_at_start(&data, Duration::from_micros(random.below(100_000))).await;
        }
        let starting = Instant::now();
        node = start(&data, Some(&token)).await;
        starts += starting.elapsed();
        longest_start = longest_start.max(starting.elapsed());
        world.check(&node, if thorough { entries::Scope::All } else { entries::Scope::Changed }).await;
        if thorough {
            assert_eq!(node.api(Method::POST, "/v1/check", None).await.json(), json!({ "problems": [] }));
        }
    }
    let made: usize = world.entries.iter().map(|entries| entries.acknowledged).sum();
    let changes: usize = world.workers.iter().map(|worker| worker.acknowledged).sum();
    let (kept, lost): (usize, usize) =
        world.entries.iter().map(|entries| entries.unanswered).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    let (kept_changes, lost_changes): (usize, usize) =
        world.workers.iter().map(|worker| worker.unanswered).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    println!(
        "{ROUNDS} kills in {:.0} s; starts took {:.0} ms, at most {:.0} ms\n\
         KV: {made} writes acknowledged; of those without an answer {kept} were made and {lost} not\n\
         workers: {changes} changes acknowledged; of those without an answer {kept_changes} were made and {lost_changes} not",
        begin.elapsed().as_secs_f64(),
        starts.as_secs_f64() * 1000.0 / ROUNDS as f64,
        longest_start.as_secs_f64() * 1000.0,
    );
    let (status, stderr) = node.stop().await;
    assert!(status.success(), "{stderr}");
    check_folder(&data).await;
}
