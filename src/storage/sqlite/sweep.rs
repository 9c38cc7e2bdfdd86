//! Deleting what has expired, in parts so small that commits do not wait for them.

use rusqlite::Connection;

/// Entries deleted at once.
const ENTRIES: usize = 256;
/// Bytes of values after which no more are deleted at once.
const BYTES: usize = 8 * 1024 * 1024;
/// Pages given back at once.
const PAGES: u64 = 1024;

/// Deletes some entries that expired at `now` (seconds since the epoch) or before, the oldest first, and counts them.
pub(super) fn delete_expired(connection: &Connection, now: u64) -> rusqlite::Result<u64> {
    let mut find = connection
        .prepare_cached("SELECT id, length(value) FROM entries WHERE expires <= ?1 ORDER BY expires LIMIT ?2")?;
    let mut delete = connection.prepare_cached("DELETE FROM entries WHERE id = ?1")?;
    let mut expired = Vec::new();
    let mut bytes = 0;
    let mut rows = find.query((now, ENTRIES))?;
    while bytes < BYTES
        && let Some(row) = rows.next()?
    {
        expired.push(row.get::<_, i64>(0)?);
        bytes += row.get::<_, usize>(1)?;
    }
    drop(rows);
    for id in &expired {
        delete.execute([id])?;
    }
    Ok(expired.len() as u64)
}

/// Gives some free pages back to the system if they are a quarter of the file or more, and counts them. The rest is kept
/// for what comes next.
pub(super) fn give_back(connection: &Connection) -> rusqlite::Result<u64> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, u64>(0));
    let (free, all) = (number("PRAGMA freelist_count")?, number("PRAGMA page_count")?);
    if free < PAGES || free < all / 4 {
        return Ok(0);
    }
    let mut vacuum = connection.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut rows = vacuum.query([])?;
    // Each row is a page.
    while rows.next()?.is_some() {}
    drop(rows);
    Ok(free.saturating_sub(number("PRAGMA freelist_count")?))
}
