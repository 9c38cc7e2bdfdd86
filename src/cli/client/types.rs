//! What the API answers, as far as commands look at it. What they print as JSON they pass on as it came.
//!
//! No `flatten` and no untagged enums: with serde_json's `arbitrary_precision`, which the bundler turns on for the whole
//! program, these lose numbers.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The body of an error.
#[derive(Debug, Deserialize)]
pub struct ErrorBody {
    pub error: Problem,
}

#[derive(Debug, Deserialize)]
pub struct Problem {
    pub message: String,
    pub hint: Option<String>,
    #[serde(default)]
    pub problems: Vec<String>,
}

/// `GET /v1/server`
#[derive(Debug, Deserialize)]
pub struct Server {
    pub version: String,
    /// Digest of the JavaScript engine that it carries.
    pub engine: String,
}

#[derive(Debug, Deserialize)]
pub struct Worker {
    pub name: String,
    pub created: String,
    #[serde(default)]
    pub routes: Vec<String>,
    pub url: Option<String>,
    pub deployment: Option<Deployment>,
}

#[derive(Debug, Deserialize)]
pub struct Workers {
    pub workers: Vec<Worker>,
}

/// Which versions take which share of a worker's traffic.
#[derive(Debug, Deserialize)]
pub struct Deployment {
    pub number: u64,
    pub created: String,
    #[serde(default)]
    pub author: String,
    #[serde(default)]
    pub message: String,
    #[serde(default)]
    pub cause: String,
    pub versions: Vec<Share>,
}

#[derive(Debug, Deserialize)]
pub struct Deployments {
    pub deployments: Vec<Deployment>,
}

/// A version's share, in percent.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Share {
    pub version: String,
    pub percent: f64,
}

