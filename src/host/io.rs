//! `wasi:io`: wasmtime's implementation, the clock that moves when a wait is over, the charge for bytes, and the tape.

mod poll;

use super::clock::FrozenClock;
use super::meter::Meter;
use super::roles::Roles;
use super::tape::Tape;
use crate::meter::Operation;
use crate::recording::Event;
use wasmtime::Result;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi_io::bindings::wasi::io::{error, streams};
use wasmtime_wasi_io::poll::DynPollable;
use wasmtime_wasi_io::streams::{DynInputStream, DynOutputStream, StreamError, StreamResult};

/// View of the request's state that `wasi:io` works on.
pub struct Io<'a> {
    pub table: &'a mut ResourceTable,
    pub clock: &'a FrozenClock,
    pub meter: &'a mut Meter,
    pub roles: &'a mut Roles,
    pub tape: &'a mut Tape,
    /// Pollables that the guest may ask about without waiting: those it asked about, or waited for, since its last wait.
    pub asked: &'a mut Vec<u32>,
}

/// Names [`Io`] to the linker.
pub struct HasIo;

impl HasData for HasIo {
    type Data<'a> = Io<'a>;
}

/// What a recording says of a read.
enum Due {
    /// It finds nothing there yet.
    Nothing,
    /// It finds what is there.
    Something,
}

impl Io<'_> {
    /// Ends a wait: what the guest waited for is I/O, so its time moves on.
    fn waited(&mut self, event: Event) {
        self.clock.advance();
        self.tape.note(|| event);
    }

    /// What the recording says that the read `call` finds.
    fn due(&mut self, call: &str) -> Result<Due> {
        match self.tape.given(call)? {
            Some(Event::Read(0)) => Ok(Due::Nothing),
            None | Some(Event::Read(_) | Event::ReadClosed | Event::ReadFailed) => Ok(Due::Something),
            Some(event) => self.tape.differs(call, &event).map(|()| Due::Something),
        }
    }

    /// A read ended: notes and charges what came of it.
    fn was_read(&mut self, rep: u32, waited: Waited, result: &StreamResult<impl Length>) {
        let event = match result {
            Ok(read) => {
                self.meter.charge(self.roles.of_input(rep), read.length());
                Event::Read(read.length())
            }
            Err(StreamError::Closed) => Event::ReadClosed,
            Err(_) => Event::ReadFailed,
        };
        match waited {
            Waited::Yes => self.waited(event),
            Waited::No => self.tape.note(|| event),
        }
    }

    /// Carries out a read that waits for nothing.
    fn read_now<T: Default + Length>(
        &mut self,
        call: &str,
        stream: &Resource<DynInputStream>,
        read: impl FnOnce(&mut ResourceTable, Resource<DynInputStream>) -> StreamResult<T>,
    ) -> StreamResult<T> {
        if let Due::Nothing = self.due(call).map_err(StreamError::Trap)? {
            return Ok(T::default());
        }
        let rep = stream.rep();
        let result = read(self.table, Resource::new_borrow(rep));
        self.was_read(rep, Waited::No, &result);
        result
    }

    /// The failure that the recording has for a write that waits for nothing.
    fn write_failure(&mut self) -> StreamResult<()> {
        match self.tape.write_failure() {
            Some(event) => Err(recorded_failure(&event)),
            None => Ok(()),
        }
    }

    /// Notes how a write ended, and what it wrote if it was carried out.
    fn was_written(&mut self, rep: u32, waited: Waited, result: &StreamResult<()>, bytes: u64) {
        if result.is_ok() && bytes > 0 {
            self.meter.charge(self.roles.of_output(rep), bytes);
        }
        match (result, waited) {
            (Ok(()), Waited::Yes) => self.waited(Event::Block),
            (Ok(()), Waited::No) => {}
            (Err(error), waited) => {
                if waited == Waited::Yes {
                    self.clock.advance();
                }
                let closed = matches!(error, StreamError::Closed);
                self.tape.note(|| if closed { Event::WriteClosed } else { Event::WriteFailed });
            }
        }
    }

    /// What the recording says of a write that waits: that it fails, or nothing.
    fn write_due(&mut self, call: &str) -> StreamResult<()> {
        match self.tape.given(call).map_err(StreamError::Trap)? {
            None | Some(Event::Block) => Ok(()),
            Some(event @ (Event::WriteClosed | Event::WriteFailed)) => Err(recorded_failure(&event)),
            Some(event) => self.tape.differs(call, &event).map_err(StreamError::Trap),
        }
    }

    /// The worker wrote `bytes` to the stream `rep`.
    fn hear(&mut self, rep: u32, bytes: &[u8]) {
        if self.roles.of_output(rep) == Operation::ResponseBody {
            self.tape.written(bytes);
        }
    }

    fn hear_zeroes(&mut self, rep: u32, len: u64) {
        // A stream takes no more at a time than it has said, so this is small.
        self.hear(rep, &vec![0; len.min(1 << 20) as usize]);
    }
}

