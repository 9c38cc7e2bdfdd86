//! Unix sockets.

use super::Edge;
use crate::support::glowplug;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

#[tokio::test]
async fn workers_are_served_on_a_unix_socket_too() {
    let edge = Edge::start("listen = [\"127.0.0.1:0\", \"unix:{dir}/a.sock\"]").await;
    let path = edge.dir().join("a.sock");
    let mut socket = UnixStream::connect(&path).await.unwrap();
    socket.write_all(b"GET /a HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("http://hello.localhost/a"), "{answer}");

    let mut second = glowplug();
    second.args(["serve", "--admin", "127.0.0.1:0", "--data"]).arg(edge.dir().join("other"));
    let output = second.arg("--listen").arg(format!("unix:{}", path.display())).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("in use"), "{said}");
    edge.node.stop().await;
    assert!(!path.exists(), "the socket's file is removed");
}
