//! Writing entries: one thread that owns the writing connection.
//!
//! ## Why
//! A commit must be synced to the disk before it is acknowledged, and a sync takes far longer than the writing. So all
//! commits that wait are made in one transaction, synced once, and then answered ("group commit"). They still are apart:
//! all that a commit expects is looked at before it writes anything, so one that conflicts has nothing to undo; and when
//! SQLite fails, the whole group is undone and each commit is tried by itself, so one too large does not fail others.

use super::failure::from_sqlite;
use super::sweep;
use crate::storage::folder::Folder;
use crate::storage::{Action, Change, Changed, Error, Expected, Revision, now};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, TransactionBehavior};
use std::slice;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::sync::{broadcast, mpsc, oneshot};

/// Commits that may wait; further ones wait to be let in.
const QUEUE: usize = 256;
/// Commits in a group.
const GROUP_JOBS: usize = 128;
/// Bytes after which a group takes no more commits.
const GROUP_BYTES: usize = 8 * 1024 * 1024;

/// What the thread can be asked to do. Each is answered with a number.
pub(super) enum Task {
    /// Answered with the revision.
    Commit(Vec<Change>),
    /// Deletes some expired entries; answered with how many.
    Sweep,
    /// Gives some free pages back to the system; answered with how many.
    Shrink,
    /// Something to do to the connection, within the group's transaction; answered with 0.
    #[cfg(test)]
    Run(Arc<dyn Fn(&Connection) + Send + Sync>),
}

impl Task {
    fn bytes(&self) -> usize {
        let Self::Commit(changes) = self else { return 0 };
        let size = |change: &Change| match &change.action {
            Action::Put { meta, value, .. } => meta.len() + value.len(),
            Action::Delete => 0,
        };
        changes.iter().map(size).sum()
    }
}

struct Job {
    task: Task,
    answer: oneshot::Sender<Result<u64, Error>>,
}

/// The thread, and the way to it. When this is dropped, the thread does what waits and ends.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    #[cfg(test)]
    pub groups: Arc<std::sync::atomic::AtomicU64>,
}

impl Writer {
    pub fn start(
        connection: Connection,
        folder: Arc<Folder>,
        changes: broadcast::Sender<Changed>,
    ) -> Result<Self, Error> {
        let revision = connection
            .query_row("SELECT revision FROM state", [], |row| row.get(0))
            .map_err(|cause| from_sqlite(&folder, "read", cause))?;
        let (jobs, waiting) = mpsc::channel(QUEUE);
        #[cfg(test)]
        let groups = Arc::default();
        let work = Work {
            connection,
            revision,
            folder,
            changes,
            #[cfg(test)]
            groups: Arc::clone(&groups),
        };
        let thread = thread::Builder::new()
            .name("storage".to_owned())
            .spawn(move || work.run(waiting))
            .map_err(|cause| Error::Io(format!("failed to start storage's thread: {cause}")))?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            #[cfg(test)]
            groups,
        })
    }

    /// Waits until the task is done. It is done even if nobody waits any more.
    pub async fn ask(&self, task: Task) -> Result<u64, Error> {
        let stopped = || Error::Io("failed to write: storage has stopped".to_owned());
        let (answer, answered) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(Job { task, answer }).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // It has ended either way.
            let _ = thread.join();
        }
    }
}

struct Work {
    connection: Connection,
    /// Of the last commit.
    revision: Revision,
    folder: Arc<Folder>,
    changes: broadcast::Sender<Changed>,
    #[cfg(test)]
    groups: Arc<std::sync::atomic::AtomicU64>,
}

impl Work {
    fn run(mut self, mut waiting: mpsc::Receiver<Job>) {
        while let Some(first) = waiting.blocking_recv() {
            let mut bytes = first.task.bytes();
            let mut group = vec![first];
            while group.len() < GROUP_JOBS
                && bytes < GROUP_BYTES
                && let Ok(job) = waiting.try_recv()
            {
                bytes += job.task.bytes();
                group.push(job);
            }
            self.serve(group);
        }
    }

