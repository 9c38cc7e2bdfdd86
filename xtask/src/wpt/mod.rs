//! `cargo xtask wpt`: the Web Platform Tests, served by glowplug or, to compare, by other runtimes.
//!
//! Each `*.any.js` test becomes one worker ([`worker`]): testharness.js, the scripts its META lines name, the test, and a
//! handler that runs them and answers with the results. The tests themselves come from a Debian source package
//! ([`source`]) or from a folder of the caller's. What does not pass is listed in `tests/wpt/expectations.json`
//! ([`expectations`]), a list that may only shrink.

pub mod compare;
pub mod expectations;
pub mod files;
pub mod results;
pub mod runtime;
pub mod source;
pub mod suite;
pub mod table;
pub mod worker;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};

use self::expectations::{Expectations, Finding};
use self::results::Outcome;
use self::runtime::{Kind, Runtime};
use self::suite::Test;
use crate::check::Verdict;

/// Tests that run at the same time.
const JOBS: usize = 2;

/// What a command line asks for.
#[derive(Debug, Default)]
pub struct Options {
    /// Beginnings of paths; a test runs when its path has one of them. None: all tests.
    pub areas: Vec<String>,
    /// What runs the tests.
    pub runtime: Kind,
    /// Run nothing, and put what each runtime last gave into one table.
    pub compare: bool,
    /// A folder of Web Platform Tests to take instead of the pinned ones.
    pub tests: Option<PathBuf>,
    /// Where the tests' own server is; none: files that tests fetch are in their workers.
    pub server: Option<String>,
    /// Where the workers are written, instead of being run.
    pub emit: Option<PathBuf>,
    /// Where the table is written too, as Markdown.
    pub table: Option<PathBuf>,
    /// Print each subtest that does not pass.
    pub failures: bool,
    /// Write the expectations anew instead of holding the results to them.
    pub record: bool,
}

/// Runs the tests and holds the results to the expectations.
pub fn execute(root: &Path, options: &Options) -> Result<Verdict> {
    let folder = match &options.tests {
        Some(folder) => folder.clone(),
        None => source::pinned(root)?,
    };
    let tests = suite::find(&folder, &options.areas)?;
    if options.compare {
        publish(options, &compare::table(root, &tests)?)?;
        return Ok(Verdict::Fresh);
    }
    let workers = root.join("target/wpt/workers");
    let written = options.emit.as_deref().unwrap_or(&workers);
    for test in &tests {
        worker::write(&folder, test, options.server.as_deref(), written)?;
    }
    if options.emit.is_some() {
        println!("{} workers in `{}`", tests.len(), written.display());
        return Ok(Verdict::Fresh);
    }

    let runtime = Runtime::prepare(root, options.runtime)?;
    let outcomes = run(&runtime, &tests, written);
    if options.failures {
        for (test, outcome) in tests.iter().zip(&outcomes) {
            outcome.print_failures(&test.name());
        }
    }
    publish(options, &table::render(&tests, &outcomes))?;
    // Comparison and list are about the pinned tests, the list about glowplug.
    if options.tests.is_some() || options.server.is_some() {
        return Ok(Verdict::Fresh);
    }
    compare::keep(root, options.runtime, &tests, &outcomes)?;
    if options.runtime != Kind::Glowplug {
        return Ok(Verdict::Fresh);
    }
    let file = root.join("tests/wpt/expectations.json");
    let results: Vec<_> = tests.iter().map(Test::name).zip(&outcomes).collect();
    if options.record {
        let mut expectations = Expectations::read(&file)?;
        expectations.record(&results);
        expectations.write(&file)?;
        return Ok(Verdict::Fresh);
    }
    Ok(judge(&Expectations::read(&file)?.check(&results)))
}

/// Prints a table, and writes it where it is wanted.
fn publish(options: &Options, table: &str) -> Result<()> {
    println!("{table}");
    match &options.table {
        Some(path) => std::fs::write(path, table).with_context(|| format!("failed to write `{}`", path.display())),
        None => Ok(()),
    }
}

/// Says what differs from the expectations.
fn judge(findings: &[Finding]) -> Verdict {
    for finding in findings {
        eprintln!("error: {finding}");
    }
    if findings.is_empty() {
        return Verdict::Fresh;
    }
    eprintln!("hint: `cargo xtask wpt --record` takes what passes now out of tests/wpt/expectations.json");
    Verdict::Stale
}

/// The outcome of each test, in order.
fn run(runtime: &Runtime, tests: &[Test], workers: &Path) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(vec![None; tests.len()]);
    std::thread::scope(|scope| {
        for _ in 0..JOBS {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(test) = tests.get(index) else { return };
                    let outcome = Outcome::of(runtime.answer(&worker::path(workers, test), test.patience()));
                    eprintln!("[{}/{}] {}: {outcome}", index + 1, tests.len(), test.name());
                    outcomes.lock().expect("no thread panics while it writes")[index] = Some(outcome);
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().expect("no thread panics while it writes");
    outcomes.into_iter().map(|outcome| outcome.expect("each test was run")).collect()
}
