//! `glowplug compare`: programs side by side, on the real engine.

mod page;

use crate::node::Node;
use crate::support::{PATIENCE, Server, glowplug, project};
use http::Method;
use http_body_util::Full;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;
use tempfile::TempDir;

const SHOUT: &str = "export default { async fetch(request) {
  const text = await request.text();
  return new Response(text.toUpperCase(), { headers: { 'content-type': 'text/plain' } });
} };";

/// The same answers as [`SHOUT`], in another way.
const SHOUT_SLOWLY: &str = "export default { async fetch(request) {
  let text = '';
  for (const letter of await request.text()) text = text + letter.toUpperCase();
  return new Response(text, { headers: { 'content-type': 'text/plain' } });
} };";

/// A request is sent twice and not for a second: the figures are not what is tested.
const QUICK: [&str; 6] = ["--runs", "2", "--warmup", "1", "--seconds", "0"];

fn root(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).to_str().unwrap().to_owned()
}

/// Two workers that shout.
fn shouting() -> TempDir {
    project(&[("quick.js", SHOUT), ("slow.js", SHOUT_SLOWLY)])
}

/// Runs `compare` in `dir`, quickly.
async fn compare(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = glowplug();
    command.arg("compare").args(arguments).args(QUICK).current_dir(dir);
    command.env("XDG_CONFIG_HOME", dir).env_remove("GLOWPLUG_SERVER").env_remove("GLOWPLUG_TOKEN");
    tokio::time::timeout(PATIENCE, command.output()).await.expect("the command ends").expect("the command starts")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("stdout is text")
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("stderr is text")
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{}", stderr(output)))
}

/// A comparison that ends well, as JSON.
async fn compared(dir: &Path, arguments: &[&str]) -> Value {
    let output = compare(dir, &[arguments, &["--json"]].concat()).await;
    assert!(output.status.success(), "{}", stderr(&output));
    report(&output)
}

fn labels(report: &Value) -> Vec<&str> {
    report["programs"].as_array().unwrap().iter().map(|program| program["label"].as_str().unwrap()).collect()
}

fn fuels(report: &Value) -> Vec<&Value> {
    report["programs"].as_array().unwrap().iter().map(|program| &program["figures"]["fuel"]).collect()
}

#[tokio::test]
async fn programs_of_several_languages_are_measured_and_cost_the_same_in_a_second_run() {
    let (script, component) = (root("examples/hello/worker.js"), root("tests/guests/dist/hello-rust.wasm"));
    let (dir, rust) = (tempfile::tempdir().unwrap(), format!("rust={component}"));
    let arguments = [&script, &rust, "--request", "/?name=you", "--allow-differences"];
    let first = compared(dir.path(), &arguments).await;
    assert_eq!(labels(&first), ["hello", "rust"]);
    for program in first["programs"].as_array().unwrap() {
        let figures = &program["figures"];
        assert!(program["failure"].is_null() && program["artefact_bytes"].as_u64() > Some(0), "{program}");
        let fuel = &figures["fuel"];
        assert!(fuel["per_request"].as_u64() > Some(0) && fuel["min"] == fuel["max"], "{fuel}");
        assert_eq!(figures["fuel_by_request"], json!([{"min": fuel["min"], "max": fuel["max"]}]));
        for positive in ["/wall_ms/p50", "/wall_ms/p99", "/first_byte_ms", "/requests_per_second", "/cpu_ms/estimated"]
        {
            assert!(figures.pointer(positive).unwrap().as_f64() > Some(0.0), "{positive}: {figures}");
        }
        assert!(figures["peak_memory_bytes"].as_u64() <= program["memory_limit_bytes"].as_u64(), "{program}");
        assert_eq!((&figures["wall_ms"]["samples"], &figures["cold_start_ms"]["starts"]), (&json!(2), &json!(5)));
        assert!(!program["prices"].as_array().unwrap().is_empty(), "{program}");
    }
    let start_up = |index: usize| first["programs"][index]["start_up_fuel"].as_u64();
    assert!(start_up(0) > Some(0) && start_up(1).is_none());
    let second = compared(dir.path(), &arguments).await;
    assert_eq!(fuels(&first), fuels(&second));
}

#[tokio::test]
async fn work_that_depends_on_chance_varies_and_is_the_same_in_a_second_run() {
    let chance = "export default { fetch() {
      let sum = 0;
      for (let n = 0; n < 1000 * Math.random(); n++) sum += n;
      return new Response('done');
    } };";
    let dir = project(&[("chance.js", chance)]);
    let first = compared(dir.path(), &["chance.js"]).await;
    let fuel = fuels(&first)[0];
    assert!(fuel["min"].as_u64() < fuel["per_request"].as_u64() && fuel["per_request"].as_u64() < fuel["max"].as_u64());
    let second = compared(dir.path(), &["chance.js"]).await;
    assert_eq!(fuels(&first), fuels(&second));
}

