//! A worker being changed: what was read of it, and what is to be written.

use super::change::Plan;
use super::deployment::{Cause, Deployment, Share};
use super::namespaces::StoredNamespace;
use super::publish::Targets;
use super::records::{bucket, decode, decode_meta, deployment_key, encode, put_with_meta, rewrite};
use super::retention::KEPT_DEPLOYMENTS;
use super::route::{Claim, Route, RoutePattern};
use super::uses::Uses;
use super::worker::{WorkerName, WorkerRecord};
use super::{Error, Registry};
use crate::route_options::RouteOptions;
use crate::storage::{Change, Expected, Revision};
use std::collections::{BTreeMap, HashSet};

/// Routes of one worker.
const MOST_ROUTES: usize = 1_000;

/// A worker as it was read, and the changes to make of it.
pub(super) struct Edit {
    /// As it will be stored.
    pub record: WorkerRecord,
    /// Changes besides the record's.
    pub changes: Vec<Change>,
    /// What its live versions reach; [`Registry::go_live`] sets it.
    uses: Uses,
    before: Option<Before>,
}

struct Before {
    record: WorkerRecord,
    revision: Revision,
}

/// A deployment to be made.
pub(super) struct GoLive<'a> {
    pub shares: Vec<Share>,
    /// What the versions of `shares` reach.
    pub uses: Uses,
    /// Namespaces that the same commit makes.
    pub made: &'a HashSet<String>,
    /// What of workers that they bind and that are not there.
    pub targets: Targets,
    pub cause: Cause,
    pub author: &'a str,
    pub message: &'a str,
}

impl Edit {
    /// Whether the worker is stored for the first time.
    pub fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Everything together, as one commit; none if nothing is changed.
    pub fn plan<T>(mut self, value: T) -> Plan<T> {
        let (expected, read, same) = match &self.before {
            Some(before) => (Expected::Revision(before.revision), before.revision, before.record == self.record),
            None => (Expected::Absent, 0, false),
        };
        if !same || !self.changes.is_empty() {
            let key = self.record.name.to_string();
            self.changes.push(put_with_meta(bucket::WORKERS, key, expected, &self.uses, &self.record));
        }
        Plan { value, changes: self.changes, read }
    }

    /// Everything together but with the worker's record removed.
    pub fn plan_removal(mut self) -> Plan<()> {
        let read = self.before.map_or(0, |before| before.revision);
        let expected = Expected::Revision(read);
        self.changes.push(Change::delete(bucket::WORKERS, self.record.name.to_string(), expected));
        Plan { value: (), changes: self.changes, read }
    }
}

impl Registry {
    /// Begins to change a worker that must be there.
    pub(super) async fn edit(&self, name: &WorkerName) -> Result<Edit, Error> {
        let edit = self.edit_or_new(name).await?;
        match edit.is_new() {
            true => Err(Error::NotFound { what: "worker", name: name.to_string() }),
            false => Ok(edit),
        }
    }

    /// Begins to change a worker, or to make it.
    pub(super) async fn edit_or_new(&self, name: &WorkerName) -> Result<Edit, Error> {
        let Some(entry) = self.storage().get(bucket::WORKERS, name.as_str()).await? else {
            let record = WorkerRecord {
                name: name.clone(),
                created: self.shared.clock.now(),
                routes: Vec::new(),
                route_options: BTreeMap::new(),
                subdomain: true,
                previews: true,
                deployment: None,
                secrets: BTreeMap::new(),
            };
            return Ok(Edit { record, changes: Vec::new(), uses: Uses::default(), before: None });
        };
        let record: WorkerRecord = decode(bucket::WORKERS, &entry)?;
        let uses = decode_meta(bucket::WORKERS, &entry)?;
        let before = Some(Before { record: record.clone(), revision: entry.revision });
        Ok(Edit { record, changes: Vec::new(), uses, before })
    }

