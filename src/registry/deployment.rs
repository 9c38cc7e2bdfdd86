//! Deployments: which versions of a worker take which share of its traffic.

use super::version::VersionId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// All of the traffic, in hundredths of a percent.
pub const WHOLE: u32 = 10_000;

/// One entry of a worker's history; the newest is live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Counts from 1 for each worker.
    pub number: u64,
    pub created: Timestamp,
    /// Name of the token that made it.
    pub author: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// What brought it about.
    pub cause: Cause,
    /// One version, or two with shares that add up to [`WHOLE`].
    pub shares: Vec<Share>,
}

/// What brought a deployment about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A new version was deployed.
    Deploy,
    /// Shares of existing versions were set.
    Versions,
    Rollback,
    /// A secret was set or deleted.
    Secret,
}

/// A version's share of the traffic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub version: VersionId,
    /// Hundredths of a percent, 1 to [`WHOLE`].
    pub share: u32,
}

impl Deployment {
    /// The version for a client whose place is `place`, below [`WHOLE`]. Clients keep their places, so a version whose
    /// share grows keeps the clients it has: the newer version (the first) takes the places from 0 up.
    pub fn pick(&self, place: u32) -> Option<&VersionId> {
        let mut below = 0;
        for share in &self.shares {
            below += share.share;
            if place < below {
                return Some(&share.version);
            }
        }
        self.shares.last().map(|share| &share.version)
    }
}
