//! What work costs: the table behind every figure of fuel.
//!
//! ## Why
//! wasmtime counts a worker's instructions and nothing that the host does for it. Were that free, a loop of host calls
//! would outlast any CPU limit, and moving work to the host would be a way not to pay. So host calls are charged by a
//! table of their own. The table has an id, which every receipt names: the same inputs under the same table always cost
//! the same, and a change of a price is a change of the id.

#[cfg(test)]
mod document;
#[cfg(test)]
mod tests;

use crate::digest::Digest;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::sync::LazyLock;
use wasmtime::OperatorCost;

/// Work of the host that is charged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    Instantiate,
    HostCall,
    Subrequest,
    ServiceCall,
    AssetFetch,
    KvRead,
    KvWrite,
    RequestBody,
    ResponseBody,
    StreamRead,
    StreamWrite,
    Log,
    Random,
    CacheRead,
    CacheWrite,
    WebsocketReceive,
    WebsocketSend,
}

/// What an operation costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// Fuel for each time it is done.
    pub each: u64,
    /// Fuel for each byte of it.
    pub per_byte: u64,
    /// What is charged for, in words.
    pub what: &'static str,
}

impl Operation {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 17] = [
        Self::Instantiate,
        Self::HostCall,
        Self::Subrequest,
        Self::ServiceCall,
        Self::AssetFetch,
        Self::KvRead,
        Self::KvWrite,
        Self::RequestBody,
        Self::ResponseBody,
        Self::StreamRead,
        Self::StreamWrite,
        Self::Log,
        Self::Random,
        Self::CacheRead,
        Self::CacheWrite,
        Self::WebsocketReceive,
        Self::WebsocketSend,
    ];

    /// Its name in the table and in receipts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instantiate => "instantiate",
            Self::HostCall => "host-call",
            Self::Subrequest => "subrequest",
            Self::ServiceCall => "service-call",
            Self::AssetFetch => "asset-fetch",
            Self::KvRead => "kv-read",
            Self::KvWrite => "kv-write",
            Self::RequestBody => "request-body",
            Self::ResponseBody => "response-body",
            Self::StreamRead => "stream-read",
            Self::StreamWrite => "stream-write",
            Self::Log => "log",
            Self::Random => "random",
            Self::CacheRead => "cache-read",
            Self::CacheWrite => "cache-write",
            Self::WebsocketReceive => "websocket-receive",
            Self::WebsocketSend => "websocket-send",
        }
    }

    /// What it costs. 15,000 fuel stand for a microsecond; the figures are measured times, rounded.
    pub const fn price(self) -> Price {
        let (each, per_byte, what) = match self {
            Self::Instantiate => {
                (200_000, 0, "a fresh sandbox: store, instance, and the reset of its memory afterwards")
            }
            Self::HostCall => (2_000, 0, "each call of an imported function, whatever it does, besides what follows"),
            Self::Subrequest => {
                (600_000, 20, "an HTTP request to an origin; the bytes are those of its URL and headers")
            }
            Self::ServiceCall => {
                (300_000, 20, "a call of another worker, which has an account of its own for its work")
            }
            Self::AssetFetch => (300_000, 20, "a static asset fetched through a binding"),
            Self::KvRead => (450_000, 20, "a read or a listing of KV entries; the bytes of its key or URL"),
            Self::KvWrite => (1_500_000, 20, "a change of KV entries; the bytes of its key or URL"),
            Self::RequestBody => (0, 8, "bytes of the request's body that the worker reads"),
            Self::ResponseBody => (0, 8, "bytes of the response's body that the worker writes"),
            Self::StreamRead => {
                (0, 8, "bytes read from any other stream, such as a subrequest's response, or given by KV")
            }
            Self::StreamWrite => {
                (0, 8, "bytes written to any other stream, such as a subrequest's body, or given to KV")
            }
            Self::Log => (15_000, 10, "a line of console output"),
            Self::Random => (0, 5, "random bytes"),
            Self::CacheRead => (300_000, 20, "a look into a cache; the bytes are those of its URL and headers"),
            Self::CacheWrite => (450_000, 20, "a response put into a cache or taken out of it"),
            Self::WebsocketReceive => (30_000, 8, "a message of a WebSocket that the worker receives, whole"),
            Self::WebsocketSend => (60_000, 8, "a message that the worker sends on a WebSocket, or a close frame"),
        };
        Price { each, per_byte, what }
    }

    /// Fuel for `times` of it with `bytes` in all.
    pub const fn cost(self, times: u64, bytes: u64) -> u64 {
        let Price { each, per_byte, .. } = self.price();
        each.saturating_mul(times).saturating_add(per_byte.saturating_mul(bytes))
    }
}

/// How often an operation was done, and on how many bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    pub times: u64,
    pub bytes: u64,
}

/// The host work of an invocation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Charges([Charge; Operation::ALL.len()]);

impl Charges {
    /// Notes that `operation` was done once on `bytes` bytes, and gives its cost in fuel.
    pub fn add(&mut self, operation: Operation, bytes: u64) -> u64 {
        let charge = &mut self.0[operation as usize];
        charge.times += 1;
        charge.bytes = charge.bytes.saturating_add(bytes);
        operation.cost(1, bytes)
    }

    /// What was done of `operation`.
    pub fn of(&self, operation: Operation) -> Charge {
        self.0[operation as usize]
    }

    /// All that was done, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = (Operation, Charge)> + '_ {
        Operation::ALL.into_iter().zip(self.0).filter(|(_, charge)| charge.times > 0)
    }

    /// What it costs in all.
    pub fn fuel(&self) -> u64 {
        self.iter().fold(0, |sum, (operation, charge)| sum.saturating_add(operation.cost(charge.times, charge.bytes)))
    }
}

/// What each WebAssembly instruction costs.
pub fn operator_cost() -> OperatorCost {
    OperatorCost::new()
}

/// The whole table as JSON text, with its parts in a fixed order: what the id is made of.
pub fn table() -> String {
    let mut text = String::from("{\n  \"hostOperations\": {\n");
    for (index, operation) in Operation::ALL.into_iter().enumerate() {
        let Price { each, per_byte, .. } = operation.price();
        let comma = if index + 1 < Operation::ALL.len() { "," } else { "" };
        let _ = writeln!(text, "    \"{}\": {{ \"each\": {each}, \"perByte\": {per_byte} }}{comma}", operation.name());
    }
    text.push_str("  },\n  \"wasmOperators\": ");
    let operators = serde_json::to_string_pretty(&operator_cost()).unwrap_or_default();
    text.push_str(&operators.replace('\n', "\n  "));
    text.push_str("\n}\n");
    text
}

/// Names this table: `fuel-` and the start of the SHA-256 of [`table`].
pub fn id() -> &'static str {
    static ID: LazyLock<String> = LazyLock::new(|| format!("fuel-{}", Digest::of(table().as_bytes()).short()));
    &ID
}
