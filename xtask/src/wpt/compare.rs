//! The runtimes beside each other, from what the last runs of each gave.
//!
//! How many subtests a test has depends on who runs it: one that ends early never comes to the others. So what a runtime
//! passes is held against all that at least one runtime passes, which also leaves out what no server runtime can have.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::results::Outcome;
use super::runtime::Kind;
use super::suite::Test;

/// The outcomes of a runtime's tests, by name.
type Results = BTreeMap<String, Outcome>;

/// Keeps what a run gave, beside what earlier runs gave for other tests.
pub fn keep(root: &Path, kind: Kind, tests: &[Test], outcomes: &[Outcome]) -> Result<()> {
    let file = file(root, kind);
    let mut results = if file.exists() { read(&file)? } else { Results::new() };
    results.extend(tests.iter().map(Test::name).zip(outcomes.iter().cloned()));
    fs::create_dir_all(file.parent().context("the file lies in a folder")?)?;
    fs::write(&file, serde_json::to_string(&results)?).with_context(|| format!("failed to write `{}`", file.display()))
}

/// The table of all runtimes.
pub fn table(root: &Path, tests: &[Test]) -> Result<String> {
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let results = read(&file(root, kind)).with_context(|| format!("{} has not run", kind.name()))?;
        let missing = tests.iter().find(|test| !results.contains_key(&test.name()));
        ensure!(missing.is_none(), "{} has not run {}", kind.name(), missing.map(Test::name).unwrap_or_default());
        all.push(results);
    }
    Ok(render(tests, &all))
}

fn file(root: &Path, kind: Kind) -> PathBuf {
    root.join("target/wpt/results").join(format!("{}.json", kind.name()))
}

fn read(file: &Path) -> Result<Results> {
    let text = fs::read_to_string(file).with_context(|| format!("failed to read `{}`", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("failed to read `{}`", file.display()))
}

/// How many subtests at least one runtime passes, and how many each does.
#[derive(Clone, Default)]
struct Row {
    subtests: usize,
    passed: Vec<usize>,
}

impl Row {
    fn add(&mut self, passed: &[BTreeSet<&str>]) {
        self.passed.resize(passed.len(), 0);
        self.subtests += passed.iter().flatten().collect::<BTreeSet<_>>().len();
        for (sum, passed) in self.passed.iter_mut().zip(passed) {
            *sum += passed.len();
        }
    }

    fn write(&self, area: &str, table: &mut String) {
        let _ = write!(table, "| {area} | {} |", self.subtests);
        let best = self.passed.iter().max();
        for passed in &self.passed {
            let share = percent(*passed, self.subtests);
            let _ = if Some(passed) == best { write!(table, " **{share}** |") } else { write!(table, " {share} |") };
        }
        table.push('\n');
    }
}

/// To one decimal, and 100.0 only for all.
fn percent(part: usize, whole: usize) -> String {
    if part == whole {
        return "100.0".to_owned();
    }
    format!("{:.1}", (1000.0 * part as f64 / whole as f64).round().min(999.0) / 10.0)
}

fn render(tests: &[Test], results: &[Results]) -> String {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    let mut all = Row::default();
    for test in tests {
        let name = test.name();
        let passed: Vec<_> = results.iter().map(|results| results[&name].passed().collect()).collect();
        rows.entry(test.area()).or_default().add(&passed);
        all.add(&passed);
    }
    let mut table = "| area | subtests |".to_owned();
    for kind in Kind::ALL {
        let _ = write!(table, " {} |", kind.title());
    }
    let _ = write!(table, "\n|---|---|{}\n", "---|".repeat(Kind::ALL.len()));
    for (area, row) in rows.iter().filter(|(_, row)| row.subtests > 0) {
        row.write(area, &mut table);
    }
    all.write("**all**", &mut table);
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_only_said_of_all() {
        assert_eq!(percent(3, 3), "100.0");
        assert_eq!(percent(28_487, 28_490), "99.9");
        assert_eq!(percent(1, 3), "33.3");
    }

    #[test]
    fn a_runtime_is_held_against_what_any_passes() {
        let mut row = Row::default();
        row.add(&[BTreeSet::from(["a", "b"]), BTreeSet::from(["b", "c"]), BTreeSet::new()]);
        let mut table = String::new();
        row.write("url", &mut table);
        assert_eq!(table, "| url | 3 | **66.7** | **66.7** | 0.0 |\n");
    }
}
