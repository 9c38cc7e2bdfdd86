//! Runs whose every input is fixed: the seed of the random numbers and the clock as well as the request.
//!
//! ## Why
//! A worker that draws random numbers or shows the time costs a little more or less each time. A gate must not open and
//! close by chance, so such a worker is given the same seeds and moments at each check: it is played a recording that
//! has no events, and from its first wait on it goes its own way.

use super::measure::{Sample, Samples};
use crate::cli::replay::run::{Rerun, run};
use crate::cli::replay::subject::{Program, built};
use crate::cli::trial::{Facts, TrialRequest};
use crate::digest::Digest;
use crate::engine::Executor;
use crate::host::tape::{Play, header_lines};
use crate::manifest::{self, Binding, Entry, Manifest};
use crate::meter::{Operation, Outcome, Usage};
use crate::recording::{self, Base64, BindingKind, Ended, FORMAT, Frame, Given, Receipt, Recording};
use anyhow::Result;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Method};
use std::path::Path;
use std::sync::Arc;

/// What the clocks show: beginnings and ends of days and years, a leap day, and days like any other.
const MOMENTS: [u64; 5] =
    [1_735_689_600_000, 1_709_210_096_789, 1_794_268_799_999, 1_752_473_228_090, 1_825_008_330_500];

/// How many different runs there are.
pub const VARIANTS: usize = MOMENTS.len();

/// Work of the host whose result is not the request's alone.
const FROM_OUTSIDE: [Operation; 7] = [
    Operation::Subrequest,
    Operation::ServiceCall,
    Operation::AssetFetch,
    Operation::KvRead,
    Operation::KvWrite,
    Operation::CacheRead,
    Operation::CacheWrite,
];

/// A program, and what it is given besides requests.
pub struct Pinned {
    executor: Arc<Executor>,
    program: Program,
    given: Given,
    has_assets: bool,
}

impl Pinned {
    /// What is at `path`; none for static assets alone, where nothing runs.
    pub async fn of_path(path: &Path, executor: Arc<Executor>, facts: &Facts) -> Result<Option<Self>> {
        let manifest = Manifest::load(path, None)?;
        if manifest.entry == Entry::AssetsOnly {
            return Ok(None);
        }
        let secrets = secrets(&manifest)?;
        let mut program = built(&executor, path).await?;
        program.env.get_or_insert_default().extend(secrets.iter().cloned());
        let kind = |binding: &Binding| match binding {
            Binding::Kv { .. } => Some(BindingKind::Kv),
            Binding::Service { .. } => Some(BindingKind::Service),
            Binding::Assets => Some(BindingKind::Assets),
            Binding::VersionMetadata => None,
        };
        let bindings = manifest.bindings.iter().filter_map(|(name, binding)| Some((name.clone(), kind(binding)?)));
        let given = Given {
            fuel: facts.limits.fuel,
            memory: facts.limits.memory,
            subrequests: facts.limits.subrequests,
            log: facts.limits.log,
            secrets,
            env: Vec::new(),
            bindings: bindings.collect(),
            version: ["0123456789ab".to_owned(), String::new(), "2025-01-01T00:00:00.000Z".to_owned()],
            ..Given::default()
        };
        Ok(Some(Self { executor, program, given, has_assets: manifest.assets.is_some() }))
    }

    /// The JavaScript engine that it runs on.
    pub fn engine(&self) -> Option<Digest> {
        self.program.subject.engine
    }

    /// Whether files may answer in place of code.
    pub fn has_assets(&self) -> bool {
        self.has_assets
    }

    /// Runs `request` with each of the fixed inputs, unless these are not all: then there are no figures.
    pub async fn send(&self, request: &TrialRequest) -> Result<Option<Samples>> {
        let mut samples = Vec::with_capacity(VARIANTS);
        for variant in 0..VARIANTS {
            let mut rerun = self.run(&Arc::new(self.recording(request, variant)?)).await?;
            // Nothing was recorded that it could keep to.
            rerun.played.differences.clear();
            if FROM_OUTSIDE.iter().any(|operation| rerun.receipt.host.contains_key(operation.name())) {
                return Ok(None);
            }
            match sample(rerun) {
                Ok(sample) => samples.push(sample),
                Err(why) => return Ok(Some(Err(why))),
            }
        }
        Ok(Some(Ok(samples)))
    }

    /// Runs what was recorded.
    pub async fn play(&self, recording: &Arc<Recording>) -> Result<Samples> {
        Ok(sample(self.run(recording).await?).map(|sample| vec![sample]))
    }

    async fn run(&self, recording: &Arc<Recording>) -> Result<Rerun> {
        run(&self.executor, &self.program, recording, Play::Loosely).await
    }

    fn recording(&self, request: &TrialRequest, variant: usize) -> Result<Recording> {
        let seed = Digest::of(format!("glowplug check {variant}").as_bytes());
        let mut http = request.to_http()?;
        let bodiless = request.body.is_empty() && !matches!(request.method, Method::GET | Method::HEAD);
        if bodiless {
            http.headers_mut().entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
        }
        let data = (!request.body.is_empty()).then(|| Frame::Data(Base64(request.body.to_vec())));
        let id = &seed.to_string()[..16];
        Ok(Recording {
            format: FORMAT.to_owned(),
            worker: self.program.subject.clone(),
            given: Given { seed: Base64(seed.bytes().to_vec()), clock: MOMENTS[variant], ..self.given.clone() },
            request: recording::Request {
                method: request.method.to_string(),
                url: http.uri().to_string(),
                headers: header_lines(http.headers()),
                bodiless,
                body: data.into_iter().chain([Frame::End]).collect(),
                ..recording::Request::default()
            },
            subrequests: Vec::new(),
            events: Vec::new(),
            ended: Ended::Itself,
            response: None,
            receipt: Some(Receipt::new(id, self.program.subject.clone(), Outcome::Ok, &Usage::default())),
        })
    }
}

/// The figures of a run, or why it gave no good answer.
fn sample(rerun: Rerun) -> Result<Sample, String> {
    let Rerun { receipt, played, problem } = rerun;
    let why = match (receipt.outcome, problem, played.response) {
        (Outcome::Ok, None, Some(response)) if response.status < 500 => {
            return Ok(Sample { fuel: receipt.fuel, status: response.status, body: response.sha256 });
        }
        (Outcome::Ok, None, Some(response)) => format!("answered with status {}", response.status),
        (Outcome::Ok, None, None) => "gave no answer".to_owned(),
        (Outcome::Ok, Some(problem), _) => problem,
        (outcome, Some(problem), _) => format!("{outcome}: {problem}"),
        (outcome, None, _) => outcome.to_string(),
    };
    Err(std::iter::once(why).chain(played.differences).collect::<Vec<_>>().join("\n"))
}

/// The secrets that `.dev.vars` or `.env` have, as in `dev`. Values that they have for variables are not taken: what is
/// given here is what is in the repository.
fn secrets(manifest: &Manifest) -> Result<Vec<(String, String)>> {
    let mut read = manifest::dev_vars(&manifest.root, None)?;
    read.values.retain(|name, _| !manifest.env.contains_key(name));
    Ok(read.secrets(&manifest.required_secrets).into_iter().collect())
}
