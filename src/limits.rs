//! Every limit: its default, the range a worker may choose from, why it is there, and what happens past it.
//!
//! All of them hold in `dev` as well. A [`Limit`] with a `key` can be set in the manifest; the others are the same
//! for every worker.
//!
//! ## Why
//! The defaults follow Cloudflare's documented limits, since that is what existing workers were written against.
//! CPU is the exception: an interpreter in a sandbox needs more of it than a JIT does for the same work, so a
//! request gets 5 s unless the worker says otherwise.

use std::fmt;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// Fuel that stands for one millisecond of CPU.
///
/// Fuel is exact and the same on every machine; milliseconds are only how people set and read it. The value is a
/// calibration and not part of any receipt.
pub const FUEL_PER_CPU_MS: u64 = 15_000_000;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// One limit.
#[derive(Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is limited, in words.
    pub name: &'static str,
    /// The manifest key that sets it, if a worker may.
    pub key: Option<&'static str>,
    /// What its numbers count.
    pub unit: Unit,
    /// The value when the manifest says nothing.
    pub default: u64,
    /// The least a worker may ask for.
    pub minimum: u64,
    /// The most a worker may ask for.
    pub maximum: u64,
    /// What happens past it.
    pub consequence: Consequence,
    /// Why it is there, and why at this value.
    pub reason: &'static str,
}

/// What a limit's numbers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds, of CPU or of the clock.
    Milliseconds,
    /// Mebibytes.
    Mebibytes,
    /// Bytes.
    Bytes,
    /// Things.
    Count,
}

/// What happens when a limit is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// The invocation ends with outcome `exceededCpu`.
    ExceededCpu,
    /// The invocation ends with outcome `exceededMemory`.
    ExceededMemory,
    /// The invocation ends with outcome `exceededWallTime`.
    ExceededWallTime,
    /// The worker sees an error it can catch; uncaught, the outcome is `exception`.
    GuestError,
    /// The request is answered with this status and no sandbox is started.
    Refused(u16),
    /// What is past it is dropped and a note says so; the outcome does not change.
    Truncated,
    /// The worker does not build, or does not start.
    BuildFails,
}

/// CPU of one invocation, from instantiation to the end of its `waitUntil` work.
pub const CPU: Limit = Limit {
    name: "CPU time",
    key: Some("limits.cpu_ms"),
    unit: Unit::Milliseconds,
    default: 5_000,
    minimum: 1,
    maximum: 300_000,
    consequence: Consequence::ExceededCpu,
    reason: "ends loops that never finish; five minutes is also the most that Cloudflare allows",
};

/// CPU of a worker's top-level code, run once when it is built.
pub const STARTUP_CPU: Limit = fixed(
    "start-up CPU time",
    Unit::Milliseconds,
    1_000,
    Consequence::BuildFails,
    "a build must end; the same second that Cloudflare gives",
);

/// From the start of an invocation to the end of its response.
pub const WALL: Limit = Limit {
    name: "wall time",
    key: Some("limits.wall_ms"),
    unit: Unit::Milliseconds,
    default: 60_000,
    minimum: 10,
    maximum: 900_000,
    consequence: Consequence::ExceededWallTime,
    reason: "waiting costs no CPU but holds a sandbox and a connection",
};

/// Added to [`WALL`] for work given to `ctx.waitUntil`.
pub const WAIT_UNTIL: Limit = fixed(
    "wall time after the response",
    Unit::Milliseconds,
    30_000,
    Consequence::ExceededWallTime,
    "nobody waits for this work any more, so it must not hold a sandbox for long",
);

/// Sum of all linear memories of a sandbox.
pub const MEMORY: Limit = Limit {
    name: "memory",
    key: Some("limits.memory_mb"),
    unit: Unit::Mebibytes,
    default: 128,
    minimum: 8,
    maximum: 512,
    consequence: Consequence::ExceededMemory,
    reason: "bounds what one request can take from the machine; the sum counts, so more memories do not help",
};

/// Outgoing requests of one invocation, each redirect counted.
pub const SUBREQUESTS: Limit = Limit {
    name: "subrequests",
    key: Some("limits.subrequests"),
    unit: Unit::Count,
    default: 1_000,
    minimum: 0,
    maximum: 10_000,
    consequence: Consequence::GuestError,
    reason: "one request must not become a flood; 0 cuts the worker off from the network",
};

