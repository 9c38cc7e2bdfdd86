//! A body written by the worker while it is sent.

use std::future::poll_fn;

use bytes::Bytes;
use futures_channel::mpsc::{Receiver, Sender, channel};
use futures_util::stream::{StreamExt, unfold};
use http::StatusCode;

use super::Body;
use crate::Error;

enum Message {
    Chunk(Bytes),
    Abort(Error),
    Finish,
}

/// The writing end of [`Body::pipe`].
///
/// End it with [`finish`](Self::finish): a writer dropped before, by an early `?` for example, breaks
/// the body off, so that the other side does not take half an answer for a whole one.
#[derive(Debug)]
pub struct BodyWriter(Sender<Message>);

impl BodyWriter {
    /// Append a chunk; waits while the other side is slow. An error means that it takes no more.
    pub async fn write(&mut self, chunk: impl Into<Bytes>) -> Result<(), Error> {
        let chunk = chunk.into();
        if chunk.is_empty() {
            return Ok(());
        }
        self.send(Message::Chunk(chunk)).await
    }

    /// End the body.
    pub async fn finish(mut self) -> Result<(), Error> {
        self.send(Message::Finish).await
    }

    /// Break the body off; the reason is logged.
    pub async fn abort(mut self, error: impl Into<Error>) {
        // Nobody is left to tell when the reader is gone.
        let _ = self.send(Message::Abort(error.into())).await;
    }

    async fn send(&mut self, message: Message) -> Result<(), Error> {
        let gone = |_| Error::new(StatusCode::BAD_GATEWAY, "the body's reader has gone");
        poll_fn(|context| self.0.poll_ready(context)).await.map_err(gone)?;
        self.0.start_send(message).map_err(gone)
    }
}

pub(super) fn pipe() -> (BodyWriter, Body) {
    // No room but the sender's own slot: one chunk at a time is on its way.
    let (sender, receiver) = channel(0);
    let chunks = unfold(Some(receiver), |receiver| async { next(receiver?).await });
    (BodyWriter(sender), Body::from_stream(chunks))
}

type Step = (Result<Bytes, Error>, Option<Receiver<Message>>);

async fn next(mut receiver: Receiver<Message>) -> Option<Step> {
    match receiver.next().await {
        Some(Message::Chunk(chunk)) => Some((Ok(chunk), Some(receiver))),
        Some(Message::Finish) => None,
        Some(Message::Abort(error)) => Some((Err(error), None)),
        None => {
            let error = Error::internal("the body's writer was dropped before `finish`");
            Some((Err(error), None))
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join;

    use super::*;
    use crate::executor::run_for;

    #[test]
    fn chunks_come_out_in_order() {
        let (mut writer, body) = Body::pipe();
        let write = async move {
            writer.write("one ").await?;
            writer.write("").await?;
            writer.write("two").await?;
            writer.finish().await
        };
        let (written, text) = run_for(join(write, body.text()));
        assert!(written.is_ok());
        assert_eq!(text.expect("finished"), "one two");
    }

    #[test]
    fn a_dropped_writer_breaks_the_body_off() {
        let (mut writer, body) = Body::pipe();
        let write = async move { writer.write("half").await };
        let (_, text) = run_for(join(write, body.text()));
        let message = text.expect_err("not finished").to_string();
        assert!(message.contains("before `finish`"), "{message}");
    }

    #[test]
    fn a_reader_that_left_is_told_to_the_writer() {
        let (mut writer, body) = Body::pipe();
        drop(body);
        let written = run_for(async move { writer.write("x").await });
        assert!(written.is_err());
    }
}
