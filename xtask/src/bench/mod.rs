//! `cargo xtask bench`: glowplug beside other runtimes on this machine, with figures that a sceptic can make again.
//!
//! Every runtime is started on loopback and asked whether it answers correctly; then they are loaded in turn by the same
//! generator, round after round, so that what the machine does meanwhile hits all alike. A run with an error is no result:
//! it ends the benchmark. Results go to `benches/results.json`, and from there to `benches/RESULTS.md` and its charts.
//!
//! [`scenario`] has what is measured, [`peer`] what is started, [`measure`] how, [`report`] what becomes of it.

mod bare;
mod measure;
mod origin;
mod peer;
mod report;
mod scenario;
mod tools;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use self::report::Results;
use self::scenario::Scenario;
use self::tools::Tools;

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Minutes.
    Quick,
    /// As the published results are made.
    Full,
}

impl Size {
    /// One of two values.
    fn pick<T>(self, quick: T, full: T) -> T {
        match self {
            Self::Quick => quick,
            Self::Full => full,
        }
    }

    /// How long a runtime is loaded in one round.
    fn load(self) -> Duration {
        self.pick(Duration::from_secs(1), Duration::from_secs(5))
    }

    /// How often all runtimes are loaded in turn.
    fn rounds(self) -> usize {
        self.pick(3, 7)
    }
}

/// What a command line asks for.
#[derive(Debug)]
pub struct Options {
    size: Size,
    /// How many workers there are where there are many, if it is not what the size says.
    workers: Option<usize>,
    /// Programs to measure in place of the one that is built; they are measured beside each other.
    programs: Vec<PathBuf>,
    scenarios: Vec<Scenario>,
}

impl Options {
    /// Reads the arguments after `bench`.
    pub fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self { size: Size::Full, workers: None, programs: Vec::new(), scenarios: Vec::new() };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--quick" => options.size = Size::Quick,
                "--glowplug" => {
                    let program = arguments.next().ok_or("`--glowplug` needs a program")?;
                    options.programs.push(program.into());
                }
                "--workers" => {
                    let count = arguments.next().and_then(|count| count.parse().ok()).filter(|count| *count > 0);
                    options.workers = Some(count.ok_or("`--workers` needs a number above 0")?);
                }
                flag if flag.starts_with('-') => return Err(format!("`bench` has no flag `{flag}`")),
                name => options.scenarios.push(name.parse()?),
            }
        }
        if options.scenarios.is_empty() {
            options.scenarios = Scenario::ALL.to_vec();
        }
        Ok(options)
    }
}

/// Measures, and writes what was found.
pub fn execute(root: &Path, options: &Options) -> Result<()> {
    measure::process::raise_descriptor_limit()?;
    let tools = Tools::prepare(root, options)?;
    let mut results = Results::load(root)?;
    for scenario in &options.scenarios {
        eprintln!("== {}", scenario.name());
        let section = scenario.run(&tools).with_context(|| format!("scenario `{}`", scenario.name()))?;
        println!("{}", section.markdown());
        results.put(scenario.key(options.workers), section);
        // What is measured is kept, whatever becomes of the next scenario; of programs beside each other it is no result.
        if options.programs.len() < 2 {
            results.write(root, &tools)?;
        }
    }
    Ok(())
}

/// The servers that the benchmark needs besides the runtimes, as programs of their own.
pub fn serve(name: &str, port: &str) -> Result<ExitCode> {
    let port: u16 = port.parse().with_context(|| format!("`{port}` is no port"))?;
    match name {
        "bare" => bare::serve(port)?,
        "origin" => origin::serve(port)?,
        _ => bail!("there is no server `{name}`"),
    }
    Ok(ExitCode::SUCCESS)
}
