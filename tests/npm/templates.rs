//! Templates written for Cloudflare Workers: `glowplug deploy` takes them, and their `wrangler.jsonc`, as they are.
//!
//! They are those of create-cloudflare, in the version that `templates/package-lock.json` names. No template there has a
//! KV namespace, so `templates/kv` is a project of ours in wrangler's form that uses KV through a library from npm.

use crate::node::Node;
use crate::project::{copy, install, repository};
use crate::support::Answer;
use http::Method;
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The date that create-cloudflare 2.67.4 gives to what it makes, or one near it.
const DATE: &str = "2026-04-14";

/// Where the packages are.
async fn packages() -> PathBuf {
    let folder = repository().join("tests/npm/templates");
    install(&folder).await;
    folder
}

async fn all_templates() -> PathBuf {
    packages().await.join("node_modules/create-cloudflare/templates")
}

/// A project as create-cloudflare makes it of a template: the placeholders filled in, packages beside it.
async fn template(path: &str, name: &str) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    copy(&all_templates().await.join(path), dir.path());
    for file in ["wrangler.jsonc", "package.json"].map(|file| dir.path().join(file)) {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let text = text.replace("<WORKER_NAME>", name).replace("<PACKAGE_NAME>", name);
        fs::write(&file, text.replace("<COMPATIBILITY_DATE>", DATE)).expect("the copy is ours");
    }
    link_packages(dir.path()).await;
    dir
}

async fn link_packages(folder: &Path) {
    symlink(packages().await.join("node_modules"), folder.join("node_modules")).expect("the copy is ours");
}

/// Deploys a template under the name `name`.
async fn deploy(node: &Node, path: &str, name: &str) -> Value {
    let dir = template(path, name).await;
    node.cli_json(dir.path(), &["deploy", "--json"]).await
}

