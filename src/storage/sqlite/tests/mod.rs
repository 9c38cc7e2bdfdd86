//! What holds of storage in a folder, besides what holds of all storage.

mod crash;
mod damage;
mod full;
mod measure;

use crate::digest::Digest;
use crate::storage::conformance::{FUTURE, PAST, put, storage_conformance};
use crate::storage::sqlite::schema;
use crate::storage::sqlite::writer::{Task, Writer};
use crate::storage::{Action, Change, Error, Expected, Listing, Storage};
use bytes::Bytes;
use rusqlite::Connection;
use std::convert::Infallible;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, mpsc};
use std::{fs, process};
use tempfile::TempDir;
use tokio::task::JoinSet;

async fn make() -> (Storage, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (Storage::open(dir.path()).unwrap(), dir)
}

storage_conformance!(make);

fn writer(storage: &Storage) -> &Writer {
    let Storage::Sqlite(sqlite) = storage else { panic!("made by `make`") };
    sqlite.0.writer.as_ref().unwrap()
}

/// Runs `run` on the writing connection.
async fn with_connection(storage: &Storage, run: impl Fn(&Connection) + Send + Sync + 'static) {
    writer(storage).ask(Task::Run(Arc::new(run))).await.unwrap();
}

async fn value(storage: &Storage, key: &str) -> Option<Bytes> {
    storage.get("b", key).await.unwrap().map(|entry| entry.value)
}

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let (storage, dir) = make().await;
    let action = Action::Put { meta: "m".into(), value: "v".into(), expires: Some(FUTURE) };
    let change = Change { bucket: "b".into(), key: "k".into(), expected: Expected::Absent, action };
    let first = storage.commit(vec![change]).await.unwrap();
    // The last commit leaves no entry: its revision must not be given again all the same.
    let last = storage.commit(vec![Change::delete("b", "x", Expected::Any)]).await.unwrap();
    let digest = Digest::of(b"blob");
    storage.put_blob(digest, "blob".into()).await.unwrap();
    let before = storage.get("b", "k").await.unwrap().unwrap();
    drop(storage);
    assert!(!dir.path().join("glowplug.db-wal").exists(), "the log is put into the database at the end");

    let storage = Storage::open(dir.path()).unwrap();
    assert_eq!(storage.get("b", "k").await.unwrap().unwrap(), before);
    assert_eq!(before.revision, first);
    assert_eq!(storage.get_blob(digest).await.unwrap().unwrap(), "blob");
    assert!(storage.commit(vec![put("k", "2")]).await.unwrap() > last);
    assert_eq!(storage.check().await, Ok(vec![]));
}

#[tokio::test]
async fn a_second_one_is_told_that_the_folder_is_in_use() {
    let (storage, dir) = make().await;
    let Err(Error::InUse(message)) = Storage::open(dir.path()) else { panic!("it is in use") };
    let expected = format!(
        "folder `{}` is in use by another glowplug (process {})\n\
         hint: stop that one first, or choose another folder with `--data`",
        dir.path().display(),
        process::id()
    );
    assert_eq!(message, expected);
    let clone = storage.clone();
    drop(storage);
    assert!(matches!(Storage::open(dir.path()), Err(Error::InUse(_))), "a clone still has it");
    drop(clone);
    Storage::open(dir.path()).unwrap();
}

#[tokio::test]
async fn the_folder_is_for_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let nested = dir.path().join("not/there");
    let storage = Storage::open(&nested).unwrap();
    storage.put_blob(Digest::of(b"a"), "a".into()).await.unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&nested), 0o700);
        assert_eq!(mode(&nested.join("blobs")), 0o700);
    }
}

#[tokio::test]
async fn reading_alone_works_beside_the_one_that_writes_and_changes_nothing() {
    let (storage, dir) = make().await;
    storage.commit(vec![put("k", "1")]).await.unwrap();
    let digest = Digest::of(b"a");
    storage.put_blob(digest, "a".into()).await.unwrap();
    let reader = Storage::open_read_only(dir.path()).unwrap();
    assert_eq!(value(&reader, "k").await.unwrap(), "1");
    storage.commit(vec![put("k", "2")]).await.unwrap();
    assert_eq!(value(&reader, "k").await.unwrap(), "2");
    assert_eq!(reader.get_blob(digest).await.unwrap().unwrap(), "a");
    assert_eq!(reader.check().await, Ok(vec![]));
    let refused = Error::Io(format!("failed to write to `{}`: it is open for reading only", dir.path().display()));
    assert_eq!(reader.commit(vec![put("k", "3")]).await, Err(refused.clone()));
    assert_eq!(reader.put_blob(digest, "a".into()).await, Err(refused.clone()));
    assert_eq!(reader.delete_blob(digest).await, Err(refused.clone()));
    assert_eq!(reader.sweep().await, Err(refused));
    drop(storage);
    assert_eq!(value(&reader, "k").await.unwrap(), "2");
}

