//! Workers that call workers.

use crate::support::{PATIENCE, Server};
use http::Method;
use http_body_util::Full;
use serde_json::{Value, json};

const CALLER_CONFIG: &str = "name = \"caller\"\nmain = \"worker.js\"\n\
    services = [{ binding = \"OTHER\", service = \"callee\" }, { binding = \"SELF\", service = \"caller\" }, \
    { binding = \"MISSING\", service = \"nobody\" }]\n";
const CALLEE_CONFIG: &str = "name = \"callee\"\nmain = \"worker.js\"\nlimits = { cpu_ms = 100 }\n";

async fn pair() -> Server {
    let files = [
        ("caller/wrangler.toml", CALLER_CONFIG),
        ("caller/worker.js", include_str!("caller.js")),
        ("callee/wrangler.toml", CALLEE_CONFIG),
        ("callee/worker.js", include_str!("callee.js")),
    ];
    Server::projects(&files, &["caller", "callee"]).await
}

/// The request lines of `path`, as the terminal has them.
fn lines<'a>(printed: &'a str, path: &str) -> Vec<&'a str> {
    printed.lines().filter(|line| line.contains(&format!(" {path} "))).collect()
}

#[tokio::test]
async fn the_callee_sees_the_request_as_the_caller_made_it() {
    let server = pair().await;
    let seen = server.get("/request").await.json();
    assert_eq!(seen["status"], 418);
    assert_eq!(seen["statusText"], "I'm a teapot");
    assert_eq!(seen["url"], "https://shop.example:8443/a%20b/c?d=e&f");
    assert_eq!(seen["header"], "from the callee");
    assert_eq!(seen["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(seen["redirected"], json!([302, "https://elsewhere.example/"]));
    let request = &seen["body"];
    assert_eq!(request["method"], "PUT");
    assert_eq!(request["url"], "https://shop.example:8443/a%20b/c?d=e&f");
    assert_eq!(request["body"], "text");
    assert_eq!(request["headers"]["x-one"], "1, 2");
    assert_eq!(request["headers"]["content-type"], "text/plain;charset=UTF-8");
    assert_eq!(request["headers"]["glowplug-url"], json!(null));
    assert!(!request.to_string().contains("binding.invalid"), "{request}");
    assert_eq!(server.get("/bodiless").await.json(), json!([null, null, null]));

    let forwarded = server
        .send(
            server
                .request(Method::POST, "/forward?q=1")
                .header("x-mine", "kept")
                .header("Glowplug-Url", "http://admin.example/secret")
                .body(Full::from("as it is"))
                .unwrap(),
        )
        .await;
    let request = forwarded.json();
    assert_eq!((&request["method"], &request["body"]), (&json!("POST"), &json!("as it is")));
    assert_eq!(request["url"], format!("{}/forward?q=1", server.base), "the visitor's header named another URL");
    assert_eq!(request["headers"]["x-mine"], "kept");
}

#[tokio::test]
async fn bodies_stream_both_ways_at_the_same_time() {
    let server = pair().await;
    assert_eq!(server.get("/duplex").await.json(), json!(["ONE", "TWO", true]));
    let large = "0123456789abcdef".repeat(1 << 15);
    assert_eq!(server.post("/mirror", large.clone()).await.text(), large.to_uppercase());
}

#[tokio::test]
async fn each_call_has_a_sandbox_an_account_and_a_line_of_its_own() {
    let server = pair().await;
    assert_eq!(server.get("/state").await.json(), json!({ "own": 1, "calls": [1, 1, 1], "leaked": null }));
    let few = server.get("/work?n=1").await;
    let much = server.get("/work?n=20000").await;
    assert_eq!((few.text(), much.text()), ("1", "20000"));
    let (few, much) = (few.fuel(), much.fuel());
    assert!(much.abs_diff(few) < few / 10, "the caller paid for its callee: {few}, {much}");

    let printed = server.printed(" /callee/work?n=20000 ").await;
    let (caller, callee) = (lines(&printed, "/work?n=20000"), lines(&printed, "/callee/work?n=20000"));
    assert_eq!((caller.len(), callee.len()), (1, 1), "{printed}");
    let id = |line: &str| line.split(']').next().unwrap().to_owned();
    assert_eq!(id(caller[0]), id(callee[0]), "calls belong to the request from outside");
    let fuel = |line: &str| -> u64 {
        let words = line.split(" fuel").next().unwrap();
        words.split_whitespace().last().unwrap().replace(',', "").parse().unwrap()
    };
    assert_eq!(fuel(caller[0]), much);
    assert!(fuel(callee[0]) > fuel(caller[0]), "{printed}");
}

#[tokio::test]
async fn a_callee_that_fails_rejects_the_call_and_the_caller_goes_on() {
    let server = pair().await;
    let caught = async |path: &str| -> String { server.get(path).await.json().as_str().unwrap().to_owned() };
    let thrown = caught("/caught/throw").await;
    assert!(thrown.starts_with("TypeError: env.OTHER.fetch() failed: "), "{thrown}");
    assert!(thrown.contains("`callee`") && thrown.contains("RangeError: 3 is too many"), "{thrown}");
    assert!(caught("/caught/nothing").await.contains("did not resolve to 'Response'"));
    assert!(caught("/caught/hang").await.contains("never generate a response"));
    let looped = caught("/caught/loop").await;
    assert!(looped.contains("`callee`") && looped.contains("fuel"), "{looped}");
    assert!(caught("/caught/break").await.contains("lost"), "a body that breaks off");

    let page = server.get("/uncaught/throw").await;
    assert_eq!(page.header("x-glowplug-error"), Some("1101"));
    assert!(page.text().contains("RangeError: 3 is too many") && page.text().contains("worker.js:"), "{}", page.text());
    assert_eq!(server.get("/work?n=1").await.text(), "1");
}

#[tokio::test]
async fn a_worker_that_is_not_there_is_named_when_it_is_called() {
    let server = pair().await;
    let thrown = server.get("/missing").await.json();
    let thrown = thrown.as_str().unwrap();
    assert!(thrown.starts_with("TypeError: env.MISSING.fetch() failed: "), "{thrown}");
    assert!(thrown.contains("`nobody`"), "{thrown}");
}

#[tokio::test]
async fn workers_that_call_themselves_stop_at_the_sixteenth_call() {
    let server = pair().await;
    let start = std::time::Instant::now();
    let found = server.get("/depth/0").await.json();
    assert_eq!(found["depth"], 16, "{found}");
    let thrown = found["thrown"].as_str().unwrap();
    assert!(thrown.starts_with("TypeError: env.SELF.fetch() failed: too many workers call each other"), "{thrown}");
    assert!(thrown.contains("16"), "{thrown}");
    assert!(start.elapsed() < PATIENCE / 4);
}

#[tokio::test]
async fn a_worker_that_calls_itself_again_and_again_cannot_take_every_sandbox() {
    let source = "export default { async fetch(request, env) {
        const calls = [1, 2, 3].map(() => env.SELF.fetch(request.url).then((answer) => answer.text(), (error) => error.message));
        return new Response((await Promise.all(calls)).join('\\n'));
    } };";
    let manifest = "name = \"fan\"\nmain = \"index.js\"\ncompatibility_date = \"2026-01-01\"\nservices = [{ binding = \"SELF\", service = \"fan\" }]\n";
    let server = Server::project(&[("index.js", source), ("wrangler.toml", manifest)], ".").await;
    let text = server.get("/").await.text().to_owned();
    assert!(text.contains("too many workers are called: 32 calls may come of one request"), "{text}");
    let ran = server.stderr().lines().filter(|line| line.contains(" GET / ")).count();
    assert!(ran <= 33, "{ran} sandboxes");
}

