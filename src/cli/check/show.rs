//! A comparison for people and programs: a table, Markdown, JSON, and what is wrong.

use super::report::{Purpose, Report, Row, Verdict};
use crate::cli::print;
use crate::cli::table::table;
use serde_json::{Value, json};
use std::path::Path;

/// What stands for a figure that there is none of.
const NONE: &str = "-";

/// Columns of the tables.
const HEADINGS: [&str; 5] = ["request", "before", "now", "change", ""];

/// The table for the terminal.
pub fn text(report: &Report) -> String {
    let mut rows = rows(report);
    let columns: [usize; 5] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEADINGS[column].len()]).max().unwrap_or_default()
    });
    let right = |column: usize, cell: &str| format!("{cell:>width$}", width = columns[column]);
    for row in &mut rows {
        (1..=3).for_each(|column| row[column] = right(column, &row[column]));
    }
    let headings: [String; 5] = std::array::from_fn(|column| match column {
        1..=3 => right(column, HEADINGS[column]),
        _ => HEADINGS[column].to_owned(),
    });
    table(headings.each_ref().map(String::as_str), rows)
}

/// A summary for the page of a pull request.
pub fn markdown(report: &Report) -> String {
    let mut text = format!("### Fuel of `{}`\n\n{}\n\n", report.now.program, sentence(report));
    text.push_str("| request | before | now | change | |\n|---|---:|---:|---:|---|\n");
    for [name, before, now, change, mark] in rows(report) {
        let mark = if matches!(mark.as_str(), "grown" | "new" | "failed") { format!("**{mark}**") } else { mark };
        text.push_str(&format!("| {} | {before} | {now} | {change} | {mark} |\n", code(&name)));
    }
    let told = problems(report).into_iter().chain(warnings(report));
    let told: Vec<String> =
        told.map(|line| format!("- {}\n", print::visible(&line, ' ').replace("hint: ", ""))).collect();
    if !told.is_empty() {
        text.push_str(&format!("\n{}", told.concat()));
    }
    text.push('\n');
    text
}

/// Everything, for programs.
pub fn json(report: &Report, lock: &Path) -> Value {
    let requests = report.rows.iter().map(|row| {
        let now = row.now.as_ref();
        json!({
            "request": row.key.request,
            "input": row.key.input,
            "nth": row.key.nth,
            "verdict": row.verdict.name(),
            "before": row.before.as_ref().map(|entry| entry.fuel),
            "now": now.ok().map(|entry| entry.fuel),
            "least": now.ok().and_then(|entry| entry.least),
            "status": now.ok().map(|entry| entry.status),
            "answer": now.ok().map(|entry| &entry.answer),
            "answer_changed": row.other_answer().is_some(),
            "failure": now.err(),
        })
    });
    let (before, now) = report.total();
    json!({
        "good": report.is_good(),
        "problem": report.problem,
        "program": report.now.program,
        "lock": lock,
        "schedule": report.now.schedule,
        "engine": report.now.engine,
        "glowplug": report.now.glowplug,
        "max_growth": match report.purpose {
            Purpose::Check(allowed) => Some(allowed.to_string()),
            Purpose::Update => None,
        },
        "start_up": {"before": report.start_up_before(), "now": report.now.start_up},
        "total": {"before": before, "now": now},
        "requests": requests.collect::<Vec<_>>(),
        "dropped": report.dropped.iter().map(|key| json!({"request": key.request, "input": key.input, "nth": key.nth})).collect::<Vec<_>>(),
    })
}

/// What is wrong, a text for each.
pub fn problems(report: &Report) -> Vec<String> {
    let mut problems = Vec::new();
    if let (Some(problem), Purpose::Check(_)) = (&report.problem, report.purpose) {
        problems.push(format!("{problem}, so its figures cannot be compared"));
    }
    for row in &report.rows {
        let label = print::visible(&row.label, ' ');
        match (row.verdict, row.fuel(), report.purpose) {
            (Verdict::Grown, Some((before, now)), Purpose::Check(allowed)) => problems.push(format!(
                "`{label}` costs {} fuel more ({}; {allowed} is allowed)",
                print::grouped(now - before),
                change(before, now)
            )),
            (Verdict::New, _, Purpose::Check(_)) => problems.push(format!("`{label}` is not in the lock file")),
            (Verdict::Failed, ..) => {
                let why = row.now.as_ref().err().map_or("", String::as_str);
                problems.push(format!("`{label}` failed: {}", print::visible(why, '\n')));
            }
            _ => {}
        }
    }
    problems
}

