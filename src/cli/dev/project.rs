//! One project under development: from its files to the version that is live.

use crate::build::bundle::Diagnostic;
use crate::build::package::{self, Package};
use crate::build::{self, BuildError, Target};
use crate::cli::{build as build_command, print};
use crate::digest::Digest;
use crate::edge::{Details, Site};
use crate::host::bindings::log::Level;
use crate::manifest::{self, CONFIG_FILES, Manifest};
use crate::registry::{Binding, NewVersion, Publish, Targets, Traffic, VersionId, WorkerName};
use anyhow::{Context, Result};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// What changes in the registry are signed with.
const AUTHOR: &str = "dev";

/// What is said of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// All of it: warnings, the output of the top-level code, sizes and times.
    Full,
    /// Warnings alone.
    Warnings,
    /// Nothing: what there is to say is in [`Deployed`].
    Silent,
}

/// A worker's source, and what is live of it.
pub struct Project {
    path: PathBuf,
    environment: Option<String>,
    primary: bool,
    voice: Voice,
    /// The component that is live.
    live: Option<Digest>,
    /// The secrets that it has.
    secrets: BTreeMap<String, String>,
    deployed: bool,
    /// Said once, not at each change.
    warned: BTreeSet<String>,
    /// Warnings for whoever deploys in silence.
    unsaid: Vec<String>,
}

/// A version that is live.
pub struct Deployed {
    pub worker: WorkerName,
    pub version: VersionId,
    /// Files that it came from.
    pub inputs: Vec<PathBuf>,
    /// Warnings that have not been printed.
    pub warnings: Vec<String>,
    /// What the top-level code wrote to the console.
    pub console: Vec<(Level, String)>,
}

/// Why there is no new version, for the terminal and for the browser.
pub struct Failure {
    pub text: String,
    pub details: Arc<Details>,
    /// What is wrong with the source, each with its place; empty where something else went wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Files whose change may help.
    pub inputs: Vec<PathBuf>,
}

impl Failure {
    fn plain(text: String, inputs: Vec<PathBuf>) -> Self {
        let details = Arc::new(Details { error: text.clone(), ..Details::default() });
        Self { text, details, diagnostics: Vec::new(), inputs }
    }
}

impl Project {
    /// The project at `path`; requests go to the primary one.
    pub fn new(path: PathBuf, environment: Option<String>, primary: bool) -> Self {
        Self {
            path,
            environment,
            primary,
            voice: Voice::Full,
            live: None,
            secrets: BTreeMap::new(),
            deployed: false,
            warned: BTreeSet::new(),
            unsaid: Vec::new(),
        }
    }

    /// The same, saying less or more of its builds.
    pub fn with_voice(self, voice: Voice) -> Self {
        Self { voice, ..self }
    }

    pub fn is_primary(&self) -> bool {
        self.primary
    }

    /// Whether a version of it is live.
    pub fn has_deployed(&self) -> bool {
        self.deployed
    }

    /// What to watch before a build has said what it read.
    pub fn fallback_inputs(&self) -> Vec<PathBuf> {
        if self.path.is_dir() {
            CONFIG_FILES.iter().map(|name| self.path.join(name)).collect()
        } else {
            vec![self.path.clone()]
        }
    }

    /// Builds the project as it is now and makes that version live.
    pub async fn deploy(&mut self, site: &Arc<Site>) -> Result<Deployed, Failure> {
        let mut manifest = Manifest::load(&self.path, self.environment.as_deref())
            .map_err(|error| Failure::plain(error.to_string(), self.fallback_inputs()))?;
        self.warn(manifest.warnings.iter().chain(&manifest.unsupported_warnings()).map(ToString::to_string));
        let mut inputs: Vec<PathBuf> =
            manifest.file.iter().cloned().chain(manifest.entry.path().map(Into::into)).collect();
        let secrets = self.take_dev_vars(&mut manifest, &mut inputs)?;
        manifest.required_secrets.extend(secrets.keys().cloned());

        let mut artifact = match manifest.entry {
            manifest::Entry::AssetsOnly => None,
            _ => {
                let built = build::build(&manifest, &site.executor, Target::Shared).await;
                Some(built.map_err(|error| unbuilt(&error, &inputs))?)
            }
        };
        let mut console = Vec::new();
        if let Some(artifact) = &mut artifact {
            match self.voice {
                Voice::Full => build_command::describe(artifact),
                Voice::Warnings | Voice::Silent => self.warn(artifact.warnings.iter().cloned()),
            }
            console = std::mem::take(&mut artifact.console);
            inputs.extend(artifact.inputs.iter().cloned());
        }
        inputs.extend(manifest.assets.iter().map(|assets| assets.directory.clone()));
        let made = async {
            let package = package::package(&manifest, artifact)?;
            self.warn(package.warnings.iter().cloned());
            let worker = package.name.clone();
            anyhow::Ok((worker, self.publish(site, &manifest, package, secrets).await?))
        };
        match made.await {
            Ok((worker, version)) => {
                Ok(Deployed { worker, version, inputs, warnings: std::mem::take(&mut self.unsaid), console })
            }
            Err(error) => Err(Failure::plain(format!("{error:#}"), inputs)),
        }
    }

