//! From the data files to models that can be relied on.

use super::Era;
use super::measure::{Basis, MemoryRule, Rounding, Size, Span, StartUp, TimeRule};
use super::model::{Meter, Model, PlatformLimits, Unverified};
use super::rate::{Rate, Tier};
use super::raw::{RawBasis, RawMemory, RawModel, RawRate, RawStartUp, RawTier, RawTime};
use std::collections::BTreeMap;
use std::fmt;

/// A data file, by its path below `data/`.
macro_rules! file {
    ($era:expr, $path:literal) => {
        ($era, $path, include_str!(concat!("data/", $path)))
    };
}

/// Every data file; the order is that of the documentation.
pub(super) const FILES: &[(Era, &str, &str)] = &[
    file!(Era::Y2018, "2018/aws-lambda.toml"),
    file!(Era::Y2018, "2018/aws-lambda-edge.toml"),
    file!(Era::Y2018, "2018/azure-consumption.toml"),
    file!(Era::Y2018, "2018/google-cloud-functions.toml"),
    file!(Era::Y2018, "2018/cloudflare-bundled.toml"),
    file!(Era::Now, "now/aws-lambda-x86.toml"),
    file!(Era::Now, "now/aws-lambda-arm64.toml"),
    file!(Era::Now, "now/aws-lambda-edge.toml"),
    file!(Era::Now, "now/azure-consumption.toml"),
    file!(Era::Now, "now/azure-flex.toml"),
    file!(Era::Now, "now/google-cloud-run.toml"),
    file!(Era::Now, "now/google-cloud-run-instances.toml"),
    file!(Era::Now, "now/cloudflare-standard.toml"),
    file!(Era::Now, "now/cloudflare-free.toml"),
    file!(Era::Now, "now/cloudflare-unbound.toml"),
    file!(Era::Now, "now/fastly-compute.toml"),
    file!(Era::Now, "now/deno-deploy-pro.toml"),
];

/// What is wrong with a data file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataError {
    /// The file, below `data/`.
    pub file: String,
    /// The key, such as `time.step_ms`; empty when the file is no TOML of this kind at all.
    pub key: String,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, key, problem } = self;
        match key.as_str() {
            "" => write!(f, "failed to read prices `{file}`: {problem}"),
            key => write!(f, "failed to read prices `{file}`: `{key}` {problem}"),
        }
    }
}

impl std::error::Error for DataError {}

/// A key and what is wrong with it.
type Wrong = (String, String);

fn wrong<T>(key: impl Into<String>, problem: impl Into<String>) -> Result<T, Wrong> {
    Err((key.into(), problem.into()))
}

/// The models of all files.
pub(super) fn embedded() -> Result<Vec<Model>, DataError> {
    FILES.iter().map(|&(era, file, text)| parse(era, file, text)).collect()
}

/// The model that `text` describes.
pub(super) fn parse(era: Era, file: &str, text: &str) -> Result<Model, DataError> {
    let at = |(key, problem): Wrong| DataError { file: file.to_owned(), key, problem };
    let unreadable = |error: toml::de::Error| at((String::new(), error.to_string().trim_end().to_owned()));
    let raw: RawModel = toml::from_str(text).map_err(unreadable)?;
    let document: toml::Table = toml::from_str(text).map_err(unreadable)?;
    has_what_it_measures(&raw).map_err(at)?;
    marks_name_figures(&raw.unverified, &document).map_err(at)?;
    model(era, raw).map_err(at)
}

