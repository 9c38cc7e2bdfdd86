//! Where everything is kept: buckets of small entries, and blobs addressed by their digest.
//!
//! [`Storage`] names what the rest of glowplug needs and no more, so that another engine can stand behind it. What the
//! entries mean is known by `registry` and `kv`.
//!
//! ## Why
//! Entries change together or not at all ([`Storage::commit`]): a deployment is one commit, so a crash can leave no
//! half of it. Blobs are immutable and come first; a blob that no entry names is rubbish, never a fault.

mod blobs;
#[cfg(test)]
mod conformance;
mod error;
mod folder;
mod memory;
mod sqlite;

pub use self::error::Error;
pub use self::memory::Memory;
pub use self::sqlite::Sqlite;

use crate::digest::Digest;
use bytes::Bytes;
use std::path::Path;
use std::time::SystemTime;
use tokio::sync::broadcast;

/// Changes a slow watcher may lag behind.
const WATCH_BUFFER: usize = 4096;

/// Number of a commit: every commit has a higher one than those before it, over all buckets.
pub type Revision = u64;

/// One entry of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Any text; keys are ordered by their UTF-8 bytes.
    pub key: String,
    /// The commit that wrote it.
    pub revision: Revision,
    /// Seconds since the epoch after which it is gone.
    pub expires: Option<u64>,
    /// Small, and listed without the value.
    pub meta: Bytes,
    /// Empty when it was listed with [`Listing::Keys`].
    pub value: Bytes,
}

/// What a listing reads of each entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// All but the values.
    Keys,
    /// Values too.
    Values,
}

/// One part of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub bucket: String,
    pub key: String,
    /// What must hold of the entry before.
    pub expected: Expected,
    pub action: Action,
}

impl Change {
    /// Writes `value` with no meta and no expiry.
    pub fn put(bucket: impl Into<String>, key: impl Into<String>, expected: Expected, value: impl Into<Bytes>) -> Self {
        let action = Action::Put { meta: Bytes::new(), value: value.into(), expires: None };
        Self { bucket: bucket.into(), key: key.into(), expected, action }
    }

    /// Removes an entry; one that is not there is no error unless `expected` says so.
    pub fn delete(bucket: impl Into<String>, key: impl Into<String>, expected: Expected) -> Self {
        Self { bucket: bucket.into(), key: key.into(), expected, action: Action::Delete }
    }
}

/// What must hold of an entry for a change to be made. An expired entry counts as absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    Any,
    /// It is not there.
    Absent,
    /// It was written by this commit.
    Revision(Revision),
}

/// What becomes of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Put { meta: Bytes, value: Bytes, expires: Option<u64> },
    Delete,
}

/// Said of every commit, after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub revision: Revision,
    /// Bucket and key of each entry that was written or deleted, in the order of the changes.
    pub entries: Vec<(String, String)>,
}

/// A storage engine. Clones share one.
#[derive(Clone)]
pub enum Storage {
    /// Nothing outlives the process.
    Memory(Memory),
    /// In a folder of this machine.
    Sqlite(Sqlite),
}

impl Storage {
    /// A new, empty one in memory.
    pub fn in_memory() -> Self {
        Self::Memory(Memory::default())
    }

