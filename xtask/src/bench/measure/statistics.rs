//! Of several figures, one and how far they lie apart.

use serde::{Deserialize, Serialize};

/// The middle of several rounds, with the least and the most.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Spread {
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

impl Spread {
    /// Of no figures at all it is zero.
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_unstable_by(f64::total_cmp);
        let (Some(&least), Some(&most)) = (figures.first(), figures.last()) else { return Self::default() };
        Self { median: quantile(&figures, 0.5), least, most }
    }
}

/// The figure below which this share of the sorted `figures` lies; zero when there are none.
pub fn quantile(figures: &[f64], share: f64) -> f64 {
    if figures.is_empty() {
        return 0.0;
    }
    let place = (figures.len() - 1) as f64 * share;
    let (below, above) = (figures[place.floor() as usize], figures[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

/// Sorted, for [`quantile`].
pub fn sorted(mut figures: Vec<f64>) -> Vec<f64> {
    figures.sort_unstable_by(f64::total_cmp);
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_has_the_middle_and_both_ends() {
        let spread = Spread::of([3.0, 1.0, 10.0, 2.0]);
        assert_eq!((spread.least, spread.median, spread.most), (1.0, 2.5, 10.0));
        assert_eq!(Spread::of([]).median, 0.0);
    }
}
