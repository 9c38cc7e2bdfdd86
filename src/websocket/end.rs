//! The two ends of a connection, with a bounded buffer in each direction.

use super::{Closing, Event, Message};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Bytes of messages in one direction from which on whoever sends is to wait.
pub const ROOM: usize = 256 * 1024;
/// What a message counts besides its bytes.
const OVERHEAD: usize = 64;

/// One direction.
#[derive(Default)]
struct Lane {
    state: Mutex<State>,
    /// There is something to take, or nothing will come any more.
    filled: Notify,
    /// There is room, or nobody will take anything any more.
    drained: Notify,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Event>,
    /// Of the queue's messages, without what they count besides.
    bytes: usize,
    held: usize,
    /// The last event was put in.
    closed: bool,
    /// The end that puts in is gone.
    abandoned: bool,
    /// The end that takes out is gone.
    deserted: bool,
}

/// One end. Dropping it breaks the connection, unless it was closed.
pub struct End {
    inbound: Arc<Lane>,
    outbound: Arc<Lane>,
    /// Header that says which extensions are in use.
    pub extensions: &'static str,
    /// The last event was taken.
    over: bool,
}

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError {
    Full,
    Closed,
}

/// Waits for something to take from an end.
pub struct Readable(Arc<Lane>);

/// Waits for room at an end.
pub struct Writable(Arc<Lane>);

/// What an end is sent through, beside whoever takes from it.
pub struct Outbox(Arc<Lane>);

/// Two ends that are connected with each other.
pub fn pair() -> (End, End) {
    let (one, two) = (Arc::new(Lane::default()), Arc::new(Lane::default()));
    let end = |inbound: &Arc<Lane>, outbound: &Arc<Lane>| End {
        inbound: inbound.clone(),
        outbound: outbound.clone(),
        extensions: "",
        over: false,
    };
    (end(&one, &two), end(&two, &one))
}

impl Lane {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, event: Event) -> Result<(), SendError> {
        let mut state = self.state();
        if state.closed || state.deserted {
            return Err(SendError::Closed);
        }
        match &event {
            Event::Message(_) if state.held >= ROOM => return Err(SendError::Full),
            Event::Message(message) => {
                state.bytes += message.len();
                state.held += message.len() + OVERHEAD;
            }
            Event::Closed(_) => state.closed = true,
        }
        state.queue.push_back(event);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    fn take(&self) -> Option<Event> {
        let mut state = self.state();
        let event = match state.queue.pop_front() {
            Some(event) => event,
            None if state.abandoned && !state.closed => {
                state.closed = true;
                return Some(Event::Closed(Closing::broken()));
            }
            None => return None,
        };
        if let Event::Message(message) = &event {
            state.bytes -= message.len();
            state.held -= message.len() + OVERHEAD;
            let wake = state.held < ROOM;
            drop(state);
            if wake {
                self.drained.notify_one();
            }
        }
        Some(event)
    }

    async fn readable(&self) {
        loop {
            {
                let state = self.state();
                if !state.queue.is_empty() || state.abandoned || state.closed {
                    return;
                }
            }
            self.filled.notified().await;
        }
    }

    async fn writable(&self) {
        loop {
            {
                let state = self.state();
                if state.held < ROOM || state.deserted || state.closed {
                    return;
                }
            }
            self.drained.notified().await;
        }
    }
}

impl End {
    /// What came next.
    pub fn receive(&mut self) -> Option<Event> {
        if self.over {
            return None;
        }
        let event = self.inbound.take()?;
        self.over = matches!(event, Event::Closed(_));
        Some(event)
    }

    /// Puts a message into the buffer.
    pub fn send(&self, message: Message) -> Result<(), SendError> {
        self.outbound.put(Event::Message(message))
    }

    /// Says that nothing more comes. Only the first time counts.
    pub fn close(&self, closing: Closing) {
        let _ = self.outbound.put(Event::Closed(closing));
    }

    /// Bytes of messages that were sent and not taken yet.
    pub fn buffered(&self) -> usize {
        self.outbound.state().bytes
    }

    /// Waits for the next event; none after the last.
    pub async fn next(&mut self) -> Option<Event> {
        if self.over {
            return None;
        }
        self.inbound.readable().await;
        self.receive()
    }

    /// Whoever waits until there is something to receive.
    pub fn readable(&self) -> Readable {
        Readable(self.inbound.clone())
    }

    /// Whoever waits until there is room to send.
    pub fn writable(&self) -> Writable {
        Writable(self.outbound.clone())
    }

    /// Another way to send through it.
    pub fn outbox(&self) -> Outbox {
        Outbox(self.outbound.clone())
    }
}

impl Outbox {
    /// Puts a message in, room or not.
    pub fn send(&self, message: Message) {
        let _ = self.0.put(Event::Message(message));
    }

    /// Says that nothing more comes.
    pub fn close(&self, closing: Closing) {
        let _ = self.0.put(Event::Closed(closing));
    }
}

impl Readable {
    /// Ready when there is something to receive, or the last event was received.
    pub async fn ready(&self) {
        self.0.readable().await;
    }
}

impl Writable {
    /// Ready when there is room, or the connection is over.
    pub async fn ready(&self) {
        self.0.writable().await;
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.outbound.state().abandoned = true;
        self.outbound.filled.notify_one();
        let mut inbound = self.inbound.state();
        inbound.deserted = true;
        inbound.queue.clear();
        (inbound.bytes, inbound.held) = (0, 0);
        drop(inbound);
        self.inbound.drained.notify_one();
    }
}
