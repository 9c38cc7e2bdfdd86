//! Deployments: which versions are live, and which were.

use super::deployment::{Cause, Deployment, Share, WHOLE};
use super::edit::GoLive;
use super::new_version::check_message;
use super::publish::Targets;
use super::retention::KEPT_DEPLOYMENTS;
use super::uses::Uses;
use super::version::VersionId;
use super::worker::{WorkerName, WorkerRecord};
use super::{Done, Error, Registry};
use std::cmp::Reverse;
use std::collections::HashSet;

impl Registry {
    /// The newest `limit` deployments of a worker, the newest first.
    pub async fn deployments(&self, worker: &WorkerName, limit: usize) -> Result<Vec<Deployment>, Error> {
        match self.worker(worker).await?.deployment {
            Some(live) => self.history(worker, live.number, limit.min(KEPT_DEPLOYMENTS as usize)).await,
            None => Ok(Vec::new()),
        }
    }

    /// Divides a worker's traffic between one or two of its versions, the newer first.
    pub async fn deploy_versions(
        &self,
        worker: &WorkerName,
        shares: Vec<Share>,
        author: &str,
        message: &str,
    ) -> Result<Done<Deployment>, Error> {
        check_shares(&shares)?;
        check_message(message)?;
        let mut attempts = self.begin(worker.as_str()).await;
        loop {
            let mut edit = self.edit(worker).await?;
            let mut uses = Uses::default();
            for share in &shares {
                let version = self.version(worker, &share.version).await?;
                uses.reach(&Uses::of(worker, &version.content));
            }
            let live = GoLive {
                shares: shares.clone(),
                uses,
                made: &HashSet::new(),
                targets: Targets::MustExist,
                cause: Cause::Versions,
                author,
                message,
            };
            let deployment = self.go_live(&mut edit, live).await?;
            if let Some(done) = attempts.commit(edit.plan(deployment)).await? {
                return Ok(done);
            }
        }
    }

    /// Gives all traffic to an earlier version: to `version`, or to the one that was live before the current
    /// deployment.
    pub async fn rollback(
        &self,
        worker: &WorkerName,
        version: Option<VersionId>,
        author: &str,
        message: &str,
    ) -> Result<Done<Deployment>, Error> {
        check_message(message)?;
        let mut attempts = self.begin(worker.as_str()).await;
        loop {
            let mut edit = self.edit(worker).await?;
            let id = match &version {
                Some(id) => id.clone(),
                None => self.version_before(&edit.record).await?,
            };
            let shares = vec![Share { version: id.clone(), share: WHOLE }];
            if edit.record.deployment.as_ref().is_some_and(|live| live.shares == shares) {
                return Err(Error::Conflict(format!("version `{id}` has all traffic already")));
            }
            let uses = Uses::of(worker, &self.version(worker, &id).await?.content);
            let live = GoLive {
                shares,
                uses,
                made: &HashSet::new(),
                targets: Targets::MustExist,
                cause: Cause::Rollback,
                author,
                message,
            };
            let deployment = self.go_live(&mut edit, live).await?;
            if let Some(done) = attempts.commit(edit.plan(deployment)).await? {
                return Ok(done);
            }
        }
    }

    /// Looks back through the history for a version that is not simply what is live now, and is still kept. Of two that
    /// were live at once, the one with the larger share is meant.
    async fn version_before(&self, record: &WorkerRecord) -> Result<VersionId, Error> {
        let Some(live) = &record.deployment else {
            return Err(Error::Conflict(format!("worker `{}` was never deployed", record.name)));
        };
        let only = match live.shares.as_slice() {
            [share] => Some(&share.version),
            _ => None,
        };
        let kept: HashSet<_> =
            self.listed_versions(&record.name).await?.into_iter().map(|version| version.id).collect();
        let earlier = self.history(&record.name, live.number - 1, KEPT_DEPLOYMENTS as usize).await?;
        for mut deployment in earlier.into_iter().filter(|deployment| deployment.number < live.number) {
            deployment.shares.sort_by_key(|share| Reverse(share.share));
            let mut versions = deployment.shares.into_iter().map(|share| share.version);
            if let Some(found) = versions.find(|id| Some(id) != only && kept.contains(id)) {
                return Ok(found);
            }
        }
        let hint = "deploy one, or name a version; `glowplug versions list` shows them";
        Err(Error::Conflict(format!("no other version of `{}` was live before\nhint: {hint}", record.name)))
    }
}

fn check_shares(shares: &[Share]) -> Result<(), Error> {
    let wrong = |what: String| {
        let hint = "give one version all traffic, or two of them shares that add up to 100%";
        Err(Error::invalid(format!("{what}\nhint: {hint}")))
    };
    match shares {
        [_] | [_, _] => {}
        _ => return wrong(format!("{} versions cannot share the traffic", shares.len())),
    }
    if let [first, second] = shares
        && first.version == second.version
    {
        return wrong(format!("version `{}` is named twice", first.version));
    }
    if let Some(share) = shares.iter().find(|share| !(1..=WHOLE).contains(&share.share)) {
        return wrong(format!("version `{}` has a share of {}", share.version, percent(share.share.into())));
    }
    match shares.iter().map(|share| u64::from(share.share)).sum() {
        whole if whole == u64::from(WHOLE) => Ok(()),
        sum => wrong(format!("the shares add up to {}", percent(sum))),
    }
}

/// Hundredths of a percent, in words.
fn percent(share: u64) -> String {
    format!("{}%", share as f64 / 100.0)
}
