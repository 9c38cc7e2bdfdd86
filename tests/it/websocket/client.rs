//! A WebSocket client on a raw socket, which sends what it is told to, right or wrong.

use crate::support::PATIENCE;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;
pub const LAST: u8 = 0x80;
pub const COMPRESSED: u8 = 0x40;
/// RFC 6455's own example.
pub const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// What the server answered to the handshake.
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

pub struct Client {
    pub socket: TcpStream,
}

/// A frame of the server's.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    /// The first byte: last, compressed, opcode.
    pub first: u8,
    pub payload: Vec<u8>,
}

impl Client {
    /// Sends a request with these header lines, and reads the head of the answer.
    pub async fn ask(base: &str, path: &str, lines: &[&str]) -> (Answer, Self) {
        let authority = base.strip_prefix("http://").unwrap();
        let mut socket = TcpStream::connect(authority).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\n{}\r\n\r\n", lines.join("\r\n"));
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let byte = tokio::time::timeout(PATIENCE, socket.read_u8()).await.expect("an answer in time");
            head.push(byte.expect("an answer"));
        }
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        };
        (Answer { status, headers: lines.map(header).collect() }, Self { socket })
    }

    /// Asks for a WebSocket as it should be done.
    pub async fn open(base: &str, path: &str, more: &[&str]) -> (Answer, Self) {
        let key = format!("Sec-WebSocket-Key: {KEY}");
        let mut lines = vec!["Upgrade: websocket", "Connection: Upgrade", &key, "Sec-WebSocket-Version: 13"];
        lines.extend(more);
        Self::ask(base, path, &lines).await
    }

    /// The same, and it is there.
    pub async fn connect(base: &str, path: &str) -> Self {
        let (answer, client) = Self::open(base, path, &[]).await;
        assert_eq!(answer.status, 101, "{:?}", answer.headers);
        client
    }

    /// Sends a masked frame.
    pub async fn send(&mut self, first: u8, payload: &[u8]) {
        self.raw(&frame(first, payload)).await;
    }

    pub async fn raw(&mut self, bytes: &[u8]) {
        // A server that has failed the connection may have closed it already.
        let _ = self.socket.write_all(bytes).await;
    }

    /// The next frame; none at the end of the connection.
    pub async fn next(&mut self) -> Option<Frame> {
        tokio::time::timeout(PATIENCE, self.read()).await.expect("a frame in time").ok()
    }

    async fn read(&mut self) -> io::Result<Frame> {
        let first = self.socket.read_u8().await?;
        let length = match self.socket.read_u8().await? {
            126 => u64::from(self.socket.read_u16().await?),
            127 => self.socket.read_u64().await?,
            length => u64::from(length),
        };
        let mut payload = vec![0; length as usize];
        self.socket.read_exact(&mut payload).await?;
        Ok(Frame { first, payload })
    }

    /// The next frame as text.
    pub async fn text(&mut self) -> String {
        let frame = self.next().await.expect("a frame");
        assert_eq!(frame.first, LAST | TEXT, "{frame:?}");
        String::from_utf8(frame.payload).unwrap()
    }

    /// The code and reason of the close frame that comes next, and that the connection ends after it.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            let frame = self.next().await.expect("a close frame");
            if frame.first != LAST | CLOSE {
                continue;
            }
            let Some((code, reason)) = frame.payload.split_first_chunk() else { return (1005, String::new()) };
            return (u16::from_be_bytes(*code), String::from_utf8(reason.to_vec()).unwrap());
        }
    }
}

/// A masked frame.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [9, 8, 7, 6];
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}
