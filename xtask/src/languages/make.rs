//! The commands: build the programs, or check those that are checked in.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{Built, Kept, Language, Program, Versions};
use crate::check::Verdict;
use crate::stamp::Stamp;
use crate::{check, run};

/// Build the programs of these languages. One that fails does not keep the others from being built.
pub fn build(root: &Path, languages: &[&Language]) -> Result<()> {
    let mut failed = Vec::new();
    for language in languages {
        if let Err(error) = build_one(root, language) {
            eprintln!("error: failed to build `examples/compare/{}`: {error:#}", language.name);
            failed.push(language.name);
        }
    }
    if !failed.is_empty() {
        bail!("not built: {}", failed.join(", "));
    }
    Ok(())
}

fn build_one(root: &Path, language: &Language) -> Result<()> {
    if language.kept == Kept::InTarget && stale(root, language)?.is_none() {
        println!("{}: up to date", language.path(Program::Hello).with_file_name("").display());
        return Ok(());
    }
    let versions = (language.tools)(root)?;
    for (program, wasm) in make(root, language, &versions)? {
        let path = language.path(program);
        run::write(&root.join(&path), &wasm).with_context(|| format!("failed to write `{}`", path.display()))?;
        println!("{}: {} bytes", path.display(), wasm.len());
    }
    Ok(())
}

/// Check that the programs that are checked in are what their sources give, and say what was found.
pub fn check(root: &Path, languages: &[&Language]) -> Result<Verdict> {
    let mut verdict = Verdict::Fresh;
    for language in languages.iter().filter(|language| language.kept == Kept::InRepository) {
        let found = match stale(root, language)? {
            Some(reason) => {
                eprintln!("error: {reason}");
                Verdict::Stale
            }
            None => compare(root, language)?,
        };
        if found == Verdict::Stale {
            eprintln!("hint: run `cargo xtask guests {}` and commit what it writes", language.name);
            verdict = Verdict::Stale;
        }
    }
    Ok(verdict)
}

/// What is wrong with the first program that was not made from the sources as they are now.
fn stale(root: &Path, language: &Language) -> Result<Option<String>> {
    for program in Program::ALL {
        if let Some(reason) = language.stale(root, program)? {
            return Ok(Some(reason));
        }
    }
    Ok(None)
}

/// Build the programs again where the tools are those of the stamp, and compare the bytes.
fn compare(root: &Path, language: &Language) -> Result<Verdict> {
    let name = language.name;
    let here = match (language.tools)(root) {
        Ok(versions) => versions,
        Err(error) => {
            println!("examples/compare/{name}: sources agree; bytes not compared: {error:#}");
            return Ok(Verdict::Fresh);
        }
    };
    let (_, Stamp { tools: then, .. }) = language.read(root, Program::Hello)?;
    if then != here {
        println!(
            "examples/compare/{name}: sources agree; bytes not compared, since it was made with other tools\n  \
             then: {then:?}\n  here: {here:?}"
        );
        return Ok(Verdict::Fresh);
    }
    let mut verdict = Verdict::Fresh;
    for (program, rebuilt) in make(root, language, &here)? {
        let path = language.path(program);
        if language.read(root, program)?.0 == rebuilt {
            println!("{}: sources and bytes agree", path.display());
        } else {
            check::keep(root, &path, &rebuilt)?;
            verdict = Verdict::Stale;
        }
    }
    Ok(verdict)
}

/// Build a language's programs, stamps included.
fn make(root: &Path, language: &Language, versions: &Versions) -> Result<Vec<Built>> {
    // Before the build: sources edited meanwhile then make the programs stale, as they should.
    let stamp = Stamp { source_sha256: language.source_sha256(root)?, tools: versions.clone() };
    let scratch = scratch(root, language)?;
    let mut built = (language.build)(root, &scratch)?;
    for program in Program::ALL {
        if !built.iter().any(|(other, _)| *other == program) {
            bail!("there is no program `{}`", program.name());
        }
    }
    for (_, wasm) in &mut built {
        stamp.append(wasm)?;
    }
    Ok(built)
}

/// A folder for intermediate files; earlier ones stay, for compilers that build upon them.
fn scratch(root: &Path, language: &Language) -> Result<PathBuf> {
    let folder = root.join("target/xtask/languages").join(language.name);
    fs::create_dir_all(&folder).with_context(|| format!("failed to make `{}`", folder.display()))?;
    Ok(folder)
}
