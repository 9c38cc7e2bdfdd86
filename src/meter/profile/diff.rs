//! What changed from one profile to another.

use super::{Frame, Profile, folded, table};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What a function or line used before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The function or line.
    pub frame: Frame,
    /// Fuel that it used itself, before.
    pub own_before: u64,
    /// Fuel that it used itself, after.
    pub own_after: u64,
    /// Fuel that it used together with all that it called, before.
    pub total_before: u64,
    /// Fuel that it used together with all that it called, after.
    pub total_after: u64,
}

impl Change {
    /// By how much its own fuel grew.
    pub fn own(&self) -> i128 {
        i128::from(self.own_after) - i128::from(self.own_before)
    }
}

/// Every frame whose fuel is not what it was, the greatest change first. Their own fuel's changes add up to the
/// change of the whole.
pub fn changes(before: &Profile, after: &Profile) -> Vec<Change> {
    let mut changes: BTreeMap<Frame, Change> = BTreeMap::new();
    let unused =
        |frame: &Frame| Change { frame: frame.clone(), own_before: 0, own_after: 0, total_before: 0, total_after: 0 };
    for row in table::rows(before) {
        let change = changes.entry(row.frame.clone()).or_insert_with(|| unused(&row.frame));
        (change.own_before, change.total_before) = (row.own, row.total);
    }
    for row in table::rows(after) {
        let change = changes.entry(row.frame.clone()).or_insert_with(|| unused(&row.frame));
        (change.own_after, change.total_after) = (row.own, row.total);
    }
    let differ = |change: &Change| change.own() != 0 || change.total_before != change.total_after;
    let mut changes: Vec<Change> = changes.into_values().filter(differ).collect();
    changes.sort_by(|a, b| b.own().abs().cmp(&a.own().abs()).then_with(|| a.frame.cmp(&b.frame)));
    changes
}

/// Folded stacks with two figures each: before and after.
pub fn folded(before: &Profile, after: &Profile) -> String {
    let mut stacks: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (stack, fuel) in before.samples() {
        stacks.entry(folded::line(stack)).or_default().0 += fuel;
    }
    for (stack, fuel) in after.samples() {
        stacks.entry(folded::line(stack)).or_default().1 += fuel;
    }
    let mut text = String::new();
    for (stack, (before, after)) in stacks {
        let _ = writeln!(text, "{stack} {before} {after}");
    }
    text
}