#[tokio::test]
async fn a_comparison_charges_what_a_server_charges() {
    let dir = shouting();
    let server = Server::start(&dir.path().join("quick.js")).await;
    let request = server.request(Method::POST, "/x").body(Full::new("hello".into())).unwrap();
    let charged = server.send(request).await.fuel();
    let request = format!("POST {}/x", server.base);
    let report = compared(dir.path(), &["quick.js", "--request", &request, "--body", "hello"]).await;
    assert_eq!(report["programs"][0]["figures"]["fuel"]["per_request"], charged);
}

#[tokio::test]
async fn people_read_tables_and_spreadsheets_a_line_for_each_program() {
    let dir = shouting();
    let arguments =
        ["slow.js", "quick.js", "--request", "POST /", "--body", "a longer text to shout", "--sort", "fuel"];
    let output = compare(dir.path(), &arguments).await;
    assert!(output.status.success(), "{}", stderr(&output));
    let shown = stdout(&output);
    let place = |text: &str| shown.find(text).unwrap_or_else(|| panic!("no `{text}` in\n{shown}"));
    assert!(place("\nquick ") < place("\nslow "), "{shown}");
    for part in ["1.00x", "CPU, from fuel", "wall p99", "cold start", "platform", "JavaScript worker"] {
        place(part);
    }
    assert!(!stderr(&output).contains("error"), "{}", stderr(&output));

    let output = compare(dir.path(), &[&arguments[..], &["--csv"]].concat()).await;
    let lines: Vec<&str> = stdout(&output).lines().collect();
    let columns = |line: &str| line.split(',').count();
    assert!(lines[0].starts_with("label,name,kind,") && lines[0].contains(",usd_per_million_"), "{lines:?}");
    assert!(lines[1].starts_with("quick,quick,") && lines[2].starts_with("slow,slow,"), "{lines:?}");
    assert_eq!((lines.len(), columns(lines[1]), columns(lines[2])), (3, columns(lines[0]), columns(lines[0])));
}

#[tokio::test]
async fn answers_that_differ_are_shown_and_end_it_unless_they_may() {
    let whisper = SHOUT.replace("toUpperCase", "toLowerCase").replace("text/plain", "text/html");
    let binary = "export default { fetch: () => new Response(new Uint8Array([72, 0, 1]), { status: 201 }) };";
    let dir = project(&[("shout.js", SHOUT), ("whisper.js", &whisper), ("binary.js", binary)]);
    let arguments = ["shout.js", "whisper.js", "binary.js", "--request", "POST /", "--body", "Hi\nHO\n", "--json"];
    let output = compare(dir.path(), &arguments).await;
    assert_eq!(output.status.code(), Some(1));
    for part in [
        "POST /: `whisper` answers differently from `shout`",
        "content type: text/plain and text/html",
        "  -HI\n  -HO\n  +hi\n  +ho",
        "status: 200 and 201",
        "6 and 3 bytes, the same up to byte 1",
        "--allow-differences",
    ] {
        assert!(stderr(&output).contains(part), "no `{part}` in\n{}", stderr(&output));
    }
    let found = report(&output);
    assert_eq!((&found["agree"], found["differences"].as_array().unwrap().len()), (&json!(false), 2));
    assert!(found["differences"][1]["body"]["diff"].is_null() && found["programs"][0]["figures"].is_null());

    let output = compare(dir.path(), &[&arguments[..], &["--allow-differences"]].concat()).await;
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("warning: the programs answer differently"));
    let found = report(&output);
    assert!(found["agree"] == false && found["programs"][2]["figures"]["fuel"]["per_request"].as_u64() > Some(0));
}

#[tokio::test]
async fn a_program_that_fails_is_told_with_its_reason_and_the_others_are_measured() {
    let throws = "export default { fetch() { null.f(); } };";
    let spins = "export default { fetch() { for (;;); } };";
    let broken = "export default { fetch: () => new Response('no', { status: 503 }) };";
    let dir = project(&[
        ("good.js", SHOUT),
        ("throws.js", throws),
        ("spins/worker.js", spins),
        ("spins/wrangler.toml", "name = \"spins\"\nmain = \"worker.js\"\n[limits]\ncpu_ms = 10\n"),
        ("broken.js", broken),
    ]);
    let output = compare(dir.path(), &["good.js", "throws.js", "spins", "broken.js", "--json"]).await;
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let found = report(&output);
    let failure = |index: usize| found["programs"][index]["failure"].as_str().unwrap_or_default().to_owned();
    assert!(failure(0).is_empty() && found["programs"][0]["figures"]["fuel"]["per_request"].as_u64() > Some(0));
    assert!(failure(1).starts_with("exception: TypeError: ") && failure(1).contains("throws.js:1"), "{}", failure(1));
    assert!(failure(2).starts_with("exceededCpu: stopped after "), "{}", failure(2));
    assert_eq!((failure(3).as_str(), &found["agree"]), ("answered with status 503", &json!(true)));
    // What it used before it failed is on record.
    assert!(found["programs"][2]["answers"][0]["fuel"].as_u64() > Some(100_000_000), "{found}");
    assert!(stderr(&output).contains("`spins` failed: exceededCpu"), "{}", stderr(&output));
}

