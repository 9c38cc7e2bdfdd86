//! What SQLite's failures mean.

use super::schema;
use crate::storage::Error;
use crate::storage::folder::Folder;
use rusqlite::{ErrorCode, ffi};
use std::path::PathBuf;

/// What to make of SQLite's failure to do `doing` ("read", "write to") with the database of `folder`.
pub(super) fn from_sqlite(folder: &Folder, doing: &str, cause: rusqlite::Error) -> Error {
    let path = schema::path(folder);
    let shown = path.display();
    match &cause {
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DiskFull => Error::Full,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Error::Corrupt(format!("`{shown}`: {cause}")),
            _ if failure.extended_code == ffi::SQLITE_IOERR_CORRUPTFS => Error::Corrupt(format!("`{shown}`: {cause}")),
            ErrorCode::SystemIoFailure | ErrorCode::CannotOpen if folder.is_full(end_of_files(path.clone())) => {
                Error::Full
            }
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::Io(format!(
                "failed to {doing} `{shown}`: another program keeps it locked\n\
                 hint: close what else has the file open"
            )),
            ErrorCode::TooBig => Error::Io(format!("failed to {doing} `{shown}`: an entry is larger than 1 GB")),
            _ => Error::Io(format!("failed to {doing} `{shown}`: {cause}")),
        },
        // A column is not of the type that our tables give it.
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::QueryReturnedNoRows
        | rusqlite::Error::Utf8Error(..) => Error::Corrupt(format!("`{shown}`: {cause}")),
        _ => Error::Io(format!("failed to {doing} `{shown}`: {cause}")),
    }
}

/// Where the next page would be written: the length of the database or its log, whichever is longer.
fn end_of_files(database: PathBuf) -> u64 {
    let mut log = database.clone().into_os_string();
    log.push("-wal");
    let length = |path| std::fs::metadata(path).map_or(0, |file| file.len());
    length(database).max(length(log.into()))
}
