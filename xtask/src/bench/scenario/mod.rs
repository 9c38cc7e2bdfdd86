//! What is measured, one file for each.

mod api;
mod cold;
mod compute;
mod density;
mod deploy;
mod hello;
mod many;
mod metering;
mod noisy;
mod rounds;
mod streaming;
mod waiting;

use std::str::FromStr;

use anyhow::Result;

use super::report::Section;
use super::tools::Tools;

/// A scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    Hello,
    Cold,
    Density,
    Noisy,
    Waiting,
    Metering,
    Api,
    Streaming,
    Compute,
    Deploy,
}

impl Scenario {
    /// All, in the order of the report.
    pub const ALL: [Self; 10] = [
        Self::Hello,
        Self::Api,
        Self::Cold,
        Self::Density,
        Self::Waiting,
        Self::Noisy,
        Self::Streaming,
        Self::Compute,
        Self::Metering,
        Self::Deploy,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Cold => "cold",
            Self::Density => "density",
            Self::Noisy => "noisy",
            Self::Waiting => "waiting",
            Self::Metering => "metering",
            Self::Api => "api",
            Self::Streaming => "streaming",
            Self::Compute => "compute",
            Self::Deploy => "deploy",
        }
    }

    /// What its results are kept under: those of so many workers beside those of others.
    pub fn key(self, workers: Option<usize>) -> String {
        match (self, workers) {
            (Self::Density, Some(count)) => format!("{} {count}", self.name()),
            _ => self.name().to_owned(),
        }
    }

    /// Whether results that are kept under `key` are of this scenario.
    pub fn has_key(self, key: &str) -> bool {
        key.split(' ').next() == Some(self.name())
    }

    /// Measures it.
    pub fn run(self, tools: &Tools) -> Result<Section> {
        match self {
            Self::Hello => hello::run(tools),
            Self::Cold => cold::run(tools),
            Self::Density => density::run(tools),
            Self::Noisy => noisy::run(tools),
            Self::Waiting => waiting::run(tools),
            Self::Metering => metering::run(tools),
            Self::Api => api::run(tools),
            Self::Streaming => streaming::run(tools),
            Self::Compute => compute::run(tools),
            Self::Deploy => deploy::run(tools),
        }
    }
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|scenario| scenario.name() == name)
            .ok_or_else(|| format!("there is no scenario `{name}`: there are {}", known()))
    }
}
