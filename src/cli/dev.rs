//! `glowplug dev`

use super::watch::FileWatcher;
use super::{build as build_command, print};
use crate::build::{self, BuildError, Target};
use crate::edge::{Current, Details, Mode, Site, dispatch::dispatch, listener};
use crate::engine::code_cache::CodeCache;
use crate::engine::{Executor, Wasi, Worker, digest};
use crate::manifest::{CONFIG_FILES, Manifest};
use anyhow::Result;
use clap::Args;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Serve a worker from its source, anew at each change
#[derive(Debug, Args)]
pub struct Dev {
    /// A script, a component, or a folder with a `wrangler.toml`, `wrangler.jsonc` or `glowplug.toml`
    #[arg(default_value = ".")]
    path: PathBuf,

    /// Port to listen on; 0 for any free one
    #[arg(long, default_value_t = 8787, env = "GLOWPLUG_PORT")]
    port: u16,

    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1", env = "GLOWPLUG_HOST")]
    host: IpAddr,

    /// Serve components for WASI 0.3 too
    #[arg(long)]
    experimental_wasi_03: bool,
}

/// A worker version and the files it came from.
struct Built {
    worker: Arc<Worker>,
    inputs: Vec<PathBuf>,
}

impl Dev {
    pub async fn execute(self, cache: CodeCache) -> Result<ExitCode> {
        // A wrong path ends the command; a wrong file under a right path can be mended while it runs.
        if !self.path.exists() {
            Manifest::load(&self.path)?;
        }
        let listener = listener::bind(SocketAddr::new(self.host, self.port))?;
        let address = listener.local_addr()?;
        let wasi = if self.experimental_wasi_03 { Wasi::Experimental } else { Wasi::Stable };
        let executor = Arc::new(super::executor(cache, wasi)?);
        let mut watcher = FileWatcher::new()?;
        watcher.watch(fallback_inputs(&self.path))?;

        let current = match prepare(&self.path, &executor).await {
            Ok(built) => {
                watcher.watch(built.inputs)?;
                Current::Worker(built.worker)
            }
            Err(failure) => {
                print::error(&failure.text);
                watcher.watch(failure.inputs)?;
                Current::Broken(failure.details)
            }
        };
        let site = Arc::new(Site::new(
            executor,
            Mode::Dev,
            Arc::new(|entry| print::console(&entry)),
            Arc::new(|entry| print::request(&entry)),
            current,
        ));
        print::ready(&format!("http://{address}"));
        let handler = {
            let site = site.clone();
            move |request| dispatch(site.clone(), request)
        };
        let serving = listener::serve(listener, handler, stopped());
        tokio::select! {
            served = serving => served?,
            never = rebuild(&self.path, &site, watcher) => match never? {},
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Returns at the first signal; the second one ends the process, whatever is under way.
async fn stopped() {
    interrupted().await;
    print::note("finishing requests under way; interrupt again to end them");
    tokio::spawn(async {
        interrupted().await;
        std::process::exit(130);
    });
}

/// Ctrl-C, or the polite signal.
async fn interrupted() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    let _ = interrupt.await;
}

/// Builds again at each change. A version that does not build leaves the last good one in place.
async fn rebuild(path: &Path, site: &Site, mut watcher: FileWatcher) -> Result<std::convert::Infallible> {
    loop {
        watcher.changed().await;
        match prepare(path, &site.executor).await {
            Ok(built) => {
                watcher.watch(built.inputs)?;
                print::success(&format!("version {} is live", built.worker.version));
                site.deploy(Current::Worker(built.worker));
            }
            Err(failure) => {
                print::error(&failure.text);
                if matches!(site.current(), Current::Broken(_)) {
                    site.deploy(Current::Broken(failure.details));
                } else {
                    print::note("the last good version goes on serving");
                }
                watcher.watch(failure.inputs)?;
            }
        }
    }
}

/// Why there is no new version, for the terminal and for the browser.
struct Failure {
    text: String,
    details: Arc<Details>,
    inputs: Vec<PathBuf>,
}

async fn prepare(path: &Path, executor: &Executor) -> Result<Built, Failure> {
    let failed =
        |text: String, details: Details, inputs: Vec<PathBuf>| Failure { text, details: Arc::new(details), inputs };
    let plain = |text: String, inputs| {
        let details = Details { error: text.clone(), ..Details::default() };
        failed(text, details, inputs)
    };
    let manifest = Manifest::load(path).map_err(|error| plain(error.to_string(), fallback_inputs(path)))?;
    for warning in &manifest.warnings {
        print::warning(&warning.to_string());
    }
    let mut inputs: Vec<PathBuf> = manifest.file.iter().cloned().chain([manifest.entry.path().to_owned()]).collect();
    let artifact = build::build(&manifest, executor, Target::Shared).await.map_err(|error| {
        let (text, details) = describe(&error);
        if let BuildError::Bundle(error) = &error {
            inputs.extend(error.inputs.iter().cloned());
        }
        failed(text, details, inputs.clone())
    })?;
    build_command::describe(&artifact);
    inputs.extend(artifact.inputs);
    let env = manifest.env.iter().map(|(name, value)| (name.clone(), text_of(value))).collect();
    match executor.load(&artifact.wasm, &digest(&artifact.wasm), manifest.limits, env) {
        Ok(worker) => Ok(Built { worker: Arc::new(worker), inputs }),
        Err(error) => Err(plain(format!("{error:#}"), inputs)),
    }
}

fn describe(error: &BuildError) -> (String, Details) {
    let text = error.to_string();
    let details = match error {
        BuildError::StartUp(failure) => Details {
            error: failure.error.clone(),
            stack: failure.stack.clone(),
            excerpt: failure.excerpt.clone(),
            fuel: Some(failure.fuel),
            hint: failure.hint.map(str::to_owned),
            ..Details::default()
        },
        BuildError::Bundle(_) | BuildError::Other(_) => Details { error: text.clone(), ..Details::default() },
    };
    (text, details)
}

/// A variable as an environment variable: strings as they are, everything else as JSON.
fn text_of(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What to watch before a build has said what it read.
fn fallback_inputs(path: &Path) -> Vec<PathBuf> {
    if path.is_dir() { CONFIG_FILES.iter().map(|name| path.join(name)).collect() } else { vec![path.to_owned()] }
}
