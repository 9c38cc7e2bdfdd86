//! Fuel by function or line, summed over all stacks.

use super::{Frame, Profile};
use std::collections::{BTreeMap, BTreeSet};

/// What one function or line used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The function or line.
    pub frame: Frame,
    /// Fuel that it used itself.
    pub own: u64,
    /// Fuel that it used together with all that it called.
    pub total: u64,
}

/// A row for each different frame of the profile, the greatest first.
pub fn rows(profile: &Profile) -> Vec<Row> {
    let mut sums: BTreeMap<&Frame, (u64, u64)> = BTreeMap::new();
    for (stack, fuel) in profile.samples() {
        // A function that calls itself is on the stack many times, and used this fuel once.
        for frame in stack.iter().collect::<BTreeSet<_>>() {
            sums.entry(frame).or_default().1 += fuel;
        }
        if let Some(innermost) = stack.last() {
            sums.entry(innermost).or_default().0 += fuel;
        }
    }
    let rows = sums.into_iter().map(|(frame, (own, total))| Row { frame: frame.clone(), own, total });
    let mut rows: Vec<Row> = rows.collect();
    rows.sort_by(|a, b| (b.own, b.total).cmp(&(a.own, a.total)).then_with(|| a.frame.cmp(&b.frame)));
    rows
}
