//! The ledger: what every invocation used, counted once, by worker, version, route and minute; and budgets of fuel.
//!
//! ```text
//! count    an invocation has ended: one write to the journal, one sum in memory      (journal, batch, tally)
//! flush    about once a second: the sums go to the store, in one commit              (keeper, rows)
//! usage    what is in the store, put together by worker, version, route or time      (query)
//! take     before a run: fuel is set aside from the budgets that limit it            (book, budgets)
//! ```
//!
//! ## Why
//! A count that is only in memory is lost with the process, and a commit for each request would cost more than the
//! request. So an invocation is written to a journal before its client is answered, with one call of the system and no
//! sync, and what is in the journal goes to the store in batches. `journal` and `keeper` say why neither a lost nor a
//! doubled count can come of a crash.

mod batch;
mod book;
mod budgets;
mod bytes;
mod histogram;
mod journal;
mod keeper;
mod query;
mod rows;
mod tally;
#[cfg(test)]
mod tests;

pub use self::batch::{Minute, Series};
pub use self::book::{Budget, Grant, Refusal, Subject};
pub use self::query::{By, Group, Query};
pub use self::tally::{Tally, Work};

use self::batch::Batch;
use self::book::Book;
use self::journal::{Record, Segment};
use self::keeper::{Keeper, Pending};
use crate::meter::Outcome;
use crate::storage::{self, Storage};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;

/// How often what was counted goes to the store.
const INTERVAL: Duration = Duration::from_secs(1);
/// Bytes of a segment after which it goes there earlier.
const SEGMENT_BYTES: u64 = 16 << 20;
/// Rows of hours that ended this long ago are packed.
const PACK_AFTER: Duration = Duration::from_secs(2 * 3600);

/// An invocation that has ended.
#[derive(Debug)]
pub struct Entry {
    pub series: Series,
    pub outcome: Outcome,
    pub work: Work,
    /// What it ran on, if a budget limits it.
    pub grant: Option<Grant>,
}

/// What counts invocations and limits their fuel. Its lifetime is that of the process.
pub struct Ledger {
    open: Mutex<Open>,
    /// Requests that static assets answered. They are many and cost nothing, so they are not written down.
    assets: Mutex<HashMap<Series, u64>>,
    keeper: tokio::sync::Mutex<Keeper>,
    /// Held by who packs rows, and shared by who reads them: nobody may see a row both loose and packed.
    shape: tokio::sync::RwLock<()>,
    book: Arc<Book>,
    /// Where the journal is; without one, what is not stored ends with the process.
    folder: Option<PathBuf>,
    /// Told when a segment is large.
    full: Notify,
}

/// What is being counted.
struct Open {
    /// That of the segment, and of the batch.
    number: u64,
    batch: Batch,
    segment: Option<Segment>,
    /// It was said that the journal cannot be written.
    is_failing: bool,
}

impl Ledger {
    /// A ledger in `storage` whose journal is in `folder`. What an earlier process left there is stored first.
    pub async fn open(storage: Storage, folder: &Path) -> Result<Self, storage::Error> {
        let failed = |doing: &str, cause: io::Error| {
            storage::Error::Io(format!("failed to {doing} the ledger's journal in `{}`: {cause}", folder.display()))
        };
        journal::prepare(folder).map_err(|cause| failed("make", cause))?;
        let mut keeper = Keeper::new(storage).await?;
        let found = journal::segments(folder).map_err(|cause| failed("list", cause))?;
        let newest = found.last().map_or(0, |(number, _)| *number).max(keeper.done());
        keeper.pending = left_over(found, keeper.done()).map_err(|cause| failed("read", cause))?;
        let ledger = Self::with(keeper, Some(folder.to_owned()), newest + 1).await?;
        ledger.flush_or_say().await;
        Ok(ledger)
    }

    /// A ledger without a journal.
    pub async fn unwritten(storage: Storage) -> Result<Self, storage::Error> {
        let keeper = Keeper::new(storage).await?;
        let number = keeper.done() + 1;
        Self::with(keeper, None, number).await
    }

    async fn with(keeper: Keeper, folder: Option<PathBuf>, number: u64) -> Result<Self, storage::Error> {
        let book = Arc::new(Book::default());
        let spent: HashMap<_, _> = keeper.pending.iter().flat_map(|pending| pending.batch.spent()).collect();
        for (subject, stored) in keeper::stored_budgets(&keeper.storage).await? {
            let unstored = spent.get(&stored.id).copied().unwrap_or_default();
            book.open(subject, stored, stored.spent.saturating_add(unstored));
        }
        let mut open = Open { number, batch: Batch::default(), segment: None, is_failing: false };
        open.begin_segment(folder.as_deref());
        let (open, keeper) = (Mutex::new(open), tokio::sync::Mutex::new(keeper));
        let (assets, shape, full) = (Mutex::default(), tokio::sync::RwLock::default(), Notify::new());
        Ok(Self { open, assets, keeper, shape, book, folder, full })
    }

    /// Counts an invocation. When this returns, it is counted even if the process ends at once.
    pub fn count(&self, entry: Entry) {
        self.count_at(entry, now());
    }

    fn count_at(&self, entry: Entry, minute: Minute) {
        let Entry { series, outcome, work, grant } = entry;
        let budgets = grant.as_ref().map_or(&[][..], Grant::budgets);
        let is_full = {
            let mut open = self.lock();
            let id = open.batch.id(&series);
            open.write_down(&Record { id, series: &series, minute, outcome, work: &work, budgets });
            open.batch.add(id, minute, outcome, &work, budgets);
            open.segment.as_ref().is_some_and(|segment| segment.length() >= SEGMENT_BYTES)
        };
        if let Some(grant) = grant {
            grant.settle(work.fuel);
        }
        if is_full {
            self.full.notify_one();
        }
    }

