//! Workers by name: what is live, where it is reached.

use super::deployment::Deployment;
use super::route::RoutePattern;
use super::secret::SecretRef;
use crate::route_options::RouteOptions;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Name of a worker: 1 to 63 lower-case letters, digits, `-` and `_`, not starting with `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorkerName(String);

impl WorkerName {
    /// Characters in a name: it may become a DNS label.
    pub const LONGEST: usize = 63;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WorkerName {
    type Err = String;

    /// The error says what a name must be.
    fn from_str(text: &str) -> Result<Self, String> {
        let well_formed = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
        if well_formed && !text.is_empty() && !text.starts_with('-') && text.len() <= Self::LONGEST {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "a worker's name has 1 to {} lower-case letters, digits, `-` and `_`, and does not start with `-`",
            Self::LONGEST
        ))
    }
}

impl TryFrom<String> for WorkerName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<WorkerName> for String {
    fn from(name: WorkerName) -> Self {
        name.0
    }
}

impl Borrow<str> for WorkerName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is stored of a worker besides its versions. Replaced whole, with compare-and-set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkerRecord {
    pub name: WorkerName,
    pub created: Timestamp,
    /// Where it is reached, besides `NAME.<base-domain>`.
    pub routes: Vec<RoutePattern>,
    /// What those of them say that say more than their pattern.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub route_options: BTreeMap<RoutePattern, RouteOptions>,
    /// Whether `NAME.<base-domain>` reaches it (`workers_dev`).
    pub subdomain: bool,
    /// Whether `VERSION-NAME.<base-domain>` reaches its versions (`preview_urls`).
    pub previews: bool,
    /// What is live; none before the first deployment.
    pub deployment: Option<Deployment>,
    /// What the next version is given.
    pub secrets: BTreeMap<String, SecretRef>,
}

impl WorkerRecord {
    /// Whether the same requests reach it as reach `other`.
    pub fn is_reached_like(&self, other: &Self) -> bool {
        let reached = |record: &Self| (record.subdomain, record.previews, record.deployment.is_some());
        reached(self) == reached(other) && self.routes == other.routes && self.route_options == other.route_options
    }
}
