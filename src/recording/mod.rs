//! The inputs of one invocation, written down: enough to run it again anywhere, to the same response and the same fuel.
//!
//! ## Why
//! A bill that nobody can check is an assertion. An invocation is a function of its inputs: the worker's artefact, the
//! request, what its host calls gave it and when, its seed and its clock. A recording holds all of them but the artefact,
//! which it names by its digest. It also holds what came out, so that a second run can be compared.
//!
//! A recording holds what the worker could see: secrets, cookies and bodies among it. Files are made readable by their
//! owner alone.

mod bytes;
mod file;
mod receipt;
mod sign;

pub use self::bytes::Base64;
pub use self::file::{load, make_folder, save, write_private};
pub use self::receipt::{Line, Measured, Receipt};
pub use self::sign::{PublicKey, ReceiptKey, check};

use crate::digest::Digest;
use crate::meter::Outcome;
use http::Version;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The form of recordings that this program writes and reads.
pub const FORMAT: &str = "glowplug-recording/1";

/// Header lines in their order.
pub type Headers = Vec<(String, Base64)>;

/// One invocation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recording {
    /// [`FORMAT`].
    pub format: String,
    /// What ran.
    pub worker: Subject,
    /// What it was given besides its request.
    pub given: Given,
    pub request: Request,
    /// Requests that it made, in the order in which it made them.
    pub subrequests: Vec<Subrequest>,
    /// What its host calls told it that depends on the time they were made.
    pub events: Vec<Event>,
    pub ended: Ended,
    /// None if it gave none.
    pub response: Option<Response>,
    /// What it cost.
    pub receipt: Option<Receipt>,
}

/// The worker of a recording.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    pub name: String,
    /// Id of the version.
    pub version: String,
    /// The component that ran.
    pub artifact: Option<Digest>,
    /// The JavaScript engine that it ran on.
    pub engine: Option<Digest>,
}

/// What an invocation is given besides its request.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Given {
    /// Seed of its random numbers.
    pub seed: Base64,
    /// What its clock showed at first, in milliseconds since the epoch.
    pub clock: u64,
    /// Fuel granted.
    pub fuel: u64,
    /// Bytes of memory allowed.
    pub memory: u64,
    /// Subrequests allowed.
    pub subrequests: u32,
    /// Bytes of console output allowed.
    pub log: u64,
    /// Environment variables of a component.
    pub env: Vec<(String, String)>,
    pub secrets: Vec<(String, String)>,
    /// What its bindings are, by their names.
    pub bindings: BTreeMap<String, BindingKind>,
    /// Id, tag and time of the version, as the worker sees them.
    pub version: [String; 3],
}

/// What a binding leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BindingKind {
    Kv,
    Service,
    Assets,
    Cache,
}

/// The head and body of a request that came in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    pub method: String,
    /// Absolute.
    pub url: String,
    /// What the client speaks, by its [`protocol_name`].
    #[serde(default)]
    pub protocol: String,
    /// `request.cf` as JSON, if more than the protocol is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cf: Option<String>,
    pub headers: Headers,
    /// It has no body, which differs from an empty one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bodiless: bool,
    /// As far as it came before the invocation was over.
    pub body: Vec<Frame>,
}

const PROTOCOLS: [(Version, &str); 4] = [
    (Version::HTTP_10, "HTTP/1.0"),
    (Version::HTTP_11, "HTTP/1.1"),
    (Version::HTTP_2, "HTTP/2"),
    (Version::HTTP_3, "HTTP/3"),
];

/// A version of HTTP as Workers name it.
pub fn protocol_name(version: Version) -> &'static str {
    PROTOCOLS.iter().find(|(known, _)| *known == version).map_or("HTTP/1.1", |(_, name)| name)
}

impl Request {
    /// What the client speaks; HTTP/1.1 where a recording says nothing of it.
    pub fn version(&self) -> Version {
        PROTOCOLS.iter().find(|(_, name)| *name == self.protocol).map_or(Version::HTTP_11, |(version, _)| *version)
    }
}

/// A part of a body, as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Frame {
    Data(Base64),
    Trailers(Headers),
    Error(Fault),
    End,
}

/// A request that the worker made, and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subrequest {
    /// The binding that it was for; none if it went to an origin.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub binding: Option<String>,
    pub method: String,
    pub url: String,
    /// SHA-256 of its headers as lines.
    pub headers: Digest,
    /// Bytes of its body that were taken.
    pub sent: u64,
    /// SHA-256 of these.
    pub body: Digest,
    /// Milliseconds until it was answered.
    pub latency: u64,
    pub answer: Answer,
}

/// What came of a subrequest.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    Response {
        status: u16,
        headers: Headers,
        body: Vec<Frame>,
    },
    Error(Fault),
    /// The invocation was over first.
    None,
}

/// A `wasi:http` error: its name, and what it says if it says anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
}

/// What a host call told the worker that another run might tell it otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// The clock moved: milliseconds since the start.
    Time(u64),
    /// Which of the pollables were ready.
    Poll(Vec<u32>),
    /// A wait for one pollable was over.
    Block,
    /// Whether a pollable was ready.
    Ready(bool),
    /// Bytes that came of a stream.
    Read(u64),
    /// A stream that was read had ended.
    ReadClosed,
    /// A stream that was read had failed.
    ReadFailed,
    /// Bytes that a stream would take.
    Permit(u64),
    /// A stream to write to was closed by its other side.
    WriteClosed,
    /// A stream to write to had failed.
    WriteFailed,
    /// What a `wasi:keyvalue` operation gave.
    Kv(Value),
}

/// How a recorded invocation came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ended {
    /// By itself: it returned, trapped, or ran out of fuel.
    Itself,
    /// By the clock, or since the client had left: it was stopped where it was.
    Cut(Outcome),
}

/// What the worker answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    pub status: u16,
    pub headers: Headers,
    /// SHA-256 of the body that the worker wrote.
    pub sha256: Digest,
    /// Length of the body.
    pub bytes: u64,
    /// The body's beginning, to show what differs.
    pub beginning: Base64,
}
