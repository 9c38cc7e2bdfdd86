//! `glowplug check`

mod allowed;
mod lock;
mod measure;
mod pinned;
mod report;
mod show;
mod source;

use self::allowed::Allowed;
use self::lock::Lock;
use self::measure::Bench;
use self::report::{Purpose, Report, Verdict};
use self::source::{Given, Sources};
use super::{print, replay};
use crate::engine::Wasi;
use crate::engine::code_cache::CodeCache;
use anyhow::{Context, Result, bail};
use clap::Args;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Name of the lock file.
const LOCK: &str = "fuel.lock";

/// Fail when requests cost more fuel than `fuel.lock` says
#[derive(Debug, Args)]
pub struct Check {
    /// A script, a component, a configuration file or a folder
    #[arg(default_value = ".")]
    path: PathBuf,

    #[command(flatten)]
    given: Given,

    /// Recordings to run again, or a folder of them, as `glowplug dev --record` makes it; may be given several times
    #[arg(long, value_name = "DIR")]
    recordings: Vec<PathBuf>,

    /// Write the lock file anew, with what requests cost now
    #[arg(long, conflicts_with = "max_growth")]
    update: bool,

    /// How much more than before a request may cost: `5%`, or fuel as in `20000`
    #[arg(long, value_name = "GROWTH", default_value = "0%", allow_hyphen_values = true)]
    max_growth: Allowed,

    /// The lock file [default: `fuel.lock` beside what is checked]
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,

    /// Add a summary in Markdown to this file, such as `$GITHUB_STEP_SUMMARY`
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub fn execute(self, cache: CodeCache) -> Result<ExitCode> {
        let path = self.lock_path();
        let purpose = if self.update { Purpose::Update } else { Purpose::Check(self.max_growth) };
        let before = self.load_lock(&path, purpose)?;
        let sources = self.sources(before.as_ref(), folder_of(&path))?;
        let asked = sources.asked()?;
        let executor = Arc::new(super::executor(cache, Wasi::Stable)?);
        let report = replay::one_thread()?.block_on(async {
            let bench = Bench::of_path(&self.path, executor).await?;
            let mut now = bench.empty_lock();
            now.source = sources.to_lock(folder_of(&path))?;
            let comparable = before.as_ref().is_none_or(|before| report::incomparable(before, &now).is_none());
            // Where the figures are no basis for a check, new ones would not help.
            let measured = if comparable || self.update { bench.measure(&asked).await? } else { Vec::new() };
            anyhow::Ok(Report::new(purpose, now, before, measured))
        })?;
        self.show(&report, &path)?;
        if self.update {
            match report.lock() {
                Some(lock) => {
                    lock.save(&path)?;
                    print::success(&format!("wrote `{}`: {}", path.display(), show::sentence(&report)));
                }
                None => print::note("hint: nothing was written; mend what fails first"),
            }
        }
        Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn lock_path(&self) -> PathBuf {
        let beside = || if self.path.is_dir() { self.path.join(LOCK) } else { folder_of(&self.path).join(LOCK) };
        self.lock.clone().unwrap_or_else(beside)
    }

    /// The lock file as it is. To write it anew with requests from flags, nothing of it is needed.
    fn load_lock(&self, path: &Path, purpose: Purpose) -> Result<Option<Lock>> {
        match (Lock::load(path), purpose) {
            (Ok(None), Purpose::Check(_)) => bail!(
                "there is no `{}` to compare with\nhint: make it with `glowplug check --requests FILE --update`, and commit it",
                path.display()
            ),
            (Err(error), Purpose::Update) if self.has_flags() => {
                let first = format!("{error:#}");
                print::warning(first.lines().next().unwrap_or_default());
                Ok(None)
            }
            (read, _) => read,
        }
    }

    /// What the flags name, or what the lock file does.
    fn sources(&self, lock: Option<&Lock>, folder: &Path) -> Result<Sources> {
        match lock {
            Some(lock) if !self.has_flags() => Sources::of_lock(&lock.source, folder),
            _ => Sources::of_flags(&self.given, &self.recordings),
        }
    }

    fn has_flags(&self) -> bool {
        !self.given.is_empty() || !self.recordings.is_empty()
    }

    /// Data to stdout, and to stderr what is wrong with it.
    fn show(&self, report: &Report, lock: &Path) -> Result<()> {
        match (self.json, report.rows.is_empty()) {
            (true, _) => print::json(&show::json(report, lock)),
            (false, true) => {}
            (false, false) => print::data(&show::text(report)),
        }
        if let Some(file) = &self.markdown {
            let opened = OpenOptions::new().create(true).append(true).open(file);
            let written = opened.and_then(|mut opened| opened.write_all(show::markdown(report).as_bytes()));
            written.with_context(|| format!("failed to write `{}`", file.display()))?;
        }
        show::warnings(report).iter().for_each(|warning| print::warning(warning));
        show::problems(report).iter().for_each(|problem| print::error(problem));
        if let Purpose::Check(_) = report.purpose {
            if report.is_good() {
                print::success(&show::sentence(report));
            }
            if let Some(hint) = hint(report) {
                print::note(&format!("hint: {hint}"));
            }
        }
        Ok(())
    }
}

/// What may help.
fn hint(report: &Report) -> Option<&'static str> {
    let has = |verdict| report.of(verdict).next().is_some();
    if report.problem.is_some() {
        Some("write the lock file anew with `glowplug check --update`, in a change that changes nothing else")
    } else if has(Verdict::Failed) {
        None
    } else if has(Verdict::Grown) {
        Some(
            "if it is worth it, take the new figures with `glowplug check --update`, or allow some with `--max-growth 5%`",
        )
    } else if has(Verdict::New) {
        Some("take them into the lock file with `glowplug check --update`, with the same flags")
    } else if has(Verdict::Less) {
        Some("keep the lower figures with `glowplug check --update`")
    } else {
        None
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}
