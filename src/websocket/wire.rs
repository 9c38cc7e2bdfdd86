//! An end of a connection on a socket: frames in, frames out, pings, the closing handshake.

use super::deflate::{self, Params};
use super::frame::{self, Opcode};
use super::reader::{Incoming, Reader};
use super::{Closing, End, Event, GOING_AWAY, Message, NO_CODE, Role, Violation};
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// Room that is made for reading at a time.
const READ: usize = 4096;
/// A buffer that grew larger for a message is given back after it.
const KEPT_BUFFER: usize = 16 * 1024;
/// How long the other side may take to answer a close frame.
const CLOSING: Duration = Duration::from_secs(10);
/// Answers to pings that may wait to be sent; only the latest is owed (RFC 6455, 5.5.3).
const MOST_PONGS: usize = 16;

/// A server's close code for a fault of its own.
const FAILED: u16 = 1011;

/// How a connection is served.
pub struct Wire {
    pub role: Role,
    pub compression: Option<Params>,
    /// Bytes that a message may have.
    pub most: usize,
    /// After so much silence a ping is sent; after as much again the connection is given up.
    pub silence: Duration,
    /// After so long without a message the connection is closed.
    pub idle: Duration,
    /// Says when the server stops.
    pub stop: watch::Receiver<bool>,
}

/// What the reading side wants written.
enum Control {
    Ping,
    Pong(Bytes),
    Close(Closing),
}

#[derive(Default)]
struct Controls {
    queue: Mutex<VecDeque<Control>>,
    filled: Notify,
}

impl Controls {
    fn put(&self, control: Control) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(control, Control::Pong(_)) && queue.len() >= MOST_PONGS {
            queue.pop_front();
        }
        queue.push_back(control);
        drop(queue);
        self.filled.notify_one();
    }

    fn take(&self) -> Option<Control> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    async fn next(&self) -> Control {
        loop {
            if let Some(control) = self.take() {
                return control;
            }
            self.filled.notified().await;
        }
    }
}

/// When a message last went either way.
struct LastMessage(Mutex<Instant>);

