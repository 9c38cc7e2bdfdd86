//! How long things took: counts in classes, each a quarter of a power of two of microseconds wide.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Each power of two is divided into this many bits' worth of classes.
const PART_BITS: u32 = 2;
const PARTS: u64 = 1 << PART_BITS;
/// Values from here on, in microseconds, are one class: two and a quarter minutes.
const TOP_POWER: u32 = 27;
/// Classes there are.
pub(super) const CLASSES: usize = ((TOP_POWER - PART_BITS + 1) as u64 * PARTS) as usize + 1;
/// The first power of two that is told to Prometheus, 128 µs; the last is 67 s.
const FIRST_TOLD: u32 = 7;
const LAST_TOLD: u32 = 26;

/// Counts by class, to be added to from many threads.
pub(super) struct Histogram {
    classes: [AtomicU64; CLASSES],
    /// Sum of all, in microseconds.
    sum: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { classes: [const { AtomicU64::new(0) }; CLASSES], sum: AtomicU64::new(0) }
    }
}

impl Histogram {
    pub fn add(&self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.classes[class(micros)].fetch_add(1, Relaxed);
        self.sum.fetch_add(micros, Relaxed);
    }

    /// The counts as they are now.
    pub fn counts(&self) -> Counts {
        Counts(self.classes.each_ref().map(|count| count.load(Relaxed)))
    }

    /// Sum in seconds, count, and for Prometheus the counts between upper bounds in seconds.
    pub fn told(&self) -> (f64, u64, Vec<(f64, u64)>) {
        let Counts(counts) = self.counts();
        let mut buckets: Vec<(f64, u64)> = (FIRST_TOLD..=LAST_TOLD).map(|power| (seconds(1 << power), 0)).collect();
        buckets.push((f64::INFINITY, 0));
        for (class, count) in counts.iter().enumerate() {
            // A class ends where the next begins, and powers of two are such borders.
            let end = bounds(class).1;
            let bucket = (FIRST_TOLD..=LAST_TOLD).position(|power| end <= 1 << power).unwrap_or(buckets.len() - 1);
            buckets[bucket].1 += count;
        }
        (seconds(self.sum.load(Relaxed)), counts.iter().sum(), buckets)
    }
}

/// Counts by class at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counts([u64; CLASSES]);

impl Counts {
    /// What came since `earlier`.
    pub fn since(&self, earlier: &Self) -> Self {
        Self(std::array::from_fn(|class| self.0[class].saturating_sub(earlier.0[class])))
    }

    /// Adds what is counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(own, more)| *own += more);
    }

    /// A duration that `share` of all are not above, to within an eighth. None if nothing is counted.
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let count: u64 = self.0.iter().sum();
        let rank = (share * count as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let class = self.0.iter().position(|times| {
            seen += times;
            seen >= rank
        })?;
        let (least, end) = bounds(class);
        Some(Duration::from_micros(least + (end - least) / 2))
    }
}

impl Default for Counts {
    fn default() -> Self {
        Self([0; CLASSES])
    }
}

fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

fn class(micros: u64) -> usize {
    if micros < PARTS {
        return micros as usize;
    }
    if micros >> TOP_POWER > 0 {
        return CLASSES - 1;
    }
    let power = micros.ilog2() - PART_BITS;
    (u64::from(power + 1) * PARTS + (micros >> power) % PARTS) as usize
}

/// The least value of a class and the least of the next, in microseconds.
fn bounds(class: usize) -> (u64, u64) {
    let class = class as u64;
    if class < PARTS {
        return (class, class + 1);
    }
    if class as usize == CLASSES - 1 {
        return (1 << TOP_POWER, 1 << (TOP_POWER + 1));
    }
    let power = class / PARTS - 1;
    let least = (PARTS + class % PARTS) << power;
    (least, least + (1 << power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_the_class_that_holds_it() {
        for value in (0..5000).chain([1 << 20, (1 << TOP_POWER) - 1, 1 << TOP_POWER, u64::MAX]) {
            let (least, end) = bounds(class(value));
            assert!(least <= value && (value < end || class(value) == CLASSES - 1), "{value}: {least}..{end}");
        }
        for class in 1..CLASSES {
            assert_eq!(bounds(class - 1).1, bounds(class).0, "no gap before class {class}");
        }
    }

    #[test]
    fn quantiles_are_near_and_buckets_hold_all() {
        let histogram = Histogram::default();
        for millis in 1..=1000 {
            histogram.add(Duration::from_millis(millis));
        }
        let counts = histogram.counts();
        for (share, millis) in [(0.5, 500.0), (0.99, 990.0)] {
            let found = counts.quantile(share).unwrap().as_secs_f64() * 1000.0;
            assert!((found / millis - 1.0).abs() < 0.125, "{share}: {found}");
        }
        assert_eq!(counts.since(&counts).quantile(0.5), None);
        let (sum, count, buckets) = histogram.told();
        assert_eq!((sum, count), (500.5, 1000));
        let below =
            |bound: f64| buckets.iter().filter(|(upper, _)| *upper <= bound).map(|(_, count)| count).sum::<u64>();
        assert_eq!(below(0.131072), 131, "bounds are exact");
        assert_eq!(below(f64::INFINITY), 1000);
    }
}
