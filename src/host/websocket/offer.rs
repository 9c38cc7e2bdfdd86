//! The connection that an invocation's request asks for.

use crate::websocket::{End, pair};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// Stands in a request's extensions where it asks for a WebSocket; whoever put it there connects what the worker accepts.
pub struct Offer {
    /// What is to be connected with the client.
    taken: Mutex<Taken>,
    extensions: &'static str,
    refills: AtomicBool,
    open: Arc<Open>,
}

enum Taken {
    Not,
    By(Far),
    Connected,
}

/// The end that the client is connected with.
pub struct Far {
    pub end: End,
    /// Holds the invocation as long as this lives; none where the worker has no part in the connection.
    pub held: Option<Held>,
}

/// Counts connections of an invocation that go on.
#[derive(Default)]
pub struct Open {
    count: AtomicUsize,
    changed: Notify,
}

/// Keeps an invocation alive.
pub struct Held(Arc<Open>);

impl Offer {
    /// `extensions` are those that the connection will have.
    pub fn new(extensions: &'static str) -> Arc<Self> {
        Arc::new(Self {
            taken: Mutex::new(Taken::Not),
            extensions,
            refills: AtomicBool::new(false),
            open: Arc::default(),
        })
    }

    /// Each message that comes grants the worker its whole fuel anew, since no budget limits it.
    pub fn set_refills(&self) {
        self.refills.store(true, Ordering::Relaxed);
    }

    /// Whether each message grants fuel.
    pub(super) fn refills(&self) -> bool {
        self.refills.load(Ordering::Relaxed)
    }

    /// Counts the invocation's connections.
    pub fn open(&self) -> &Arc<Open> {
        &self.open
    }

    /// The worker's end of the connection; none if it has one already.
    pub(super) fn accept(&self) -> Option<End> {
        let (mut near, far) = pair();
        near.extensions = self.extensions;
        let held = Some(Held::new(self.open.clone()));
        self.put(Far { end: far, held }).then_some(near)
    }

    /// The client is to be connected with `end`; false if it is connected already.
    pub(super) fn forward(&self, end: End) -> bool {
        self.put(Far { end, held: None })
    }

    fn put(&self, far: Far) -> bool {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let free = matches!(*taken, Taken::Not);
        if free {
            *taken = Taken::By(far);
        }
        free
    }

    /// What the client is to be connected with, if the worker said so. Later the worker can accept no more.
    pub fn take(&self) -> Option<Far> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *taken, Taken::Connected) {
            Taken::By(far) => Some(far),
            Taken::Not | Taken::Connected => None,
        }
    }
}

impl Held {
    fn new(open: Arc<Open>) -> Self {
        open.count.fetch_add(1, Ordering::AcqRel);
        Self(open)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::AcqRel);
        self.0.changed.notify_waiters();
    }
}

impl Open {
    /// Returns when no connection is open.
    pub async fn none(&self) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if self.count.load(Ordering::Acquire) == 0 {
                return;
            }
            changed.await;
        }
    }
}
