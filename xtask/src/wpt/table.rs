//! Results by area, as a Markdown table.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::results::Outcome;
use super::suite::Test;

#[derive(Default)]
struct Row {
    tests: usize,
    without_results: usize,
    passed: usize,
    subtests: usize,
}

impl Row {
    fn add(&mut self, outcome: &Outcome) {
        let (passed, subtests) = outcome.counts();
        self.tests += 1;
        self.without_results += usize::from(matches!(outcome, Outcome::Failed(_)));
        self.passed += passed;
        self.subtests += subtests;
    }

    fn write(&self, area: &str, table: &mut String) {
        let share = if self.subtests == 0 { 0.0 } else { 100.0 * self.passed as f64 / self.subtests as f64 };
        let Self { tests, without_results, passed, subtests } = self;
        let _ = writeln!(table, "| {area} | {tests} | {without_results} | {subtests} | {passed} | {share:.1} |");
    }
}

/// The table; the last row is the sum.
pub fn render(tests: &[Test], outcomes: &[Outcome]) -> String {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    let mut all = Row::default();
    for (test, outcome) in tests.iter().zip(outcomes) {
        rows.entry(test.area()).or_default().add(outcome);
        all.add(outcome);
    }
    let mut table =
        "| area | tests | without results | subtests | passed | % |\n|---|---|---|---|---|---|\n".to_owned();
    for (area, row) in &rows {
        row.write(area, &mut table);
    }
    all.write("**all**", &mut table);
    table
}
