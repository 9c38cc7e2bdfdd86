//! Storage in a folder: entries in SQLite, blobs as files.
//!
//! Writing goes through one thread ([`writer`]), reading through a few connections ([`reader`]); WAL lets them work at the
//! same time. What SQLite says is translated in [`failure`].

mod failure;
mod reader;
mod schema;
mod sweep;
#[cfg(test)]
mod tests;
mod writer;

use self::failure::from_sqlite;
use self::reader::{Range, Readers};
use self::writer::{Task, Writer};
use super::blobs::Blobs;
use super::folder::Folder;
use super::{Change, Changed, Entry, Error, Listing, Revision, WATCH_BUFFER};
use crate::digest::Digest;
use bytes::Bytes;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::broadcast;
use tokio::task::spawn_blocking;

/// Entries and blobs in a folder. When the last clone is dropped, the folder can be opened again.
#[derive(Clone)]
pub struct Sqlite(Arc<Inner>);

/// In the order in which they must go: the writer closes last, so that it can put the log into the database.
struct Inner {
    readers: Arc<Readers>,
    /// None when open for reading only.
    writer: Option<Writer>,
    changes: broadcast::Sender<Changed>,
    blobs: Blobs,
    folder: Arc<Folder>,
}

impl Sqlite {
    pub(super) fn open(dir: &Path) -> Result<Self, Error> {
        let folder = Arc::new(Folder::create(dir)?);
        let connection = schema::open_to_write(&folder)?;
        // SQLite syncs the file, and not its name.
        super::folder::sync_dir(dir)?;
        let changes = broadcast::channel(WATCH_BUFFER).0;
        let writer = Writer::start(connection, Arc::clone(&folder), changes.clone())?;
        Self::with(folder, Some(writer), changes)
    }

    pub(super) fn open_read_only(dir: &Path) -> Result<Self, Error> {
        let folder = Arc::new(Folder::existing(dir));
        if !schema::path(&folder).exists() {
            return Err(Error::Io(format!(
                "folder `{}` has no data of glowplug\nhint: name the folder that `glowplug serve` works in",
                dir.display()
            )));
        }
        Self::with(folder, None, broadcast::channel(1).0)
    }

    fn with(folder: Arc<Folder>, writer: Option<Writer>, changes: broadcast::Sender<Changed>) -> Result<Self, Error> {
        let readers = Arc::new(Readers::open(Arc::clone(&folder))?);
        let blobs = Blobs::new(Arc::clone(&folder));
        Ok(Self(Arc::new(Inner { readers, writer, changes, blobs, folder })))
    }

    pub(super) async fn get(&self, bucket: &str, key: &str) -> Result<Option<Entry>, Error> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        self.0.readers.read(move |connection| reader::get(connection, &bucket, &key)).await
    }

    pub(super) async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        listing: Listing,
    ) -> Result<Vec<Entry>, Error> {
        let (bucket, prefix, after) = (bucket.to_owned(), prefix.to_owned(), after.map(str::to_owned));
        let range = Range { bucket, prefix, after, limit, listing };
        self.0.readers.read(move |connection| reader::list(connection, &range)).await
    }

    pub(super) async fn revision(&self) -> Result<Revision, Error> {
        self.0.readers.read(reader::revision).await
    }

    pub(super) async fn commit(&self, changes: Vec<Change>) -> Result<Revision, Error> {
        self.writer()?.ask(Task::Commit(changes)).await
    }

    pub(super) async fn sweep(&self) -> Result<u64, Error> {
        let writer = self.writer()?;
        let mut deleted = 0;
        loop {
            match writer.ask(Task::Sweep).await? {
                0 => break,
                some => deleted += some,
            }
        }
        while writer.ask(Task::Shrink).await? > 0 {}
        Ok(deleted)
    }

    fn writer(&self) -> Result<&Writer, Error> {
        self.0.writer.as_ref().ok_or_else(|| {
            Error::Io(format!("failed to write to `{}`: it is open for reading only", self.0.folder.root().display()))
        })
    }

    pub(super) fn watch(&self) -> broadcast::Receiver<Changed> {
        self.0.changes.subscribe()
    }

    pub(super) async fn put_blob(&self, digest: Digest, bytes: Bytes) -> Result<(), Error> {
        self.writer()?;
        self.with_blobs(move |blobs| blobs.put(digest, &bytes)).await
    }

    pub(super) async fn get_blob(&self, digest: Digest) -> Result<Option<Bytes>, Error> {
        self.with_blobs(move |blobs| blobs.get(digest)).await
    }

    pub(super) async fn has_blob(&self, digest: Digest) -> Result<bool, Error> {
        self.with_blobs(move |blobs| blobs.has(digest)).await
    }

    pub(super) async fn delete_blob(&self, digest: Digest) -> Result<(), Error> {
        self.writer()?;
        self.with_blobs(move |blobs| blobs.delete(digest)).await
    }

    pub(super) async fn blobs(&self) -> Result<Vec<Digest>, Error> {
        self.with_blobs(Blobs::all).await
    }

    pub(super) async fn check(&self) -> Result<Vec<String>, Error> {
        let folder = Arc::clone(&self.0.folder);
        self.with_blobs(move |blobs| {
            // A connection of its own: this may take minutes.
            let connection = schema::open_to_read(&folder)?;
            let mut problems = match check_entries(&connection).map_err(|cause| from_sqlite(&folder, "read", cause)) {
                Err(Error::Corrupt(what)) => vec![what],
                other => other?,
            };
            problems.extend(blobs.check()?);
            Ok(problems)
        })
        .await
    }

    async fn with_blobs<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Blobs) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let blobs = self.0.blobs.clone();
        let done = spawn_blocking(move || work(&blobs)).await;
        done.map_err(|_| Error::Io("failed to reach the blobs: the process is stopping".to_owned()))?
    }
}

/// What is wrong with the database, a line each.
fn check_entries(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let found = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let lines = found.iter().flat_map(|text| text.lines()).filter(|line| *line != "ok");
    let mut problems: Vec<_> = lines.map(|line| format!("`glowplug.db`: {line}")).collect();
    let (last, highest): (i64, Option<i64>) = connection.query_row(
        "SELECT (SELECT revision FROM state), (SELECT max(revision) FROM entries)",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if let Some(highest) = highest
        && highest > last
    {
        problems.push(format!("`glowplug.db`: an entry is of commit {highest}, but the last commit was {last}"));
    }
    Ok(problems)
}
