//! Fuel by call stack: where an invocation's bill comes from, and the formats that other tools read it in.
//!
//! A profile is exact. It is not sampled by a clock: each unit of fuel is there once, under the stack that it was used on, so that the
//! sum of a profile is the fuel of the invocation and two runs of the same request give the same profile.

pub mod diff;
pub mod flame;
pub mod folded;
pub mod pprof;
pub mod speedscope;
pub mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

/// One place on a call stack.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Frame {
    /// Name of the function as its author knows it, or a word in brackets for what has none.
    pub function: String,
    /// The author's file.
    pub file: Option<String>,
    /// Line in that file, from 1.
    pub line: Option<u32>,
}

impl Frame {
    /// A frame of which only the name is known.
    pub fn named(function: impl Into<String>) -> Self {
        Self { function: function.into(), file: None, line: None }
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{} ({file}:{line})", self.function),
            (Some(file), None) => write!(f, "{} ({file})", self.function),
            (None, _) => f.write_str(&self.function),
        }
    }
}

/// What is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Functions of a file.
    Functions,
    /// Lines of functions.
    Lines,
}

/// Exact fuel by call stack, outermost frame first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    samples: BTreeMap<Vec<Frame>, u64>,
}

impl Profile {
    /// Counts `fuel` under `stack`. Nothing is kept of a stack that used nothing.
    pub fn add(&mut self, stack: &[Frame], fuel: u64) {
        if fuel == 0 {
            return;
        }
        match self.samples.get_mut(stack) {
            Some(sum) => *sum += fuel,
            None => {
                self.samples.insert(stack.to_vec(), fuel);
            }
        }
    }

    /// All fuel in the profile.
    pub fn total(&self) -> u64 {
        self.samples.values().sum()
    }

    /// Stacks and their own fuel, in a fixed order.
    pub fn samples(&self) -> impl Iterator<Item = (&[Frame], u64)> {
        self.samples.iter().map(|(stack, fuel)| (stack.as_slice(), *fuel))
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// The same profile with no more told apart than `detail`.
    pub fn at(&self, detail: Detail) -> Self {
        if detail == Detail::Lines {
            return self.clone();
        }
        let mut merged = Self::default();
        for (stack, fuel) in self.samples() {
            let functions: Vec<Frame> = stack.iter().map(|frame| Frame { line: None, ..frame.clone() }).collect();
            merged.add(&functions, fuel);
        }
        merged
    }

    /// Adds all of another profile.
    pub fn merge(&mut self, other: &Self) {
        for (stack, fuel) in other.samples() {
            self.add(stack, fuel);
        }
    }
}
