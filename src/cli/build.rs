//! `glowplug build`

use super::print;
use crate::build::{self, Artifact, Target};
use crate::engine::Wasi;
use crate::engine::code_cache::CodeCache;
use crate::manifest::Manifest;
use anyhow::{Context, Result};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Build a worker into a component file
#[derive(Debug, Args)]
pub struct Build {
    /// A script, a component, or a folder with a `wrangler.toml`, `wrangler.jsonc` or `glowplug.toml`
    #[arg(default_value = ".")]
    path: PathBuf,

    /// Environment of the configuration file to use
    #[arg(short, long, value_name = "NAME")]
    env: Option<String>,

    /// File to write
    #[arg(short, long, value_name = "OUT.wasm")]
    output: PathBuf,

    /// Embed the JavaScript engine, so that any `wasi:http` host can run the component
    #[arg(long)]
    portable: bool,
}

impl Build {
    pub async fn execute(self, cache: CodeCache) -> Result<ExitCode> {
        let manifest = Manifest::load(&self.path, self.env.as_deref())?;
        manifest.require_supported()?;
        for warning in &manifest.warnings {
            print::warning(&warning.to_string());
        }
        let executor = super::executor(cache, Wasi::Stable)?;
        let target = if self.portable { Target::Portable } else { Target::Shared };
        let artifact = build::build(&manifest, &executor, target).await?;
        std::fs::write(&self.output, &artifact.wasm)
            .with_context(|| format!("failed to write `{}`", self.output.display()))?;
        describe(&artifact);
        print::success(&format!("{} ({})", self.output.display(), print::size(artifact.wasm.len())));
        Ok(ExitCode::SUCCESS)
    }
}

/// Warnings, start-up output and figures of a build.
pub fn describe(artifact: &Artifact) {
    for warning in &artifact.warnings {
        print::warning(warning);
    }
    for (level, text) in &artifact.console {
        print::console_line("start-up", *level, text);
    }
    if let Some(script) = &artifact.script {
        print::note(&format!(
            "bundled {} in {}, started up with {} fuel in {}, snapshot of {} in {}",
            print::size(script.script_bytes),
            print::milliseconds(script.bundling),
            print::grouped(script.start_up_fuel),
            print::milliseconds(script.starting_up),
            print::size(script.snapshot_pages * 4096),
            print::milliseconds(script.assembling),
        ));
    }
}
