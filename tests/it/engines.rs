//! Workers outlive the version of glowplug that they were made with: their JavaScript engine is kept beside them.

use crate::node::{Node, component};
use bytes::Bytes;
use glowplug::digest::Digest;
use glowplug::engine::javascript::ENGINE_WASM;
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// This program's engine with another custom section: the engine of another version, as far as anybody can tell.
fn other_engine() -> Bytes {
    let name = b"another version";
    let mut wasm = ENGINE_WASM.to_vec();
    wasm.extend([0, name.len() as u8 + 1, name.len() as u8]);
    wasm.extend(name);
    wasm.into()
}

/// `component` as the glowplug with the engine `digest` would have made it.
fn made_with(component: &[u8], digest: Digest) -> Bytes {
    let own = Digest::of(ENGINE_WASM).to_string();
    let at = component.windows(own.len()).position(|window| window == own.as_bytes()).expect("it names its engine");
    let mut other = component.to_vec();
    other[at..at + own.len()].copy_from_slice(digest.to_string().as_bytes());
    other.into()
}

async fn publish(node: &Node, name: &str, artifact: &str) -> (StatusCode, Value) {
    let body = json!({ "version": { "artifact": artifact }, "deploy": true });
    let answer = node.api(Method::POST, &format!("/v1/workers/{name}/versions"), Some(body)).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn workers_of_two_engines_run_side_by_side_and_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let node = Node::on(&dir.path().join("data"), None, &[]).await;
    let source = "let n = 0; export default { fetch: () => new Response(`answer ${n += 1}`) };";
    let own = component(&[("index.js", source)]).await;
    let engine = other_engine();
    let other = node.upload(&made_with(&own, Digest::of(&engine))).await;

    let (status, refused) = publish(&node, "old", &other).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
    assert!(refused.to_string().contains(&Digest::of(&engine).to_string()), "the engine is named: {refused}");

    node.upload(&engine).await;
    let (status, made) = publish(&node, "old", &other).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let (status, made) = publish(&node, "new", &node.upload(&own).await).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let answers = async |node: &Node| {
        for name in ["old", "new", "old"] {
            assert_eq!(node.get(name, "/").await.text(), "answer 1", "{name}");
        }
    };
    answers(&node).await;

    let (data, token) = (node.data().to_owned(), node.token.clone());
    assert!(node.stop().await.0.success());
    answers(&Node::on(&data, Some(&token), &[]).await).await;
}