/// Body of a request from a client.
pub const REQUEST_BODY: Limit = fixed(
    "request body",
    Unit::Bytes,
    100 * MIB,
    Consequence::Refused(413),
    "bodies are streamed, so this bounds time and traffic, not memory",
);

/// All header lines of a request, or of a response, names and values together.
pub const HEADERS: Limit = fixed(
    "headers",
    Unit::Bytes,
    128 * KIB,
    Consequence::Refused(431),
    "headers are held in memory whole, before any limit of the sandbox counts them",
);

/// URL of a request from a client.
pub const URL: Limit =
    fixed("URL", Unit::Bytes, 16 * KIB, Consequence::Refused(414), "as headers are, it is held in memory whole");

/// A JavaScript worker after bundling.
pub const SCRIPT: Limit = fixed(
    "bundled script",
    Unit::Bytes,
    10 * MIB,
    Consequence::BuildFails,
    "more cannot be parsed within the start-up CPU, and it is part of every sandbox's memory",
);

/// A component's `.wasm` file.
pub const COMPONENT: Limit = fixed(
    "component",
    Unit::Bytes,
    64 * MIB,
    Consequence::BuildFails,
    "compiling takes seconds per megabyte; components that carry an interpreter are 10 to 40 MB",
);

/// Console output of one invocation.
pub const LOG: Limit = fixed(
    "console output",
    Unit::Bytes,
    256 * KIB,
    Consequence::Truncated,
    "a loop that logs must not fill the disk or the terminal",
);

/// Number of `vars`.
pub const VARIABLES: Limit = fixed(
    "number of variables",
    Unit::Count,
    128,
    Consequence::BuildFails,
    "variables are configuration; data belongs in a file or a store",
);

/// One of the `vars`, as JSON text.
pub const VARIABLE: Limit = fixed(
    "value of a variable",
    Unit::Bytes,
    5 * KIB,
    Consequence::BuildFails,
    "variables are configuration; data belongs in a file or a store",
);

/// Time the bundler may take.
pub const BUNDLING: Limit = fixed(
    "bundling time",
    Unit::Milliseconds,
    120_000,
    Consequence::BuildFails,
    "a fault in the bundler must not leave `dev` waiting for ever; real projects take under a second",
);

/// Responses in the caches of all workers, on one machine.
pub const CACHE: Limit = fixed(
    "cached responses in memory",
    Unit::Bytes,
    256 * MIB,
    Consequence::Truncated,
    "they are in memory; those that were used least recently make room",
);

/// The body of a response that a worker puts into a cache.
pub const CACHED_RESPONSE: Limit = fixed(
    "cached response",
    Unit::Bytes,
    32 * MIB,
    Consequence::Truncated,
    "one response must not push all others out; a larger one is not kept, and `put()` says nothing, as in Workers",
);

/// A message of a WebSocket, in either direction.
pub const WEBSOCKET_MESSAGE: Limit = fixed(
    "WebSocket message",
    Unit::Bytes,
    MIB,
    Consequence::GuestError,
    "a message is held in memory whole; the other side is told with close code 1009",
);

/// Silence on a WebSocket before the server asks with a ping whether anybody is there, and again before it gives up.
pub const WEBSOCKET_SILENCE: Limit = fixed(
    "silence on a WebSocket",
    Unit::Milliseconds,
    30_000,
    Consequence::Truncated,
    "a client that is gone must not hold a sandbox; many networks forget a connection after a minute",
);

/// Time without any message before a WebSocket is closed.
pub const WEBSOCKET_IDLE: Limit = fixed(
    "idle WebSocket",
    Unit::Milliseconds,
    1_800_000,
    Consequence::Truncated,
    "it holds a sandbox, so whoever wants to keep it has to say something in half an hour",
);

/// A limit that is the same for every worker.
const fn fixed(name: &'static str, unit: Unit, value: u64, consequence: Consequence, reason: &'static str) -> Limit {
    Limit { name, key: None, unit, default: value, minimum: value, maximum: value, consequence, reason }
}

