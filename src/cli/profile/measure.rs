//! A program's requests, sent once as they are served and once watched.

use crate::cli::trial::{Exchange, Trial, TrialRequest};
use crate::engine::code_cache::CodeCache;
use crate::engine::{Executor, Wasi};
use crate::meter::Outcome;
use crate::meter::profile::{Detail, Profile};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// Where a program's fuel went.
pub(super) struct Measured {
    /// Name of the worker.
    pub name: String,
    /// What it is, in words.
    pub kind: String,
    pub answers: Vec<Answer>,
    /// All requests' fuel.
    pub profile: Profile,
}

/// What became of a request.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    /// Method and target.
    pub request: String,
    pub status: u16,
    pub outcome: Outcome,
    /// Fuel of the run that was watched: the profile's.
    pub fuel: u64,
    /// Fuel of the run that was not.
    pub unwatched_fuel: u64,
    /// What went wrong, if anything did.
    pub failure: Option<String>,
}

impl Measured {
    /// Sends `requests` to the program at `path`.
    pub async fn of(path: &Path, requests: &[TrialRequest], cache: &CodeCache, wasi: Wasi) -> Result<Self> {
        let shown = || format!("`{}` cannot be run", path.display());
        let serving = Arc::new(crate::cli::executor(cache.clone(), wasi)?);
        let served = Trial::of_path(path, serving).await.with_context(shown)?;
        let profiling: Arc<Executor> = Arc::new(crate::cli::executor(cache.clone(), wasi)?.profiling());
        let watched = Trial::of_path(path, profiling).await.with_context(shown)?;
        let facts = watched.facts();
        let (mut answers, mut profile) = (Vec::new(), Profile::default());
        for request in requests {
            let expected = served.send(request).await?;
            let found = watched.send(request).await?;
            profile.merge(&checked(request, &found)?);
            answers.push(Answer::new(request, &expected, &found));
        }
        Ok(Self { name: facts.name.clone(), kind: facts.kind.clone(), answers, profile })
    }

    /// The same with no more told apart than `detail`.
    pub fn at(self, detail: Detail) -> Self {
        Self { profile: self.profile.at(detail), ..self }
    }

    /// Fuel of all requests.
    pub fn fuel(&self) -> u64 {
        self.answers.iter().map(|answer| answer.fuel).sum()
    }
}

/// The profile of an exchange; it must account for all of its fuel.
fn checked(request: &TrialRequest, exchange: &Exchange) -> Result<Profile> {
    let Exchange { profile, usage, .. } = exchange;
    let profile = match profile {
        Some(profile) => profile.clone(),
        // Static assets and refused requests run nothing.
        None => Profile::default(),
    };
    ensure!(
        profile.total() == usage.fuel,
        "the profile of `{}` accounts for {} fuel of {}, so it cannot be trusted",
        request.title(),
        profile.total(),
        usage.fuel
    );
    Ok(profile)
}

impl Answer {
    fn new(request: &TrialRequest, expected: &Exchange, found: &Exchange) -> Self {
        Self {
            request: request.title(),
            status: found.status,
            outcome: found.outcome,
            fuel: found.usage.fuel,
            unwatched_fuel: expected.usage.fuel,
            // Where a trap was is told by the author's code, not by the one with checks.
            failure: expected.failure().or_else(|| found.failure()),
        }
    }
}
