//! The time that records are stamped with.

use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

/// Where the time comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Stands still until it is set; clones share it. For tests.
    Manual(Arc<Mutex<Timestamp>>),
}

impl Clock {
    /// A clock that stands still at `now`.
    pub fn manual(now: Timestamp) -> Self {
        Self::Manual(Arc::new(Mutex::new(now)))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Manual(now) => *now.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Sets a clock that stands still; the machine's is left alone.
    pub fn set(&self, time: Timestamp) {
        if let Self::Manual(now) = self {
            *now.lock().unwrap_or_else(PoisonError::into_inner) = time;
        }
    }
}
