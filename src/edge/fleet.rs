//! What is live on this node: the table of routes, every worker's deployment, and the versions that are loaded.
//!
//! It follows the registry through [`Fleet::follow`]: a deployment is live here once its revision is applied. Versions
//! are loaded when they are first called and kept in a bounded list; what replaces a loaded version is loaded before
//! it takes over, so that a deployment costs no request any time.

use super::load::{Loader, Ready};
use super::route;
use crate::registry::route::{Found, How, RouteTable, Scheme};
use crate::registry::{self, OriginRoutes, Registry, RoutePattern, VersionId, WorkerName, WorkerRecord, bucket};
use crate::route_options::RouteOptions;
use crate::storage::{Changed, Revision};
use arc_swap::ArcSwap;
use lru::LruCache;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{OnceCell, broadcast, watch};

/// A version's place in the list of loaded ones; whoever comes while it is being loaded waits.
type Slot = Arc<OnceCell<Arc<Ready>>>;

/// Pause before what could not be read is read again.
const AGAIN: Duration = Duration::from_millis(200);

/// Why a version cannot answer; the text is for the log.
pub type LoadError = anyhow::Error;

/// The workers of this node.
pub struct Fleet {
    registry: Registry,
    loader: Loader,
    base_domain: Option<String>,
    routes: ArcSwap<RouteTable>,
    /// Routes of the server's settings.
    fixed: OriginRoutes,
    /// Routes without a worker.
    origins: RwLock<OriginRoutes>,
    workers: RwLock<HashMap<WorkerName, Arc<Live>>>,
    loaded: Mutex<LruCache<Arc<str>, Slot>>,
    applied: watch::Sender<Revision>,
}

/// A worker as it is live.
pub struct Live {
    pub record: WorkerRecord,
    /// The pattern that `NAME.<base-domain>` counts as.
    subdomain: Arc<str>,
    /// Names of the deployment's versions in the list of loaded ones.
    keys: Vec<Arc<str>>,
}

impl Live {
    /// How many versions share its requests.
    pub fn versions(&self) -> usize {
        self.keys.len()
    }
}

/// Where a URL leads.
pub struct Way {
    /// None if the route leads to its origin.
    pub live: Option<Arc<Live>>,
    /// The pattern that matched.
    pub route: Arc<str>,
    /// The version that the URL names.
    pub version: Option<VersionId>,
    pub options: Arc<RouteOptions>,
}

impl Fleet {
    /// One with the routes `fixed` alone. At most `capacity` versions are loaded at a time.
    pub fn new(
        registry: Registry,
        loader: Loader,
        base_domain: Option<String>,
        fixed: OriginRoutes,
        capacity: NonZeroUsize,
    ) -> Self {
        Self {
            registry,
            loader,
            routes: ArcSwap::from_pointee(RouteTable::with_fixed(
                base_domain.as_deref(),
                &fixed,
                std::iter::empty(),
                &OriginRoutes::new(),
            )),
            fixed,
            origins: RwLock::default(),
            base_domain,
            workers: RwLock::default(),
            loaded: Mutex::new(LruCache::new(capacity)),
            applied: watch::Sender::new(0),
        }
    }

    /// The registry that it follows.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Domain below which workers are reached by their names.
    pub fn base_domain(&self) -> Option<&str> {
        self.base_domain.as_deref()
    }

    /// The table of routes as it is now.
    pub fn routes(&self) -> Arc<RouteTable> {
        self.routes.load_full()
    }

    /// The last revision of the registry that is in effect here.
    pub fn applied(&self) -> watch::Receiver<Revision> {
        self.applied.subscribe()
    }

    /// Waits until `revision` is in effect here.
    pub async fn reached(&self, revision: Revision) {
        // The sender lives as long as `self`.
        let _ = self.applied().wait_for(|applied| *applied >= revision).await;
    }

    /// Reads everything that is deployed, and gives what tells of changes since.
    pub async fn start(&self) -> Result<broadcast::Receiver<Changed>, LoadError> {
        let changes = self.registry.storage().watch();
        let revision = self.reload().await?;
        self.applied.send_replace(revision);
        Ok(changes)
    }

