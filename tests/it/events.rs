//! Cron triggers and tail handlers.

use crate::node::Node;
use crate::support::{PATIENCE, Server};
use http::Method;
use serde_json::json;
use std::time::Duration;

const WORKER: &str = "
export default {
  fetch(request, env) { console.log('seen', new URL(request.url).pathname); if (request.url.endsWith('/throw')) throw new RangeError('no'); return new Response('ok', { status: 201 }); },
  async scheduled(controller, env, ctx) {
    console.log(`${controller.cron} at ${controller.scheduledTime} with ${env.NAME}`);
    if (controller.cron === '1 1 1 1 *') throw new RangeError('not today');
    ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 20)).then(() => console.log('waited')));
  },
};";

const CONFIG: &str = "name = \"w\"\nmain = \"worker.js\"\ncompatibility_date = \"2026-01-01\"\nvars = { NAME = \"x\" }\n\
                      triggers = { crons = [\"*/5 * * * *\", \"1 1 1 1 *\"] }\n";

#[tokio::test]
async fn dev_runs_a_trigger_when_it_is_asked_to() {
    let server = Server::project(&[("wrangler.toml", CONFIG), ("worker.js", WORKER)], "").await;
    let answer = server.get("/__scheduled?cron=*%2F7+*+*+*+*&time=1700000000000").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "Ran scheduled event\n"), "{}", server.stderr());
    server.printed("*/7 * * * * at 1700000000000 with x").await;
    server.printed("waited").await;
    // The first that is configured, if none is named.
    assert_eq!(server.get("/cdn-cgi/handler/scheduled").await.status.as_u16(), 200);
    server.printed("*/5 * * * * at ").await;
    let answer = server.get("/__scheduled?cron=1+1+1+1+*").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (500, "the scheduled event failed: RangeError: not today\n"));
    assert_eq!(server.get("/__scheduled?time=soon").await.status.as_u16(), 400);
    assert_eq!(server.get("/other").await.status.as_u16(), 201, "other paths are the worker's");
}

#[tokio::test]
async fn a_worker_without_a_handler_says_so() {
    let server = Server::script("export default { fetch() { return new Response('x'); } };").await;
    let answer = server.get("/__scheduled").await;
    assert_eq!(
        answer.text(),
        "the scheduled event failed: TypeError: Handler does not export a scheduled() function.\n"
    );
}

#[tokio::test]
async fn a_server_runs_what_is_due_once_and_keeps_a_record() {
    let node = Node::start().await;
    let every_minute = CONFIG.replace("*/5 * * * *", "* * * * *");
    node.deploy(&[("wrangler.toml", &every_minute), ("worker.js", WORKER)], &[]).await;
    let crons = node.api(Method::GET, "/v1/workers/w/crons", None).await.json();
    assert_eq!(crons["crons"][0]["cron"], "* * * * *");
    assert!(crons["crons"][0]["next"].is_string());

    let output = node.cli(&["trigger", "cron", "w", "--at", "2030-01-31T12:00:00Z", "--json"]).await;
    let run: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&run["cron"], &run["outcome"], &run["cause"]), (&json!("* * * * *"), &json!("ok"), &json!("asked")));
    assert!(run["fuel"].as_u64().unwrap() > 0);
    let output = node.cli(&["trigger", "cron", "w", "--cron", "1 1 1 1 *"]).await;
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("RangeError: not today"));

    // The clock calls within a minute.
    let start = tokio::time::Instant::now();
    let by_clock = loop {
        let runs = node.api(Method::GET, "/v1/workers/w/crons/runs", None).await.json();
        let runs = runs["runs"].as_array().unwrap().clone();
        if let Some(run) = runs.iter().find(|run| run["cause"] == "clock" && run["outcome"] == "ok") {
            break run.clone();
        }
        assert!(start.elapsed() < PATIENCE + Duration::from_secs(10), "{runs:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert!(by_clock["scheduled"].as_str().unwrap().ends_with(":00Z"), "{by_clock}");
    let usage = node.api(Method::GET, "/v1/usage?by=route", None).await.json();
    assert!(usage.to_string().contains("(cron)"), "{usage}");
}

#[tokio::test]
async fn traces_go_to_whoever_consumes_them() {
    let producer = CONFIG.replace("name = \"w\"", "name = \"producer\"\ntail_consumers = [{ service = \"consumer\" }]");
    // It consumes its own traces too, which never reach it.
    let consumer = "name = \"consumer\"\nmain = \"worker.js\"\ncompatibility_date = \"2026-01-01\"\ntail_consumers = [{ service = \"consumer\" }]\n";
    let logger = "export default { tail(events) { for (const event of events) console.log('TRACE ' + JSON.stringify(event)); } };";
    let server = Server::projects(
        &[
            ("producer/wrangler.toml", &producer),
            ("producer/worker.js", WORKER),
            ("consumer/wrangler.toml", consumer),
            ("consumer/worker.js", logger),
        ],
        &["producer", "consumer"],
    )
    .await;
    assert_eq!(server.get("/a?b").await.status.as_u16(), 201);
    assert_eq!(server.get("/throw").await.status.as_u16(), 500);
    server.get("/__scheduled").await;
    let trace = |text: &str, which: &str| -> Option<serde_json::Value> {
        let line = text.lines().find(|line| line.contains("TRACE ") && line.contains(which))?;
        serde_json::from_str(line.split_once("TRACE ").unwrap().1).ok()
    };
    let start = tokio::time::Instant::now();
    while trace(&server.stderr(), "\"cron\":").is_none() || trace(&server.stderr(), "/throw").is_none() {
        assert!(start.elapsed() < PATIENCE, "{}", server.stderr());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let stderr = server.stderr();
    let seen = trace(&stderr, "/a?b").unwrap();
    assert_eq!((&seen["scriptName"], &seen["outcome"]), (&json!("producer"), &json!("ok")));
    assert_eq!(seen["event"]["response"]["status"], 201);
    assert_eq!(seen["event"]["request"]["method"], "GET");
    assert!(seen["event"]["request"]["headers"]["host"].is_string());
    assert_eq!((&seen["logs"][0]["level"], &seen["logs"][0]["message"]), (&json!("log"), &json!(["seen /a"])));
    let thrown = trace(&stderr, "/throw").unwrap();
    assert_eq!(thrown["outcome"], "exception");
    assert_eq!(
        (&thrown["exceptions"][0]["name"], &thrown["exceptions"][0]["message"]),
        (&json!("RangeError"), &json!("no"))
    );
    assert_eq!(trace(&stderr, "\"cron\":").unwrap()["event"]["cron"], "*/5 * * * *");
    assert!(trace(&stderr, "\"scriptName\":\"consumer\"").is_none(), "no worker consumes its own traces");
}
