//! A shared HTTP cache: in front of workers and origins, behind `fetch()`, and behind a worker's `caches`.
//!
//! ```text
//! policy     what HTTP says: may it be kept, how long is it fresh, is it about the same (pure)
//! entry      what is kept of a response, and what may be done with it when
//! answer     a request: what is kept, or what an upstream gives
//!  -> flight   those who ask for the same at the same time
//!  -> fetch    one request sent on, in a task of its own
//!  -> filling  a body that comes, is read by clients and is kept
//! reply      from what is kept to a response: age, conditions, ranges
//! store      records and bodies, in memory and on disk (foyer)
//! purge      what is not to be used any more
//! serve      the same over HTTP, for a sandbox's `caches`
//! lookups    what came of asking, counted
//! ```
//!
//! ## Why
//! Libraries that decide by RFC 9111 leave out what the cache of an edge is for: shared lifetimes that are targeted,
//! stale responses used on purpose, requests that are collapsed. The decisions are few and pure, so they are here.

mod answer;
mod entry;
mod fetch;
mod filling;
mod flight;
mod invalidate;
mod lookups;
mod policy;
mod purge;
mod reply;
mod serve;
mod settings;
mod status;
mod store;

#[cfg(test)]
mod tests;

pub use self::answer::{Answered, Background, Place, Upstream};
pub use self::lookups::{Lookup, LookupCounts, Lookups, Position};
pub use self::policy::plan::Overrides;
pub use self::policy::storing::strip_connection;
pub use self::purge::Purge;
pub use self::serve::serve;
pub use self::settings::{Disk, Settings};
pub use self::status::{Forward, Handled};
pub use self::store::Moved;

use self::entry::Variant;
use self::filling::Room;
use self::flight::Flights;
use self::invalidate::Invalidated;
use self::purge::Purges;
use self::store::Store;
use anyhow::Result;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use std::ops::Deref;
use std::sync::Arc;

/// Why a body broke off.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body on its way through the cache.
pub type CacheBody = UnsyncBoxBody<Bytes, BoxError>;

/// A body that is there.
pub fn bytes_body(bytes: Bytes) -> CacheBody {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// A cache. Clones share one.
#[derive(Clone)]
pub struct Cache(Arc<Inner>);

/// What clones share.
pub struct Inner {
    store: Store,
    purges: Purges,
    flights: Arc<Flights>,
    invalidated: Invalidated,
    room: Arc<Room>,
    settings: Settings,
}

impl Deref for Cache {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// What one worker keeps.
#[derive(Clone)]
pub struct Space {
    cache: Cache,
    worker: Arc<str>,
    lookups: Arc<Lookups>,
}

impl Cache {
    /// A cache within these bounds. What is on disk from before is there again, but for what was purged.
    pub fn open(settings: Settings) -> Result<Self> {
        let purges = Purges::open(settings.disk.as_ref().map(|disk| disk.folder.as_path()))?;
        Ok(Self(Arc::new(Inner {
            store: Store::new(settings.clone()),
            purges,
            flights: Arc::default(),
            invalidated: Invalidated::default(),
            room: Arc::new(Room::new(settings.memory)),
            settings,
        })))
    }

    /// One in memory alone, with the default bounds.
    pub fn in_memory() -> Self {
        Self::open(Settings::default()).expect("nothing is read from a disk")
    }

    /// The part that is `worker`'s.
    pub fn space(&self, worker: Arc<str>) -> Space {
        Space { cache: self.clone(), worker, lookups: Arc::default() }
    }

    /// Forgets all of these, from the next request on; also after a restart. Waits for the disk.
    pub async fn purge(&self, purges: Vec<Purge>) -> Result<()> {
        let cache = self.clone();
        tokio::task::spawn_blocking(move || cache.purges.add(purges)).await?
    }

    /// Writes down what is in memory alone.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// Bytes in memory.
    pub fn held(&self) -> usize {
        self.store.held()
    }

    /// Records and bodies in memory.
    pub fn entries(&self) -> usize {
        self.store.entries()
    }

    /// Bytes written to disk and read from there since it was opened.
    pub fn moved(&self) -> Moved {
        self.store.moved()
    }

    fn is_purged(&self, place: &Place, variant: &Variant) -> bool {
        // Most have been asked for after the last purge there was.
        variant.sequence < self.purges.number()
            && self.purges.cover(&purge::place(&place.url), &variant.tags, variant.sequence)
    }
}

impl Space {
    /// The same, whose lookups are counted there.
    pub fn counted_by(self, lookups: Arc<Lookups>) -> Self {
        Self { lookups, ..self }
    }

    /// Counts what came of asking it.
    pub fn count(&self, at: Position, came: Lookup) {
        self.lookups.count(at, came);
    }

    /// Where responses are that the worker puts into its cache of this name.
    fn place(&self, cache: &str, url: &str) -> Place {
        Place::new(format!("caches/{}/{cache}", self.worker).into(), url)
    }

    /// Where responses to the worker's subrequests are.
    pub fn subrequests(&self) -> Arc<str> {
        format!("fetch/{}", self.worker).into()
    }

    /// The cache that it is a part of.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }
}
