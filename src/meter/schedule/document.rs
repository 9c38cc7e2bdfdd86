//! The schedule as a page for people.

use super::{Operation, Price, id, operator_cost};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

/// `docs/fuel-schedule.md`.
pub fn document() -> String {
    let mut text = format!(
        "<!-- Generated from src/meter/schedule.rs by `GLOWPLUG_WRITE=1 cargo test --lib schedule`. -->\n\
         # The fuel schedule `{}`\n\n\
         Every receipt names the schedule that it was made by. The same inputs under the same schedule always cost the same, on any\n\
         machine; a change of any figure below changes the id. [architecture.md](architecture.md) says how a bill comes about.\n\n\
         15,000,000 fuel stand for a millisecond of CPU. That is a calibration and no part of the schedule.\n\n\
         ## Work of the host\n\n\
         | operation | fuel each time | fuel per byte | what it is |\n|---|---:|---:|---|\n",
        id()
    );
    for operation in Operation::ALL {
        let Price { each, per_byte, what } = operation.price();
        let _ = writeln!(text, "| `{}` | {each} | {per_byte} | {what} |", operation.name());
    }
    text.push_str(
        "\nCryptography, compression and encoding run inside the sandbox and are counted as instructions. Waiting costs nothing.\n\
         Where a run is cut short by its grant, what is billed is the grant, never more.\n\n\
         Bodies of WASI 0.3 components, which are experimental, pass without a charge for their bytes.\n\n\
         ## WebAssembly instructions\n\n",
    );
    let costs = serde_json::to_value(operator_cost()).unwrap_or_default();
    let Costs { flat, variable } = sorted(&costs);
    let usual = flat.iter().map(|(cost, names)| (names.len(), *cost)).max().map_or(0, |(_, cost)| cost);
    let _ =
        writeln!(text, "Each instruction costs {usual} fuel, but for these:\n\n| fuel | instructions |\n|---:|---|");
    for (cost, names) in flat.iter().filter(|(cost, _)| **cost != usual) {
        let _ = writeln!(
            text,
            "| {cost} | {} |",
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        );
    }
    text.push_str(
        "\nInstructions that work on a range cost this much more for each part of it:\n\n| fuel | part |\n|---:|---|\n",
    );
    for (name, cost) in variable {
        let _ = writeln!(text, "| {cost} | `{name}` |");
    }
    text
}

/// What instructions cost.
#[derive(Default)]
struct Costs {
    /// Instructions by their cost.
    flat: BTreeMap<u64, Vec<String>>,
    /// Costs that depend on a size, by their names.
    variable: Vec<(String, u64)>,
}

fn sorted(costs: &Value) -> Costs {
    let Costs { mut flat, mut variable } = Costs::default();
    for (name, cost) in costs.as_object().into_iter().flatten() {
        match cost {
            Value::Object(parts) => {
                variable.extend(parts.iter().map(|(name, cost)| (name.clone(), cost.as_u64().unwrap_or_default())));
            }
            cost => flat.entry(cost.as_u64().unwrap_or_default()).or_default().push(name.clone()),
        }
    }
    Costs { flat, variable }
}