/// Whether the rules are there that the meters need.
fn has_what_it_measures(raw: &RawModel) -> Result<(), Wrong> {
    for &meter in raw.compute.keys() {
        let by_memory = matches!(meter, Meter::GbSeconds | Meter::GbHours | Meter::GhzSeconds);
        let by_time = by_memory || meter == Meter::VcpuSeconds;
        let sizes = || raw.memory.iter().flat_map(|memory| memory.sizes.iter().flatten());
        let has_speeds = sizes().next().is_some() && sizes().all(|size| size.ghz.is_some());
        let missing = match meter {
            _ if by_time && raw.time.is_none() => "time",
            _ if by_memory && raw.memory.is_none() => "memory",
            Meter::VcpuSeconds if raw.vcpus.is_none() => "vcpus",
            Meter::GhzSeconds if !has_speeds => "memory.sizes.ghz",
            _ => continue,
        };
        return wrong(missing, format!("is missing, and {} cannot be counted without", meter.unit()));
    }
    Ok(())
}

/// Whether each mark is on a figure that is there.
fn marks_name_figures(marks: &[Unverified], document: &toml::Table) -> Result<(), Wrong> {
    for Unverified { figure, why } in marks {
        let mut keys = figure.split('.');
        let first = keys.next().and_then(|key| document.get(key));
        if keys.try_fold(first, |value, key| value.map(|value| value.get(key))).flatten().is_none() {
            return wrong("unverified.figure", format!("is `{figure}`, which is no key of this file"));
        }
        if why.is_empty() {
            return wrong("unverified.why", format!("says nothing of `{figure}`"));
        }
    }
    Ok(())
}

fn model(era: Era, raw: RawModel) -> Result<Model, Wrong> {
    if raw.sources.is_empty() {
        return wrong("sources", "names no source");
    }
    if !is_month(&raw.date) {
        return wrong("date", "is no month such as `2018-08`");
    }
    Ok(Model {
        id: raw.id,
        name: raw.name,
        era,
        date: raw.date,
        sources: raw.sources,
        notes: raw.notes,
        retired: raw.retired,
        base_fee: not_negative("base_fee", raw.base_fee)?,
        requests: rate("requests", raw.requests)?,
        compute: rates("compute", raw.compute, |meter| meter.unit())?,
        time: raw.time.map_or(Ok(TimeRule::AS_IT_IS), time)?,
        memory: raw.memory.map_or(Ok(MemoryRule::AS_USED), memory)?,
        vcpus: positive("vcpus", raw.vcpus.unwrap_or(1.0))?,
        gateways: rates("gateway", raw.gateway, |gateway| gateway.as_str())?,
        limits: limits(raw.limits)?,
        unverified: raw.unverified,
    })
}

/// Four digits, a hyphen and two digits.
fn is_month(text: &str) -> bool {
    let digits = |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('-').is_some_and(|(year, month)| digits(year, 4) && digits(month, 2))
}

fn rates<K: Ord>(
    table: &str,
    raw: BTreeMap<K, RawRate>,
    name: impl Fn(&K) -> &'static str,
) -> Result<BTreeMap<K, Rate>, Wrong> {
    let checked = raw.into_iter().map(|(key, raw)| {
        let path = format!("{table}.{}", name(&key).to_lowercase());
        Ok((key, rate(&path, raw)?))
    });
    checked.collect()
}

/// A rate: either `usd`, or `tiers` that rise to one without an end.
fn rate(path: &str, raw: RawRate) -> Result<Rate, Wrong> {
    let key = |name: &str| format!("{path}.{name}");
    let free = not_negative(&key("free"), raw.free)?;
    let per = positive(&key("per"), raw.per.unwrap_or(1.0))?;
    let tiers = match (raw.usd, raw.tiers) {
        (Some(usd), None) => vec![Tier { up_to: f64::INFINITY, usd }],
        (None, Some(tiers)) => {
            let tier = |raw: RawTier| Tier { up_to: raw.up_to.unwrap_or(f64::INFINITY), usd: raw.usd };
            tiers.into_iter().map(tier).collect()
        }
        _ => return wrong(path, "must have either `usd` or `tiers`"),
    };
    for tier in &tiers {
        not_negative(&key("usd"), tier.usd)?;
    }
    let ends: Vec<f64> = std::iter::once(0.0).chain(tiers.iter().map(|tier| tier.up_to)).collect();
    let rises = ends.windows(2).all(|pair| pair[0] < pair[1]);
    if !rises || ends.last() != Some(&f64::INFINITY) {
        return wrong(key("tiers"), "must rise, and the last must have no `up_to`");
    }
    Ok(Rate { free, per, tiers })
}

