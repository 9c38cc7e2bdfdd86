//! What a workload costs on other platforms, by the month and in US dollars.
//!
//! A [`Model`] is a platform's price list and its rules of rounding, read from a file in `data/`; [`Model::quote`]
//! applies it to a [`Workload`]. Everything here is arithmetic: nothing is asked of a network.
//!
//! ## Why
//! Price lists change and disagree with each other, so they are data, each with its sources, its date, and a mark on
//! every figure that nobody has held against the platform's own documentation. The code knows only the few ways of
//! charging that all of them are made of. `docs/prices.md` tells the rules to people.

mod data;
mod measure;
mod model;
mod quote;
mod rate;
mod raw;
mod workload;

#[cfg(test)]
mod tests;

pub use self::data::DataError;
pub use self::model::{Model, Unverified};
pub use self::quote::{Metered, Quote};
pub use self::workload::{Gateway, InvalidWorkload, Workload};

use std::fmt;
use std::sync::LazyLock;

/// The time whose prices are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Era {
    /// August 2018, when edge platforms began to charge by the request.
    Y2018,
    /// The latest prices known; [`Model::date`] says how late.
    Now,
}

impl Era {
    /// All of them, the oldest first.
    pub const ALL: [Self; 2] = [Self::Y2018, Self::Now];

    /// Its name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Y2018 => "2018",
            Self::Now => "now",
        }
    }
}

impl fmt::Display for Era {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

static MODELS: LazyLock<Vec<Model>> =
    LazyLock::new(|| data::embedded().expect("a test reads every file that is embedded"));

/// The models of an era, in the order of the documentation. A model that is not sold any more stands with the era
/// after it, and its quotes say so.
pub fn models(era: Era) -> Vec<&'static Model> {
    MODELS.iter().filter(|model| model.era() == era).collect()
}
