//! WebSockets, on raw sockets and with clients that others wrote.

mod client;
mod clients;
mod component;
mod idle;
mod outgoing;

use self::client::{BINARY, CLOSE, COMPRESSED, Client, LAST, PING, PONG, TEXT, frame};
use crate::support::Server;
use std::time::Duration;
use tokio::io::AsyncReadExt;

const WORKER: &str = include_str!("websocket/worker.js");

async fn server() -> Server {
    Server::script(WORKER).await
}

#[tokio::test]
async fn a_handshake_is_answered_as_rfc_6455_says_and_wrong_ones_are_refused() {
    let server = server().await;
    let (answer, _client) = Client::open(&server.base, "/echo", &["Sec-WebSocket-Protocol: chat, superchat"]).await;
    assert_eq!(answer.status, 101);
    assert_eq!(answer.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(answer.header("upgrade"), Some("websocket"));
    assert_eq!(answer.header("sec-websocket-protocol"), None);
    assert_eq!(answer.header("sec-websocket-extensions"), None);
    let (answer, _client) = Client::open(&server.base, "/echo?protocol=superchat", &[]).await;
    assert_eq!(answer.header("sec-websocket-protocol"), Some("superchat"));

    for (wrong, lines) in [
        (
            "the version",
            vec![
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version: 8",
            ],
        ),
        (
            "no version",
            vec!["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
        ),
        (
            "the key",
            vec!["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: short", "Sec-WebSocket-Version: 13"],
        ),
        ("no key", vec!["Upgrade: websocket", "Connection: keep-alive, Upgrade", "Sec-WebSocket-Version: 13"]),
    ] {
        let (answer, _) = Client::ask(&server.base, "/echo", &lines).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    // Without `Connection: Upgrade` it is a plain request, and the worker cannot answer it so.
    let (answer, _) = Client::ask(&server.base, "/echo", &["Upgrade: websocket"]).await;
    assert_eq!(answer.status, 500);
    assert!(server.printed("asks for no WebSocket").await.contains("TypeError"));
    let (answer, _) = Client::open(&server.base, "/plain", &[]).await;
    assert_eq!(answer.status, 200);
    let answer = Client::open(&server.base, "/upgrade", &[]).await;
    assert_eq!(answer.0.status, 200);
}

#[tokio::test]
async fn messages_of_all_kinds_come_and_go() {
    let server = server().await;
    let mut client = Client::connect(&server.base, "/describe").await;
    client.send(LAST | TEXT, "κόσμε".as_bytes()).await;
    assert_eq!(client.text().await, "text 5");
    client.send(LAST | BINARY, &[0; 70_000]).await;
    assert_eq!(client.text().await, "ArrayBuffer 70000");
    // In parts, with a ping between them.
    client.send(TEXT, b"a").await;
    client.send(LAST | PING, b"are you there").await;
    client.send(0, b"b").await;
    client.send(LAST, b"c").await;
    let pong = client.next().await.unwrap();
    assert_eq!((pong.first, &pong.payload[..]), (LAST | PONG, &b"are you there"[..]));
    assert_eq!(client.text().await, "text 3");
    client.send(LAST | CLOSE, b"\x0f\xa0bye").await;
    assert_eq!(client.closed().await, (4000, "bye".into()));
    assert_eq!(client.next().await, None, "the server closes the connection");
    server.printed("closed 4000 bye true").await;

    let mut client = Client::connect(&server.base, "/echo").await;
    for length in [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20] {
        client.send(LAST | BINARY, &vec![7; length]).await;
        let frame = client.next().await.unwrap();
        assert_eq!((frame.first, frame.payload.len()), (LAST | BINARY, length));
    }
}

#[tokio::test]
async fn what_a_client_may_not_do_fails_its_connection_alone() {
    let server = server().await;
    let mut unmasked = frame(LAST | TEXT, b"x");
    unmasked[1] &= 0x7f;
    for (what, bytes, code) in [
        ("not masked", unmasked, 1002),
        ("a reserved bit", frame(LAST | COMPRESSED | TEXT, b"x"), 1002),
        ("an unknown opcode", frame(LAST | 5, b"x"), 1002),
        ("a fragmented ping", frame(PING, b"x"), 1002),
        ("a continuation of nothing", frame(LAST, b"x"), 1002),
        ("no UTF-8", frame(LAST | TEXT, b"\xc3\x28"), 1007),
        ("too large", frame(LAST | BINARY, &vec![0; (1 << 20) + 1]), 1009),
        ("too large in its head", vec![LAST | BINARY, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4], 1009),
        ("a close code that is reserved", frame(LAST | CLOSE, &1005u16.to_be_bytes()), 1002),
    ] {
        let mut client = Client::connect(&server.base, "/describe").await;
        client.raw(&bytes).await;
        assert_eq!(client.closed().await.0, code, "{what}");
    }
    server.printed("closed 1006").await;
    let mut client = Client::connect(&server.base, "/echo").await;
    client.send(LAST | TEXT, b"still here").await;
    assert_eq!(client.text().await, "still here");
}

#[tokio::test]
async fn a_worker_closes_and_hears_the_answer() {
    let server = server().await;
    let mut client = Client::connect(&server.base, "/close?code=3999&reason=why").await;
    assert_eq!(client.text().await, "before");
    assert_eq!(client.closed().await, (3999, "why".into()));
    client.send(LAST | CLOSE, b"\x0f\x9fback").await;
    assert_eq!(client.next().await, None);
    server.printed("answered 3999 back").await;
    let mut client = Client::connect(&server.base, "/close").await;
    assert_eq!(client.text().await, "before");
    assert_eq!(client.closed().await, (1005, String::new()));

    // A client that is gone without a word.
    let mut client = Client::connect(&server.base, "/describe").await;
    client.send(LAST | TEXT, b"x").await;
    client.text().await;
    drop(client);
    server.printed("closed 1006 WebSocket disconnected without sending Close frame. false").await;
}

#[tokio::test]
async fn compression_is_negotiated() {
    let server = server().await;
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";
    let (answer, mut client) = Client::open(&server.base, "/echo", &[offer]).await;
    let agreed = answer.header("sec-websocket-extensions").unwrap();
    assert_eq!(agreed, "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    // «Hello», from RFC 7692.
    client.send(LAST | COMPRESSED | TEXT, b"\xf2\x48\xcd\xc9\xc9\x07\x00").await;
    assert_eq!(client.text().await, "Hello");
    client.send(LAST | TEXT, &[b'x'; 10_000]).await;
    let frame = client.next().await.unwrap();
    assert_eq!((frame.first, frame.payload.len() < 100), (LAST | COMPRESSED | TEXT, true));
    client.send(LAST | COMPRESSED | TEXT, &frame.payload).await;
    assert_eq!(client.next().await.unwrap().payload, frame.payload);
    client.send(LAST | COMPRESSED | BINARY, b"\xff\xff\xff").await;
    assert_eq!(client.closed().await.0, 1007);
}

#[tokio::test]
async fn a_sandbox_lives_as_long_as_its_socket_and_is_billed_for_work_alone() {
    let dir = crate::support::project(&[
        ("worker.js", WORKER),
        // The response's time is long over when the last message comes, and each message has the CPU that a request has.
        (
            "wrangler.toml",
            "main = \"worker.js\"\ncompatibility_date = \"2026-01-01\"\nlimits = { wall_ms = 300, cpu_ms = 100 }\n",
        ),
    ]);
    let server = Server::start(dir.path()).await;
    let mut client = Client::connect(&server.base, "/count").await;
    for count in 1..=4 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        client.send(LAST | TEXT, b"").await;
        assert_eq!(client.text().await, count.to_string());
    }
    client.send(LAST | CLOSE, b"").await;
    client.closed().await;
    // The request's line comes when all is over: what it waited for costs nothing.
    let line = server.printed("/count").await;
    assert!(line.contains("101"), "{line}");

    let mut client = Client::connect(&server.base, "/time").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    client.send(LAST | TEXT, b"").await;
    let elapsed: u64 = client.text().await.parse().unwrap();
    assert!((400..5000).contains(&elapsed), "time moves with each message: {elapsed}");

    let mut client = Client::connect(&server.base, "/spin").await;
    for _ in 0..8 {
        client.send(LAST | TEXT, b"").await;
        assert_eq!(client.text().await, "499999500000");
    }
    client.send(LAST | TEXT, b"forever").await;
    assert_eq!(client.closed().await.0, 1011, "a message has no more CPU than a request");
    server.printed("stopped after").await;
}

#[tokio::test]
async fn a_handler_that_throws_is_told_of_and_the_socket_goes_on() {
    let server = server().await;
    let mut client = Client::connect(&server.base, "/throws").await;
    client.send(LAST | TEXT, b"1").await;
    client.send(LAST | TEXT, b"2").await;
    client.send(LAST | CLOSE, b"\x03\xe8").await;
    assert_eq!(client.closed().await.0, 1000);
    server.printed("no 1").await;
}

#[tokio::test]
async fn a_slow_client_holds_its_worker_back() {
    let server = server().await;
    let mut client = Client::connect(&server.base, "/flood").await;
    assert_eq!((client.text().await, client.text().await), ("hello".into(), "5".into()));
    client.send(LAST | TEXT, b"").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    for _ in 0..100 {
        assert_eq!(client.next().await.unwrap().payload.len(), 64 * 1024);
    }
    assert_eq!(client.text().await, "buffered true");
    assert_eq!(client.closed().await, (1000, "done".into()));
    let mut client = Client::connect(&server.base, "/large").await;
    assert_eq!(client.text().await, "TypeError: The WebSocket message is too large: 1 MiB may be sent.");
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let server = server().await;
    let mut client = Client::connect(&server.base, "/describe").await;
    client.send(LAST | TEXT, b"x").await;
    client.text().await;
    let stopping = tokio::spawn(server.stop());
    assert_eq!(client.closed().await, (1001, "the server is stopping".into()));
    client.send(LAST | CLOSE, b"\x03\xe9").await;
    assert_eq!(client.socket.read(&mut [0]).await.unwrap_or(0), 0);
    assert!(stopping.await.unwrap().success());
}

#[tokio::test]
async fn a_pair_of_which_nobody_accepts_an_end_does_not_hold_the_sandbox() {
    let server = server().await;
    let mut client = Client::connect(&server.base, "/unaccepted").await;
    client.send(LAST | TEXT, b"x").await;
    client.send(LAST | CLOSE, b"\x03\xe8").await;
    client.closed().await;
    server.printed("/unaccepted").await;
}
