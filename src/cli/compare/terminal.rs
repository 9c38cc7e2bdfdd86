//! A comparison on the terminal.

use super::answers::{BodyDifference, Difference, Head};
use super::report::{Entry, Report};
use super::units::Unit;
use crate::cli::print::{self, Colour, paint_data};

/// What stands for a figure that there is none of.
const NONE: &str = "-";

/// Three tables: work and time, size, prices.
pub(super) fn tables(report: &Report) -> String {
    let mut parts = vec![report.method(), grid(&work(report)), grid(&size(report))];
    if report.requests.len() > 1 {
        parts.push(format!("fuel by request\n{}", grid(&by_request(report))));
    }
    let prices = prices(report);
    if prices.len() > 1 {
        parts.push(format!(
            "US dollars for a million requests, allowances used up and flat fees left out\n{}",
            grid(&prices)
        ));
    }
    parts.join("\n\n")
}

/// How two programs answered a request differently.
pub(super) fn difference(difference: &Difference) -> String {
    let Difference { first, other, request, heads, body, .. } = difference;
    let mut text = format!("{request}: `{other}` answers differently from `{first}`");
    if let Some([expected, found]) = heads {
        for (what, one, two) in [
            ("status", expected.status.to_string(), found.status.to_string()),
            ("content type", content_type(expected), content_type(found)),
        ] {
            if one != two {
                text.push_str(&format!("\n  {what}: {one} and {two}"));
            }
        }
    }
    if let Some(BodyDifference { sizes: [one, two], first_difference, diff }) = body {
        let (one, two) = (print::grouped(*one as u64), print::grouped(*two as u64));
        text.push_str(&format!("\n  body: {one} and {two} bytes, the same up to byte {first_difference}"));
        for line in diff.iter().flat_map(|diff| diff.lines()) {
            text.push_str(&format!("\n  {line}"));
        }
    }
    print::visible(&text, '\n')
}

fn content_type(head: &Head) -> String {
    head.content_type.clone().unwrap_or_else(|| "none".to_owned())
}

fn work(report: &Report) -> Vec<Vec<String>> {
    let least =
        report.programs.iter().filter_map(|entry| entry.figures.as_ref()).map(|figures| figures.fuel.per_request);
    let least = least.min().unwrap_or(1).max(1) as f64;
    let headings = ["program", "fuel", "", "CPU, from fuel", "CPU, measured", "wall p50", "wall p99", "requests/s"];
    rows(report, &headings, |entry| {
        let Some(figures) = &entry.figures else { return Vec::new() };
        let fuel = figures.fuel;
        let spread = match fuel.min == fuel.max {
            true => print::grouped(fuel.per_request),
            false => format!(
                "{} ({}..{})",
                print::grouped(fuel.per_request),
                print::grouped(fuel.min),
                print::grouped(fuel.max)
            ),
        };
        vec![
            spread,
            format!("{:.2}x", fuel.per_request as f64 / least),
            Unit::Milliseconds.shown(figures.cpu_ms.estimated),
            figures.cpu_ms.measured.map_or_else(|| NONE.to_owned(), |cpu| Unit::Milliseconds.shown(cpu)),
            Unit::Milliseconds.shown(figures.wall_ms.p50),
            Unit::Milliseconds.shown(figures.wall_ms.p99),
            Unit::Rate.shown(figures.requests_per_second),
        ]
    })
}

fn size(report: &Report) -> Vec<Vec<String>> {
    let headings = ["program", "artefact", "start-up fuel", "peak memory", "cold start", "kind"];
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    for entry in &report.programs {
        let figures = entry.figures.as_ref();
        let cold = figures.map(|figures| Unit::Milliseconds.shown(figures.cold_start_ms.median));
        let memory = figures.map(|figures| Unit::Bytes.shown(figures.peak_memory_bytes as f64));
        rows.push(vec![
            entry.label.clone(),
            Unit::Bytes.shown(entry.artefact_bytes as f64),
            entry.start_up_fuel.map_or_else(|| NONE.to_owned(), print::grouped),
            memory.unwrap_or_else(|| NONE.to_owned()),
            cold.unwrap_or_else(|| NONE.to_owned()),
            entry.kind.clone(),
        ]);
    }
    rows
}

/// A row for each request and a column for each program.
fn by_request(report: &Report) -> Vec<Vec<String>> {
    let labels = report.programs.iter().map(|entry| entry.label.clone());
    let mut rows = vec![std::iter::once("request".to_owned()).chain(labels).collect::<Vec<_>>()];
    let columns: Vec<_> = report.programs.iter().map(Entry::fuel_by_request).collect();
    for (index, request) in report.requests.iter().enumerate() {
        let cells = columns.iter().map(|fuel| match fuel.get(index) {
            Some(fuel) if fuel.min == fuel.max => print::grouped(fuel.min),
            Some(fuel) => format!("{}..{}", print::grouped(fuel.min), print::grouped(fuel.max)),
            None => NONE.to_owned(),
        });
        rows.push(std::iter::once(format!("{} {}", request.method, request.url)).chain(cells).collect());
    }
    rows
}

/// A row for each platform and a column for each program that was measured.
pub(super) fn prices(report: &Report) -> Vec<Vec<String>> {
    let priced: Vec<&Entry> = report.programs.iter().filter(|entry| !entry.prices.is_empty()).collect();
    let labels = priced.iter().map(|entry| entry.label.clone());
    let mut rows = vec![std::iter::once("platform".to_owned()).chain(labels).collect::<Vec<_>>()];
    let Some(first) = priced.first() else { return rows };
    for (index, price) in first.prices.iter().enumerate() {
        let mark = if price.unverified.is_empty() { "" } else { " *" };
        let cells = priced.iter().map(|entry| match entry.prices[index].refusals.is_empty() {
            true => Unit::Dollars.shown(entry.prices[index].usd_per_million),
            false => "not taken".to_owned(),
        });
        rows.push(std::iter::once(format!("{}{mark}", price.name)).chain(cells).collect());
    }
    if first.prices.iter().any(|price| !price.unverified.is_empty()) {
        rows.push(vec!["* some of its figures are not verified: see `glowplug price`".to_owned()]);
    }
    rows
}

/// A row for each program; those without figures say so.
fn rows(report: &Report, headings: &[&str], cells: impl Fn(&Entry) -> Vec<String>) -> Vec<Vec<String>> {
    let mut rows = vec![headings.iter().map(|heading| (*heading).to_owned()).collect::<Vec<_>>()];
    for entry in &report.programs {
        let mut row = vec![entry.label.clone()];
        row.extend(cells(entry));
        if row.len() == 1 {
            row.push(if entry.failure.is_some() { "failed" } else { "not measured" }.to_owned());
        }
        rows.push(row);
    }
    rows
}

/// Columns of text: the first to the left, the others, which are figures, to the right. A row of one cell is a note
/// that no column need be wide for.
fn grid(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| print::visible(cell, ' ')).collect()).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter(|row| row.len() > 1).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |(index, row): (usize, &Vec<String>)| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        let text = cells.collect::<Vec<_>>().join("  ").trim_end().to_owned();
        if index == 0 { paint_data(&text, Colour::Bold) } else { text }
    };
    rows.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_to_the_right_and_nothing_reaches_the_terminal_as_a_command() {
        let rows = [["program", "fuel"], ["a\u{1b}[2J", "1"], ["b", "1,000"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(grid(&rows), "program      fuel\na\\u{1b}[2J      1\nb           1,000");
    }
}
