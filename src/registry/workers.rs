//! Workers: reading them, their routes, deleting them.

use super::change::Plan;
use super::records::{bucket, decode, decode_meta};
use super::route::Route;
use super::uses::Uses;
use super::worker::{WorkerName, WorkerRecord};
use super::{Done, Error, Registry};
use crate::storage::{Change, Expected, Listing};

/// What becomes of a worker that others bind to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dependents {
    /// It stays while a live version of another worker binds it.
    Protect,
    /// It is deleted; calls of it fail from then on.
    Ignore,
}

impl Registry {
    /// A worker's record.
    pub async fn worker(&self, name: &WorkerName) -> Result<WorkerRecord, Error> {
        match self.read(bucket::WORKERS, name.as_str()).await? {
            Some((record, _)) => Ok(record),
            None => Err(Error::NotFound { what: "worker", name: name.to_string() }),
        }
    }

    /// All workers, in the order of their names.
    pub async fn workers(&self) -> Result<Vec<WorkerRecord>, Error> {
        let mut workers = Vec::new();
        let mut pages = self.pages(bucket::WORKERS, "", Listing::Values);
        while let Some(page) = pages.next().await? {
            for entry in page {
                workers.push(decode(bucket::WORKERS, &entry)?);
            }
        }
        Ok(workers)
    }

    /// The names of all workers, in their order.
    pub async fn worker_names(&self) -> Result<Vec<WorkerName>, Error> {
        let entries = self.list_all(bucket::WORKERS, "", Listing::Keys).await?;
        entries.into_iter().map(|entry| name_of(&entry.key)).collect()
    }

    /// Gives a worker these routes in place of those it has. A pattern that is another's is a conflict.
    pub async fn set_routes(&self, name: &WorkerName, routes: Vec<Route>) -> Result<Done<WorkerRecord>, Error> {
        let mut attempts = self.begin(name.as_str()).await;
        loop {
            let mut edit = self.edit(name).await?;
            self.claim_routes(&mut edit, routes.clone()).await?;
            let record = edit.record.clone();
            if let Some(done) = attempts.commit(edit.plan(record)).await? {
                return Ok(done);
            }
        }
    }

    /// Deletes a worker with its routes, versions, history and secrets. KV namespaces stay.
    pub async fn delete_worker(&self, name: &WorkerName, dependents: Dependents) -> Result<Done<()>, Error> {
        let mut attempts = self.begin(name.as_str()).await;
        loop {
            if let Some(done) = attempts.commit(self.plan_deletion(name, dependents).await?).await? {
                return Ok(done);
            }
        }
    }

    pub(super) async fn plan_deletion(&self, name: &WorkerName, dependents: Dependents) -> Result<Plan<()>, Error> {
        let mut edit = self.edit(name).await?;
        if dependents == Dependents::Protect {
            let others = self.users(|uses| uses.services.contains(name)).await?;
            if !others.is_empty() {
                let what = format!("worker `{name}` is bound by {}", listed(&others));
                let hint = "remove the bindings and deploy, or force it";
                return Err(Error::Conflict(format!("{what}\nhint: {hint}")));
            }
        }
        for pattern in &edit.record.routes {
            edit.changes.extend(self.release(pattern, name).await?);
        }
        for bucket in [bucket::VERSIONS, bucket::DEPLOYMENTS, bucket::SECRETS, bucket::CRON_RUNS] {
            for entry in self.list_all(bucket, &format!("{name}/"), Listing::Keys).await? {
                edit.changes.push(Change::delete(bucket, entry.key, Expected::Any));
            }
        }
        Ok(edit.plan_removal())
    }

    /// The workers whose live versions reach what `wanted` looks for.
    pub(super) async fn users(&self, wanted: impl Fn(&Uses) -> bool) -> Result<Vec<WorkerName>, Error> {
        let mut users = Vec::new();
        let mut pages = self.pages(bucket::WORKERS, "", Listing::Keys);
        while let Some(page) = pages.next().await? {
            for entry in page {
                if wanted(&decode_meta(bucket::WORKERS, &entry)?) {
                    users.push(name_of(&entry.key)?);
                }
            }
        }
        Ok(users)
    }
}

fn name_of(key: &str) -> Result<WorkerName, Error> {
    key.parse().map_err(|cause: String| super::records::damaged(bucket::WORKERS, key, cause))
}

/// Names in a sentence, the first ten of them.
pub(super) fn listed(workers: &[WorkerName]) -> String {
    let mut names: Vec<_> = workers.iter().take(10).map(|name| format!("`{name}`")).collect();
    if workers.len() > names.len() {
        names.push(format!("{} more", workers.len() - names.len()));
    }
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
