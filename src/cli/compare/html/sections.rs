//! The page's sections: a chart each, and the same figures as a table.

use super::chart::{Bar, Chart};
use super::escape::Text;
use super::table;
use crate::cli::compare::figures::Figures;
use crate::cli::compare::report::{Entry, Report};
use crate::cli::compare::terminal;
use crate::cli::compare::units::Unit;

/// A chart with what there is to say of it.
pub(super) struct Section {
    chart: Chart,
    /// How the figure comes about.
    about: &'static str,
    table: Vec<Vec<String>>,
}

/// What a section has of one program.
struct Value {
    value: f64,
    range: Option<(f64, f64)>,
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self { value, range: None }
    }
}

impl Section {
    pub fn html(&self) -> String {
        let scale = if self.chart.scale().is_logarithmic() { " The scale is logarithmic." } else { "" };
        format!(
            "<section>\n<h2>{}</h2>\n<p class=\"quiet\">{}{scale}</p>\n{}{}</section>\n",
            Text(&self.chart.title),
            Text(self.about),
            self.chart.svg(),
            table(&self.chart.title, &self.table),
        )
    }
}

/// All sections that have a figure.
pub(super) fn all(report: &Report) -> Vec<Section> {
    let mut sections = vec![fuel(report), cpu(report), wall(report), rate(report), memory(report), cold(report)];
    sections.extend([artefact(report), start_up(report), prices(report)]);
    sections.retain(|section| section.chart.bars.iter().any(|bar| bar.value.is_some()));
    sections
}

fn fuel(report: &Report) -> Section {
    let about = "Work that was done, counted by the instruction: the same on every machine. Error marks show the least \
                 and the most of any request.";
    measured("fuel", "Fuel per request", about, Unit::Fuel, ["mean", "least", "most"], report, |figures| {
        let fuel = figures.fuel;
        Value { value: fuel.per_request as f64, range: Some((fuel.min as f64, fuel.max as f64)) }
    })
}

fn wall(report: &Report) -> Section {
    let about = "From sending a request to the end of its answer, without a network, on this machine. Error marks reach \
                 to the time that 99 of 100 requests did not take longer than.";
    measured("wall", "Time per request", about, Unit::Milliseconds, ["median", "p50", "p99"], report, |figures| {
        let wall = figures.wall_ms;
        Value { value: wall.p50, range: Some((wall.p50, wall.p99)) }
    })
}

fn rate(report: &Report) -> Section {
    let about = "One request after the other on one thread of this machine: what one core does.";
    measured("rate", "Requests per second on one core", about, Unit::Rate, ["requests"; 3], report, |figures| {
        figures.requests_per_second.into()
    })
}

fn memory(report: &Report) -> Section {
    let about = "The largest sum of a sandbox's memories. A JavaScript worker's is that of its engine too.";
    measured("memory", "Peak memory", about, Unit::Bytes, ["most"; 3], report, |figures| {
        (figures.peak_memory_bytes as f64).into()
    })
}

fn cold(report: &Report) -> Section {
    let about = "The first request to a program that is not loaded: compiled code is read from the cache and linked, a \
                 sandbox is made, and the request is answered. The process itself runs. Error marks show the least and \
                 the most.";
    let columns = ["median", "least", "most"];
    measured("cold", "Cold start", about, Unit::Milliseconds, columns, report, |figures| {
        let cold = figures.cold_start_ms;
        Value { value: cold.median, range: Some((cold.min, cold.max)) }
    })
}

fn artefact(report: &Report) -> Section {
    let about = "What is deployed. A JavaScript worker's holds its snapshot; the engine is shared and not counted.";
    by_program("artefact", "Artefact size", about, Unit::Bytes, ["size"; 3], report, |entry| {
        Some((entry.artefact_bytes as f64).into())
    })
}

fn start_up(report: &Report) -> Section {
    let about = "Work of the top-level code, done once when the worker is built and never again.";
    by_program("start-up", "Start-up fuel", about, Unit::Fuel, ["fuel"; 3], report, |entry| {
        entry.start_up_fuel.map(|fuel| (fuel as f64).into())
    })
}

