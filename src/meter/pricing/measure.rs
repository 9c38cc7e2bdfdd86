//! How time and memory are measured and rounded up before they are charged.

use super::workload::Workload;

/// An amount as it was, and as it is charged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured {
    pub(super) exact: f64,
    pub(super) charged: f64,
}

impl Measured {
    /// An amount that is charged as it is.
    pub(super) fn unrounded(amount: f64) -> Self {
        Self { exact: amount, charged: amount }
    }

    pub(super) fn times(self, other: Self) -> Self {
        Self { exact: self.exact * other.exact, charged: self.charged * other.charged }
    }
}

/// Which time is charged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TimeRule {
    pub(super) span: Span,
    pub(super) start_up: StartUp,
    /// CPU time this many times over is charged when it is more than the wall time.
    pub(super) cpu_factor: Option<f64>,
}

/// What time is rounded up to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Span {
    /// Each request's time to a whole step, and to the least there is. Without a step it stays as it is.
    Request { step_ms: Option<f64>, minimum_ms: f64 },
    /// The time of all requests to whole months of instances, each of so many hours.
    Instance { hours: f64 },
}

/// Whether a cold start's time is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StartUp {
    Free,
    Charged,
}

impl TimeRule {
    /// Nothing is rounded, and start-up is free.
    pub(super) const AS_IT_IS: Self =
        Self { span: Span::Request { step_ms: None, minimum_ms: 0.0 }, start_up: StartUp::Free, cpu_factor: None };

    /// Time of all requests together, in seconds.
    pub(super) fn seconds(&self, workload: &Workload) -> Measured {
        let init = match self.start_up {
            StartUp::Free => 0.0,
            StartUp::Charged => workload.init_ms,
        };
        let wall = workload.wall_ms + init;
        let exact_ms = self.cpu_factor.map_or(wall, |factor| wall.max(factor * workload.cpu_ms));
        let exact = workload.requests * exact_ms / 1000.0;
        let charged = match self.span {
            Span::Request { step_ms, minimum_ms } => {
                let stepped = step_ms.map_or(exact_ms, |step| rounded_up(exact_ms, step));
                workload.requests * stepped.max(minimum_ms) / 1000.0
            }
            Span::Instance { hours } => rounded_up(exact, hours * 3600.0),
        };
        Measured { exact, charged }
    }
}

/// Which memory is charged.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MemoryRule {
    pub(super) basis: Basis,
    pub(super) rounding: Rounding,
}

/// The memory that is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Basis {
    /// What the author asked for.
    Configured,
    /// What was used.
    Peak,
    /// The same for everybody, in MB.
    Fixed(f64),
}

/// What memory is rounded up to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rounding {
    None,
    /// Whole steps from a least amount on, in MB.
    Steps {
        minimum: f64,
        step: f64,
    },
    /// One of these, the smallest first.
    Sizes(Vec<Size>),
}

/// Memory that comes with a processor's speed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    pub(super) mb: f64,
    pub(super) ghz: Option<f64>,
}

impl MemoryRule {
    /// What was used, to the byte.
    pub(super) const AS_USED: Self = Self { basis: Basis::Peak, rounding: Rounding::None };

    /// The memory that this rule looks at, in MB.
    pub(super) fn looked_at(&self, workload: &Workload) -> f64 {
        match self.basis {
            Basis::Configured => workload.memory_mb,
            Basis::Peak => workload.peak_mb,
            Basis::Fixed(mb) => mb,
        }
    }

    /// Memory in GB of 1,024 MB.
    pub(super) fn gigabytes(&self, workload: &Workload) -> Measured {
        let mb = self.looked_at(workload);
        let charged = match &self.rounding {
            Rounding::None => mb,
            Rounding::Steps { minimum, step } => rounded_up(mb, *step).max(*minimum),
            // Past the largest size it stays as it is; a limit says that there is no such size.
            Rounding::Sizes(sizes) => chosen(sizes, mb).mb.max(mb),
        };
        Measured { exact: mb / 1024.0, charged: charged / 1024.0 }
    }

    /// Speed of the processor that comes with the memory. What speed a size between two sizes would have nobody
    /// says, so this is never rounding.
    pub(super) fn gigahertz(&self, workload: &Workload) -> f64 {
        match &self.rounding {
            Rounding::Sizes(sizes) => chosen(sizes, self.looked_at(workload)).ghz.unwrap_or_default(),
            Rounding::None | Rounding::Steps { .. } => 0.0,
        }
    }
}

/// The smallest size that is enough, or else the largest.
fn chosen(sizes: &[Size], mb: f64) -> Size {
    let enough = sizes.iter().find(|size| size.mb >= mb).or(sizes.last());
    *enough.expect("sizes that are read are not empty")
}

/// `value` rounded up to a whole, positive number of steps. A value that is above a whole number by no more than the
/// error of its own arithmetic is that number.
fn rounded_up(value: f64, step: f64) -> f64 {
    let steps = value / step;
    let tolerance = steps * 1e-12;
    (steps - tolerance).ceil().max(1.0) * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_rounded_up_and_never_to_nothing() {
        let up = [(0.001, 100.0), (100.0, 100.0), (100.001, 100.0), (3.3, 1.1), (0.1 + 0.2, 0.1)];
        let rounded = up.map(|(value, step)| (rounded_up(value, step) * 1e6).round() / 1e6);
        assert_eq!(rounded, [100.0, 100.0, 200.0, 3.3, 0.3]);
    }

    #[test]
    fn start_up_counts_where_it_is_charged_and_comes_before_rounding() {
        let workload = Workload { init_ms: 0.5, ..Workload::new(1000.0, 1.0, 1.0, 128.0) };
        let rule = |start_up| TimeRule {
            span: Span::Request { step_ms: Some(1.0), minimum_ms: 0.0 },
            start_up,
            cpu_factor: None,
        };
        assert_eq!(rule(StartUp::Free).seconds(&workload), Measured { exact: 1.0, charged: 1.0 });
        assert_eq!(rule(StartUp::Charged).seconds(&workload), Measured { exact: 1.5, charged: 2.0 });
    }

    #[test]
    fn cpu_counts_instead_of_waiting_when_it_is_more() {
        let span = Span::Request { step_ms: None, minimum_ms: 0.0 };
        let rule = TimeRule { span, start_up: StartUp::Free, cpu_factor: Some(8.0) };
        let seconds = |wall, cpu| rule.seconds(&Workload::new(1000.0, wall, cpu, 128.0)).charged;
        assert_eq!([seconds(100.0, 10.0), seconds(50.0, 10.0)], [100.0, 80.0]);
    }
}
