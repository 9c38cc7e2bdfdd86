//! Whether what is stored is as this module leaves it.

use super::deployment::{Deployment, WHOLE};
use super::namespaces::StoredNamespace;
use super::records::{bucket, decode, decode_meta, deployment_key};
use super::route::{Claim, RoutePattern};
use super::secret::SecretRef;
use super::secrets::{parts_of, secret_key};
use super::uses::Uses;
use super::version::{Content, Version, VersionId};
use super::worker::{WorkerName, WorkerRecord};
use super::{AuditEntry, Error, Registry};
use crate::digest::Digest;
use crate::storage::{Entry, Listing};
use serde::de::DeserializeOwned;
use std::collections::{HashMap, HashSet};

/// What was seen so far.
#[derive(Default)]
struct Seen {
    problems: Vec<String>,
    /// Blobs that are there.
    blobs: HashSet<Digest>,
    /// Which worker's record has which pattern.
    routes: HashMap<RoutePattern, WorkerName>,
    /// Which live version of which worker binds which namespace.
    namespaces: Vec<(WorkerName, String)>,
    workers: HashSet<String>,
    /// Keys of sealed values that were opened.
    secrets: HashSet<String>,
}

impl Seen {
    fn wrong(&mut self, what: impl Into<String>) {
        self.problems.push(what.into());
    }

    /// The record, or a problem.
    fn decode<T: DeserializeOwned>(&mut self, bucket: &str, entry: &Entry) -> Option<T> {
        self.keep(decode(bucket, entry))
    }

    fn keep<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.wrong(error.to_string())).ok()
    }
}

impl Registry {
    /// Reads everything, and gives a sentence for each thing that is wrong; none if all is well. Workers are held while
    /// they are looked at, but only in this process: elsewhere nothing must be deployed meanwhile.
    pub async fn check(&self) -> Result<Vec<String>, Error> {
        let mut seen = Seen::default();
        for entry in self.list_all(bucket::WORKERS, "", Listing::Keys).await? {
            let _turn = self.hold(&entry.key).await;
            // It may be gone since it was listed.
            if let Some(entry) = self.storage().get(bucket::WORKERS, &entry.key).await? {
                seen.workers.insert(entry.key.clone());
                self.check_worker(&entry, &mut seen).await?;
            }
        }
        for bucket in [bucket::VERSIONS, bucket::DEPLOYMENTS, bucket::SECRETS] {
            self.check_owners(bucket, &mut seen).await?;
        }
        self.check_routes(&mut seen).await?;
        self.check_namespaces(&mut seen).await?;
        for entry in self.list_all(bucket::TOKENS, "", Listing::Values).await? {
            seen.keep(Self::check_token(&entry));
        }
        let mut pages = self.pages(bucket::AUDIT, "", Listing::Values);
        while let Some(page) = pages.next().await? {
            for entry in page {
                seen.decode::<AuditEntry>(bucket::AUDIT, &entry);
            }
        }
        Ok(seen.problems)
    }

    async fn check_worker(&self, entry: &Entry, seen: &mut Seen) -> Result<(), Error> {
        let Some(record) = seen.decode::<WorkerRecord>(bucket::WORKERS, entry) else { return Ok(()) };
        let name = &record.name;
        if name.as_str() != entry.key {
            seen.wrong(format!("the record of worker `{}` has the name `{name}`", entry.key));
            return Ok(());
        }
        for pattern in &record.routes {
            if let Some(other) = seen.routes.insert(pattern.clone(), name.clone()) {
                seen.wrong(format!("route `{pattern}` is in the records of `{other}` and `{name}`"));
            }
        }
        let versions = self.check_versions(name, seen).await?;
        let mut reached = Uses::default();
        for share in record.deployment.iter().flat_map(|deployment| &deployment.shares) {
            match versions.get(&share.version) {
                Some(uses) => reached.reach(uses),
                None => seen.wrong(format!("version `{}` of `{name}` is live, but not there", share.version)),
            }
        }
        if seen.keep(decode_meta::<Uses>(bucket::WORKERS, entry)).is_some_and(|uses| uses != reached) {
            seen.wrong(format!("the record of worker `{name}` does not say what its live versions bind"));
        }
        seen.namespaces.extend(reached.namespaces.into_iter().map(|id| (name.clone(), id)));
        self.check_deployments(&record, seen).await?;

        self.check_secrets(name, record.secrets.into_iter(), seen).await
    }

    /// Every version of a worker, with what it binds.
    async fn check_versions(&self, worker: &WorkerName, seen: &mut Seen) -> Result<HashMap<VersionId, Uses>, Error> {
        let mut found = HashMap::new();
        for entry in self.list_all(bucket::VERSIONS, &format!("{worker}/"), Listing::Values).await? {
            let Some(version) = seen.decode::<Version>(bucket::VERSIONS, &entry) else { continue };
            let uses = Uses::of(worker, &version.content);
            let place = format!("{}/{}", version.worker, version.id);
            if place != entry.key || version.content.id() != version.id {
                seen.wrong(format!("version `{}` is stored, but it is the content of another", entry.key));
            }
            if seen.keep(decode_meta::<Uses>(bucket::VERSIONS, &entry)).is_some_and(|meta| meta != uses) {
                seen.wrong(format!("the entry of version `{}` does not say what it binds", entry.key));
            }
            self.check_blobs(&version.content, &entry.key, seen).await?;
            self.check_secrets(worker, version.content.secrets.into_iter(), seen).await?;
            found.insert(version.id, uses);
        }
        Ok(found)
    }

