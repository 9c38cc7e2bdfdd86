//! Requests for the same thing at the same time: one is sent, the others wait for its answer.
//!
//! They wait for its head only. When it turns out that the answer is not for all, each goes its own way at once, and what
//! led to such an answer is remembered for a while, so that nobody waits there again.

use super::entry::Variant;
use super::filling::Filling;
use super::store::Key;
use lru::LruCache;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long a request waits for another's answer before it goes its own way.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it is remembered that nobody should wait.
const MEMORY: Duration = Duration::from_secs(60);
/// Of so many keys.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).expect("it is not zero");

/// What an answer is to those who wait.
#[derive(Clone)]
pub enum Landed {
    /// It is being stored: whoever it answers may have it.
    Filling(Arc<Variant>, Arc<Filling>),
    /// What was kept is still right.
    Validated(Arc<Variant>),
    /// It is for the one who asked.
    Alone,
}

/// Requests under way.
pub struct Flights {
    under_way: Mutex<HashMap<Key, watch::Receiver<Option<Landed>>>>,
    alone: Mutex<LruCache<Key, Instant>>,
}

impl Default for Flights {
    fn default() -> Self {
        Self { under_way: Mutex::default(), alone: Mutex::new(LruCache::new(REMEMBERED)) }
    }
}

/// What a request is to do.
pub enum Role {
    /// Go ahead; others wait for it.
    Lead(Lead),
    /// Wait for another's answer.
    Follow(watch::Receiver<Option<Landed>>),
    /// Go ahead; nobody waits.
    Alone,
}

impl Flights {
    /// What a request for `key` is to do.
    pub fn board(self: &Arc<Self>, key: Key) -> Role {
        if self.is_alone(key) {
            return Role::Alone;
        }
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = under_way.get(&key) {
            return Role::Follow(flight.clone());
        }
        let (landing, flight) = watch::channel(None);
        under_way.insert(key, flight);
        Role::Lead(Lead { flights: self.clone(), key, landing })
    }

    fn is_alone(&self, key: Key) -> bool {
        let mut alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        match alone.get(&key) {
            Some(since) if since.elapsed() < MEMORY => true,
            Some(_) => {
                alone.pop(&key);
                false
            }
            None => false,
        }
    }

    /// Remembers whether answers for `key` are for those who ask alone.
    pub fn remember(&self, key: Key, alone: bool) {
        let mut remembered = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        match alone {
            true => _ = remembered.put(key, Instant::now()),
            false => _ = remembered.pop(&key),
        }
    }
}

/// The request that goes ahead. When it is lost, the others go too.
pub struct Lead {
    flights: Arc<Flights>,
    key: Key,
    landing: watch::Sender<Option<Landed>>,
}

impl Lead {
    /// Tells those who wait.
    pub fn land(&self, landed: Landed) {
        self.landing.send_replace(Some(landed));
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.flights.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        self.landing.send_if_modified(|landed| {
            let lost = landed.is_none();
            landed.get_or_insert(Landed::Alone);
            lost
        });
    }
}

/// Waits for what another request brings; nothing if it takes too long.
pub async fn follow(mut flight: watch::Receiver<Option<Landed>>) -> Option<Landed> {
    let landed = tokio::time::timeout(PATIENCE, flight.wait_for(Option::is_some)).await;
    landed.ok()?.ok()?.clone()
}