    /// Gives the worker these routes, and gives back those it had.
    pub(super) async fn claim_routes(&self, edit: &mut Edit, routes: Vec<Route>) -> Result<(), Error> {
        let problems: Vec<_> = routes.iter().flat_map(problems_of).collect();
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let mut seen = HashSet::new();
        let (mut patterns, mut options) = (Vec::with_capacity(routes.len()), BTreeMap::new());
        for route in routes.into_iter().filter(|route| seen.insert(route.pattern.clone())) {
            if route.options != RouteOptions::default() {
                options.insert(route.pattern.clone(), route.options);
            }
            patterns.push(route.pattern);
        }
        let routes = patterns;
        if routes.len() > MOST_ROUTES {
            let what = format!("there are {} routes, more than the {MOST_ROUTES} allowed", routes.len());
            return Err(Error::invalid(format!("{what}\nhint: routes that begin alike can be one with a `*`")));
        }
        let name = &edit.record.name;
        let mut conflicts = Vec::new();
        for pattern in routes.iter().filter(|pattern| !edit.record.routes.contains(pattern)) {
            match self.owner(pattern).await? {
                Some((Claim::Worker(owner), _)) if owner != *name => {
                    conflicts.push(format!("route `{pattern}` belongs to worker `{owner}` already"));
                }
                Some((Claim::Origin(_), _)) => {
                    conflicts.push(format!("route `{pattern}` leads to an origin already"));
                }
                // A claim that its worker does not know of.
                Some((_, revision)) => edit.changes.push(claim(pattern, name, Expected::Revision(revision))),
                None => edit.changes.push(claim(pattern, name, Expected::Absent)),
            }
        }
        if !conflicts.is_empty() {
            conflicts.push("hint: remove it there first, or choose a more specific one here".to_owned());
            return Err(Error::Conflict(conflicts.join("\n")));
        }
        for pattern in edit.record.routes.iter().filter(|pattern| !seen.contains(pattern)) {
            edit.changes.extend(self.release(pattern, name).await?);
        }
        edit.record.routes = routes;
        edit.record.route_options = options;
        Ok(())
    }

    /// Whose pattern it is, and since which commit.
    pub(super) async fn owner(&self, pattern: &RoutePattern) -> Result<Option<(Claim, Revision)>, Error> {
        let found = self.read::<Claim>(bucket::ROUTES, pattern.as_str()).await?;
        Ok(found.map(|(owner, entry)| (owner, entry.revision)))
    }

    /// The end of a worker's claim, unless the pattern is another's.
    pub(super) async fn release(&self, pattern: &RoutePattern, worker: &WorkerName) -> Result<Option<Change>, Error> {
        let owned =
            self.owner(pattern).await?.filter(|(owner, _)| matches!(owner, Claim::Worker(owner) if owner == worker));
        Ok(owned.map(|(_, revision)| Change::delete(bucket::ROUTES, pattern.as_str(), Expected::Revision(revision))))
    }

    /// Makes a deployment the live one. What it begins to bind must be there, and is written anew so that it cannot go
    /// at the same time; what was bound before is held by the worker's record.
    pub(super) async fn go_live(&self, edit: &mut Edit, live: GoLive<'_>) -> Result<Deployment, Error> {
        let mut missing = Vec::new();
        for target in live.uses.services.difference(&edit.uses.services) {
            match self.storage().get(bucket::WORKERS, target.as_str()).await? {
                Some(entry) => edit.changes.push(rewrite(bucket::WORKERS, entry)),
                None if live.targets == Targets::MayCome => {}
                None => missing.push(format!("worker `{target}` is bound, but is not there\nhint: deploy it first")),
            }
        }
        for id in live.uses.namespaces.difference(&edit.uses.namespaces).filter(|id| !live.made.contains(*id)) {
            match self.read::<StoredNamespace>(bucket::NAMESPACES, id).await? {
                Some((namespace, entry)) if !namespace.deleting => {
                    edit.changes.push(rewrite(bucket::NAMESPACES, entry));
                }
                _ => {
                    missing.push(format!("KV namespace `{id}` is bound, but is not there\nhint: deploy a new version"))
                }
            }
        }
        if !missing.is_empty() {
            return Err(Error::Invalid(missing));
        }
        let name = &edit.record.name;
        let deployment = Deployment {
            number: edit.record.deployment.as_ref().map_or(0, |deployment| deployment.number) + 1,
            created: self.shared.clock.now(),
            author: live.author.to_owned(),
            message: live.message.to_owned(),
            cause: live.cause,
            shares: live.shares,
        };
        let key = deployment_key(name, deployment.number);
        edit.changes.push(Change::put(bucket::DEPLOYMENTS, key, Expected::Absent, encode(&deployment)));
        if let Some(old) = deployment.number.checked_sub(KEPT_DEPLOYMENTS).filter(|number| *number > 0) {
            edit.changes.push(Change::delete(bucket::DEPLOYMENTS, deployment_key(name, old), Expected::Any));
        }
        edit.record.deployment = Some(deployment.clone());
        edit.uses = Uses { secrets: Default::default(), ..live.uses };
        Ok(deployment)
    }
}

fn claim(pattern: &RoutePattern, worker: &WorkerName, expected: Expected) -> Change {
    Change::put(bucket::ROUTES, pattern.as_str(), expected, encode(worker))
}

/// What is wrong with a route's options.
pub(super) fn problems_of(route: &Route) -> Vec<String> {
    route.options.problems().into_iter().map(|problem| format!("route `{}`: {problem}", route.pattern)).collect()
}
