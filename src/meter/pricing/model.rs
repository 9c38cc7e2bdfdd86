use super::Era;
use super::measure::{Basis, Measured, MemoryRule, TimeRule};
use super::quote::{Metered, Quote};
use super::rate::Rate;
use super::workload::{Gateway, Workload};
use std::collections::BTreeMap;

/// A platform's prices and rules at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) era: Era,
    pub(super) date: String,
    pub(super) sources: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) retired: Option<String>,
    pub(super) base_fee: f64,
    pub(super) requests: Rate,
    pub(super) compute: BTreeMap<Meter, Rate>,
    pub(super) time: TimeRule,
    pub(super) memory: MemoryRule,
    /// Processors of an instance, where they are charged by number.
    pub(super) vcpus: f64,
    pub(super) gateways: BTreeMap<Gateway, Rate>,
    pub(super) limits: PlatformLimits,
    pub(super) unverified: Vec<Unverified>,
}

/// A figure of a data file that nobody has held against the platform's own documentation.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unverified {
    /// Its key in the data file, such as `time.step_ms`.
    pub figure: String,
    /// Where it is from instead.
    pub why: String,
}

/// What compute is charged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Meter {
    VcpuSeconds,
    GhzSeconds,
    GbSeconds,
    CpuMs,
    CpuHours,
    GbHours,
}

impl Meter {
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::VcpuSeconds => "vCPU-seconds",
            Self::GhzSeconds => "GHz-seconds",
            Self::GbSeconds => "GB-seconds",
            Self::CpuMs => "CPU-ms",
            Self::CpuHours => "CPU-hours",
            Self::GbHours => "GB-hours",
        }
    }
}

/// What a platform refuses to go beyond.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlatformLimits {
    pub(super) memory_mb: Option<f64>,
    pub(super) cpu_ms: Option<f64>,
    pub(super) wall_ms: Option<f64>,
    pub(super) requests_a_day: Option<f64>,
}

/// Days of a month of 730 hours.
const DAYS: f64 = 730.0 / 24.0;

impl Model {
    /// Name in JSON, CSV and file names.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Name for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The time that its prices are of.
    pub fn era(&self) -> Era {
        self.era
    }

    /// The month in which its prices held, such as `2018-08`.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// Where its prices are published.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// What its quotes take for granted.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Which of its figures are not verified.
    pub fn unverified(&self) -> &[Unverified] {
        &self.unverified
    }

    /// The gateways that can stand in front. A platform without any takes HTTP itself.
    pub fn gateways(&self) -> impl Iterator<Item = Gateway> {
        self.gateways.keys().copied()
    }

    /// What `workload` costs in a month. It has to be one that [`Workload::check`] accepts.
    pub fn quote(&self, workload: &Workload) -> Quote {
        let requests = workload.requests;
        let request_fee = self.requests.cost(requests);
        let mut free = self.requests.list_price(requests) - request_fee;
        let mut meters = vec![metered("requests", Measured::unrounded(requests), &self.requests)];
        let (mut compute, mut rounding_loss) = (0.0, 0.0);
        for (&meter, rate) in &self.compute {
            let amount = self.measure(meter, workload);
            let charged = rate.cost(amount.charged);
            compute += rate.cost(amount.exact);
            rounding_loss += charged - rate.cost(amount.exact);
            free += rate.list_price(amount.charged) - charged;
            meters.push(metered(meter.unit(), amount, rate));
        }
        let gateway = workload.gateway.and_then(|gateway| self.gateways.get(&gateway));
        let gateway_fee = gateway.map_or(0.0, |rate| rate.cost(requests));
        Quote {
            base_fee: self.base_fee,
            request_fee,
            compute,
            rounding_loss,
            gateway_fee,
            total: self.base_fee + request_fee + compute + rounding_loss + gateway_fee,
            free,
            meters,
            refusals: self.refusals(workload),
            unverified: self.unverified_in(workload),
        }
    }

    /// How much of what `meter` counts the requests take.
    fn measure(&self, meter: Meter, workload: &Workload) -> Measured {
        let seconds = || self.time.seconds(workload);
        let scaled = |measured: Measured, factor: f64| measured.times(Measured::unrounded(factor));
        match meter {
            Meter::VcpuSeconds => scaled(seconds(), self.vcpus),
            Meter::GhzSeconds => scaled(seconds(), self.memory.gigahertz(workload)),
            Meter::GbSeconds => seconds().times(self.memory.gigabytes(workload)),
            Meter::GbHours => scaled(seconds().times(self.memory.gigabytes(workload)), 1.0 / 3600.0),
            Meter::CpuMs => Measured::unrounded(workload.cpu_total_ms()),
            Meter::CpuHours => Measured::unrounded(workload.cpu_total_ms() / 3_600_000.0),
        }
    }

    /// Why the platform would not take `workload`.
    fn refusals(&self, workload: &Workload) -> Vec<String> {
        let mut reasons = Vec::new();
        if let Some(date) = &self.retired {
            reasons.push(format!("not sold since {date}"));
        }
        let PlatformLimits { memory_mb, cpu_ms, wall_ms, requests_a_day } = self.limits;
        let memory = match self.memory.basis {
            Basis::Configured => workload.memory_mb,
            Basis::Peak | Basis::Fixed(_) => workload.peak_mb,
        };
        let mut hold = |limit: Option<f64>, value: f64, unit: &str| {
            if let Some(limit) = limit.filter(|limit| value > *limit) {
                reasons.push(format!("at most {limit} {unit}"));
            }
        };
        hold(memory_mb, memory, "MB of memory");
        hold(cpu_ms, workload.cpu_ms, "ms of CPU");
        hold(wall_ms, workload.wall_ms, "ms of time");
        hold(requests_a_day, workload.requests / DAYS, "requests a day");
        let missing = |gateway: &Gateway| !self.gateways.is_empty() && !self.gateways.contains_key(gateway);
        if let Some(gateway) = workload.gateway.filter(missing) {
            reasons.push(format!("no `{}` gateway", gateway.as_str()));
        }
        reasons
    }

    /// The unverified figures that a quote for `workload` rests on.
    fn unverified_in(&self, workload: &Workload) -> Vec<String> {
        let is_used = |figure: &str| match figure.split('.').collect::<Vec<_>>().as_slice() {
            ["gateway", gateway, ..] => workload.gateway.is_some_and(|used| used.as_str() == *gateway),
            ["compute", meter, "tiers"] => self.reaches_second_tier(meter, workload),
            _ => true,
        };
        let marks = self.unverified.iter().filter(|mark| is_used(&mark.figure));
        marks.map(|mark| format!("{}: {}", mark.figure, mark.why)).collect()
    }

    /// Whether `workload` has units beyond the first tier of `meter`. A mark on `tiers` is on those after the first.
    fn reaches_second_tier(&self, meter: &str, workload: &Workload) -> bool {
        self.compute.iter().any(|(&known, rate)| {
            let units = self.measure(known, workload).charged - rate.free;
            known.unit().eq_ignore_ascii_case(meter) && rate.tiers.first().is_some_and(|tier| units > tier.up_to)
        })
    }
}

fn metered(unit: &'static str, amount: Measured, rate: &Rate) -> Metered {
    Metered { unit, exact: amount.exact, charged: amount.charged, free: rate.covered(amount.charged) }
}
