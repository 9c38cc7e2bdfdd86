//! What is kept of a worker's past, and the removal of the rest.

use super::deployment::Deployment;
use super::records::{bucket, decode, decode_meta, deployment_key, version_key};
use super::secret::SecretRef;
use super::uses::Uses;
use super::version::VersionId;
use super::worker::{WorkerName, WorkerRecord};
use super::{Error, Registry};
use crate::storage::{Change, Expected, Listing, Revision};
use std::collections::HashSet;

/// Versions kept for each worker: the newest. Versions that are live, or were in one of the newest
/// [`PROTECTED_DEPLOYMENTS`], are kept besides.
pub const KEPT_VERSIONS: usize = 100;

/// Newest deployments whose versions are kept, so that a rollback always has somewhere to go.
pub const PROTECTED_DEPLOYMENTS: usize = 10;

/// Entries kept of each worker's history: the newest.
pub const KEPT_DEPLOYMENTS: u64 = 1_000;

/// A version as a listing without values shows it.
pub(super) struct Listed {
    pub id: VersionId,
    /// The commit that made it; none if it is made in this one.
    pub made: Option<Revision>,
    pub uses: Uses,
}

impl Registry {
    /// A worker's versions, the oldest first.
    pub(super) async fn listed_versions(&self, worker: &WorkerName) -> Result<Vec<Listed>, Error> {
        let prefix = format!("{worker}/");
        let mut versions = Vec::new();
        for entry in self.list_all(bucket::VERSIONS, &prefix, Listing::Keys).await? {
            let id = entry.key[prefix.len()..]
                .parse()
                .map_err(|cause: String| super::records::damaged(bucket::VERSIONS, &entry.key, cause))?;
            versions.push(Listed { id, made: Some(entry.revision), uses: decode_meta(bucket::VERSIONS, &entry)? });
        }
        versions.sort_by_key(|version| version.made);
        Ok(versions)
    }

    /// Removes the oldest versions past [`KEPT_VERSIONS`] and gives those that stay. `record` is what will be stored,
    /// `versions` all that there will be, the oldest first.
    pub(super) async fn prune(
        &self,
        record: &WorkerRecord,
        mut versions: Vec<Listed>,
        changes: &mut Vec<Change>,
    ) -> Result<Vec<Listed>, Error> {
        let excess = versions.len().saturating_sub(KEPT_VERSIONS);
        if excess == 0 {
            return Ok(versions);
        }
        let protected = self.protected_versions(record).await?;
        let newer = versions.split_off(excess);
        let (mut kept, removed): (Vec<_>, Vec<_>) =
            versions.into_iter().partition(|version| protected.contains(&version.id));
        for version in removed {
            changes.push(Change::delete(bucket::VERSIONS, version_key(&record.name, &version.id), Expected::Any));
        }
        kept.extend(newer);
        Ok(kept)
    }

    async fn protected_versions(&self, record: &WorkerRecord) -> Result<HashSet<VersionId>, Error> {
        let mut protected = HashSet::new();
        let Some(live) = &record.deployment else { return Ok(protected) };
        let mut protect = |deployment: &Deployment| {
            protected.extend(deployment.shares.iter().map(|share| share.version.clone()));
        };
        protect(live);
        for deployment in self.history(&record.name, live.number, PROTECTED_DEPLOYMENTS).await? {
            protect(&deployment);
        }
        Ok(protected)
    }

    /// The newest `limit` stored deployments up to number `newest`, the newest first.
    pub(super) async fn history(
        &self,
        worker: &WorkerName,
        newest: u64,
        limit: usize,
    ) -> Result<Vec<Deployment>, Error> {
        let prefix = format!("{worker}/");
        // Numbers have no gaps, so the place to begin at can be told from the end.
        let before = newest.checked_sub(limit as u64).map(|number| deployment_key(worker, number));
        let entries =
            self.storage().list(bucket::DEPLOYMENTS, &prefix, before.as_deref(), limit, Listing::Values).await?;
        entries.iter().rev().map(|entry| decode(bucket::DEPLOYMENTS, entry)).collect()
    }

    /// Removes the sealed values that neither the record nor one of `versions` names.
    pub(super) async fn drop_unused_secrets(
        &self,
        record: &WorkerRecord,
        versions: &[Listed],
        changes: &mut Vec<Change>,
    ) -> Result<(), Error> {
        let mut used: HashSet<&SecretRef> = record.secrets.values().collect();
        for version in versions {
            used.extend(&version.uses.secrets);
        }
        let used: HashSet<&str> = used.into_iter().map(|reference| reference.0.as_str()).collect();
        for entry in self.list_all(bucket::SECRETS, &format!("{}/", record.name), Listing::Keys).await? {
            let reference = entry.key.rsplit('/').next().unwrap_or_default();
            if !used.contains(reference) {
                changes.push(Change::delete(bucket::SECRETS, entry.key, Expected::Any));
            }
        }
        Ok(())
    }
}
