//! A comparison as CSV: a line for each program, numbers as they are.

use super::report::{Entry, Report};
use anyhow::Result;

const HEADINGS: [&str; 24] = [
    "label",
    "name",
    "kind",
    "version",
    "failure",
    "artefact_bytes",
    "start_up_fuel",
    "fuel_per_request",
    "fuel_min",
    "fuel_max",
    "cpu_ms_estimated",
    "cpu_ms_measured",
    "wall_ms_p50",
    "wall_ms_p99",
    "wall_ms_mean",
    "wall_samples",
    "first_byte_ms",
    "peak_memory_bytes",
    "cold_start_ms_median",
    "cold_start_ms_min",
    "cold_start_ms_max",
    "cold_starts",
    "requests_per_second",
    "billed_wall_ms",
];

/// All programs. Cells of what is not known are empty.
pub(super) fn lines(report: &Report) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let models = models(report);
    let prices = models.iter().map(|model| format!("usd_per_million_{}", model.replace('-', "_")));
    writer.write_record(HEADINGS.iter().map(|heading| (*heading).to_owned()).chain(prices))?;
    for entry in &report.programs {
        let prices = models.iter().map(|model| {
            let price = entry.prices.iter().find(|price| price.model == *model && price.refusals.is_empty());
            shown(price.map(|price| price.usd_per_million))
        });
        writer.write_record(cells(entry).into_iter().chain(prices))?;
    }
    Ok(writer.into_inner()?)
}

/// Ids of all price models that any program has a price of.
fn models(report: &Report) -> Vec<&str> {
    let priced = report.programs.iter().find(|entry| !entry.prices.is_empty());
    priced.iter().flat_map(|entry| &entry.prices).map(|price| price.model.as_str()).collect()
}

fn cells(entry: &Entry) -> [String; HEADINGS.len()] {
    let figures = entry.figures.as_ref();
    [
        entry.label.clone(),
        entry.name.clone(),
        entry.kind.clone(),
        entry.version.clone(),
        entry.failure.clone().unwrap_or_default(),
        entry.artefact_bytes.to_string(),
        shown(entry.start_up_fuel),
        shown(figures.map(|figures| figures.fuel.per_request)),
        shown(figures.map(|figures| figures.fuel.min)),
        shown(figures.map(|figures| figures.fuel.max)),
        shown(figures.map(|figures| figures.cpu_ms.estimated)),
        shown(figures.and_then(|figures| figures.cpu_ms.measured)),
        shown(figures.map(|figures| figures.wall_ms.p50)),
        shown(figures.map(|figures| figures.wall_ms.p99)),
        shown(figures.map(|figures| figures.wall_ms.mean)),
        shown(figures.map(|figures| figures.wall_ms.samples)),
        shown(figures.map(|figures| figures.first_byte_ms)),
        shown(figures.map(|figures| figures.peak_memory_bytes)),
        shown(figures.map(|figures| figures.cold_start_ms.median)),
        shown(figures.map(|figures| figures.cold_start_ms.min)),
        shown(figures.map(|figures| figures.cold_start_ms.max)),
        shown(figures.map(|figures| figures.cold_start_ms.starts)),
        shown(figures.map(|figures| figures.requests_per_second)),
        shown(figures.map(|figures| figures.billed_wall_ms)),
    ]
}

fn shown(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
