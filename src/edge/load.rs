//! From a version as it is stored to one that can answer.

use super::admission::{Gate, Gates};
use crate::assets::{Assets, Index};
use crate::cache::Cache;
use crate::engine::{Executor, Prepared, Setup, Worker};
use crate::host::{Bindings, CACHES, Dispatch, Target, VersionMetadata};
use crate::kv::Namespace;
use crate::limits::Limits;
use crate::metrics::{Metrics, Series};
use crate::registry::version::{Artifact, Binding};
use crate::registry::{Registry, Version, WorkerName};
use crate::storage::Storage;
use anyhow::{Context, Result, anyhow};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A version that can answer.
pub struct Ready {
    /// Name of the worker.
    pub name: Arc<str>,
    /// Id of the version.
    pub version: Arc<str>,
    /// Name of the token that published it.
    pub author: Arc<str>,
    /// What runs; none for a worker that has static assets only.
    pub worker: Option<Arc<Worker>>,
    /// Static assets, looked at before the worker is run.
    pub assets: Option<Arc<Assets>>,
    /// Counts its worker's requests.
    pub series: Arc<Series>,
    /// Workers that are told of its invocations.
    pub tail_consumers: Arc<[WorkerName]>,
    /// Bounds the requests under way for its worker, if anything does.
    pub gate: Option<Arc<Gate>>,
}

/// What loading needs.
pub struct Loader {
    pub executor: Arc<Executor>,
    pub registry: Registry,
    /// Where KV namespaces are.
    pub data: Data,
    /// What workers keep for a while.
    pub cache: Cache,
    /// Runs workers that are called by others.
    pub dispatch: Arc<dyn Dispatch>,
    pub metrics: Arc<Metrics>,
    /// Bounds on requests under way.
    pub gates: Arc<Gates>,
}

/// Storage of what workers keep.
pub enum Data {
    /// It is open.
    Open(Storage),
    /// It is opened when a worker first needs it, so that `dev` leaves no folder behind that nobody uses.
    OnDemand { folder: PathBuf, opened: OnceCell<Storage> },
}

impl Data {
    /// Storage in `folder`, opened when it is needed.
    pub fn on_demand(folder: PathBuf) -> Self {
        Self::OnDemand { folder, opened: OnceCell::new() }
    }

    async fn storage(&self) -> Result<&Storage> {
        match self {
            Self::Open(storage) => Ok(storage),
            Self::OnDemand { folder, opened } => Ok(opened
                .get_or_try_init(async || Storage::open(folder))
                .await
                .with_context(|| format!("failed to open `{}`", folder.display()))?),
        }
    }
}

impl Loader {
    /// Loads a version: from the code cache in a fraction of a millisecond, or by compiling its component anew.
    pub async fn load(&self, version: &Version) -> Result<Ready> {
        let (name, id) = (version.worker.as_str().into(), version.id.as_str().into());
        let series = self.metrics.worker(&name);
        let assets = self.assets(version).await?;
        let worker = match &version.content.artifact {
            Some(artifact) => {
                let prepared = self.prepare(artifact).await?;
                Some(Arc::new(Worker::new(prepared, self.setup(version, assets.as_ref(), &series).await?)))
            }
            None => None,
        };
        // A worker that consumes its own traces would never come to an end.
        let others = version.content.tail_consumers.iter().filter(|consumer| **consumer != version.worker);
        let tail_consumers = others.cloned().collect();
        let author = version.author.as_str().into();
        let gate = self.gates.worker(&name);
        Ok(Ready { name, version: id, author, worker, assets, series, tail_consumers, gate })
    }