    /// Reads `.dev.vars` or `.env`: what replaces a variable becomes one; of the rest, the secrets that the manifest
    /// requires, or all if it names none.
    fn take_dev_vars(
        &mut self,
        manifest: &mut Manifest,
        inputs: &mut Vec<PathBuf>,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let environment = self.environment.as_deref();
        inputs.extend(manifest::dev_var_files(&manifest.root, environment));
        let mut read = manifest::dev_vars(&manifest.root, environment)
            .map_err(|error| Failure::plain(error.to_string(), inputs.clone()))?;
        for (name, var) in &mut manifest.env {
            if let Some(value) = read.values.remove(name) {
                *var = serde_json::Value::String(value);
            }
        }
        self.warn(
            read.missing(&manifest.required_secrets).into_iter().map(|name| {
                format!("the secret `{name}` is required, but not set\nhint: add `{name}=…` to `.dev.vars`")
            }),
        );
        Ok(read.secrets(&manifest.required_secrets))
    }

    async fn publish(
        &mut self,
        site: &Arc<Site>,
        manifest: &Manifest,
        package: Package,
        secrets: BTreeMap<String, String>,
    ) -> Result<VersionId> {
        let new = package.component.as_ref().map(|(digest, _)| *digest);
        let name = package.name.clone();
        let mut version = store(site, package).await?;
        name_namespaces(manifest, &mut version.bindings);
        // Those that are missing have been told of.
        version.required_secrets.clear();
        let registry = site.fleet.registry();
        // A name may pass from a secret to a variable, or back: what goes, goes first, and what comes, comes last.
        let gone: BTreeMap<_, _> =
            self.secrets.keys().filter(|key| !secrets.contains_key(*key)).map(|key| (key.clone(), None)).collect();
        if !gone.is_empty() {
            registry.put_secrets(&name, gone, AUTHOR).await?;
        }
        let publish = Publish {
            routes: None,
            subdomain: None,
            previews: None,
            traffic: Traffic::All,
            targets: Targets::MayCome,
            author: AUTHOR.to_owned(),
            message: String::new(),
        };
        let published = registry.publish(&name, version, publish).await?;
        let (mut id, mut revision) = (published.value.version.id, published.revision);
        let set: BTreeMap<_, _> = secrets
            .iter()
            .filter(|(key, value)| self.secrets.get(*key) != Some(value))
            .map(|(key, value)| (key.clone(), Some(value.clone())))
            .collect();
        if !set.is_empty() {
            let done = registry.put_secrets(&name, set, AUTHOR).await?;
            let live = done.value.deployment.and_then(|deployment| deployment.shares.into_iter().next());
            (id, revision) = (live.map_or(id, |share| share.version), done.revision);
        }
        self.secrets = secrets;
        site.fleet.reached(revision).await;
        if self.primary {
            site.set_primary(name);
            site.set_broken(None);
        }
        self.deployed = true;
        // Nothing else is made of a version that was replaced.
        if let Some(old) = std::mem::replace(&mut self.live, new).filter(|old| Some(*old) != new) {
            registry.storage().delete_blob(old).await?;
            site.executor.forget(old);
        }
        Ok(id)
    }

    fn warn(&mut self, warnings: impl IntoIterator<Item = String>) {
        for warning in warnings {
            if !self.warned.contains(&warning) {
                match self.voice {
                    Voice::Silent => self.unsaid.push(warning.clone()),
                    Voice::Full | Voice::Warnings => print::warning(&warning),
                }
                self.warned.insert(warning);
            }
        }
    }
}

/// Stores what a version names, and gives the version.
async fn store(site: &Arc<Site>, package: Package) -> Result<NewVersion> {
    let Package { component, index, files, mut version, .. } = package;
    let blobs = site.fleet.registry().storage();
    if let Some((digest, wasm)) = component {
        let executor = site.executor.clone();
        blobs.put_blob(digest, wasm.clone()).await?;
        let checked = tokio::task::spawn_blocking(move || package::check(&executor, &wasm, digest));
        version.artifact = Some(checked.await.context("compiling ended early")??);
    }
    if let Some((digest, index)) = index {
        blobs.put_blob(digest, index).await?;
    }
    for (digest, path) in files {
        let bytes = tokio::fs::read(&path).await.with_context(|| format!("failed to read `{}`", path.display()))?;
        blobs.put_blob(digest, Bytes::from(bytes)).await.with_context(|| path.display().to_string())?;
    }
    Ok(version)
}

/// Namespaces keep their ids from one run to the next: that of the file, or one made of the names.
fn name_namespaces(manifest: &Manifest, bindings: &mut BTreeMap<String, Binding>) {
    for (name, binding) in bindings {
        if let Binding::Kv { id } = binding {
            let written = match manifest.bindings.get(name) {
                Some(manifest::Binding::Kv { preview_id, id }) => preview_id.clone().or_else(|| id.clone()),
                _ => None,
            };
            *id = Some(written.unwrap_or_else(|| Digest::of(format!("{}/{name}", manifest.name).as_bytes()).short()));
        }
    }
}

fn unbuilt(error: &BuildError, inputs: &[PathBuf]) -> Failure {
    let text = error.to_string();
    let mut inputs = inputs.to_vec();
    let details = match error {
        BuildError::StartUp(failure) => Details {
            error: failure.error.clone(),
            stack: failure.stack.clone(),
            excerpt: failure.excerpt.clone(),
            fuel: Some(failure.fuel),
            hint: failure.hint.map(str::to_owned),
            ..Details::default()
        },
        BuildError::Bundle(error) => {
            inputs.extend(error.inputs.iter().cloned());
            Details { error: text.clone(), ..Details::default() }
        }
        BuildError::Other(_) => Details { error: text.clone(), ..Details::default() },
    };
    let diagnostics = match error {
        BuildError::Bundle(error) => error.diagnostics.clone(),
        BuildError::StartUp(_) | BuildError::Other(_) => Vec::new(),
    };
    Failure { text, details: Arc::new(details), diagnostics, inputs }
}
