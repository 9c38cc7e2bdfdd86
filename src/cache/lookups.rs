//! What came of asking the cache, counted by where it was asked.

use serde::ser::{Serialize, SerializeMap, Serializer};
use std::array;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Where the cache is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// In front of a route.
    Route,
    /// Behind `fetch()`.
    Fetch,
    /// Behind `caches`.
    Caches,
}

/// What came of asking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// What is kept, or is just being kept for another, answered.
    Hit,
    /// So it did although it is stale.
    Stale,
    /// What is kept was validated, and answered.
    Revalidated,
    /// What is kept was stale, and another response took its place.
    Expired,
    /// Nothing that is kept answered.
    Miss,
    /// What came is not kept, or the request did not want what is kept.
    Bypass,
    /// The request is of a kind that the cache has nothing to do with.
    Dynamic,
    /// What is behind the cache gave no response.
    Failed,
}

/// In the order of their numbers.
const POSITIONS: [(Position, &str); 3] =
    [(Position::Route, "route"), (Position::Fetch, "fetch"), (Position::Caches, "caches")];

/// In the order of their numbers; as Cloudflare says it in `CF-Cache-Status`, and as figures are labelled.
const LOOKUPS: [(Lookup, &str, &str); 8] = [
    (Lookup::Hit, "HIT", "hit"),
    (Lookup::Stale, "STALE", "stale"),
    (Lookup::Revalidated, "REVALIDATED", "revalidated"),
    (Lookup::Expired, "EXPIRED", "expired"),
    (Lookup::Miss, "MISS", "miss"),
    (Lookup::Bypass, "BYPASS", "bypass"),
    (Lookup::Dynamic, "DYNAMIC", "dynamic"),
    (Lookup::Failed, "FAILED", "failed"),
];

impl Lookup {
    /// As Cloudflare says it in `CF-Cache-Status`.
    pub fn word(self) -> &'static str {
        LOOKUPS[self as usize].1
    }
}

/// Counts of lookups, to be added to from many threads.
#[derive(Debug, Default)]
pub struct Lookups([[AtomicU64; LOOKUPS.len()]; POSITIONS.len()]);

impl Lookups {
    pub fn count(&self, at: Position, came: Lookup) {
        self.0[at as usize][came as usize].fetch_add(1, Relaxed);
    }

    /// The counts as they are now.
    pub fn counts(&self) -> LookupCounts {
        LookupCounts(self.0.each_ref().map(|at| at.each_ref().map(|count| count.load(Relaxed))))
    }
}

/// Counts of lookups at a moment. As JSON, those that are not zero: `{"route":{"hit":3}}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookupCounts([[u64; LOOKUPS.len()]; POSITIONS.len()]);

impl LookupCounts {
    /// What came since `earlier`.
    pub fn since(&self, earlier: &Self) -> Self {
        Self(array::from_fn(|at| array::from_fn(|came| self.0[at][came].saturating_sub(earlier.0[at][came]))))
    }

    /// Adds what is counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.0.iter_mut().flatten().zip(other.0.iter().flatten()).for_each(|(own, more)| *own += more);
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().flatten().all(|count| *count == 0)
    }

    /// Those that are not zero: where, what, how often.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        POSITIONS
            .iter()
            .zip(&self.0)
            .flat_map(|((_, at), counts)| of(counts).map(move |(came, count)| (*at, came, count)))
    }
}

fn of(counts: &[u64; LOOKUPS.len()]) -> impl Iterator<Item = (&'static str, u64)> {
    LOOKUPS.iter().zip(counts).map(|((_, _, name), count)| (*name, *count)).filter(|(_, count)| *count > 0)
}

impl Serialize for LookupCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut positions = serializer.serialize_map(None)?;
        for ((_, at), counts) in POSITIONS.iter().zip(&self.0).filter(|(_, counts)| of(counts).next().is_some()) {
            positions.serialize_entry(at, &At(counts))?;
        }
        positions.end()
    }
}

/// The counts of one position.
struct At<'a>(&'a [u64; LOOKUPS.len()]);

impl Serialize for At<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(of(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_is_at_its_number() {
        for (number, (at, name)) in POSITIONS.iter().enumerate() {
            assert_eq!(*at as usize, number, "{name}");
        }
        for (number, (came, word, name)) in LOOKUPS.iter().enumerate() {
            assert_eq!((*came as usize, word.to_lowercase()), (number, (*name).to_owned()));
        }
    }

    #[test]
    fn counts_are_told_by_place_and_result_without_the_zeros() {
        let lookups = Lookups::default();
        assert!(lookups.counts().is_empty());
        lookups.count(Position::Route, Lookup::Miss);
        let before = lookups.counts();
        lookups.count(Position::Route, Lookup::Hit);
        lookups.count(Position::Route, Lookup::Hit);
        lookups.count(Position::Caches, Lookup::Miss);
        let mut new = lookups.counts().since(&before);
        assert_eq!(serde_json::to_value(&new).unwrap(), json!({"route": {"hit": 2}, "caches": {"miss": 1}}));
        new.merge(&before);
        assert_eq!(new, lookups.counts());
        assert_eq!(new.iter().collect::<Vec<_>>(), [("route", "hit", 2), ("route", "miss", 1), ("caches", "miss", 1)]);
        assert_eq!(serde_json::to_string(&LookupCounts::default()).unwrap(), "{}");
    }
}
