//! The ledger and budgets: what was answered is counted once, however the server ends, and no budget is overshot.

use crate::crash::Random;
use crate::load::Load;
use crate::node::Node;
use crate::support::{Answer, PATIENCE};
use futures_util::future::join_all;
use http::{Method, header};
use http_body_util::Full;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const HELLO: &str = "export default { fetch() { return new Response('hello'); } };";
/// Clients of the test that kills the server; each has one request under way.
const CLIENTS: usize = 8;
const KILLS: usize = 6;
/// Requests that are answered in all, unless `GLOWPLUG_LEDGER_REQUESTS` says otherwise.
const REQUESTS: usize = 20_000;

async fn start(data: &Path, token: Option<&str>) -> Node {
    Node::on(data, token, &[]).await
}

async fn usage(node: &Node, query: &str) -> Value {
    let answer = node.api(Method::GET, &format!("/v1/usage?{query}"), None).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    answer.json()
}

/// The member `name` of all usage, as a number.
async fn total(node: &Node, name: &str) -> u64 {
    usage(node, "").await["total"][name].as_u64().unwrap()
}

async fn set_budget(node: &Node, path: &str, fuel: u64) {
    let answer = node.api(Method::PUT, &format!("/v1/budgets/{path}"), Some(json!({ "fuel": fuel }))).await;
    assert!(answer.status.is_success(), "{}", answer.text());
}

/// What a budget has: all of it, what is spent, what is left.
async fn budget(node: &Node, path: &str) -> [u64; 3] {
    let budget = node.api(Method::GET, &format!("/v1/budgets/{path}"), None).await.json();
    assert_eq!(budget["reserved"], 0, "nothing is under way");
    ["fuel", "spent", "left"].map(|name| budget[name].as_u64().unwrap())
}

/// The fuel of one request.
async fn fuel_of_one(node: &Node, name: &str) -> u64 {
    assert_eq!(node.get(name, "/").await.status, 200);
    usage(node, &format!("worker={name}")).await["total"]["fuel"].as_u64().unwrap()
}

static ANSWERED: AtomicUsize = AtomicUsize::new(0);

