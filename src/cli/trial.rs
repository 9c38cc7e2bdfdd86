//! A program run in process: on the engine that serves, through the dispatch that serves, without sockets.
//!
//! A [`Trial`] is a site of its own with a registry in memory and one project deployed to it. Requests go the whole way
//! from routing to the request line, so what a trial is charged is what `serve` would charge for the same request.

mod deployed;
mod exchange;
mod har;
mod jsonl;
pub mod request;

pub use self::exchange::Exchange;
pub use self::request::TrialRequest;
use crate::cache::Cache;
pub use crate::edge::dispatch::Seed;

use self::exchange::Expected;
use super::client::Client;
use super::dev::{self, project::Deployed, project::Failure, project::Project, project::Voice};
use crate::digest::Digest;
use crate::edge::{Data, Entry, Mode, Site, SiteOptions};
use crate::engine::{Executor, Trigger};
use crate::limits::Limits;
use crate::registry::{OriginRoutes, Registry, Version, VersionId, WorkerName};
use crate::storage::Storage;
use anyhow::{Context, Result, anyhow};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Versions that stay loaded: a trial has one.
const LOADED_VERSIONS: NonZeroUsize = NonZeroUsize::new(4).expect("4 is not zero");

/// What is known of a program before it is run.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Name of the worker.
    pub name: String,
    /// What it is, in words.
    pub kind: String,
    /// Bytes of its component; of its files when it has static assets only.
    pub artefact_bytes: u64,
    /// Fuel of its top-level code; none for what is not made from JavaScript.
    pub start_up_fuel: Option<u64>,
    /// Id of its version.
    pub version: String,
    /// What one request may use.
    pub limits: Limits,
}

/// One program, deployed to a site of its own.
pub struct Trial {
    site: Arc<Site>,
    expected: Arc<Expected>,
    follower: JoinHandle<()>,
    worker: WorkerName,
    /// The component that runs.
    artifact: Option<Digest>,
    facts: Facts,
}

impl Trial {
    /// Builds and deploys what is at `path`: a script, a component, a configuration file or a folder.
    pub async fn of_path(path: &Path, executor: Arc<Executor>) -> Result<Self> {
        let (site, expected, follower) = start(executor, dev::registry()?).await?;
        let mut project = Project::new(path.to_owned(), None, true).with_voice(Voice::Warnings);
        let deployed = project.deploy(&site).await.map_err(|failure| anyhow!("{}", failure.text))?;
        Self::of_site(site, expected, follower, deployed.worker, &deployed.version).await
    }

    /// Builds and deploys `project`, and gives what the build has to say too.
    pub async fn of_project(
        mut project: Project,
        executor: Arc<Executor>,
    ) -> Result<Result<(Self, Deployed), Failure>> {
        let (site, expected, follower) = start(executor, dev::registry()?).await?;
        let deployed = match project.deploy(&site).await {
            Ok(deployed) => deployed,
            Err(failure) => return Ok(Err(failure)),
        };
        let trial = Self::of_site(site, expected, follower, deployed.worker.clone(), &deployed.version).await?;
        Ok(Ok((trial, deployed)))
    }

    /// What is live of the worker `name` on a server, fetched from there. Its secrets stay where they are, and KV
    /// namespaces are empty.
    pub async fn of_deployed(client: &Client, name: &WorkerName, executor: Arc<Executor>) -> Result<Self> {
        let (site, expected, follower) = start(executor, dev::registry()?).await?;
        let version = deployed::fetch(client, name, &site).await?;
        Self::of_site(site, expected, follower, name.clone(), &version).await
    }

    /// The same program on a site where nothing is loaded yet: the next request finds compiled code in the cache and
    /// nothing else, as the first one after a server's start does. What its KV namespaces hold is not carried over.
    pub async fn restarted(&self) -> Result<Self> {
        let (site, expected, follower) = start(self.site.executor.clone(), self.site.fleet.registry().clone()).await?;
        site.set_primary(self.worker.clone());
        let (worker, facts) = (self.worker.clone(), self.facts.clone());
        Ok(Self { site, expected, follower, worker, artifact: self.artifact, facts })
    }

    /// What is known of the program.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Keeps the program's compiled code no longer; what runs goes on.
    pub fn forget(&self) {
        if let Some(artifact) = self.artifact {
            self.site.executor.forget(artifact);
        }
    }

    /// Sends a request and waits until all that it started is done, `waitUntil` work included. One at a time.
    pub async fn send(&self, request: &TrialRequest) -> Result<Exchange> {
        exchange::send(&self.site, &self.expected, request, None).await
    }

    /// The same, with random numbers that come from `seed`: with the same seed a worker draws the same ones.
    pub async fn send_seeded(&self, request: &TrialRequest, seed: Seed) -> Result<Exchange> {
        exchange::send(&self.site, &self.expected, request, Some(seed)).await
    }

    async fn of_site(
        site: Arc<Site>,
        expected: Arc<Expected>,
        follower: JoinHandle<()>,
        worker: WorkerName,
        version: &VersionId,
    ) -> Result<Self> {
        let version = site.fleet.registry().version(&worker, version).await?;
        let facts = facts(&version)?;
        let artifact = version.content.artifact.as_ref().map(|artifact| artifact.digest);
        Ok(Self { site, expected, follower, worker, artifact, facts })
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

/// A site that answers with whatever `registry` has.
async fn start(executor: Arc<Executor>, registry: Registry) -> Result<(Arc<Site>, Arc<Expected>, JoinHandle<()>)> {
    let expected = Arc::<Expected>::default();
    let site = Site::new(SiteOptions {
        cache: Cache::in_memory(),
        executor,
        registry,
        data: Data::Open(Storage::in_memory()),
        mode: Mode::Serve,
        entry: Entry::Primary,
        base_domain: None,
        routes: OriginRoutes::default(),
        loaded_versions: LOADED_VERSIONS,
        log: {
            let expected = expected.clone();
            Arc::new(move |line| expected.said(line))
        },
        requests: {
            let expected = expected.clone();
            Arc::new(move |line| expected.came(line))
        },
        recordings: None,
        receipts: None,
        ledger: None,
        front: crate::edge::Front::default(),
    });
    let changes = site.fleet.start().await?;
    let follower = tokio::spawn({
        let site = site.clone();
        async move { site.fleet.follow(changes).await }
    });
    Ok((site, expected, follower))
}

fn facts(version: &Version) -> Result<Facts> {
    let content = &version.content;
    let limits = Limits::new(&content.limits)
        .map_err(|errors| anyhow!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
    let (kind, artefact_bytes, start_up_fuel) = match (&content.artifact, &content.assets) {
        (Some(artifact), _) => {
            let kind = match (&artifact.javascript, artifact.trigger) {
                (Some(_), _) => "JavaScript worker",
                (None, Trigger::Http02) => "component",
                (None, Trigger::Http03) => "component (WASI 0.3)",
            };
            (kind, artifact.size, artifact.javascript.as_ref().map(|javascript| javascript.start_up_fuel))
        }
        (None, Some(assets)) => ("static assets", assets.size, None),
        (None, None) => return Err(anyhow!("the version has neither code nor assets")).context(version.id.to_string()),
    };
    Ok(Facts {
        name: version.worker.to_string(),
        kind: kind.to_owned(),
        artefact_bytes,
        start_up_fuel,
        version: version.id.to_string(),
        limits,
    })
}

#[cfg(test)]
mod tests;
