//! The public suite for HTTP caches, <https://cache-tests.fyi>, as npm has it (`http-cache-tests` 0.4.5), on the cache in each
//! place where it can stand. What does not pass is listed in `cache/failing.json`; that list may only get shorter. The table
//! in `docs/cache.md` says the same.
//!
//! ```sh
//! cargo test --features npm --test npm cache_tests -- --nocapture
//! GLOWPLUG_WRITE_TABLE=1 cargo test --features npm --test npm cache_tests   # writes the list and the table anew
//! ```
//!
//! The suite depends on npm itself without a use for it; `cache/package.json` puts another package in its place.

use crate::node::Node;
use crate::project;
use crate::support::PATIENCE;
use http::Method;
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const BEGIN: &str = "<!-- suite: begin -->\n";
const END: &str = "<!-- suite: end -->\n";
const KINDS: [&str; 2] = ["required", "optimal"];

/// Where the cache stands: the name of the host that leads there, and what the table says of it.
const PLACES: [(&str, &str); 3] = [
    ("plain", "in front of an origin"),
    ("passing", "in front of a worker that passes requests on"),
    ("caching", "behind a worker, as `caches.default`"),
];

/// These pass by a hair or do not, behind a worker, and are counted as failed: an age of three seconds and a bit is wanted of
/// what the worker put there when the client had its response.
const UNSTEADY: [&str; 3] = ["other-age-gen", "other-age-update-expires", "other-age-update-max-age"];

/// What came of a test.
#[derive(Debug, Deserialize)]
struct Outcome {
    id: String,
    kind: String,
    passed: bool,
    why: String,
}

/// The tests that do not pass, by place.
type Failing = BTreeMap<String, BTreeSet<String>>;

#[tokio::test(flavor = "multi_thread")]
async fn the_public_suite_passes_but_for_what_is_listed() {
    let folder = project::repository().join("tests/npm/cache");
    project::install(&folder).await;
    let (origin, _suite) = suite_server(&folder).await;
    let node = node(&origin).await;
    let port = node.base.rsplit(':').next().unwrap();
    let mut results = BTreeMap::new();
    for (place, _) in PLACES {
        let mut outcomes = run(&folder, &format!("http://{place}.localhost:{port}")).await;
        for outcome in outcomes.iter_mut().filter(|outcome| place == "caching" && UNSTEADY.contains(&&*outcome.id)) {
            outcome.passed = false;
        }
        results.insert(place, outcomes);
    }
    let failing = failing(&results);
    let (list, page) = (folder.join("failing.json"), project::repository().join("docs/cache.md"));
    if std::env::var_os("GLOWPLUG_WRITE_TABLE").is_some() {
        std::fs::write(&list, serde_json::to_string_pretty(&failing).unwrap() + "\n").unwrap();
        let (before, _, after) = parts(&page);
        std::fs::write(&page, format!("{before}{BEGIN}{}{END}{after}", table(&results))).unwrap();
        return;
    }
    let known: Failing = serde_json::from_str(&std::fs::read_to_string(&list).unwrap()).unwrap();
    let mut worse = Vec::new();
    for (place, tests) in &results {
        for Outcome { id, why, kind, .. } in tests.iter().filter(|test| !test.passed) {
            if !known[*place].contains(id) && kind != "check" {
                worse.push(format!("{place}: {id}: {why}"));
            }
        }
    }
    assert!(worse.is_empty(), "these passed before:\n{}", worse.join("\n"));
    let better: Vec<_> = (known.iter())
        .flat_map(|(place, ids)| ids.difference(&failing[place]).map(move |id| format!("{place}: {id}")))
        .collect();
    assert!(
        better.is_empty(),
        "these pass now; take them off the list (see the top of this file):\n{}",
        better.join("\n")
    );
    assert_eq!(parts(&page).1, table(&results), "the table in docs/cache.md is out of date");
}

