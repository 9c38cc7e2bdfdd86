//! What a recording is run on: the component that it names, or another.

use crate::build::{self, Target, package};
use crate::digest::Digest;
use crate::engine::{ComponentInfo, Executor, Prepared};
use crate::manifest::Manifest;
use crate::recording::Subject;
use anyhow::{Context, Result, anyhow, bail};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A component that can be run.
pub struct Program {
    wasm: Vec<u8>,
    digest: Digest,
    info: ComponentInfo,
    pub subject: Subject,
    /// Environment variables, if they are not those of the recording.
    pub env: Option<Vec<(String, String)>>,
}

impl Program {
    /// Compiles the component, unless the code cache has it.
    fn new(executor: &Executor, wasm: Vec<u8>, digest: Digest, subject: Subject) -> Result<Self> {
        let (info, _) = executor.prepare(&wasm, digest)?;
        Ok(Self { wasm, digest, info, subject, env: None })
    }

    /// The component, compiled, for one run.
    pub fn prepared(&self, executor: &Executor) -> Result<Prepared> {
        match executor.prepared(self.digest, self.info.trigger, self.info.engine())? {
            Some(prepared) => Ok(prepared),
            None => Ok(executor.prepare(&self.wasm, self.digest)?.1),
        }
    }
}

/// The programs of recordings, each prepared once.
#[derive(Default)]
pub struct Programs {
    /// Folders where components and engines are looked for.
    folders: Vec<PathBuf>,
    ready: HashMap<Digest, Arc<Program>>,
}

impl Programs {
    /// The component that `subject` names, from `artifacts` beside `recording`.
    pub fn named(&mut self, executor: &Executor, subject: &Subject, recording: &Path) -> Result<Arc<Program>> {
        let digest = subject.artifact.context("the recording does not say which component ran")?;
        if let Some(program) = self.ready.get(&digest) {
            return Ok(program.clone());
        }
        let folder = recording.parent().unwrap_or(Path::new("")).join("artifacts");
        if !self.folders.contains(&folder) {
            self.folders.push(folder);
        }
        if let Some(engine) = subject.engine.filter(|engine| !executor.has_engine(&engine.to_string())) {
            executor.add_engine(&self.read(engine, "JavaScript engine")?)?;
        }
        let wasm = self.read(digest, "component")?;
        let program = Arc::new(Program::new(executor, wasm, digest, subject.clone())?);
        self.ready.insert(digest, program.clone());
        Ok(program)
    }

    fn read(&self, digest: Digest, what: &str) -> Result<Vec<u8>> {
        let name = format!("{digest}.wasm");
        let found = self.folders.iter().map(|folder| folder.join(&name)).find(|path| path.is_file());
        let path = found.ok_or_else(|| {
            let folders: Vec<_> = self.folders.iter().map(|folder| format!("`{}`", folder.display())).collect();
            anyhow!(
                "the {what} {digest} is not in {}\nhint: it is written there when recordings are made",
                folders.join(", ")
            )
        })?;
        let wasm = std::fs::read(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
        if Digest::of(&wasm) != digest {
            bail!("`{}` is not the {what} that its name says: it was changed", path.display());
        }
        Ok(wasm)
    }
}

/// What is at `path`: a script, a component or a project.
pub async fn built(executor: &Executor, path: &Path) -> Result<Program> {
    let manifest = Manifest::load(path, None)?;
    let artifact = build::build(&manifest, executor, Target::Shared).await?;
    let digest = Digest::of(&artifact.wasm);
    let wasm = artifact.wasm.clone();
    let packed = package::package(&manifest, Some(artifact))?;
    let env = packed
        .version
        .vars
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
    let (name, version) = (manifest.name.clone(), digest.short());
    let engine = package::engine_of(&wasm);
    let subject = Subject { name, version, artifact: Some(digest), engine };
    Ok(Program { env: Some(env.collect()), ..Program::new(executor, wasm, digest, subject)? })
}
