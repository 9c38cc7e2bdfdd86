//! `cargo xtask`: see the library's documentation.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use xtask::artefact::Group;
use xtask::check::{self, Verdict};
use xtask::{run, rustc};

const USAGE: &str = "\
usage: cargo xtask <engine|guests> [--check]

  engine   compile js-shim into js-shim/dist/*.wasm
  guests   compile the tests' guests and examples/hello-rust into tests/guests/dist/*.wasm

  --check  write nothing; exit with 1 when a checked-in file is not what its sources give";

enum Mode {
    Build,
    Check,
}

fn main() -> ExitCode {
    if let Some(root) = rustc::wrapped_root() {
        return rustc::run(&root).unwrap_or_else(fail);
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((group, mode)) = parse(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    execute(group, mode).unwrap_or_else(fail)
}

fn fail(error: anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

fn parse(arguments: &[String]) -> Option<(Group, Mode)> {
    let (name, mode) = match arguments {
        [name] => (name, Mode::Build),
        [name, check] | [check, name] if check == "--check" => (name, Mode::Check),
        _ => return None,
    };
    let group = Group::ALL.into_iter().find(|group| group.name() == name)?;
    Some((group, mode))
}

fn execute(group: Group, mode: Mode) -> Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the repository's root")?;
    match mode {
        Mode::Build => run::build(root, group)?,
        Mode::Check => {
            if check::check(root, group)? == Verdict::Stale {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
