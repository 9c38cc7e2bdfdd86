//! The store behind a worker's `caches`: responses that it put there, until they are stale or room is needed.
//!
//! [`policy`] says what may be kept and for how long, [`store`] keeps it in memory, and [`serve`] answers the HTTP that a
//! sandbox's `caches` speaks. Every worker has responses of its own, whatever their URLs.

mod policy;
mod serve;
mod store;

#[cfg(test)]
mod tests;

pub use self::serve::serve;

use self::store::{Key, Store};
use crate::limits;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All workers' caches of this process.
#[derive(Clone)]
pub struct Cache(Arc<Mutex<Store>>);

/// What one worker keeps.
#[derive(Clone)]
pub struct Space {
    cache: Cache,
    worker: Arc<str>,
}

impl Default for Cache {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Store::new(limits::CACHE.default))))
    }
}

impl Cache {
    /// The part that is `worker`'s.
    pub fn space(&self, worker: Arc<str>) -> Space {
        Space { cache: self.clone(), worker }
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        // A store that panicked midway is whole or short of an entry: both can be used.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Space {
    fn key(&self, cache: &str, url: &str) -> Key {
        Key { worker: self.worker.clone(), cache: cache.into(), url: url.into() }
    }
}
