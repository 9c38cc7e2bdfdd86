//! Reading entries: a few connections, each used by one reader at a time.

use super::failure::from_sqlite;
use super::schema;
use crate::storage::folder::Folder;
use crate::storage::{Entry, Error, Listing, Revision, now};
use bytes::Bytes;
use rusqlite::types::Value;
use rusqlite::{Connection, Row};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Idle connections, and as many permits to take one.
pub(super) struct Readers {
    folder: Arc<Folder>,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub fn open(folder: Arc<Folder>) -> Result<Self, Error> {
        let count = available_parallelism().map_or(2, usize::from).clamp(2, 8);
        let idle = (0..count).map(|_| schema::open_to_read(&folder)).collect::<Result<_, _>>()?;
        Ok(Self { folder, idle: Mutex::new(idle), permits: Arc::new(Semaphore::new(count)) })
    }

    /// Waits for a connection and reads with it on a thread that may block.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let stopped = || Error::Io("failed to read: the process is stopping".to_owned());
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| stopped())?;
        let readers = Arc::clone(self);
        let reading = spawn_blocking(move || {
            let idle = readers.idle().pop();
            // There is none left if a reader panicked.
            let connection = idle.map_or_else(|| schema::open_to_read(&readers.folder), Ok)?;
            let result = read(&connection).map_err(|cause| from_sqlite(&readers.folder, "read", cause));
            readers.idle().push(connection);
            drop(permit);
            result
        });
        reading.await.map_err(|_| stopped())?
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The entry, unless it is absent or expired.
pub(super) fn get(connection: &Connection, bucket: &str, key: &str) -> rusqlite::Result<Option<Entry>> {
    let mut statement = connection.prepare_cached(
        "SELECT key, revision, expires, meta, value FROM entries
         WHERE bucket = ?1 AND key = ?2 AND (expires IS NULL OR expires > ?3)",
    )?;
    let mut rows = statement.query((bucket, key, now()))?;
    rows.next()?.map(entry).transpose()
}

/// The revision of the last commit.
pub(super) fn revision(connection: &Connection) -> rusqlite::Result<Revision> {
    connection.prepare_cached("SELECT revision FROM state")?.query_row([], |row| row.get(0))
}

/// What a listing asks for, as [`Storage::list`](crate::storage::Storage::list) has it.
pub(super) struct Range {
    pub bucket: String,
    pub prefix: String,
    pub after: Option<String>,
    pub limit: usize,
    pub listing: Listing,
}

pub(super) fn list(connection: &Connection, range: &Range) -> rusqlite::Result<Vec<Entry>> {
    let mut statement = connection.prepare_cached(match range.listing {
        Listing::Keys => {
            "SELECT key, revision, expires, meta, x'' FROM entries
             WHERE bucket = ?1 AND key >= ?2 AND key < ?3 AND (expires IS NULL OR expires > ?4)
             ORDER BY key LIMIT ?5"
        }
        Listing::Values => {
            "SELECT key, revision, expires, meta, value FROM entries
             WHERE bucket = ?1 AND key >= ?2 AND key < ?3 AND (expires IS NULL OR expires > ?4)
             ORDER BY key LIMIT ?5"
        }
    })?;
    let first = match &range.after {
        // No text lies between one and the same with a NUL.
        Some(after) if *after >= range.prefix => format!("{after}\0"),
        _ => range.prefix.clone(),
    };
    let limit = i64::try_from(range.limit).unwrap_or(i64::MAX);
    let mut rows = statement.query((&range.bucket, first, end_of(&range.prefix), now(), limit))?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(row)?);
    }
    Ok(entries)
}

/// The first value that comes after all texts with this prefix.
fn end_of(prefix: &str) -> Value {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            last => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            end.push(next);
            return Value::Text(end);
        }
    }
    // SQLite orders every text before every blob.
    Value::Blob(Vec::new())
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let bytes = |column| row.get_ref(column)?.as_blob().map(Bytes::copy_from_slice).map_err(rusqlite::Error::from);
    Ok(Entry {
        key: row.get(0)?,
        revision: row.get::<_, Revision>(1)?,
        expires: row.get(2)?,
        meta: bytes(3)?,
        value: bytes(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_is_the_next_text_that_has_it_not() {
        for (prefix, end) in [("a", "b"), ("az", "a{"), ("a\u{10ffff}", "b"), ("\u{d7ff}", "\u{e000}"), ("%", "&")] {
            assert_eq!(end_of(prefix), Value::Text(end.to_owned()), "{prefix}");
        }
        for prefix in ["", "\u{10ffff}", "\u{10ffff}\u{10ffff}"] {
            assert_eq!(end_of(prefix), Value::Blob(Vec::new()), "{prefix}");
        }
    }
}
