//! Publishing: a new version, and if wanted its way to the traffic, in one commit.

use super::change::Plan;
use super::deployment::{Cause, Deployment, Share, WHOLE};
use super::edit::{Edit, GoLive};
use super::namespaces::Namespace;
use super::new_version::{NewVersion, check_message, shown};
use super::retention::Listed;
use super::route::Route;
use super::uses::Uses;
use super::version::{Binding, Content, Version};
use super::versions::put_version;
use super::worker::WorkerName;
use super::{Done, Error, Registry};
use crate::digest::Digest;
use crate::limits;
use crate::storage::Change;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What is to become of a new version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// The worker's routes from now on; none keeps those it has.
    pub routes: Option<Vec<Route>>,
    /// Whether `NAME.<base-domain>` reaches it; none keeps what is, which at first is yes.
    pub subdomain: Option<bool>,
    /// Whether `VERSION-NAME.<base-domain>` reaches its versions; none keeps what is, which at first is yes.
    pub previews: Option<bool>,
    pub traffic: Traffic,
    /// What of workers that it binds and that are not there.
    pub targets: Targets,
    /// Name of the token it was asked for with.
    pub author: String,
    /// Of the deployment; the version has its own.
    pub message: String,
}

/// The traffic that a new version gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Traffic {
    /// All of it, at once, together with the routes.
    All,
    /// None: it is reached as a preview only. The routes and switches of a worker that is there already stay as they
    /// are; a new worker takes the switches and has no routes.
    None,
}

/// What of workers that a version binds and that are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Targets {
    /// The version is refused.
    MustExist,
    /// Calls fail until they come: for `dev`, where workers start in any order.
    MayCome,
}

/// What came of publishing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    pub version: Version,
    /// The deployment that gives it all traffic: a new one unless that is how it was already.
    pub deployment: Option<Deployment>,
    /// KV namespaces that were made for it.
    pub created_namespaces: Vec<Namespace>,
    /// The same content was there already, so that no version was made. Its message and tag are those it was made with.
    pub unchanged: bool,
}

impl Registry {
    /// Makes a version, and with [`Traffic::All`] makes it live together with the worker's routes.
    pub async fn publish(
        &self,
        worker: &WorkerName,
        new: NewVersion,
        publish: Publish,
    ) -> Result<Done<Published>, Error> {
        check_message(&publish.message)?;
        self.want(new.artifact.iter().map(|artifact| artifact.digest).chain(new.assets.iter().map(|a| a.index))).await;
        let problems = new.problems();
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let mut attempts = self.begin(worker.as_str()).await;
        loop {
            if let Some(done) = attempts.commit(self.plan_publish(worker, &new, &publish).await?).await? {
                return Ok(done);
            }
        }
    }

    pub(super) async fn plan_publish(
        &self,
        worker: &WorkerName,
        new: &NewVersion,
        publish: &Publish,
    ) -> Result<Plan<Published>, Error> {
        let mut edit = self.edit_or_new(worker).await?;
        let (content, created_namespaces) = self.resolve(&mut edit, new, publish.targets).await?;
        let (version, unchanged) = self.version_of(worker, content, new, publish).await?;
        if !unchanged {
            edit.changes.push(put_version(&version));
        }
        if publish.traffic == Traffic::All || edit.is_new() {
            edit.record.subdomain = publish.subdomain.unwrap_or(edit.record.subdomain);
            edit.record.previews = publish.previews.unwrap_or(edit.record.previews);
        }
        let mut deployment = None;
        if publish.traffic == Traffic::All {
            if let Some(routes) = &publish.routes {
                self.claim_routes(&mut edit, routes.clone()).await?;
            }
            deployment = Some(self.take_traffic(&mut edit, &version, &created_namespaces, publish).await?);
        }
        if !unchanged {
            let mut versions = self.listed_versions(worker).await?;
            let uses = Uses::of(worker, &version.content);
            versions.push(Listed { id: version.id.clone(), made: None, uses });
            let stored = versions.len();
            let kept = self.prune(&edit.record, versions, &mut edit.changes).await?;
            if kept.len() < stored {
                self.drop_unused_secrets(&edit.record, &kept, &mut edit.changes).await?;
            }
        }
        Ok(edit.plan(Published { version, deployment, created_namespaces, unchanged }))
    }

