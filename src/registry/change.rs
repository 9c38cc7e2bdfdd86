//! How a change is made: read, plan, commit with compare-and-set, and once more if another came first.

use super::{Done, Error, Registry};
use crate::storage::{self, Change, Revision, Storage};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use tokio::sync::{Mutex, MutexGuard};

/// How often a change is planned before it is given up. Within a process changes of one worker take turns, so only
/// another process, or a change that reaches across workers, can come between. Two processes that never rest win half of
/// the rounds each, so ten in a row are lost once in a thousand changes; a hundred are not.
const ATTEMPTS: usize = 100;

/// What is to be done, planned on what was read.
pub(super) struct Plan<T> {
    /// What the caller is told when it is done.
    pub value: T,
    /// Made all or none. If there are none, there is nothing to do.
    pub changes: Vec<Change>,
    /// The commit that what was read came from.
    pub read: Revision,
}

/// Changes of one thing, such as a worker, take turns within this process. Without it many at a time would overtake
/// each other until some of them gave up.
pub(super) struct Turns([Mutex<()>; 64]);

impl Default for Turns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }
}

impl Turns {
    async fn take(&self, thing: &str) -> MutexGuard<'_, ()> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(thing);
        self.0[(hash % self.0.len() as u64) as usize].lock().await
    }
}

/// A change being made. Others of the same thing wait.
pub(super) struct Attempts<'a> {
    storage: &'a Storage,
    _turn: MutexGuard<'a, ()>,
    left: usize,
}

impl Attempts<'_> {
    /// Commits a plan. None if what it was made on was changed meanwhile: then another is to be made.
    pub async fn commit<T>(&mut self, plan: Plan<T>) -> Result<Option<Done<T>>, Error> {
        let Plan { value, changes, read } = plan;
        if changes.is_empty() {
            return Ok(Some(Done { value, revision: read }));
        }
        match self.storage.commit(changes).await {
            Ok(revision) => Ok(Some(Done { value, revision })),
            Err(storage::Error::Conflict { .. }) if self.left > 0 => {
                self.left -= 1;
                tokio::task::yield_now().await;
                Ok(None)
            }
            Err(storage::Error::Conflict { .. }) => Err(Error::Busy),
            Err(error) => Err(error.into()),
        }
    }
}

impl Registry {
    /// Begins to change `thing`, such as a worker. To be followed by a loop that plans and commits until it is done.
    pub(super) async fn begin(&self, thing: &str) -> Attempts<'_> {
        Attempts { storage: self.storage(), _turn: self.hold(thing).await, left: ATTEMPTS - 1 }
    }

    /// Waits for the changes of `thing` that are under way in this process, and keeps others out while it is held.
    pub(super) async fn hold(&self, thing: &str) -> MutexGuard<'_, ()> {
        self.shared.turns.take(thing).await
    }
}
