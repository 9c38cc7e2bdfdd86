//! From the command to live, step by step.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::bench::measure::statistics::Spread;
use crate::bench::peer::glowplug::{Node, empty_data};
use crate::bench::report::{Section, Table, figure};
use crate::bench::tools::Tools;

/// As the command tells them, in their order.
const STEPS: [&str; 10] =
    ["engine", "bundle", "start_up", "assemble", "pack", "upload", "check", "commit", "live", "total"];

pub fn run(tools: &Tools) -> Result<Section> {
    let times = tools.size.pick(10, 30);
    let mut section = Section::new(
        "Deploy",
        &format!(
            "`glowplug deploy` of a script to a server on loopback, changed each time, {times} times in a row: milliseconds. `check`, `commit` and \
             `live` are the server's; when the command is over, the next request is answered by the new version."
        ),
    );
    let node = Node::start(tools, 0, &empty_data(tools, "deploy")?, None, &[])?;
    let script = tools.scratch.join("deployed.js");
    let mut steps: Vec<(&str, Vec<f64>)> = STEPS.iter().map(|step| (*step, Vec::new())).collect();
    for time in 0..=times {
        std::fs::write(&script, super::many::source(time))?;
        let told = node.deploy("deployed", &script, &[])?;
        let told = told.get("milliseconds").context("the command told no times")?;
        // The first one fills caches.
        if time == 0 {
            continue;
        }
        for (step, took) in &mut steps {
            let figure = told.get(*step).and_then(Value::as_f64);
            took.push(figure.with_context(|| format!("the command told no time of `{step}`"))?);
        }
    }
    let mut table = Table::new(&["step", "median ms", "least", "most"]);
    for (step, took) in steps {
        let spread = Spread::of(took);
        table.row([step.to_owned(), figure(spread.median), figure(spread.least), figure(spread.most)]);
    }
    section.table("", table);
    Ok(section)
}