    /// The version with this content: a new one, unless it is there.
    async fn version_of(
        &self,
        worker: &WorkerName,
        content: Content,
        new: &NewVersion,
        publish: &Publish,
    ) -> Result<(Version, bool), Error> {
        let id = content.id();
        match self.stored_version(worker, &id).await? {
            Some(found) if found.content == content => Ok((found, true)),
            Some(_) => {
                let hint = "change anything in it, such as a variable";
                Err(Error::Conflict(format!("another version has the id `{id}` already, by chance\nhint: {hint}")))
            }
            None => {
                let version = Version {
                    id,
                    worker: worker.clone(),
                    created: self.shared.clock.now(),
                    author: publish.author.clone(),
                    message: new.message.clone(),
                    tag: new.tag.clone(),
                    content,
                };
                Ok((version, false))
            }
        }
    }

    async fn take_traffic(
        &self,
        edit: &mut Edit,
        version: &Version,
        created: &[Namespace],
        publish: &Publish,
    ) -> Result<Deployment, Error> {
        let shares = vec![Share { version: version.id.clone(), share: WHOLE }];
        if let Some(live) = edit.record.deployment.as_ref().filter(|live| live.shares == shares) {
            return Ok(live.clone());
        }
        let live = GoLive {
            shares,
            uses: Uses::of(&version.worker, &version.content),
            made: &created.iter().map(|namespace| namespace.id.clone()).collect::<HashSet<_>>(),
            targets: publish.targets,
            cause: Cause::Deploy,
            author: &publish.author,
            message: &publish.message,
        };
        self.go_live(edit, live).await
    }

    /// What a version asks for, held against what there is. Namespaces that are to be made are added to the changes.
    async fn resolve(
        &self,
        edit: &mut Edit,
        new: &NewVersion,
        targets: Targets,
    ) -> Result<(Content, Vec<Namespace>), Error> {
        let worker = edit.record.name.clone();
        let secrets = edit.record.secrets.clone();
        let mut problems = Vec::new();
        for name in new.required_secrets.iter().filter(|name| !secrets.contains_key(*name)) {
            let hint = format!("set it with `glowplug secret put {} --name {worker}`", shown(name));
            problems.push(format!("secret `{}` is required, but not set\nhint: {hint}", shown(name)));
        }
        for name in secrets.keys() {
            let other = match (new.vars.contains_key(name), new.bindings.contains_key(name)) {
                (true, _) => "variable",
                (false, true) => "binding",
                (false, false) => continue,
            };
            let hint = format!("rename the {other}, or run `glowplug secret delete {name} --name {worker}`");
            problems.push(format!("`{name}` is both a {other} and a secret\nhint: {hint}"));
        }
        check_count(new.vars.len(), secrets.len(), &mut problems);
        for digest in new.artifact.iter().map(|artifact| artifact.digest).chain(new.assets.iter().map(|a| a.index)) {
            self.check_blob(digest, &mut problems).await?;
        }

        let mut bindings = new.bindings.clone();
        let mut created = Vec::new();
        for (name, binding) in &mut bindings {
            match binding {
                Binding::Kv { id } => match self.namespace_for(&worker, name, id.as_deref(), &mut created).await {
                    Ok(found) => *id = Some(found),
                    Err(Error::Invalid(more)) => problems.extend(more),
                    Err(error) => return Err(error),
                },
                Binding::Service { worker: target } if *target != worker => match self.worker(target).await {
                    Ok(_) => {}
                    Err(Error::NotFound { .. }) if targets == Targets::MayCome => {}
                    Err(Error::NotFound { .. }) => problems.push(format!(
                        "binding `{name}` is for worker `{target}`, which is not there\nhint: deploy `{target}` first"
                    )),
                    Err(error) => return Err(error),
                },
                Binding::Service { .. } | Binding::Assets | Binding::VersionMetadata => {}
            }
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        edit.changes.extend(created.iter().flat_map(Namespace::creation).collect::<Vec<Change>>());
        let content = Content {
            artifact: new.artifact.clone(),
            vars: new.vars.clone(),
            bindings,
            secrets,
            assets: new.assets.clone(),
            limits: new.limits,
            compatibility_date: new.compatibility_date.clone(),
            compatibility_flags: new.compatibility_flags.clone(),
            crons: new.crons.clone(),
            tail_consumers: new.tail_consumers.clone(),
        };
        Ok((content, created))
    }

    async fn check_blob(&self, digest: Digest, problems: &mut Vec<String>) -> Result<(), Error> {
        if !self.storage().has_blob(digest).await? {
            problems.push(format!("blob {digest} is named, but not stored\nhint: upload it first"));
        }
        Ok(())
    }
}

/// Variables and secrets count together.
pub(super) fn check_count(vars: usize, secrets: usize, problems: &mut Vec<String>) {
    let most = limits::VARIABLES.maximum;
    if (vars + secrets) as u64 > most {
        problems.push(format!("{vars} variables and {secrets} secrets are more than the {most} allowed together"));
    }
}
