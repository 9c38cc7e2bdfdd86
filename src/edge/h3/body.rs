//! The body of a request of HTTP/3.

use bytes::{Buf, Bytes};
use h3::error::StreamError;
use h3::server::RequestStream;
use http_body::{Body, Frame, SizeHint};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// See the module.
pub struct Http3Body {
    stream: RequestStream<h3_quinn::RecvStream, Bytes>,
    /// Data that was read to see whether there is any.
    first: Option<Bytes>,
    /// Bytes that are still to come, if the client has said how many there are.
    left: Option<u64>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Data,
    Trailers,
    Over,
}

/// What reading it can end with.
#[derive(Debug)]
pub enum Http3BodyError {
    /// The stream was reset, or the connection lost.
    Stream(StreamError),
    /// There are more or fewer bytes than `Content-Length` says (RFC 9114, 4.1.2).
    Length,
}

impl Http3Body {
    /// `length` is what the request's `Content-Length` says.
    pub(super) async fn new(stream: RequestStream<h3_quinn::RecvStream, Bytes>, length: Option<u64>) -> Self {
        let mut body = Self { stream, first: None, left: length, state: State::Data };
        // A client without a body has closed its side already: guests are told that there is none.
        if let Poll::Ready(frame) = futures_util::poll!(std::future::poll_fn(|cx| body.poll_data(cx))) {
            match frame {
                Ok(Some(data)) => body.first = Some(data),
                Ok(None) => body.state = State::Trailers,
                Err(_) => {}
            }
        }
        if body.state == State::Trailers
            && matches!(
                futures_util::poll!(std::future::poll_fn(|cx| body.stream.poll_recv_trailers(cx))),
                Poll::Ready(Ok(None))
            )
            && body.left.is_none_or(|left| left == 0)
        {
            body.state = State::Over;
        }
        body
    }

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, StreamError>> {
        let data = ready!(self.stream.poll_recv_data(cx))?;
        Poll::Ready(Ok(data.map(|mut data| data.copy_to_bytes(data.remaining()))))
    }
}

impl Body for Http3Body {
    type Data = Bytes;
    type Error = Http3BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Http3BodyError>>> {
        if self.state == State::Data {
            let data = match self.first.take() {
                Some(data) => Some(data),
                None => match ready!(self.poll_data(cx)) {
                    Ok(data) => data,
                    Err(error) => {
                        self.state = State::Over;
                        return Poll::Ready(Some(Err(Http3BodyError::Stream(error))));
                    }
                },
            };
            let left = match (self.left, &data) {
                (Some(left), Some(data)) => left.checked_sub(data.len() as u64).map(Some),
                (Some(0) | None, _) => Some(self.left),
                (Some(_), None) => None,
            };
            let Some(left) = left else {
                self.state = State::Over;
                return Poll::Ready(Some(Err(Http3BodyError::Length)));
            };
            self.left = left;
            match data {
                Some(data) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                None => self.state = State::Trailers,
            }
        }
        if self.state == State::Over {
            return Poll::Ready(None);
        }
        let trailers = ready!(self.stream.poll_recv_trailers(cx));
        self.state = State::Over;
        Poll::Ready(match trailers {
            Ok(trailers) => trailers.map(|trailers| Ok(Frame::trailers(trailers))),
            Err(error) => Some(Err(Http3BodyError::Stream(error))),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.state == State::Over
    }

    fn size_hint(&self) -> SizeHint {
        match (self.state, self.left) {
            (State::Over, _) => SizeHint::with_exact(0),
            (_, Some(left)) => SizeHint::with_exact(left),
            (_, None) => SizeHint::default(),
        }
    }
}

impl fmt::Display for Http3BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream(error) => error.fmt(f),
            Self::Length => f.write_str("the request's body has not the length that its `Content-Length` says"),
        }
    }
}

impl std::error::Error for Http3BodyError {}
