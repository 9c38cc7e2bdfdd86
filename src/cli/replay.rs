//! `glowplug replay`

mod compare;
pub mod run;
pub mod subject;

use self::compare::{Comparison, Kind};
use self::subject::{Program, Programs};
use super::print;
use crate::engine::code_cache::CodeCache;
use crate::engine::{Executor, Wasi};
use crate::host::tape::Play;
use crate::recording::{self, Recording};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Run recorded invocations again, offline, and compare the response and the fuel
#[derive(Debug, Args)]
pub struct Replay {
    /// Recordings, or folders of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Run what is here instead of what ran when it was recorded: a script, a component, or a project
    #[arg(long, value_name = "PATH")]
    against: Option<PathBuf>,

    /// Print JSON, a line for each recording
    #[arg(long)]
    json: bool,
}

/// A recording and what it is run on.
struct Job {
    path: PathBuf,
    recording: Arc<Recording>,
    program: Arc<Program>,
}

impl Replay {
    pub fn execute(self, cache: CodeCache) -> Result<ExitCode> {
        let executor = Arc::new(super::executor(cache, Wasi::Stable)?);
        let against = match &self.against {
            Some(path) => Some(Arc::new(one_thread()?.block_on(subject::built(&executor, path))?)),
            None => None,
        };
        let kind = if against.is_some() { Kind::Changed } else { Kind::Same };
        let files = recordings(&self.files)?;
        let mut programs = Programs::default();
        let mut equal = 0;
        // Recordings can be large, and there can be many: so many are in memory at a time.
        for files in files.chunks(256) {
            let jobs = files.iter().map(|path| job(&executor, &mut programs, against.as_ref(), path));
            for comparison in run_all(&executor, jobs.collect::<Result<Vec<_>>>()?, kind)? {
                equal += usize::from(comparison.is_equal());
                if self.json {
                    print::data(&comparison.to_json().to_string());
                } else if files.len() == 1 || !comparison.is_equal() || kind == Kind::Changed {
                    print::data(&comparison.to_text());
                }
            }
        }
        let what = match kind {
            Kind::Same => "equal responses and equal fuel",
            Kind::Changed => "equal responses",
        };
        print::note(&format!("{} of {}: {what}", print::grouped(equal as u64), print::grouped(files.len() as u64)));
        Ok(if equal == files.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// A runtime on which a run is the same each time.
pub fn one_thread() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("failed to start the async runtime")
}

/// The recordings that `paths` are or hold, in the order of their names.
pub fn recordings(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries =
            std::fs::read_dir(path).with_context(|| format!("failed to read the folder `{}`", path.display()))?;
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?.path();
            if entry.extension().is_some_and(|extension| extension == "json") {
                found.push(entry);
            }
        }
        if found.is_empty() {
            bail!(
                "there is no recording in `{}`\nhint: `glowplug dev --record {}` makes some",
                path.display(),
                path.display()
            );
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}

fn job(executor: &Executor, programs: &mut Programs, against: Option<&Arc<Program>>, path: &Path) -> Result<Job> {
    let recording = Arc::new(recording::load(path)?);
    let program = match against {
        Some(program) => program.clone(),
        None => programs
            .named(executor, &recording.worker, path)
            .with_context(|| format!("failed to replay `{}`", path.display()))?,
    };
    Ok(Job { path: path.to_owned(), recording, program })
}

/// Runs the jobs, as many at a time as there are cores, each core with a runtime of its own.
fn run_all(executor: &Arc<Executor>, jobs: Vec<Job>, kind: Kind) -> Result<Vec<Comparison>> {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    let work = || -> Result<Vec<(usize, Comparison)>> {
        let runtime = one_thread()?;
        let mut done = Vec::new();
        while let Some((index, job)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            jobs.get(index).map(|job| (index, job))
        } {
            let play = match kind {
                Kind::Same => Play::Exactly,
                Kind::Changed => Play::Loosely,
            };
            let rerun = runtime.block_on(run::run(executor, &job.program, &job.recording, play))?;
            done.push((index, Comparison::new(job.path.clone(), job.recording.clone(), rerun, kind)));
        }
        Ok(done)
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut all = Vec::new();
    for result in results {
        all.extend(result?);
    }
    all.sort_by_key(|(index, _)| *index);
    Ok(all.into_iter().map(|(_, comparison)| comparison).collect())
}
