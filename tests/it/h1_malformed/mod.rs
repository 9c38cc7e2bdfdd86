//! What is no sound HTTP/1.1 is refused before any worker sees it, byte for byte over a socket.
//!
//! Each case is what a client sends. It must be answered 4xx or not at all, the connection must be closed, and no
//! worker may have answered. Each is sent whole, in two pieces, and after a sound request on the same connection.

mod chunks;
mod framing;
mod header_lines;
mod host;
mod request_line;
mod sound;

use crate::support::{PATIENCE, Server};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const WORKER: &str = "export default { async fetch(request) {
    const url = new URL(request.url);
    const body = await request.text();
    return new Response(`[${request.method} ${url.pathname}${url.search} ${body}]`, { headers: { 'x-worker': 'yes' } });
} };";
const FIRST: &[u8] = b"GET /first HTTP/1.1\r\nHost: a.test\r\n\r\n";

/// A name, and what is sent.
type Case = (&'static str, &'static [u8]);

async fn server() -> Server {
    Server::script(WORKER).await
}

/// Sends `pieces`, and reads until the server closes.
async fn exchange(server: &Server, pieces: &[&[u8]]) -> Result<String, String> {
    let address = server.base.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.set_nodelay(true).unwrap();
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // The server may have closed already.
        if socket.write_all(piece).await.is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    // A reset after the answer is as good as an end.
    match tokio::time::timeout(PATIENCE / 6, socket.read_to_end(&mut answer)).await {
        Ok(_) => Ok(String::from_utf8_lossy(&answer).into_owned()),
        Err(_) => Err(format!("the connection stays open after {:?}", String::from_utf8_lossy(&answer))),
    }
}

/// What is wrong with the server's answer to a case; nothing if it was refused as it must be.
async fn judge(server: &Server, bytes: &'static [u8], pieces: &[&[u8]], first: bool) -> Option<String> {
    let answer = match exchange(server, pieces).await {
        Ok(answer) => answer,
        Err(why) => return Some(why),
    };
    let rest = match answer.split_once("[GET /first ]") {
        Some((_, rest)) if first => rest,
        None if first => return Some(format!("the sound request was not answered: {answer:?}")),
        _ => &answer,
    };
    let refused = rest.is_empty() || rest.starts_with("HTTP/1.1 4") || rest.starts_with("HTTP/1.1 5");
    let once = rest.matches("HTTP/1.1 ").count() <= 1;
    let seen = rest.contains("x-worker");
    (!refused || !once || seen).then(|| format!("{:?} was answered {rest:?}", String::from_utf8_lossy(bytes)))
}

/// All cases must be refused.
async fn refused(cases: &'static [Case]) {
    let server = server().await;
    let mut wrong = Vec::new();
    for (name, bytes) in cases {
        let middle = bytes.len() / 2;
        let ways: [(&str, Vec<&[u8]>, bool); 3] = [
            ("whole", vec![bytes], false),
            ("in two pieces", vec![&bytes[..middle], &bytes[middle..]], false),
            ("after another", vec![FIRST, bytes], true),
        ];
        for (way, pieces, first) in ways {
            if let Some(why) = judge(&server, bytes, &pieces, first).await {
                wrong.push(format!("{name} ({way}): {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} are not refused:\n{}", wrong.len(), cases.len() * 3, wrong.join("\n"));
}

#[test]
fn there_are_at_least_a_hundred_cases() {
    let all = [request_line::CASES, header_lines::CASES, framing::CASES, chunks::CASES, host::CASES];
    let count: usize = all.iter().map(|cases| cases.len()).sum();
    assert!(count >= 100, "there are {count}");
}
