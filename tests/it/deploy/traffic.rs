//! Versions, deployments, routes and deleting.

use super::{ask, failure, saying, stderr, success};
use crate::node::Node;
use crate::support::project;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

const HERE: &str = ".";

fn id(deployed: &serde_json::Value) -> String {
    deployed["version"].as_str().expect("a version has an id").to_owned()
}

#[tokio::test]
async fn traffic_is_shared_and_given_back() {
    let node = Node::start().await;
    let one = id(&node.deploy_script("hello", &saying("one")).await);
    let two = id(&node.deploy_script("hello", &saying("two")).await);
    let here = Path::new(HERE);

    let (first, second) = (format!("{one}@50%"), two.clone());
    let arguments = ["versions", "deploy", &first, &second, "--name", "hello", "--message", "half", "--json"];
    let split = node.cli_json(here, &arguments).await;
    let percents: Vec<_> = split["versions"].as_array().unwrap().iter().map(|it| it["percent"].as_f64()).collect();
    assert_eq!((percents, &split["message"]), (vec![Some(50.0); 2], &json!("half")));
    let mut seen = BTreeMap::new();
    for _ in 0..64 {
        *seen.entry(node.get("hello", "/").await.text().to_owned()).or_insert(0) += 1;
    }
    assert_eq!(seen.keys().collect::<Vec<_>>(), ["one", "two"], "{seen:?}");

    let versions = node.cli(&["versions", "list", "--name", "hello"]).await;
    let lines: Vec<_> = success(&versions).lines().filter(|line| line.contains("50%")).collect();
    assert_eq!(lines.len(), 2, "{}", success(&versions));

    let output = node.cli(&["rollback", &one, "--name", "hello", "--message", "back"]).await;
    success(&output);
    assert!(stderr(&output).contains(&format!("hello: {one} is live (deployment 4)")), "{}", stderr(&output));
    assert_eq!(node.get("hello", "/").await.text(), "one");

    let history = node.cli_json(here, &["deployments", "list", "--name", "hello", "--json"]).await;
    let messages: Vec<_> = history.as_array().unwrap().iter().map(|it| it["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["back", "half", "", ""]);
    let newest = node.cli_json(here, &["deployments", "list", "--name", "hello", "--limit", "1", "--json"]).await;
    assert_eq!(newest.as_array().map(Vec::len), Some(1));

    let view = node.cli(&["versions", "view", &one, "--name", "hello"]).await;
    assert!(success(&view).contains("start-up") && success(&view).contains(&one), "{}", success(&view));
}

#[tokio::test]
async fn a_version_is_deleted_unless_it_is_live() {
    let node = Node::start().await;
    let one = id(&node.deploy_script("hello", &saying("one")).await);
    let two = id(&node.deploy_script("hello", &saying("two")).await);
    let live = node.cli(&["versions", "delete", &two, "--name", "hello"]).await;
    assert!(failure(&live).contains(&two), "{}", stderr(&live));
    success(&node.cli(&["versions", "delete", &one, "--name", "hello"]).await);
    let gone = node.cli(&["versions", "view", &one, "--name", "hello"]).await;
    assert!(failure(&gone).contains(&one));
    let wrong = node.cli(&["versions", "deploy", "xyz@90%", "--name", "hello"]).await;
    assert!(stderr(&wrong).contains("`xyz` is no version"), "{}", stderr(&wrong));
    let short = node.cli(&["versions", "deploy", &format!("{two}@90%"), "--name", "hello"]).await;
    assert!(failure(&short).contains("the shares make 90%"));
}

#[tokio::test]
async fn the_worker_is_that_of_the_folder_unless_it_is_named() {
    let node = Node::start().await;
    let dir = project(&[("wrangler.toml", "name = \"mine\"\nmain = \"a.js\""), ("a.js", &saying("x"))]);
    node.cli_json(dir.path(), &["deploy", "--json"]).await;
    let listed = node.cli_json(dir.path(), &["versions", "list", "--json"]).await;
    assert_eq!(listed[0]["worker"], "mine");
    let empty = tempfile::tempdir().unwrap();
    let output = node.cli_in(empty.path(), &["rollback"]).await;
    assert!(failure(&output).contains("name the worker with `--name`"), "{}", stderr(&output));
    let nobody = node.cli(&["rollback", "--name", "nobody"]).await;
    assert!(failure(&nobody).contains("there is no worker `nobody`"), "{}", stderr(&nobody));
}

#[tokio::test]
async fn routes_lead_to_workers_and_are_explained() {
    let node = Node::start().await;
    let here = Path::new(HERE);
    let (api, web) = (saying("api"), saying("web"));
    node.deploy(&[("index.js", &web)], &["--name", "web", "--route", "*.example.com/*"]).await;
    node.deploy(&[("index.js", &api)], &["--name", "api", "--route", "*.example.com/api/*"]).await;
    assert_eq!(ask(&node, "www.example.com", "/api/x").await.text(), "api");
    assert_eq!(ask(&node, "www.example.com", "/").await.text(), "web");

    let listed = node.cli_json(here, &["routes", "list", "--json"]).await;
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    let explained = node.cli_json(here, &["routes", "explain", "www.example.com/api/x", "--json"]).await;
    assert_eq!((&explained["worker"], &explained["also"][0]["worker"]), (&json!("api"), &json!("web")));
    let told = node.cli(&["routes", "explain", "https://www.example.com/api/x"]).await;
    assert!(success(&told).contains("leads to worker `api`") && success(&told).contains("of `web`"));
    let nobody = node.cli(&["routes", "explain", "https://other.example/"]).await;
    assert!(success(&nobody).contains("leads to no worker"));

    let dir = project(&[("index.js", &saying("other"))]);
    let conflict = node.cli_in(dir.path(), &["deploy", "--name", "other", "--route", "*.example.com/api/*"]).await;
    assert!(failure(&conflict).contains("*.example.com/api/*") && stderr(&conflict).contains("api"));
    assert_eq!(ask(&node, "www.example.com", "/api/x").await.text(), "api");
    // Routes stay with a worker that is deployed without any.
    node.deploy_script("api", &saying("api 2")).await;
    assert_eq!(ask(&node, "www.example.com", "/api/x").await.text(), "api 2");
}

#[tokio::test]
async fn a_deleted_worker_is_gone() {
    let node = Node::start().await;
    node.deploy_script("auth", &saying("auth")).await;
    let config = "name = \"front\"\nmain = \"index.js\"\nservices = [{ binding = \"AUTH\", service = \"auth\" }]\n";
    let script = "export default { fetch: (request, env) => env.AUTH.fetch(request) };";
    node.deploy(&[("wrangler.toml", config), ("index.js", script)], &[]).await;
    assert_eq!(node.get("front", "/").await.text(), "auth");

    let unasked = node.cli(&["delete", "auth"]).await;
    assert!(failure(&unasked).contains("answer with `--yes`"));
    let needed = node.cli(&["delete", "auth", "--yes"]).await;
    assert!(failure(&needed).contains("front"), "{}", stderr(&needed));
    success(&node.cli(&["delete", "auth", "--yes", "--force"]).await);
    assert_eq!(node.get("auth", "/").await.status.as_u16(), 404);
    let workers = node.cli(&["workers", "list"]).await;
    assert!(success(&workers).contains("front") && !success(&workers).contains("auth"));
}
