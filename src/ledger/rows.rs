//! Tallies as entries of the store.
//!
//! A row's key is `HOUR/SLOT/WORKER/VERSION/ROUTE`: the hours since the epoch in seven digits, and the minute within the
//! hour in two, or `all` for a row into which those of a whole hour were packed. So keys are in the order of time, and
//! what is old is at the beginning. A value is the format's version, then minute and tally, once or several times.

use super::batch::{Minute, Series};
use super::bytes::Reader;
use super::tally::Tally;
use std::collections::BTreeMap;

/// KEY -> tallies.
pub(super) const BUCKET: &str = "ledger";
const FORMAT: u8 = 1;
/// In place of a minute: the whole hour.
const ALL: &str = "all";

/// The key of what was counted in one minute.
pub(super) fn key(minute: Minute, series: &Series) -> String {
    let Series { worker, version, route } = series;
    format!("{}{:02}/{worker}/{version}/{route}", hour_prefix(minute / 60), minute % 60)
}

/// The key of what was counted in an hour.
pub(super) fn packed_key(hour: u32, series: &Series) -> String {
    let Series { worker, version, route } = series;
    format!("{}{ALL}/{worker}/{version}/{route}", hour_prefix(hour))
}

/// What all keys of an hour begin with. It comes after all keys of the hours before.
pub(super) fn hour_prefix(hour: u32) -> String {
    format!("{hour:07}/")
}

/// What a key says: the hour, and what was counted. None for a key of another form.
pub(super) fn parse(key: &str) -> Option<(u32, Series)> {
    let mut parts = key.splitn(5, '/');
    let hour = parts.next()?.parse().ok()?;
    let slot = parts.next()?;
    if slot != ALL && !slot.parse::<u32>().is_ok_and(|minute| minute < 60) {
        return None;
    }
    let (worker, version, route) = (parts.next()?, parts.next()?, parts.next()?);
    Some((hour, Series { worker: worker.into(), version: version.into(), route: route.into() }))
}

/// Whether a key is that of a row for one minute.
pub(super) fn is_minute(key: &str) -> bool {
    key.split('/').nth(1).is_some_and(|slot| slot != ALL)
}

/// The tallies of a row, by the minute within the hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row(BTreeMap<u8, Tally>);

impl Row {
    pub fn merge(&mut self, minute: u8, tally: &Tally) {
        self.0.entry(minute).or_default().merge(tally);
    }

    pub fn tallies(&self) -> impl Iterator<Item = (u8, &Tally)> {
        self.0.iter().map(|(minute, tally)| (*minute, tally))
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        for (minute, tally) in &self.0 {
            bytes.push(*minute);
            tally.encode(&mut bytes);
        }
        bytes
    }

    /// None if the bytes are damaged.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let mut row = Self::default();
        if reader.byte()? != FORMAT {
            return None;
        }
        while !reader.is_empty() {
            let minute = reader.byte().filter(|minute| *minute < 60)?;
            row.merge(minute, &Tally::decode(&mut reader)?);
        }
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::tally::Work;
    use crate::meter::Outcome;

    #[test]
    fn keys_are_in_the_order_of_time_and_tell_what_they_are_of() {
        let series = Series { worker: "a".into(), version: "v".into(), route: "x.example/b/*".into() };
        let keys: Vec<_> = [59, 60, 119, 120, 600_000, 6_000_000].map(|minute| key(minute, &series)).to_vec();
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(parse(&keys[2]), Some((1, series.clone())));
        assert_eq!(parse(&packed_key(1, &series)), Some((1, series)));
        assert!(is_minute(&keys[0]) && !is_minute("0000001/all/a/v/r"));
        for wrong in ["", "0000001/61/a/v/r", "0000001/00/a/v", "x/00/a/v/r"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_row_is_read_as_it_was_written_and_damage_is_seen() {
        let mut row = Row::default();
        let mut tally = Tally::default();
        tally.add(Outcome::Ok, &Work { fuel: 5, ..Work::default() });
        row.merge(3, &tally);
        row.merge(59, &tally);
        row.merge(3, &tally);
        let bytes = row.encode();
        assert_eq!(Row::decode(&bytes).as_ref(), Some(&row));
        assert_eq!(Row::decode(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Row::decode(&[2]), None);
    }
}
