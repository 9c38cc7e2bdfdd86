//! A body that is encoded on its way out.

use super::Coding;
use brotli::CompressorWriter;
use bytes::{Buf, Bytes};
use flate2::write::GzEncoder;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Levels by measurement (`benches/RESULTS.md`): what a core can do beside running workers.
const GZIP_LEVEL: u32 = 5;
const BROTLI_LEVEL: u32 = 4;
const ZSTD_LEVEL: i32 = 2;
/// Window of brotli and zstd, as a power of two: pages are smaller, and each stream holds as much memory.
const WINDOW_LOG: u32 = 18;
/// Bytes that are encoded before others on this thread have their turn.
const TURN: usize = 64 * 1024;
/// Encoded bytes that are passed on at once, without waiting for more.
const CHUNK: usize = 16 * 1024;

pin_project! {
    /// A body, encoded or as it is.
    pub struct Compressed<B> {
        #[pin]
        body: B,
        encoding: Option<Box<Encoding>>,
    }
}

struct Encoding {
    encoder: Encoder,
    /// What is yet to be encoded.
    input: Bytes,
    /// Something was encoded that may still be within the encoder.
    held_back: bool,
    trailers: Option<http::HeaderMap>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    /// All is read; the encoder is to be finished.
    Finishing,
    /// Only trailers are left, if there are any.
    Done,
}

/// An encoder that writes into memory.
pub(super) enum Encoder {
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
    Brotli(Box<CompressorWriter<Vec<u8>>>),
    Gzip(GzEncoder<Vec<u8>>),
    /// Its output has been taken to the end; there is nothing more.
    Finished(Vec<u8>),
}

impl<B> Compressed<B> {
    pub(super) fn plain(body: B) -> Self {
        Self { body, encoding: None }
    }

    pub(super) fn encoded(body: B, encoder: Encoder) -> Self {
        let encoding =
            Encoding { encoder, input: Bytes::new(), held_back: false, trailers: None, state: State::Reading };
        Self { body, encoding: Some(Box::new(encoding)) }
    }
}

impl<B> Body for Compressed<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.project();
        match this.encoding {
            None => Poll::Ready(ready!(this.body.poll_frame(cx)).map(|frame| frame.map_err(Into::into))),
            Some(encoding) => encoding.poll(this.body, cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.encoding {
            None => self.body.is_end_stream(),
            Some(encoding) => encoding.state == State::Done && encoding.trailers.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.encoding {
            None => self.body.size_hint(),
            Some(_) => SizeHint::default(),
        }
    }
}

type Polled = Poll<Option<Result<Frame<Bytes>, Box<dyn std::error::Error + Send + Sync>>>>;

impl Encoding {
    fn poll<B>(&mut self, mut body: Pin<&mut B>, cx: &mut Context<'_>) -> Polled
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut turn = TURN;
        loop {
            if !self.input.is_empty() {
                if turn == 0 {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                let part = self.input.len().min(turn);
                turn -= part;
                self.encoder.write(&self.input[..part])?;
                self.input.advance(part);
                self.held_back = true;
                if self.encoder.output().len() >= CHUNK {
                    return self.pass_on();
                }
                continue;
            }
            match self.state {
                State::Done => return Poll::Ready(self.trailers.take().map(|trailers| Ok(Frame::trailers(trailers)))),
                State::Finishing => {
                    self.state = State::Done;
                    let rest = self.encoder.finish()?;
                    if !rest.is_empty() {
                        return Poll::Ready(Some(Ok(Frame::data(rest.into()))));
                    }
                    continue;
                }
                State::Reading => {}
            }
            match body.as_mut().poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => self.input = data,
                    Err(frame) => self.trailers = frame.into_trailers().ok().or(self.trailers.take()),
                },
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error.into()))),
                Poll::Ready(None) => self.state = State::Finishing,
                Poll::Pending if self.held_back => {
                    self.encoder.flush()?;
                    self.held_back = false;
                    if !self.encoder.output().is_empty() {
                        return self.pass_on();
                    }
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Gives what has been encoded so far.
    fn pass_on(&mut self) -> Polled {
        Poll::Ready(Some(Ok(Frame::data(std::mem::take(self.encoder.output()).into()))))
    }
}

impl Encoder {
    /// Fails when there is no memory for it.
    pub fn new(coding: Coding, length: Option<u64>) -> io::Result<Self> {
        Ok(match coding {
            Coding::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), ZSTD_LEVEL)?;
                encoder.window_log(WINDOW_LOG)?;
                // It takes no more memory than the body needs then.
                encoder.set_pledged_src_size(length)?;
                Self::Zstd(encoder)
            }
            Coding::Brotli => Self::Brotli(Box::new(CompressorWriter::new(Vec::new(), 4096, BROTLI_LEVEL, WINDOW_LOG))),
            Coding::Gzip => Self::Gzip(GzEncoder::new(Vec::new(), flate2::Compression::new(GZIP_LEVEL))),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Zstd(encoder) => encoder.write_all(bytes),
            Self::Brotli(encoder) => encoder.write_all(bytes),
            Self::Gzip(encoder) => encoder.write_all(bytes),
            Self::Finished(_) => Err(finished()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Zstd(encoder) => encoder.flush(),
            Self::Brotli(encoder) => encoder.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Finished(_) => Err(finished()),
        }
    }

    /// What is encoded and not yet taken.
    fn output(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Zstd(encoder) => encoder.get_mut(),
            Self::Brotli(encoder) => encoder.get_mut(),
            Self::Gzip(encoder) => encoder.get_mut(),
            Self::Finished(nothing) => nothing,
        }
    }

    /// Ends the stream, and gives what is left of it.
    fn finish(&mut self) -> io::Result<Vec<u8>> {
        match std::mem::replace(self, Self::Finished(Vec::new())) {
            Self::Zstd(encoder) => encoder.finish(),
            Self::Brotli(encoder) => Ok(encoder.into_inner()),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Finished(_) => Err(finished()),
        }
    }
}

fn finished() -> io::Error {
    io::Error::other("the encoder was finished before")
}
