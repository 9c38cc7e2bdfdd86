//! What an invocation consumed and how it ended.

pub mod pricing;
pub mod profile;
pub mod schedule;

pub use self::schedule::{Charge, Charges, Operation};

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// How an invocation ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// A response was made and its work finished.
    #[default]
    Ok,
    /// The worker threw, trapped, answered with no response, or waited for what can never happen.
    Exception,
    /// The fuel granted was used up.
    ExceededCpu,
    /// The sum of its memories would have passed the limit.
    ExceededMemory,
    /// The response was not finished in time.
    ExceededWallTime,
    /// The client left before the response was complete.
    Canceled,
    /// No sandbox was free in time; nothing ran.
    LoadShed,
    /// A fault of the host.
    InternalError,
    /// The request reached no worker: it led to none, or went past a limit. Nothing ran.
    Refused,
}

impl Outcome {
    /// Name used in logs and receipts; the names are those of Workers' trace events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Exception => "exception",
            Self::ExceededCpu => "exceededCpu",
            Self::ExceededMemory => "exceededMemory",
            Self::ExceededWallTime => "exceededWallTime",
            Self::Canceled => "canceled",
            Self::LoadShed => "loadShed",
            Self::InternalError => "internalError",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one invocation consumed. A trap, a limit or a disconnect reports what was used up to it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Units of fuel in all, host work included; never more than was granted.
    pub fuel: u64,
    /// Of these, the instructions of each phase.
    pub phases: Phases,
    /// Of these, the host's work.
    pub charges: Charges,
    /// Largest sum of the sandbox's linear memories, in bytes.
    pub peak_memory: u64,
    /// Outgoing HTTP requests, each redirect counted.
    pub subrequests: u32,
    /// Getting a fresh sandbox: store and instance.
    pub sandbox: Duration,
    /// From the sandbox's start to the response's head.
    pub handler: Duration,
    /// From the sandbox's start to the end of all work, `waitUntil` included.
    pub wall: Duration,
}

/// The fuel of a worker's own instructions, by what they were for. With the charges it adds up to the whole, unless an
/// invocation was cut short by its grant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Phases {
    /// To the response's last byte.
    pub handler: u64,
    /// After it.
    pub wait_until: u64,
}

impl Usage {
    /// Bytes of the request's body that the worker read.
    pub fn bytes_in(&self) -> u64 {
        self.charges.of(Operation::RequestBody).bytes
    }

    /// Bytes of the response's body that the worker wrote.
    pub fn bytes_out(&self) -> u64 {
        self.charges.of(Operation::ResponseBody).bytes
    }
}
