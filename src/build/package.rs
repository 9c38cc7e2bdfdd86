//! From a built worker to what a server needs of it: blobs by their digests, and the version that names them.

use super::Artifact;
use crate::assets::{self, Collected};
use crate::digest::Digest;
use crate::engine::{self, ComponentInfo, Executor};
use crate::manifest::{self, Manifest};
use crate::registry::version::{self, JavaScript};
use crate::registry::{Binding, NewVersion, WorkerName};
use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A worker, ready to be handed over.
pub struct Package {
    pub name: WorkerName,
    /// The component; none for a worker that has static assets only.
    pub component: Option<(Digest, Bytes)>,
    /// The index of the static assets.
    pub index: Option<(Digest, Bytes)>,
    /// Files of the static assets.
    pub files: BTreeMap<Digest, PathBuf>,
    /// The version, its artefact still to be looked at by whoever receives it.
    pub version: NewVersion,
    /// What the author should know.
    pub warnings: Vec<String>,
}

/// Packs what `build` made of `manifest`; no artefact for static assets alone.
pub fn package(manifest: &Manifest, artifact: Option<Artifact>) -> Result<Package> {
    let name = manifest.name.parse().map_err(|why: String| anyhow!("`{}` is no name: {why}", manifest.name))?;
    let collected = match &manifest.assets {
        Some(assets) => Some(collect(assets)?),
        None => None,
    };
    let mut package = Package {
        name,
        component: artifact.map(|artifact| (Digest::of(&artifact.wasm), Bytes::from(artifact.wasm))),
        index: None,
        files: BTreeMap::new(),
        version: NewVersion {
            artifact: None,
            vars: manifest.env.clone(),
            bindings: bindings(manifest)?,
            assets: None,
            limits: manifest.limit_settings,
            compatibility_date: manifest.compatibility_date.to_string(),
            compatibility_flags: manifest.compatibility_flags.clone(),
            crons: manifest.crons.clone(),
            tail_consumers: tail_consumers(manifest)?,
            required_secrets: manifest.required_secrets.clone(),
            message: String::new(),
            tag: String::new(),
        },
        warnings: Vec::new(),
    };
    if let Some(Collected { index, files, warnings }) = collected {
        let json = Bytes::from(index.to_json());
        let digest = Digest::of(&json);
        package.version.assets = Some(version_assets(digest, &index));
        package.index = Some((digest, json));
        package.files = files;
        package.warnings = warnings;
    }
    Ok(package)
}

/// What a version says of the assets with this index.
pub fn version_assets(digest: Digest, index: &assets::Index) -> version::Assets {
    let (files, size) = index.files().fold((0, 0), |(files, size), (_, file)| (files + 1, size + file.size));
    version::Assets { index: digest, files, size }
}

/// The JavaScript engine that a component was started up on and does not carry; none for other components.
pub fn engine_of(wasm: &[u8]) -> Option<Digest> {
    engine::examine(wasm).ok()?.engine()?.parse().ok()
}

/// The core module of this program's own JavaScript engine: workers keep it beside them.
pub fn own_engine() -> Bytes {
    Bytes::from_static(engine::javascript::ENGINE_WASM)
}

/// Looks at a component that somebody wants to deploy: whether it is whole, can be compiled, and imports nothing that is
/// not given. It is compiled and kept, so that its first request need not wait.
pub fn check(executor: &Executor, wasm: &[u8], digest: Digest) -> Result<version::Artifact> {
    let (ComponentInfo { trigger, origin, .. }, _) = executor.prepare(wasm, digest)?;
    let javascript = origin.map(|origin| JavaScript {
        engine: origin.engine,
        handlers: origin.handlers,
        start_up_fuel: origin.start_up_fuel,
    });
    Ok(version::Artifact { digest, size: wasm.len() as u64, trigger, javascript })
}

fn collect(assets: &manifest::Assets) -> Result<Collected> {
    let settings = assets::Settings {
        html_handling: assets.html_handling,
        not_found_handling: assets.not_found_handling,
        run_worker_first: assets.run_worker_first.clone(),
    };
    assets::collect(&assets.directory, settings)
        .with_context(|| format!("failed to read the assets in `{}`", assets.directory.display()))
}

fn tail_consumers(manifest: &Manifest) -> Result<Vec<WorkerName>> {
    let consumer = |name: &String| {
        name.parse().map_err(|why: String| anyhow!("the tail consumer `{name}` is no worker's name: {why}"))
    };
    manifest.tail_consumers.iter().map(consumer).collect()
}

fn bindings(manifest: &Manifest) -> Result<BTreeMap<String, Binding>> {
    let mut bindings = BTreeMap::new();
    for (name, binding) in &manifest.bindings {
        let binding = match binding {
            manifest::Binding::Kv { id, .. } => Binding::Kv { id: id.clone() },
            manifest::Binding::Service { worker } => {
                let worker = worker.parse().map_err(|why: String| {
                    anyhow!("the binding `{name}` leads to `{worker}`, which is no worker's name: {why}")
                })?;
                Binding::Service { worker }
            }
            manifest::Binding::Assets => Binding::Assets,
            manifest::Binding::VersionMetadata => Binding::VersionMetadata,
        };
        bindings.insert(name.clone(), binding);
    }
    Ok(bindings)
}
