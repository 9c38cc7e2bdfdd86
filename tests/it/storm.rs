//! Deployments under load: no request may notice more than that another version answers.

use crate::load::{Load, Pace, Seen};
use crate::node::{Node, component};
use crate::support::Answer;
use futures_util::future::join_all;
use glowplug::registry::{KEPT_DEPLOYMENTS, KEPT_VERSIONS};
use http::{Method, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};

const CLIENTS: usize = 16;
/// Clients besides, whose responses take longer than a deployment.
const STREAMS: usize = 2;
/// Lines of a response, all alike: a response of two versions would show it.
const LINES: usize = 40;

/// A component that answers each line with `number` and the id of its version.
async fn numbered(number: usize) -> Bytes {
    let source = format!(
        "const line = (env) => `{number} ${{env.META.id}}\\n`;
         export default {{
           fetch(request, env) {{
             if (!request.url.endsWith('/stream')) return new Response(line(env).repeat({LINES}));
             let left = {LINES};
             const encoder = new TextEncoder();
             return new Response(new ReadableStream({{
               async pull(controller) {{
                 await new Promise((resolve) => setTimeout(resolve, 1));
                 controller.enqueue(encoder.encode(line(env)));
                 if (--left === 0) controller.close();
               }},
             }}));
           }},
         }};"
    );
    let config = "name = \"storm\"\nmain = \"index.js\"\n[version_metadata]\nbinding = \"META\"";
    component(&[("wrangler.toml", config), ("index.js", &source)]).await
}

/// Which component and which version a response is of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Made {
    number: usize,
    version: String,
}

fn read(answer: &Answer) -> Result<Made, String> {
    if answer.status != StatusCode::OK {
        return Err(format!("{} {:?}", answer.status, answer.body));
    }
    let text = answer.text();
    let first = text.lines().next().unwrap_or_default();
    if text != format!("{first}\n").repeat(LINES) {
        return Err(format!("the response is not of one version, or not whole: {text:?}"));
    }
    let (number, version) = first.split_once(' ').ok_or_else(|| format!("the worker said {first:?}"))?;
    let number = number.parse().map_err(|_| format!("the worker said {first:?}"))?;
    Ok(Made { number, version: version.to_owned() })
}

/// The worker `storm` and all that became live of it, one after the other.
struct Storm {
    node: Node,
    components: Vec<String>,
    live: Vec<Live>,
}

struct Live {
    made: Made,
    /// When it was asked for, and when it was acknowledged.
    asked: Instant,
    acknowledged: Instant,
}

impl Storm {
    async fn start(components: usize) -> Self {
        let node = Node::start().await;
        let mut digests = Vec::new();
        for number in 0..components {
            digests.push(node.upload(&numbered(number).await).await);
        }
        Self { node, components: digests, live: Vec::new() }
    }

