//! Versions: what a worker is made of. A version never changes once it is made.

use super::secret::SecretRef;
use super::worker::WorkerName;
use crate::digest::Digest;
use crate::limits;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Name of a version: 12 hexadecimal digits, the start of the digest of its content.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VersionId(String);

impl VersionId {
    /// Digits of an id.
    pub const LENGTH: usize = 12;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Digest> for VersionId {
    fn from(content: Digest) -> Self {
        Self(content.short())
    }
}

impl FromStr for VersionId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() == Self::LENGTH && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("a version's id has {} hexadecimal digits", Self::LENGTH))
    }
}

impl TryFrom<String> for VersionId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<VersionId> for String {
    fn from(id: VersionId) -> Self {
        id.0
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A version as it is stored. Its id is the digest of [`Content`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "StoredVersion")]
pub struct Version {
    pub id: VersionId,
    pub worker: WorkerName,
    pub created: Timestamp,
    /// Name of the token that made it.
    pub author: String,
    /// What its author said of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Short name given by its author, such as a tag in Git.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tag: String,
    #[serde(flatten)]
    pub content: Content,
}

/// [`Version`] as it is read. `flatten` would lose the numbers: with serde_json's `arbitrary_precision`, which the bundler
/// turns on for the whole program, only a type that is read directly can have any.
#[derive(Deserialize)]
struct StoredVersion {
    id: VersionId,
    worker: WorkerName,
    created: Timestamp,
    author: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    tag: String,
    artifact: Option<Artifact>,
    vars: BTreeMap<String, Value>,
    bindings: BTreeMap<String, Binding>,
    secrets: BTreeMap<String, SecretRef>,
    assets: Option<Assets>,
    limits: limits::Settings,
    compatibility_date: String,
    compatibility_flags: Vec<String>,
    #[serde(default)]
    crons: Vec<String>,
    #[serde(default)]
    tail_consumers: Vec<WorkerName>,
}

impl From<StoredVersion> for Version {
    fn from(stored: StoredVersion) -> Self {
        Self {
            id: stored.id,
            worker: stored.worker,
            created: stored.created,
            author: stored.author,
            message: stored.message,
            tag: stored.tag,
            content: Content {
                artifact: stored.artifact,
                vars: stored.vars,
                bindings: stored.bindings,
                secrets: stored.secrets,
                assets: stored.assets,
                limits: stored.limits,
                compatibility_date: stored.compatibility_date,
                compatibility_flags: stored.compatibility_flags,
                crons: stored.crons,
                tail_consumers: stored.tail_consumers,
            },
        }
    }
}

/// All that makes a version behave as it does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The component; none for a worker that has static assets only.
    pub artifact: Option<Artifact>,
    /// Plain variables. A JavaScript worker has them in its snapshot too.
    pub vars: BTreeMap<String, Value>,
    /// Everything else in its `env`, by name.
    pub bindings: BTreeMap<String, Binding>,
    /// Secrets by name, sealed elsewhere.
    pub secrets: BTreeMap<String, SecretRef>,
    /// Static assets.
    pub assets: Option<Assets>,
    /// What one invocation may use, as the manifest says it.
    pub limits: limits::Settings,
    pub compatibility_date: String,
    pub compatibility_flags: Vec<String>,
    /// Cron expressions that call its `scheduled` handler, in UTC. Left out where there are none, so that versions which
    /// were made before there were any keep their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crons: Vec<String>,
    /// Workers that are told of its invocations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tail_consumers: Vec<WorkerName>,
}

impl Content {
    /// The id of a version with this content: the start of the digest of its JSON, with the keys of all objects in
    /// their order.
    pub fn id(&self) -> VersionId {
        let value = serde_json::to_value(self).expect("content has text keys only");
        Digest::of(sorted(value).to_string().as_bytes()).into()
    }
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            members.into_iter().collect()
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

impl Content {
    /// The JavaScript engine that it runs on, kept as a blob so that the version outlives the program it came from.
    pub fn engine(&self) -> Option<Digest> {
        self.artifact.as_ref()?.javascript.as_ref()?.engine.parse().ok()
    }
}

/// A component, as the server found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    pub trigger: Trigger,
    /// Set for workers made from JavaScript.
    pub javascript: Option<JavaScript>,
}

/// The interface a component is called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trigger {
    #[serde(rename = "wasi:http/incoming-handler@0.2")]
    Http02,
    #[serde(rename = "wasi:http/handler@0.3")]
    Http03,
}

/// What is known of a worker made from JavaScript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JavaScript {
    /// SHA-256 of the engine it was started up on.
    pub engine: String,
    /// Event handlers it has.
    pub handlers: Vec<String>,
    pub start_up_fuel: u64,
}

/// One capability in a worker's `env`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Binding {
    /// A KV namespace. Without an id in a request to deploy, the namespace titled `WORKER-BINDING` is used or made.
    Kv { id: Option<String> },
    /// Another worker.
    Service { worker: WorkerName },
    /// The worker's own static assets.
    Assets,
    /// The version's id, tag and time.
    VersionMetadata,
}

/// Static assets of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assets {
    /// The blob with the index: which path has which file, and how paths are answered (`assets::Index`).
    pub index: Digest,
    /// Number of files.
    pub files: u64,
    /// Bytes of all files.
    pub size: u64,
}
