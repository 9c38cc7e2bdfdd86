//! Reads on what a worker left of a request's body, so that the client gets to see the response.
//!
//! ## Why
//! A server that answers and closes while its client still sends makes the client's system drop the answer (RFC 9112,
//! 9.6). Most clients read only after they have sent everything.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// How long the rest of a body may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body whose rest is read and thrown away when nobody wants it any more.
pub struct Lingering<B>
where
    B: Body<Data = Bytes> + Send + 'static,
{
    body: Option<Pin<Box<B>>>,
}

impl<B> Lingering<B>
where
    B: Body<Data = Bytes> + Send + 'static,
{
    pub fn new(body: B) -> Self {
        Self { body: Some(Box::pin(body)) }
    }
}

impl<B> Body for Lingering<B>
where
    B: Body<Data = Bytes> + Send + 'static,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = std::task::ready!(body.as_mut().poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), |body| body.size_hint())
    }
}

impl<B> Drop for Lingering<B>
where
    B: Body<Data = Bytes> + Send + 'static,
{
    fn drop(&mut self) {
        let Some(mut body) = self.body.take().filter(|body| !body.is_end_stream()) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(tokio::time::timeout(PATIENCE, async move {
            while body.frame().await.is_some_and(|frame| frame.is_ok()) {
                // A client that sends faster than this reads must not keep the time from running out.
                tokio::task::yield_now().await;
            }
        }));
    }
}
