//! `glowplug dev`

mod playground;
pub(super) mod project;

use self::playground::Playground;
use self::project::{Failure, Project};
use super::print;
use super::signals::stopped;
use super::watch::{DATA_FOLDER, FileWatcher};
use crate::cache::Cache;
use crate::edge::listener::Listening;
use crate::edge::{Data, Entry, Front, Mode, Recordings, Site, SiteOptions, listener, serve};
use crate::engine::Wasi;
use crate::engine::code_cache::CodeCache;
use crate::manifest::Manifest;
use crate::registry::{OriginRoutes, Registry, SealingKey};
use crate::storage::Storage;
use anyhow::Result;
use clap::Args;
use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Versions that stay loaded: those of the projects, and what they replaced.
const LOADED_VERSIONS: NonZeroUsize = NonZeroUsize::new(64).expect("64 is not zero");

/// How long invocations under way are waited for at the end, when they are recorded.
const LAST_RECORDINGS: Duration = Duration::from_secs(5);

/// How long clients may take at the end to answer that their WebSockets are closed.
const LAST_WEBSOCKETS: Duration = Duration::from_secs(1);

/// Serve workers from their source, anew at each change
#[derive(Debug, Args)]
pub struct Dev {
    /// A script, a component, or a folder with a `wrangler.toml`, `wrangler.jsonc` or `glowplug.toml`. Requests go to the
    /// first; others can be called by it through service bindings
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,

    /// Port to listen on; 0 for any free one
    #[arg(long, default_value_t = 8787, env = "GLOWPLUG_PORT")]
    port: u16,

    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1", env = "GLOWPLUG_HOST")]
    host: IpAddr,

    /// Environment of the configuration file to use
    #[arg(short, long, value_name = "NAME")]
    env: Option<String>,

    /// Where KV namespaces are kept [default: .glowplug in the project's folder]
    #[arg(long, value_name = "DIR")]
    persist_to: Option<PathBuf>,

    /// Record each invocation to a file in this folder, for `glowplug replay`
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,

    /// Port of the playground, on this machine alone; 0 for any free one [default: 8789, or any if that is in use]
    #[arg(long, env = "GLOWPLUG_PLAYGROUND_PORT", conflicts_with = "no_playground")]
    playground_port: Option<u16>,

    /// Serve no playground
    #[arg(long)]
    no_playground: bool,

    /// Open the playground in a browser
    #[arg(long, conflicts_with = "no_playground")]
    open: bool,

    /// Serve components for WASI 0.3 too
    #[arg(long)]
    experimental_wasi_03: bool,
}

/// Times that a request may have come by here before, by its `CDN-Loop`.
const LOOPS: usize = 16;

