//! Programs that were built: the last few stay, so that running one again builds nothing.

use super::Options;
use super::api::Refusal;
use super::problem::{self, Problem};
use super::sources::Sources;
use crate::cli::dev::project::{Deployed, Project, Voice};
use crate::cli::trial::Trial;
use crate::cli::watch::DATA_FOLDER;
use crate::digest::Digest;
use crate::engine::{Executor, ExecutorOptions, Metering, Room};
use crate::host::bindings::log::Level;
use crate::host::egress::EgressPolicy;
use anyhow::{Context, Result};
use lru::LruCache;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;

/// Programs that stay built, of each kind.
const KEPT: NonZeroUsize = NonZeroUsize::new(8).expect("8 is not zero");
/// Components that stay uploaded; each may have 64 MiB.
const COMPONENTS: NonZeroUsize = NonZeroUsize::new(4).expect("4 is not zero");

/// What a program is made from.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Source {
    /// Text by path.
    Files(BTreeMap<String, String>),
    /// A component that was uploaded, by its digest.
    Component(String),
}

/// What a program is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To run as it is served.
    Serving,
    /// To tell where its fuel goes.
    Profiling,
}

/// A program, ready to run.
pub(super) struct Program {
    pub trial: Trial,
    pub warnings: Vec<String>,
    pub console: Vec<(Level, String)>,
    /// How long building it took.
    pub building: Duration,
}

impl Drop for Program {
    fn drop(&mut self) {
        self.trial.forget();
    }
}

/// One kind of executor, and the programs on it.
struct Bench {
    executor: OnceCell<Arc<Executor>>,
    programs: Mutex<LruCache<Digest, Arc<Program>>>,
}

impl Default for Bench {
    fn default() -> Self {
        Self { executor: OnceCell::new(), programs: Mutex::new(LruCache::new(KEPT)) }
    }
}

/// All that was built and uploaded.
pub(super) struct Programs {
    options: Options,
    serving: Bench,
    profiling: Bench,
    components: Mutex<LruCache<String, Arc<tempfile::NamedTempFile>>>,
}

impl Programs {
    pub fn new(options: Options) -> Self {
        let components = Mutex::new(LruCache::new(COMPONENTS));
        Self { options, serving: Bench::default(), profiling: Bench::default(), components }
    }

    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Keeps a component, and gives the name it is run by.
    pub fn keep_component(&self, wasm: &[u8]) -> Result<String> {
        crate::engine::examine(wasm)?;
        let file = tempfile::Builder::new().prefix("playground-").suffix(".wasm").tempfile();
        let file = file.context("failed to keep the component")?;
        std::fs::write(file.path(), wasm).context("failed to keep the component")?;
        let name = Digest::of(wasm).to_string();
        self.components.lock().unwrap_or_else(PoisonError::into_inner).put(name.clone(), Arc::new(file));
        Ok(name)
    }

    /// The program that `source` gives, built if it is not there; and whether it was.
    pub async fn get(&self, source: &Source, purpose: Purpose) -> Result<(Arc<Program>, bool), Refusal> {
        let bench = match purpose {
            Purpose::Serving => &self.serving,
            Purpose::Profiling => &self.profiling,
        };
        let key = key(source);
        if let Some(kept) = bench.programs.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok((kept.clone(), true));
        }
        let executor = bench.executor.get_or_try_init(|| self.executor(purpose)).await?.clone();
        let parts = match source {
            Source::Files(files) => Parts::Files(files.clone(), self.folder()),
            Source::Component(name) => {
                let file = self.components.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
                let gone = || Refusal::missing("the component is not kept any more\nhint: upload it again");
                Parts::Component(file.ok_or_else(gone)?)
            }
        };
        // Top-level code keeps its thread for as long as it runs.
        let runtime = tokio::runtime::Handle::current();
        let built = tokio::task::spawn_blocking(move || runtime.block_on(build(parts, executor)));
        let program = Arc::new(built.await.context("building ended early")??);
        bench.programs.lock().unwrap_or_else(PoisonError::into_inner).put(key, program.clone());
        Ok((program, false))
    }

    async fn executor(&self, purpose: Purpose) -> Result<Arc<Executor>> {
        let options = ExecutorOptions {
            cache: self.options.cache.clone(),
            // Code that came by a link must not reach what listens on the author's machine.
            egress: EgressPolicy::PublicOnly,
            metering: Metering::Fuel,
            wasi: self.options.wasi,
            room: Room::Tool,
        };
        let made = tokio::task::spawn_blocking(move || {
            let executor = Executor::new(options)?;
            anyhow::Ok(match purpose {
                Purpose::Serving => executor,
                Purpose::Profiling => executor.profiling(),
            })
        });
        Ok(Arc::new(made.await.context("setting the engine up ended early")??))
    }

    /// Where sources are built: beside the project's packages, if it has some.
    fn folder(&self) -> PathBuf {
        let project = &self.options.project;
        let folder = if project.is_dir() { project.as_path() } else { project.parent().unwrap_or(Path::new(".")) };
        let packages = |folder: &&Path| folder.join("node_modules").is_dir();
        match folder.canonicalize().ok().as_deref().and_then(|folder| folder.ancestors().find(packages)) {
            Some(root) => root.join(DATA_FOLDER),
            None => std::env::temp_dir(),
        }
    }
}

fn key(source: &Source) -> Digest {
    let text = match source {
        // A pair in a string of its own each, so that no two sets of files give the same text.
        Source::Files(files) => format!("{files:?}"),
        Source::Component(name) => name.clone(),
    };
    Digest::of(text.as_bytes())
}

/// What is built, all of it there.
enum Parts {
    /// With the folder to write them to.
    Files(BTreeMap<String, String>, PathBuf),
    Component(Arc<tempfile::NamedTempFile>),
}

async fn build(parts: Parts, executor: Arc<Executor>) -> Result<Program, Refusal> {
    let started = Instant::now();
    let sources;
    let path = match &parts {
        Parts::Files(files, folder) => {
            sources = Some(Sources::write(files, folder)?);
            sources.as_ref().map(|sources| sources.project.clone()).unwrap_or_default()
        }
        Parts::Component(file) => {
            sources = None;
            file.path().to_owned()
        }
    };
    let project = Project::new(path, None, true).with_voice(Voice::Silent);
    let (trial, Deployed { inputs, warnings, console, .. }) = match Trial::of_project(project, executor).await? {
        Ok(made) => made,
        Err(failure) => return Err(Refusal::Problems(problem::of_failure(&failure))),
    };
    if let Some(sources) = sources {
        sources.contain(&inputs).map_err(|error| Refusal::Problems(vec![Problem::of_text(&error.to_string())]))?;
    }
    Ok(Program { trial, warnings, console, building: started.elapsed() })
}