/// All limits, in the order of the documentation.
pub const ALL: &[&Limit] = &[
    &CPU,
    &STARTUP_CPU,
    &WALL,
    &WAIT_UNTIL,
    &MEMORY,
    &SUBREQUESTS,
    &REQUEST_BODY,
    &HEADERS,
    &URL,
    &SCRIPT,
    &COMPONENT,
    &LOG,
    &VARIABLES,
    &VARIABLE,
    &BUNDLING,
    &CACHE,
    &CACHED_RESPONSE,
    &WEBSOCKET_MESSAGE,
    &WEBSOCKET_SILENCE,
    &WEBSOCKET_IDLE,
];

/// What a manifest's `limits` table says, not yet checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `limits.cpu_ms`
    pub cpu_ms: Option<i64>,
    /// `limits.wall_ms`
    pub wall_ms: Option<i64>,
    /// `limits.memory_mb`
    pub memory_mb: Option<i64>,
    /// `limits.subrequests`
    pub subrequests: Option<i64>,
}

/// What one invocation of a worker may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Fuel of an invocation.
    pub fuel: u64,
    /// Fuel of the top-level code.
    pub startup_fuel: u64,
    /// Time to the response's end.
    pub wall: Duration,
    /// Time after the response for `waitUntil`.
    pub wait_until: Duration,
    /// Bytes, the sum of all linear memories.
    pub memory: u64,
    /// Outgoing requests.
    pub subrequests: u32,
    /// Bytes of a request's body.
    pub request_body: u64,
    /// Bytes of a request's URL.
    pub url: u64,
    /// Bytes of console output.
    pub log: u64,
}

impl Limits {
    /// Checks what the manifest asks for, and fills in the defaults. Every setting out of range is reported.
    pub fn new(settings: &Settings) -> Result<Self, Vec<OutOfRange>> {
        let mut wrong = Vec::new();
        let mut pick = |limit: &'static Limit, setting: Option<i64>| match setting {
            None => limit.default,
            Some(value) => limit.check(value).unwrap_or_else(|error| {
                wrong.push(error);
                limit.default
            }),
        };
        let limits = Self {
            fuel: fuel_of_cpu_ms(pick(&CPU, settings.cpu_ms)),
            startup_fuel: fuel_of_cpu_ms(STARTUP_CPU.default),
            wall: Duration::from_millis(pick(&WALL, settings.wall_ms)),
            wait_until: Duration::from_millis(WAIT_UNTIL.default),
            memory: pick(&MEMORY, settings.memory_mb) * MIB,
            subrequests: pick(&SUBREQUESTS, settings.subrequests) as u32,
            request_body: REQUEST_BODY.default,
            url: URL.default,
            log: LOG.default,
        };
        if wrong.is_empty() { Ok(limits) } else { Err(wrong) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(&Settings::default()).expect("the defaults are within their own ranges")
    }
}

/// Fuel that stands for `ms` of CPU.
pub const fn fuel_of_cpu_ms(ms: u64) -> u64 {
    ms.saturating_mul(FUEL_PER_CPU_MS)
}

/// Estimate of the CPU milliseconds that `fuel` takes.
pub fn cpu_ms_of_fuel(fuel: u64) -> f64 {
    fuel as f64 / FUEL_PER_CPU_MS as f64
}

impl Limit {
    /// Accepts `value` if a worker may ask for it.
    pub fn check(&'static self, value: i64) -> Result<u64, OutOfRange> {
        match u64::try_from(value) {
            Ok(number) if (self.minimum..=self.maximum).contains(&number) => Ok(number),
            _ => Err(OutOfRange { limit: self, value }),
        }
    }
}

/// A setting outside of the range allowed.
#[derive(Debug, PartialEq, Eq)]
pub struct OutOfRange {
    /// The limit it was meant for.
    pub limit: &'static Limit,
    /// What was asked for.
    pub value: i64,
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limit { name, key, unit, minimum, maximum, .. } = self.limit;
        write!(
            f,
            "`{}` is {}, but must be from {minimum} to {maximum}{}",
            key.unwrap_or(name),
            self.value,
            unit.suffix()
        )
    }
}

impl std::error::Error for OutOfRange {}

impl Unit {
    fn suffix(self) -> &'static str {
        match self {
            Self::Milliseconds => " milliseconds",
            Self::Mebibytes => " megabytes",
            Self::Bytes => " bytes",
            Self::Count => "",
        }
    }
}
