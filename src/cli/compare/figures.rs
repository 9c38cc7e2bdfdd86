//! What was measured of a program, in numbers that can be set side by side.

use crate::limits::cpu_ms_of_fuel;
use serde::Serialize;
use std::time::Duration;

/// Everything that is measured of a program.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Figures {
    pub fuel: Fuel,
    /// For each request, in their order.
    pub fuel_by_request: Vec<Spread>,
    pub cpu_ms: Cpu,
    pub wall_ms: Times,
    /// From sending to the body's first byte, the median.
    pub first_byte_ms: f64,
    /// To the end of all work of a request, `waitUntil` included, the mean: what platforms that charge for time see.
    pub billed_wall_ms: f64,
    pub peak_memory_bytes: u64,
    pub cold_start_ms: ColdStart,
    pub requests_per_second: f64,
}

/// Fuel of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Fuel {
    /// The mean, exact when the least is the most.
    pub per_request: u64,
    pub min: u64,
    pub max: u64,
}

/// The least and the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Spread {
    pub min: u64,
    pub max: u64,
}

/// CPU of a request in milliseconds. The two say different things and are never mixed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Cpu {
    /// From the fuel: the same on every machine.
    pub estimated: f64,
    /// Of the thread on this machine, the host's work included; none where the system does not tell.
    pub measured: Option<f64>,
}

/// Times of requests in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Times {
    pub p50: f64,
    pub p99: f64,
    pub mean: f64,
    /// How many there are.
    pub samples: usize,
}

/// First requests to a program that is not loaded, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct ColdStart {
    pub median: f64,
    pub min: f64,
    pub max: f64,
    pub starts: usize,
}

/// What is gathered while requests are sent.
#[derive(Debug, Default)]
pub(super) struct Samples {
    /// Fuel of each request, in their order.
    pub fuel: Vec<Vec<u64>>,
    pub whole: Vec<Duration>,
    pub first_byte: Vec<Duration>,
    pub billed: Vec<Duration>,
    pub peak_memory: u64,
    pub cold_starts: Vec<Duration>,
    /// How long all of them took, one after the other.
    pub elapsed: Duration,
    /// CPU that the thread had meanwhile.
    pub cpu: Option<Duration>,
}

impl Samples {
    /// The figures of at least one request and one cold start.
    pub fn figures(&self) -> Figures {
        let fuel = fuel_of(&self.fuel);
        let count = self.whole.len().max(1) as f64;
        let mut cold = sorted(&self.cold_starts);
        let median = percentile(&cold, 50);
        Figures {
            fuel,
            fuel_by_request: self.fuel.iter().map(|fuel| spread(fuel)).collect(),
            cpu_ms: Cpu {
                estimated: cpu_ms_of_fuel(fuel.per_request),
                measured: self.cpu.map(|cpu| milliseconds(cpu) / count),
            },
            wall_ms: times(&self.whole),
            first_byte_ms: percentile(&sorted(&self.first_byte), 50),
            billed_wall_ms: times(&self.billed).mean,
            peak_memory_bytes: self.peak_memory,
            cold_start_ms: ColdStart {
                median,
                min: cold.first().copied().unwrap_or_default(),
                max: cold.pop().unwrap_or_default(),
                starts: self.cold_starts.len(),
            },
            requests_per_second: count / self.elapsed.as_secs_f64().max(f64::MIN_POSITIVE),
        }
    }
}

fn fuel_of(by_request: &[Vec<u64>]) -> Fuel {
    let all = || by_request.iter().flatten().copied();
    let count = all().count().max(1) as u128;
    let sum: u128 = all().map(u128::from).sum();
    // It is between the least and the most, so it fits.
    let per_request = ((sum + count / 2) / count) as u64;
    Fuel { per_request, min: all().min().unwrap_or_default(), max: all().max().unwrap_or_default() }
}

fn spread(fuel: &[u64]) -> Spread {
    let (min, max) = (fuel.iter().min(), fuel.iter().max());
    Spread { min: min.copied().unwrap_or_default(), max: max.copied().unwrap_or_default() }
}

fn times(durations: &[Duration]) -> Times {
    let sorted = sorted(durations);
    let mean = sorted.iter().sum::<f64>() / sorted.len().max(1) as f64;
    Times { p50: percentile(&sorted, 50), p99: percentile(&sorted, 99), mean, samples: sorted.len() }
}

fn sorted(durations: &[Duration]) -> Vec<f64> {
    let mut sorted: Vec<f64> = durations.iter().copied().map(milliseconds).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The value that `percent` of all are not above (nearest rank); 0 when there are none.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

pub(super) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!((percentile(&hundred, 50), percentile(&hundred, 99)), (50.0, 99.0));
        assert_eq!((percentile(&[7.0], 50), percentile(&[7.0], 99), percentile(&[], 99)), (7.0, 7.0, 0.0));
        assert_eq!(percentile(&[1.0, 2.0, 3.0], 50), 2.0);
    }

    #[test]
    fn fuel_is_exact_when_it_does_not_vary() {
        assert_eq!(fuel_of(&[vec![7, 7], vec![7]]), Fuel { per_request: 7, min: 7, max: 7 });
        let most = u64::MAX;
        assert_eq!(fuel_of(&[vec![most, most], vec![most]]), Fuel { per_request: most, min: most, max: most });
        assert_eq!(fuel_of(&[vec![1, 2], vec![9]]), Fuel { per_request: 4, min: 1, max: 9 });
    }

    #[test]
    fn figures_come_from_all_samples() {
        let ms = Duration::from_millis;
        let samples = Samples {
            fuel: vec![vec![30_000_000, 30_000_000]],
            whole: vec![ms(3), ms(1)],
            first_byte: vec![ms(1), ms(1)],
            billed: vec![ms(4), ms(2)],
            peak_memory: 5,
            cold_starts: vec![ms(9), ms(7), ms(8)],
            elapsed: ms(500),
            cpu: Some(ms(6)),
        };
        let figures = samples.figures();
        assert_eq!(figures.cpu_ms, Cpu { estimated: 2.0, measured: Some(3.0) });
        assert_eq!(figures.wall_ms, Times { p50: 1.0, p99: 3.0, mean: 2.0, samples: 2 });
        assert_eq!(figures.cold_start_ms, ColdStart { median: 8.0, min: 7.0, max: 9.0, starts: 3 });
        assert_eq!((figures.requests_per_second, figures.billed_wall_ms), (4.0, 3.0));
    }
}
