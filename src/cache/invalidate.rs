//! Forgetting what a request may have changed (RFC 9111, 4.4).

use super::Cache;
use super::answer::Place;
use super::store::Key;
use http::HeaderMap;
use http::header::{CONTENT_LOCATION, LOCATION};
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Keys whose last invalidation is known.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).expect("it is not zero");

/// When what was last invalidated: a response that was asked for before must not be kept after.
pub struct Invalidated {
    turn: AtomicU64,
    keys: Mutex<LruCache<Key, u64>>,
}

impl Default for Invalidated {
    fn default() -> Self {
        Self { turn: AtomicU64::new(0), keys: Mutex::new(LruCache::new(REMEMBERED)) }
    }
}

impl Invalidated {
    /// How many invalidations there have been.
    pub fn now(&self) -> u64 {
        self.turn.load(Ordering::Acquire)
    }

    /// Whether `key` was invalidated after there had been `turn`.
    pub fn since(&self, key: Key, turn: u64) -> bool {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.peek(&key).is_some_and(|last| *last > turn)
    }

    fn note(&self, key: Key) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = self.turn.fetch_add(1, Ordering::AcqRel) + 1;
        keys.put(key, turn);
    }
}

impl Cache {
    /// Forgets what is kept for the URL, and for those that the response names if they are of the same origin.
    pub(super) async fn invalidate(&self, place: &Place, response: &HeaderMap) {
        self.forget(place.key()).await;
        let Ok(own) = url::Url::parse(&place.url) else { return };
        for name in [LOCATION, CONTENT_LOCATION] {
            let stated = response.get(name).and_then(|value| value.to_str().ok());
            let Some(Ok(mut url)) = stated.map(|stated| own.join(stated)) else { continue };
            url.set_fragment(None);
            if url.origin() == own.origin() && url != own {
                self.forget(Key::of(&place.scope, url.as_str())).await;
            }
        }
    }

    /// Forgets what is kept under `key`, and says whether there was anything.
    pub(super) async fn forget(&self, key: Key) -> bool {
        self.invalidated.note(key);
        self.store.forget(key).await
    }
}