#[tokio::test]
async fn requests_come_from_lines_of_json_and_from_archives() {
    let dir = shouting();
    let lines =
        "{\"url\": \"/a\", \"body\": \"one\"}\n{\"method\": \"PUT\", \"url\": \"/b\", \"bodyBase64\": \"dHdv\"}\n";
    std::fs::write(dir.path().join("requests.jsonl"), lines).unwrap();
    let archive = root("tests/it/compare/browser.har");
    let report = compared(
        dir.path(),
        &["quick.js", "slow.js", "--requests", "requests.jsonl", "--requests", &archive, "--request", "/"],
    )
    .await;
    let asked: Vec<String> = report["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|request| format!("{} {} {}", request["method"], request["url"], request["body_bytes"]).replace('"', ""))
        .collect();
    assert_eq!(
        asked,
        [
            "GET / 0",
            "POST /a 3",
            "PUT /b 3",
            "GET https://shop.example/items?page=2 0",
            "POST https://shop.example/items 27",
        ]
    );
    let answers = report["programs"][1]["answers"].as_array().unwrap();
    assert_eq!((answers.len(), &answers[4]["body_bytes"]), (5, &json!(27)));
    let fuel = &report["programs"][0]["figures"];
    assert_eq!(fuel["fuel_by_request"].as_array().unwrap().len(), 5);
    assert!(fuel["fuel"]["min"].as_u64() < fuel["fuel"]["max"].as_u64(), "{fuel}");
}

#[tokio::test]
async fn what_cannot_be_run_or_sent_is_explained() {
    let dir = shouting();
    for (arguments, parts) in [
        (&["quick.js", "no/such.js"][..], &["`no/such.js` cannot be run", "no such file"][..]),
        (&["quick.js", "nobody"], &["`nobody` is no file here", "no server is given", "hint:"]),
        (&["x=quick.js", "x=slow.js"], &["two programs are called `x`", "hint:"]),
        (&["quick.js", "--request", "nonsense"], &["`nonsense` is neither a path nor an absolute URL", "hint:"]),
        (&["quick.js", "--requests", "none.jsonl"], &["failed to read requests from `none.jsonl`"]),
        (&["quick.js", "--requests", "quick.js"], &["failed to read requests from `quick.js`: line 1 is no request"]),
        (&["quick.js", "--html", "no/such/folder.html"], &["failed to write `no/such/folder.html`"]),
    ] {
        let output = compare(dir.path(), arguments).await;
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", stderr(&output));
        for part in parts {
            assert!(stderr(&output).contains(part), "{arguments:?}: no `{part}` in\n{}", stderr(&output));
        }
    }
}

#[tokio::test]
async fn a_deployed_worker_is_compared_with_a_file() {
    let node = Node::start().await;
    let asset = [
        (
            "wrangler.toml",
            "name = \"shop\"\nmain = \"a.js\"\n[assets]\ndirectory = \"public\"\n[vars]\nWORD = \"hi\"\n",
        ),
        ("a.js", "export default { fetch: (request, env) => new Response(env.WORD) };"),
        ("public/page.html", "<p>page</p>"),
    ];
    node.deploy(&asset, &[]).await;
    let same = "export default { fetch(request) {
      const page = new URL(request.url).pathname === '/page';
      return page ? new Response('<p>page</p>', { headers: { 'content-type': 'text/html; charset=utf-8' } })
        : new Response('hi');
    } };";
    let dir = project(&[("file.js", same)]);
    let arguments = ["compare", "file.js", "live=shop", "--json", "--request", "/", "--request", "/page"];
    let output = node.cli_in(dir.path(), &[&arguments[..], &QUICK].concat()).await;
    assert!(output.status.success(), "{}", stderr(&output));
    let found = report(&output);
    assert_eq!((labels(&found), &found["programs"][1]["name"]), (vec!["file", "live"], &json!("shop")));
    let fuel = &found["programs"][1]["figures"]["fuel_by_request"];
    assert_ne!(fuel[0], fuel[1], "a page costs what a worker does: {fuel}");
    assert_eq!(fuel[1]["min"], fuel[1]["max"]);
    let missing = node.cli_in(dir.path(), &["compare", "nobody"]).await;
    assert!(stderr(&missing).contains("`nobody` is no file here"), "{}", stderr(&missing));
}