    /// Counts a request that static assets answered. Those of the last second are lost when the process is killed.
    pub fn count_asset(&self, series: Series) {
        *self.assets.lock().unwrap_or_else(PoisonError::into_inner).entry(series).or_default() += 1;
    }

    /// Takes fuel for an invocation from the budgets that limit it: that of `worker`, and that of the token `author`
    /// which published the version. None if there are none; never more than `limit`. Waits a little for invocations
    /// that hold what is left.
    pub async fn take(&self, worker: &str, author: &str, limit: u64) -> Result<Option<Grant>, Refusal> {
        self.book.take(worker, author, limit).await
    }

    /// Stores what was counted, about once a second. Never ends.
    pub async fn run(&self) {
        let mut fails = false;
        loop {
            // Full or not, it is time.
            let _ = tokio::time::timeout(INTERVAL, self.full.notified()).await;
            let stored = self.flush().await;
            let failed = stored.is_err();
            match (stored, fails) {
                (Ok(()), true) => tracing::info!("the ledger is stored again"),
                (Err(error), false) => tracing::error!(%error, "failed to store the ledger; it is tried again"),
                (Ok(()), false) | (Err(_), true) => {}
            }
            fails = failed;
        }
    }

    /// The same once, for the start and the end.
    pub async fn flush_or_say(&self) {
        if let Err(error) = self.flush().await {
            tracing::error!(%error, "failed to store the ledger");
        }
    }

    /// Stores all that was counted before. What cannot be stored is kept, and tried again with the next call.
    pub async fn flush(&self) -> Result<(), storage::Error> {
        let mut keeper = self.keeper.lock().await;
        self.flush_with(&mut keeper).await
    }

    async fn flush_with(&self, keeper: &mut Keeper) -> Result<(), storage::Error> {
        keeper.store(&self.book).await?;
        keeper.pending = self.rotate();
        keeper.store(&self.book).await
    }

    /// Ends the batch and begins another. None if there is nothing in it.
    fn rotate(&self) -> Option<Pending> {
        let assets = std::mem::take(&mut *self.assets.lock().unwrap_or_else(PoisonError::into_inner));
        let mut open = self.lock();
        for (series, times) in assets {
            let id = open.batch.id(&series);
            open.batch.add_assets(id, now(), times);
        }
        if open.batch.is_empty() {
            if open.segment.is_none() {
                open.begin_segment(self.folder.as_deref());
            }
            return None;
        }
        let (number, batch) = (open.number, std::mem::take(&mut open.batch));
        let segment = open.segment.take();
        open.number += 1;
        open.begin_segment(self.folder.as_deref());
        Some(Pending { number, batch, segments: segment.iter().map(|segment| segment.path().to_owned()).collect() })
    }

    /// Packs old rows, and removes those of invocations that ended longer than `kept` ago.
    pub async fn sweep(&self, kept: Duration) -> Result<(), storage::Error> {
        self.sweep_at(now(), kept).await
    }

    async fn sweep_at(&self, now: Minute, kept: Duration) -> Result<(), storage::Error> {
        let hour_before = |ago: Duration| now.saturating_sub(minutes(ago)) / 60;
        let _shape = self.shape.write().await;
        let mut keeper = self.keeper.lock().await;
        keeper.remove_before(hour_before(kept)).await?;
        keeper.pack(hour_before(PACK_AFTER)).await?;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Writes to the journal. What cannot be written is counted all the same, though not proof against a crash until it
    /// is stored.
    fn write_down(&mut self, record: &Record<'_>) {
        let Some(segment) = &mut self.segment else { return };
        let written = segment.append(record);
        self.say(written);
    }

    /// Begins a segment with the batch's number.
    fn begin_segment(&mut self, folder: Option<&Path>) {
        let Some(folder) = folder else { return };
        let made = Segment::create(folder, self.number).map(|segment| self.segment = Some(segment));
        self.say(made);
    }

    /// Logs when the journal begins to fail, and when it works again.
    fn say(&mut self, result: io::Result<()>) {
        match (result, self.is_failing) {
            (Ok(()), true) => tracing::info!("the ledger's journal is written again"),
            (Err(error), false) => tracing::error!(
                %error,
                "failed to write the ledger's journal; until it can be, a crash loses what was counted in the last second"
            ),
            (Ok(()), false) | (Err(_), true) => return,
        }
        self.is_failing = !self.is_failing;
    }
}

/// Reads the segments that are not stored, and removes the others.
fn left_over(found: Vec<(u64, PathBuf)>, done: u64) -> io::Result<Option<Pending>> {
    let mut pending: Option<Pending> = None;
    for (number, path) in found {
        if number <= done {
            std::fs::remove_file(&path)?;
            continue;
        }
        let replayed = journal::replay(&path)?;
        if replayed.torn > 0 {
            tracing::warn!(path = %path.display(), bytes = replayed.torn, "the end of the ledger's journal is cut off");
        }
        let pending = pending.get_or_insert_with(|| Pending { number, batch: Batch::default(), segments: Vec::new() });
        pending.number = number;
        pending.batch.merge(&replayed.batch);
        pending.segments.push(path);
    }
    Ok(pending)
}

/// What of the ledger in `storage` cannot be read, a sentence for each; none if all is well.
pub async fn check(storage: &Storage) -> Result<Vec<String>, storage::Error> {
    keeper::check(storage).await
}

/// This minute.
fn now() -> Minute {
    minutes(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}

/// Whole minutes.
fn minutes(duration: Duration) -> Minute {
    Minute::try_from(duration.as_secs() / 60).unwrap_or(Minute::MAX)
}
