//! A client that sends frames as it is told and looks at what comes back.

use super::frames::{self, ACK, DATA, END_STREAM, GOAWAY, HEADERS, PING, RST_STREAM, SETTINGS};
use crate::support::{PATIENCE, Server};
use std::collections::HashSet;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a client does.
pub enum Step {
    Send(Vec<u8>),
    /// Waits until the answer on a stream is whole.
    Answered(u32),
    /// Waits for this.
    Wait(Expect),
    /// Sends nothing before what follows: neither preface nor settings.
    Raw,
    /// Opens one stream more than the server allows, with no room for answers.
    TooManyStreams,
}

/// What the server must do then.
#[derive(Debug, Clone, Copy)]
pub enum Expect {
    /// Close the connection, with one of these codes if it says why.
    Connection(&'static [u32]),
    /// The same, or reset a stream with one of these codes.
    Stream(&'static [u32]),
    /// Answer 200 on this stream.
    Answer(u32),
    /// Acknowledge a ping with this data.
    Pong(&'static [u8; 8]),
    /// Acknowledge settings again, after those that every connection begins with.
    SettingsAck,
    /// Send settings first of all.
    Settings,
    /// First send so many bytes of a body.
    Data(usize),
    /// Give up the connection, in whatever way.
    Close,
}

/// A frame that came.
#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

pub struct Client {
    socket: TcpStream,
    /// Streams of which the answer is whole.
    answered: HashSet<u32>,
    /// Frames that came and have not been looked at.
    seen: Vec<Frame>,
    streams: u32,
}

impl Client {
    pub async fn connect(server: &Server) -> Self {
        let socket = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).await.unwrap();
        socket.set_nodelay(true).unwrap();
        Self { socket, answered: HashSet::new(), seen: Vec::new(), streams: 0 }
    }

    /// Exchanges prefaces and settings.
    pub async fn shake_hands(&mut self) {
        self.send(&[PREFACE, &frames::settings(&[])].concat()).await;
        let (mut theirs, mut acknowledged) = (false, false);
        while !theirs || !acknowledged {
            let frame = self.read().await.expect("the server shakes hands");
            match (frame.kind, frame.flags & ACK) {
                (SETTINGS, 0) => {
                    for setting in frame.payload.chunks_exact(6) {
                        if setting[..2] == [0, 3] {
                            self.streams = u32::from_be_bytes(setting[2..].try_into().unwrap());
                        }
                    }
                    self.send(&frames::frame(SETTINGS, ACK, 0, &[])).await;
                    theirs = true;
                }
                (SETTINGS, _) => acknowledged = true,
                _ => self.seen.push(frame),
            }
        }
    }

    /// The server may have closed already.
    async fn send(&mut self, bytes: &[u8]) {
        let _ = self.socket.write_all(bytes).await;
    }

    /// The next frame; none when the connection is closed, or nothing comes in time.
    async fn read(&mut self) -> Option<Frame> {
        let reading = async {
            let mut head = [0; 9];
            self.socket.read_exact(&mut head).await.ok()?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            self.socket.read_exact(&mut payload).await.ok()?;
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            Some(Frame { kind: head[3], flags: head[4], stream, payload })
        };
        let frame = tokio::time::timeout(PATIENCE / 6, reading).await.ok()??;
        if matches!(frame.kind, DATA | HEADERS) && frame.flags & END_STREAM != 0 {
            self.answered.insert(frame.stream);
        }
        Some(frame)
    }

    async fn next(&mut self) -> Option<Frame> {
        if self.seen.is_empty() { self.read().await } else { Some(self.seen.remove(0)) }
    }

    pub async fn take(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Send(bytes) => self.send(&bytes).await,
            Step::Wait(expected) => return self.expect(expected).await,
            Step::Raw => {}
            Step::Answered(stream) => {
                while !self.answered.contains(&stream) {
                    let frame = self.read().await.ok_or_else(|| format!("stream {stream} was not answered"))?;
                    self.seen.push(frame);
                }
            }
            Step::TooManyStreams => {
                if self.streams == 0 {
                    return Err("the server states no limit on streams".into());
                }
                self.send(&frames::settings(&[(frames::INITIAL_WINDOW_SIZE, 0)])).await;
                for index in 0..=self.streams {
                    self.send(&frames::request(2 * index + 1)).await;
                }
            }
        }
        Ok(())
    }

    /// Whether the server does what it must.
    pub async fn expect(&mut self, expected: Expect) -> Result<(), String> {
        let mut others = Vec::new();
        loop {
            let Some(frame) = self.next().await else {
                return match (expected, self.is_closed().await) {
                    (Expect::Connection(_) | Expect::Stream(_) | Expect::Close, true) => Ok(()),
                    (_, closed) => Err(format!("closed: {closed}, after {others:?}")),
                };
            };
            let code = |at: usize| {
                frame.payload.get(at..at + 4).map(|code| u32::from_be_bytes(code.try_into().expect("four bytes")))
            };
            match (expected, frame.kind) {
                // A connection that ends in good order says so before it says why it ends.
                (Expect::Connection(codes) | Expect::Stream(codes), GOAWAY)
                    if code(4).is_some_and(|code| codes.contains(&code)) =>
                {
                    return Ok(());
                }
                (Expect::Stream(codes), RST_STREAM) if code(0).is_some_and(|code| codes.contains(&code)) => {
                    return Ok(());
                }
                (Expect::Close, GOAWAY) => return Ok(()),
                (Expect::Answer(stream), HEADERS) if frame.stream == stream => {
                    let is_200 = frame.payload.iter().find(|byte| **byte & 0xe0 != 0x20) == Some(&0x88);
                    return is_200.then_some(()).ok_or_else(|| format!("another status: {frame:?}"));
                }
                (Expect::Pong(data), PING) if frame.flags & ACK != 0 && frame.payload == data => return Ok(()),
                (Expect::SettingsAck, SETTINGS) if frame.flags & ACK != 0 => return Ok(()),
                (Expect::Settings, SETTINGS) if frame.flags & ACK == 0 => return Ok(()),
                (Expect::Settings, _) => return Err(format!("{frame:?} came first")),
                (Expect::Data(length), DATA) => {
                    let got = frame.payload.len();
                    return (got == length).then_some(()).ok_or_else(|| format!("{got} bytes came"));
                }
                _ => {}
            }
            others.push((frame.kind, frame.flags, frame.stream, code(0), code(4)));
        }
    }

    async fn is_closed(&mut self) -> bool {
        let mut byte = [0];
        matches!(tokio::time::timeout(PATIENCE / 600, self.socket.read(&mut byte)).await, Ok(Ok(0) | Err(_)))
    }
}