#[derive(Debug, Deserialize)]
pub struct Version {
    pub id: String,
    pub created: String,
    #[serde(default)]
    pub author: String,
    #[serde(default)]
    pub message: String,
    #[serde(default)]
    pub tag: String,
    pub artifact: Option<Artifact>,
    pub assets: Option<Assets>,
    #[serde(default)]
    pub vars: BTreeMap<String, Value>,
    #[serde(default)]
    pub bindings: BTreeMap<String, Value>,
    /// Names.
    #[serde(default)]
    pub secrets: Vec<String>,
    #[serde(default)]
    pub compatibility_date: String,
    #[serde(default)]
    pub compatibility_flags: Vec<String>,
    pub preview_url: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Versions {
    pub versions: Vec<Version>,
}

#[derive(Debug, Deserialize)]
pub struct Artifact {
    pub digest: String,
    pub size: u64,
    pub javascript: Option<JavaScript>,
}

#[derive(Debug, Deserialize)]
pub struct JavaScript {
    pub start_up_fuel: u64,
    #[serde(default)]
    pub handlers: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Assets {
    pub files: u64,
    pub size: u64,
}

/// `POST /v1/blobs/missing`
#[derive(Debug, Deserialize)]
pub struct Missing {
    pub missing: Vec<crate::digest::Digest>,
}

/// `POST /v1/workers/NAME/versions`
#[derive(Debug, Deserialize)]
pub struct Published {
    pub version: PublishedVersion,
    pub deployment: Option<Deployment>,
    #[serde(default)]
    pub created_namespaces: Vec<Namespace>,
    #[serde(default)]
    pub unchanged: bool,
    #[serde(default)]
    pub urls: Vec<String>,
    pub preview_url: Option<String>,
    #[serde(default)]
    pub milliseconds: ServerTimes,
}

#[derive(Debug, Deserialize)]
pub struct PublishedVersion {
    pub id: String,
}

/// How long the server took for its parts of a deployment.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct ServerTimes {
    #[serde(default)]
    pub check: f64,
    #[serde(default)]
    pub commit: f64,
    #[serde(default)]
    pub live: f64,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Namespace {
    pub id: String,
    pub title: String,
    #[serde(default)]
    pub created: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Namespaces {
    pub namespaces: Vec<Namespace>,
}

/// A page of `GET /v1/kv/namespaces/ID/keys`
#[derive(Debug, Deserialize)]
pub struct Keys {
    pub keys: Vec<Key>,
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Key {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// One entry of the answer to a bulk read.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct BulkValue {
    pub value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub struct Written {
    pub written: u64,
}

#[derive(Debug, Deserialize)]
pub struct Deleted {
    pub deleted: u64,
}

#[derive(Debug, Deserialize)]
pub struct Secrets {
    pub secrets: Vec<String>,
    pub deployment: Option<Deployment>,
}

#[derive(Debug, Deserialize)]
pub struct Route {
    pub pattern: String,
    pub worker: Option<String>,
    #[serde(default)]
    pub cache: bool,
    #[serde(default)]
    pub fail_open: bool,
    pub origin: Option<String>,
    pub rate_limit: Option<RateLimit>,
    /// The server's settings have it.
    #[serde(default)]
    pub settings: bool,
}

/// Of a route.
#[derive(Debug, Deserialize)]
pub struct RateLimit {
    pub requests: u64,
    pub window_seconds: u64,
    pub key: String,
}

#[derive(Debug, Deserialize)]
pub struct Routes {
    pub routes: Vec<Route>,
}

/// `GET /v1/routes/explain`
#[derive(Debug, Deserialize)]
pub struct Explained {
    pub url: String,
    pub worker: Option<String>,
    #[serde(default)]
    pub origin: Option<String>,
    #[serde(default)]
    pub versions: Vec<Share>,
    #[serde(default)]
    pub also: Vec<Route>,
    pub why: String,
}

#[derive(Debug, Deserialize)]
pub struct Token {
    pub id: String,
    pub name: String,
    pub scopes: Vec<String>,
    pub created: String,
    pub expires: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Tokens {
    pub tokens: Vec<Token>,
}

/// `POST /v1/tokens`
#[derive(Debug, Deserialize)]
pub struct NewToken {
    pub token: String,
    pub id: String,
    pub expires: Option<String>,
}

/// `GET /v1/usage`
#[derive(Debug, Deserialize)]
pub struct Usage {
    pub since: String,
    pub until: String,
    pub usage: Vec<UsageLine>,
    pub total: UsageLine,
}

/// What the invocations of one group used.
#[derive(Debug, Deserialize)]
pub struct UsageLine {
    pub worker: Option<String>,
    pub version: Option<String>,
    pub route: Option<String>,
    pub time: Option<String>,
    pub requests: u64,
    pub runs: u64,
    #[serde(default)]
    pub outcomes: BTreeMap<String, u64>,
    #[serde(default)]
    pub assets: u64,
    pub fuel: u128,
    pub cpu_ms: f64,
    pub fuel_p50: Option<u64>,
    pub fuel_p99: Option<u64>,
    pub bytes_in: u128,
    pub bytes_out: u128,
    #[serde(default)]
    pub subrequests: u128,
    pub wall_ms: f64,
    pub mean_memory: Option<u64>,
}

/// A budget, `GET /v1/budgets/OF/NAME`
#[derive(Debug, Deserialize)]
pub struct Budget {
    pub of: String,
    pub name: String,
    pub fuel: u64,
    pub spent: u64,
    pub left: u64,
    pub since: String,
}

#[derive(Debug, Deserialize)]
pub struct Budgets {
    pub budgets: Vec<Budget>,
}

/// `POST /v1/check`
#[derive(Debug, Deserialize)]
pub struct Problems {
    pub problems: Vec<String>,
}

/// A line of a tail: an event, or the number of those that were lost.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TailLine {
    pub lost: Option<u64>,
    #[serde(default)]
    pub script_version: String,
    #[serde(default)]
    pub request_id: String,
    pub event: Option<TailRequest>,
    #[serde(default)]
    pub outcome: String,
    #[serde(default)]
    pub logs: Vec<TailLog>,
    #[serde(default)]
    pub exceptions: Vec<TailException>,
    #[serde(default)]
    pub fuel: u64,
    #[serde(default)]
    pub cpu_time: f64,
    #[serde(default)]
    pub wall_time: f64,
}

#[derive(Debug, Deserialize)]
pub struct TailRequest {
    pub request: Option<TailAsked>,
    /// The expression of a cron trigger.
    pub cron: Option<String>,
    pub response: Option<TailAnswered>,
}

#[derive(Debug, Deserialize)]
pub struct TailAsked {
    pub method: String,
    pub url: String,
}

#[derive(Debug, Deserialize)]
pub struct TailAnswered {
    pub status: u16,
}

#[derive(Debug, Deserialize)]
pub struct TailLog {
    pub level: String,
    pub message: String,
}

#[derive(Debug, Deserialize)]
pub struct TailException {
    pub message: String,
    #[serde(default)]
    pub stack: Vec<String>,
}
