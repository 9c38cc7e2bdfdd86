//! What is stored, as the API shows it.

use super::urls::Urls;
use crate::limits::Settings;
use crate::registry::version::{Artifact, Assets};
use crate::registry::{
    Binding, Cause, Content, Deployment, RoutePattern, Version, VersionId, WorkerName, WorkerRecord,
};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// A worker: what is live, where it is reached.
#[derive(Debug, Serialize)]
pub(super) struct WorkerView {
    name: WorkerName,
    created: Timestamp,
    routes: Vec<RoutePattern>,
    subdomain: bool,
    previews: bool,
    url: Option<String>,
    deployment: Option<DeploymentView>,
    /// Names.
    secrets: Vec<String>,
}

impl WorkerView {
    pub fn new(record: WorkerRecord, urls: &Urls) -> Self {
        Self {
            url: urls.worker(&record),
            name: record.name,
            created: record.created,
            routes: record.routes,
            subdomain: record.subdomain,
            previews: record.previews,
            deployment: record.deployment.map(DeploymentView::from),
            secrets: record.secrets.into_keys().collect(),
        }
    }
}

/// A version, with the names of its secrets.
#[derive(Debug, Serialize)]
pub(super) struct VersionView {
    id: VersionId,
    worker: WorkerName,
    created: Timestamp,
    author: String,
    message: String,
    tag: String,
    artifact: Option<Artifact>,
    vars: BTreeMap<String, serde_json::Value>,
    bindings: BTreeMap<String, Binding>,
    secrets: Vec<String>,
    assets: Option<Assets>,
    limits: Settings,
    compatibility_date: String,
    compatibility_flags: Vec<String>,
    crons: Vec<String>,
    tail_consumers: Vec<WorkerName>,
    pub preview_url: Option<String>,
}

impl VersionView {
    /// `record` is that of its worker.
    pub fn new(version: Version, record: &WorkerRecord, urls: &Urls) -> Self {
        let preview_url = urls.preview(record, &version.id);
        let Version { id, worker, created, author, message, tag, content } = version;
        let Content { artifact, vars, bindings, secrets, assets, limits, .. } = content;
        let Content { compatibility_date, compatibility_flags, crons, tail_consumers, .. } = content;
        let secrets = secrets.into_keys().collect();
        Self {
            id,
            worker,
            created,
            author,
            message,
            tag,
            artifact,
            vars,
            bindings,
            secrets,
            assets,
            limits,
            compatibility_date,
            compatibility_flags,
            crons,
            tail_consumers,
            preview_url,
        }
    }
}

/// One entry of a worker's history.
#[derive(Debug, Serialize)]
pub(super) struct DeploymentView {
    number: u64,
    created: Timestamp,
    author: String,
    message: String,
    cause: Cause,
    versions: Vec<ShareView>,
}

/// A version's part of the traffic.
#[derive(Debug, Serialize)]
pub(super) struct ShareView {
    version: VersionId,
    percent: f64,
}

impl From<Deployment> for DeploymentView {
    fn from(deployment: Deployment) -> Self {
        let versions = shares(&deployment);
        let Deployment { number, created, author, message, cause, .. } = deployment;
        Self { number, created, author, message, cause, versions }
    }
}

/// The parts of a deployment.
pub(super) fn shares(deployment: &Deployment) -> Vec<ShareView> {
    let view = |share: &crate::registry::Share| ShareView::new(share.version.clone(), share.share);
    deployment.shares.iter().map(view).collect()
}

impl ShareView {
    /// `share` is in hundredths of a percent.
    pub fn new(version: VersionId, share: u32) -> Self {
        Self { version, percent: f64::from(share) / 100.0 }
    }
}
