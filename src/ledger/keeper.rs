//! From batches to the store: each in one commit, with the number of its segment.
//!
//! ## Why
//! Whatever a batch changes, its rows and what is left of budgets, is in one commit with the batch's number. So a
//! segment whose number is stored is done with, and any other one is not: at whatever point the process ends, the next
//! start knows which to read again.

use super::batch::{Batch, Minute};
use super::book::{self, Book, Stored};
use super::rows::{self, Row};
use crate::storage::{self, Change, Entry, Expected, Listing, Revision, Storage};
use std::collections::HashMap;
use std::path::PathBuf;

/// `done` -> number of the newest batch that is stored, in decimal digits.
const BUCKET: &str = "ledger-journal";
const KEY: &str = "done";
/// Entries read or removed at a time.
pub(super) const PAGE: usize = 1_000;

/// A batch on its way into the store.
#[derive(Debug)]
pub(super) struct Pending {
    /// That of its newest segment.
    pub number: u64,
    pub batch: Batch,
    /// Its segments, to be removed afterwards.
    pub segments: Vec<PathBuf>,
}

/// The one who writes to the store.
pub(super) struct Keeper {
    pub storage: Storage,
    done: u64,
    /// The commit that wrote `done`.
    marked: Option<Revision>,
    /// Rows of the newest minutes, so that they need not be read again each second.
    recent: HashMap<String, Row>,
    /// The hours before this one are packed.
    packed: u32,
    /// What could not be stored yet.
    pub pending: Option<Pending>,
}

/// Whether a batch had to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marked {
    Now,
    /// An attempt that seemed to have failed, or was given up, had been made after all.
    Before,
}

impl Keeper {
    /// Reads how far the store is.
    pub async fn new(storage: Storage) -> Result<Self, storage::Error> {
        let mut keeper = Self { storage, done: 0, marked: None, recent: HashMap::new(), packed: 0, pending: None };
        keeper.read_mark().await?;
        Ok(keeper)
    }

    /// Number of the newest batch that is stored.
    pub fn done(&self) -> u64 {
        self.done
    }

    async fn read_mark(&mut self) -> Result<(), storage::Error> {
        let Some(entry) = self.storage.get(BUCKET, KEY).await? else { return Ok(()) };
        let number = std::str::from_utf8(&entry.value).ok().and_then(|text| text.parse().ok());
        self.done = number.ok_or_else(|| storage::Error::Corrupt(format!("`{KEY}` in `{BUCKET}` is no number")))?;
        self.marked = Some(entry.revision);
        Ok(())
    }

    /// Stores what is pending. On an error it stays so, and when whoever waits gives up.
    pub async fn store(&mut self, book: &Book) -> Result<(), storage::Error> {
        let Some(pending) = &self.pending else { return Ok(()) };
        let (number, budgets) = (pending.number, book.after(&pending.batch));
        let rows = rows_after(&self.storage, &self.recent, &pending.batch).await?;
        let changes = changes(&rows, &budgets);
        match self.mark(number, changes).await? {
            Marked::Now => {
                let newest = rows.iter().map(|(_, (minute, _))| *minute).max().unwrap_or_default();
                let recent = rows.into_iter().filter(|(_, (minute, _))| minute + 1 >= newest);
                self.recent = recent.map(|(key, (_, row))| (key, row)).collect();
                book.restore(budgets);
            }
            Marked::Before => {
                self.recent.clear();
                book.restore(stored_budgets(&self.storage).await?);
            }
        }
        let done = self.pending.take();
        for path in done.iter().flat_map(|pending| &pending.segments) {
            if let Err(error) = std::fs::remove_file(path) {
                // The next start finds it and sees that it is done with.
                tracing::warn!(path = %path.display(), %error, "failed to remove a segment of the ledger's journal");
            }
        }
        Ok(())
    }

    /// Commits `changes` together with the mark that the batch `number` is stored.
    async fn mark(&mut self, number: u64, mut changes: Vec<Change>) -> Result<Marked, storage::Error> {
        let expected = self.marked.map_or(Expected::Absent, Expected::Revision);
        changes.push(Change::put(BUCKET, KEY, expected, number.to_string()));
        match self.storage.commit(changes).await {
            Ok(revision) => {
                (self.done, self.marked) = (number, Some(revision));
                Ok(Marked::Now)
            }
            Err(error @ storage::Error::Conflict { .. }) => {
                self.read_mark().await?;
                if self.done >= number { Ok(Marked::Before) } else { Err(error) }
            }
            Err(error) => Err(error),
        }
    }

    /// Packs the rows of each hour before `hour` into one for each series, which holds the same. Gives the number of rows
    /// that were packed.
    pub async fn pack(&mut self, hour: u32) -> Result<usize, storage::Error> {
        let mut packed = 0;
        let mut after = Some(rows::hour_prefix(self.packed));
        loop {
            let page = self.storage.list(rows::BUCKET, "", after.as_deref(), PAGE, Listing::Keys).await?;
            let loose = page.iter().find(|entry| rows::is_minute(&entry.key)).and_then(|entry| rows::parse(&entry.key));
            match (loose, page.last()) {
                (Some((found, _)), _) if found >= hour => break,
                (Some((found, _)), _) => {
                    packed += self.pack_hour(found).await?;
                    after = Some(rows::hour_prefix(found + 1));
                }
                (None, Some(last)) if page.len() == PAGE => after = Some(last.key.clone()),
                (None, _) => break,
            }
        }
        self.packed = hour;
        Ok(packed)
    }

