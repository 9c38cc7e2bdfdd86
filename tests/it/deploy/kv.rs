//! `glowplug kv`

use super::{command, failure, piped, stderr, success};
use crate::node::Node;
use crate::support::project;
use serde_json::{Value, json};
use std::path::Path;

#[tokio::test]
async fn entries_are_written_read_listed_and_deleted() {
    let node = Node::start().await;
    let here = Path::new(".");
    let made = node.cli(&["kv", "namespace", "create", "cache"]).await;
    let id = success(&made).trim().to_owned();
    let key = async |arguments: &[&str]| {
        let all = [&["kv", "key"], arguments, &["--namespace-id", &id]].concat();
        node.cli(&all).await
    };
    let odd = "a/b c?%é/..";
    success(&key(&["put", odd, "hello", "--ttl", "1h", "--metadata", r#"{"n": 1.50}"#]).await);
    assert_eq!(success(&key(&["get", odd]).await), "hello");
    let whole: Value = serde_json::from_str(success(&key(&["get", odd, "--json"]).await)).unwrap();
    assert_eq!((&whole["value"], &whole["key"]), (&json!("hello"), &json!(odd)));
    assert!(whole["expiration"].is_u64() && whole["metadata"]["n"].as_f64() == Some(1.5), "{whole}");

    let bytes = [0, 159, 255, b'\n'];
    let put = command(&node, &["kv", "key", "put", "raw", "--path", "-", "--namespace-id", &id]);
    success(&piped(put, &bytes).await);
    assert_eq!(key(&["get", "raw"]).await.stdout, bytes);
    let whole: Value = serde_json::from_str(success(&key(&["get", "raw", "--json"]).await)).unwrap();
    assert_eq!((&whole["value"], &whole["base64"]), (&json!("AJ//Cg=="), &json!(true)));

    let listed: Value = serde_json::from_str(success(&key(&["list", "--prefix", "a", "--json"]).await)).unwrap();
    assert_eq!((listed.as_array().map(Vec::len), &listed[0]["name"]), (Some(1), &json!(odd)));
    assert!(success(&key(&["list", "--limit", "1"]).await).lines().count() == 2);
    success(&key(&["delete", odd]).await);
    assert!(failure(&key(&["get", odd]).await).contains("nothing"));
    let soon = key(&["put", "x", "y", "--ttl", "5"]).await;
    assert!(failure(&soon).contains("expiration_ttl"), "{}", stderr(&soon));

    let renamed = ["kv", "namespace", "rename", "cache", "pages", "--json"];
    assert_eq!(node.cli_json(here, &renamed).await["title"], "pages");
    assert!(success(&node.cli(&["kv", "namespace", "list"]).await).contains("pages"));
    assert!(failure(&node.cli(&["kv", "namespace", "delete", "pages"]).await).contains("--yes"));
    success(&node.cli(&["kv", "namespace", "delete", "pages", "--yes"]).await);
    assert!(failure(&key(&["get", "raw"]).await).contains(&id));
}

#[tokio::test]
async fn files_of_wranglers_form_are_written_read_and_deleted() {
    let node = Node::start().await;
    let entries: Vec<_> = (0..250).map(|n| json!({ "key": format!("k{n:03}"), "value": n.to_string() })).collect();
    let config = "name = \"hello\"\nmain = \"index.js\"\nkv_namespaces = [{ binding = \"CACHE\" }]\n";
    let dir = project(&[
        ("wrangler.toml", config),
        ("index.js", "export default { fetch: async (r, env) => new Response(await env.CACHE.get('k007')) };"),
        ("entries.json", &Value::Array(entries).to_string()),
        ("more.json", r#"[{"key": "bin", "value": "AJ8=", "base64": true, "expiration_ttl": 60, "metadata": [1]}]"#),
        ("wrong.json", r#"[{"key": "a", "value": 1}]"#),
    ]);
    let deployed = node.cli_json(dir.path(), &["deploy", "--json"]).await;
    assert_eq!(deployed["created_namespaces"][0]["title"], "hello-CACHE");
    let bulk = async |arguments: &[&str]| {
        node.cli_in(dir.path(), &[&["kv", "bulk"], arguments, &["--binding", "CACHE"]].concat()).await
    };
    success(&bulk(&["put", "entries.json"]).await);
    success(&bulk(&["put", "more.json"]).await);
    assert!(failure(&bulk(&["put", "wrong.json"]).await).contains("`value` of item 1"));
    assert_eq!(node.get("hello", "/").await.text(), "7");

    let list = node.cli_in(dir.path(), &["kv", "key", "list", "--binding", "CACHE", "--json"]).await;
    std::fs::write(dir.path().join("listed.json"), success(&list)).unwrap();
    let values: Value = serde_json::from_str(success(&bulk(&["get", "listed.json"]).await)).unwrap();
    assert_eq!(values.as_object().map(serde_json::Map::len), Some(251));
    assert_eq!((&values["k249"]["value"], &values["bin"]["metadata"]), (&json!("249"), &json!([1])));
    assert!(failure(&bulk(&["delete", "listed.json"]).await).contains("--yes"));
    success(&bulk(&["delete", "listed.json", "--yes"]).await);
    let values: Value = serde_json::from_str(success(&bulk(&["get", "listed.json"]).await)).unwrap();
    assert_eq!(values["k249"], json!({ "value": null }));

    let other = node.cli_in(dir.path(), &["kv", "key", "get", "a", "--binding", "OTHER"]).await;
    assert!(failure(&other).contains("`CACHE`"), "{}", stderr(&other));
}