/// Whether a call may have taken time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waited {
    Yes,
    No,
}

fn recorded_failure(event: &Event) -> StreamError {
    match event {
        Event::WriteClosed => StreamError::Closed,
        _ => StreamError::LastOperationFailed(wasmtime::format_err!("the write failed when it was recorded")),
    }
}

impl error::Host for Io<'_> {}

impl error::HostError for Io<'_> {
    fn drop(&mut self, error: Resource<streams::Error>) -> Result<()> {
        error::HostError::drop(self.table, error)
    }

    fn to_debug_string(&mut self, error: Resource<streams::Error>) -> Result<String> {
        error::HostError::to_debug_string(self.table, error)
    }
}

impl streams::Host for Io<'_> {
    fn convert_stream_error(&mut self, error: StreamError) -> Result<streams::StreamError> {
        streams::Host::convert_stream_error(self.table, error)
    }
}

/// How much a read gave.
trait Length {
    fn length(&self) -> u64;
}

impl Length for Vec<u8> {
    fn length(&self) -> u64 {
        self.len() as u64
    }
}

/// Bytes that were skipped.
impl Length for u64 {
    fn length(&self) -> u64 {
        *self
    }
}

impl streams::HostInputStream for Io<'_> {
    async fn drop(&mut self, stream: Resource<DynInputStream>) -> Result<()> {
        self.roles.input_dropped(stream.rep());
        streams::HostInputStream::drop(self.table, stream).await
    }

    fn read(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<Vec<u8>> {
        self.read_now("read", &stream, |table, stream| streams::HostInputStream::read(table, stream, len))
    }

    async fn blocking_read(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<Vec<u8>> {
        self.due("blocking-read").map_err(StreamError::Trap)?;
        let rep = stream.rep();
        let result = streams::HostInputStream::blocking_read(self.table, stream, len).await;
        self.was_read(rep, Waited::Yes, &result);
        result
    }

    fn skip(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<u64> {
        self.read_now("skip", &stream, |table, stream| streams::HostInputStream::skip(table, stream, len))
    }

    async fn blocking_skip(&mut self, stream: Resource<DynInputStream>, len: u64) -> StreamResult<u64> {
        self.due("blocking-skip").map_err(StreamError::Trap)?;
        let rep = stream.rep();
        let result = streams::HostInputStream::blocking_skip(self.table, stream, len).await;
        self.was_read(rep, Waited::Yes, &result);
        result
    }

    fn subscribe(&mut self, stream: Resource<DynInputStream>) -> Result<Resource<DynPollable>> {
        streams::HostInputStream::subscribe(self.table, stream)
    }
}

impl streams::HostOutputStream for Io<'_> {
    async fn drop(&mut self, stream: Resource<DynOutputStream>) -> Result<()> {
        self.roles.output_dropped(stream.rep());
        streams::HostOutputStream::drop(self.table, stream).await
    }

    fn check_write(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<u64> {
        match self.tape.given("check-write").map_err(StreamError::Trap)? {
            Some(Event::Permit(0)) => return Ok(0),
            None | Some(Event::Permit(_)) => {}
            Some(event @ (Event::WriteClosed | Event::WriteFailed)) => return Err(recorded_failure(&event)),
            Some(event) => self.tape.differs("check-write", &event).map_err(StreamError::Trap)?,
        }
        let result = streams::HostOutputStream::check_write(self.table, stream);
        self.tape.note(|| match &result {
            Ok(permit) => Event::Permit(*permit),
            Err(StreamError::Closed) => Event::WriteClosed,
            Err(_) => Event::WriteFailed,
        });
        result
    }

    fn write(&mut self, stream: Resource<DynOutputStream>, bytes: Vec<u8>) -> StreamResult<()> {
        let (rep, length) = (stream.rep(), bytes.len() as u64);
        self.hear(rep, &bytes);
        self.write_failure()?;
        let result = streams::HostOutputStream::write(self.table, stream, bytes);
        self.was_written(rep, Waited::No, &result, length);
        result
    }

    fn subscribe(&mut self, stream: Resource<DynOutputStream>) -> Result<Resource<DynPollable>> {
        streams::HostOutputStream::subscribe(self.table, stream)
    }

    async fn blocking_write_and_flush(
        &mut self,
        stream: Resource<DynOutputStream>,
        bytes: Vec<u8>,
    ) -> StreamResult<()> {
        let (rep, length) = (stream.rep(), bytes.len() as u64);
        self.hear(rep, &bytes);
        self.write_due("blocking-write-and-flush")?;
        let result = streams::HostOutputStream::blocking_write_and_flush(self.table, stream, bytes).await;
        self.was_written(rep, Waited::Yes, &result, length);
        result
    }

    async fn blocking_write_zeroes_and_flush(
        &mut self,
        stream: Resource<DynOutputStream>,
        len: u64,
    ) -> StreamResult<()> {
        let rep = stream.rep();
        self.hear_zeroes(rep, len);
        self.write_due("blocking-write-zeroes-and-flush")?;
        let result = streams::HostOutputStream::blocking_write_zeroes_and_flush(self.table, stream, len).await;
        self.was_written(rep, Waited::Yes, &result, len);
        result
    }

    fn write_zeroes(&mut self, stream: Resource<DynOutputStream>, len: u64) -> StreamResult<()> {
        let rep = stream.rep();
        self.hear_zeroes(rep, len);
        self.write_failure()?;
        let result = streams::HostOutputStream::write_zeroes(self.table, stream, len);
        self.was_written(rep, Waited::No, &result, len);
        result
    }

    fn flush(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<()> {
        self.write_failure()?;
        let rep = stream.rep();
        let result = streams::HostOutputStream::flush(self.table, stream);
        self.was_written(rep, Waited::No, &result, 0);
        result
    }

    async fn blocking_flush(&mut self, stream: Resource<DynOutputStream>) -> StreamResult<()> {
        self.write_due("blocking-flush")?;
        let rep = stream.rep();
        let result = streams::HostOutputStream::blocking_flush(self.table, stream).await;
        self.was_written(rep, Waited::Yes, &result, 0);
        result
    }

    fn splice(&mut self, to: Resource<DynOutputStream>, from: Resource<DynInputStream>, len: u64) -> StreamResult<u64> {
        // Its two halves are the guest's own calls, so that each is recorded, heard and charged as such.
        let permit = self.check_write(Resource::new_borrow(to.rep()))?;
        if permit == 0 || len == 0 {
            return Ok(0);
        }
        let bytes = streams::HostInputStream::read(self, from, permit.min(len))?;
        let moved = bytes.len() as u64;
        if moved > 0 {
            self.write(to, bytes)?;
        }
        Ok(moved)
    }

    async fn blocking_splice(
        &mut self,
        to: Resource<DynOutputStream>,
        from: Resource<DynInputStream>,
        len: u64,
    ) -> StreamResult<u64> {
        if len == 0 {
            return Ok(0);
        }
        // As much as can be read at once is written in the pieces that `blocking-write-and-flush` allows.
        let bytes = streams::HostInputStream::blocking_read(self, from, len.min(LARGEST_WRITE)).await?;
        let moved = bytes.len() as u64;
        if moved > 0 {
            self.blocking_write_and_flush(to, bytes).await?;
        }
        Ok(moved)
    }
}

/// What `blocking-write-and-flush` takes at a time.
const LARGEST_WRITE: u64 = 4096;
