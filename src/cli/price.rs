//! `glowplug price`

mod export;
mod money;
mod table;

use super::print;
use super::server_args::ServerArgs;
use super::usage::{self, Recent};
use crate::meter::pricing::{self, Era, Gateway, InvalidWorkload, Model, Quote, Workload};
use crate::registry::WorkerName;
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use std::process::ExitCode;

/// What functions elsewhere are given when nobody says more.
const USUAL_MEMORY_MB: f64 = 128.0;

/// Work out what a workload costs on other platforms
#[derive(Debug, Args)]
pub struct Price {
    #[command(flatten)]
    workload: WorkloadArgs,

    /// Take the workload from what this worker did in the last 30 days, on the server
    #[arg(long, value_name = "NAME")]
    from_usage: Option<WorkerName>,

    #[command(flatten)]
    server: ServerArgs,

    /// Whose prices: those of August 2018, or the latest known
    #[arg(long, value_enum, default_value_t = Year::Now)]
    year: Year,

    /// What stands in front of a platform that takes no HTTP itself
    #[arg(long, value_enum, default_value_t = Front::None)]
    gateway: Front,

    /// Print JSON, with the units behind each line and all that is not verified
    #[arg(long, conflicts_with = "csv")]
    json: bool,

    /// Print CSV
    #[arg(long)]
    csv: bool,
}

/// A month of requests, in numbers.
#[derive(Debug, Args)]
struct WorkloadArgs {
    /// Requests a month, such as `15000000` or `15e6`
    #[arg(long, value_name = "N", value_parser = above_zero, allow_negative_numbers = true, required_unless_present = "from_usage", conflicts_with = "from_usage")]
    requests: Option<f64>,

    /// Milliseconds that a request takes, waiting included
    #[arg(long, value_name = "T", value_parser = above_zero, allow_negative_numbers = true, required_unless_present = "from_usage", conflicts_with = "from_usage")]
    wall_ms: Option<f64>,

    /// Milliseconds of CPU that a request takes
    #[arg(long, value_name = "C", value_parser = above_zero, allow_negative_numbers = true, required_unless_present = "from_usage", conflicts_with = "from_usage")]
    cpu_ms: Option<f64>,

    /// Megabytes of memory that are configured; with `--from-usage` 128 unless it is given
    #[arg(long, value_name = "M", value_parser = above_zero, allow_negative_numbers = true, required_unless_present = "from_usage")]
    memory_mb: Option<f64>,

    /// Megabytes of memory that are used; all of it when not given
    #[arg(long, value_name = "P", value_parser = above_zero, allow_negative_numbers = true)]
    peak_mb: Option<f64>,

    /// Milliseconds of start-up that fall to a request when those of all cold starts are shared out
    #[arg(long, value_name = "I", default_value = "0", value_parser = zero_or_more, allow_negative_numbers = true)]
    init_ms: f64,
}

/// The time whose prices are asked for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Year {
    #[value(name = "2018")]
    Y2018,
    Now,
}

/// A gateway, or none.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Front {
    Http,
    Rest,
    None,
}

/// How quotes are printed.
#[derive(Debug, Clone, Copy)]
enum Format {
    Table,
    Json,
    Csv,
}

/// A platform's quote among the others.
struct Offer {
    model: &'static Model,
    quote: Quote,
    /// No platform that would take the workload asks for less.
    cheapest: bool,
}

