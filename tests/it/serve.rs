//! The server as its operator has it: settings, health, and an end that loses nothing.

use crate::node::Node;
use crate::support::{glowplug, project};
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use std::time::Duration;

const SLOW: &str = "export default { async fetch(request, env, ctx) {
    const wait = (ms) => new Promise((done) => setTimeout(done, ms));
    if (new URL(request.url).pathname === '/kept') return new Response(await env.KV.get('after'));
    ctx.waitUntil(wait(1500).then(() => env.KV.put('after', 'written')));
    await wait(1000);
    return new Response('done');
} };";

fn slow_worker() -> tempfile::TempDir {
    let manifest = "name = \"slow\"\nmain = \"index.js\"\ncompatibility_date = \"2026-01-01\"\n\
        kv_namespaces = [{ binding = \"KV\", id = \"kept\" }]\n";
    project(&[("index.js", SLOW), ("wrangler.toml", manifest)])
}

#[tokio::test]
async fn a_stopped_server_finishes_requests_and_work_after_them_and_exits_with_0() {
    let dir = tempfile::tempdir().unwrap();
    let node = Node::on(&dir.path().join("data"), None, &[]).await;
    let worker = slow_worker();
    node.cli_json(worker.path(), &["deploy", "--json"]).await;
    let request = node.to("slow", Method::GET, "/").body(Full::default()).unwrap();
    let (admin, data, token) = (node.admin.clone(), node.data().to_owned(), node.token.clone());
    let ready = async |node: &Node| {
        let request = Request::get(format!("{admin}/readyz")).body(Full::default()).unwrap();
        node.send(request).await.status
    };
    assert_eq!(ready(&node).await, StatusCode::OK);

    // Ends when the head is there, which is after the signal.
    let (answer, ()) = tokio::join!(node.send(request), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let killed = tokio::process::Command::new("kill").args(["-TERM", &node.pid().to_string()]).status();
        assert!(killed.await.unwrap().success());
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(ready(&node).await, StatusCode::SERVICE_UNAVAILABLE);
        let refused = tokio::net::TcpStream::connect(node.base.trim_start_matches("http://")).await;
        assert!(refused.is_err(), "no new connection is taken");
    });
    assert_eq!(answer.text(), "done");
    let (status, stderr) = node.ended().await;
    assert_eq!(status.code(), Some(0), "{stderr}");

    let node = Node::on(&data, Some(&token), &[]).await;
    assert_eq!(node.get("slow", "/kept").await.text(), "written", "work after the response was finished");
}

#[tokio::test]
async fn settings_come_from_flags_the_environment_and_a_file() {
    let dir = project(&[("settings.toml", "data = \"state\"\nbase_domain = \"workers.test\"\ndrain_seconds = 1\n")]);
    let mut command = glowplug();
    command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(dir.path().join("settings.toml"));
    command.env("GLOWPLUG_ADMIN", "127.0.0.1:0");
    let node = Node::spawn(command, &dir.path().join("state"), None).await.unwrap();
    assert!(dir.path().join("state/glowplug.db").exists(), "paths are meant from where the file is");
    let live = node.deploy_script("hello", "export default { fetch: () => new Response('hi') };").await;
    assert!(live.to_string().contains("hello.workers.test"), "{live}");
    let request = Request::get(&node.base).header("host", "hello.workers.test").body(Full::default()).unwrap();
    assert_eq!(node.send(request).await.text(), "hi");
}

#[tokio::test]
async fn a_second_server_on_the_same_data_is_refused_and_the_first_goes_on() {
    let node = Node::start().await;
    let mut second = glowplug();
    second.args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"]).arg(node.data());
    let output = second.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("in use") && said.contains("hint: "), "{said}");
    assert_eq!(node.get("nobody", "/").await.header("x-glowplug-error"), Some("1022"));
}

#[tokio::test]
async fn an_unchanged_worker_can_be_deployed_again_after_a_restart_at_once() {
    let node = Node::start().await;
    let worker = slow_worker();
    let first = node.cli_json(worker.path(), &["deploy", "--json"]).await;
    let (data, token, dir) = node.kill().await;
    let node = Node::on(&data, Some(&token), &[]).await;
    let start = std::time::Instant::now();
    let again = node.cli_json(worker.path(), &["deploy", "--json"]).await;
    assert_eq!(first["version"]["id"], again["version"]["id"]);
    assert!(start.elapsed() < Duration::from_secs(8), "it waits for nothing: {:?}", start.elapsed());
    drop(dir);
}

#[tokio::test]
async fn workers_are_loaded_before_they_are_called_as_many_as_stay() {
    let dir = tempfile::tempdir().unwrap();
    let (data, flags) = (dir.path().join("data"), ["--loaded-versions", "2"]);
    let node = Node::on(&data, None, &flags).await;
    for name in ["busy", "second", "third"] {
        node.deploy_script(name, "export default { fetch: () => new Response('hi') };").await;
    }
    assert_eq!(node.get("busy", "/").await.text(), "hi");
    let token = node.token.clone();
    node.stop().await;

    let node = Node::on(&data, Some(&token), &flags).await;
    let loaded = async || {
        let metrics = node.api(Method::GET, "/metrics", None).await.text().to_owned();
        let line = metrics.lines().find_map(|line| line.strip_prefix("glowplug_loaded_versions "));
        line.unwrap().parse::<f64>().unwrap()
    };
    let start = std::time::Instant::now();
    while loaded().await < 2.0 {
        assert!(start.elapsed() < Duration::from_secs(20), "they are loaded");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for name in ["busy", "second", "third"] {
        assert_eq!(node.get(name, "/").await.text(), "hi");
    }
    assert_eq!(loaded().await, 2.0);
}