#[test]
fn reading_alone_needs_something_to_read() {
    let dir = tempfile::tempdir().unwrap();
    let Err(Error::Io(message)) = Storage::open_read_only(dir.path()) else { panic!("nothing is there") };
    assert!(message.contains("has no data of glowplug\nhint: "), "{message}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn waiting_commits_are_synced_together() {
    let (storage, _dir) = make().await;
    let groups = || writer(&storage).groups.load(Ordering::Relaxed);
    let (release, released) = mpsc::channel::<Infallible>();
    let released = Mutex::new(released);
    let held = {
        let storage = storage.clone();
        tokio::spawn(async move {
            with_connection(&storage, move |_| {
                let _ = released.lock().unwrap().recv();
            })
            .await
        })
    };
    let before = groups();
    let mut commits = JoinSet::new();
    for index in 0..100 {
        let storage = storage.clone();
        // Every tenth expects what is not so, which must not hurt its neighbours.
        let expected = if index % 10 == 0 { Expected::Revision(9999) } else { Expected::Absent };
        commits.spawn(async move { storage.commit(vec![Change::put("b", index.to_string(), expected, "v")]).await });
    }
    // All tasks have run until they waited for their answers, on this runtime's only thread.
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    drop(release);
    held.await.unwrap();
    let (made, refused): (Vec<_>, Vec<_>) = commits.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (90, 10));
    assert!(groups() - before <= 3, "{} groups", groups() - before);
    assert_eq!(storage.list("b", "", None, 200, Listing::Keys).await.unwrap().len(), 90);
}

#[tokio::test]
async fn a_commit_that_nobody_waits_for_is_made_before_the_end() {
    let (storage, dir) = make().await;
    for index in 0..50 {
        let commit = storage.commit(vec![put(&index.to_string(), "v")]);
        tokio::select! { biased; _ = commit => {}, () = std::future::ready(()) => {} }
    }
    drop(storage);
    let storage = Storage::open(dir.path()).unwrap();
    assert_eq!(storage.list("b", "", None, 100, Listing::Keys).await.unwrap().len(), 50);
}

#[tokio::test]
async fn a_sweep_gives_room_back() {
    let (storage, dir) = make().await;
    let value = Bytes::from(vec![7; 1 << 20]);
    for index in 0..40 {
        let action = Action::Put { meta: Bytes::new(), value: value.clone(), expires: Some(PAST) };
        let change = Change { bucket: "b".into(), key: index.to_string(), expected: Expected::Any, action };
        storage.commit(vec![change]).await.unwrap();
    }
    assert_eq!(storage.sweep().await, Ok(40));
    drop(storage);
    let length = fs::metadata(dir.path().join("glowplug.db")).unwrap().len();
    assert!(length < 8 << 20, "{length}");
}

#[tokio::test]
async fn listing_keys_does_not_read_values() {
    let (storage, dir) = make().await;
    let value = Bytes::from(vec![7; 4 << 20]);
    let changes = (0..8).map(|index| Change::put("b", index.to_string(), Expected::Any, value.clone())).collect();
    storage.commit(changes).await.unwrap();
    drop(storage);
    // With most of the values' pages overwritten, the keys are still listed, and found by the keys beside them.
    let path = dir.path().join("glowplug.db");
    let mut bytes = fs::read(&path).unwrap();
    for page in bytes.chunks_mut(4096).filter(|page| page[1000..] == [7; 3096]) {
        page[..4].copy_from_slice(&[0xff; 4]);
    }
    fs::write(&path, bytes).unwrap();
    let storage = Storage::open(dir.path()).unwrap();
    assert_eq!(storage.list("b", "", None, 100, Listing::Keys).await.unwrap().len(), 8);
    assert_eq!(storage.get("b", "absent").await, Ok(None));
    assert!(matches!(storage.get("b", "3").await, Err(Error::Corrupt(_))));
}

#[tokio::test]
async fn look_ups_use_the_index() {
    let (storage, dir) = make().await;
    let connection = schema::open_to_read(&crate::storage::folder::Folder::existing(dir.path())).unwrap();
    let plan = |sql: &str| -> String {
        connection.query_row(&format!("EXPLAIN QUERY PLAN {sql}"), [], |row| row.get("detail")).unwrap()
    };
    let listing = "SELECT key, meta FROM entries WHERE bucket = 'b' AND key >= 'a' AND key < 'b'
                   AND (expires IS NULL OR expires > 5) ORDER BY key LIMIT 3";
    assert_eq!(plan(listing), "SEARCH entries USING INDEX sqlite_autoindex_entries_1 (bucket=? AND key>? AND key<?)");
    let expired = "SELECT id, length(value) FROM entries WHERE expires <= 5 ORDER BY expires LIMIT 3";
    assert_eq!(plan(expired), "SEARCH entries USING INDEX entries_expires (expires<?)");
    drop(storage);
}