impl Price {
    pub async fn execute(self) -> Result<ExitCode> {
        let era = match self.year {
            Year::Y2018 => Era::Y2018,
            Year::Now => Era::Now,
        };
        let gateway = match self.gateway {
            Front::Http => Some(Gateway::Http),
            Front::Rest => Some(Gateway::Rest),
            Front::None => None,
        };
        let format = match (self.json, self.csv) {
            (true, _) => Format::Json,
            (false, true) => Format::Csv,
            (false, false) => Format::Table,
        };
        let workload = match &self.from_usage {
            Some(worker) => {
                let recent = usage::last_30_days(&self.server.connect()?, worker).await?;
                print::note(&format!("{worker}: {} invocations in the last 30 days", print::grouped(recent.requests)));
                self.workload.of_usage(&recent)
            }
            None => self.workload.workload(),
        };
        let workload = Workload { gateway, ..workload };
        report(&workload, era, format)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl WorkloadArgs {
    /// The workload that the flags describe.
    fn workload(&self) -> Workload {
        // The flags are required when there is no usage to go by.
        let [requests, wall, cpu, memory] =
            [self.requests, self.wall_ms, self.cpu_ms, self.memory_mb].map(Option::unwrap_or_default);
        let all_used = Workload::new(requests, wall, cpu, memory);
        Workload { peak_mb: self.peak_mb.unwrap_or(memory), init_ms: self.init_ms, ..all_used }
    }

    /// The workload that `recent` is, and what the flags say of it.
    fn of_usage(&self, recent: &Recent) -> Workload {
        let memory = self.memory_mb.unwrap_or(USUAL_MEMORY_MB);
        let peak = self.peak_mb.unwrap_or(recent.memory_mb).min(memory);
        let all_used = Workload::new(recent.requests as f64, recent.wall_ms, recent.cpu_ms, memory);
        Workload { peak_mb: peak, init_ms: self.init_ms, ..all_used }
    }
}

/// Prints what `workload` costs on every platform of `era`.
fn report(workload: &Workload, era: Era, format: Format) -> Result<()> {
    match workload.check() {
        Ok(()) => {}
        Err(why @ InvalidWorkload::PeakAboveMemory { .. }) => {
            bail!("{why}\nhint: `--peak-mb` is what is used of `--memory-mb`; leave it out when that is all")
        }
        Err(why) => return Err(why.into()),
    }
    if let Some(gateway) = workload.gateway {
        known(gateway, era)?;
    }
    let offers = offers(workload, era);
    match format {
        Format::Table => print::data(&table::text(workload, era, &offers)),
        Format::Json => print::json(&export::json(workload, era, &offers)),
        Format::Csv => print::data(&export::csv(&offers)?),
    }
    Ok(())
}

/// Refuses a gateway that nobody had.
fn known(gateway: Gateway, era: Era) -> Result<()> {
    let mut gateways = pricing::models(era).into_iter().flat_map(Model::gateways);
    if !gateways.any(|known| known == gateway) {
        let name = gateway.as_str();
        bail!("no platform of {era} has the gateway `{name}`\nhint: `--gateway rest` was there in 2018");
    }
    Ok(())
}

/// The quotes of all platforms: the cheapest first, those that would not take the workload last.
fn offers(workload: &Workload, era: Era) -> Vec<Offer> {
    let quoted = pricing::models(era).into_iter().map(|model| (model, model.quote(workload)));
    let mut quoted: Vec<(&Model, Quote)> = quoted.collect();
    quoted.sort_by(|(_, a), (_, b)| {
        b.is_possible().cmp(&a.is_possible()).then_with(|| money::tidy(a.total).total_cmp(&money::tidy(b.total)))
    });
    let least = quoted.iter().find(|(_, quote)| quote.is_possible()).map(|(_, quote)| money::tidy(quote.total));
    let offer = |(model, quote): (&'static Model, Quote)| {
        let cheapest = quote.is_possible() && Some(money::tidy(quote.total)) == least;
        Offer { model, quote, cheapest }
    };
    quoted.into_iter().map(offer).collect()
}

/// A number that a workload can have.
fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite() && *number <= 1e15)
}

fn above_zero(text: &str) -> Result<f64, String> {
    let wrong = "must be a number above 0 and at most 1e15, such as `1500000` or `1.5e6`";
    number(text).filter(|number| *number > 0.0).ok_or_else(|| wrong.to_owned())
}

fn zero_or_more(text: &str) -> Result<f64, String> {
    let wrong = "must be a number from 0 to 1e15, such as `0.2`";
    number(text).filter(|number| *number >= 0.0).ok_or_else(|| wrong.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_above_zero_and_real() {
        assert_eq!(["15e6", "0.001", "1e15"].map(above_zero), [Ok(15e6), Ok(0.001), Ok(1e15)]);
        for wrong in ["0", "-0", "-1", "NaN", "inf", "-inf", "1e16", "1e999", "", "15M", "1,000", "ten"] {
            assert!(above_zero(wrong).unwrap_err().contains("above 0"), "{wrong}");
        }
        assert_eq!(zero_or_more("0"), Ok(0.0));
        assert!(zero_or_more("-0.1").is_err() && zero_or_more("NaN").is_err());
    }

    #[test]
    fn what_is_not_possible_is_last_and_never_the_cheapest() {
        // 100 ms of CPU is more than Fastly allows, and Unbound is not sold any more.
        let offers = offers(&Workload::new(3e6, 120.0, 100.0, 128.0), Era::Now);
        let possible = offers.iter().take_while(|offer| offer.quote.is_possible()).count();
        assert!(offers[possible..].iter().all(|offer| !offer.quote.is_possible() && !offer.cheapest));
        let last: Vec<_> = offers[possible..].iter().map(|offer| offer.model.id()).collect();
        assert_eq!(last, ["cloudflare-free", "cloudflare-unbound", "fastly-compute"]);
        let totals: Vec<_> = offers[..possible].iter().map(|offer| offer.quote.total).collect();
        assert!(totals.is_sorted(), "{totals:?}");
        // Three platforms ask for the requests alone.
        let cheapest: Vec<_> = offers.iter().filter(|offer| offer.cheapest).map(|offer| offer.model.id()).collect();
        assert_eq!(cheapest, ["aws-lambda-x86", "aws-lambda-arm64", "azure-consumption"]);
    }
}
