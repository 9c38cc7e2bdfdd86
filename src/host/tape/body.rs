//! Bodies that are written down as they pass, and bodies that come from a recording.

use super::fault::{recordable, to_error, to_fault};
use crate::recording::{Base64, Frame, Headers};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body::{Body, SizeHint};
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use wasmtime_wasi_http::{Error, WasiBody};

type Polled = Poll<Option<Result<http_body::Frame<Bytes>, Error>>>;

/// Passes a body on and tells `note` of each frame.
pub struct Tap<F> {
    inner: WasiBody,
    note: F,
}

impl<F: FnMut(Frame) + Unpin> Tap<F> {
    pub fn new(inner: WasiBody, note: F) -> Self {
        Self { inner, note }
    }
}

impl<F: FnMut(Frame) + Unpin> Body for Tap<F> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let polled = std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx));
        let polled = polled.map(|frame| frame.map_err(recordable));
        (self.note)(match &polled {
            None => Frame::End,
            Some(Err(error)) => Frame::Error(to_fault(error)),
            Some(Ok(frame)) => match (frame.data_ref(), frame.trailers_ref()) {
                (Some(data), _) => Frame::Data(Base64::from(&data[..])),
                (None, Some(trailers)) => Frame::Trailers(header_lines(trailers)),
                (None, None) => Frame::End,
            },
        });
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A body as it once came. One that was not read to its end then has no end now.
pub struct Replayed(VecDeque<Frame>);

impl Replayed {
    pub fn new(frames: &[Frame]) -> Self {
        Self(frames.iter().cloned().collect())
    }
}

impl Body for Replayed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Polled {
        match self.0.front() {
            None => Poll::Pending,
            Some(Frame::End) => Poll::Ready(None),
            Some(Frame::Error(fault)) => Poll::Ready(Some(Err(to_error(fault)))),
            Some(Frame::Data(_) | Frame::Trailers(_)) => Poll::Ready(self.0.pop_front().map(|frame| {
                Ok(match frame {
                    Frame::Trailers(lines) => http_body::Frame::trailers(header_map(&lines)),
                    Frame::Data(bytes) => http_body::Frame::data(bytes.0.into()),
                    Frame::End | Frame::Error(_) => http_body::Frame::data(Bytes::new()),
                })
            })),
        }
    }
}

/// Header lines in their order.
pub fn header_lines(headers: &HeaderMap) -> Headers {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), Base64::from(value.as_bytes()))).collect()
}

/// The headers that `lines` are; lines that are none are left out.
pub fn header_map(lines: &Headers) -> HeaderMap {
    let parsed = lines.iter().filter_map(|(name, value)| {
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(&value.0).ok()?))
    });
    let mut headers = HeaderMap::new();
    for (name, value) in parsed {
        headers.append(name, value);
    }
    headers
}
