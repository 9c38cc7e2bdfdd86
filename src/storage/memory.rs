//! Storage in memory, for tests and for what `dev` need not keep.

use super::{Action, Change, Changed, Entry, Error, Expected, Listing, Revision, WATCH_BUFFER, now};
use crate::digest::Digest;
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// Entries and blobs in memory.
#[derive(Clone)]
pub struct Memory {
    state: Arc<Mutex<State>>,
    changes: broadcast::Sender<Changed>,
}

#[derive(Default)]
struct State {
    revision: Revision,
    buckets: HashMap<String, BTreeMap<String, Entry>>,
    blobs: HashMap<Digest, Bytes>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { state: Arc::default(), changes: broadcast::channel(WATCH_BUFFER).0 }
    }
}

impl Memory {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, bucket: &str, key: &str) -> Option<Entry> {
        self.state().live(bucket, key, now()).cloned()
    }

    pub(super) fn revision(&self) -> Revision {
        self.state().revision
    }

    pub(super) fn commit(&self, changes: Vec<Change>) -> Result<Revision, Error> {
        let mut state = self.state();
        let now = now();
        for change in &changes {
            let found = state.live(&change.bucket, &change.key, now).map(|entry| entry.revision);
            let holds = match change.expected {
                Expected::Any => true,
                Expected::Absent => found.is_none(),
                Expected::Revision(revision) => found == Some(revision),
            };
            if !holds {
                return Err(Error::Conflict { bucket: change.bucket.clone(), key: change.key.clone() });
            }
        }
        state.revision += 1;
        let revision = state.revision;
        let entries = changes.iter().map(|change| (change.bucket.clone(), change.key.clone())).collect();
        for Change { bucket, key, action, .. } in changes {
            let entries = state.buckets.entry(bucket).or_default();
            match action {
                Action::Put { meta, value, expires } => {
                    entries.insert(key.clone(), Entry { key: key.clone(), revision, expires, meta, value });
                }
                Action::Delete => {
                    entries.remove(&key);
                }
            }
        }
        // Sent under the lock, so that watchers hear of commits in their order. Nobody may be listening.
        let _ = self.changes.send(Changed { revision, entries });
        Ok(revision)
    }

    pub(super) fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        listing: Listing,
    ) -> Vec<Entry> {
        let state = self.state();
        let Some(entries) = state.buckets.get(bucket) else { return Vec::new() };
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let now = now();
        entries
            .range::<str, _>((from, Bound::Unbounded))
            .map(|(_, entry)| entry)
            .take_while(|entry| entry.key.starts_with(prefix))
            .filter(|entry| is_live(entry, now))
            .take(limit)
            .map(|entry| match listing {
                Listing::Keys => Entry { value: Bytes::new(), ..entry.clone() },
                Listing::Values => entry.clone(),
            })
            .collect()
    }

    pub(super) fn watch(&self) -> broadcast::Receiver<Changed> {
        self.changes.subscribe()
    }

    pub(super) fn sweep(&self) -> u64 {
        let mut state = self.state();
        let now = now();
        let count = |state: &State| state.buckets.values().map(BTreeMap::len).sum::<usize>();
        let before = count(&state);
        for entries in state.buckets.values_mut() {
            entries.retain(|_, entry| is_live(entry, now));
        }
        (before - count(&state)) as u64
    }

    pub(super) fn put_blob(&self, digest: Digest, bytes: Bytes) -> Result<(), Error> {
        let found = Digest::of(&bytes);
        if found != digest {
            return Err(Error::WrongDigest { expected: digest, found });
        }
        self.state().blobs.insert(digest, bytes);
        Ok(())
    }

    pub(super) fn get_blob(&self, digest: Digest) -> Option<Bytes> {
        self.state().blobs.get(&digest).cloned()
    }

    pub(super) fn delete_blob(&self, digest: Digest) {
        self.state().blobs.remove(&digest);
    }

    pub(super) fn blobs(&self) -> Vec<Digest> {
        self.state().blobs.keys().copied().collect()
    }
}

impl State {
    fn live(&self, bucket: &str, key: &str, now: u64) -> Option<&Entry> {
        self.buckets.get(bucket)?.get(key).filter(|entry| is_live(entry, now))
    }
}

fn is_live(entry: &Entry, now: u64) -> bool {
    entry.expires.is_none_or(|expires| expires > now)
}
