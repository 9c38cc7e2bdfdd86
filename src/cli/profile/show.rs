//! A profile on the terminal and as JSON.

use super::measure::{Answer, Measured};
use crate::cli::print::{self, grouped};
use crate::cli::table::table;
use crate::limits::cpu_ms_of_fuel;
use crate::meter::profile::table::Row;
use crate::meter::profile::{Frame, diff, table as sums};
use serde_json::{Value, json};

/// Says what makes a program's figures doubtful: failures, runs that differ, what was too long to be watched.
pub(super) fn doubts(measured: &Measured) {
    for answer in &measured.answers {
        let Answer { request, fuel, unwatched_fuel, failure, .. } = answer;
        if let Some(failure) = failure {
            print::warning(&print::visible(&format!("`{}` failed at {request}: {failure}", measured.name), '\n'));
        }
        if fuel != unwatched_fuel {
            print::warning(&format!(
                "`{}` used {} fuel at {request} when it was watched and {} when it was not: its runs differ by \
                 themselves, as with random numbers, times, answers of others or how soon a stream is read",
                measured.name,
                grouped(*fuel),
                grouped(*unwatched_fuel),
            ));
        }
    }
    let unrecorded = measured.profile.samples().flat_map(|(stack, _)| stack);
    if let Some(frame) = unrecorded.into_iter().find(|frame| frame.function.starts_with("[not recorded")) {
        print::warning(&format!(
            "`{}` made more calls than can be watched; the rest is under `{frame}`",
            measured.name
        ));
    }
}

/// The requests and a table: of the profile, or of what changed from the one `before`.
pub(super) fn text(measured: &Measured, before: Option<&Measured>, top: usize) -> String {
    let mut parts = Vec::new();
    for program in before.into_iter().chain([measured]) {
        parts.push(head(program));
    }
    parts.push(match before {
        Some(before) => changes(before, measured, top),
        None => functions(measured, top),
    });
    parts.join("\n\n")
}

fn head(program: &Measured) -> String {
    let mut text = format!("{} ({}): {} fuel", program.name, program.kind, grouped(program.fuel()));
    for answer in &program.answers {
        let Answer { request, status, outcome, fuel, .. } = answer;
        let cpu = cpu_ms_of_fuel(*fuel);
        text.push_str(&format!("\n  {request}  {status} {outcome}  {} fuel  ~{cpu:.2} ms cpu", grouped(*fuel)));
    }
    print::visible(&text, '\n')
}

fn functions(measured: &Measured, top: usize) -> String {
    let rows = sums::rows(&measured.profile);
    let whole = measured.profile.total();
    let (shown, rest) = rows.split_at(if top == 0 { rows.len() } else { top.min(rows.len()) });
    let shown = shown.iter().map(|Row { frame, own, total }| {
        [grouped(*own), share(*own, whole), grouped(*total), share(*total, whole), frame.function.clone(), place(frame)]
    });
    let mut text = table(["own fuel", "", "with calls", "", "function", "file"], align(shown.collect()));
    if !rest.is_empty() {
        let own = rest.iter().map(|row| row.own).sum();
        text.push_str(&format!("\nand {} more with {} fuel of their own", grouped(rest.len() as u64), grouped(own)));
    }
    text
}

fn changes(before: &Measured, after: &Measured, top: usize) -> String {
    let changes = diff::changes(&before.profile, &after.profile);
    if changes.is_empty() {
        return "every function uses the fuel that it used".to_owned();
    }
    let (shown, rest) = changes.split_at(if top == 0 { changes.len() } else { top.min(changes.len()) });
    let shown = shown.iter().map(|change| {
        let diff::Change { frame, own_before, own_after, .. } = change;
        let function = frame.function.clone();
        [signed(change.own()), grouped(*own_before), grouped(*own_after), function, place(frame)]
    });
    let mut text = table(["change", "before", "after", "function", "file"], align(shown.collect()));
    if !rest.is_empty() {
        text.push_str(&format!("\nand {} more", grouped(rest.len() as u64)));
    }
    let whole = i128::from(after.profile.total()) - i128::from(before.profile.total());
    text.push_str(&format!("\n{} fuel in all", signed(whole)));
    text
}

fn signed(change: i128) -> String {
    let size = grouped(u64::try_from(change.unsigned_abs()).unwrap_or(u64::MAX));
    if change < 0 { format!("-{size}") } else { format!("+{size}") }
}

fn share(part: u64, whole: u64) -> String {
    format!("{:.1} %", part as f64 * 100.0 / (whole.max(1)) as f64)
}

fn place(frame: &Frame) -> String {
    match (&frame.file, frame.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (Some(file), None) => file.clone(),
        (None, _) => String::new(),
    }
}

/// Puts figures to the right of their columns.
fn align<const N: usize>(mut rows: Vec<[String; N]>) -> Vec<[String; N]> {
    for column in 0..N {
        let is_figure = |cell: &String| cell.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-');
        if rows.iter().all(|row| is_figure(&row[column])) {
            let width = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
            rows.iter_mut().for_each(|row| row[column] = format!("{:>width$}", row[column]));
        }
    }
    rows
}

/// All there is to know, for programs.
pub(super) fn json(measured: &Measured, before: Option<&Measured>) -> Value {
    let mut value = program(measured);
    if let Some(before) = before {
        let changes = diff::changes(&before.profile, &measured.profile);
        let changes = changes.iter().map(|change| {
            let diff::Change { frame, own_before, own_after, total_before, total_after } = change;
            json!({
                "function": frame.function, "file": frame.file, "line": frame.line,
                "own_before": own_before, "own_after": own_after,
                "total_before": total_before, "total_after": total_after,
            })
        });
        value["changes"] = changes.collect();
        value["before"] = program(before);
    }
    value
}

fn program(measured: &Measured) -> Value {
    let rows = sums::rows(&measured.profile);
    let functions = rows.iter().map(|Row { frame, own, total }| {
        json!({ "function": frame.function, "file": frame.file, "line": frame.line, "own": own, "total": total })
    });
    json!({
        "name": measured.name,
        "kind": measured.kind,
        "fuel": measured.fuel(),
        "exact": measured.answers.iter().all(|answer| answer.fuel == answer.unwatched_fuel),
        "requests": measured.answers,
        "functions": functions.collect::<Vec<_>>(),
    })
}