    async fn pack_hour(&mut self, hour: u32) -> Result<usize, storage::Error> {
        let mut packed: HashMap<String, Row> = HashMap::new();
        let mut changes = Vec::new();
        for entry in entries(&self.storage, &rows::hour_prefix(hour)).await? {
            let Some(((_, series), row)) = rows::parse(&entry.key).zip(Row::decode(&entry.value)) else {
                tracing::error!(key = entry.key, "a row of the ledger is damaged");
                continue;
            };
            let target = packed.entry(rows::packed_key(hour, &series)).or_default();
            row.tallies().for_each(|(minute, tally)| target.merge(minute, tally));
            if rows::is_minute(&entry.key) {
                // As it was read, or nothing of this is done.
                changes.push(Change::delete(rows::BUCKET, entry.key, Expected::Revision(entry.revision)));
            }
        }
        let count = changes.len();
        changes.extend(packed.iter().map(|(key, row)| Change::put(rows::BUCKET, key, Expected::Any, row.encode())));
        self.recent.clear();
        self.storage.commit(changes).await?;
        Ok(count)
    }

    /// Removes all rows of hours before `hour`, and counts them.
    pub async fn remove_before(&mut self, hour: u32) -> Result<usize, storage::Error> {
        let (mut removed, end) = (0, rows::hour_prefix(hour));
        loop {
            let mut page = self.storage.list(rows::BUCKET, "", None, PAGE, Listing::Keys).await?;
            let listed = page.len();
            page.retain(|entry| entry.key < end);
            if page.is_empty() {
                return Ok(removed);
            }
            let is_last = page.len() < listed;
            removed += page.len();
            let changes = page.into_iter().map(|entry| Change::delete(rows::BUCKET, entry.key, Expected::Any));
            self.storage.commit(changes.collect()).await?;
            if is_last {
                return Ok(removed);
            }
        }
    }
}

/// The rows that a batch changes, as they will be, by their keys and with their minutes.
async fn rows_after(
    storage: &Storage,
    recent: &HashMap<String, Row>,
    batch: &Batch,
) -> Result<HashMap<String, (Minute, Row)>, storage::Error> {
    let mut rows = HashMap::new();
    for (series, minute, tally) in batch.tallies() {
        let key = rows::key(minute, series);
        let mut row = match recent.get(&key) {
            Some(row) => row.clone(),
            None => stored_row(storage, &key).await?,
        };
        row.merge((minute % 60) as u8, tally);
        rows.insert(key, (minute, row));
    }
    Ok(rows)
}

async fn stored_row(storage: &Storage, key: &str) -> Result<Row, storage::Error> {
    let Some(entry) = storage.get(rows::BUCKET, key).await? else { return Ok(Row::default()) };
    Ok(Row::decode(&entry.value).unwrap_or_else(|| {
        tracing::error!(key, "a row of the ledger is damaged and begins anew");
        Row::default()
    }))
}

fn changes(rows: &HashMap<String, (Minute, Row)>, budgets: &[(book::Subject, Stored)]) -> Vec<Change> {
    let rows = rows.iter().map(|(key, (_, row))| Change::put(rows::BUCKET, key, Expected::Any, row.encode()));
    rows.chain(budgets.iter().map(|(subject, stored)| stored.put(subject))).collect()
}

/// What of the ledger and of budgets cannot be read, a sentence for each.
pub(super) async fn check(storage: &Storage) -> Result<Vec<String>, storage::Error> {
    let mut problems = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = storage.list(rows::BUCKET, "", after.as_deref(), PAGE, Listing::Values).await?;
        let damaged =
            page.iter().filter(|entry| rows::parse(&entry.key).is_none() || Row::decode(&entry.value).is_none());
        problems.extend(damaged.map(|entry| format!("`{}` in `{}` is damaged", entry.key, rows::BUCKET)));
        if page.len() < PAGE {
            break;
        }
        after = page.last().map(|entry| entry.key.clone());
    }
    for entry in entries_of(storage, book::BUCKET, "").await? {
        if Stored::decode(&entry).is_none() {
            problems.push(format!("`{}` in `{}` is damaged", entry.key, book::BUCKET));
        }
    }
    Ok(problems)
}

/// The budgets in the store.
pub(super) async fn stored_budgets(storage: &Storage) -> Result<Vec<(book::Subject, Stored)>, storage::Error> {
    let mut budgets = Vec::new();
    for entry in entries_of(storage, book::BUCKET, "").await? {
        let damaged = || storage::Error::Corrupt(format!("`{}` in `{}`", entry.key, book::BUCKET));
        budgets.push(Stored::decode(&entry).ok_or_else(damaged)?);
    }
    Ok(budgets)
}

async fn entries(storage: &Storage, prefix: &str) -> Result<Vec<Entry>, storage::Error> {
    entries_of(storage, rows::BUCKET, prefix).await
}

/// All entries whose keys begin with `prefix`.
async fn entries_of(storage: &Storage, bucket: &str, prefix: &str) -> Result<Vec<Entry>, storage::Error> {
    let mut all: Vec<Entry> = Vec::new();
    loop {
        let after = all.last().map(|entry| entry.key.clone());
        let page = storage.list(bucket, prefix, after.as_deref(), PAGE, Listing::Values).await?;
        let listed = page.len();
        all.extend(page);
        if listed < PAGE {
            return Ok(all);
        }
    }
}
