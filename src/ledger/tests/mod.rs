//! The ledger without a server: crashes are files and a store as a process would have left them.

mod budgets;
mod crashes;
mod usage;

use super::*;
use std::collections::BTreeMap;

/// Minutes that all tests begin at: 2026-01-01T00:00:00Z.
const START: Minute = 29_453_760;

fn series(worker: &str, version: &str, route: &str) -> Series {
    Series { worker: worker.into(), version: version.into(), route: route.into() }
}

fn work(fuel: u64) -> Work {
    Work { fuel, bytes_in: 1, bytes_out: 2, subrequests: 3, wall: 4000, memory: 5 << 20 }
}

/// An invocation of the worker `a`.
fn entry(fuel: u64) -> Entry {
    Entry { series: series("a", "v1", "a.localhost/*"), outcome: Outcome::Ok, work: work(fuel), grant: None }
}

fn all(by: By) -> Query {
    Query { since: 0, until: Minute::MAX, worker: None, by }
}

/// All usage as one tally.
async fn total(ledger: &Ledger) -> Tally {
    let mut total = Tally::default();
    ledger.usage(&all(By::Worker)).await.unwrap().values().for_each(|tally| total.merge(tally));
    total
}

/// The names of a folder's files.
fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}