impl LastMessage {
    fn touch(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn at(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Connects `end` with the socket `io` until one of them is over.
pub async fn run<IO>(io: IO, wire: Wire, mut end: End)
where
    IO: AsyncRead + AsyncWrite + Send,
{
    let (input, output) = tokio::io::split(io);
    let controls = Controls::default();
    let last = LastMessage(Mutex::new(Instant::now()));
    let deliver = Deliver { outbound: end.outbox(), writable: end.writable() };
    let mut reading = std::pin::pin!(read(input, &wire, &controls, &last, &deliver));
    let mut writer =
        Writer { output, role: wire.role, compress: wire.compression.is_some(), buffer: Vec::new(), torn: false };
    let wrote = {
        let mut writing = std::pin::pin!(write(&mut writer, &wire, &controls, &last, &mut end));
        tokio::select! {
            closing = &mut reading => Over::Read(closing),
            how = &mut writing => how,
        }
    };
    match wrote {
        // The other side closed, broke off, or did what it may not.
        Over::Read(Ended::Closed(closing)) => {
            let reply = Closing::frame(closing.code, closing.reason.clone());
            deliver.last(closing);
            let _ = tokio::time::timeout(CLOSING, writer.finish(&reply)).await;
        }
        Over::Read(Ended::Wrong(Violation { code, why })) => {
            tracing::debug!(code, why, "a WebSocket was failed");
            deliver.last(Closing::broken());
            let _ = tokio::time::timeout(CLOSING, writer.finish(&Closing::frame(code, why))).await;
        }
        Over::Read(Ended::Broken) | Over::Broken => deliver.last(Closing::broken()),
        // This side closed: the other side's answer is waited for, and what comes before it is passed on.
        Over::Sent => {
            let answer = tokio::time::timeout(CLOSING, reading).await;
            deliver.last(match answer {
                Ok(Ended::Closed(closing)) => closing,
                Ok(Ended::Wrong(_) | Ended::Broken) | Err(_) => Closing::broken(),
            });
            let _ = tokio::time::timeout(CLOSING, writer.output.shutdown()).await;
        }
    }
}

enum Over {
    Read(Ended),
    /// A close frame was sent.
    Sent,
    Broken,
}

/// How the other side ended.
enum Ended {
    Closed(Closing),
    Wrong(Violation),
    Broken,
}

/// Passes on to the other end what comes in.
struct Deliver {
    outbound: super::end::Outbox,
    writable: super::Writable,
}

impl Deliver {
    async fn message(&self, message: Message) {
        // Nothing is read while there is no room, so that the sender waits.
        self.writable.ready().await;
        self.outbound.send(message);
    }

    fn last(&self, closing: Closing) {
        self.outbound.close(closing);
    }
}

async fn read<IO: AsyncRead + Send>(
    mut input: ReadHalf<IO>,
    wire: &Wire,
    controls: &Controls,
    last: &LastMessage,
    deliver: &Deliver,
) -> Ended {
    let from = match wire.role {
        Role::Server => Role::Client,
        Role::Client => Role::Server,
    };
    let mut reader = Reader::new(from, wire.most, wire.compression);
    let mut buffer = BytesMut::new();
    let mut pinged = false;
    loop {
        loop {
            match reader.next(&mut buffer) {
                Ok(None) => break,
                Ok(Some(Incoming::Message(message))) => {
                    last.touch();
                    deliver.message(message).await;
                }
                Ok(Some(Incoming::Ping(payload))) => controls.put(Control::Pong(payload)),
                Ok(Some(Incoming::Pong)) => {}
                Ok(Some(Incoming::Close(closing))) => return Ended::Closed(closing),
                Err(violation) => return Ended::Wrong(violation),
            }
        }
        if buffer.is_empty() && buffer.capacity() > KEPT_BUFFER {
            buffer = BytesMut::new();
        }
        buffer.reserve(READ);
        match tokio::time::timeout(wire.silence, input.read_buf(&mut buffer)).await {
            Ok(Ok(0) | Err(_)) => return Ended::Broken,
            Ok(Ok(_)) => pinged = false,
            Err(_) if pinged => return Ended::Broken,
            Err(_) => {
                pinged = true;
                controls.put(Control::Ping);
            }
        }
        if last.at().elapsed() >= wire.idle {
            controls.put(Control::Close(Closing::frame(GOING_AWAY, "idle for too long")));
        }
    }
}

async fn write<IO: AsyncWrite + Send>(
    writer: &mut Writer<IO>,
    wire: &Wire,
    controls: &Controls,
    last: &LastMessage,
    end: &mut End,
) -> Over {
    let mut stop = wire.stop.clone();
    let mut stopping = std::pin::pin!(async move {
        // A server that never stops says so by dropping its end.
        if stop.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    });
    loop {
        let written = tokio::select! {
            biased;
            control = controls.next() => match control {
                Control::Ping => writer.frame(Opcode::Ping, b"").await,
                Control::Pong(payload) => writer.frame(Opcode::Pong, &payload).await,
                Control::Close(closing) => return writer.close(&closing).await,
            },
            event = end.next() => match event {
                Some(Event::Message(message)) => {
                    last.touch();
                    writer.message(&message).await
                }
                Some(Event::Closed(closing)) if closing.clean => return writer.close(&closing).await,
                // Whoever held the other end is gone without a word.
                Some(Event::Closed(_)) | None => {
                    let code = if wire.role == Role::Server { FAILED } else { GOING_AWAY };
                    return writer.close(&Closing::frame(code, "the worker ended")).await;
                }
            },
            () = &mut stopping => return writer.close(&Closing::frame(GOING_AWAY, "the server is stopping")).await,
        };
        if written.is_err() {
            return Over::Broken;
        }
    }
}

struct Writer<IO> {
    output: WriteHalf<IO>,
    role: Role,
    compress: bool,
    buffer: Vec<u8>,
    /// A frame was begun and not completed.
    torn: bool,
}

impl<IO: AsyncWrite + Send> Writer<IO> {
    async fn message(&mut self, message: &Message) -> std::io::Result<()> {
        let (opcode, data) = match message {
            Message::Text(text) => (Opcode::Text, text.as_bytes()),
            Message::Binary(bytes) => (Opcode::Binary, &bytes[..]),
        };
        match self.compress.then(|| deflate::deflate(data)).flatten() {
            Some(small) => self.write(opcode, true, &small).await,
            None => self.write(opcode, false, data).await,
        }
    }

    async fn frame(&mut self, opcode: Opcode, payload: &[u8]) -> std::io::Result<()> {
        self.write(opcode, false, payload).await
    }

    async fn write(&mut self, opcode: Opcode, compressed: bool, payload: &[u8]) -> std::io::Result<()> {
        let key = (self.role == Role::Client).then(mask_key);
        self.buffer.clear();
        frame::write(opcode, compressed, payload, key, &mut self.buffer);
        self.torn = true;
        self.output.write_all(&self.buffer).await?;
        self.torn = false;
        if self.buffer.capacity() > KEPT_BUFFER {
            self.buffer = Vec::new();
        }
        self.output.flush().await
    }

    async fn close(&mut self, closing: &Closing) -> Over {
        let mut payload = Vec::new();
        if closing.code != NO_CODE {
            payload.extend_from_slice(&closing.code.to_be_bytes());
            payload.extend_from_slice(closing.reason.as_bytes());
        }
        match self.frame(Opcode::Close, &payload).await {
            Ok(()) => Over::Sent,
            Err(_) => Over::Broken,
        }
    }

    /// Answers with a close frame, and ends the connection.
    async fn finish(&mut self, closing: &Closing) {
        if !self.torn {
            let _ = self.close(closing).await;
        }
        let _ = self.output.shutdown().await;
    }
}

/// A client's frames are masked with what nobody can foresee (RFC 6455, 10.3).
fn mask_key() -> [u8; 4] {
    let mut key = [0; 4];
    // Without random numbers there is no connection to mask: its key was drawn from them.
    let _ = getrandom::fill(&mut key);
    key
}
