//! What is said of a deployment.

use super::times::Times;
use super::upload::Uploaded;
use crate::build::Artifact;
use crate::build::package::Package;
use crate::cli::client::types::Published;
use crate::cli::print;
use crate::manifest::Manifest;
use serde_json::{Value, json};

/// What was built.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// Units of fuel that start-up took.
    start_up_fuel: Option<u64>,
    environment: Option<String>,
}

impl Made {
    pub fn of(artifact: &Option<Artifact>, manifest: &Manifest) -> Self {
        let script = artifact.as_ref().and_then(|artifact| artifact.script.as_ref());
        Self { start_up_fuel: script.map(|script| script.start_up_fuel), environment: manifest.environment.clone() }
    }
}

/// All there is to say.
#[derive(Debug)]
pub(super) struct Report {
    name: String,
    made: Made,
    /// Bytes of the component.
    size: Option<u64>,
    /// Number and bytes of the assets.
    assets: Option<(u64, u64)>,
    /// None for a dry run, like what follows.
    pub uploaded: Option<Uploaded>,
    pub published: Option<Published>,
}

impl Report {
    pub fn new(package: &Package, made: Made) -> Self {
        Self {
            name: package.name.to_string(),
            made,
            size: package.component.as_ref().map(|(_, wasm)| wasm.len() as u64),
            assets: package.version.assets.as_ref().map(|assets| (assets.files, assets.size)),
            uploaded: None,
            published: None,
        }
    }

    /// People read what was made on stderr, and its URLs on stdout.
    pub fn print(&self, times: &Times, json: bool) {
        self.outcome();
        print::note(&format!("  {}", self.contents()));
        if let Some(Uploaded { files, bytes, unchanged }) = self.uploaded {
            let size = print::size(bytes as usize);
            let files = print::counted(files as u64, "file", "files");
            print::note(&format!("  {files} uploaded ({size}), {unchanged} unchanged"));
        }
        for namespace in self.published.iter().flat_map(|published| &published.created_namespaces) {
            print::note(&format!("  made KV namespace `{}` ({})", print::visible(&namespace.title, ' '), namespace.id));
        }
        print::note(&format!("  {}", times.line()));
        if json {
            print::json(&self.json(times));
        } else if let Some(published) = &self.published {
            self.urls(published);
        }
    }

    fn outcome(&self) {
        let Self { name, .. } = self;
        let environment = self.made.environment.as_ref().map(|it| format!(" (environment {it})")).unwrap_or_default();
        let Some(Published { version, deployment, unchanged, .. }) = &self.published else {
            print::success(&format!("{name}{environment} can be deployed; nothing was sent"));
            return;
        };
        let id = &version.id;
        print::success(&match (deployment, unchanged) {
            (Some(live), false) => format!("{name}{environment}: version {id} is live (deployment {})", live.number),
            (Some(live), true) => {
                format!("{name}{environment}: nothing changed, version {id} is live (deployment {})", live.number)
            }
            (None, false) => format!("{name}{environment}: version {id} is there, without traffic"),
            (None, true) => format!("{name}{environment}: nothing changed, version {id} was there"),
        });
    }

    fn contents(&self) -> String {
        let mut parts = Vec::new();
        if let Some(size) = self.size {
            parts.push(format!("component of {}", print::size(size as usize)));
        }
        if let Some(fuel) = self.made.start_up_fuel {
            parts.push(format!("start-up {} fuel", print::grouped(fuel)));
        }
        if let Some((files, bytes)) = self.assets {
            let files = print::counted(files, "asset", "assets");
            parts.push(format!("{files} of {}", print::size(bytes as usize)));
        }
        parts.join(", ")
    }

    /// Where the worker is reached, or the version if it has no traffic.
    fn urls(&self, published: &Published) {
        let preview = published.preview_url.as_ref();
        if published.deployment.is_none() {
            match preview {
                Some(url) => print::data(url),
                None => print::warning(
                    "the version is reached under no URL: previews of the worker are off\n\
                     hint: set `preview_urls = true` and deploy once, or try it with `glowplug versions deploy`",
                ),
            }
            return;
        }
        if published.urls.is_empty() {
            print::warning(
                "the worker is reached under no URL: it has no route, and no subdomain\n\
                 hint: give it one with `--route`, or set `workers_dev = true`",
            );
        }
        published.urls.iter().for_each(|url| print::data(url));
        if let Some(url) = preview {
            print::note(&format!("preview of this version: {url}"));
        }
    }

    fn json(&self, times: &Times) -> Value {
        let published = self.published.as_ref();
        json!({
            "name": self.name,
            "environment": self.made.environment,
            "dry_run": published.is_none(),
            "version": published.map(|published| &published.version.id),
            "deployment": published.and_then(|published| published.deployment.as_ref()).map(|live| live.number),
            "unchanged": published.map(|published| published.unchanged),
            "size": self.size,
            "start_up_fuel": self.made.start_up_fuel,
            "assets": self.assets.map(|(files, bytes)| json!({ "files": files, "bytes": bytes })),
            "uploaded": self.uploaded.map(|it| json!({ "files": it.files, "bytes": it.bytes })),
            "unchanged_files": self.uploaded.map(|it| it.unchanged),
            "urls": published.map_or(&[][..], |published| &published.urls),
            "preview_url": published.and_then(|published| published.preview_url.as_ref()),
            "created_namespaces": published.map_or(&[][..], |published| &published.created_namespaces),
            "milliseconds": times.json(),
        })
    }
}
