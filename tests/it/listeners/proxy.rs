//! The PROXY protocol.

use super::Edge;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n\r\n";

async fn answer(edge: &Edge, header: &[u8]) -> String {
    let mut socket = TcpStream::connect(edge.address("http")).await.unwrap();
    let _ = socket.write_all(&[header, REQUEST].concat()).await;
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_trusted_proxy_must_say_whose_connection_it_is() {
    let settings = "[[listeners]]\naddress = \"127.0.0.1:0\"\nproxy_protocol_from = [\"127.0.0.0/8\"]";
    let edge = Edge::start(settings).await;
    let v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\x7f\0\0\x01\xd4\x31\0\x50";
    for header in [&b"PROXY TCP4 203.0.113.7 127.0.0.1 54321 80\r\n"[..], v2, b"PROXY UNKNOWN\r\n"] {
        let answer = answer(&edge, header).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{header:?}: {answer}");
    }
    assert_eq!(answer(&edge, b"").await, "");
    assert_eq!(answer(&edge, b"PROXY TCP4 nobody 127.0.0.1 54321 80\r\n").await, "");
}

#[tokio::test]
async fn nobody_else_may_say_it() {
    let settings = "[[listeners]]\naddress = \"127.0.0.1:0\"\nproxy_protocol_from = [\"192.0.2.1\"]";
    let edge = Edge::start(settings).await;
    assert_eq!(answer(&edge, b"PROXY TCP4 203.0.113.7 127.0.0.1 54321 80\r\n").await, "");
}
