//! The languages of `examples/compare`: the same three programs in each, built by its own toolchain.
//!
//! A [`Language`] says what its programs are made from and how. Programs under a megabyte are checked in under
//! `examples/compare/dist/LANGUAGE/`, so that nobody needs a toolchain to compare; larger ones are built into
//! `target/compare/LANGUAGE/`. Both carry a [`Stamp`] with the hash of their sources.
//!
//! JavaScript and TypeScript have no entry: glowplug runs their sources as they are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::stamp::{self, Stamp};

pub mod assemblyscript;
pub mod c;
pub mod go;
pub mod make;
pub mod process;
pub mod python;
pub mod rust;
pub mod spidermonkey;
pub mod venv;

/// Every language, in the order they are built.
pub const ALL: [&Language; 6] = [
    &rust::LANGUAGE,
    &c::LANGUAGE,
    &assemblyscript::LANGUAGE,
    &go::LANGUAGE,
    &spidermonkey::LANGUAGE,
    &python::LANGUAGE,
];

/// Names of tools, and their versions: the same ones on the same sources give the same bytes.
pub type Versions = BTreeMap<String, String>;

/// A language, and how its programs are made.
#[derive(Debug)]
pub struct Language {
    /// The folder's name in `examples/compare`.
    pub name: &'static str,
    /// Where its programs are kept.
    pub kept: Kept,
    /// Files and folders that shape the programs, from the repository's root. A lock file of its tools is one.
    pub inputs: &'static [&'static str],
    /// Whatever else shapes them: compiler flags, pinned versions.
    pub flags: &'static [&'static str],
    /// Find the tools. What belongs to the project alone (`npm ci`, a virtual environment under `target/`) is
    /// installed; what belongs to the machine is not: the error then names the command that does.
    pub tools: fn(root: &Path) -> Result<Versions>,
    /// Build the programs to components; intermediate files go to the folder `scratch`, which is there.
    pub build: fn(root: &Path, scratch: &Path) -> Result<Vec<Built>>,
}

/// A program and its component.
pub type Built = (Program, Vec<u8>);

/// Where a language's programs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Checked in, under `examples/compare/dist`.
    InRepository,
    /// Too large for that: under `target/compare`, and built anew only when the sources have changed.
    InTarget,
}

/// One of the programs that exist in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// Answers with a constant.
    Hello,
    /// Reads JSON, and answers with a summary of it.
    Json,
    /// Computes.
    Mandelbrot,
}

impl Program {
    /// All programs.
    pub const ALL: [Self; 3] = [Self::Hello, Self::Json, Self::Mandelbrot];

    /// The name of its file or folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Json => "json",
            Self::Mandelbrot => "mandelbrot",
        }
    }
}

impl Language {
    /// Path of a built program, from the repository's root.
    pub fn path(&self, program: Program) -> PathBuf {
        let folder = match self.kept {
            Kept::InRepository => "examples/compare/dist",
            Kept::InTarget => "target/compare",
        };
        Path::new(folder).join(self.name).join(program.name()).with_extension("wasm")
    }

    /// The hash of the sources as they are now, flags included.
    pub fn source_sha256(&self, root: &Path) -> Result<String> {
        stamp::source_sha256(root, self.inputs, self.flags)
            .with_context(|| format!("failed to hash the sources of `examples/compare/{}`", self.name))
    }

    /// A built program and its stamp.
    pub fn read(&self, root: &Path, program: Program) -> Result<(Vec<u8>, Stamp<Versions>)> {
        let path = self.path(program);
        let wasm = std::fs::read(root.join(&path)).with_context(|| format!("failed to read `{}`", path.display()))?;
        let stamp = Stamp::read(&wasm).with_context(|| format!("failed to read `{}`", path.display()))?;
        Ok((wasm, stamp))
    }

    /// Whether a built program was made from the sources as they are now: `None`, or what is wrong with it.
    pub fn stale(&self, root: &Path, program: Program) -> Result<Option<String>> {
        let now = self.source_sha256(root)?;
        Ok(match self.read(root, program) {
            Ok((_, stamp)) if stamp.source_sha256 == now => None,
            Ok(_) => Some(format!("`{}` was not made from these sources", self.path(program).display())),
            Err(error) => Some(format!("{error:#}")),
        })
    }
}
