//! The audit log: who did what through the admin API, and how it ended.
//!
//! Keys count down with time, so that a listing has the newest first, as it is read, and what is to be removed at its
//! end.

use super::records::{bucket, decode, encode};
use super::secret::random_hex;
use super::{Error, Registry};
use crate::storage::{Change, Expected, Listing};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long entries are kept.
pub const AUDIT_RETENTION: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How many entries are kept, the newest: a flood of refused requests must not fill the disk.
pub const AUDIT_MOST: usize = 100_000;

/// Bytes of each text in an entry; what is past it is cut off.
const LONGEST_TEXT: usize = 2_048;

/// Entries read or removed at a time.
const CHUNK: usize = 1_000;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    pub at: Timestamp,
    /// Name and id of the token; none if there was no valid one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<AuditToken>,
    /// What was asked for, such as `publish`.
    pub action: String,
    /// Of what, such as a worker's name.
    pub target: String,
    pub outcome: AuditOutcome,
    /// More about it, such as the version's id or the error. Never a secret.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Address of the client.
    pub address: String,
}

/// The token that something was done with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditToken {
    pub name: String,
    pub id: String,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    Done,
    /// The client may not, or asked for what cannot be.
    Refused,
    /// The server failed.
    Failed,
}

/// A part of the log, the newest entries first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    pub entries: Vec<AuditEntry>,
    /// Where the next part begins; none at the end.
    pub next: Option<String>,
}

impl Registry {
    /// Adds an entry.
    pub async fn append_audit(&self, mut entry: AuditEntry) -> Result<(), Error> {
        for text in [&mut entry.action, &mut entry.target, &mut entry.detail, &mut entry.address] {
            text.truncate(text.floor_char_boundary(LONGEST_TEXT));
        }
        // The random part keeps entries of one instant apart.
        let key = format!("{}-{}", inverted(entry.at), random_hex::<4>());
        self.storage().commit(vec![Change::put(bucket::AUDIT, key, Expected::Absent, encode(&entry))]).await?;
        Ok(())
    }

    /// Up to `limit` entries, the newest first, from where an earlier page ended.
    pub async fn audit(&self, after: Option<&str>, limit: usize) -> Result<AuditPage, Error> {
        let found = self.storage().list(bucket::AUDIT, "", after, limit, Listing::Values).await?;
        let next = found.last().filter(|_| found.len() == limit).map(|entry| entry.key.clone());
        let entries = found.iter().map(|entry| decode(bucket::AUDIT, entry)).collect::<Result<_, _>>()?;
        Ok(AuditPage { entries, next })
    }

    /// Removes what is past its retention and finishes what a crash cut short. To be called at the start and then now
    /// and again, such as every hour. Gives the number of things removed.
    pub async fn sweep(&self) -> Result<usize, Error> {
        let mut removed = self.finish_deletions().await?;
        // Comes after all entries of that very instant.
        let oldest = format!("{}-~", inverted(self.shared.clock.now() - AUDIT_RETENTION));
        removed += self.remove_audit(Some(oldest)).await?;
        let mut last = None;
        for _ in 0..AUDIT_MOST / CHUNK {
            let page = self.storage().list(bucket::AUDIT, "", last.as_deref(), CHUNK, Listing::Keys).await?;
            match page.last() {
                Some(entry) if page.len() == CHUNK => last = Some(entry.key.clone()),
                _ => return Ok(removed),
            }
        }
        removed += self.remove_audit(last).await?;
        Ok(removed)
    }

    /// Removes all entries whose keys come after `after`.
    async fn remove_audit(&self, after: Option<String>) -> Result<usize, Error> {
        let mut removed = 0;
        loop {
            let page = self.storage().list(bucket::AUDIT, "", after.as_deref(), CHUNK, Listing::Keys).await?;
            if page.is_empty() {
                return Ok(removed);
            }
            removed += page.len();
            let changes = page.into_iter().map(|entry| Change::delete(bucket::AUDIT, entry.key, Expected::Any));
            self.storage().commit(changes.collect()).await?;
        }
    }
}

/// Text whose order is that of time turned round, in nanoseconds; times before 1970 count as 1970.
fn inverted(at: Timestamp) -> String {
    format!("{:016x}", u64::MAX - u64::try_from(at.as_nanosecond().max(0)).unwrap_or(u64::MAX))
}
