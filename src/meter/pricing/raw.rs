//! A data file as it is written, before it is checked.

use super::model::{Meter, PlatformLimits, Unverified};
use super::workload::Gateway;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawModel {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) date: String,
    pub(super) sources: Vec<String>,
    #[serde(default)]
    pub(super) notes: Vec<String>,
    pub(super) retired: Option<String>,
    #[serde(default)]
    pub(super) base_fee: f64,
    pub(super) vcpus: Option<f64>,
    pub(super) requests: RawRate,
    #[serde(default)]
    pub(super) compute: BTreeMap<Meter, RawRate>,
    pub(super) time: Option<RawTime>,
    pub(super) memory: Option<RawMemory>,
    #[serde(default)]
    pub(super) gateway: BTreeMap<Gateway, RawRate>,
    #[serde(default)]
    pub(super) limits: PlatformLimits,
    #[serde(default)]
    pub(super) unverified: Vec<Unverified>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRate {
    #[serde(default)]
    pub(super) free: f64,
    pub(super) per: Option<f64>,
    pub(super) usd: Option<f64>,
    pub(super) tiers: Option<Vec<RawTier>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTier {
    pub(super) up_to: Option<f64>,
    pub(super) usd: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTime {
    pub(super) step_ms: Option<f64>,
    pub(super) minimum_ms: Option<f64>,
    pub(super) instance_hours: Option<f64>,
    pub(super) cpu_factor: Option<f64>,
    pub(super) start_up: RawStartUp,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawStartUp {
    Free,
    Charged,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMemory {
    pub(super) basis: RawBasis,
    pub(super) fixed_mb: Option<f64>,
    pub(super) minimum_mb: Option<f64>,
    pub(super) step_mb: Option<f64>,
    pub(super) sizes: Option<Vec<RawSize>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawBasis {
    Configured,
    Peak,
    Fixed,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSize {
    pub(super) mb: f64,
    pub(super) ghz: Option<f64>,
}
