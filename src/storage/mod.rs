//! Where everything is kept: buckets of small entries, and blobs addressed by their digest.
//!
//! [`Storage`] names what the rest of glowplug needs and no more, so that another engine can stand behind it. What the
//! entries mean is known by `registry` and `kv`.
//!
//! ## Why
//! Entries change together or not at all ([`Storage::commit`]): a deployment is one commit, so a crash can leave no
//! half of it. Blobs are immutable and come first; a blob that no entry names is rubbish, never a fault.

mod memory;

pub use self::memory::Memory;

use crate::digest::Digest;
use bytes::Bytes;
use std::fmt;
use tokio::sync::broadcast;

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

/// Said of every changed entry after its commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub bucket: String,
    pub key: String,
    pub revision: Revision,
}

/// Why storage did not do what was asked. Nothing was changed then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// An entry was not as [`Expected`].
    Conflict { bucket: String, key: String },
    /// A blob's bytes are not those of its digest.
    WrongDigest { expected: Digest, found: Digest },
    /// There is no room left.
    Full,
    /// What is stored cannot be read: the text says what and where.
    Corrupt(String),
    /// Another process has it open.
    InUse(String),
    /// The system failed: the text says at what and how.
    Io(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { bucket, key } => write!(f, "`{key}` in `{bucket}` was changed meanwhile"),
            Self::WrongDigest { expected, found } => {
                write!(f, "the content's digest is {found}, not {expected} as was said")
            }
            Self::Full => f.write_str("there is no room left on the disk"),
            Self::Corrupt(what) => write!(f, "stored data is damaged: {what}"),
            Self::InUse(what) | Self::Io(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Error {}

/// A storage engine. Clones share one.
#[derive(Clone)]
pub enum Storage {
    /// Nothing outlives the process.
    Memory(Memory),
}

impl Storage {
    /// A new, empty one in memory.
    pub fn in_memory() -> Self {
        Self::Memory(Memory::default())
    }

    /// The entry, unless it is absent or expired.
    pub async fn get(&self, bucket: &str, key: &str) -> Result<Option<Entry>, Error> {
        match self {
            Self::Memory(memory) => Ok(memory.get(bucket, key)),
        }
    }

    /// Makes all changes or none, and gives the commit's revision. When it returns, the changes outlive a crash.
    pub async fn commit(&self, changes: Vec<Change>) -> Result<Revision, Error> {
        match self {
            Self::Memory(memory) => memory.commit(changes),
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
        }
    }

    /// Tells of each changed entry from now on, in the order of the commits. A receiver that lags behind is told so.
    pub fn watch(&self) -> broadcast::Receiver<Changed> {
        match self {
            Self::Memory(memory) => memory.watch(),
        }
    }

    /// Keeps `bytes` under `digest`, which is checked. When it returns, the blob outlives a crash.
    pub async fn put_blob(&self, digest: Digest, bytes: Bytes) -> Result<(), Error> {
        match self {
            Self::Memory(memory) => memory.put_blob(digest, bytes),
        }
    }

    /// The bytes of `digest`, if they are kept.
    pub async fn get_blob(&self, digest: Digest) -> Result<Option<Bytes>, Error> {
        match self {
            Self::Memory(memory) => Ok(memory.get_blob(digest)),
        }
    }

    /// Whether the bytes of `digest` are kept.
    pub async fn has_blob(&self, digest: Digest) -> Result<bool, Error> {
        match self {
            Self::Memory(memory) => Ok(memory.get_blob(digest).is_some()),
        }
    }

    /// Removes a blob; one that is not there is no error.
    pub async fn delete_blob(&self, digest: Digest) -> Result<(), Error> {
        match self {
            Self::Memory(memory) => {
                memory.delete_blob(digest);
                Ok(())
            }
        }
    }

    /// All blobs that are kept.
    pub async fn blobs(&self) -> Result<Vec<Digest>, Error> {
        match self {
            Self::Memory(memory) => Ok(memory.blobs()),
        }
    }
}
