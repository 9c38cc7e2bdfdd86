//! How long a deployment took, step by step.

use crate::cli::client::types::ServerTimes;
use serde_json::{Map, Value};
use std::time::{Duration, Instant};

/// Steps of a deployment; those that were not needed took no time.
#[derive(Debug)]
pub(super) struct Times {
    pub started: Instant,
    /// Loading the JavaScript engine.
    pub engine: Duration,
    pub bundle: Duration,
    /// Running the worker's top-level code.
    pub start_up: Duration,
    /// From the state after start-up to a component.
    pub assemble: Duration,
    /// Collecting assets, digests of everything.
    pub pack: Duration,
    /// Asking what is missing, and sending it.
    pub upload: Duration,
    /// The request that makes the version; the server's own steps are within.
    pub publish: Duration,
    /// What the server says it took.
    pub server: ServerTimes,
    /// Everything, from the command's start until the version is live.
    pub total: Duration,
}

impl Times {
    pub fn begin() -> Self {
        let none = Duration::ZERO;
        Self {
            started: Instant::now(),
            engine: none,
            bundle: none,
            start_up: none,
            assemble: none,
            pack: none,
            upload: none,
            publish: none,
            server: ServerTimes::default(),
            total: none,
        }
    }

    /// Milliseconds of each step, in their order.
    pub fn steps(&self) -> [(&'static str, f64); 10] {
        let ServerTimes { check, commit, live } = self.server;
        [
            ("engine", milliseconds(self.engine)),
            ("bundle", milliseconds(self.bundle)),
            ("start_up", milliseconds(self.start_up)),
            ("assemble", milliseconds(self.assemble)),
            ("pack", milliseconds(self.pack)),
            ("upload", milliseconds(self.upload)),
            ("check", check),
            ("commit", commit),
            ("live", live),
            ("total", milliseconds(self.total)),
        ]
    }

    /// The same as JSON, with `publish`: the time that the client waited for the server's steps.
    pub fn json(&self) -> Value {
        let publish = [("publish", milliseconds(self.publish))];
        let steps = self.steps().into_iter().chain(publish);
        Value::Object(steps.map(|(name, ms)| (name.to_owned(), rounded(ms))).collect::<Map<_, _>>())
    }

    /// The same for people, without what took no time.
    pub fn line(&self) -> String {
        let steps = self.steps();
        let told = steps.iter().filter(|(name, ms)| *name != "total" && *ms >= 0.05);
        let told: Vec<_> = told.map(|(name, ms)| format!("{} {ms:.1}", name.replace('_', "-"))).collect();
        format!("{:.1} ms: {}", milliseconds(self.total), told.join(", "))
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn rounded(ms: f64) -> Value {
    Value::from((ms * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_took_no_time_are_not_told() {
        let times = Times {
            bundle: Duration::from_micros(6_250),
            start_up: Duration::from_millis(20),
            server: ServerTimes { check: 3.0, commit: 0.0, live: 0.01 },
            total: Duration::from_micros(80_004),
            ..Times::begin()
        };
        assert_eq!(times.line(), "80.0 ms: bundle 6.2, start-up 20.0, check 3.0");
        assert_eq!(times.json()["bundle"].to_string(), "6.25");
        assert_eq!(times.json()["total"].to_string(), "80.0");
    }
}
