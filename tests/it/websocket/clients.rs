//! Clients that others wrote.

use super::server;
use glowplug::websocket::wire::{self, Wire};
use glowplug::websocket::{Closing, Event, Message, Role, pair};
use http::{Method, Request, StatusCode};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::ext::Protocol;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::process::Stdio;
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::sync::watch;

/// Node's own WebSocket is undici's, which compresses.
const SCRIPT: &str = "
const socket = new WebSocket(process.argv[1], ['a', 'b']);
const got = [];
socket.onopen = () => { socket.send('x'.repeat(3000)); socket.send(new Uint8Array([1, 2])); };
socket.binaryType = 'arraybuffer';
socket.onmessage = ({ data }) => {
    got.push(typeof data === 'string' ? data.length : [...new Uint8Array(data)].join());
    if (got.length === 2) socket.close(3000, 'bye');
};
socket.onerror = (event) => { console.log('error', event.message); };
socket.onclose = ({ code, reason, wasClean }) => { console.log(JSON.stringify([socket.protocol, socket.extensions, got, code, reason, wasClean])); };
";

/// Before version 22 it has to be asked for.
const FLAG: &str = "--experimental-websocket";

#[tokio::test]
async fn node_talks_to_a_worker() {
    let server = server().await;
    let url = format!("{}/echo?protocol=b", server.base.replace("http", "ws"));
    let has_node =
        Command::new("node").args([FLAG, "-e", "process.exit(typeof WebSocket === 'function' ? 0 : 1)"]).status().await;
    if !has_node.is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no Node.js with a WebSocket");
        return;
    }
    let output = Command::new("node").args([FLAG, "-e", SCRIPT, &url]).stderr(Stdio::inherit()).output().await.unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let extensions = said[1].as_str().unwrap();
    assert!(extensions.starts_with("permessage-deflate"), "{said}");
    assert_eq!(
        (&said[0], &said[2], &said[3], &said[4], &said[5]),
        (&"b".into(), &serde_json::json!([3000, "1,2"]), &3000.into(), &"bye".into(), &true.into())
    );
}

/// RFC 8441: one stream of a connection becomes a WebSocket.
#[tokio::test]
async fn a_stream_of_http_2_becomes_a_websocket() {
    let server = server().await;
    let authority = server.base.strip_prefix("http://").unwrap();
    let socket = TokioIo::new(TcpStream::connect(authority).await.unwrap());
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), socket).await.unwrap();
    tokio::spawn(connection);
    let request = |path: &str| Request::builder().uri(format!("{}{path}", server.base));
    // The server's settings say that it can be asked; they are there with its first answer.
    let answer = sender.send_request(request("/plain").body(Empty::new()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let connect = request("/echo?protocol=p")
        .method(Method::CONNECT)
        .extension(Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13")
        .header("sec-websocket-extensions", "permessage-deflate");
    let mut answer = sender.send_request(connect.body(Empty::new()).unwrap()).await.unwrap();
    assert_eq!((answer.status(), &answer.headers()["sec-websocket-protocol"]), (StatusCode::OK, &"p".parse().unwrap()));
    assert!(answer.headers().get("sec-websocket-accept").is_none() && answer.headers().get("upgrade").is_none());
    let upgraded = hyper::upgrade::on(&mut answer).await.unwrap();
    let (mut end, far) = pair();
    let (_never, stop) = watch::channel(false);
    let params = glowplug::websocket::deflate::Params { fresh_inbound: true };
    tokio::spawn(wire::run(TokioIo::new(upgraded), Wire::new(Role::Client, Some(params), stop), far));
    let text = Event::Message(Message::Text("x".repeat(2000)));
    end.send(Message::Text("x".repeat(2000))).unwrap();
    assert_eq!(end.next().await, Some(text));
    end.close(Closing::frame(3000, "bye"));
    assert_eq!(end.next().await, Some(Event::Closed(Closing::frame(3000, "bye"))));
    let answer = sender.send_request(request("/plain").body(Empty::new()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "the connection goes on");
}
