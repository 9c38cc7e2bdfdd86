//! What is deployed: workers, versions, deployments, routes, secrets, tokens and their history, on top of `storage`.
//!
//! Every operation that changes something is one commit: it happens whole or not at all, and is refused when the worker
//! was changed meanwhile. (Deleting a KV namespace is the exception; `namespaces` says how it survives a crash.)
//!
//! ## What is stored where
//!
//! | bucket | key | value |
//! |---|---|---|
//! | `workers` | NAME | [`WorkerRecord`]; its meta says what the live versions bind |
//! | `versions` | NAME/ID | [`Version`]; its meta says what it binds and which sealed values it names |
//! | `deployments` | NAME/%010d | [`Deployment`] |
//! | `routes` | PATTERN | the worker's name, or the options of a route that leads to an origin: the claim that gives a pattern one owner |
//! | `secrets` | NAME/KEY/REF | a sealed value |
//! | `namespaces` | ID | title and time |
//! | `namespace-titles` | TITLE | the id: the claim that gives a title one owner |
//! | `tokens` | ID | a token, with the digest of its secret |
//! | `cron-runs` | NAME/inverted time EXPRESSION | [`cron_runs::CronRun`] |
//! | `audit` | inverted time | [`AuditEntry`] |
//!
//! ## Why
//! Whatever concerns a worker is changed together with its record, and the record only as it was read. So what was
//! read after the record still holds when the commit is made, or the commit is refused and the operation starts over.
//! Two things reach across workers: a version may bind another worker, or a namespace. Who begins to bind one writes
//! it anew, unchanged, in the same commit: so it cannot be deleted at the same time.

mod audit;
mod change;
mod check;
mod clock;
mod deployments;
mod edit;
mod error;
mod garbage;
mod namespaces;
mod new_version;
mod origins;
mod publish;
mod records;
mod retention;
mod secrets;
mod tokens;
mod uses;
mod versions;
mod workers;

pub mod cron_runs;
pub mod deployment;
pub mod route;
pub mod secret;
pub mod version;
pub mod worker;

#[cfg(test)]
mod tests;

pub use self::audit::{AUDIT_MOST, AUDIT_RETENTION, AuditEntry, AuditOutcome, AuditPage, AuditToken};
pub use self::clock::Clock;
pub use self::deployment::{Cause, Deployment, Share};
pub use self::error::Error;
pub use self::garbage::Garbage;
pub use self::namespaces::Namespace;
pub use self::new_version::NewVersion;
pub use self::origins::OriginRoutes;
pub use self::publish::{Publish, Published, Targets, Traffic};
pub use self::records::bucket;
pub use self::retention::{KEPT_DEPLOYMENTS, KEPT_VERSIONS, PROTECTED_DEPLOYMENTS};
pub use self::route::{Found, How, Route, RoutePattern, RouteTable, Scheme};
pub use self::secret::{KeyError, SealingKey, SecretRef};
pub use self::secrets::SecretsChanged;
pub use self::tokens::{AuthError, NewToken, Scope, Token};
pub use self::version::{Binding, Content, Version, VersionId};
pub use self::worker::{WorkerName, WorkerRecord};
pub use self::workers::Dependents;

use crate::digest::Digest;
use crate::storage::{Revision, Storage};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::RwLock;

/// All operations on what is deployed. Clones share one.
#[derive(Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

struct Shared {
    storage: Storage,
    key: SealingKey,
    clock: Clock,
    turns: change::Turns,
    /// Blobs that versions to be made will name, and since when.
    wanted: RwLock<HashMap<Digest, Instant>>,
}

/// What came of a change, and the commit that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done<T> {
    pub value: T,
    /// The commit. If there was nothing to change, an earlier one.
    pub revision: Revision,
}

impl Registry {
    /// The registry in `storage`, whose secrets are sealed with `key`.
    pub fn new(storage: Storage, key: SealingKey) -> Self {
        Self::with_clock(storage, key, Clock::System)
    }

    /// The same with a clock of one's own.
    pub fn with_clock(storage: Storage, key: SealingKey, clock: Clock) -> Self {
        Self {
            shared: Arc::new(Shared {
                storage,
                key,
                clock,
                turns: change::Turns::default(),
                wanted: RwLock::default(),
            }),
        }
    }

    /// Where it is kept.
    pub fn storage(&self) -> &Storage {
        &self.shared.storage
    }
}