/// The suite's own origin, and where it is.
async fn suite_server(folder: &Path) -> (String, Child) {
    let mut child = Command::new("node")
        .args(["--no-warnings", "server/server.mjs"])
        .current_dir(folder.join("node_modules/http-cache-tests"))
        .env("npm_config_protocol", "http")
        .env("npm_config_port", "0")
        .env("npm_config_pidfile", "/dev/null")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node starts");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
    let first = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("the server gets ready in time");
    let first = first.expect("stdout can be read").expect("the server says where it listens");
    let port = first.trim_end_matches('/').rsplit(':').next().unwrap_or_default().to_owned();
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (format!("http://127.0.0.1:{port}"), child)
}

/// A server with all places.
async fn node(origin: &str) -> Node {
    let node = Node::start_with(&["--private-egress"]).await;
    let route = json!({"pattern": "plain.localhost/*", "origin": origin, "cache": true});
    assert!(node.api(Method::PUT, "/v1/routes", Some(route)).await.status.is_success());
    for (name, source, cache) in
        [("passing", include_str!("cache/passing.js"), true), ("caching", include_str!("cache/caching.js"), false)]
    {
        let settings = format!(
            "name = \"{name}\"\nmain = \"index.js\"\nvars = {{ ORIGIN = \"{origin}\" }}\n\
             routes = [{{ pattern = \"{name}.localhost/*\", cache = {cache} }}]\n"
        );
        node.deploy(&[("index.js", source), ("wrangler.toml", &settings)], &[]).await;
    }
    node
}

/// Runs all tests. They wait for seconds to pass, which a busy machine gets wrong: what fails is run again, twice.
async fn run(folder: &Path, base: &str) -> Vec<Outcome> {
    let mut outcomes = run_once(folder, base, &[]).await;
    for _ in 0..2 {
        let failed: Vec<String> = outcomes.iter().filter(|test| !test.passed).map(|test| test.id.clone()).collect();
        for again in run_once(folder, base, &failed).await.into_iter().filter(|test| test.passed) {
            if let Some(outcome) = outcomes.iter_mut().find(|outcome| outcome.id == again.id) {
                *outcome = again;
            }
        }
    }
    outcomes
}

/// Runs the tests with these ids, or all.
async fn run_once(folder: &Path, base: &str, ids: &[String]) -> Vec<Outcome> {
    let mut command = Command::new("node");
    command.args(["--no-warnings", "run.mjs", base]).args(ids).current_dir(folder);
    let output = command.output().await.unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}:\n{printed}\n{said}"))
}

fn failing(results: &BTreeMap<&str, Vec<Outcome>>) -> Failing {
    let ids = |tests: &[Outcome]| {
        // What is only a question has no right answer.
        let failed = tests.iter().filter(|test| !test.passed && test.kind != "check");
        failed.map(|test| test.id.clone()).collect()
    };
    results.iter().map(|(place, tests)| ((*place).to_owned(), ids(tests))).collect()
}

/// What stands before the table, the table, and what stands after it.
fn parts(page: &Path) -> (String, String, String) {
    let text = std::fs::read_to_string(page).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the document has a place for the table");
    let (table, after) = rest.split_once(END).expect("the document has an end of the table");
    (before.to_owned(), table.to_owned(), after.to_owned())
}

fn table(results: &BTreeMap<&str, Vec<Outcome>>) -> String {
    let count = |tests: &[Outcome], kind: &str, passed: bool| {
        tests.iter().filter(|test| test.kind == kind && (test.passed || !passed)).count()
    };
    let all = KINDS.iter().map(|kind| format!("{kind}, of {}", count(&results["plain"], kind, false)));
    let mut text = format!("| the cache | {} |\n|---|---|---|\n", all.collect::<Vec<_>>().join(" | "));
    for (place, name) in PLACES {
        let passed = KINDS.iter().map(|kind| count(&results[place], kind, true).to_string());
        text.push_str(&format!("| {name} | {} |\n", passed.collect::<Vec<_>>().join(" | ")));
    }
    text
}