fn time(raw: RawTime) -> Result<TimeRule, Wrong> {
    let span = match (raw.instance_hours, raw.step_ms, raw.minimum_ms) {
        (Some(hours), None, None) => Span::Instance { hours: positive("time.instance_hours", hours)? },
        (Some(_), ..) => return wrong("time.instance_hours", "does not go with `step_ms` or `minimum_ms`"),
        (None, step_ms, minimum_ms) => Span::Request {
            step_ms: step_ms.map(|step| positive("time.step_ms", step)).transpose()?,
            minimum_ms: not_negative("time.minimum_ms", minimum_ms.unwrap_or(0.0))?,
        },
    };
    let start_up = match raw.start_up {
        RawStartUp::Free => StartUp::Free,
        RawStartUp::Charged => StartUp::Charged,
    };
    let cpu_factor = raw.cpu_factor.map(|factor| positive("time.cpu_factor", factor)).transpose()?;
    Ok(TimeRule { span, start_up, cpu_factor })
}

fn memory(raw: RawMemory) -> Result<MemoryRule, Wrong> {
    let basis = match (raw.basis, raw.fixed_mb) {
        (RawBasis::Configured, None) => Basis::Configured,
        (RawBasis::Peak, None) => Basis::Peak,
        (RawBasis::Fixed, Some(mb)) => Basis::Fixed(positive("memory.fixed_mb", mb)?),
        (RawBasis::Fixed, None) => return wrong("memory.fixed_mb", "is missing, with a `fixed` basis"),
        (_, Some(_)) => return wrong("memory.fixed_mb", "goes with a `fixed` basis alone"),
    };
    let rounding = match (raw.minimum_mb, raw.step_mb, raw.sizes) {
        (None, None, None) => Rounding::None,
        (Some(minimum), Some(step), None) => Rounding::Steps {
            minimum: positive("memory.minimum_mb", minimum)?,
            step: positive("memory.step_mb", step)?,
        },
        (None, None, Some(sizes)) => {
            let sizes: Vec<Size> = sizes.iter().map(|size| Size { mb: size.mb, ghz: size.ghz }).collect();
            if sizes.is_empty() || !sizes.windows(2).all(|pair| pair[0].mb < pair[1].mb) {
                return wrong("memory.sizes", "must be there and rise");
            }
            for size in &sizes {
                positive("memory.sizes.mb", size.mb)?;
                positive("memory.sizes.ghz", size.ghz.unwrap_or(1.0))?;
            }
            Rounding::Sizes(sizes)
        }
        _ => return wrong("memory", "must have both `minimum_mb` and `step_mb`, or `sizes`, or none of them"),
    };
    Ok(MemoryRule { basis, rounding })
}

fn limits(limits: PlatformLimits) -> Result<PlatformLimits, Wrong> {
    let all = [
        ("limits.memory_mb", limits.memory_mb),
        ("limits.cpu_ms", limits.cpu_ms),
        ("limits.wall_ms", limits.wall_ms),
        ("limits.requests_a_day", limits.requests_a_day),
    ];
    for (key, limit) in all {
        positive(key, limit.unwrap_or(1.0))?;
    }
    Ok(limits)
}

fn positive(key: &str, value: f64) -> Result<f64, Wrong> {
    if value.is_finite() && value > 0.0 { Ok(value) } else { wrong(key, format!("is {value}, but must be above 0")) }
}

fn not_negative(key: &str, value: f64) -> Result<f64, Wrong> {
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        wrong(key, format!("is {value}, but must not be below 0"))
    }
}
