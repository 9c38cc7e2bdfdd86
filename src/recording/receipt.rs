//! What an invocation cost, for whoever pays.

use super::Subject;
use crate::limits::cpu_ms_of_fuel;
use crate::meter::{Charge, Outcome, Phases, Usage, schedule};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The bill of one invocation. All but [`Receipt::measured`] depends on the invocation's inputs alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Receipt {
    /// Names the request.
    pub request_id: String,
    /// What ran.
    pub worker: Subject,
    /// What brought it about: `fetch`.
    pub event: String,
    /// Id of the fuel schedule that was charged by.
    pub schedule: String,
    pub outcome: Outcome,
    /// Fuel billed in all.
    pub fuel: u64,
    /// Of it, the worker's own instructions.
    pub phases: Phases,
    /// Of it, the host's work, by operation.
    pub host: BTreeMap<String, Line>,
    /// Largest sum of the sandbox's linear memories, in bytes.
    pub peak_memory: u64,
    /// Bytes of the request's body that were read.
    pub bytes_in: u64,
    /// Bytes of the response's body that were written.
    pub bytes_out: u64,
    pub subrequests: u32,
    /// What depends on the machine; no part of the bill.
    pub measured: Measured,
}

/// One operation of the host on a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    pub times: u64,
    pub bytes: u64,
    pub fuel: u64,
}

/// Times of one run on one machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    /// Milliseconds from the sandbox's start to the end of all work.
    pub wall_ms: f64,
    /// Milliseconds of CPU that the fuel stands for, by the calibration of this class of host.
    pub cpu_ms_estimate: f64,
}

/// Few enough digits that every reader of JSON reads the same number.
fn places(number: f64, unit: f64) -> f64 {
    (number * unit).round() / unit
}

impl Receipt {
    /// The receipt for an invocation of `worker` that used `usage`.
    pub fn new(request_id: &str, worker: Subject, outcome: Outcome, usage: &Usage) -> Self {
        let host = usage.charges.iter().map(|(operation, Charge { times, bytes })| {
            (operation.name().to_owned(), Line { times, bytes, fuel: operation.cost(times, bytes) })
        });
        Self {
            request_id: request_id.to_owned(),
            worker,
            event: "fetch".to_owned(),
            schedule: schedule::id().to_owned(),
            outcome,
            fuel: usage.fuel,
            phases: usage.phases,
            host: host.collect(),
            peak_memory: usage.peak_memory,
            bytes_in: usage.bytes_in(),
            bytes_out: usage.bytes_out(),
            subrequests: usage.subrequests,
            measured: Measured {
                wall_ms: places(usage.wall.as_secs_f64() * 1000.0, 1e3),
                cpu_ms_estimate: places(cpu_ms_of_fuel(usage.fuel), 1e6),
            },
        }
    }

    /// What differs from `other` of all that depends on the inputs alone, a line for each: `fuel: 12 instead of 10`.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut compare = |what: &str, ours: String, theirs: String| {
            if ours != theirs {
                lines.push(format!("{what}: {ours} instead of {theirs}"));
            }
        };
        compare("worker", format!("{:?}", self.worker.artifact), format!("{:?}", other.worker.artifact));
        compare("schedule", self.schedule.clone(), other.schedule.clone());
        compare("outcome", self.outcome.to_string(), other.outcome.to_string());
        for (what, ours, theirs) in [
            ("fuel", self.fuel, other.fuel),
            ("fuel of the handler", self.phases.handler, other.phases.handler),
            ("fuel after the response", self.phases.wait_until, other.phases.wait_until),
            ("peak memory", self.peak_memory, other.peak_memory),
            ("bytes in", self.bytes_in, other.bytes_in),
            ("bytes out", self.bytes_out, other.bytes_out),
            ("subrequests", u64::from(self.subrequests), u64::from(other.subrequests)),
        ] {
            compare(what, ours.to_string(), theirs.to_string());
        }
        let none = Line { times: 0, bytes: 0, fuel: 0 };
        let names: std::collections::BTreeSet<_> = self.host.keys().chain(other.host.keys()).collect();
        for name in names {
            let line = |receipt: &Self| {
                let Line { times, bytes, fuel } = receipt.host.get(name).copied().unwrap_or(none);
                format!("{times} times, {bytes} bytes, {fuel} fuel")
            };
            compare(name, line(self), line(other));
        }
        lines
    }
}
