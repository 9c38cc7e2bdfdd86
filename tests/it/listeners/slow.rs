//! Clients that take their time.

use super::Edge;
use http::Method;
use http_body_util::Full;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What slow clients have sent when they fall silent.
const BEGINNINGS: [&[u8]; 4] = [
    b"",
    b"GET / HTTP/1.1\r\nHost: hello.localhost\r\nX-Slow: ",
    b"POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: 100000\r\n\r\nabc",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
];

#[tokio::test(flavor = "multi_thread")]
async fn many_slow_clients_do_not_stop_a_fast_one_and_are_sent_away() {
    let edge = Edge::start("listen = \"127.0.0.1:0\"\n[connections]\nhead_seconds = 3\nbody_seconds = 3").await;
    let mut slow = Vec::new();
    for index in 0..256 {
        let mut socket = TcpStream::connect(edge.address("http")).await.unwrap();
        socket.write_all(BEGINNINGS[index % BEGINNINGS.len()]).await.unwrap();
        slow.push(socket);
    }
    let mut waits = Vec::new();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(2) {
        let asked = Instant::now();
        let request = edge.node.to("hello", Method::GET, "/").body(Full::default()).unwrap();
        assert_eq!(edge.node.send(request).await.status, 200);
        waits.push(asked.elapsed());
    }
    waits.sort();
    let median = waits[waits.len() / 2];
    assert!(median < Duration::from_millis(50), "the fast one waited {median:?}");
    for (index, mut socket) in slow.into_iter().enumerate() {
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(20), socket.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "the client {index} is still there after {rest:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_nothing_is_sent_away_and_the_worker_is_free() {
    const SIZE: usize = 32 << 20;
    let edge = Edge::start("listen = \"127.0.0.1:0\"\n[connections]\nunread_seconds = 1").await;
    let script = format!("export default {{ fetch: () => new Response(new Uint8Array({SIZE})) }};");
    edge.node.deploy_script("large", &script).await;
    let mut socket = TcpStream::connect(edge.address("http")).await.unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\nHost: large.localhost\r\n\r\n").await.unwrap();
    let mut beginning = [0; 12];
    socket.read_exact(&mut beginning).await.unwrap();
    assert_eq!(&beginning, b"HTTP/1.1 200");
    tokio::time::sleep(Duration::from_secs(4)).await;
    let (mut read, mut buffer) = (0, vec![0; 1 << 16]);
    let rest = async {
        while let Ok(more @ 1..) = socket.read(&mut buffer).await {
            read += more;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), rest).await.expect("the connection is at its end");
    assert!(read < SIZE, "all of it came");
    // Who reads slowly, but reads, gets all of it.
    let mut socket = TcpStream::connect(edge.address("http")).await.unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\nHost: large.localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let (mut read, mut buffer) = (0, vec![0; 16 << 20]);
    while let Ok(more @ 1..) = socket.read(&mut buffer).await {
        read += more;
        if read % 7 == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    assert!(read > SIZE, "{read}");
}

#[tokio::test]
async fn connections_beyond_the_most_are_sent_away() {
    let edge = Edge::start("listen = \"127.0.0.1:0\"\n[connections]\nmax = 3").await;
    let address = edge.address("http");
    let mut held = Vec::new();
    // The client of the node holds one.
    while held.len() < 3 {
        held.push(TcpStream::connect(&address).await.unwrap());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut socket = TcpStream::connect(&address).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 1"), "{answer}");
}