    /// Applies changes as they come; ends with the storage.
    pub async fn follow(&self, mut changes: broadcast::Receiver<Changed>) {
        loop {
            let mut applied = match changes.recv().await {
                Ok(changed) => self.apply(&changed).await.map(|()| changed.revision),
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    changes = changes.resubscribe();
                    self.reload().await
                }
                Err(broadcast::error::RecvError::Closed) => return,
            };
            // Nothing newer may be said to be in effect before this is.
            while let Err(error) = applied {
                tracing::error!(error = format!("{error:#}"), "failed to apply a change; everything is read again");
                tokio::time::sleep(AGAIN).await;
                applied = self.reload().await;
            }
            let revision = applied.unwrap_or_default();
            self.applied.send_if_modified(|applied| {
                let newer = revision > *applied;
                *applied = revision.max(*applied);
                newer
            });
        }
    }

    /// Reads all workers, and gives the revision that they are of at least.
    async fn reload(&self) -> Result<Revision, LoadError> {
        let revision = self.registry.storage().revision().await?;
        let workers = self.registry.workers().await?;
        let origins = self.registry.origin_routes().await?;
        let mut live = HashMap::with_capacity(workers.len());
        for record in workers {
            live.insert(record.name.clone(), Arc::new(self.made(record)));
        }
        *self.workers.write().unwrap_or_else(PoisonError::into_inner) = live;
        *self.origins.write().unwrap_or_else(PoisonError::into_inner) = origins;
        self.rebuild_routes();
        Ok(revision)
    }

    async fn apply(&self, changed: &Changed) -> Result<(), LoadError> {
        for (_, key) in changed.entries.iter().filter(|(bucket, _)| bucket == bucket::WORKERS) {
            let Ok(name) = key.parse::<WorkerName>() else { continue };
            self.apply_worker(&name).await?;
        }
        let mut changed_routes = false;
        for (_, key) in changed.entries.iter().filter(|(bucket, _)| bucket == bucket::ROUTES) {
            let Ok(pattern) = key.parse::<RoutePattern>() else { continue };
            let options = self.registry.origin_route(&pattern).await?;
            let mut origins = self.origins.write().unwrap_or_else(PoisonError::into_inner);
            changed_routes |= match options {
                Some(options) => origins.insert(pattern, options.clone()) != Some(options),
                None => origins.remove(&pattern).is_some(),
            };
        }
        if changed_routes {
            self.rebuild_routes();
        }
        Ok(())
    }

    async fn apply_worker(&self, name: &WorkerName) -> Result<(), LoadError> {
        let old = self.live(name);
        let record = match self.registry.worker(name).await {
            Ok(record) => record,
            Err(registry::Error::NotFound { .. }) => {
                self.workers.write().unwrap_or_else(PoisonError::into_inner).remove(name);
                self.rebuild_routes();
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let new = Arc::new(self.made(record));
        if old.as_ref().is_some_and(|old| old.keys.iter().any(|key| self.is_loaded(key))) {
            self.load_ahead(&new).await;
        }
        let same_routes = old.as_ref().is_some_and(|old| old.record.is_reached_like(&new.record));
        self.workers.write().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), new.clone());
        if let Some(old) = old {
            self.unload(old.keys.iter().filter(|key| !new.keys.contains(key)));
        }
        if !same_routes {
            self.rebuild_routes();
        }
        Ok(())
    }

    /// Loads what takes requests of `live`, so that none of them waits for it.
    pub async fn load_ahead(&self, live: &Live) {
        for share in live.record.deployment.iter().flat_map(|deployment| &deployment.shares) {
            if let Err(error) = self.version(&live.record.name, &share.version).await {
                let error = format!("{error:#}");
                tracing::error!(worker = %live.record.name, version = %share.version, error, "failed to load");
            }
        }
    }

    /// Forgets versions that take no traffic any more; requests under way keep what they have.
    fn unload<'a>(&self, keys: impl Iterator<Item = &'a Arc<str>>) {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            loaded.pop(key);
        }
    }

    fn rebuild_routes(&self) {
        let workers = self.workers.read().unwrap_or_else(PoisonError::into_inner);
        let origins = self.origins.read().unwrap_or_else(PoisonError::into_inner);
        let records = workers.values().map(|live| &live.record);
        let table = RouteTable::with_fixed(self.base_domain.as_deref(), &self.fixed, records, &origins);
        drop((workers, origins));
        self.routes.store(Arc::new(table));
    }

    fn made(&self, record: WorkerRecord) -> Live {
        let shares = record.deployment.iter().flat_map(|deployment| &deployment.shares);
        let keys = shares.map(|share| key(&record.name, &share.version)).collect();
        let subdomain = format!("{}.{}/*", record.name, self.base_domain.as_deref().unwrap_or_default()).into();
        Live { record, subdomain, keys }
    }

    /// The worker `name`, if it is deployed here.
    pub fn live(&self, name: &WorkerName) -> Option<Arc<Live>> {
        self.workers.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// All workers, in no order.
    pub fn workers(&self) -> Vec<Arc<Live>> {
        self.workers.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The worker that a URL leads to, by what, and the version if the URL names one.
    pub fn find(&self, scheme: Scheme, host: &str, path_and_query: &str) -> Option<Way> {
        let routes = self.routes.load();
        let Found { worker, version, how, options } = routes.find(scheme, host, path_and_query)?;
        let live = match worker {
            Some(worker) => Some(self.live(worker)?),
            None => None,
        };
        let route = match (how, &live) {
            (How::Route(pattern), _) => pattern.shared(),
            (How::Subdomain, Some(live)) => live.subdomain.clone(),
            (How::Subdomain | How::Preview, _) => route::PREVIEW.clone(),
        };
        Some(Way { live, route, version, options: options.clone() })
    }

    /// The version of `live` that takes the requests of clients at `place`.
    pub async fn current(&self, live: &Live, place: u32) -> Result<Option<Arc<Ready>>, LoadError> {
        let Some(deployment) = &live.record.deployment else { return Ok(None) };
        let Some(id) = deployment.pick(place) else { return Ok(None) };
        let index = deployment.shares.iter().position(|share| share.version == *id).unwrap_or_default();
        self.load(&live.keys[index], &live.record.name, id).await
    }

    /// Any version of a worker, live or not. None if there is no such version.
    pub async fn version(&self, name: &WorkerName, id: &VersionId) -> Result<Option<Arc<Ready>>, LoadError> {
        self.load(&key(name, id), name, id).await
    }

    async fn load(&self, key: &Arc<str>, name: &WorkerName, id: &VersionId) -> Result<Option<Arc<Ready>>, LoadError> {
        let slot = {
            let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
            loaded.get_or_insert(key.clone(), Slot::default).clone()
        };
        if let Some(ready) = slot.get() {
            return Ok(Some(ready.clone()));
        }
        let ready = slot.get_or_try_init(|| async {
            let version = self.registry.version(name, id).await.map_err(|error| match error {
                registry::Error::NotFound { .. } => None,
                error => Some(error.into()),
            })?;
            self.loader.load(&version).await.map(Arc::new).map_err(Some)
        });
        match ready.await {
            Ok(ready) => Ok(Some(ready.clone())),
            Err(error) => {
                self.loaded.lock().unwrap_or_else(PoisonError::into_inner).pop(key);
                error.map_or(Ok(None), Err)
            }
        }
    }

    /// How many versions are loaded.
    pub fn loaded(&self) -> usize {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The versions that are loaded.
    pub fn ready(&self) -> Vec<Arc<Ready>> {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.iter().filter_map(|(_, slot)| slot.get().cloned()).collect()
    }

    /// How many more can be loaded and none is forgotten for it.
    pub fn room(&self) -> usize {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.cap().get() - loaded.len()
    }

    fn is_loaded(&self, key: &Arc<str>) -> bool {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.peek(key).is_some_and(|slot| slot.initialized())
    }
}

fn key(name: &WorkerName, id: &VersionId) -> Arc<str> {
    format!("{name}/{id}").into()
}
