//! `glowplug tail`

use super::{command, failure};
use crate::node::Node;
use crate::support::PATIENCE;
use serde_json::Value;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout};

const SCRIPT: &str = "export default { async fetch(request) {
    console.log('asked for', new URL(request.url).pathname);
    if (request.url.includes('bad')) throw new TypeError('no good');
    return new Response('ok');
} };";

/// A running `glowplug tail`.
pub struct Tail {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    said: Lines<BufReader<ChildStderr>>,
}

impl Tail {
    /// Watches `hello` with these flags, and returns when the server has begun to send.
    pub async fn start(node: &Node, flags: &[&str]) -> Self {
        let mut command = command(node, &[&["tail", "hello"], flags].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut tail = Self { child, lines, said };
        tail.says("watching hello").await;
        tail
    }

    /// Waits until it has said `text` on stderr.
    async fn says(&mut self, text: &str) -> String {
        loop {
            let line = tokio::time::timeout(PATIENCE, self.said.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("`{text}` was never said")).unwrap().expect("it goes on");
            if line.contains(text) {
                return line;
            }
        }
    }

    pub async fn line(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        line.expect("there is a line in time").unwrap().expect("there is a line")
    }

    /// The next event's path and outcome.
    async fn event(&mut self) -> (String, String) {
        let event: Value = serde_json::from_str(&self.line().await).unwrap();
        let url: http::Uri = event["event"]["request"]["url"].as_str().unwrap().parse().unwrap();
        (url.path().to_owned(), event["outcome"].as_str().unwrap().to_owned())
    }
}

#[tokio::test]
async fn events_come_as_they_happen_until_it_is_interrupted() {
    let node = Node::start().await;
    node.deploy_script("hello", SCRIPT).await;
    let mut pretty = Tail::start(&node, &["--format", "pretty"]).await;
    node.get("hello", "/good").await;
    let request = pretty.line().await;
    assert!(request.contains("GET http://hello.localhost") && request.contains("/good 200"), "{request}");
    assert!(pretty.line().await.ends_with("log   asked for /good"));
    node.get("hello", "/bad").await;
    assert!(pretty.line().await.contains("/bad 500"));
    pretty.line().await;
    assert!(pretty.line().await.ends_with("TypeError: no good"));
    let frame = pretty.line().await;
    assert!(frame.contains("index.js:3"), "{frame}");

    let pid = pretty.child.id().unwrap().to_string();
    assert!(tokio::process::Command::new("kill").args(["-INT", &pid]).status().await.unwrap().success());
    let ended = tokio::time::timeout(PATIENCE, pretty.child.wait()).await.expect("it ends").unwrap();
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test]
async fn filters_let_through_what_they_say() {
    let node = Node::start().await;
    node.deploy_script("hello", SCRIPT).await;
    let mut failed = Tail::start(&node, &["--status", "error"]).await;
    let mut searched = Tail::start(&node, &["--search", "/needle"]).await;
    let mut posted = Tail::start(&node, &["--method", "post"]).await;
    let mut several = Tail::start(&node, &["--status", "error", "--status", "canceled"]).await;
    for path in ["/one", "/needle", "/bad"] {
        node.get("hello", path).await;
    }
    let post = node.to("hello", http::Method::POST, "/posted").body(http_body_util::Full::default()).unwrap();
    node.send(post).await;
    assert_eq!(failed.event().await, ("/bad".to_owned(), "exception".to_owned()));
    assert_eq!(several.event().await.0, "/bad");
    assert_eq!(searched.event().await, ("/needle".to_owned(), "ok".to_owned()));
    assert_eq!(posted.event().await.0, "/posted");
}

#[tokio::test]
async fn a_server_that_comes_back_is_watched_again() {
    let node = Node::start_with(&[]).await;
    node.deploy_script("hello", SCRIPT).await;
    let mut tail = Tail::start(&node, &[]).await;
    let admin = node.admin.strip_prefix("http://").unwrap().to_owned();
    let (data, token, _dir) = node.kill().await;
    tail.says("trying in").await;
    let mut again = crate::support::glowplug();
    again.args(["serve", "--listen", "127.0.0.1:0", "--admin", &admin, "--data"]).arg(&data);
    let node = Node::spawn(again, &data, Some(&token)).await.unwrap_or_else(|stderr| panic!("{stderr}"));
    tail.says("watching hello again").await;
    node.get("hello", "/good").await;
    assert_eq!(tail.event().await.0, "/good");
}

#[tokio::test]
async fn a_worker_that_is_not_there_is_told() {
    let node = Node::start().await;
    assert!(failure(&node.cli(&["tail", "nobody"]).await).contains("there is no worker `nobody`"));
}