impl Dev {
    pub async fn execute(self, cache: CodeCache) -> Result<ExitCode> {
        // A wrong path ends the command; a wrong file under a right path can be mended while it runs.
        for path in self.paths.iter().filter(|path| !path.exists()) {
            Manifest::load(path, self.env.as_deref())?;
        }
        let listener = listener::bind(SocketAddr::new(self.host, self.port), "--port")?;
        let address = listener.local_addr()?;
        let playground = self.playground()?;
        let options = playground::Options {
            cache: cache.clone(),
            wasi: self.wasi(),
            project: self.paths[0].clone(),
            environment: self.env.clone(),
        };
        let site = Site::new(SiteOptions {
            cache: Cache::in_memory(),
            executor: Arc::new(super::executor(cache, self.wasi())?),
            registry: registry()?,
            data: Data::on_demand(self.persist_to.clone().unwrap_or_else(|| folder(&self.paths[0]).join(DATA_FOLDER))),
            mode: Mode::Dev,
            entry: Entry::Primary,
            base_domain: None,
            routes: OriginRoutes::default(),
            loaded_versions: LOADED_VERSIONS,
            log: Arc::new(|entry| print::console(&entry)),
            requests: Arc::new(|entry| print::request(&entry)),
            recordings: self
                .record
                .as_deref()
                .map(|folder| Recordings::new(folder, NonZeroU64::MIN, None))
                .transpose()?,
            receipts: None,
            ledger: None,
            front: Front { loops: Some(LOOPS), ..Front::default() },
        });
        let changes = site.fleet.start().await?;
        let follower = tokio::spawn({
            let site = site.clone();
            async move { site.fleet.follow(changes).await }
        });

        let mut projects = Vec::new();
        // Those that are called come first, so that the caller finds them.
        for (index, path) in self.paths.iter().enumerate().rev() {
            let mut project = Project::new(path.clone(), self.env.clone(), index == 0);
            let watcher = first(&mut project, &site).await?;
            projects.push((project, watcher));
        }
        print::ready(&format!("http://{address}"));
        let playing = async {
            let Some(playground) = playground else { return std::future::pending().await };
            let url = playground.url();
            print::note(&format!("playground on {url}"));
            if self.open {
                playground::open(&url);
            }
            playground.serve(options, std::future::pending()).await
        };
        let handler = {
            let site = site.clone();
            move |request| serve(site.clone(), request)
        };
        let rebuilding = futures_util::future::try_join_all(
            projects.into_iter().map(|(project, watcher)| rebuild(project, &site, watcher)),
        );
        let stop = async {
            stopped().await;
            site.close_websockets();
        };
        let options = listener::Options::new(listener::Bounds::default(), listener::Places::unlimited());
        let serving = listener::serve(Listening::Tcp(listener), handler, stop, options);
        tokio::select! {
            () = serving => {}
            never = rebuilding => { never?; }
            () = playing => {}
        }
        let _ = tokio::time::timeout(LAST_WEBSOCKETS, site.websockets_closed()).await;
        if self.record.is_some() {
            let _ = tokio::time::timeout(LAST_RECORDINGS, site.executor.idle()).await;
            site.recorded().await;
        }
        follower.abort();
        Ok(ExitCode::SUCCESS)
    }
}

impl Dev {
    fn wasi(&self) -> Wasi {
        if self.experimental_wasi_03 { Wasi::Experimental } else { Wasi::Stable }
    }

    /// The playground, unless there is to be none. Where any port will do for the workers, it will for this too.
    fn playground(&self) -> Result<Option<Playground>> {
        if self.no_playground {
            return Ok(None);
        }
        let port = self.playground_port.or((self.port == 0).then_some(0));
        Playground::bind(port).map(Some)
    }
}

/// Versions are made anew each time, so nothing of them is kept.
pub(super) fn registry() -> Result<Registry> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| anyhow::anyhow!("the system gives no random numbers: {error}"))?;
    Ok(Registry::new(Storage::in_memory(), SealingKey::from_bytes(&key)))
}

/// The folder that `path` is, or is in.
fn folder(path: &Path) -> PathBuf {
    if path.is_dir() { path.to_owned() } else { path.parent().unwrap_or(Path::new("")).to_owned() }
}

/// Builds a project for the first time.
async fn first(project: &mut Project, site: &Arc<Site>) -> Result<FileWatcher> {
    let mut watcher = FileWatcher::new()?;
    watcher.watch(project.fallback_inputs())?;
    match project.deploy(site).await {
        Ok(deployed) => watcher.watch(deployed.inputs)?,
        Err(Failure { text, details, inputs, .. }) => {
            print::error(&text);
            if project.is_primary() {
                site.set_broken(Some(details));
            }
            watcher.watch(inputs)?;
        }
    }
    Ok(watcher)
}

/// Builds again at each change. A version that does not build leaves the last good one in place.
async fn rebuild(mut project: Project, site: &Arc<Site>, mut watcher: FileWatcher) -> Result<std::convert::Infallible> {
    loop {
        watcher.changed().await;
        match project.deploy(site).await {
            Ok(deployed) => {
                watcher.watch(deployed.inputs)?;
                print::success(&format!("version {} is live", deployed.version));
            }
            Err(Failure { text, details, inputs, .. }) => {
                print::error(&text);
                if project.has_deployed() {
                    print::note("the last good version goes on serving");
                } else if project.is_primary() {
                    site.set_broken(Some(details));
                }
                watcher.watch(inputs)?;
            }
        }
    }
}
