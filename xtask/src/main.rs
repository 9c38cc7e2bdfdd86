//! `cargo xtask`: see the library's documentation.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use xtask::artefact::Group;
use xtask::check::{self, Verdict};
use xtask::languages::{self, Language, make};
use xtask::{bench, run, rustc, web, wpt};

const USAGE: &str = "\
usage: cargo xtask engine [--check]
       cargo xtask guests [--check] [LANGUAGE...]
       cargo xtask intl-data
       cargo xtask hot-blocks
       cargo xtask web [--check]
       cargo xtask wpt [--peer workerd|deno|node] [--tests DIR] [--table FILE] [--server URL] [--failures] [--record] [AREA...]
       cargo xtask wpt --compare [--table FILE] [AREA...]
       cargo xtask wpt --emit DIR [--tests DIR] [--server URL] [AREA...]
       cargo xtask bench [--quick] [--workers N] [--glowplug PROGRAM]... [SCENARIO...]

  engine   compile js-shim into js-shim/dist/*.wasm, and bundle js-shim/node into js-shim/dist/node
  guests   compile the tests' guests and examples/hello-rust into tests/guests/dist/*.wasm, and the programs of
           examples/compare in every language; or these programs alone, in the languages named
  intl-data
           write js-shim/data/intl.blob, the CLDR and time zone data of Intl, from the crates that carry them
  hot-blocks
           write js-shim/data/hot-blocks.bin, the list of the prelude's blocks that requests write to; `engine` then uses it
  web      bundle the playground and the dashboard of `web` into web/dist
  wpt      run the Web Platform Tests whose path begins with an AREA, or all; exit with 1 when something passes or fails that
           tests/wpt/expectations.json does not say so of
  bench    measure glowplug beside other runtimes on this machine, in the scenarios named or all, and write benches/RESULTS.md;
           needs wrk and Node.js

  --check     write nothing; exit with 1 when a checked-in file is not what its sources give
  --peer      run the tests in another runtime
  --compare   run nothing; beside each other, what the last runs of glowplug and of each peer gave
  --tests     take the tests from this folder instead of the pinned copy
  --table     write the table of results to this file too
  --failures  print each subtest that does not pass
  --server URL  the tests' own server (wptserve), which then gives what tests fetch
  --record    write what does not pass to tests/wpt/expectations.json
  --emit      write the workers that the tests become to this folder, and do not run them
  --quick     shorter and smaller, in minutes
  --workers   deploy N workers where many are measured, in `cold` and `density`: each takes 5 MB of disk
  --glowplug  measure this program instead of building one; several are measured beside each other";

enum Mode {
    Build,
    Check,
}

/// What a command line asks for.
struct Job {
    group: Group,
    mode: Mode,
    /// Of `examples/compare`; when named, they are all that is built.
    languages: Vec<&'static Language>,
}

fn main() -> ExitCode {
    if let Some(root) = rustc::wrapped_root() {
        return rustc::run(&root).unwrap_or_else(fail);
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((name, arguments)) if name == "wpt" => parse_wpt(arguments).map(|options| run_wpt(&options)),
        Some((name, arguments)) if name == "bench" => bench::Options::parse(arguments)
            .map(|options| root().and_then(|root| bench::execute(root, &options)).map(|()| ExitCode::SUCCESS)),
        // What the benchmark runs beside itself.
        Some((name, [server, port])) if name == "bench-server" => Ok(bench::serve(server, port)),
        Some((name, [])) if name == "intl-data" => Ok(root().and_then(run::intl_data).map(|()| ExitCode::SUCCESS)),
        Some((name, [])) if name == "hot-blocks" => Ok(root().and_then(run::hot_blocks).map(|()| ExitCode::SUCCESS)),
        Some((name, [])) if name == "web" => Ok(root().and_then(web::build).map(|()| ExitCode::SUCCESS)),
        Some((name, [flag])) if name == "web" && flag == "--check" => Ok(root().and_then(web::check).map(code)),
        _ => parse(&arguments).map(|job| execute(&job)),
    };
    match done {
        Ok(code) => code.unwrap_or_else(fail),
        Err(reason) => {
            eprintln!("error: {reason}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn parse_wpt(arguments: &[String]) -> Result<wpt::Options, String> {
    let mut options = wpt::Options::default();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("`{argument}` needs a value"));
        match argument.as_str() {
            "--peer" => options.runtime = value()?.parse()?,
            "--tests" => options.tests = Some(value()?.into()),
            "--table" => options.table = Some(value()?.into()),
            "--emit" => options.emit = Some(value()?.into()),
            "--compare" => options.compare = true,
            "--failures" => options.failures = true,
            "--record" => options.record = true,
            "--server" => options.server = Some(value()?.trim_end_matches('/').to_owned()),
            flag if flag.starts_with('-') => return Err(format!("`wpt` has no flag `{flag}`")),
            area => options.areas.push(area.to_owned()),
        }
    }
    Ok(options)
}

fn run_wpt(options: &wpt::Options) -> Result<ExitCode> {
    Ok(code(wpt::execute(root()?, options)?))
}

fn root() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the repository's root")
}

fn code(verdict: Verdict) -> ExitCode {
    match verdict {
        Verdict::Fresh => ExitCode::SUCCESS,
        Verdict::Stale => ExitCode::FAILURE,
    }
}

fn fail(error: anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

fn parse(arguments: &[String]) -> Result<Job, String> {
    let check = arguments.iter().any(|argument| argument == "--check");
    let mode = if check { Mode::Check } else { Mode::Build };
    let mut names = arguments.iter().filter(|argument| *argument != "--check");
    let name = names.next().ok_or("no command given")?;
    let group = Group::ALL.into_iter().find(|group| group.name() == name);
    let group = group.ok_or_else(|| format!("there is no command `{name}`"))?;
    let languages: Vec<_> = names.map(|name| language(group, name)).collect::<Result<_, _>>()?;
    Ok(Job { group, mode, languages })
}

fn language(group: Group, name: &str) -> Result<&'static Language, String> {
    let known = match group {
        Group::Engine => &[][..],
        Group::Guests => &languages::ALL[..],
    };
    let found = known.iter().find(|language| language.name == name).copied();
    found.ok_or_else(|| format!("`{}` builds no `{name}`", group.name()))
}

fn execute(job: &Job) -> Result<ExitCode> {
    let root = root()?;
    let verdict = match (&job.mode, &job.languages[..]) {
        (Mode::Build, []) => run::build(root, job.group).map(|()| Verdict::Fresh)?,
        (Mode::Check, []) => check::check(root, job.group)?,
        (Mode::Build, named) => make::build(root, named).map(|()| Verdict::Fresh)?,
        (Mode::Check, named) => make::check(root, named)?,
    };
    Ok(code(verdict))
}
