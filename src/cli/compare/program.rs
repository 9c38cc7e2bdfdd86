//! The programs that are compared: where each comes from and what it is called.

use crate::cli::server_args::ServerArgs;
use crate::cli::trial::Trial;
use crate::engine::Executor;
use crate::registry::WorkerName;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a program comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// A script, a component, a configuration file or a folder.
    Path(PathBuf),
    /// A worker that is live on a server.
    Deployed(WorkerName),
}

/// A program as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Given in front of it.
    label: Option<String>,
    source: Source,
    /// As it was written, without the label.
    text: String,
}

/// A program, ready to be run.
pub(super) struct Program {
    pub label: String,
    pub trial: Arc<Trial>,
}

impl Wanted {
    /// What `[LABEL=]PROGRAM` says. What is there as a file is one, whatever its name looks like.
    pub fn parse(argument: &str) -> Self {
        let labelled = argument.split_once('=').filter(|(label, text)| !label.is_empty() && !text.is_empty());
        let (label, text) = match labelled {
            Some((label, text)) if !Path::new(argument).exists() => (Some(label.to_owned()), text),
            _ => (None, argument),
        };
        let source = match text.parse::<WorkerName>() {
            Ok(name) if !Path::new(text).exists() => Source::Deployed(name),
            _ => Source::Path(text.into()),
        };
        Self { label, source, text: text.to_owned() }
    }

    /// What it is called in messages before more is known.
    pub fn shown(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.text)
    }

    /// Builds it, or fetches it from the server.
    pub async fn prepare(&self, executor: &Arc<Executor>, server: &ServerArgs) -> Result<Trial> {
        match &self.source {
            Source::Path(path) => Trial::of_path(path, executor.clone()).await,
            Source::Deployed(name) => {
                let why = || format!("`{name}` is no file here, so it is taken for a deployed worker");
                let client = server.connect().with_context(why)?;
                Trial::of_deployed(&client, name, executor.clone()).await.with_context(why)
            }
        }
    }
}

/// Gives each program a label of its own: the one it was given, its name, or what was written for it.
pub(super) fn labelled(prepared: Vec<(Wanted, Trial)>) -> Result<Vec<Program>> {
    let mut named = BTreeMap::new();
    for (_, trial) in &prepared {
        *named.entry(trial.facts().name.clone()).or_insert(0) += 1;
    }
    let mut programs: Vec<Program> = Vec::new();
    for (wanted, trial) in prepared {
        let name = &trial.facts().name;
        let label = match wanted.label {
            Some(label) => label,
            None if named[name] == 1 => name.clone(),
            None => wanted.text,
        };
        if programs.iter().any(|other| other.label == label) {
            bail!("two programs are called `{label}`\nhint: give one a label: `other={label}`");
        }
        programs.push(Program { label, trial: Arc::new(trial) });
    }
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_tells_label_and_source() {
        let dir = tempfile::tempdir().unwrap();
        let odd = dir.path().join("a=b.js");
        std::fs::write(&odd, "").unwrap();
        let odd = odd.to_str().unwrap();
        let parsed = |text: &str| {
            let Wanted { label, source, .. } = Wanted::parse(text);
            (label, source)
        };
        assert_eq!(parsed(odd), (None, Source::Path(odd.into())));
        assert_eq!(parsed(&format!("x={odd}")), (Some("x".into()), Source::Path(odd.into())));
        assert_eq!(parsed("my label=no/such.js"), (Some("my label".into()), Source::Path("no/such.js".into())));
        assert_eq!(parsed("live=hello"), (Some("live".into()), Source::Deployed("hello".parse().unwrap())));
        assert_eq!(parsed("nowhere.js"), (None, Source::Path("nowhere.js".into())));
        // Cargo runs tests in the package's folder.
        assert_eq!(parsed("examples"), (None, Source::Path("examples".into())));
    }
}
