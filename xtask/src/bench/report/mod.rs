//! What was found, kept as JSON and written as Markdown with charts.

mod chart;
mod machine;

pub use self::chart::{Bar, Chart};

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::scenario::Scenario;
use super::tools::Tools;

const FILE: &str = "benches/results.json";
const PAGE: &str = "benches/RESULTS.md";
const CHARTS: &str = "benches/charts";
/// What stands around that part of the page which is written anew.
const BEGIN: &str = "<!-- `cargo xtask bench` writes from here -->\n";
const END: &str = "<!-- to here -->\n";

/// A figure with three digits that mean something.
pub fn figure(value: f64) -> String {
    let digits = match value.abs() {
        0.0 => 0,
        value if value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        value if value >= 0.1 => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}

/// A table.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(header: &[&str]) -> Self {
        Self::of(header.iter().map(|cell| (*cell).to_owned()).collect())
    }

    pub fn of(header: Vec<String>) -> Self {
        Self { header, rows: Vec::new() }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    fn markdown(&self, text: &mut String) {
        let _ = writeln!(text, "| {} |\n|{}", self.header.join(" | "), "---|".repeat(self.header.len()));
        for row in &self.rows {
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
    }
}

/// What a figure is to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Goal {
    what: String,
    figure: f64,
    bound: f64,
    at_least: bool,
}

impl Goal {
    pub fn at_least(what: String, figure: f64, bound: f64) -> Self {
        Self { what, figure, bound, at_least: true }
    }

    pub fn at_most(what: String, figure: f64, bound: f64) -> Self {
        Self { what, figure, bound, at_least: false }
    }

    fn is_met(&self) -> bool {
        if self.at_least { self.figure >= self.bound } else { self.figure <= self.bound }
    }
}

/// The results of one scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Section {
    title: String,
    text: String,
    tables: Vec<(String, Table)>,
    charts: Vec<Chart>,
    goals: Vec<Goal>,
    /// Where and when; filled in when it is written.
    made: String,
}

impl Section {
    pub fn new(title: &str, text: &str) -> Self {
        Self {
            title: title.to_owned(),
            text: text.to_owned(),
            tables: Vec::new(),
            charts: Vec::new(),
            goals: Vec::new(),
            made: String::new(),
        }
    }

    pub fn table(&mut self, title: &str, table: Table) {
        self.tables.push((title.to_owned(), table));
    }

    pub fn chart(&mut self, chart: Chart) {
        self.charts.push(chart);
    }

    pub fn goal(&mut self, goal: Goal) {
        self.goals.push(goal);
    }

    /// As it stands in the page.
    pub fn markdown(&self) -> String {
        let mut text = format!("### {}\n\n{}\n", self.title, self.text);
        for (title, table) in &self.tables {
            let _ = if title.is_empty() { writeln!(text) } else { writeln!(text, "\n{title}:\n") };
            table.markdown(&mut text);
        }
        if !self.charts.is_empty() {
            let _ = writeln!(text);
        }
        for chart in &self.charts {
            let _ = writeln!(text, "![{}](charts/{}.svg)", chart.title, chart.id);
        }
        if !self.goals.is_empty() {
            let _ = writeln!(text);
            goals(&self.goals, &mut text);
        }
        if !self.made.is_empty() {
            let _ = writeln!(text, "\n{}", self.made);
        }
        text
    }
}

fn goals<'a>(goals: impl IntoIterator<Item = &'a Goal>, text: &mut String) {
    let _ = writeln!(text, "| goal | wanted | measured | |\n|---|---|---|---|");
    for goal in goals {
        let sign = if goal.at_least { "≥" } else { "≤" };
        let met = if goal.is_met() { "met" } else { "**not met**" };
        let _ = writeln!(text, "| {} | {sign} {} | {} | {met} |", goal.what, figure(goal.bound), figure(goal.figure));
    }
}

/// The results of all scenarios, of this run or an earlier one.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Results(BTreeMap<String, Section>);

impl Results {
    /// Those that are kept.
    pub fn load(root: &Path) -> Result<Self> {
        match fs::read_to_string(root.join(FILE)) {
            Ok(text) => serde_json::from_str(&text).with_context(|| format!("failed to read `{FILE}`")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("failed to read `{FILE}`")),
        }
    }

    /// Takes the results of a scenario in place of earlier ones that are kept under the same key.
    pub fn put(&mut self, key: String, section: Section) {
        self.0.insert(key, section);
    }

    /// Writes data, page and charts.
    pub fn write(&mut self, root: &Path, tools: &Tools) -> Result<()> {
        let made = machine::describe(tools)?;
        for section in self.0.values_mut().filter(|section| section.made.is_empty()) {
            section.made = made.clone();
        }
        let folder = root.join(CHARTS);
        fs::create_dir_all(&folder)?;
        for chart in self.0.values().flat_map(|section| &section.charts) {
            fs::write(folder.join(&chart.id).with_extension("svg"), chart.svg())?;
        }
        fs::write(root.join(FILE), serde_json::to_string_pretty(self)? + "\n")?;
        let page = fs::read_to_string(root.join(PAGE)).with_context(|| format!("failed to read `{PAGE}`"))?;
        let (before, rest) = page.split_once(BEGIN).with_context(|| format!("`{PAGE}` has no `{}`", BEGIN.trim()))?;
        let (_, after) = rest.split_once(END).with_context(|| format!("`{PAGE}` has no `{}`", END.trim()))?;
        fs::write(root.join(PAGE), format!("{before}{BEGIN}{}{END}{after}", self.markdown()))?;
        Ok(())
    }

    fn markdown(&self) -> String {
        let of = |scenario: &Scenario| {
            let scenario = *scenario;
            self.0.iter().filter(move |(key, _)| scenario.has_key(key)).map(|(_, section)| section)
        };
        let sections: Vec<_> = Scenario::ALL.iter().flat_map(of).collect();
        let mut text = "\n## Goals\n\n".to_owned();
        goals(sections.iter().flat_map(|section| &section.goals), &mut text);
        text.push_str("\n## Beside other runtimes\n");
        for section in sections {
            let _ = write!(text, "\n{}", section.markdown());
        }
        text.push('\n');
        text
    }
}
