//! What the edge answers with: a worker's body, a page of ours, or what is passed on from elsewhere.

use crate::engine::invoke::ResponseBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Why a body broke off.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a response to a client.
pub enum EdgeBody {
    /// Straight from a sandbox.
    Worker(ResponseBody),
    /// In memory.
    Page(Full<Bytes>),
    /// From an origin, from the cache, or one of the above on its way through something.
    Passed(UnsyncBoxBody<Bytes, BodyError>),
}

impl EdgeBody {
    /// One that is in memory.
    pub fn page(bytes: impl Into<Bytes>) -> Self {
        Self::Page(Full::new(bytes.into()))
    }

    /// Any other.
    pub fn passed<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        Self::Passed(body.map_err(Into::into).boxed_unsync())
    }
}

impl Body for EdgeBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Worker(body) => Poll::Ready(ready!(Pin::new(body).poll_frame(cx)).map(|it| it.map_err(Into::into))),
            Self::Page(body) => {
                Poll::Ready(ready!(Pin::new(body).poll_frame(cx)).map(|it| it.map_err(|it| match it {})))
            }
            Self::Passed(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Worker(body) => body.is_end_stream(),
            Self::Page(body) => body.is_end_stream(),
            Self::Passed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Worker(body) => body.size_hint(),
            Self::Page(body) => body.size_hint(),
            Self::Passed(body) => body.size_hint(),
        }
    }
}
