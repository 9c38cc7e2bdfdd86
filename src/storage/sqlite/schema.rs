//! The database file: its tables, its version, and connections to it.
//!
//! ## Why
//! `entries` has row ids. As a `WITHOUT ROWID` table it would be a B-tree of whole rows, and SQLite reads a row's
//! overflow pages to compare it: each look-up would read the large values it passes on its way. Here keys are compared
//! in an index of keys alone, and `value` is last, so a listing never reaches the pages it spills to.

use super::failure::from_sqlite;
use crate::storage::Error;
use crate::storage::folder::Folder;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::PathBuf;
use std::time::Duration;

/// Of the tables below. A change of them has a higher one and a step in `prepare` that leads there.
const VERSION: i64 = 1;
/// Marks the file as ours: "glow".
const APPLICATION: i64 = 0x676c_6f77;
/// How long to wait for a lock. Only another program that has the file open can hold one.
const BUSY: Duration = Duration::from_secs(5);

const TABLES: &str = "
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY,
        bucket TEXT NOT NULL,
        key TEXT NOT NULL,
        revision INTEGER NOT NULL,
        expires INTEGER,
        meta BLOB NOT NULL,
        value BLOB NOT NULL,
        UNIQUE (bucket, key)
    ) STRICT;
    CREATE INDEX entries_expires ON entries (expires) WHERE expires IS NOT NULL;
    CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 0), revision INTEGER NOT NULL) STRICT;
    INSERT INTO state (id, revision) VALUES (0, 0);
";

/// The database in `folder`.
pub(super) fn path(folder: &Folder) -> PathBuf {
    folder.root().join("glowplug.db")
}

/// The connection that writes. Makes the database if there is none.
pub(super) fn open_to_write(folder: &Folder) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |cause| from_sqlite(folder, "open", cause);
    let mut connection = Connection::open_with_flags(path(folder), flags).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    let state = state(&connection).map_err(failed)?;
    if state == State::Empty {
        // Has no effect once there is a table. Sweeping gives freed pages back to the system with it.
        connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL").map_err(failed)?;
    }
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(failed)?;
    if mode != "wal" {
        return Err(Error::Io(format!(
            "failed to open `{}`: its file system cannot share memory between processes, as SQLite's WAL needs\n\
             hint: choose a folder on a local disk",
            path(folder).display()
        )));
    }
    // FULL syncs the log at each commit: what was acknowledged outlives a power cut. The fullfsync ones are for macOS.
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
             PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;
             PRAGMA trusted_schema = OFF;",
        )
        .map_err(failed)?;
    match state {
        State::Empty => create_tables(&mut connection).map_err(failed)?,
        State::Ours(VERSION) => {}
        State::Ours(found) => return Err(unknown_version(folder, found)),
        State::Foreign => return Err(foreign(folder)),
    }
    Ok(connection)
}

/// A connection that only reads. The database must be there.
pub(super) fn open_to_read(folder: &Folder) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |cause| from_sqlite(folder, "open", cause);
    let connection = Connection::open_with_flags(path(folder), flags).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    connection
        .execute_batch("PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;")
        .map_err(failed)?;
    match state(&connection).map_err(failed)? {
        State::Ours(VERSION) => Ok(connection),
        State::Ours(found) => Err(unknown_version(folder, found)),
        State::Empty | State::Foreign => Err(foreign(folder)),
    }
}

#[derive(PartialEq)]
enum State {
    Empty,
    Ours(i64),
    Foreign,
}

fn state(connection: &Connection) -> rusqlite::Result<State> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    if number("PRAGMA application_id")? == APPLICATION {
        return Ok(State::Ours(number("PRAGMA user_version")?));
    }
    let is_empty = number("SELECT count(*) FROM sqlite_schema")? == 0;
    Ok(if is_empty { State::Empty } else { State::Foreign })
}

/// In one transaction with the marks, so that a crash leaves an empty database or a whole one.
fn create_tables(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

fn unknown_version(folder: &Folder, found: i64) -> Error {
    Error::Io(format!(
        "`{}` has format {found}, and this glowplug knows format {VERSION} only\n\
         hint: run the glowplug that wrote it, or a newer one",
        path(folder).display()
    ))
}

fn foreign(folder: &Folder) -> Error {
    Error::Io(format!(
        "`{}` is not a database of glowplug\nhint: choose another folder with `--data`",
        path(folder).display()
    ))
}
