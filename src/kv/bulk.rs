//! Many keys in one call.

use super::limits::BULK_READ_VALUES;
use super::{Error, Namespace, PutOptions, Value, now, rules};
use crate::storage::{Action, Change, Expected};
use bytes::Bytes;

/// Most entries of one commit, and most bytes of values: a long commit keeps all other writers waiting.
const CHUNK_ENTRIES: usize = 500;
const CHUNK_BYTES: usize = 8 << 20;

impl Namespace {
    /// The values of `keys`, in their order. Reading stops as soon as the values are too large together.
    pub async fn get_many(&self, keys: &[String]) -> Result<Vec<Option<Value>>, Error> {
        rules::check_bulk_read(keys.len())?;
        keys.iter().try_for_each(|key| rules::check_key(key))?;
        let mut values = Vec::with_capacity(keys.len());
        let mut size = 0;
        for key in keys {
            let value = self.get(key).await?;
            size += value.as_ref().map_or(0, |value| value.bytes.len() as u64);
            if size > BULK_READ_VALUES.default {
                return Err(rules::bulk_read_too_large());
            }
            values.push(value);
        }
        Ok(values)
    }

    /// Writes all entries, in commits of some hundreds. All are checked first: if one is refused, nothing is written.
    /// When the storage fails half-way, the commits before stay. Of a key that comes twice the later one stays.
    pub async fn put_many(&self, entries: Vec<(String, Bytes, PutOptions)>) -> Result<(), Error> {
        rules::check_bulk_write(entries.len())?;
        let now = now();
        let changes = entries
            .into_iter()
            .map(|(key, bytes, options)| self.put_change(key, bytes, &options, Expected::Any, now))
            .collect::<Result<Vec<_>, _>>()?;
        self.commit_in_chunks(changes).await
    }

    /// Deletes all of `keys`, in commits of some hundreds; keys that are not there are no error.
    pub async fn delete_many(&self, keys: Vec<String>) -> Result<(), Error> {
        rules::check_bulk_write(keys.len())?;
        keys.iter().try_for_each(|key| rules::check_key(key))?;
        let delete = |key| Change::delete(self.bucket.as_ref(), key, Expected::Any);
        self.commit_in_chunks(keys.into_iter().map(delete).collect()).await
    }

    async fn commit_in_chunks(&self, changes: Vec<Change>) -> Result<(), Error> {
        let mut chunk = Vec::new();
        let mut size = 0;
        for change in changes {
            if let Action::Put { value, .. } = &change.action {
                size += value.len();
            }
            chunk.push(change);
            if chunk.len() >= CHUNK_ENTRIES || size >= CHUNK_BYTES {
                self.storage.commit(std::mem::take(&mut chunk)).await?;
                size = 0;
            }
        }
        if !chunk.is_empty() {
            self.storage.commit(chunk).await?;
        }
        Ok(())
    }
}
