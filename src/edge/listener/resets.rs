//! How many of a connection's requests the client takes back before they are answered.
//!
//! ## Why
//! A stream that is reset makes room for the next at once, so a client that resets everything asks for far more than
//! the streams it may have open (CVE-2023-44487). hyper bounds the resets it has not seen yet; those that come after
//! a request was begun are bounded here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::Notify;

/// So many may always be reset: a person leaves a page before it has loaded.
const ALWAYS: u32 = 200;

/// Counts for a connection.
#[derive(Clone, Default)]
pub struct Resets(Arc<Counts>);

#[derive(Default)]
struct Counts {
    answered: AtomicU32,
    reset: AtomicU32,
    too_many: Notify,
}

/// A request under way. Dropped without an answer, it was reset.
pub struct Stream {
    counts: Arc<Counts>,
    answered: bool,
}

impl Resets {
    pub fn open(&self) -> Stream {
        Stream { counts: self.0.clone(), answered: false }
    }

    /// Ready when the client has reset more than it let be answered, and more than anybody needs to.
    pub async fn too_many(&self) {
        self.0.too_many.notified().await;
    }
}

impl Stream {
    pub fn answered(mut self) {
        self.answered = true;
        self.counts.answered.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.answered {
            return;
        }
        let reset = self.counts.reset.fetch_add(1, Ordering::Relaxed) + 1;
        if reset > ALWAYS.saturating_add(self.counts.answered.load(Ordering::Relaxed)) {
            self.counts.too_many.notify_one();
        }
    }
}