async fn send(node: &Node, name: &str, method: Method, path: &str, body: impl Into<Bytes>) -> Answer {
    let request = node.to(name, method, path).header("content-type", "application/json");
    node.send(request.body(Full::new(body.into())).unwrap()).await
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

#[tokio::test(flavor = "multi_thread")]
async fn hello_world_answers_as_its_own_tests_say() {
    let node = Node::start().await;
    for (path, name) in [("hello-world/ts", "hello-ts"), ("hello-world/js", "hello-js")] {
        deploy(&node, path, name).await;
        let answer = node.get(name, "/").await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "Hello World!"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hello_world_with_assets_serves_its_page_and_its_worker() {
    let node = Node::start().await;
    for (path, name) in [("hello-world-with-assets/ts", "page-ts"), ("hello-world-with-assets/js", "page-js")] {
        let dir = template(path, name).await;
        node.cli_json(dir.path(), &["deploy", "--json"]).await;
        let page = node.get(name, "/").await;
        assert_eq!(page.body, fs::read(dir.path().join("public/index.html")).unwrap(), "{name}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let etag = page.header("etag").expect("assets have a tag").to_owned();
        let again = node.to(name, Method::GET, "/").header("if-none-match", etag).body(Full::default()).unwrap();
        assert_eq!(node.send(again).await.status, 304);

        assert_eq!(node.get(name, "/message").await.text(), "Hello, World!");
        let (one, two) = (node.get(name, "/random").await, node.get(name, "/random").await);
        assert!(is_uuid(one.text()) && is_uuid(two.text()) && one.body != two.body, "{one:?} {two:?}");
        let missing = node.get(name, "/nothing").await;
        assert_eq!((missing.status.as_u16(), missing.text()), (404, "Not Found"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_without_a_worker_are_served() {
    let node = Node::start().await;
    deploy(&node, "hello-world-assets-only/templates", "assets-only").await;
    let page = node.get("assets-only", "/").await;
    assert!(page.status == 200 && page.text().contains("<h1"), "{page:?}");
    let moved = node.get("assets-only", "/index.html").await;
    assert_eq!((moved.status.as_u16(), moved.header("location")), (307, Some("/")));
    assert_eq!(node.get("assets-only", "/nothing").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_common_examples_route_and_redirect() {
    let node = Node::start().await;
    deploy(&node, "common/ts", "common").await;
    assert!(node.get("common", "/").await.text().starts_with("Try making requests to"));
    let moved = node.get("common", "/redirect?redirectUrl=https://example.com/").await;
    assert_eq!((moved.status.as_u16(), moved.header("location")), (302, Some("https://example.com/")));
    assert_eq!(node.get("common", "/redirect").await.status, 400);
    assert_eq!(node.get("common", "/proxy").await.status, 400);
    assert_eq!(node.get("common", "/api/todos").await.text(), "Todos Index!");
    assert_eq!(node.get("common", "/api/todos/7").await.text(), "Todo #7");
    let made = send(&node, "common", Method::POST, "/api/todos", r#"{"a": 1}"#).await;
    assert_eq!(made.text(), r#"Creating Todo: {"a":1}"#);
    assert_eq!(node.get("common", "/api/other").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scheduled_template_answers_requests() {
    let node = Node::start().await;
    deploy(&node, "scheduled/ts", "scheduled").await;
    let answer = node.get("scheduled", "/").await;
    assert!(answer.text().contains("__scheduled?cron="), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_openapi_template_describes_itself_and_checks_what_it_is_sent() {
    let node = Node::start().await;
    deploy(&node, "openapi/ts", "openapi").await;
    let page = node.get("openapi", "/").await;
    assert!(page.status == 200 && page.text().contains("swagger-ui"), "{page:?}");
    let description = node.get("openapi", "/openapi.json").await.json();
    let paths: Vec<_> = description["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(paths, ["/api/tasks", "/api/tasks/{taskSlug}"]);
    assert_eq!(description["openapi"], "3.1.0");

    let list = node.get("openapi", "/api/tasks?page=1&isCompleted=true").await.json();
    assert!(list["success"] == true && list["tasks"].as_array().unwrap().len() == 2, "{list}");
    let task = node.get("openapi", "/api/tasks/mow").await.json();
    assert_eq!((&task["success"], &task["task"]["slug"]), (&json!(true), &json!("mow")), "{task}");
    let gone = send(&node, "openapi", Method::DELETE, "/api/tasks/mow", "").await.json();
    assert_eq!(gone["result"]["task"]["slug"], "mow", "{gone}");

    let new = json!({"name": "mow", "slug": "mow", "due_date": "2026-05-01"});
    let made = send(&node, "openapi", Method::POST, "/api/tasks", new.to_string()).await;
    assert_eq!(made.status, 201, "{made:?}");
    let expected = json!({"success": true, "task": {
        "name": "mow", "slug": "mow", "completed": false, "due_date": "2026-05-01",
    }});
    assert_eq!(made.json(), expected);
    for wrong in [
        json!({}),
        json!({"name": 1, "slug": "a", "due_date": "2026-05-01"}),
        json!({"name": "a", "slug": "b", "due_date": "soon"}),
    ] {
        let refused = send(&node, "openapi", Method::POST, "/api/tasks", wrong.to_string()).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["success"]), (400, &json!(false)), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hono_template_has_its_assets_binding() {
    let node = Node::start().await;
    deploy(&node, "hono/workers/templates", "hono").await;
    assert_eq!(node.get("hono", "/message").await.text(), "Hello Hono!");
    let page = node.get("hono", "/").await;
    assert!(page.status == 200 && page.text().contains("<html"), "{page:?}");
    assert_eq!(node.get("hono", "/nothing").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_with_kv_and_assets_works_through_a_library() {
    let node = Node::start().await;
    let dir = tempfile::tempdir().unwrap();
    copy(&packages().await.join("kv"), dir.path());
    link_packages(dir.path()).await;
    let deployed = node.cli_json(dir.path(), &["deploy", "--json"]).await;
    let namespaces = node.api(Method::GET, "/v1/kv/namespaces", None).await.json();
    assert_eq!(namespaces["namespaces"][0]["id"], "06779da6940b431db6e566b4846d64db", "{namespaces} {deployed}");

    assert_eq!(node.get("notes", "/api/notes").await.json(), json!([]));
    for (name, text) in [("wren", "a small bird"), ("otter", "a swimmer that is fond of stones"), ("caf\u{e9}", "open")]
    {
        let path = format!("/api/notes/{}", name.replace('\u{e9}', "%C3%A9"));
        let put = send(&node, "notes", Method::PUT, &path, text).await;
        assert_eq!(put.status, 204, "{put:?}");
        let note = node.get("notes", &path).await.json();
        assert_eq!(note, json!({"text": text, "words": text.split(' ').count()}));
    }
    assert_eq!(node.get("notes", "/api/notes").await.json(), json!(["caf\u{e9}", "otter", "wren"]));
    let raw = node.get("notes", "/api/raw/wren").await.json();
    let expected = json!({
        "value": {"text": "a small bird", "words": 3}, "metadata": null, "expires": true, "list_complete": true,
    });
    assert_eq!(raw, expected);
    assert_eq!(send(&node, "notes", Method::DELETE, "/api/notes/otter", "").await.status, 204);
    assert_eq!(node.get("notes", "/api/notes/otter").await.status, 404);
    assert_eq!(send(&node, "notes", Method::PUT, "/api/notes/long", vec![b'x'; 1001]).await.status, 413);

    let page = node.get("notes", "/").await;
    assert!(page.text().contains("<title>Notes</title>"), "{page:?}");
    assert_eq!(node.get("notes", "/any/view").await.body, page.body, "an address within the app");
    assert_eq!(node.get("notes", "/api/page").await.body, page.body);
    assert_eq!(node.get("notes", "/app.js").await.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(node.get("notes", "/api/other").await.status, 404);

    // What is kept outlives the next version, and is the operator's to see.
    let value =
        node.cli(&["kv", "key", "get", "note:wren", "--namespace-id", "06779da6940b431db6e566b4846d64db"]).await;
    assert!(String::from_utf8_lossy(&value.stdout).contains("a small bird"), "{value:?}");
    node.cli_json(dir.path(), &["deploy", "--json", "--var", "LONGEST_NOTE=5"]).await;
    assert_eq!(node.get("notes", "/api/notes/wren").await.json()["words"], 3);
    assert_eq!(send(&node, "notes", Method::PUT, "/api/notes/long", "123456").await.status, 413);
}

/// The keys of the table in the documentation, each with its row.
fn documented() -> Vec<(String, String)> {
    let text = fs::read_to_string(repository().join("docs/wrangler-compat.md")).unwrap();
    let rows = text.lines().filter_map(|line| {
        let key = line.strip_prefix("| `")?.split('`').next()?;
        Some((key.to_owned(), line.to_owned()))
    });
    rows.collect()
}

/// Every `wrangler.*` below `folder`, parsed.
fn configurations(folder: &Path, found: &mut Vec<(PathBuf, Value)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            configurations(&path, found);
        } else if name.starts_with("wrangler.") {
            let text = fs::read_to_string(&path).unwrap();
            let value = match name {
                "wrangler.toml" => serde_json::to_value(toml::from_str::<toml::Value>(&text).unwrap()).unwrap(),
                _ => jsonc_parser::parse_to_serde_value(&text, &Default::default()).unwrap().unwrap(),
            };
            found.push((path, value));
        }
    }
}

#[tokio::test]
async fn every_key_of_every_template_is_documented() {
    let mut found = Vec::new();
    configurations(&all_templates().await, &mut found);
    assert!(found.len() >= 40, "{} configurations", found.len());
    let documented = documented();
    for (path, configuration) in &found {
        for (key, value) in configuration.as_object().unwrap() {
            let Some((_, row)) = documented.iter().find(|(documented, _)| documented == key) else {
                panic!("`{key}` in {} is not in docs/wrangler-compat.md", path.display());
            };
            let inner = match value {
                Value::Object(inner) if row.contains("| read |") && key != "vars" => inner.keys().collect::<Vec<_>>(),
                _ => Vec::new(),
            };
            for inner in inner {
                assert!(row.contains(&format!("`{inner}`")), "`{key}.{inner}` in {} is not in its row", path.display());
            }
        }
    }
}

/// Templates for what does not exist here, and what the refusal must name.
const REFUSED: &[(&str, &[&str])] = &[
    ("hello-world-durable-object/ts", &["durable_objects", "MY_DURABLE_OBJECT"]),
    ("hello-world-durable-object-with-assets/ts", &["durable_objects", "MY_DURABLE_OBJECT"]),
    ("hello-world-workflows/ts", &["workflows", "MY_WORKFLOW"]),
    ("queues/ts", &["queues", "MY_QUEUE"]),
    ("hono/pages/templates", &["pages_build_output_dir"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn templates_for_what_does_not_exist_here_are_refused_by_name() {
    let node = Node::start().await;
    for (path, named) in REFUSED {
        let dir = template(path, "refused").await;
        let output = node.cli_in(dir.path(), &["deploy"]).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{path}: {stderr}");
        for name in *named {
            assert!(stderr.contains(&format!("`{name}`")), "{path} does not name `{name}`:\n{stderr}");
        }
    }
    assert_eq!(node.api(Method::GET, "/v1/workers", None).await.json(), json!({"workers": []}));
}
