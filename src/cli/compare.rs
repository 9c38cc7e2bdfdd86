//! `glowplug compare`

mod answers;
mod cpu;
mod csv;
mod figures;
mod html;
mod measure;
pub(super) mod prices;
mod program;
mod report;
mod sort;
mod terminal;
mod units;

use self::answers::differences;
use self::measure::{Measured, Plan};
use self::program::{Program, Wanted, labelled};
use self::report::{Entry, Report};
use self::sort::Sort;
use super::print;
use super::server_args::ServerArgs;
use super::trial::request::RequestArgs;
use super::trial::{Exchange, TrialRequest};
use crate::engine::code_cache::CodeCache;
use crate::engine::{Executor, Wasi};
use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// How often the progress bar is drawn anew.
const TICK: Duration = Duration::from_millis(120);

/// Run programs side by side: whether they answer alike, and what each costs
#[derive(Debug, Args)]
pub struct Compare {
    /// Scripts, components, folders, or names of workers that are deployed on a server. `LABEL=PROGRAM` gives one a label
    #[arg(value_name = "[LABEL=]PROGRAM", required = true)]
    programs: Vec<String>,

    #[command(flatten)]
    requests: RequestArgs,

    #[command(flatten)]
    plan: Plan,

    /// Measure programs though they answer differently
    #[arg(long)]
    allow_differences: bool,

    /// Order of the programs
    #[arg(long, value_enum, default_value_t = Sort::Given, value_name = "BY")]
    sort: Sort,

    /// Print JSON
    #[arg(long)]
    json: bool,

    /// Print CSV, a line for each program
    #[arg(long, conflicts_with = "json")]
    csv: bool,

    /// Write a page with charts, complete in one file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    /// Run components for WASI 0.3 too
    #[arg(long)]
    experimental_wasi_03: bool,

    #[command(flatten)]
    server: ServerArgs,
}

impl Compare {
    pub async fn execute(self, cache: CodeCache) -> Result<ExitCode> {
        let requests: Arc<[TrialRequest]> = self.requests.load()?.into();
        let wasi = if self.experimental_wasi_03 { Wasi::Experimental } else { Wasi::Stable };
        let executor = Arc::new(super::executor(cache, wasi)?);
        let progress = Progress::new(self.programs.len());
        let programs = self.prepare(&executor, &progress).await?;
        let mut answers = Vec::with_capacity(programs.len());
        for program in &programs {
            progress.step(&format!("asking {}", program.label));
            answers.push(answers::ask(program, &requests).await?);
        }
        let differences = differences(&programs, &requests, &answers);
        let measured = match differences.is_empty() || self.allow_differences {
            true => self.measure(&programs, &requests, &answers, &progress).await?,
            false => programs.iter().map(|_| None).collect(),
        };
        progress.finish();
        let entries = programs.iter().zip(&answers).zip(measured);
        let mut entries: Vec<Entry> =
            entries.map(|((program, answers), measured)| Entry::new(program, answers, measured)).collect();
        self.sort.apply(&mut entries);
        let report = Report::new(self.plan, &requests, differences, entries);
        self.show(&report)?;
        let is_good = report.is_agreed() || self.allow_differences;
        Ok(if is_good && report.failures().next().is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn prepare(&self, executor: &Arc<Executor>, progress: &Progress) -> Result<Vec<Program>> {
        let mut prepared = Vec::with_capacity(self.programs.len());
        for argument in &self.programs {
            let wanted = Wanted::parse(argument);
            progress.step(&format!("building {}", wanted.shown()));
            let trial = wanted.prepare(executor, &self.server).await;
            let trial = trial.with_context(|| format!("`{}` cannot be run", wanted.shown()))?;
            prepared.push((wanted, trial));
        }
        labelled(prepared)
    }

    /// Measures the programs that have answered; those that have failed are not asked again.
    async fn measure(
        &self,
        programs: &[Program],
        requests: &Arc<[TrialRequest]>,
        answers: &[Vec<Exchange>],
        progress: &Progress,
    ) -> Result<Vec<Option<Measured>>> {
        let mut all = Vec::with_capacity(programs.len());
        for (program, answers) in programs.iter().zip(answers) {
            progress.step(&format!("measuring {}", program.label));
            all.push(match answers.iter().all(|answer| answer.failure().is_none()) {
                true => {
                    let (trial, requests) = (program.trial.clone(), requests.clone());
                    Some(measure::measure(trial, requests, self.plan, progress.bar.clone()).await?)
                }
                false => None,
            });
        }
        Ok(all)
    }

    /// Data to stdout, and to stderr what is wrong with it.
    fn show(&self, report: &Report) -> Result<()> {
        if self.json {
            print::json(&report.json());
        } else if self.csv {
            print::bytes(&csv::lines(report)?).context("failed to print")?;
        } else if report.is_measured() {
            print::data(&terminal::tables(report));
        }
        if let Some(file) = self.html.as_ref().filter(|_| report.is_measured()) {
            std::fs::write(file, html::page(report))
                .with_context(|| format!("failed to write `{}`", file.display()))?;
            print::success(&format!("wrote `{}`", file.display()));
        }
        for (label, why) in report.failures() {
            print::error(&format!("`{label}` failed: {}", print::visible(why, '\n')));
        }
        report.differences().iter().for_each(|difference| print::note(&terminal::difference(difference)));
        match (report.is_agreed(), self.allow_differences) {
            (true, _) => {}
            (false, true) => print::warning("the programs answer differently"),
            (false, false) => print::error(
                "the programs answer differently, so nothing was measured\n\
                 hint: compare them anyway with `--allow-differences`",
            ),
        }
        Ok(())
    }
}

/// What is going on, on a terminal. Elsewhere nothing is drawn.
struct Progress {
    bar: ProgressBar,
}

impl Progress {
    fn new(programs: usize) -> Self {
        // Each is built, asked and measured.
        let bar = ProgressBar::with_draw_target(Some(programs as u64 * 3), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} [{bar:24}] {pos}/{len} {msg}");
        bar.set_style(style.expect("the template names what there is").progress_chars("=> "));
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        Self { bar }
    }

    /// The step before is done and this one begins.
    fn step(&self, what: &str) {
        if !self.bar.message().is_empty() {
            self.bar.inc(1);
        }
        self.bar.set_message(print::visible(what, ' '));
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