    /// Makes a version of the component `number`, unlike all others by `nonce`.
    async fn publish(&self, number: usize, nonce: usize, deploy: bool) -> Value {
        let version = json!({
            "artifact": self.components[number],
            "bindings": { "META": { "type": "version_metadata" } },
            "vars": { "NONCE": nonce.to_string() },
            "message": format!("version {nonce}"),
        });
        let body = json!({ "version": version, "deploy": deploy });
        let answer = self.node.api(Method::POST, "/v1/workers/storm/versions", Some(body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let published = answer.json();
        assert_eq!(published["unchanged"], false, "{published}");
        assert!(published.get("warning").is_none(), "{published}");
        published
    }

    /// Makes the next version live, and sees that it is.
    async fn deploy(&mut self) {
        let nonce = self.live.len();
        let number = nonce % self.components.len();
        let asked = Instant::now();
        let published = self.publish(number, nonce, true).await;
        let acknowledged = Instant::now();
        assert_eq!(published["deployment"]["number"], nonce + 1);
        let made = Made { number, version: published["version"]["id"].as_str().unwrap().to_owned() };
        assert_eq!(read(&self.node.get("storm", "/").await), Ok(made.clone()), "what is acknowledged is live");
        self.live.push(Live { made, asked, acknowledged });
    }

    /// Goes back to the version that was live at `at`, and sees that it is live.
    async fn roll_back_to(&mut self, at: usize) {
        let made = self.live[at].made.clone();
        let asked = Instant::now();
        let body = json!({ "version": made.version });
        let answer = self.node.api(Method::POST, "/v1/workers/storm/rollback", Some(body)).await;
        let acknowledged = Instant::now();
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        assert_eq!(read(&self.node.get("storm", "/").await), Ok(made.clone()), "what is acknowledged is live");
        self.live.push(Live { made, asked, acknowledged });
    }

    fn load(&self) -> (Load<Made>, Load<Made>) {
        let start = |path, clients| Load::start(&self.node.base, "storm", path, clients, read);
        (start("/", CLIENTS), start("/stream", STREAMS))
    }

    /// Every request was answered by a version that was live at some moment while it was under way.
    fn check(&self, seen: &[Seen<Made>]) {
        let mut by_version: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, live) in self.live.iter().enumerate() {
            by_version.entry(&live.made.version).or_default().push(at);
        }
        for Seen { from, until, got } in seen {
            let got = got.as_ref().unwrap_or_else(|error| panic!("a request failed: {error}"));
            let times = by_version.get(got.version.as_str()).unwrap_or_else(|| panic!("{got:?} was never live"));
            let could_answer = times.iter().any(|&at| {
                let replaced = self.live.get(at + 1).map(|next| next.acknowledged);
                self.live[at].made == *got && self.live[at].asked <= *until && replaced.is_none_or(|at| *from <= at)
            });
            assert!(could_answer, "{got:?} answered a request when it was not live");
        }
    }
}

/// The 99th percentile with deployments is at most this many times that without.
const SLOWER: u32 = 2;
/// Allowed besides. In an unoptimised build the server spends some 20 ms of one of the machine's processors on each
/// deployment, which clients that keep all of them busy must wait for; an optimised build does it in a few.
const FLOOR: Duration = if cfg!(debug_assertions) { Duration::from_millis(25) } else { Duration::from_millis(3) };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_deployments_under_load_fail_no_request_and_keep_the_pace() {
    const DEPLOYMENTS: usize = 1000;
    const ROUNDS: usize = 20;
    let mut storm = Storm::start(8).await;
    storm.deploy().await;
    let (mut quiet, mut stormy, mut streams) = (Vec::new(), Vec::new(), Vec::new());
    let resident = storm.node.resident();
    let mut lasted = Duration::ZERO;
    for round in 0..ROUNDS {
        // By turns and for a short time each, so that what else the machine does falls on both.
        for deploying in [round % 2 == 0, round % 2 == 1] {
            let (load, streaming) = storm.load();
            let start = Instant::now();
            if deploying {
                for _ in 0..DEPLOYMENTS / ROUNDS {
                    storm.deploy().await;
                }
                lasted = start.elapsed();
            } else {
                tokio::time::sleep(lasted).await;
            }
            let seen = load.stop().await;
            streams.extend(streaming.stop().await);
            if deploying {
                stormy.extend(seen)
            } else {
                quiet.extend(seen)
            };
        }
    }
    for seen in [&quiet, &stormy, &streams] {
        storm.check(seen);
    }
    let (without, with) = (Pace::of(&quiet), Pace::of(&stormy));
    let took = storm.live.iter().map(|live| Seen { from: live.asked, until: live.acknowledged, got: Ok(()) });
    println!("without deployments: {without}\nwith deployments:    {with}");
    println!("streamed responses:  {}", Pace::of(&streams));
    println!("deployments:         {}", Pace::of(&took.collect::<Vec<_>>()));
    println!("memory: {resident} MiB before, {} MiB after", storm.node.resident());
    assert!(with.p99 <= SLOWER * without.p99 + FLOOR, "deployments make requests slow");

    let answer = storm.node.api(Method::GET, "/v1/workers/storm/deployments?limit=1000", None).await.json();
    let listed: Vec<_> = answer["deployments"].as_array().unwrap().iter().rev().collect();
    assert_eq!(listed.len(), DEPLOYMENTS.min(KEPT_DEPLOYMENTS as usize));
    for (live, listed) in storm.live[1..].iter().zip(&listed) {
        assert_eq!(listed["versions"], json!([{ "version": live.made.version, "percent": 100.0 }]));
    }
    for (before, after) in listed.iter().zip(&listed[1..]) {
        assert_eq!(before["number"].as_u64().unwrap() + 1, after["number"].as_u64().unwrap());
    }
    let versions = storm.node.api(Method::GET, "/v1/workers/storm/versions", None).await.json();
    assert_eq!(versions["versions"].as_array().unwrap().len(), KEPT_VERSIONS);
    assert_eq!(versions["versions"][0]["id"], storm.live.last().unwrap().made.version);
    assert_eq!(storm.node.api(Method::POST, "/v1/check", None).await.json(), json!({ "problems": [] }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rollbacks_under_load_fail_no_request() {
    let mut storm = Storm::start(2).await;
    storm.deploy().await;
    storm.deploy().await;
    let (load, streams) = storm.load();
    for turn in 0..50 {
        storm.roll_back_to(turn % 2).await;
    }
    let seen = load.stop().await;
    println!("with rollbacks: {}", Pace::of(&seen));
    storm.check(&seen);
    storm.check(&streams.stop().await);
}

#[tokio::test]
async fn a_preview_answers_under_its_own_host_before_it_takes_traffic() {
    let mut storm = Storm::start(2).await;
    storm.deploy().await;
    let published = storm.publish(1, 1, false).await;
    assert_eq!(published["deployment"], Value::Null);
    let version = published["version"]["id"].as_str().unwrap();
    let url = published["preview_url"].as_str().unwrap();
    assert!(url.starts_with(&format!("http://{version}-storm.localhost:")), "{url}");
    let preview = storm.node.get(&format!("{version}-storm"), "/").await;
    assert_eq!(read(&preview), Ok(Made { number: 1, version: version.to_owned() }));
    for _ in 0..20 {
        assert_eq!(read(&storm.node.get("storm", "/").await), Ok(storm.live[0].made.clone()));
    }
}

/// How far a count of `share` of `of` may be from what is expected: five standard deviations, which by chance
/// happens once in a million times.
fn deviation(of: usize, share: f64) -> f64 {
    5.0 * (of as f64 * share * (1.0 - share)).sqrt()
}

impl Storm {
    /// The version that the client with this header gets, and the cookie that is set for it.
    async fn ask(&self, header: Option<(&str, &str)>) -> (Made, Option<String>) {
        let mut request = self.node.to("storm", Method::GET, "/");
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let answer = self.node.send(request.body(Full::default()).unwrap()).await;
        (read(&answer).unwrap(), answer.header("set-cookie").map(str::to_owned))
    }

    /// What each of the clients named by their keys gets. They come in bunches, since each waits for its turn anyway.
    async fn ask_keys(&self, keys: &[String]) -> Vec<Made> {
        let mut got = Vec::new();
        for bunch in keys.chunks(8) {
            let asked = bunch.iter().map(|key| self.ask(Some(("glowplug-version-key", key.as_str()))));
            for (made, cookie) in join_all(asked).await {
                assert_eq!(cookie, None, "a client that names itself needs no cookie");
                got.push(made);
            }
        }
        got
    }

    async fn split(&self, old: &Made, percent: f64, new: &Made) {
        let share = |made: &Made, percent: f64| json!({ "version": made.version, "percent": percent });
        let body = json!({ "versions": [share(old, 100.0 - percent), share(new, percent)] });
        let answer = self.node.api(Method::POST, "/v1/workers/storm/deployments", Some(body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }
}

#[tokio::test]
async fn a_gradual_deployment_gives_each_client_one_version_and_each_version_its_share() {
    const KEYS: usize = 1000;
    let mut storm = Storm::start(2).await;
    storm.deploy().await;
    storm.deploy().await;
    let (old, new) = (storm.live[0].made.clone(), storm.live[1].made.clone());
    storm.split(&old, 10.0, &new).await;

    let keys: Vec<String> = (0..KEYS).map(|client| format!("client {client}")).collect();
    let first = storm.ask_keys(&keys).await;
    let of_new = first.iter().filter(|made| **made == new).count();
    println!("{of_new} of {KEYS} clients are among 10 %");
    assert!((of_new as f64 - 100.0).abs() <= deviation(KEYS, 0.1));
    assert!(first.iter().all(|made| *made == old || *made == new));
    assert!(storm.ask_keys(&keys).await == first, "a client keeps its version");

    storm.split(&old, 50.0, &new).await;
    let later = storm.ask_keys(&keys).await;
    let of_new = later.iter().filter(|made| **made == new).count();
    println!("{of_new} of {KEYS} clients are among 50 %");
    assert!((of_new as f64 - 500.0).abs() <= deviation(KEYS, 0.5));
    let back = first.iter().zip(&later).filter(|(first, later)| **first == new && **later == old).count();
    assert_eq!(back, 0, "a share that grows takes no client back");
}

#[tokio::test]
async fn a_client_without_a_key_is_known_by_a_cookie() {
    const NEW_CLIENTS: usize = 200;
    let mut storm = Storm::start(2).await;
    storm.deploy().await;
    assert_eq!(storm.ask(None).await.1, None, "one version needs no cookie");
    storm.deploy().await;
    let (old, new) = (storm.live[0].made.clone(), storm.live[1].made.clone());
    storm.split(&old, 50.0, &new).await;
    let mut of_new = 0;
    for client in 0..NEW_CLIENTS {
        let (made, cookie) = storm.ask(None).await;
        of_new += usize::from(made == new);
        let cookie = cookie.expect("a new client gets a cookie");
        if client < 20 {
            let pair = cookie.split(';').next().unwrap();
            for _ in 0..3 {
                assert_eq!(storm.ask(Some(("cookie", pair))).await, (made.clone(), None));
            }
        }
    }
    println!("{of_new} of {NEW_CLIENTS} new clients are among 50 %");
    assert!((of_new as f64 - 100.0).abs() <= deviation(NEW_CLIENTS, 0.5));
}
