//! Versions: reading and deleting them.

use super::records::{bucket, decode, put_with_meta, version_key};
use super::uses::Uses;
use super::version::{Version, VersionId};
use super::worker::WorkerName;
use super::{Done, Error, Registry};
use crate::storage::{Change, Expected, Listing};
use std::cmp::Reverse;

impl Registry {
    /// One version.
    pub async fn version(&self, worker: &WorkerName, id: &VersionId) -> Result<Version, Error> {
        match self.stored_version(worker, id).await? {
            Some(version) => Ok(version),
            None => {
                self.worker(worker).await?;
                Err(Error::NotFound { what: "version", name: id.to_string() })
            }
        }
    }

    /// All versions of a worker, the newest first.
    pub async fn versions(&self, worker: &WorkerName) -> Result<Vec<Version>, Error> {
        self.worker(worker).await?;
        let mut entries = self.list_all(bucket::VERSIONS, &format!("{worker}/"), Listing::Values).await?;
        entries.sort_by_key(|entry| Reverse(entry.revision));
        entries.iter().map(|entry| decode(bucket::VERSIONS, entry)).collect()
    }

    /// Deletes a version that is not live, and the sealed secrets that only it named.
    pub async fn delete_version(&self, worker: &WorkerName, id: &VersionId) -> Result<Done<()>, Error> {
        let mut attempts = self.begin(worker.as_str()).await;
        loop {
            let mut edit = self.edit(worker).await?;
            let live = edit.record.deployment.iter().flat_map(|deployment| &deployment.shares);
            if live.into_iter().any(|share| share.version == *id) {
                let hint = "deploy another version first, or delete the worker";
                return Err(Error::Conflict(format!("version `{id}` is live\nhint: {hint}")));
            }
            let mut versions = self.listed_versions(worker).await?;
            let Some(at) = versions.iter().position(|version| version.id == *id) else {
                return Err(Error::NotFound { what: "version", name: id.to_string() });
            };
            versions.remove(at);
            edit.changes.push(Change::delete(bucket::VERSIONS, version_key(worker, id), Expected::Any));
            self.drop_unused_secrets(&edit.record, &versions, &mut edit.changes).await?;
            if let Some(done) = attempts.commit(edit.plan(())).await? {
                return Ok(done);
            }
        }
    }

    pub(super) async fn stored_version(&self, worker: &WorkerName, id: &VersionId) -> Result<Option<Version>, Error> {
        Ok(self.read(bucket::VERSIONS, &version_key(worker, id)).await?.map(|(version, _)| version))
    }
}

/// Stores a new version.
pub(super) fn put_version(version: &Version) -> Change {
    let key = version_key(&version.worker, &version.id);
    let uses = Uses::of(&version.worker, &version.content);
    put_with_meta(bucket::VERSIONS, key, Expected::Absent, &uses, version)
}
