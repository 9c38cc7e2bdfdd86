use std::fmt;

/// A month of requests, all taken to be alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Workload {
    /// Requests a month.
    pub requests: f64,
    /// Time of a request, waiting included, in milliseconds.
    pub wall_ms: f64,
    /// CPU of a request, in milliseconds.
    pub cpu_ms: f64,
    /// Memory that is configured, in MB of 1,048,576 bytes.
    pub memory_mb: f64,
    /// The most memory that is used, in the same MB.
    pub peak_mb: f64,
    /// Start-up time that falls to a request when that of all cold starts is shared out, in milliseconds.
    pub init_ms: f64,
    /// What brings HTTP to platforms that do not take it themselves.
    pub gateway: Option<Gateway>,
}

/// A service in front that turns HTTP into invocations, charged by the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gateway {
    /// The plain one.
    Http,
    /// The one with keys, plans and transformations.
    Rest,
}

impl Gateway {
    /// Its name on the command line and in the data.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Rest => "rest",
        }
    }
}

/// Above this no workload is real, and sums would lose their last digits.
const MOST: f64 = 1e15;

impl Workload {
    /// A workload that uses all its memory, without cold starts and without a gateway.
    pub fn new(requests: f64, wall_ms: f64, cpu_ms: f64, memory_mb: f64) -> Self {
        Self { requests, wall_ms, cpu_ms, memory_mb, peak_mb: memory_mb, init_ms: 0.0, gateway: None }
    }

    /// Whether its numbers can be those of a workload. Every workload to be quoted has to pass this.
    pub fn check(&self) -> Result<(), InvalidWorkload> {
        let positive = [
            ("requests", self.requests),
            ("wall time", self.wall_ms),
            ("CPU time", self.cpu_ms),
            ("memory", self.memory_mb),
            ("peak memory", self.peak_mb),
        ];
        for (what, value) in positive {
            if value.is_nan() || value <= 0.0 || value > MOST {
                return Err(InvalidWorkload::NotPositive { what, value });
            }
        }
        if self.init_ms.is_nan() || !(0.0..=MOST).contains(&self.init_ms) {
            return Err(InvalidWorkload::Negative { what: "start-up time", value: self.init_ms });
        }
        if self.peak_mb > self.memory_mb {
            return Err(InvalidWorkload::PeakAboveMemory { peak_mb: self.peak_mb, memory_mb: self.memory_mb });
        }
        Ok(())
    }

    /// CPU of all requests together, in milliseconds.
    pub(super) fn cpu_total_ms(&self) -> f64 {
        self.requests * self.cpu_ms
    }
}

/// Why numbers cannot be those of a workload.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum InvalidWorkload {
    /// Zero, negative, not a number, or beyond anything real.
    NotPositive {
        /// Which number.
        what: &'static str,
        /// What it is.
        value: f64,
    },
    /// As before, but zero is allowed.
    Negative {
        /// Which number.
        what: &'static str,
        /// What it is.
        value: f64,
    },
    /// More memory used than there is.
    PeakAboveMemory {
        /// Memory used.
        peak_mb: f64,
        /// Memory configured.
        memory_mb: f64,
    },
}

impl fmt::Display for InvalidWorkload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPositive { what, value } => write!(f, "{what} must be above 0 and at most 1e15, but is {value}"),
            Self::Negative { what, value } => write!(f, "{what} must be from 0 to 1e15, but is {value}"),
            Self::PeakAboveMemory { peak_mb, memory_mb } => {
                write!(f, "peak memory is {peak_mb} MB, more than the {memory_mb} MB configured")
            }
        }
    }
}

impl std::error::Error for InvalidWorkload {}
