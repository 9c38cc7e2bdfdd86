//! From values to places along a chart.

/// How far apart the least and the most may be before a linear scale would hide the least.
const TWO_DECADES: f64 = 100.0;
/// Marks of a linear axis, about.
const MARKS: f64 = 4.0;
/// Marks of a logarithmic axis at most.
const MOST_DECADES: i32 = 6;

/// A scale that all values of a chart are on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// From 0.
    Linear { to: f64, step: f64 },
    /// Between two powers of ten, given by their exponents.
    Logarithmic { from: i32, to: i32 },
}

impl Scale {
    /// The scale for these values. Those that are not above 0 have no length on either.
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
        for value in values.filter(|value| *value > 0.0 && value.is_finite()) {
            least = least.min(value);
            most = most.max(value);
        }
        if most == 0.0 {
            return Self::Linear { to: 1.0, step: 1.0 };
        }
        if most / least <= TWO_DECADES {
            let step = round_step(most / MARKS);
            return Self::Linear { to: (most / step).ceil() * step, step };
        }
        // The least value has a bar too, though it be a power of ten.
        let below = least.log10().ceil() as i32 - 1;
        Self::Logarithmic { from: below, to: most.log10().ceil() as i32 }
    }

    pub fn is_logarithmic(self) -> bool {
        matches!(self, Self::Logarithmic { .. })
    }

    /// The place of a value, from 0 to 1.
    pub fn place(self, value: f64) -> f64 {
        let place = match self {
            _ if value <= 0.0 => 0.0,
            Self::Linear { to, .. } => value / to,
            Self::Logarithmic { from, to } => (value.log10() - f64::from(from)) / f64::from(to - from),
        };
        place.clamp(0.0, 1.0)
    }

    /// Values that the axis names.
    pub fn marks(self) -> Vec<f64> {
        match self {
            Self::Linear { to, step } => (0..=(to / step).round() as u32).map(|mark| f64::from(mark) * step).collect(),
            Self::Logarithmic { from, to } => {
                let every = ((to - from) as u32).div_ceil(MOST_DECADES as u32).max(1);
                (from..=to).step_by(every as usize).map(|exponent| 10_f64.powi(exponent)).collect()
            }
        }
    }
}

/// The least of 1, 2 and 5 times a power of ten that is not below `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|factor| factor * power).find(|round| *round >= step).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_close_together_are_on_a_linear_scale() {
        let scale = Scale::of([3.0, 70.0, 0.0].into_iter());
        assert_eq!(scale, Scale::Linear { to: 80.0, step: 20.0 });
        assert_eq!((scale.place(40.0), scale.place(0.0), scale.place(-1.0)), (0.5, 0.0, 0.0));
        assert_eq!(scale.marks(), [0.0, 20.0, 40.0, 60.0, 80.0]);
        assert_eq!(Scale::of([0.0].into_iter()).place(0.0), 0.0);
    }

    #[test]
    fn values_over_more_than_two_decades_are_on_a_logarithmic_one() {
        let scale = Scale::of([10.0, 5000.0].into_iter());
        assert_eq!(scale, Scale::Logarithmic { from: 0, to: 4 });
        assert_eq!((scale.place(10.0), scale.place(100.0), scale.place(0.0)), (0.25, 0.5, 0.0));
        assert_eq!(scale.marks(), [1.0, 10.0, 100.0, 1000.0, 10000.0]);
        let wide = Scale::of([1e-3, 1e12].into_iter());
        assert!(wide.marks().len() <= 7, "{:?}", wide.marks());
    }
}
