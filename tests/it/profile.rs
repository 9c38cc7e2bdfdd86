//! `glowplug profile`: where the fuel goes, of the very run that is billed.

use crate::support::{PATIENCE, glowplug, project};
use flate2::read::GzDecoder;
use glowplug::limits::FUEL_PER_CPU_MS;
use glowplug::meter::Operation;
use serde_json::Value;
use std::io::Read;
use std::path::Path;
use std::process::Output;

const WORKER: &str = "function hot(n) {
  let total = 0;
  for (let i = 0; i < n; i++) {
    total = (total * 31 + i) % 1000003; // hot line
  }
  return total;
}
function cold(n) { return hot(n) + 1; }
export default { async fetch(request) {
  const n = Number(new URL(request.url).searchParams.get('n') ?? 1000);
  if (request.method === 'POST') throw new Error(await request.text());
  return new Response(`${cold(n)}\\n`);
} };
";

fn guest(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests/dist").join(name).to_str().unwrap().to_owned()
}

async fn profile(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = glowplug();
    command.arg("profile").args(arguments).current_dir(dir);
    tokio::time::timeout(PATIENCE * 4, command.output()).await.expect("the command ends").expect("the command starts")
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("stderr is text")
}

/// A profile that is made without a word on stderr but for the files it wrote, as JSON.
async fn profiled(dir: &Path, arguments: &[&str]) -> Value {
    let output = profile(dir, &[arguments, &["--json"]].concat()).await;
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(!stderr(&output).contains("warning"), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{}", stderr(&output)))
}

/// The fuel of all functions' own, which must be all there is.
fn assert_accounted(report: &Value) {
    let own: u64 = functions(report).iter().map(|function| function["own"].as_u64().unwrap()).sum();
    assert_eq!(Some(own), report["fuel"].as_u64());
    assert_eq!(report["exact"], true, "{}", report["requests"]);
    let requests = report["requests"].as_array().unwrap();
    assert!(requests.iter().all(|request| request["fuel"] == request["unwatched_fuel"]), "{requests:?}");
    assert_eq!(requests.iter().map(|request| request["fuel"].as_u64().unwrap()).sum::<u64>(), own);
}

fn functions(report: &Value) -> &[Value] {
    report["functions"].as_array().unwrap()
}

fn named<'a>(report: &'a Value, name: &str) -> &'a Value {
    let found = functions(report).iter().find(|function| function["function"] == name);
    found.unwrap_or_else(|| panic!("no `{name}` in {report:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_has_the_same_profile_in_every_format_and_in_every_run() {
    let dir = tempfile::tempdir().unwrap();
    let component = guest("hello-rust.wasm");
    let files = ["--svg", "a.svg", "--speedscope", "a.json", "--pprof", "a.pb.gz", "--folded", "a.txt"];
    let report = profiled(dir.path(), &[&[component.as_str()], &files[..]].concat()).await;
    assert_accounted(&report);
    let fuel = report["fuel"].as_u64().unwrap();
    let handle = functions(&report)
        .iter()
        .find(|function| function["function"].as_str().unwrap().starts_with("wasi:http/incoming-handler@0.2"));
    let inside = handle.expect("the exported handler is known by its name")["total"].as_u64().unwrap();
    let sandbox = named(&report, "[host] instantiate")["own"].as_u64().unwrap();
    assert_eq!(sandbox, Operation::Instantiate.cost(1, 0));
    let left = fuel - sandbox;
    assert!(inside > left / 10 * 9, "{inside} of {left} fuel is used inside of the handler");
    assert!(
        functions(&report)
            .iter()
            .any(|function| function["function"].as_str().unwrap().starts_with("[host] wasi:http/")),
        "what the host charged has the name of the import: {report:#}"
    );

    let read = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    let folded = String::from_utf8(read("a.txt")).unwrap();
    let sum: u64 = folded.lines().map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum();
    assert_eq!(sum, fuel);
    let speedscope: Value = serde_json::from_slice(&read("a.json")).unwrap();
    let weights = speedscope["profiles"][0]["weights"].as_array().unwrap();
    assert_eq!(weights.iter().map(|weight| weight.as_u64().unwrap()).sum::<u64>(), fuel);
    let svg = String::from_utf8(read("a.svg")).unwrap();
    assert!(svg.contains(&format!("{fuel} fuel")) && svg.contains("GET /"));
    let mut pprof = Vec::new();
    GzDecoder::new(&read("a.pb.gz")[..]).read_to_end(&mut pprof).unwrap();
    assert!(pprof.windows(4).any(|bytes| bytes == b"fuel"));

    let files = ["--svg", "b.svg", "--speedscope", "b.json", "--pprof", "b.pb.gz", "--folded", "b.txt"];
    let again = profiled(dir.path(), &[&[component.as_str()], &files[..]].concat()).await;
    assert_eq!(again, report);
    for (one, other) in [("a.svg", "b.svg"), ("a.json", "b.json"), ("a.pb.gz", "b.pb.gz"), ("a.txt", "b.txt")] {
        assert_eq!(read(one), read(other), "{one} and {other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_components_bodies_streams_and_failures_are_accounted_for() {
    let dir = project(&[
        ("body.json", "{\"numbers\": [1, 2, 3]}"),
        (
            "requests.jsonl",
            "{\"url\": \"/hello\"}\n{\"url\": \"/stream?bytes=20000&chunk=1000\"}\n{\"url\": \"/log?lines=3\"}\n",
        ),
    ]);
    let cases = guest("cases.wasm");
    let report = profiled(
        dir.path(),
        &[&cases, "--request", "POST /json", "--body", "@body.json", "--requests", "requests.jsonl"],
    )
    .await;
    assert_accounted(&report);
    let statuses: Vec<_> = report["requests"].as_array().unwrap().iter().map(|one| one["status"].as_u64()).collect();
    assert_eq!(statuses, [Some(200); 4]);

    let output = profile(dir.path(), &[&cases, "--request", "/panic", "--json"]).await;
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("failed at GET /panic"), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["requests"][0]["outcome"], "exception");
    assert_accounted(&report);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_is_stopped_for_its_fuel_has_all_of_it_in_its_profile() {
    let dir = project(&[("wrangler.toml", "name = \"cases\"\nmain = \"cases.wasm\"\nlimits = { cpu_ms = 1 }\n")]);
    std::fs::copy(guest("cases.wasm"), dir.path().join("cases.wasm")).unwrap();
    let output = profile(dir.path(), &[".", "--request", "/spin", "--json"]).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert_eq!(report["requests"][0]["outcome"], "exceededCpu");
    assert_eq!(report["fuel"], FUEL_PER_CPU_MS);
    assert_accounted(&report);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_for_wasi_03_is_accounted_for() {
    let dir = tempfile::tempdir().unwrap();
    let report = profiled(dir.path(), &[&guest("p3.wasm"), "--experimental-wasi-03"]).await;
    assert_accounted(&report);
    assert_eq!(report["kind"], "component (WASI 0.3)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_in_javascript_tells_its_hot_function_and_its_hot_line() {
    let dir = project(&[("worker.js", WORKER)]);
    let report = profiled(dir.path(), &["worker.js", "--request", "/?n=20000"]).await;
    assert_accounted(&report);
    let hot = named(&report, "hot");
    let (own, fuel) = (hot["own"].as_u64().unwrap(), report["fuel"].as_u64().unwrap());
    assert!(own > fuel / 2, "{own} of {fuel} in {report:#}");
    let cold = named(&report, "cold");
    assert!(cold["own"].as_u64().unwrap() < own / 100 && cold["total"].as_u64().unwrap() > own);

    let lines = profiled(dir.path(), &["worker.js", "--request", "/?n=20000", "--lines"]).await;
    assert_accounted(&lines);
    assert_eq!(lines["fuel"], report["fuel"]);
    let most = &functions(&lines)[0];
    assert_eq!((most["function"].as_str(), most["line"].as_u64()), (Some("hot"), Some(4)), "{most}");
    assert!(most["file"].as_str().unwrap().ends_with("worker.js"));

    let output = profile(dir.path(), &["worker.js", "--request", "/?n=20000", "--top", "1"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("GET /?n=20000  200 ok") && text.contains("hot"), "{text}");
    assert!(!text.contains("cold") && text.contains("more with"), "one row was asked for: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_tells_which_function_grew_and_adds_up() {
    let dir = project(&[("old.js", WORKER), ("new.js", &WORKER.replace("i < n", "i < n * 2"))]);
    let report =
        profiled(dir.path(), &["new.js", "--diff", "old.js", "--svg", "diff.svg", "--folded", "diff.txt"]).await;
    assert_accounted(&report);
    assert_accounted(&report["before"]);
    let changes = report["changes"].as_array().unwrap();
    assert_eq!(changes[0]["function"], "hot", "{changes:#?}");
    let grown = |change: &Value| change["own_after"].as_i64().unwrap() - change["own_before"].as_i64().unwrap();
    let whole = report["fuel"].as_i64().unwrap() - report["before"]["fuel"].as_i64().unwrap();
    assert_eq!(changes.iter().map(grown).sum::<i64>(), whole);
    assert!(grown(&changes[0]) > 0);
    let svg = std::fs::read_to_string(dir.path().join("diff.svg")).unwrap();
    assert!(svg.contains(&format!("{} fuel before, {} after", report["before"]["fuel"], report["fuel"])));
    let folded = std::fs::read_to_string(dir.path().join("diff.txt")).unwrap();
    assert!(
        folded.lines().all(|line| line.rsplit(' ').take(2).all(|figure| figure.parse::<u64>().is_ok())),
        "{folded}"
    );

    let same = profile(dir.path(), &["old.js", "--diff", "old.js"]).await;
    assert!(String::from_utf8(same.stdout).unwrap().contains("every function uses the fuel that it used"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_profiled_is_refused_with_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let output = profile(dir.path(), &["missing.js"]).await;
    assert!(!output.status.success());
    assert!(stderr(&output).contains("`missing.js`"), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
}
