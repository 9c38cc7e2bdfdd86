//! An incoming body passed on as an outgoing one, without JavaScript and without its bytes entering the guest.

use rquickjs::Ctx;

use crate::bindings::wasi::io::poll::Pollable;
use crate::bindings::wasi::io::streams::StreamError;

use super::body::{self, Reader};
use super::response;
use super::sink::{Owner, Sink};
use super::tasks::{self, Progress, Task};

/// The most that one step moves.
const SPLICE_BYTES: u64 = 256 * 1024;

/// Which end the pipe waits for. It asks for both in turn, ready or not, so that the cost of a step is fixed.
#[derive(Clone, Copy)]
enum End {
    Source,
    Target,
}

/// A body being passed on.
pub struct Pipe {
    reader: Reader,
    target: Pollable,
    sink: Sink,
    waits_for: End,
    owner: Owner,
}

/// Starts passing `reader` on to `sink`.
pub fn start(reader: Reader, sink: Sink, owner: Owner) -> tasks::TaskId {
    tasks::spawn(Task::Pipe(Pipe { reader, target: sink.stream.subscribe(), sink, waits_for: End::Source, owner }))
}

impl Pipe {
    /// What the pipe waits for.
    pub fn pollable(&self) -> &Pollable {
        match self.waits_for {
            End::Source => &self.reader.pollable,
            End::Target => &self.target,
        }
    }

    /// Goes on to the other end, or moves what both are ready for.
    pub fn progress(mut self, _ctx: &Ctx<'_>) -> Progress {
        match self.waits_for {
            End::Source => self.waits_for = End::Target,
            End::Target => {
                self.waits_for = End::Source;
                let target = &self.sink.stream;
                if let Err(error) = target.splice(&self.reader.stream, SPLICE_BYTES) {
                    self.end(error);
                    return Progress::Done;
                }
            }
        }
        Progress::Again(Task::Pipe(self))
    }

    /// `splice` does not say which end an error is of: if the target still takes bytes, it is the source's.
    fn end(self, error: StreamError) {
        drop(self.reader);
        let target_is_open = self.sink.stream.check_write().is_ok();
        drop(self.target);
        match error {
            StreamError::Closed if target_is_open => return self.sink.finish(self.owner),
            StreamError::LastOperationFailed(error) if target_is_open => {
                if matches!(self.owner, Owner::Response) {
                    response::broken(&body::describe(&error));
                }
            }
            StreamError::Closed | StreamError::LastOperationFailed(_) => {}
        }
        drop(self.sink);
        self.owner.ended();
    }
}
