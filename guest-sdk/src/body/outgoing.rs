//! Sending a body, as fast as the other side takes it.

use std::rc::Rc;

use futures_util::stream::StreamExt;
use wasip2::http::types::OutgoingBody;
use wasip2::io::poll::Pollable;
use wasip2::io::streams::{OutputStream, StreamError};

use super::{Body, Incoming, Inner};
use crate::reactor::Ready;

/// How sending a body ended.
#[derive(Debug)]
pub(crate) enum Sent {
    Whole,
    /// The other side takes no more: a client that left, an origin that answered early.
    Refused,
    /// The body is incomplete, and the other side is told so.
    Failed(String),
}

/// Send `body` and finish `out`. A body that fails is left unfinished: the host then breaks it off.
pub(crate) async fn send(body: Body, out: OutgoingBody) -> Sent {
    let outcome = match body.0 {
        Inner::Empty => Ok(()),
        Inner::Bytes(bytes) if bytes.is_empty() => Ok(()),
        Inner::Bytes(bytes) => match Output::new(&out) {
            Ok(mut output) => output.write(&bytes).await,
            Err(outcome) => Err(outcome),
        },
        Inner::Incoming(incoming) => match Output::new(&out) {
            Ok(mut output) => output.splice(incoming).await,
            Err(outcome) => Err(outcome),
        },
        Inner::Stream(mut stream) => match Output::new(&out) {
            Ok(mut output) => loop {
                match stream.next().await {
                    None => break Ok(()),
                    Some(Err(error)) => break Err(Sent::Failed(error.to_string())),
                    Some(Ok(chunk)) => {
                        if let Err(outcome) = output.write(&chunk).await {
                            break Err(outcome);
                        }
                    }
                }
            },
            Err(outcome) => Err(outcome),
        },
        Inner::Used => Err(Sent::Failed("the body has been read already".to_owned())),
    };
    match outcome {
        Err(outcome) => outcome,
        Ok(()) => match OutgoingBody::finish(out, None) {
            Ok(()) => Sent::Whole,
            Err(code) => Sent::Failed(crate::code::describe(&code)),
        },
    }
}

/// The output stream of a body. It must be dropped before the body is finished.
struct Output {
    // Before `stream`, which is its parent.
    pollable: Option<Rc<Pollable>>,
    stream: OutputStream,
}

impl Output {
    fn new(body: &OutgoingBody) -> Result<Self, Sent> {
        let stream = body.write().map_err(|()| Sent::Failed("the body's stream is in use".to_owned()))?;
        Ok(Self { pollable: None, stream })
    }

    async fn write(&mut self, mut bytes: &[u8]) -> Result<(), Sent> {
        while !bytes.is_empty() {
            let room = self.room().await?;
            let length = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
            self.stream.write(&bytes[..length]).map_err(refusal)?;
            bytes = &bytes[length..];
        }
        Ok(())
    }

    /// Let the host move the bytes: they do not enter the worker's memory.
    async fn splice(&mut self, mut incoming: Incoming) -> Result<(), Sent> {
        loop {
            let room = self.room().await?;
            match self.stream.splice(&incoming.stream, room) {
                Ok(0) => incoming.readable().await,
                Ok(_) => {}
                // Either side may have closed; only a closed output still is when asked for room.
                Err(StreamError::Closed) => {
                    return self.stream.check_write().map(drop).map_err(refusal);
                }
                Err(error) => return Err(refusal(error)),
            }
        }
    }

    /// Wait until the stream takes bytes, and say how many.
    async fn room(&mut self) -> Result<u64, Sent> {
        loop {
            match self.stream.check_write().map_err(refusal)? {
                0 => {
                    let pollable = self.pollable.get_or_insert_with(|| Rc::new(self.stream.subscribe()));
                    Ready::new(pollable.clone()).await;
                }
                room => return Ok(room),
            }
        }
    }
}

fn refusal(error: StreamError) -> Sent {
    match error {
        StreamError::Closed => Sent::Refused,
        StreamError::LastOperationFailed(error) => Sent::Failed(error.to_debug_string()),
    }
}
