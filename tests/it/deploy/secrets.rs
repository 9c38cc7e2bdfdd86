//! Secrets reach the worker, and nothing else.

use super::{command, failure, piped, stderr, stdout, success};
use crate::node::Node;
use crate::support::project;
use serde_json::json;
use std::path::Path;

const SECRET: &str = "correct-horse-battery-staple";
const SHOW: &str = "export default { fetch: (request, env) => Response.json([env.API_KEY, env.OTHER]) };";

/// Whether any file in `folder` or below has `text`.
fn is_anywhere(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => is_anywhere(&path, text),
            false => std::fs::read(&path).unwrap().windows(text.len()).any(|window| window == text.as_bytes()),
        }
    })
}

#[tokio::test]
async fn a_secret_is_seen_by_its_worker_alone() {
    let node = Node::start().await;
    node.deploy_script("hello", SHOW).await;
    let put = command(&node, &["secret", "put", "API_KEY", "--name", "hello"]);
    let output = piped(put, format!("{SECRET}\n").as_bytes()).await;
    success(&output);
    assert!(stderr(&output).contains("secret API_KEY of hello is set, and live (deployment 2)"), "{}", stderr(&output));
    assert_eq!(node.get("hello", "/").await.text(), format!("[\"{SECRET}\",null]"));

    let mut said = vec![output];
    for arguments in [
        &["secret", "list", "--name", "hello"][..],
        &["secret", "list", "--name", "hello", "--json"],
        &["versions", "list", "--name", "hello", "--json"],
        &["deployments", "list", "--name", "hello", "--json"],
        &["workers", "list", "--json"],
    ] {
        said.push(node.cli(arguments).await);
    }
    assert_eq!(success(&said[1]), "API_KEY\n");
    assert!(said.iter().all(|output| !stdout(output).contains(SECRET) && !stderr(output).contains(SECRET)));
    assert!(!node.stderr().contains(SECRET));
    assert!(!is_anywhere(node.data(), SECRET));
    assert!(is_anywhere(node.data(), "API_KEY"), "the search finds what is there");

    success(&node.cli(&["secret", "delete", "API_KEY", "--name", "hello"]).await);
    assert_eq!(node.get("hello", "/").await.text(), "[null,null]");
    let again = node.cli(&["secret", "delete", "API_KEY", "--name", "hello"]).await;
    assert!(failure(&again).contains("has no secret `API_KEY`"));
}

#[tokio::test]
async fn many_secrets_are_set_in_one_step() {
    let node = Node::start().await;
    let dir = project(&[
        ("wrangler.toml", "name = \"hello\"\nmain = \"index.js\"\n[secrets]\nrequired = [\"API_KEY\"]\n"),
        ("index.js", SHOW),
        ("secrets.json", &json!({ "API_KEY": SECRET, "OTHER": "2" }).to_string()),
        ("less.json", r#"{"OTHER": null}"#),
        ("wrong.json", &json!({ "API_KEY": [SECRET] }).to_string()),
    ]);
    let early = node.cli_in(dir.path(), &["deploy"]).await;
    assert!(
        failure(&early).contains("`API_KEY` is required") && stderr(&early).contains("glowplug secret put API_KEY")
    );
    let wrong = node.cli_in(dir.path(), &["secret", "bulk", "wrong.json"]).await;
    assert!(failure(&wrong).contains("`API_KEY`") && !stderr(&wrong).contains(SECRET));

    let names = node.cli_json(dir.path(), &["secret", "bulk", "secrets.json", "--json"]).await;
    assert_eq!(names["secrets"], json!(["API_KEY", "OTHER"]));
    success(&node.cli_in(dir.path(), &["deploy"]).await);
    assert_eq!(node.get("hello", "/").await.text(), format!("[\"{SECRET}\",\"2\"]"));
    success(&node.cli_in(dir.path(), &["secret", "bulk", "less.json"]).await);
    assert_eq!(node.get("hello", "/").await.text(), format!("[\"{SECRET}\",null]"));

    let empty = piped(command(&node, &["secret", "put", "API_KEY", "--name", "hello"]), b"\n").await;
    assert!(failure(&empty).contains("the value is empty"));
}