fn is_hello(answer: &Answer) -> Result<(), String> {
    if answer.status != 200 || answer.body != "hello" {
        return Err(format!("{answer:?}"));
    }
    ANSWERED.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

/// Waits until `count` requests were answered.
async fn answered(count: usize) {
    let mut last = (ANSWERED.load(Ordering::Relaxed), Instant::now());
    while last.0 < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
        let now = ANSWERED.load(Ordering::Relaxed);
        if now != last.0 {
            last = (now, Instant::now());
        }
        assert!(last.1.elapsed() < PATIENCE, "nothing was answered for {PATIENCE:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_counted_once_though_the_server_is_killed_at_any_moment() {
    let requests = std::env::var("GLOWPLUG_LEDGER_REQUESTS").map_or(REQUESTS, |text| text.parse().expect("a number"));
    let mut random = Random::new(std::process::id().into());
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut node = start(&data, None).await;
    let token = node.token.clone();
    node.deploy_script("hello", HELLO).await;
    set_budget(&node, "worker/hello", 1 << 60).await;
    let (mut lost, mut highest, begin) = (0, 0, Instant::now());
    for round in 1..=KILLS + 1 {
        let load = Load::start(&node.base, "hello", "/", CLIENTS, is_hello);
        answered(requests * round / (KILLS + 1)).await;
        let seen = if round <= KILLS {
            // Commits come once a second: before, in the middle of one, and after.
            tokio::time::sleep(Duration::from_micros(random.below(300_000))).await;
            node.kill().await;
            lost += CLIENTS;
            let seen = load.stop().await;
            node = start(&data, Some(&token)).await;
            seen
        } else {
            load.stop().await
        };
        let failed = seen.iter().filter(|seen| seen.got.is_err()).count();
        assert!(round <= KILLS || failed == 0, "{:?}", seen.iter().find(|seen| seen.got.is_err()));
        let (answered, counted) = (ANSWERED.load(Ordering::Relaxed), total(&node, "requests").await as usize);
        println!("round {round}: {answered} were answered, {counted} counted, {failed} requests failed");
        assert!(counted >= answered, "{} answers are not counted", answered - counted);
        assert!(counted <= answered + lost, "{} are too many", counted - answered - lost);
        highest = highest.max(counted - answered);
        assert_eq!(
            budget(&node, "worker/hello").await[1],
            total(&node, "fuel").await,
            "what is spent is what was used"
        );
    }
    println!("{requests} requests, {KILLS} kills, {highest} unanswered ones counted, {:?}", begin.elapsed());
    let (answered, counted) = (ANSWERED.load(Ordering::Relaxed), total(&node, "requests").await);
    let (status, stderr) = node.stop().await;
    assert!(status.success() && !stderr.contains("ERROR"), "{stderr}");
    assert_eq!(std::fs::read_dir(data.join("ledger")).unwrap().count(), 1, "an empty segment is left");
    let node = start(&data, Some(&token)).await;
    assert_eq!(total(&node, "requests").await, counted, "after {answered} answers and an orderly end");
}

#[tokio::test]
async fn usage_is_told_by_worker_version_route_and_day() {
    let node = Node::start().await;
    let first = node.deploy(&[("index.js", HELLO)], &["--name", "one", "--route", "one.test/*"]).await;
    let second = node.deploy(&[("index.js", HELLO)], &["--name", "one", "--var", "A=1"]).await;
    let thrower = "export default { fetch() { throw new Error('no'); } };";
    node.deploy_script("two", thrower).await;
    let routed = http::Request::get(&node.base).header(header::HOST, "one.test").body(Full::default()).unwrap();
    assert_eq!(node.send(routed).await.status, 200);
    for _ in 0..2 {
        assert_eq!(node.get("one", "/").await.status, 200);
    }
    let id = first["version"].as_str().unwrap();
    assert_eq!(node.get(&format!("{id}-one"), "/").await.status, 200);
    assert_eq!(node.get("two", "/").await.status, 500);
    // It leads to no worker.
    assert_eq!(node.get("nobody", "/").await.status, 404);

    let here = Path::new(".");
    let by = async |key: &str| {
        let usage = node.cli_json(here, &["usage", "--since", "1h", "--by", key, "--json"]).await;
        assert_eq!(usage["total"]["requests"], 5);
        let line = |line: &Value| {
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            (text("worker"), format!("{}{}", text("version"), text("route")), line["requests"].as_u64().unwrap())
        };
        usage["usage"].as_array().unwrap().iter().map(line).collect::<Vec<_>>()
    };
    let line = |worker: &str, what: &str, requests| (worker.to_owned(), what.to_owned(), requests);
    assert_eq!(by("worker").await, [line("one", "", 4), line("two", "", 1)]);
    let mut versions = vec![line("one", id, 1), line("one", second["version"].as_str().unwrap(), 3)];
    versions.sort();
    assert_eq!(by("version").await[..2], versions);
    let routes = [
        line("one", "(preview)", 1),
        line("one", "one.localhost/*", 2),
        line("one", "one.test/*", 1),
        line("two", "two.localhost/*", 1),
    ];
    assert_eq!(by("route").await, routes);
    assert_eq!(by("day").await, [line("", "", 5)]);

    let two = node.cli_json(here, &["usage", "--worker", "two", "--json"]).await;
    assert_eq!(two["total"]["outcomes"], json!({ "exception": 1 }));
    assert!(two["total"]["cpu_ms"].as_f64().unwrap() > 0.0 && two["total"]["most_memory"].as_u64().unwrap() > 0);
    let one = usage(&node, "worker=one").await;
    assert_eq!(one["total"]["bytes_out"], 4 * "hello".len());

    let output = node.cli(&["usage", "--csv"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert!(
        lines.len() == 3 && lines[1].starts_with("one,,,,4,4,0,") && lines[2].starts_with("two,,,,1,0,1,"),
        "{text}"
    );
    let output = node.cli(&["usage", "--by", "route"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("one one.test/*") && text.lines().last().unwrap().starts_with("total "), "{text}");
    let nothing = node.cli_json(here, &["usage", "--until", "2020-01-01", "--since", "2019-01-01", "--json"]).await;
    assert_eq!(nothing["usage"], json!([]));
}

#[tokio::test]
async fn static_assets_and_calls_between_workers_are_counted_where_they_belong() {
    let node = Node::start().await;
    let site = "name = \"site\"\nmain = \"index.js\"\n[assets]\ndirectory = \"public\"";
    node.deploy(&[("wrangler.toml", site), ("index.js", HELLO), ("public/a.txt", "file")], &[]).await;
    let caller = "name = \"caller\"\nmain = \"index.js\"\n[[services]]\nbinding = \"SITE\"\nservice = \"site\"";
    let script = "export default { fetch(request, env) { return env.SITE.fetch(request); } };";
    node.deploy(&[("wrangler.toml", caller), ("index.js", script)], &[]).await;
    for path in ["/a.txt", "/a.txt", "/other"] {
        assert_eq!(node.get("site", path).await.status, 200);
    }
    assert_eq!(node.get("caller", "/other").await.text(), "hello");
    assert_eq!(node.get("caller", "/a.txt").await.text(), "file");
    let by_route = usage(&node, "by=route").await;
    let lines = by_route["usage"].as_array().unwrap().iter().map(|line| {
        let route = format!("{} {}", line["worker"].as_str().unwrap(), line["route"].as_str().unwrap());
        (route, line["requests"].as_u64().unwrap(), line["assets"].as_u64().unwrap())
    });
    let expected = [("caller caller.localhost/*", 2, 0), ("site (binding)", 1, 1), ("site site.localhost/*", 1, 2)];
    assert_eq!(lines.collect::<Vec<_>>(), expected.map(|(route, runs, assets)| (route.to_owned(), runs, assets)));
}

#[tokio::test]
async fn a_budget_is_used_up_to_its_last_unit_by_concurrent_requests_and_then_refuses() {
    let node = Node::start().await;
    node.deploy_script("hello", HELLO).await;
    let one = fuel_of_one(&node, "hello").await;
    let fuel = one * 10 + one / 2;
    let output = node.cli(&["budget", "set", "hello", "--fuel", &fuel.to_string()]).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers = join_all((0..40).map(|_| node.get("hello", "/"))).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    // Ten are paid for whole, and one runs on what is left.
    assert_eq!((count(200), count(503), count(429)), (10, 1, 29));
    let cut = answers.iter().find(|answer| answer.status == 503).unwrap();
    assert_eq!(cut.header("x-glowplug-error"), Some("1102"));
    let refused = answers.iter().find(|answer| answer.status == 429).unwrap();
    assert_eq!((refused.header("x-glowplug-error"), refused.header("retry-after")), (Some("1111"), None));
    assert!(refused.text().contains("The fuel budget is used up"), "{}", refused.text());
    let request = node.to("hello", Method::GET, "/").header("accept", "application/json").body(Full::default());
    let refused = node.send(request.unwrap()).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (429, &json!(1111)));

    assert_eq!(budget(&node, "worker/hello").await, [fuel, fuel, 0]);
    let all = usage(&node, "").await;
    assert_eq!(all["total"]["fuel"], fuel + one);
    assert_eq!(all["total"]["outcomes"], json!({ "ok": 11, "exceededCpu": 1, "refused": 30 }));

    let output = node.cli(&["budget", "add", "hello", "--fuel", "1G"]).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(node.get("hello", "/").await.status, 200);
    assert_eq!(budget(&node, "worker/hello").await, [fuel + 1_000_000_000, fuel + one, 1_000_000_000 - one]);
    let output = node.cli(&["budget", "show"]).await;
    assert!(String::from_utf8_lossy(&output.stdout).contains("worker  hello"), "{output:?}");
    let output = node.cli(&["budget", "remove", "hello"]).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = node.cli(&["budget", "show", "hello"]).await;
    assert!(String::from_utf8_lossy(&output.stderr).contains("worker `hello` has no budget"), "{output:?}");
}

#[tokio::test]
async fn what_runs_on_the_rest_of_a_budget_is_told_so() {
    let node = Node::start_with(&["--access-log"]).await;
    node.deploy_script("busy", "export default { fetch() { for (;;) {} } };").await;
    set_budget(&node, "worker/busy", 90_000_000).await;
    let mut codes = Vec::new();
    while codes.last().is_none_or(|code| code != "1111") {
        // JavaScript is stopped a little before the end, so that its place can be told: the next run has the rest.
        codes.push(node.get("busy", "/").await.header("x-glowplug-error").unwrap().to_owned());
        assert!(codes.len() < 10, "{codes:?}");
    }
    assert!(codes.len() > 1 && codes[..codes.len() - 1].iter().all(|code| code == "1102"), "{codes:?}");
    assert_eq!(budget(&node, "worker/busy").await[1..], [90_000_000, 0]);
    let stderr = node.stderr();
    assert!(stderr.contains("since its budget had no more than 90000000 for it"), "{stderr}");
    assert!(stderr.contains("the fuel budget of worker `busy` is used up"), "{stderr}");
}

#[tokio::test]
async fn a_token_pays_for_all_that_it_published_and_a_callee_for_itself() {
    let node = Node::start().await;
    let made =
        node.cli_json(Path::new("."), &["tokens", "create", "--name", "ci", "--scope", "deploy", "--json"]).await;
    let flags = ["--token", made["token"].as_str().unwrap()];
    node.deploy(&[("index.js", HELLO)], &[&["--name", "callee"], &flags[..]].concat()).await;
    let caller = "name = \"caller\"\nmain = \"index.js\"\n[[services]]\nbinding = \"CALLEE\"\nservice = \"callee\"";
    let script = "export default { async fetch(request, env) {
        try { return await env.CALLEE.fetch(request); } catch (error) { return new Response(error.message); }
    } };";
    node.deploy(&[("wrangler.toml", caller), ("index.js", script)], &flags).await;
    node.deploy_script("other", HELLO).await;
    set_budget(&node, "token/ci", 2_000_000_000).await;
    set_budget(&node, "worker/callee", 1_000_000_000).await;
    for name in ["caller", "callee", "other"] {
        assert_eq!(node.get(name, "/").await.text(), "hello");
    }
    let lines = usage(&node, "").await;
    let fuel = |name: &str| {
        let line = lines["usage"].as_array().unwrap().iter().find(|line| line["worker"] == name);
        line.unwrap()["fuel"].as_u64().unwrap()
    };
    assert_eq!(budget(&node, "worker/callee").await[1], fuel("callee"));
    assert_eq!(budget(&node, "token/ci").await[1], fuel("callee") + fuel("caller"));

    // The callee has nothing any more: its caller runs, and sees that the call failed.
    set_budget(&node, "worker/callee", 0).await;
    let answer = node.get("caller", "/").await;
    assert_eq!(answer.status, 200);
    assert_ne!(answer.text(), "hello");
    assert_eq!(node.get("callee", "/").await.status, 429);
    set_budget(&node, "token/ci", 0).await;
    assert_eq!(node.get("caller", "/").await.status, 429);
    assert_eq!(node.get("other", "/").await.status, 200);
}

#[tokio::test]
async fn a_budget_is_what_it_was_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut node = start(&data, None).await;
    let token = node.token.clone();
    node.deploy_script("hello", HELLO).await;
    let one = fuel_of_one(&node, "hello").await;
    set_budget(&node, "worker/hello", one * 7).await;
    for spent in 1..=6 {
        assert_eq!(node.get("hello", "/").await.status, 200);
        if spent % 2 == 0 {
            node.kill().await;
        } else {
            let (status, stderr) = node.stop().await;
            assert!(status.success(), "{stderr}");
        }
        node = start(&data, Some(&token)).await;
        assert_eq!(budget(&node, "worker/hello").await, [one * 7, one * spent, one * (7 - spent)]);
    }
    assert_eq!(node.get("hello", "/").await.status, 200);
    assert_eq!(node.get("hello", "/").await.status, 429);
}