    /// Does a group and answers it. Who asked may be gone.
    fn serve(&mut self, group: Vec<Job>) {
        let (tasks, answers): (Vec<_>, Vec<_>) = group.into_iter().map(|job| (job.task, job.answer)).unzip();
        if tasks.len() > 1 {
            match self.together(&tasks) {
                Ok(results) => {
                    for (answer, result) in answers.into_iter().zip(results) {
                        let _ = answer.send(result);
                    }
                    return;
                }
                // The wait for the lock was long, and each would wait as long again.
                Err(cause) if cause.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                    let error = from_sqlite(&self.folder, "write to", cause);
                    for answer in answers {
                        let _ = answer.send(Err(error.clone()));
                    }
                    return;
                }
                Err(_) => {}
            }
        }
        for (answer, task) in answers.into_iter().zip(&tasks) {
            let _ = answer.send(self.alone(task));
        }
    }

    fn alone(&mut self, task: &Task) -> Result<u64, Error> {
        let failed = match self.together(slice::from_ref(task)) {
            Ok(mut results) => return results.pop().expect("one task has one result"),
            Err(cause) => from_sqlite(&self.folder, "write to", cause),
        };
        if failed != Error::Full {
            return Err(failed);
        }
        // The log may hold what is in the database already, or could be: then its room can be used again.
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        match self.together(slice::from_ref(task)) {
            Ok(mut results) => results.pop().expect("one task has one result"),
            Err(cause) => Err(from_sqlite(&self.folder, "write to", cause)),
        }
    }

    /// Does all tasks in one transaction, synced when this returns. On an error none is done.
    fn together(&mut self, tasks: &[Task]) -> rusqlite::Result<Vec<Result<u64, Error>>> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut revision = self.revision;
        let mut changed = Vec::new();
        let mut results = Vec::with_capacity(tasks.len());
        for task in tasks {
            results.push(match task {
                Task::Commit(changes) => match conflict(&transaction, changes)? {
                    Some(conflict) => Err(conflict),
                    None => {
                        revision += 1;
                        write(&transaction, changes, revision)?;
                        let entries = changes.iter().map(|change| (change.bucket.clone(), change.key.clone()));
                        changed.push(Changed { revision, entries: entries.collect() });
                        Ok(revision)
                    }
                },
                Task::Sweep => Ok(sweep::delete_expired(&transaction, now())?),
                Task::Shrink => Ok(sweep::give_back(&transaction)?),
                #[cfg(test)]
                Task::Run(run) => {
                    run(&transaction);
                    Ok(0)
                }
            });
        }
        if revision != self.revision {
            transaction.prepare_cached("UPDATE state SET revision = ?1")?.execute([revision])?;
        }
        transaction.commit()?;
        self.revision = revision;
        #[cfg(test)]
        self.groups.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        for changed in changed {
            // Nobody may be listening.
            let _ = self.changes.send(changed);
        }
        Ok(results)
    }
}

/// The first change that does not find what it expects.
fn conflict(connection: &Connection, changes: &[Change]) -> rusqlite::Result<Option<Error>> {
    let mut find = connection.prepare_cached(
        "SELECT revision FROM entries WHERE bucket = ?1 AND key = ?2 AND (expires IS NULL OR expires > ?3)",
    )?;
    let now = now();
    for Change { bucket, key, expected, .. } in changes {
        if *expected == Expected::Any {
            continue;
        }
        let found: Option<Revision> = find.query_row((bucket, key, now), |row| row.get(0)).optional()?;
        let holds = match expected {
            Expected::Any => true,
            Expected::Absent => found.is_none(),
            Expected::Revision(revision) => found == Some(*revision),
        };
        if !holds {
            return Ok(Some(Error::Conflict { bucket: bucket.clone(), key: key.clone() }));
        }
    }
    Ok(None)
}

fn write(connection: &Connection, changes: &[Change], revision: Revision) -> rusqlite::Result<()> {
    let mut put = connection.prepare_cached(
        "INSERT INTO entries (bucket, key, revision, expires, meta, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (bucket, key) DO UPDATE SET
         revision = excluded.revision, expires = excluded.expires, meta = excluded.meta, value = excluded.value",
    )?;
    let mut delete = connection.prepare_cached("DELETE FROM entries WHERE bucket = ?1 AND key = ?2")?;
    for Change { bucket, key, action, .. } in changes {
        match action {
            Action::Put { meta, value, expires } => {
                // SQLite's numbers end at 2^63: a time that no clock will see.
                let expires = expires.map(|expires| i64::try_from(expires).unwrap_or(i64::MAX));
                put.execute((bucket, key, revision, expires, &meta[..], &value[..]))?;
            }
            Action::Delete => {
                delete.execute((bucket, key))?;
            }
        }
    }
    Ok(())
}