/// What should be looked at, though nothing fails for it.
pub fn warnings(report: &Report) -> Vec<String> {
    let mut warnings = Vec::new();
    if report.purpose == Purpose::Update {
        warnings.extend(report.problem.clone());
    }
    // Without a configuration file a worker is called after its folder, and that may be called otherwise elsewhere.
    if let Some(before) = report.before.as_ref().filter(|before| before.program != report.now.program) {
        warnings.push(format!("the lock file is that of `{}`, and this is `{}`", before.program, report.now.program));
    }
    for row in &report.rows {
        if let Some(how) = row.other_answer() {
            warnings.push(format!("`{}` is answered differently: {how}", print::visible(&row.label, ' ')));
        }
    }
    for key in report.dropped.iter().filter(|_| report.purpose != Purpose::Update) {
        warnings.push(format!("`{}` is in the lock file and was not asked for", print::visible(&key.request, ' ')));
    }
    warnings
}

/// What came of it, in a sentence.
pub fn sentence(report: &Report) -> String {
    let (before, now) = report.total();
    let count = |verdict| report.of(verdict).count() as u64;
    let requests = |number: u64| print::counted(number, "request", "requests");
    if report.problem.is_some() && report.purpose != Purpose::Update {
        return "The figures cannot be compared with those of the lock file.".to_owned();
    }
    let mut parts: Vec<String> = [
        (Verdict::Failed, "failed"),
        (Verdict::Grown, "grew past what is allowed"),
        (Verdict::More, "cost more"),
        (Verdict::Less, "cost less"),
        (Verdict::New, "new"),
        (Verdict::Same, "the same"),
    ]
    .into_iter()
    .filter(|(verdict, _)| count(*verdict) > 0)
    .map(|(verdict, what)| format!("{} {what}", print::grouped(count(verdict))))
    .collect();
    if before > 0 && before != now {
        parts.push(format!("{} in all", change(before, now)));
    }
    format!("{}: {}", requests(report.rows.len() as u64), parts.join(", "))
}

/// Requests, their sum, and start-up, without padding.
fn rows(report: &Report) -> Vec<[String; 5]> {
    let mut rows: Vec<[String; 5]> = report.rows.iter().map(row).collect();
    let (before, now) = report.total();
    if report.rows.len() > 1 && before > 0 {
        let name = if report.rows.iter().all(|row| row.fuel().is_some()) { "total" } else { "total of those in both" };
        rows.push([name.to_owned(), print::grouped(before), print::grouped(now), change(before, now), String::new()]);
    }
    if let Some(now) = report.now.start_up {
        let before = report.start_up_before();
        let changed = before.map_or_else(String::new, |before| change(before, now));
        let shown = before.map_or_else(|| NONE.to_owned(), print::grouped);
        rows.push(["start-up (once for each build)".to_owned(), shown, print::grouped(now), changed, String::new()]);
    }
    rows
}

fn row(row: &Row) -> [String; 5] {
    let none = || NONE.to_owned();
    let now = match &row.now {
        Ok(entry) => match entry.least {
            Some(least) => format!("{}..{}", print::grouped(least), print::grouped(entry.fuel)),
            None => print::grouped(entry.fuel),
        },
        Err(_) => none(),
    };
    let before = row.before.as_ref().map_or_else(none, |entry| print::grouped(entry.fuel));
    let mark = match row.verdict {
        Verdict::Same | Verdict::Less | Verdict::More => String::new(),
        verdict => verdict.name().to_owned(),
    };
    [row.label.clone(), before, now, row.fuel().map_or_else(none, |(before, now)| change(before, now)), mark]
}

/// `+5.00%`, or `same`. A change is never shown as none.
fn change(before: u64, now: u64) -> String {
    if before == now {
        return "same".to_owned();
    }
    if before == 0 {
        return format!("+{}", print::grouped(now));
    }
    let percent = (now as f64 / before as f64 - 1.0) * 100.0;
    if percent.abs() < 0.005 {
        let sign = if now > before { '+' } else { '-' };
        return format!("{sign}{} fuel", print::grouped(now.abs_diff(before)));
    }
    format!("{percent:+.2}%")
}

/// Text as code in a table of Markdown.
fn code(text: &str) -> String {
    let text = print::visible(text, ' ').replace('|', "\\|");
    let fence = if text.contains('`') { "``" } else { "`" };
    format!("{fence}{text}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_shown_with_sign_and_never_as_nothing() {
        let shown = [(100, 100), (100, 105), (1_000_000, 1_000_001), (1_000_000, 999_990), (0, 5_000), (200, 100)];
        assert_eq!(
            shown.map(|(before, now)| change(before, now)),
            ["same", "+5.00%", "+1 fuel", "-10 fuel", "+5,000", "-50.00%"]
        );
    }

    #[test]
    fn requests_cannot_break_a_table() {
        assert_eq!(code("GET /a|b\n"), "`GET /a\\|b`");
        assert_eq!(code("GET /`a`"), "``GET /`a```");
    }
}
