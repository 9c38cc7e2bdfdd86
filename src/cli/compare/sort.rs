//! The order in which programs are shown.

use super::report::Entry;
use clap::ValueEnum;

/// What programs are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Sort {
    /// As they were given
    Given,
    /// By their labels
    Name,
    /// The least fuel first
    Fuel,
    /// The least measured CPU time first
    Cpu,
    /// The shortest wall time first
    Wall,
    /// The least memory first
    Memory,
    /// The smallest artefact first
    Size,
    /// The quickest cold start first
    Cold,
    /// The most requests per second first
    Rate,
}

impl Sort {
    /// Puts `entries` in order. Those that were not measured come last; equals stay as they were given.
    pub fn apply(self, entries: &mut [Entry]) {
        match self {
            Self::Given => {}
            Self::Name => entries.sort_by(|one, other| one.label.cmp(&other.label)),
            _ => entries.sort_by(|one, other| self.key(one).total_cmp(&self.key(other))),
        }
    }

    fn key(self, entry: &Entry) -> f64 {
        let Some(figures) = &entry.figures else { return f64::INFINITY };
        match self {
            Self::Given | Self::Name => 0.0,
            Self::Fuel => figures.fuel.per_request as f64,
            Self::Cpu => figures.cpu_ms.measured.unwrap_or(figures.cpu_ms.estimated),
            Self::Wall => figures.wall_ms.p50,
            Self::Memory => figures.peak_memory_bytes as f64,
            Self::Size => entry.artefact_bytes as f64,
            Self::Cold => figures.cold_start_ms.median,
            Self::Rate => -figures.requests_per_second,
        }
    }
}
