//! What RFC 9112 wants refused and hyper's parser takes, is not let through to it.
//!
//! A [`Strict`] stream watches what a client sends as it is read. Where it is no request that all servers understand
//! alike, the bytes are made unreadable before the parser gets to see them: it answers 400 and closes.
//!
//! ## Why
//! Two servers that read the same bytes as different requests are how requests are smuggled past the first of them.
//! hyper is lenient where the standard lets it be: lines that end in a bare LF, `Content-Length` beside
//! `Transfer-Encoding`, several equal lengths, more than one `Host`, blanks after a chunk's size. None of this can be
//! told from what it hands on. This does not decide where a message ends for anybody else: it only ever refuses.

mod chunked;
mod head;
mod scan;
#[cfg(test)]
mod tests;

use self::scan::Scanner;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Set when a response has handed the connection over to another protocol.
#[derive(Clone, Default)]
pub struct Upgraded(Arc<AtomicBool>);

/// A stream of HTTP/1.1 that lets only sound requests through.
pub struct Strict<S> {
    stream: S,
    scanner: Scanner,
    upgraded: Upgraded,
    refused: bool,
}

impl Upgraded {
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl<S> Strict<S> {
    pub fn new(stream: S, upgraded: Upgraded) -> Self {
        Self { stream, scanner: Scanner::default(), upgraded, refused: false }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Strict<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.refused {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "what came is no HTTP/1.1")));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let new = &mut buf.filled_mut()[before..];
        if self.scanner.is_after_upgrade() && self.upgraded.is_set() {
            self.scanner.hand_over();
        }
        if let Err(from) = self.scanner.scan(new) {
            // NUL may be nowhere in a head, nor where a chunk's size should be.
            new[from..].fill(0);
            self.refused = true;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Strict<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
