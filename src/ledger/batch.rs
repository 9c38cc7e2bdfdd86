//! Invocations that are counted and not yet in the store, put together by what they are counted under.

use super::tally::{Tally, Work};
use crate::meter::Outcome;
use std::collections::HashMap;
use std::sync::Arc;

/// Minutes since the epoch.
pub type Minute = u32;

/// What invocations are counted under, besides the time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Series {
    pub worker: Arc<str>,
    pub version: Arc<str>,
    /// The pattern that matched, or what led to the worker instead.
    pub route: Arc<str>,
}

/// Number of a series within a batch.
pub(super) type SeriesId = u32;

/// Number of a budget; no two ever have the same.
pub(super) type BudgetId = u64;

/// What was counted since the last batch.
#[derive(Debug, Default)]
pub(super) struct Batch {
    ids: HashMap<Series, SeriesId>,
    series: Vec<Series>,
    tallies: HashMap<(SeriesId, Minute), Tally>,
    /// Fuel spent of each budget.
    spent: HashMap<BudgetId, u64>,
}

impl Batch {
    pub fn is_empty(&self) -> bool {
        self.tallies.is_empty()
    }

    /// The number of a series, which is its place in the order in which they came.
    pub fn id(&mut self, series: &Series) -> SeriesId {
        if let Some(id) = self.ids.get(series) {
            return *id;
        }
        let id = self.series.len() as SeriesId;
        self.series.push(series.clone());
        self.ids.insert(series.clone(), id);
        id
    }

    /// Counts an invocation.
    pub fn add(&mut self, id: SeriesId, minute: Minute, outcome: Outcome, work: &Work, budgets: &[BudgetId]) {
        self.tallies.entry((id, minute)).or_default().add(outcome, work);
        for budget in budgets {
            let spent = self.spent.entry(*budget).or_default();
            *spent = spent.saturating_add(work.fuel);
        }
    }

    /// Counts requests that static assets answered.
    pub fn add_assets(&mut self, id: SeriesId, minute: Minute, times: u64) {
        self.tallies.entry((id, minute)).or_default().assets += times;
    }

    /// Adds all that another has.
    pub fn merge(&mut self, other: &Self) {
        for (series, minute, tally) in other.tallies() {
            let id = self.id(series);
            self.tallies.entry((id, minute)).or_default().merge(tally);
        }
        for (budget, more) in &other.spent {
            let spent = self.spent.entry(*budget).or_default();
            *spent = spent.saturating_add(*more);
        }
    }

    /// All that was counted, in no order.
    pub fn tallies(&self) -> impl Iterator<Item = (&Series, Minute, &Tally)> {
        self.tallies.iter().map(|((id, minute), tally)| (&self.series[*id as usize], *minute, tally))
    }

    /// What was spent of each budget, in no order.
    pub fn spent(&self) -> impl Iterator<Item = (BudgetId, u64)> + '_ {
        self.spent.iter().map(|(budget, fuel)| (*budget, *fuel))
    }
}
