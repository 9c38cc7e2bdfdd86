//! What requests cost now.

use super::lock::{Entry, Key, Lock, VARIES};
use super::pinned::Pinned;
use super::source::Asked;
use crate::cli::trial::{Exchange, Trial, TrialRequest};
use crate::digest::Digest;
use crate::engine::Executor;
use crate::meter::schedule;
use crate::recording::{self, Recording};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Runs of a request whose inputs cannot be fixed.
const LIVE_RUNS: usize = 3;

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    pub fuel: u64,
    pub status: u16,
    /// SHA-256 of the answer's body.
    pub body: Digest,
}

/// What came of a request: its figures, or why it has none.
pub struct Measured {
    pub key: Key,
    pub result: Result<Entry, String>,
}

/// A program that is ready to be measured.
pub struct Bench {
    trial: Trial,
    /// None for static assets alone.
    pinned: Option<Pinned>,
}

impl Bench {
    pub async fn of_path(path: &Path, executor: Arc<Executor>) -> Result<Self> {
        let trial = Trial::of_path(path, executor.clone()).await?;
        let pinned = Pinned::of_path(path, executor, trial.facts()).await?;
        Ok(Self { trial, pinned })
    }

    /// A lock file for this program without requests.
    pub fn empty_lock(&self) -> Lock {
        let facts = self.trial.facts();
        let engine = self.pinned.as_ref().and_then(Pinned::engine).map(|engine| engine.to_string());
        Lock::new(&facts.name, schedule::id(), engine, facts.start_up_fuel)
    }

    /// Runs everything, in its order.
    pub async fn measure(&self, asked: &[Asked]) -> Result<Vec<Measured>> {
        let mut results = Vec::with_capacity(asked.len());
        let mut live = BTreeMap::new();
        for (index, asked) in asked.iter().enumerate() {
            results.push(match asked {
                Asked::Request(request) => {
                    let samples = self.send_pinned(request).await?;
                    if samples.is_none() {
                        live.insert(index, request);
                    }
                    (key_of(request), samples.unwrap_or(Ok(Vec::new())))
                }
                Asked::Recording(path) => self.play(path).await?,
            });
        }
        for (index, samples) in self.send_live(&live).await? {
            results[index].1 = samples;
        }
        let mut seen = BTreeMap::new();
        Ok(results.into_iter().map(|(key, result)| measured(number(key, &mut seen), result)).collect())
    }

    /// Runs a request with fixed inputs. None when its answer comes from more than these.
    async fn send_pinned(&self, request: &TrialRequest) -> Result<Option<Samples>> {
        let Some(pinned) = &self.pinned else { return self.send_to_assets(request).await };
        if pinned.has_assets()
            && let Some(samples) = self.send_to_assets(request).await?
        {
            return Ok(Some(samples));
        }
        pinned.send(request).await
    }

    /// Assets answer without fuel, and always the same. None when it is not they that answer.
    async fn send_to_assets(&self, request: &TrialRequest) -> Result<Option<Samples>> {
        let exchange = self.trial.send(request).await?;
        Ok((exchange.usage.fuel == 0).then(|| of_exchange(&exchange).map(|sample| vec![sample])))
    }

    /// Sends requests as clients would, several times: each time all in the same order, to a site where nothing is kept.
    async fn send_live(&self, live: &BTreeMap<usize, &TrialRequest>) -> Result<BTreeMap<usize, Samples>> {
        let mut all: BTreeMap<usize, Samples> = BTreeMap::new();
        if live.is_empty() {
            return Ok(all);
        }
        for _ in 0..LIVE_RUNS {
            let fresh = self.trial.restarted().await?;
            for (index, request) in live {
                let sample = of_exchange(&fresh.send(request).await?);
                let samples = all.entry(*index).or_insert(Ok(Vec::new()));
                match (sample, &mut *samples) {
                    (Ok(sample), Ok(samples)) => samples.push(sample),
                    (Err(why), Ok(_)) => *samples = Err(why),
                    (_, Err(_)) => {}
                }
            }
        }
        Ok(all)
    }

