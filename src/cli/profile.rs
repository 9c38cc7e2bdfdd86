//! `glowplug profile`

mod measure;
mod show;

use self::measure::Measured;
use super::print;
use super::trial::TrialRequest;
use super::trial::request::RequestArgs;
use crate::engine::Wasi;
use crate::engine::code_cache::CodeCache;
use crate::meter::profile::{Detail, flame, folded, pprof, speedscope};
use anyhow::{Context, Result};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Show which functions and lines a worker's fuel goes to, to the unit
#[derive(Debug, Args)]
pub struct Profile {
    /// Script, component, configuration file or folder
    path: PathBuf,

    #[command(flatten)]
    requests: RequestArgs,

    /// Show what changed from this program to the first
    #[arg(long, value_name = "PATH")]
    diff: Option<PathBuf>,

    /// Tell the lines of functions apart
    #[arg(long)]
    lines: bool,

    /// Rows of the table; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 25)]
    top: usize,

    /// Print JSON
    #[arg(long)]
    json: bool,

    /// Write a flame graph; with `--diff`, of what changed
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// Write a file for speedscope.app
    #[arg(long, value_name = "FILE")]
    speedscope: Option<PathBuf>,

    /// Write a file for `pprof`
    #[arg(long, value_name = "FILE")]
    pprof: Option<PathBuf>,

    /// Write folded stacks; with `--diff`, with both figures
    #[arg(long, value_name = "FILE")]
    folded: Option<PathBuf>,

    /// Run components for WASI 0.3 too
    #[arg(long)]
    experimental_wasi_03: bool,
}

impl Profile {
    pub async fn execute(self, cache: CodeCache) -> Result<ExitCode> {
        let requests = self.requests.load()?;
        let wasi = if self.experimental_wasi_03 { Wasi::Experimental } else { Wasi::Stable };
        let measured = Measured::of(&self.path, &requests, &cache, wasi).await?;
        let before = match &self.diff {
            Some(path) => Some(Measured::of(path, &requests, &cache, wasi).await?),
            None => None,
        };
        let measured = measured.at(self.detail());
        let before = before.map(|before| before.at(self.detail()));
        for program in before.iter().chain([&measured]) {
            show::doubts(program);
        }
        self.write_files(&measured, before.as_ref(), &requests)?;
        if self.json {
            print::json(&show::json(&measured, before.as_ref()));
        } else {
            print::data(&show::text(&measured, before.as_ref(), self.top));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn detail(&self) -> Detail {
        if self.lines { Detail::Lines } else { Detail::Functions }
    }

    fn write_files(&self, measured: &Measured, before: Option<&Measured>, requests: &[TrialRequest]) -> Result<()> {
        let title = title(measured, before, requests);
        let profile = &measured.profile;
        if let Some(path) = &self.svg {
            let svg = match before {
                Some(before) => flame::difference(&before.profile, profile, &title)?,
                None => flame::graph(profile, &title)?,
            };
            write(path, svg.as_bytes())?;
        }
        if let Some(path) = &self.speedscope {
            write(path, speedscope::write(profile, &title).to_string().as_bytes())?;
        }
        if let Some(path) = &self.pprof {
            write(path, &pprof::write(profile, &title)?)?;
        }
        if let Some(path) = &self.folded {
            let text = match before {
                Some(before) => crate::meter::profile::diff::folded(&before.profile, profile),
                None => folded::write(profile),
            };
            write(path, text.as_bytes())?;
        }
        Ok(())
    }
}

/// What is profiled, in one line.
fn title(measured: &Measured, before: Option<&Measured>, requests: &[TrialRequest]) -> String {
    let what = match requests {
        [one] => one.title(),
        several => print::counted(several.len() as u64, "request", "requests"),
    };
    match before {
        Some(before) => format!("{} to {}: {what}", before.name, measured.name),
        None => format!("{}: {what}", measured.name),
    }
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    std::fs::write(path, content).with_context(|| format!("failed to write `{}`", path.display()))?;
    print::success(&format!("wrote {}", path.display()));
    Ok(())
}
