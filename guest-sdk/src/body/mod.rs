//! Message bodies: bytes at hand, a stream from the network, or a stream made by the worker.
//!
//! A body that only passes through the worker, from a request or a subrequest into a response, is
//! moved by the host and never copied into the worker's memory.

mod error;
mod incoming;
mod outgoing;
mod pipe;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_util::stream::{LocalBoxStream, Stream, StreamExt};
use serde::de::DeserializeOwned;

use crate::Error;
pub use error::BodyError;
pub(crate) use error::Side;
pub(crate) use incoming::Incoming;
pub(crate) use outgoing::{Sent, send};
pub use pipe::BodyWriter;

/// The body of a request or a response, incoming or outgoing.
///
/// Read it whole with [`bytes`](Self::bytes), [`text`](Self::text) or [`json`](Self::json), chunk by
/// chunk with [`read`](Self::read), or as a [`Stream`]. Make one from bytes or text with `From`, from a
/// stream with [`from_stream`](Self::from_stream), or write it while it is sent with
/// [`pipe`](Self::pipe).
#[derive(Default)]
pub struct Body(pub(crate) Inner);

#[derive(Default)]
pub(crate) enum Inner {
    #[default]
    Empty,
    Bytes(Bytes),
    Incoming(Incoming),
    Stream(LocalBoxStream<'static, Result<Bytes, Error>>),
    /// Taken out of its message by one of the reading methods.
    Used,
}

impl Body {
    /// No body.
    pub fn empty() -> Self {
        Self(Inner::Empty)
    }

    /// A body that takes its chunks from `stream` as fast as the other side reads them.
    ///
    /// An error ends the body in a way that tells the other side it is incomplete.
    pub fn from_stream<S, B, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<B, E>> + 'static,
        B: Into<Bytes>,
        E: Into<Error>,
    {
        let chunks = stream.map(|chunk| chunk.map(Into::into).map_err(Into::into));
        Self(Inner::Stream(chunks.boxed_local()))
    }

    /// A body and the writer that fills it while it is sent, for example from
    /// [`Context::wait_until`](crate::Context::wait_until).
    ///
    /// ```
    /// # use glowplug_sdk::{Body, Context, Response, Result};
    /// # fn example(ctx: Context) -> Result<Response> {
    /// let (mut writer, body) = Body::pipe();
    /// ctx.wait_until(async move {
    ///     for line in 0..1_000 {
    ///         writer.write(format!("{line}\n")).await?;
    ///     }
    ///     writer.finish().await
    /// });
    /// Ok(Response::new(body))
    /// # }
    /// ```
    pub fn pipe() -> (BodyWriter, Self) {
        pipe::pipe()
    }

    /// The next chunk, or `None` at the end.
    pub async fn read(&mut self) -> Result<Option<Bytes>, BodyError> {
        self.next().await.transpose()
    }

    /// The rest of the body in one piece.
    pub async fn bytes(mut self) -> Result<Bytes, BodyError> {
        let Some(first) = self.read().await? else {
            return Ok(Bytes::new());
        };
        let Some(second) = self.read().await? else {
            return Ok(first); // one chunk needs no copy
        };
        let mut all = BytesMut::from(first);
        all.extend_from_slice(&second);
        while let Some(chunk) = self.read().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// The rest of the body as text; an error if it is not UTF-8.
    pub async fn text(self) -> Result<String, BodyError> {
        let side = self.side();
        let bytes = Vec::from(self.bytes().await?);
        String::from_utf8(bytes).map_err(|error| BodyError::not_utf8(side, error.utf8_error()))
    }

    /// The rest of the body as JSON.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, BodyError> {
        let side = self.side();
        let bytes = self.bytes().await?;
        serde_json::from_slice(&bytes).map_err(|error| BodyError::json(side, error))
    }

    /// Take the body out, leaving a mark, so that a second read is an error and not an empty body.
    pub(crate) fn take(&mut self) -> Self {
        Self(std::mem::replace(&mut self.0, Inner::Used))
    }

    /// The length, when it is known without reading.
    pub(crate) fn known_length(&self) -> Option<u64> {
        match &self.0 {
            Inner::Empty => Some(0),
            Inner::Bytes(bytes) => Some(bytes.len() as u64),
            Inner::Incoming(_) | Inner::Stream(_) | Inner::Used => None,
        }
    }

    fn side(&self) -> Side {
        match &self.0 {
            Inner::Incoming(incoming) => incoming.side(),
            _ => Side::Worker,
        }
    }
}

/// The chunks of the body, as they arrive.
impl Stream for Body {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.0 {
            Inner::Empty => Poll::Ready(None),
            Inner::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Inner::Empty;
                Poll::Ready((!bytes.is_empty()).then_some(Ok(bytes)))
            }
            Inner::Incoming(incoming) => incoming.poll_read(context).map(Result::transpose),
            Inner::Stream(stream) => stream.as_mut().poll_next(context).map_err(|error| BodyError::worker(&error)),
            Inner::Used => Poll::Ready(Some(Err(BodyError::used()))),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Inner::Empty => "empty",
            Inner::Bytes(bytes) => return write!(formatter, "Body({} bytes)", bytes.len()),
            Inner::Incoming(_) => "incoming",
            Inner::Stream(_) => "stream",
            Inner::Used => "used",
        };
        write!(formatter, "Body({kind})")
    }
}

impl From<()> for Body {
    fn from((): ()) -> Self {
        Self::empty()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Inner::Bytes(bytes))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Bytes::from_static(bytes).into()
    }
}
