//! Responses in memory; those that were used least recently make room.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use lru::LruCache;
use std::sync::Arc;
use std::time::SystemTime;

/// What an entry counts besides its text and its body.
const ENTRY_BYTES: u64 = 256;

/// What a response is kept under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub worker: Arc<str>,
    /// Name of the cache among the worker's.
    pub cache: Arc<str>,
    pub url: Arc<str>,
}

/// A response as it is kept.
#[derive(Debug, Clone)]
pub struct Entry {
    pub status: StatusCode,
    pub headers: Arc<HeaderMap>,
    pub body: Bytes,
    /// When it was put here.
    pub stored: SystemTime,
    /// Its age then.
    pub initial_age: u64,
    /// From here on it is stale.
    pub expires: SystemTime,
}

/// Entries up to a number of bytes in all.
pub struct Store {
    entries: LruCache<Key, Entry>,
    held: u64,
    most: u64,
}

impl Store {
    pub fn new(most: u64) -> Self {
        Self { entries: LruCache::unbounded(), held: 0, most }
    }

    /// The entry under `key` that is fresh at `now`.
    pub fn get(&mut self, key: &Key, now: SystemTime) -> Option<Entry> {
        let entry = self.entries.get(key)?;
        if entry.expires > now {
            return Some(entry.clone());
        }
        self.remove(key);
        None
    }

    /// Keeps `entry` in place of the one that is there. One that would not fit at all is not kept.
    pub fn put(&mut self, key: Key, entry: Entry) {
        self.remove(&key);
        let size = size_of(&key, &entry);
        if size > self.most {
            return;
        }
        while self.held + size > self.most
            && let Some((key, entry)) = self.entries.pop_lru()
        {
            self.held -= size_of(&key, &entry);
        }
        self.held += size;
        self.entries.put(key, entry);
    }

    /// Gives what was there.
    pub fn remove(&mut self, key: &Key) -> Option<Entry> {
        let entry = self.entries.pop(key)?;
        self.held -= size_of(key, &entry);
        Some(entry)
    }
}

fn size_of(key: &Key, entry: &Entry) -> u64 {
    let lines = entry.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    let text = key.cache.len() + key.url.len() + lines.sum::<usize>() + entry.body.len();
    text as u64 + ENTRY_BYTES
}