/// The estimate and what was measured, kept apart.
fn cpu(report: &Report) -> Section {
    let mut bars = Vec::new();
    let mut rows = vec![["program", "from fuel", "measured"].map(str::to_owned).to_vec()];
    for (index, entry) in report.programs.iter().enumerate() {
        let figures = entry.figures.as_ref();
        let estimated = figures.map(|figures| figures.cpu_ms.estimated);
        let measured = figures.and_then(|figures| figures.cpu_ms.measured);
        for (group, label, value) in [(Some(entry.label.clone()), "from fuel", estimated), (None, "measured", measured)]
        {
            bars.push(Bar { group, label: label.to_owned(), value, range: None, colour: index });
        }
        rows.push(vec![entry.label.clone(), cell(Unit::Milliseconds, estimated), cell(Unit::Milliseconds, measured)]);
    }
    let title = "CPU time per request".to_owned();
    let about = "From fuel: an estimate that is the same on every machine. Measured: what the thread had on this machine, \
                 the host's own work included.";
    let description = described(&title, &rows);
    let chart = Chart { id: "cpu", title, description, unit: Unit::Milliseconds, bars };
    Section { chart, about, table: rows }
}

fn prices(report: &Report) -> Section {
    let mut bars = Vec::new();
    let priced: Vec<(usize, &Entry)> =
        report.programs.iter().enumerate().filter(|(_, entry)| !entry.prices.is_empty()).collect();
    let models = priced.first().map_or(0, |(_, entry)| entry.prices.len());
    for model in 0..models {
        for (place, (index, entry)) in priced.iter().enumerate() {
            let price = &entry.prices[model];
            bars.push(Bar {
                group: (place == 0).then(|| price.name.clone()),
                label: entry.label.clone(),
                value: price.refusals.is_empty().then_some(price.usd_per_million),
                range: None,
                colour: *index,
            });
        }
    }
    let rows = terminal::prices(report);
    let title = "US dollars per million requests".to_owned();
    let about = "Once allowances are used up, and without flat fees. Time is what was measured here, CPU time the estimate \
                 from fuel, memory what the worker may use and used.";
    let description = described(&title, &rows);
    let chart = Chart { id: "prices", title, description, unit: Unit::Dollars, bars };
    Section { chart, about, table: rows }
}

fn measured(
    id: &'static str,
    title: &str,
    about: &'static str,
    unit: Unit,
    columns: [&str; 3],
    report: &Report,
    value: impl Fn(&Figures) -> Value,
) -> Section {
    by_program(id, title, about, unit, columns, report, |entry| entry.figures.as_ref().map(&value))
}

/// A bar for each program. `columns` name the value, and the ends of its range where there is one.
fn by_program(
    id: &'static str,
    title: &str,
    about: &'static str,
    unit: Unit,
    columns: [&str; 3],
    report: &Report,
    value: impl Fn(&Entry) -> Option<Value>,
) -> Section {
    let values: Vec<Option<Value>> = report.programs.iter().map(value).collect();
    let has_range = values.iter().flatten().any(|value| value.range.is_some());
    let columns = if has_range { &columns[..] } else { &columns[..1] };
    let mut rows =
        vec![std::iter::once("program").chain(columns.iter().copied()).map(str::to_owned).collect::<Vec<_>>()];
    let mut bars = Vec::new();
    for (index, (entry, value)) in report.programs.iter().zip(values).enumerate() {
        let range = value.as_ref().and_then(|value| value.range);
        let value = value.map(|value| value.value);
        let mut row = vec![entry.label.clone(), cell(unit, value)];
        if has_range {
            row.push(cell(unit, range.map(|(least, _)| least)));
            row.push(cell(unit, range.map(|(_, most)| most)));
        }
        rows.push(row);
        bars.push(Bar { group: None, label: entry.label.clone(), value, range, colour: index });
    }
    let description = described(title, &rows);
    Section { chart: Chart { id, title: title.to_owned(), description, unit, bars }, about, table: rows }
}

fn cell(unit: Unit, value: Option<f64>) -> String {
    value.map_or_else(|| "no figure".to_owned(), |value| unit.shown(value))
}

/// The chart in words: a reader that cannot see it hears the first figure of each row; the table has the rest.
fn described(title: &str, rows: &[Vec<String>]) -> String {
    let figures = rows.iter().skip(1).filter_map(|row| Some(format!("{} {}", row.first()?, row.get(1)?)));
    format!("Bars: {title}. {}.", figures.collect::<Vec<_>>().join("; "))
}
