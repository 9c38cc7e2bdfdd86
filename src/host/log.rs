//! What a worker says: `console.*`, and the standard output and error of components.

use super::bindings::log::Level;
use bytes::Bytes;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// One line, or one call to `console`, which may hold several lines.
#[derive(Debug, Clone)]
pub struct LogLine {
    pub request_id: Arc<str>,
    pub level: Level,
    pub text: String,
}

impl LogLine {
    /// `debug`, `log`, `info`, `warn` or `error`.
    pub fn level_name(&self) -> &'static str {
        match self.level {
            Level::Debug => "debug",
            Level::Log => "log",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }
}

/// Where the lines of all workers go. Must not block.
pub type LogSink = Arc<dyn Fn(LogLine) + Send + Sync>;

/// One invocation's output, bounded so that a worker cannot flood the node.
#[derive(Clone)]
pub struct Log(Arc<Shared>);

struct Shared {
    request_id: Arc<str>,
    sink: LogSink,
    left: AtomicUsize,
}

impl Log {
    /// Lines go to `sink` under `request_id`, `limit` bytes in all.
    pub fn new(request_id: Arc<str>, sink: LogSink, limit: usize) -> Self {
        Self(Arc::new(Shared { request_id, sink, left: AtomicUsize::new(limit) }))
    }

    /// Passes one line on. What goes past the limit is dropped, which is said once.
    pub fn write(&self, level: Level, text: String) {
        let cost = text.len() + 1;
        let taken = self
            .0
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| (left > 0).then(|| left.saturating_sub(cost)));
        match taken {
            Ok(left) if left >= cost => self.emit(level, text),
            Ok(_) => self.emit(Level::Warn, "log limit of this invocation reached: further lines are dropped".into()),
            Err(_) => {}
        }
    }

    fn emit(&self, level: Level, text: String) {
        (self.0.sink)(LogLine { request_id: self.0.request_id.clone(), level, text });
    }
}

/// Standard output or error of a component, cut into lines.
#[derive(Clone)]
pub struct LineStream {
    log: Log,
    level: Level,
    partial: Arc<Mutex<Vec<u8>>>,
}

/// A line without an end is passed on in pieces of this size.
const LONGEST_LINE: usize = 16 * 1024;

impl LineStream {
    pub fn new(log: Log, level: Level) -> Self {
        Self { log, level, partial: Arc::default() }
    }

    fn push(&self, bytes: &[u8]) {
        let mut partial = self.partial.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            partial.extend_from_slice(piece);
            if partial.ends_with(b"\n") || partial.len() > LONGEST_LINE {
                self.flush_line(&mut partial);
            }
        }
    }

    fn flush_line(&self, partial: &mut Vec<u8>) {
        if !partial.is_empty() {
            let text = String::from_utf8_lossy(partial).trim_end_matches(['\n', '\r']).to_owned();
            self.log.write(self.level, text);
            partial.clear();
        }
    }

    /// Passes on a last line that has no end.
    pub fn finish(&self) {
        let mut partial = self.partial.lock().unwrap_or_else(PoisonError::into_inner);
        self.flush_line(&mut partial);
    }
}

impl IsTerminal for LineStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LineStream {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl OutputStream for LineStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.push(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(LONGEST_LINE)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for LineStream {
    async fn ready(&mut self) {}
}

impl AsyncWrite for LineStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.push(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