    /// What is kept in the folder `dir`, which is made if it is not there. [`Error::InUse`] if another process has it.
    /// Blocks for some milliseconds, and longer after a crash.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        Sqlite::open(dir).map(Self::Sqlite)
    }

    /// What is kept in the folder `dir`, to look at and not to change, beside a process that may be working in it. Its
    /// watchers hear nothing. To read a database SQLite needs to write beside it, so the folder's owner must call this.
    pub fn open_read_only(dir: &Path) -> Result<Self, Error> {
        Sqlite::open_read_only(dir).map(Self::Sqlite)
    }

    /// The entry, unless it is absent or expired.
    pub async fn get(&self, bucket: &str, key: &str) -> Result<Option<Entry>, Error> {
        match self {
            Self::Memory(memory) => Ok(memory.get(bucket, key)),
            Self::Sqlite(sqlite) => sqlite.get(bucket, key).await,
        }
    }

    /// The revision of the last commit; 0 before the first.
    pub async fn revision(&self) -> Result<Revision, Error> {
        match self {
            Self::Memory(memory) => Ok(memory.revision()),
            Self::Sqlite(sqlite) => sqlite.revision().await,
        }
    }

    /// Makes all changes or none, and gives the commit's revision. When it returns, the changes outlive a crash. All that
    /// is expected is looked at before the first change is made. A call that is given up while it waits may be made yet.
    pub async fn commit(&self, changes: Vec<Change>) -> Result<Revision, Error> {
        match self {
            Self::Memory(memory) => memory.commit(changes),
            Self::Sqlite(sqlite) => sqlite.commit(changes).await,
        }
    }

    /// At most `limit` entries whose keys begin with `prefix` and come after `after`, in the order of their keys.
    pub async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        listing: Listing,
    ) -> Result<Vec<Entry>, Error> {
        match self {
            Self::Memory(memory) => Ok(memory.list(bucket, prefix, after, limit, listing)),
            Self::Sqlite(sqlite) => sqlite.list(bucket, prefix, after, limit, listing).await,
        }
    }

    /// Tells of each commit from now on, in their order. A receiver that lags behind is told so.
    /// Expiry is no change: whoever keeps an entry sees its end in [`Entry::expires`].
    pub fn watch(&self) -> broadcast::Receiver<Changed> {
        match self {
            Self::Memory(memory) => memory.watch(),
            Self::Sqlite(sqlite) => sqlite.watch(),
        }
    }

    /// Deletes for good what has expired, which nobody can see any more, and counts it. No watcher is told. Works in
    /// small parts, between commits; to be called every minute or so.
    pub async fn sweep(&self) -> Result<u64, Error> {
        match self {
            Self::Memory(memory) => Ok(memory.sweep()),
            Self::Sqlite(sqlite) => sqlite.sweep().await,
        }
    }

    /// Keeps `bytes` under `digest`, which is checked. When it returns, the blob outlives a crash. Whoever deletes blobs
    /// must know that nobody is about to name one: putting a blob that is there does not keep it from being deleted.
    pub async fn put_blob(&self, digest: Digest, bytes: Bytes) -> Result<(), Error> {
        match self {
            Self::Memory(memory) => memory.put_blob(digest, bytes),
            Self::Sqlite(sqlite) => sqlite.put_blob(digest, bytes).await,
        }
    }

    /// The bytes of `digest`, if they are kept. They are not compared with it again; [`Storage::check`] does that.
    pub async fn get_blob(&self, digest: Digest) -> Result<Option<Bytes>, Error> {
        match self {
            Self::Memory(memory) => Ok(memory.get_blob(digest)),
            Self::Sqlite(sqlite) => sqlite.get_blob(digest).await,
        }
    }

    /// Whether the bytes of `digest` are kept.
    pub async fn has_blob(&self, digest: Digest) -> Result<bool, Error> {
        match self {
            Self::Memory(memory) => Ok(memory.get_blob(digest).is_some()),
            Self::Sqlite(sqlite) => sqlite.has_blob(digest).await,
        }
    }

    /// Removes a blob; one that is not there is no error.
    pub async fn delete_blob(&self, digest: Digest) -> Result<(), Error> {
        match self {
            Self::Memory(memory) => {
                memory.delete_blob(digest);
                Ok(())
            }
            Self::Sqlite(sqlite) => sqlite.delete_blob(digest).await,
        }
    }

    /// All blobs that are kept, in no order.
    pub async fn blobs(&self) -> Result<Vec<Digest>, Error> {
        match self {
            Self::Memory(memory) => Ok(memory.blobs()),
            Self::Sqlite(sqlite) => sqlite.blobs().await,
        }
    }

    /// Reads all there is and says what is wrong with it, a line for each problem. None when all is well.
    pub async fn check(&self) -> Result<Vec<String>, Error> {
        match self {
            Self::Memory(_) => Ok(Vec::new()),
            Self::Sqlite(sqlite) => sqlite.check().await,
        }
    }
}

/// Seconds since the epoch.
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
