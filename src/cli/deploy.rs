//! `glowplug deploy`: build here, upload what the server lacks, make it live.
//!
//! ```text
//! manifest -> engine load | server asked what it is      at the same time
//!          -> bundle, start up, assemble, pack
//!          -> blobs that are missing -> upload -> publish
//! ```

mod report;
mod times;
mod upload;

use self::report::{Made, Report};
use self::times::Times;
use self::upload::{Blob, upload};
use super::client::types::{Published, Server};
use super::client::{Call, Client, ClientError};
use super::print;
use super::server_args::ServerArgs;
use crate::build::package::{self, Package};
use crate::build::{self, Artifact, Target};
use crate::digest::Digest;
use crate::engine::code_cache::CodeCache;
use crate::engine::javascript::ENGINE_WASM;
use crate::engine::{Executor, Wasi, examine};
use crate::limits;
use crate::manifest::{Entry, Manifest, Route};
use crate::registry::{Binding, WorkerName};
use crate::route_options::RouteOptions;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use clap::Args;
use http::Method;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the server may take to look at a version, which it may have to compile.
const PATIENCE: Duration = Duration::from_secs(300);

/// Build a worker and make it live on a server
#[derive(Debug, Args)]
pub struct Deploy {
    /// A script, a component, or a folder with a `wrangler.toml`, `wrangler.jsonc` or `glowplug.toml`
    #[arg(default_value = ".")]
    path: PathBuf,

    /// Name of the worker [default: that of the configuration file, or of the file or folder]
    #[arg(long, value_name = "WORKER")]
    name: Option<String>,

    /// Environment of the configuration file to use
    #[arg(short, long, value_name = "NAME")]
    env: Option<String>,

    /// Route that leads to the worker, besides those of the configuration file; may be given several times
    #[arg(long = "route", value_name = "PATTERN", conflicts_with = "preview")]
    routes: Vec<String>,

    /// Variable, in place of that of the configuration file; may be given several times
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    variables: Vec<(String, String)>,

    /// What the history says of it
    #[arg(short, long, value_name = "TEXT", default_value = "")]
    message: String,

    /// Short name of the version, such as a tag in Git
    #[arg(long, value_name = "TEXT", default_value = "")]
    tag: String,

    /// Make the version without giving it traffic: it is reached under a host name of its own
    #[arg(long)]
    preview: bool,

    /// Build and pack, and say what would be deployed, without asking a server
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// `NAME=VALUE`
fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is no variable: write `NAME=VALUE`")),
    }
}

/// The version as the server is asked for it. Blobs are named by their digests.
#[derive(Serialize)]
struct Publication<'a> {
    version: Wanted<'a>,
    deploy: bool,
    routes: Option<Vec<RouteText>>,
    subdomain: Option<bool>,
    previews: Option<bool>,
}

/// A route as the server is asked for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct RouteText {
    pattern: String,
    #[serde(flatten)]
    options: RouteOptions,
}

#[derive(Serialize)]
struct Wanted<'a> {
    artifact: Option<Digest>,
    assets: Option<Digest>,
    vars: &'a BTreeMap<String, Value>,
    bindings: &'a BTreeMap<String, Binding>,
    limits: limits::Settings,
    compatibility_date: &'a str,
    compatibility_flags: &'a [String],
    crons: &'a [String],
    tail_consumers: &'a [WorkerName],
    required_secrets: &'a [String],
    message: &'a str,
    tag: &'a str,
}

impl Deploy {
    pub async fn execute(self, cache: CodeCache) -> Result<ExitCode> {
        let mut times = Times::begin();
        let manifest = self.manifest()?;
        let routes = self.all_routes(&manifest.routes)?;
        // Asked while the worker is being built.
        let client = match self.dry_run {
            true => None,
            false => Some(Arc::new(self.server.connect()?)),
        };
        let asked = client.clone().map(|client| tokio::spawn(async move { ask(&client).await }));

        let (artifact, executor) = build_worker(&manifest, cache, &mut times).await?;
        let made = Made::of(&artifact, &manifest);
        let engine = executor.as_ref().zip(artifact.as_ref()).and_then(|(executor, it)| own_engine(executor, it));
        let package = {
            let (manifest, packing) = (manifest.clone(), Instant::now());
            let packed = tokio::task::spawn_blocking(move || package::package(&manifest, artifact));
            let package = packed.await.context("packing ended early")??;
            times.pack = packing.elapsed();
            package
        };
        package.warnings.iter().for_each(|warning| print::warning(warning));

        let mut report = Report::new(&package, made);
        if let (Some(client), Some(asked)) = (client, asked) {
            let server = asked.await.context("asking the server ended early")??;
            let blobs = blobs(&package, engine.filter(|engine| *engine != server.engine))?;
            let uploading = Instant::now();
            report.uploaded = Some(upload(&client, blobs).await?);
            times.upload = uploading.elapsed();
            let published = self.publish(&client, &manifest, &package, routes, &mut times).await?;
            report.published = Some(published);
        }
        times.total = times.started.elapsed();
        report.print(&times, self.json);
        Ok(ExitCode::SUCCESS)
    }

    /// The manifest with what the flags say.
    fn manifest(&self) -> Result<Manifest> {
        let mut manifest = Manifest::load(&self.path, self.env.as_deref())?;
        manifest.warnings.iter().for_each(|warning| print::warning(&warning.to_string()));
        manifest.require_supported()?;
        if let Some(name) = &self.name {
            manifest.name.clone_from(name);
        }
        for (name, value) in &self.variables {
            if manifest.bindings.contains_key(name) {
                bail!(
                    "`{name}` is a binding of the project\nhint: give the variable another name, or remove the binding"
                );
            }
            manifest.env.insert(name.clone(), Value::String(value.clone()));
        }
        Ok(manifest)
    }