    async fn check_blobs(&self, content: &Content, key: &str, seen: &mut Seen) -> Result<(), Error> {
        let artifact = content.artifact.iter().map(|artifact| artifact.digest);
        for digest in artifact.chain(content.assets.iter().map(|assets| assets.index)) {
            if !seen.blobs.contains(&digest) {
                match self.storage().has_blob(digest).await? {
                    true => _ = seen.blobs.insert(digest),
                    false => seen.wrong(format!("blob {digest} of version `{key}` is not there")),
                }
            }
        }
        Ok(())
    }

    /// History that is kept has no gaps, and its newest entry is what is live.
    async fn check_deployments(&self, record: &WorkerRecord, seen: &mut Seen) -> Result<(), Error> {
        let name = &record.name;
        let mut last: Option<Deployment> = None;
        for entry in self.list_all(bucket::DEPLOYMENTS, &format!("{name}/"), Listing::Values).await? {
            let Some(deployment) = seen.decode::<Deployment>(bucket::DEPLOYMENTS, &entry) else { continue };
            if deployment_key(name, deployment.number) != entry.key {
                seen.wrong(format!("deployment `{}` has the number {}", entry.key, deployment.number));
            }
            if last.as_ref().is_some_and(|last| last.number + 1 != deployment.number) {
                seen.wrong(format!("deployments before number {} of `{name}` are missing", deployment.number));
            }
            if deployment.shares.iter().map(|share| u64::from(share.share)).sum::<u64>() != u64::from(WHOLE) {
                seen.wrong(format!("the shares of deployment `{}` are not the whole traffic", entry.key));
            }
            last = Some(deployment);
        }
        if last != record.deployment {
            seen.wrong(format!("what is live of `{name}` is not the end of its history"));
        }
        Ok(())
    }

    async fn check_secrets(
        &self,
        worker: &WorkerName,
        secrets: impl Iterator<Item = (String, SecretRef)>,
        seen: &mut Seen,
    ) -> Result<(), Error> {
        for (name, reference) in secrets {
            let key = secret_key(worker, &name, &reference);
            if !seen.secrets.insert(key) {
                continue;
            }
            match self.open_secret(worker, &name, &reference).await {
                Ok(_) => {}
                Err(Error::Damaged(what)) => seen.wrong(what),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whatever belongs to a worker has one.
    async fn check_owners(&self, bucket: &str, seen: &mut Seen) -> Result<(), Error> {
        let mut pages = self.pages(bucket, "", Listing::Keys);
        while let Some(page) = pages.next().await? {
            for entry in page {
                let owner = entry.key.split('/').next().unwrap_or_default();
                let known = seen.workers.contains(owner);
                if !known && self.storage().get(bucket::WORKERS, owner).await?.is_none() {
                    seen.wrong(format!("`{}` in `{bucket}` belongs to no worker", entry.key));
                }
                if bucket == bucket::SECRETS && parts_of(&entry.key).is_none() {
                    seen.wrong(format!("`{}` in `{bucket}` is not WORKER/NAME/REFERENCE", entry.key));
                }
            }
        }
        Ok(())
    }

    async fn check_routes(&self, seen: &mut Seen) -> Result<(), Error> {
        let mut unclaimed = std::mem::take(&mut seen.routes);
        for entry in self.list_all(bucket::ROUTES, "", Listing::Values).await? {
            let Some(owner) = seen.decode::<Claim>(bucket::ROUTES, &entry) else { continue };
            let Ok(pattern) = entry.key.parse::<RoutePattern>() else {
                seen.wrong(format!("route `{}` is no pattern", entry.key));
                continue;
            };
            if pattern.as_str() != entry.key {
                seen.wrong(format!("route `{}` should be stored as `{pattern}`", entry.key));
            }
            match (unclaimed.remove(&pattern), owner) {
                (Some(worker), Claim::Worker(owner)) if worker == owner => {}
                (None, Claim::Origin(options)) if options.origin.is_some() => {}
                (_, Claim::Origin(_)) => {
                    seen.wrong(format!("route `{pattern}` has neither a worker nor an origin, or both"))
                }
                (_, Claim::Worker(owner)) => {
                    seen.wrong(format!("route `{pattern}` is claimed for `{owner}`, whose record does not have it"))
                }
            }
        }
        for (pattern, worker) in unclaimed {
            seen.wrong(format!("route `{pattern}` of `{worker}` is not claimed"));
        }
        Ok(())
    }

    async fn check_namespaces(&self, seen: &mut Seen) -> Result<(), Error> {
        let mut titles = HashMap::new();
        for entry in self.list_all(bucket::NAMESPACE_TITLES, "", Listing::Values).await? {
            if let Some(id) = seen.decode::<String>(bucket::NAMESPACE_TITLES, &entry) {
                titles.insert(entry.key, id);
            }
        }
        let mut ids = HashSet::new();
        for entry in self.list_all(bucket::NAMESPACES, "", Listing::Values).await? {
            let Some(stored) = seen.decode::<StoredNamespace>(bucket::NAMESPACES, &entry) else { continue };
            if stored.deleting {
                continue;
            }
            if titles.remove(&stored.title).as_ref() != Some(&entry.key) {
                seen.wrong(format!("the title `{}` does not lead to KV namespace `{}`", stored.title, entry.key));
            }
            ids.insert(entry.key);
        }
        for (title, id) in titles {
            seen.wrong(format!("the title `{title}` leads to KV namespace `{id}`, which does not have it"));
        }
        for (worker, id) in std::mem::take(&mut seen.namespaces) {
            if !ids.contains(&id) {
                seen.wrong(format!("KV namespace `{id}` is bound by `{worker}`, but is not there"));
            }
        }
        Ok(())
    }
}
