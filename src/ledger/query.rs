//! Usage: what is in the store, put together.

use super::batch::{Minute, Series};
use super::keeper::PAGE;
use super::rows::{self, Row};
use super::{Ledger, Tally};
use crate::storage::{self, Listing};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Minutes of a day.
const DAY: Minute = 24 * 60;

/// What usage is put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Worker,
    Version,
    Route,
    /// In UTC.
    Day,
    Minute,
}

/// Which usage.
#[derive(Debug, Clone)]
pub struct Query {
    /// The first minute.
    pub since: Minute,
    /// The minute after the last.
    pub until: Minute,
    /// Of this worker; of all of them without one.
    pub worker: Option<String>,
    pub by: By,
}

impl Query {
    /// Of all workers, in the last `past` to this moment.
    pub fn last(past: Duration, by: By) -> Self {
        let now = super::now();
        Self { since: now.saturating_sub(super::minutes(past)), until: now.saturating_add(1), worker: None, by }
    }
}

/// What a line of usage is about: as much of it as is told apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// The first minute of the day, or the minute.
    pub time: Option<Minute>,
    pub worker: Option<Arc<str>>,
    pub version: Option<Arc<str>>,
    pub route: Option<Arc<str>>,
}

impl Group {
    fn of(by: By, minute: Minute, series: &Series) -> Self {
        let (worker, none) =
            (Some(series.worker.clone()), Self { time: None, worker: None, version: None, route: None });
        match by {
            By::Worker => Self { worker, ..none },
            By::Version => Self { worker, version: Some(series.version.clone()), ..none },
            By::Route => Self { worker, route: Some(series.route.clone()), ..none },
            By::Day => Self { time: Some(minute - minute % DAY), ..none },
            By::Minute => Self { time: Some(minute), ..none },
        }
    }
}

impl Ledger {
    /// What was used, to this moment.
    pub async fn usage(&self, query: &Query) -> Result<BTreeMap<Group, Tally>, storage::Error> {
        let storage = {
            let mut keeper = self.keeper.lock().await;
            self.flush_with(&mut keeper).await?;
            keeper.storage.clone()
        };
        let _shape = self.shape.read().await;
        let mut groups = BTreeMap::new();
        let mut after = Some(rows::hour_prefix(query.since / 60));
        loop {
            let page = storage.list(rows::BUCKET, "", after.as_deref(), PAGE, Listing::Values).await?;
            for entry in &page {
                let Some(((hour, series), row)) = rows::parse(&entry.key).zip(Row::decode(&entry.value)) else {
                    return Err(storage::Error::Corrupt(format!("`{}` in `{}`", entry.key, rows::BUCKET)));
                };
                if hour * 60 >= query.until {
                    return Ok(groups);
                }
                if query.worker.as_deref().is_none_or(|worker| *worker == *series.worker) {
                    add(&mut groups, query, hour, &series, &row);
                }
            }
            if page.len() < PAGE {
                return Ok(groups);
            }
            after = page.last().map(|entry| entry.key.clone());
        }
    }
}

fn add(groups: &mut BTreeMap<Group, Tally>, query: &Query, hour: u32, series: &Series, row: &Row) {
    for (minute, tally) in row.tallies() {
        let minute = hour.saturating_mul(60).saturating_add(minute.into());
        if (query.since..query.until).contains(&minute) {
            groups.entry(Group::of(query.by, minute, series)).or_default().merge(tally);
        }
    }
}
