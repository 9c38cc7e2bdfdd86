//! What is live of a worker on a server, fetched to be run here.

use crate::assets::Index;
use crate::build::package;
use crate::cli::client::{Call, Client};
use crate::cli::print;
use crate::digest::Digest;
use crate::edge::Site;
use crate::limits::Settings;
use crate::registry::version::{Artifact, Assets};
use crate::registry::{Binding, NewVersion, Publish, Targets, Traffic, VersionId, WorkerName};
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the history of the site is signed with.
const AUTHOR: &str = "trial";

/// `GET /v1/workers/NAME`, as far as it is needed.
#[derive(Deserialize)]
struct Worker {
    deployment: Option<Deployment>,
}

#[derive(Deserialize)]
struct Deployment {
    versions: Vec<Share>,
}

#[derive(Deserialize)]
struct Share {
    version: VersionId,
    percent: f64,
}

/// `GET /v1/workers/NAME/versions/ID`, as far as it is needed.
#[derive(Deserialize)]
struct Deployed {
    artifact: Option<Artifact>,
    assets: Option<Assets>,
    vars: BTreeMap<String, Value>,
    bindings: BTreeMap<String, Binding>,
    secrets: Vec<String>,
    limits: Settings,
    compatibility_date: String,
    compatibility_flags: Vec<String>,
}

/// Fetches the version of `name` that has most of the traffic and makes it live on `site`.
pub(super) async fn fetch(client: &Client, name: &WorkerName, site: &Arc<Site>) -> Result<VersionId> {
    let id = live_version(client, name).await?;
    let deployed: Deployed = client.call(Call::get(format!("/v1/workers/{name}/versions/{id}"))).await?.json()?;
    if !deployed.secrets.is_empty() {
        let secrets = deployed.secrets.join("`, `");
        print::warning(&format!("`{name}` runs without its secrets, which stay on the server: `{secrets}`"));
    }
    if let Some(artifact) = &deployed.artifact {
        fetch_component(client, site, artifact).await?;
    }
    if let Some(assets) = &deployed.assets {
        fetch_assets(client, site, assets).await?;
    }
    publish(site, name, deployed).await
}

async fn live_version(client: &Client, name: &WorkerName) -> Result<VersionId> {
    let worker: Worker = client.call(Call::get(format!("/v1/workers/{name}"))).await?.json()?;
    let shares = worker.deployment.map(|deployment| deployment.versions).unwrap_or_default();
    match shares.into_iter().max_by(|one, other| one.percent.total_cmp(&other.percent)) {
        Some(share) => Ok(share.version),
        None => bail!("the worker `{name}` has no version that is live\nhint: deploy one with `glowplug deploy`"),
    }
}

/// Stores the component, and the JavaScript engine that it was started up on if that is not this program's own.
async fn fetch_component(client: &Client, site: &Arc<Site>, artifact: &Artifact) -> Result<()> {
    let wasm = fetch_blob(client, site, artifact.digest).await?;
    let engine = package::engine_of(&wasm).filter(|engine| !site.executor.has_engine(&engine.to_string()));
    let engine = match engine {
        Some(engine) => Some(fetch_blob(client, site, engine).await?),
        None => None,
    };
    let (executor, digest) = (site.executor.clone(), artifact.digest);
    let preparing = tokio::task::spawn_blocking(move || {
        if let Some(engine) = engine {
            executor.add_engine(&engine)?;
        }
        package::check(&executor, &wasm, digest)
    });
    preparing.await.context("compiling ended early")??;
    Ok(())
}

async fn fetch_assets(client: &Client, site: &Arc<Site>, assets: &Assets) -> Result<()> {
    let index = fetch_blob(client, site, assets.index).await?;
    let index = Index::parse(&index).context("the index of the assets cannot be read")?;
    for file in index.digests() {
        fetch_blob(client, site, file).await?;
    }
    Ok(())
}

/// Fetches a blob and stores it, by which it is held to its digest.
async fn fetch_blob(client: &Client, site: &Arc<Site>, digest: Digest) -> Result<Bytes> {
    let bytes = client.call(Call::get(format!("/v1/blobs/{digest}"))).await?.body;
    site.fleet.registry().storage().put_blob(digest, bytes.clone()).await?;
    Ok(bytes)
}

async fn publish(site: &Arc<Site>, name: &WorkerName, deployed: Deployed) -> Result<VersionId> {
    let Deployed { artifact, assets, vars, bindings, limits, compatibility_date, compatibility_flags, .. } = deployed;
    let version = NewVersion {
        artifact,
        vars,
        bindings,
        assets,
        limits,
        compatibility_date,
        compatibility_flags,
        ..NewVersion::default()
    };
    let publish = Publish {
        routes: None,
        subdomain: None,
        previews: None,
        traffic: Traffic::All,
        targets: Targets::MayCome,
        author: AUTHOR.to_owned(),
        message: String::new(),
    };
    let published = site.fleet.registry().publish(name, version, publish).await?;
    site.fleet.reached(published.revision).await;
    site.set_primary(name.clone());
    Ok(published.value.version.id)
}
