//! A comparison as a page: one file, without scripts, and without anything from elsewhere.

mod chart;
mod escape;
mod scale;
mod sections;

use self::escape::Text;
use super::report::{Entry, Report};
use super::terminal;
use super::units::Unit;
use crate::cli::print;
use std::fmt::Write;

const STYLE: &str = include_str!("html/style.css");

/// The page.
pub(super) fn page(report: &Report) -> String {
    let title = title(report);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n",
        Text(&title)
    );
    let _ = writeln!(page, "<p class=\"quiet\">{}</p>", Text(&report.method()));
    page.push_str(&verdict(report));
    page.push_str(&requests(report));
    page.push_str(&programs(report));
    for section in sections::all(report) {
        page.push_str(&section.html());
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn title(report: &Report) -> String {
    let labels: Vec<&str> = report.programs.iter().map(|entry| entry.label.as_str()).collect();
    match labels.as_slice() {
        [one] => format!("What {one} costs"),
        [all @ .., last] => format!("{} and {last} compared", all.join(", ")),
        [] => "Nothing compared".to_owned(),
    }
}

/// Whether the programs answer alike, and which of them failed.
fn verdict(report: &Report) -> String {
    let mut html = String::new();
    for (label, why) in report.failures() {
        let _ = writeln!(html, "<p class=\"bad\">{} failed:</p>\n<pre>{}</pre>", Text(label), Text(why));
    }
    match (report.differences(), report.programs.len()) {
        ([], ..2) => {}
        ([], _) => html.push_str("<p>All programs that answered gave the same answers.</p>\n"),
        (differences, _) => {
            html.push_str("<p class=\"bad\">The programs answer differently.</p>\n");
            for difference in differences {
                let _ = writeln!(html, "<pre>{}</pre>", Text(&terminal::difference(difference)));
            }
        }
    }
    html
}

fn requests(report: &Report) -> String {
    let mut rows = vec![vec!["request".to_owned(), "body".to_owned()]];
    rows.extend(
        report
            .requests
            .iter()
            .map(|request| vec![format!("{} {}", request.method, request.url), print::size(request.body_bytes)]),
    );
    format!("<section>\n<h2>Requests</h2>\n{}</section>\n", table("What every program was sent", &rows))
}

fn programs(report: &Report) -> String {
    let mut rows = vec![["program", "kind", "artefact", "start-up fuel"].map(str::to_owned).to_vec()];
    rows.extend(report.programs.iter().map(|entry: &Entry| {
        let start_up = entry.start_up_fuel.map_or_else(|| "none".to_owned(), print::grouped);
        vec![entry.label.clone(), entry.kind.clone(), Unit::Bytes.shown(entry.artefact_bytes as f64), start_up]
    }));
    format!("<section>\n<h2>Programs</h2>\n{}</section>\n", table("What was run", &rows))
}

/// A table; the first row has the headings, and the first cell of each other row heads it.
fn table(caption: &str, rows: &[Vec<String>]) -> String {
    let mut html = format!("<div class=\"wide\"><table>\n<caption>{}</caption>\n<thead><tr>", Text(caption));
    let (headings, rows) = rows.split_first().map_or((&[][..], rows), |(first, rest)| (first.as_slice(), rest));
    for heading in headings {
        let _ = write!(html, "<th scope=\"col\">{}</th>", Text(heading));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        html.push_str("<tr>");
        for (column, cell) in row.iter().enumerate() {
            let _ = match column {
                0 => write!(html, "<th scope=\"row\">{}</th>", Text(cell)),
                _ => write!(html, "<td>{}</td>", Text(cell)),
            };
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table></div>\n");
    html
}
