//! The registry as the admin API uses it, on storage in memory.

mod check;
mod concurrency;
mod deployments;
mod namespaces;
mod publish;
mod routes;
mod secrets;
mod tokens;

use super::version::{Artifact, Trigger};
use super::*;
use crate::digest::Digest;
use crate::storage::{Entry, Listing, Storage};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

pub const BUCKETS: [&str; 9] = [
    bucket::WORKERS,
    bucket::VERSIONS,
    bucket::DEPLOYMENTS,
    bucket::ROUTES,
    bucket::SECRETS,
    bucket::NAMESPACES,
    bucket::NAMESPACE_TITLES,
    bucket::TOKENS,
    bucket::AUDIT,
];

/// A registry with a clock that stands still.
pub struct Bench {
    pub registry: Registry,
    pub storage: Storage,
    pub clock: Clock,
}

impl Bench {
    pub fn new() -> Self {
        let storage = Storage::in_memory();
        let clock = Clock::manual("2026-01-01T00:00:00Z".parse().unwrap());
        let registry = Registry::with_clock(storage.clone(), SealingKey::from_bytes(&[1; 32]), clock.clone());
        Self { registry, storage, clock }
    }

    /// Another process on the same storage.
    pub fn another(&self) -> Registry {
        Registry::with_clock(self.storage.clone(), SealingKey::from_bytes(&[1; 32]), self.clock.clone())
    }

    pub fn wait(&self, time: SignedDuration) {
        self.clock.set(self.clock.now() + time);
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A version whose component is `code`.
    pub async fn code(&self, code: &str) -> NewVersion {
        let bytes = Bytes::copy_from_slice(code.as_bytes());
        let digest = Digest::of(&bytes);
        self.storage.put_blob(digest, bytes).await.unwrap();
        let artifact = Artifact { digest, size: code.len() as u64, trigger: Trigger::Http03, javascript: None };
        NewVersion {
            artifact: Some(artifact),
            compatibility_date: "2026-01-01".to_owned(),
            message: format!("code {code}"),
            ..NewVersion::default()
        }
    }

    pub async fn publish(&self, worker: &str, new: NewVersion) -> Result<Published, Error> {
        Ok(self.registry.publish(&name(worker), new, all()).await?.value)
    }

    /// Publishes `code` as all of a worker's traffic.
    pub async fn deploy(&self, worker: &str, code: &str) -> VersionId {
        self.publish(worker, self.code(code).await).await.unwrap().version.id
    }

    pub async fn live(&self, worker: &str) -> Vec<(VersionId, u32)> {
        let deployment = self.registry.worker(&name(worker)).await.unwrap().deployment.unwrap();
        deployment.shares.into_iter().map(|share| (share.version, share.share)).collect()
    }

    /// Everything that is stored.
    pub async fn dump(&self) -> Vec<(&'static str, Vec<Entry>)> {
        let mut dump = Vec::new();
        for bucket in BUCKETS {
            dump.push((bucket, self.storage.list(bucket, "", None, usize::MAX, Listing::Values).await.unwrap()));
        }
        dump
    }

    pub async fn count(&self, bucket: &str) -> usize {
        self.storage.list(bucket, "", None, usize::MAX, Listing::Keys).await.unwrap().len()
    }

    /// Fails unless all that is stored is consistent.
    pub async fn assert_sound(&self) {
        assert_eq!(self.registry.check().await.unwrap(), Vec::<String>::new());
        let garbage = self.registry.garbage(|_| Ok(Vec::new())).await.unwrap();
        assert_eq!(garbage.secrets, Vec::<String>::new());
    }
}

pub fn name(text: &str) -> WorkerName {
    text.parse().unwrap()
}

pub fn route(text: &str) -> RoutePattern {
    text.parse().unwrap()
}

pub fn share(version: &VersionId, share: u32) -> Share {
    Share { version: version.clone(), share }
}

/// All traffic, nothing else changed.
pub fn all() -> Publish {
    Publish {
        routes: None,
        subdomain: None,
        previews: None,
        traffic: Traffic::All,
        targets: Targets::MustExist,
        author: "ann".to_owned(),
        message: String::new(),
    }
}

pub fn with_routes(routes: &[&str]) -> Publish {
    Publish { routes: Some(routes.iter().map(|text| route(text).into()).collect()), ..all() }
}

/// The message of an error that must be `Invalid`.
pub fn invalid<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result.unwrap_err() {
        Error::Invalid(problems) => problems.join("\n"),
        other => panic!("{other:?}"),
    }
}

/// The message of an error that must be `Conflict`.
pub fn conflict<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result.unwrap_err() {
        Error::Conflict(message) => message,
        other => panic!("{other:?}"),
    }
}
