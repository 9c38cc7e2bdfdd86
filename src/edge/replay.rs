//! A request's body that can be sent a second time: what was read of it is kept, up to a bound.

use super::body::BodyError;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

/// Bytes of a body that are kept.
const MOST: usize = 1 << 20;

type Inner = Pin<Box<dyn Body<Data = Bytes, Error = BodyError> + Send>>;

struct Shared {
    /// What was not read yet. Gone when it is to be sent again.
    rest: Option<Inner>,
    read: VecDeque<Bytes>,
    length: usize,
}

/// The body for the first who gets it.
pub(super) struct Kept(Arc<Mutex<Shared>>);

/// Gives the body once more.
pub(super) struct Again(Arc<Mutex<Shared>>);

/// Splits `body` into itself and its repetition.
pub(super) fn keep<B>(body: B) -> (Kept, Again)
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BodyError>,
{
    let rest: Inner = Box::pin(http_body_util::BodyExt::map_err(body, Into::into));
    let shared = Arc::new(Mutex::new(Shared { rest: Some(rest), read: VecDeque::new(), length: 0 }));
    (Kept(shared.clone()), Again(shared))
}

fn lock(shared: &Mutex<Shared>) -> std::sync::MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Body for Kept {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let mut shared = lock(&self.0);
        let Some(rest) = &mut shared.rest else { return Poll::Ready(Some(Err("it is sent elsewhere".into()))) };
        let frame = ready!(rest.as_mut().poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            shared.length += data.len();
            match shared.length > MOST {
                true => shared.read.clear(),
                false => shared.read.push_back(data.clone()),
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        lock(&self.0).rest.as_ref().is_none_or(|rest| rest.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        lock(&self.0).rest.as_ref().map_or_else(SizeHint::default, |rest| rest.size_hint())
    }
}

impl Again {
    /// The body from its beginning; none if more was read than is kept.
    pub fn body(self) -> Option<Repeated> {
        let mut shared = lock(&self.0);
        let rest = shared.rest.take()?;
        (shared.length <= MOST).then(|| Repeated { read: std::mem::take(&mut shared.read), rest })
    }
}

/// See [`Again::body`].
pub(super) struct Repeated {
    read: VecDeque<Bytes>,
    rest: Inner,
}

impl Body for Repeated {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.read.pop_front() {
            Some(data) => Poll::Ready(Some(Ok(Frame::data(data)))),
            None => self.rest.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_empty() && self.rest.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::{BodyExt, Full, StreamBody};

    #[tokio::test]
    async fn what_was_read_comes_again_before_the_rest() {
        let frames = ["a", "b", "c"].map(|text| Ok::<_, BodyError>(Frame::data(Bytes::from(text))));
        let (mut first, again) = keep(StreamBody::new(futures_util::stream::iter(frames)));
        assert_eq!(first.frame().await.unwrap().unwrap().into_data().unwrap(), "a");
        let again = again.body().unwrap();
        assert!(first.frame().await.unwrap().is_err(), "it is elsewhere");
        assert_eq!(again.collect().await.unwrap().to_bytes(), "abc");
    }

    #[tokio::test]
    async fn more_than_is_kept_cannot_come_again() {
        let (first, again) = keep(Full::new(Bytes::from(vec![0; MOST + 1])));
        assert_eq!(first.collect().await.unwrap().to_bytes().len(), MOST + 1);
        assert!(again.body().is_none());
    }
}