    async fn prepare(&self, artifact: &Artifact) -> Result<Prepared> {
        let engine = artifact.javascript.as_ref().map(|javascript| javascript.engine.as_str());
        if let Some(engine) = engine.filter(|engine| !self.executor.has_engine(engine)) {
            self.add_engine(engine).await?;
        }
        if let Some(prepared) = self.executor.prepared(artifact.digest, artifact.trigger, engine)? {
            return Ok(prepared);
        }
        let digest = artifact.digest;
        let wasm = self.registry.storage().get_blob(digest).await?;
        let wasm = wasm.ok_or_else(|| anyhow!("the component {digest} is missing from the store"))?;
        let executor = self.executor.clone();
        let compiled = tokio::task::spawn_blocking(move || executor.prepare(&wasm, digest));
        Ok(compiled.await.context("compiling ended early")??.1)
    }

    /// Workers outlive the version of glowplug that they were deployed with: their engine is kept beside them.
    async fn add_engine(&self, engine: &str) -> Result<()> {
        let digest = engine.parse().with_context(|| format!("`{engine}` names no JavaScript engine"))?;
        let wasm = self.registry.storage().get_blob(digest).await?;
        let wasm = wasm.ok_or_else(|| anyhow!("the JavaScript engine {digest} is missing from the store"))?;
        let executor = self.executor.clone();
        tokio::task::spawn_blocking(move || executor.add_engine(&wasm)).await.context("compiling ended early")?
    }

    async fn assets(&self, version: &Version) -> Result<Option<Arc<Assets>>> {
        let Some(assets) = &version.content.assets else { return Ok(None) };
        let storage = self.registry.storage();
        let index = storage.get_blob(assets.index).await?;
        let index =
            index.ok_or_else(|| anyhow!("the index of the assets {} is missing from the store", assets.index))?;
        let index = Index::parse(&index).map_err(|error| anyhow!("the index of the assets is damaged: {error}"))?;
        Ok(Some(Arc::new(Assets::new(index, storage.clone()))))
    }

    async fn setup(&self, version: &Version, assets: Option<&Arc<Assets>>, series: &Series) -> Result<Setup> {
        let content = &version.content;
        let secrets = self.registry.open_secrets(version).await?;
        let space = self.cache.space(version.worker.as_str().into()).counted_by(series.lookups().clone());
        let mut bindings = Bindings {
            secrets,
            version: VersionMetadata {
                id: version.id.to_string(),
                tag: version.tag.clone(),
                timestamp: version.created.to_string(),
            },
            cache: Some(space.clone()),
            dispatch: Some(self.dispatch.clone()),
            ..Bindings::default()
        };
        for (name, binding) in &content.bindings {
            let target = match binding {
                Binding::Kv { id } => {
                    let id = id.as_ref().with_context(|| format!("the binding `{name}` has no namespace"))?;
                    Target::Kv(Namespace::new(self.data.storage().await?.clone(), id))
                }
                Binding::Service { worker } => Target::Service(worker.to_string()),
                Binding::Assets => {
                    Target::Assets(assets.with_context(|| format!("the binding `{name}` has no assets"))?.clone())
                }
                Binding::VersionMetadata => continue,
            };
            bindings.targets.insert(name.clone(), target);
        }
        if content.artifact.as_ref().is_some_and(|artifact| artifact.javascript.is_some()) {
            bindings.targets.insert(CACHES.to_owned(), Target::Cache(space));
        }
        let limits = Limits::new(&content.limits)
            .map_err(|errors| anyhow!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
        let vars = content.vars.iter().map(|(name, value)| (name.clone(), text_of(value)));
        Ok(Setup {
            name: version.worker.as_str().into(),
            version: version.id.as_str().into(),
            artifact: content.artifact.as_ref().map(|artifact| artifact.digest),
            engine: content.artifact.as_ref().and_then(|artifact| artifact.javascript.as_ref()?.engine.parse().ok()),
            limits,
            env: vars.chain(bindings.secrets.iter().cloned()).collect(),
            bindings: Arc::new(bindings),
        })
    }
}

/// A variable as an environment variable: strings as they are, everything else as JSON.
fn text_of(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
