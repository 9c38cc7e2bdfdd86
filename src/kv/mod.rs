//! KV namespaces: Workers KV's rules on top of [`crate::storage`].
//!
//! A [`Namespace`] is one bucket, `kv.<id>`. An entry's `meta` is its metadata as JSON text, its `expires` the
//! expiration. [`serve()`] is the HTTP form, which sandboxes and the admin API share; `wasi:keyvalue` is made from the
//! same methods, so all of them see the same data and the same rules.
//!
//! ## Why
//! Limits, statuses and messages are those of Workers KV to the letter: workers check for them, and what was tried here
//! must behave the same there. One promise is stronger: a read sees every write that was acknowledged before it.

mod atomic;
mod bulk;
mod error;
pub mod limits;
mod list;
mod rules;
mod serve;
#[cfg(test)]
mod tests;

pub use self::atomic::Swap;
pub use self::error::Error;
pub use self::list::{Key, ListOptions, Page};
pub use self::serve::{EXPIRATION_HEADER, METADATA_HEADER, serve};
pub use crate::storage::Revision;

use crate::storage::{self, Action, Change, Entry, Expected, Storage};
use bytes::Bytes;
use std::sync::Arc;
use std::time::SystemTime;

/// One KV namespace. Clones are cheap and share the data.
#[derive(Clone)]
pub struct Namespace {
    storage: Storage,
    bucket: Arc<str>,
}

/// What is kept under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    pub bytes: Bytes,
    pub metadata: Option<serde_json::Value>,
    /// Seconds since the epoch at which it is gone.
    pub expiration: Option<u64>,
    /// The commit that wrote it, for [`Namespace::compare_and_swap`].
    pub revision: Revision,
}

/// What a value is written with. Times are checked by the write, so they can be what a worker passed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutOptions {
    /// Seconds since the epoch, at least 60 from now.
    pub expiration: Option<i64>,
    /// Seconds from now, at least 60. It decides when both are given.
    pub expiration_ttl: Option<i64>,
    /// At most 1024 bytes as JSON text. `null` is the same as none.
    pub metadata: Option<serde_json::Value>,
}

impl Namespace {
    /// The namespace `id`; it need not have been made before.
    pub fn new(storage: Storage, id: &str) -> Self {
        Self { storage, bucket: format!("kv.{id}").into() }
    }

    /// An empty namespace of its own.
    #[cfg(test)]
    pub fn in_memory() -> Self {
        Self::new(Storage::in_memory(), "test")
    }

    /// What is kept under `key`, unless it is absent or expired.
    pub async fn get(&self, key: &str) -> Result<Option<Value>, Error> {
        rules::check_key(key)?;
        let Some(entry) = self.storage.get(&self.bucket, key).await? else { return Ok(None) };
        let metadata = self.metadata(&entry)?;
        Ok(Some(Value { bytes: entry.value, metadata, expiration: entry.expires, revision: entry.revision }))
    }

    /// Writes `bytes` under `key` in place of all that was there. When it returns, the value outlives a crash.
    pub async fn put(&self, key: &str, bytes: Bytes, options: &PutOptions) -> Result<(), Error> {
        let change = self.put_change(key.to_owned(), bytes, options, Expected::Any, now())?;
        self.storage.commit(vec![change]).await?;
        Ok(())
    }

    /// Deletes `key`; one that is not there is no error.
    pub async fn delete(&self, key: &str) -> Result<(), Error> {
        rules::check_key(key)?;
        self.storage.commit(vec![Change::delete(self.bucket.as_ref(), key, Expected::Any)]).await?;
        Ok(())
    }

    /// Says what is wrong with a write whose value has not come yet.
    fn check_put(&self, key: &str, options: &PutOptions) -> Result<(), Error> {
        self.put_change(key.to_owned(), Bytes::new(), options, Expected::Any, now()).map(drop)
    }

    /// The change that writes an entry, if the rules allow it.
    fn put_change(
        &self,
        key: String,
        bytes: Bytes,
        options: &PutOptions,
        expected: Expected,
        now: u64,
    ) -> Result<Change, Error> {
        rules::check_key(&key)?;
        let expires = rules::expiry(options, now)?;
        let meta = rules::metadata_text(options.metadata.as_ref())?;
        rules::check_value_length(bytes.len() as u64)?;
        let action = Action::Put { meta, value: bytes, expires };
        Ok(Change { bucket: self.bucket.to_string(), key, expected, action })
    }

    fn metadata(&self, entry: &Entry) -> Result<Option<serde_json::Value>, Error> {
        if entry.meta.is_empty() {
            return Ok(None);
        }
        serde_json::from_slice(&entry.meta).map(Some).map_err(|error| {
            let (bucket, key) = (&self.bucket, &entry.key);
            Error::Storage(storage::Error::Corrupt(format!(
                "the metadata of `{key}` in `{bucket}` is not JSON: {error}"
            )))
        })
    }
}

/// Seconds since the epoch.
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
