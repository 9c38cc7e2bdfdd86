//! A route with its options, and who has it.

use super::super::worker::WorkerName;
use super::RoutePattern;
use crate::route_options::RouteOptions;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A pattern and what it says besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub pattern: RoutePattern,
    pub options: RouteOptions,
}

impl From<RoutePattern> for Route {
    fn from(pattern: RoutePattern) -> Self {
        Self { pattern, options: RouteOptions::default() }
    }
}

/// The owner of a pattern, as it is stored under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Claim {
    /// This worker, whose record has the route and its options.
    Worker(WorkerName),
    /// No worker: its origin answers.
    Origin(RouteOptions),
}

// By hand: an untagged enum loses numbers with serde_json's `arbitrary_precision`.
impl<'de> Deserialize<'de> for Claim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(name) => name.parse().map(Self::Worker).map_err(D::Error::custom),
            options => RouteOptions::deserialize(options).map(Self::Origin).map_err(D::Error::custom),
        }
    }
}
