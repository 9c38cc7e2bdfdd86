//! What counting costs: the same code with fuel on and off.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::bench::report::{Goal, Section, Table};
use crate::bench::tools::Tools;

pub fn run(tools: &Tools) -> Result<Section> {
    let mut section = Section::new(
        "Metering",
        "`cargo bench --bench sandbox`: requests without HTTP, one at a time in one thread, rows interleaved. \"sandbox\" is store and instance, \
         \"handler\" from there to the response's head, \"request\" the whole with the reset. \"pages\" are those of 4 KiB that requests write to.",
    );
    let mut cargo = Command::new("cargo");
    cargo.args(["bench", "--quiet", "--bench", "sandbox"]).current_dir(&tools.root);
    let output = cargo.output().context("failed to run cargo")?;
    ensure!(output.status.success(), "`cargo bench` failed: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let mut rows = text
        .lines()
        .filter_map(|line| line.strip_prefix('|'))
        .map(|line| line.trim_end_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>());
    let mut table = Table::of(rows.next().context("`cargo bench` printed no table")?);
    let rows: Vec<_> = rows.skip(1).collect();
    for row in &rows {
        table.row(row.clone());
    }
    section.table("", table);
    for worker in ["JS hello", "JS fib(22)", "Rust hello"] {
        let median = |metering: &str| -> Option<f64> {
            let row = rows.iter().find(|row| row[0] == worker && row[1] == metering)?;
            row[4].split(' ').next()?.parse().ok()
        };
        let (on, off) = median("on").zip(median("off")).with_context(|| format!("no figures of {worker}"))?;
        section.goal(Goal::at_most(format!("metering overhead, {worker}, per cent"), (on / off - 1.0) * 100.0, 15.0));
    }
    Ok(section)
}