    async fn play(&self, path: &Path) -> Result<(Key, Samples)> {
        let recording = Arc::new(recording::load(path)?);
        let key = key_of_recording(path, &recording);
        let pinned = self.pinned.as_ref().with_context(|| {
            format!("`{}` cannot be run: the program has static assets only, and no code", path.display())
        })?;
        Ok((key, pinned.play(&recording).await?))
    }
}

/// The runs of a request, or why one of them got no good answer.
pub type Samples = Result<Vec<Sample>, String>;

fn of_exchange(exchange: &Exchange) -> Result<Sample, String> {
    let sample = Sample { fuel: exchange.usage.fuel, status: exchange.status, body: Digest::of(&exchange.body) };
    exchange.failure().map_or(Ok(sample), Err)
}

fn measured(key: Key, samples: Samples) -> Measured {
    let result = samples.and_then(|samples| {
        let first = samples.first().ok_or("it was not run")?;
        let (most, least) = samples
            .iter()
            .fold((0, u64::MAX), |(most, least), Sample { fuel, .. }| (most.max(*fuel), least.min(*fuel)));
        let same = samples.iter().all(|sample| sample.body == first.body && sample.status == first.status);
        let answer = if same { first.body.short() } else { VARIES.to_owned() };
        Ok(Entry { key: key.clone(), status: first.status, answer, fuel: most, least: (least < most).then_some(least) })
    });
    Measured { key, result }
}

fn key_of(request: &TrialRequest) -> Key {
    let mut input = Vec::new();
    for (name, value) in &request.headers {
        input.extend_from_slice(format!("{}: {value}\n", name.to_ascii_lowercase()).as_bytes());
    }
    input.push(b'\n');
    input.extend_from_slice(&request.body);
    Key { request: request.title(), input: Digest::of(&input).short(), nth: 1 }
}

/// Recordings are told apart by their names; where they were made is no part of the title.
fn key_of_recording(path: &Path, recording: &Recording) -> Key {
    let url = &recording.request.url;
    let target = url.parse::<http::Uri>().ok().and_then(|uri| uri.path_and_query().map(ToString::to_string));
    let name = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let request = format!("{} {}", recording.request.method, target.unwrap_or_else(|| url.clone()));
    Key { request, input: name, nth: 1 }
}

/// Numbers requests that are the same.
fn number(key: Key, seen: &mut BTreeMap<Key, u32>) -> Key {
    let count = seen.entry(key.clone()).or_insert(0);
    *count += 1;
    Key { nth: *count, ..key }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart_by_all_that_they_say() {
        let request = |target: &str, headers: &[(&str, &str)], body: &str| {
            let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            key_of(&TrialRequest::new("POST", target, headers, body.to_owned().into()).unwrap())
        };
        let key = request("/a", &[("X-A", "1")], "b");
        assert_eq!(key, request("/a", &[("x-a", "1")], "b"));
        for other in [
            request("/b", &[("x-a", "1")], "b"),
            request("/a", &[("x-a", "2")], "b"),
            request("/a", &[("x-a", "1")], "c"),
        ] {
            assert_ne!(key, other);
        }
        let mut seen = BTreeMap::new();
        assert_eq!([1, 2, 3].map(|_| number(key.clone(), &mut seen).nth), [1, 2, 3]);
        assert_eq!(number(request("/b", &[], ""), &mut seen).nth, 1);
    }

    #[test]
    fn the_most_counts_and_what_varies_is_said() {
        let sample = |fuel, body: &str| Sample { fuel, status: 200, body: Digest::of(body.as_bytes()) };
        let key = Key { request: "GET /".into(), input: String::new(), nth: 1 };
        let of = |samples: Vec<Sample>| measured(key.clone(), Ok(samples)).result.unwrap();
        let steady = of(vec![sample(5, "a"), sample(5, "a")]);
        assert_eq!((steady.fuel, steady.least, steady.answer), (5, None, Digest::of(b"a").short()));
        let unsteady = of(vec![sample(5, "a"), sample(7, "b"), sample(6, "a")]);
        assert_eq!((unsteady.fuel, unsteady.least, unsteady.answer.as_str()), (7, Some(5), VARIES));
        assert!(measured(key.clone(), Ok(Vec::new())).result.is_err());
    }
}
