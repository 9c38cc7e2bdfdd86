//! Entries as records: keys, JSON, reading whole listings.

use super::version::VersionId;
use super::worker::WorkerName;
use super::{Error, Registry};
use crate::storage::{self, Action, Change, Entry, Expected, Listing};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Names of the buckets, for who watches the storage.
pub mod bucket {
    /// NAME -> the worker's record. Written with every change of a worker.
    pub const WORKERS: &str = "workers";
    /// NAME/ID -> version.
    pub const VERSIONS: &str = "versions";
    /// NAME/NUMBER -> deployment.
    pub const DEPLOYMENTS: &str = "deployments";
    /// PATTERN -> name of its worker, or options of a route to an origin.
    pub const ROUTES: &str = "routes";
    /// NAME/KEY/REF -> sealed value.
    pub const SECRETS: &str = "secrets";
    /// ID -> KV namespace.
    pub const NAMESPACES: &str = "namespaces";
    /// TITLE -> id of its namespace.
    pub const NAMESPACE_TITLES: &str = "namespace-titles";
    /// ID -> token.
    pub const TOKENS: &str = "tokens";
    /// Inverted time -> entry of the audit log.
    pub const AUDIT: &str = "audit";

    /// NAME/inverted time and expression -> run of a cron trigger.
    pub const CRON_RUNS: &str = "cron-runs";

    /// The bucket with the entries of the KV namespace `id`.
    pub fn kv(id: &str) -> String {
        format!("kv.{id}")
    }
}

/// Entries read at a time.
const PAGE: usize = 1_000;

/// Key of a version.
pub(super) fn version_key(worker: &WorkerName, id: &VersionId) -> String {
    format!("{worker}/{id}")
}

/// Key of a deployment; keys are in the order of the numbers.
pub(super) fn deployment_key(worker: &WorkerName, number: u64) -> String {
    format!("{worker}/{number:010}")
}

/// JSON with the fields in the order of the type.
pub(super) fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("records have text for keys and no fallible serializers")
}

/// The record in an entry.
pub(super) fn decode<T: DeserializeOwned>(bucket: &str, entry: &Entry) -> Result<T, Error> {
    serde_json::from_slice(&entry.value).map_err(|cause| damaged(bucket, &entry.key, cause))
}

/// The record in an entry's meta.
pub(super) fn decode_meta<T: DeserializeOwned>(bucket: &str, entry: &Entry) -> Result<T, Error> {
    serde_json::from_slice(&entry.meta)
        .map_err(|cause| damaged(bucket, &entry.key, format_args!("its meta cannot be read: {cause}")))
}

pub(super) fn damaged(bucket: &str, key: &str, cause: impl std::fmt::Display) -> Error {
    Error::Damaged(format!("`{key}` in `{bucket}`: {cause}"))
}

/// Writes a record with a meta.
pub(super) fn put_with_meta(
    bucket: &str,
    key: String,
    expected: Expected,
    meta: &impl Serialize,
    value: &impl Serialize,
) -> Change {
    let action = Action::Put { meta: encode(meta).into(), value: encode(value).into(), expires: None };
    Change { bucket: bucket.to_owned(), key, expected, action }
}

/// Writes an entry as it is, which fails if it is not the same any more.
pub(super) fn rewrite(bucket: &str, entry: Entry) -> Change {
    let Entry { key, revision, expires, meta, value } = entry;
    let action = Action::Put { meta, value, expires };
    Change { bucket: bucket.to_owned(), key, expected: Expected::Revision(revision), action }
}

impl Registry {
    /// Reads one record.
    pub(super) async fn read<T: DeserializeOwned>(&self, bucket: &str, key: &str) -> Result<Option<(T, Entry)>, Error> {
        let Some(entry) = self.storage().get(bucket, key).await? else { return Ok(None) };
        Ok(Some((decode(bucket, &entry)?, entry)))
    }

    /// All entries whose keys begin with `prefix`.
    pub(super) async fn list_all(&self, bucket: &str, prefix: &str, listing: Listing) -> Result<Vec<Entry>, Error> {
        let mut all = Vec::new();
        let mut pages = self.pages(bucket, prefix, listing);
        while let Some(page) = pages.next().await? {
            all.extend(page);
        }
        Ok(all)
    }

    /// The same, a page at a time, for listings that need not fit into memory.
    pub(super) fn pages<'a>(&'a self, bucket: &'a str, prefix: &'a str, listing: Listing) -> Pages<'a> {
        Pages { storage: self.storage(), bucket, prefix, listing, after: None, over: false }
    }
}

/// A listing that is read a page at a time.
pub(super) struct Pages<'a> {
    storage: &'a storage::Storage,
    bucket: &'a str,
    prefix: &'a str,
    listing: Listing,
    after: Option<String>,
    over: bool,
}

impl Pages<'_> {
    /// The next page, never empty; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<Entry>>, Error> {
        if self.over {
            return Ok(None);
        }
        let page = self.storage.list(self.bucket, self.prefix, self.after.as_deref(), PAGE, self.listing).await?;
        self.over = page.len() < PAGE;
        self.after = page.last().map(|entry| entry.key.clone());
        Ok(Some(page).filter(|page| !page.is_empty()))
    }
}
