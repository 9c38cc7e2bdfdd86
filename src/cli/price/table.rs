//! Quotes as a table for people.

use super::Offer;
use super::money::{count, measured, shown};
use crate::cli::table::table;
use crate::meter::pricing::{Era, Workload};

/// Columns with amounts, between the platform's name and the remark.
const AMOUNTS: [&str; 7] = ["base", "requests", "compute", "rounding", "gateway", "total", "allowance"];

/// The workload in words, the table, and what its marks mean.
pub fn text(workload: &Workload, era: Era, offers: &[Offer]) -> String {
    let amounts: Vec<[String; 7]> = offers.iter().map(amounts).collect();
    let widths: [usize; 7] = std::array::from_fn(|column| {
        let cells = amounts.iter().map(|cells| cells[column].len());
        cells.chain([AMOUNTS[column].len()]).max().unwrap_or_default()
    });
    let right = |text: &str, column: usize| format!("{text:>width$}", width = widths[column]);
    let heads: [String; 7] = std::array::from_fn(|column| right(AMOUNTS[column], column));
    let [base, requests, compute, rounding, gateway, total, allowance] = heads.each_ref().map(String::as_str);
    let headings = ["platform", base, requests, compute, rounding, gateway, total, allowance, ""];
    let rows = offers.iter().zip(&amounts).map(|(offer, cells)| {
        let [base, requests, compute, rounding, gateway, total, allowance] =
            std::array::from_fn(|column| right(&cells[column], column));
        [name(offer), base, requests, compute, rounding, gateway, total, allowance, remark(offer)]
    });
    let table = table(headings, rows);
    format!("{}\n\n{table}\n\n{}", described(workload, era), footnotes(offers))
}

/// The workload in words.
fn described(workload: &Workload, era: Era) -> String {
    let Workload { requests, wall_ms, cpu_ms, memory_mb, peak_mb, init_ms, gateway } = workload;
    let mut text = format!(
        "{} requests a month, each {} ms with {} ms of CPU, {} MB of memory",
        count(*requests),
        measured(*wall_ms),
        measured(*cpu_ms),
        count(*memory_mb)
    );
    if peak_mb != memory_mb {
        text.push_str(&format!(" ({} MB used)", measured(*peak_mb)));
    }
    if *init_ms > 0.0 {
        text.push_str(&format!(", {init_ms} ms of start-up"));
    }
    if let Some(gateway) = gateway {
        text.push_str(&format!(", gateway `{}`", gateway.as_str()));
    }
    let prices = match era {
        Era::Y2018 => "prices of 2018",
        Era::Now => "prices of now",
    };
    format!("{text}\n{prices}, US dollars a month")
}

fn amounts(offer: &Offer) -> [String; 7] {
    let quote = &offer.quote;
    [quote.base_fee, quote.request_fee, quote.compute, quote.rounding_loss, quote.gateway_fee, quote.total, quote.free]
        .map(shown)
}

/// The platform, with a mark when its quote rests on figures that are not verified.
fn name(offer: &Offer) -> String {
    let mark = if offer.quote.unverified.is_empty() { "" } else { " *" };
    format!("{}{mark}", offer.model.name())
}

fn remark(offer: &Offer) -> String {
    match offer.quote.refusals.as_slice() {
        [] if offer.cheapest => "cheapest".to_owned(),
        [] => String::new(),
        reasons => format!("not possible: {}", reasons.join(", ")),
    }
}

fn footnotes(offers: &[Offer]) -> String {
    let mut notes = vec![
        "rounding is what rounding time and memory up adds to compute; \
         allowance is what is free each month, at list price, and not in the total",
    ];
    if offers.iter().any(|offer| !offer.quote.unverified.is_empty()) {
        notes.push("* rests on figures that are not verified; `--json` and docs/prices.md name them");
    }
    notes.join("\n")
}