#[tokio::test]
async fn a_call_that_is_aborted_or_left_unread_ends() {
    let server = pair().await;
    assert_eq!(server.get("/aborted").await.json(), "AbortError");
    assert_eq!(server.get("/unread").await.json(), 200);
    server.printed(" /callee/endless ").await;
    assert_eq!(server.get("/work?n=1").await.text(), "1");
}

#[tokio::test]
async fn work_after_the_callees_response_goes_on() {
    let server = pair().await;
    assert_eq!(server.get("/later").await.text(), "answered");
    server.printed("done later").await;
}

#[tokio::test]
async fn what_the_network_has_and_a_binding_lacks_is_told() {
    let server = pair().await;
    let found: Value = server.get("/odd").await.json();
    assert!(found["relative"].as_str().unwrap().starts_with("TypeError: "), "{found}");
    assert_eq!(found["data"], "hi");
    assert!(found["ftp"].as_str().unwrap().starts_with("TypeError: "), "{found}");
    assert!(found["connect"].as_str().unwrap().contains("fetch"), "{found}");
    assert_eq!(found["shape"], "[object Fetcher]");
    assert_eq!(found["redirects"], json!([200, "https://shop.example/landed", true]));
}

#[tokio::test]
async fn a_changed_callee_is_called_at_once() {
    let server = pair().await;
    assert_eq!(server.get("/work?n=7").await.text(), "7");
    std::fs::write(server.path("callee/worker.js"), "export default { fetch: () => new Response('another one') };")
        .unwrap();
    server.until("/work?n=7", |answer| answer.text() == "another one").await;
    std::fs::write(server.path("callee/worker.js"), "export default { fetch: () => {{{ };").unwrap();
    server.printed("the last good version goes on serving").await;
    assert_eq!(server.get("/work?n=7").await.text(), "another one");
}

#[tokio::test]
async fn two_workers_may_call_each_other() {
    let config = |name: &str, other: &str| {
        format!(
            "name = \"{name}\"\nmain = \"worker.js\"\nservices = [{{ binding = \"OTHER\", service = \"{other}\" }}]\n"
        )
    };
    let worker = "export default { async fetch(request, env) { const left = Number(new URL(request.url).searchParams.get('left')); \
        return new Response(left === 0 ? 'end' : left + ' ' + await (await env.OTHER.fetch(`https://x/?left=${left - 1}`)).text()); } };";
    let files = [
        ("ping/wrangler.toml", config("ping", "pong")),
        ("ping/worker.js", worker.to_owned()),
        ("pong/wrangler.toml", config("pong", "ping")),
        ("pong/worker.js", worker.to_owned()),
    ];
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let server = Server::projects(&files, &["ping", "pong"]).await;
    assert_eq!(server.get("/?left=4").await.text(), "4 3 2 1 end");
}
