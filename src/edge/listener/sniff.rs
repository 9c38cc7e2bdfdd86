//! Tells HTTP/2 from HTTP/1.1 by a connection's first bytes.

use bytes::{Buf, Bytes, BytesMut};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// What every connection of HTTP/2 begins with (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The version that a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    Http1,
    Http2,
}

/// A stream whose first bytes have been read already.
pub struct Rewound<S> {
    first: Bytes,
    stream: S,
}

/// Reads until the version is plain. None if the client leaves without a word.
pub async fn sniff<S>(mut stream: S) -> io::Result<Option<(Version, Rewound<S>)>>
where
    S: AsyncRead + Unpin,
{
    let mut first = BytesMut::with_capacity(PREFACE.len());
    let version = loop {
        if stream.read_buf(&mut first).await? == 0 {
            return Ok(None);
        }
        match () {
            () if first.starts_with(PREFACE) => break Version::Http2,
            () if !PREFACE.starts_with(&first) => break Version::Http1,
            () => {}
        }
    };
    Ok(Some((version, Rewound { first: first.freeze(), stream })))
}

impl<S> Rewound<S> {
    /// A stream of which nothing has been read.
    pub fn untouched(stream: S) -> Self {
        Self { first: Bytes::new(), stream }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Rewound<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.first.has_remaining() {
            let length = self.first.len().min(buf.remaining());
            buf.put_slice(&self.first.split_to(length));
            // What the client has sent with its first bytes belongs to them: a message is judged as far as it has come.
            if buf.remaining() > 0
                && let Poll::Ready(Err(error)) = Pin::new(&mut self.stream).poll_read(cx, buf)
            {
                return Poll::Ready(Err(error));
            }
            return Poll::Ready(Ok(()));
        }
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Rewound<S> {
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
