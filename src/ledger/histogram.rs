//! How values are spread: counts in classes, each an eighth of a power of two wide.

use super::bytes::{Reader, put};

/// Each power of two is divided into this many bits' worth of classes.
const PART_BITS: u32 = 3;
const PARTS: u64 = 1 << PART_BITS;
/// Classes that a 64-bit number can fall into.
const CLASSES: u64 = (64 - PART_BITS as u64 + 1) * PARTS;

/// Counts by class, in the order of the classes. Most workers fall into a handful.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Histogram(Vec<(u16, u64)>);

impl Histogram {
    pub fn add(&mut self, value: u64) {
        self.add_times(class(value), 1);
    }

    fn add_times(&mut self, class: u16, times: u64) {
        match self.0.binary_search_by_key(&class, |(class, _)| *class) {
            Ok(at) => self.0[at].1 += times,
            Err(at) => self.0.insert(at, (class, times)),
        }
    }

    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(class, times)| self.add_times(*class, *times));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn count(&self) -> u64 {
        self.0.iter().map(|(_, times)| times).sum()
    }

    /// A value that `share` of all are not above, to within a sixteenth. None if there are no values.
    pub fn quantile(&self, share: f64) -> Option<u64> {
        let rank = (share * self.count() as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let (class, _) = self.0.iter().find(|(_, times)| {
            seen += times;
            seen >= rank
        })?;
        let (least, most) = bounds(*class);
        Some(least + (most - least) / 2)
    }

    pub fn encode(&self, bytes: &mut Vec<u8>) {
        put(bytes, self.0.len() as u64);
        let mut before = 0;
        for (class, times) in &self.0 {
            put(bytes, u64::from(class - before));
            put(bytes, *times);
            before = *class;
        }
    }

    pub fn decode(reader: &mut Reader<'_>) -> Option<Self> {
        let mut histogram = Self::default();
        let mut class = 0_u64;
        for _ in 0..reader.number()? {
            class = class.checked_add(reader.number()?).filter(|class| *class < CLASSES)?;
            histogram.add_times(class as u16, reader.number()?);
        }
        Some(histogram)
    }
}

/// The class of a value. Values below [`PARTS`] have a class each.
fn class(value: u64) -> u16 {
    if value < PARTS {
        return value as u16;
    }
    let power = value.ilog2() - PART_BITS;
    (u64::from(power + 1) * PARTS + (value >> power) % PARTS) as u16
}

/// The least and the largest value of a class.
fn bounds(class: u16) -> (u64, u64) {
    let class = u64::from(class);
    if class < PARTS {
        return (class, class);
    }
    let power = class / PARTS - 1;
    let least = (PARTS + class % PARTS) << power;
    (least, least + ((1 << power) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_within_its_class_and_classes_have_no_gaps() {
        let mut next = 0_u64;
        for class in 0..CLASSES as u16 {
            let (least, most) = bounds(class);
            assert_eq!(least, next, "class {class}");
            assert_eq!((super::class(least), super::class(most)), (class, class));
            next = most.wrapping_add(1);
        }
        assert_eq!(next, 0, "the last class ends with the largest number");
    }

    #[test]
    fn quantiles_are_within_a_sixteenth() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), None);
        (1..=10_000).for_each(|value| histogram.add(value * 1000));
        for (share, exact) in [(0.5, 5_000_000.0), (0.99, 9_900_000.0), (1.0, 10_000_000.0), (0.0, 1000.0)] {
            let found = histogram.quantile(share).unwrap() as f64;
            assert!((found - exact).abs() <= exact / 16.0, "{share}: {found} for {exact}");
        }
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let mut histogram = Histogram::default();
        [0, 7, 8, 5_000_000, 5_000_001, u64::MAX].into_iter().for_each(|value| histogram.add(value));
        let mut bytes = Vec::new();
        histogram.encode(&mut bytes);
        assert_eq!(Histogram::decode(&mut Reader(&bytes)), Some(histogram));
        assert_eq!(Histogram::decode(&mut Reader(&bytes[..bytes.len() - 1])), None);
        assert_eq!(Histogram::decode(&mut Reader(&[1, 0xff, 0x7f, 1])), None, "there is no such class");
    }
}