    /// The routes that the worker is to have; none leaves those it has.
    fn all_routes(&self, written: &[Route]) -> Result<Option<Vec<RouteText>>> {
        let text = |route| Ok(RouteText { pattern: pattern_of(route)?, options: route.options.clone() });
        let mut routes = written.iter().map(text).collect::<Result<Vec<_>>>()?;
        for pattern in &self.routes {
            if !routes.iter().any(|route| route.pattern == *pattern) {
                routes.push(RouteText { pattern: pattern.clone(), options: RouteOptions::default() });
            }
        }
        Ok(Some(routes).filter(|routes| !routes.is_empty() && !self.preview))
    }

    async fn publish(
        &self,
        client: &Client,
        manifest: &Manifest,
        package: &Package,
        routes: Option<Vec<RouteText>>,
        times: &mut Times,
    ) -> Result<Published> {
        let version = &package.version;
        let publication = Publication {
            version: Wanted {
                artifact: package.component.as_ref().map(|(digest, _)| *digest),
                assets: package.index.as_ref().map(|(digest, _)| *digest),
                vars: &version.vars,
                bindings: &version.bindings,
                limits: version.limits,
                compatibility_date: &version.compatibility_date,
                compatibility_flags: &version.compatibility_flags,
                crons: &version.crons,
                tail_consumers: &version.tail_consumers,
                required_secrets: &version.required_secrets,
                message: &self.message,
                tag: &self.tag,
            },
            deploy: !self.preview,
            routes,
            subdomain: manifest.subdomain,
            previews: manifest.previews,
        };
        let publishing = Instant::now();
        let path = format!("/v1/workers/{}/versions", package.name);
        let answer = client.call(Call::json(Method::POST, path, &publication).patience(PATIENCE)).await?;
        times.publish = publishing.elapsed();
        let published: Published = answer.json()?;
        times.server = published.milliseconds;
        Ok(published)
    }
}

/// Asks the server which JavaScript engine it carries, and opens the connection that is used from then on.
async fn ask(client: &Client) -> Result<Server, ClientError> {
    client.call(Call::get("/v1/server")).await?.json()
}

/// A custom domain is a whole host; other patterns are as they are written.
fn pattern_of(route: &Route) -> Result<String> {
    let Route { pattern, custom_domain, .. } = route;
    if !custom_domain {
        return Ok(pattern.clone());
    }
    if pattern.contains(['/', '*']) {
        bail!(
            "the custom domain `{pattern}` is more than a host name\n\
             hint: leave out its path and `*`, or remove `custom_domain` to make it a route"
        );
    }
    Ok(format!("{pattern}/*"))
}

/// Builds the worker, if there is more of it than assets. The executor is what it was built with.
async fn build_worker(
    manifest: &Manifest,
    cache: CodeCache,
    times: &mut Times,
) -> Result<(Option<Artifact>, Option<Executor>)> {
    if manifest.entry == Entry::AssetsOnly {
        return Ok((None, None));
    }
    let loading = Instant::now();
    let load = tokio::task::spawn_blocking(move || super::executor(cache, Wasi::Stable));
    let executor = load.await.context("loading the engine ended early")??;
    times.engine = loading.elapsed();
    let artifact = build::build(manifest, &executor, Target::Shared).await?;
    artifact.warnings.iter().for_each(|warning| print::warning(warning));
    artifact.console.iter().for_each(|(level, text)| print::console_line("start-up", *level, text));
    if let Some(script) = &artifact.script {
        (times.bundle, times.start_up, times.assemble) = (script.bundling, script.starting_up, script.assembling);
    }
    Ok((Some(artifact), Some(executor)))
}

/// The digest of the JavaScript engine that a worker was started up on, if it is the one that this program carries.
fn own_engine(executor: &Executor, artifact: &Artifact) -> Option<String> {
    let own = executor.javascript().digest();
    let needed = match artifact.script {
        Some(_) => true,
        None => examine(&artifact.wasm).ok()?.engine() == Some(own),
    };
    needed.then(|| own.to_owned())
}

/// All that the version names, and the engine if it has to come along.
fn blobs(package: &Package, engine: Option<String>) -> Result<BTreeMap<Digest, Blob>> {
    let mut blobs: BTreeMap<_, _> =
        package.files.iter().map(|(digest, path)| (*digest, Blob::File(path.clone()))).collect();
    let held = package.component.iter().chain(&package.index);
    blobs.extend(held.map(|(digest, bytes)| (*digest, Blob::Bytes(bytes.clone()))));
    if let Some(engine) = engine {
        let digest = engine.parse().context("the engine has no digest")?;
        blobs.insert(digest, Blob::Bytes(Bytes::from_static(ENGINE_WASM)));
    }
    Ok(blobs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(pattern: &str, custom_domain: bool) -> Route {
        Route { pattern: pattern.to_owned(), custom_domain, options: RouteOptions::default(), position: None }
    }

    #[test]
    fn a_custom_domain_is_a_whole_host() {
        assert_eq!(pattern_of(&route("shop.example.com", true)).unwrap(), "shop.example.com/*");
        assert_eq!(pattern_of(&route("example.com/api/*", false)).unwrap(), "example.com/api/*");
        assert!(pattern_of(&route("example.com/api", true)).unwrap_err().to_string().contains("custom domain"));
    }

    #[test]
    fn variables_have_names() {
        assert_eq!(variable("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert_eq!(variable("A="), Ok(("A".to_owned(), String::new())));
        assert!(variable("=b").is_err() && variable("A").is_err());
    }
}
