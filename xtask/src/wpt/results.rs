//! What came of a test.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// testharness.js's status of a subtest, or of the harness itself, that is as it should be.
const PASS: u8 = 0;

/// What a worker answers.
#[derive(Debug, Deserialize)]
struct Report {
    status: u8,
    message: Option<String>,
    tests: Vec<(String, u8, Option<String>)>,
}

/// What came of one test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It ran; the subtests by name. Of several that share a name, all must pass.
    Ran {
        /// Each subtest, and why it did not pass if it did not.
        subtests: BTreeMap<String, Option<String>>,
        /// What is wrong with the run as a whole, if anything is.
        harness: Option<String>,
    },
    /// There are no results; why not.
    Failed(String),
}

impl Outcome {
    /// What a worker's answer says.
    pub fn of(answer: Result<String>) -> Self {
        let report = answer.and_then(|text| {
            let start = text.chars().take(300).collect::<String>();
            serde_json::from_str::<Report>(&text).with_context(|| format!("no results but: {start}"))
        });
        match report {
            Err(error) => Self::Failed(format!("{error:#}")),
            Ok(report) => Self::ran(report),
        }
    }

    fn ran(report: Report) -> Self {
        let mut subtests = BTreeMap::new();
        for (name, status, message) in report.tests {
            let failure = (status != PASS).then(|| message.unwrap_or_else(|| format!("status {status}")));
            let entry = subtests.entry(name).or_insert(None);
            if entry.is_none() {
                *entry = failure;
            }
        }
        let harness = (report.status != PASS)
            .then(|| report.message.unwrap_or_else(|| format!("harness status {}", report.status)));
        Self::Ran { subtests, harness }
    }

    /// The subtests that passed.
    pub fn passed(&self) -> impl Iterator<Item = &str> {
        let subtests = match self {
            Self::Ran { subtests, .. } => Some(subtests),
            Self::Failed(_) => None,
        };
        subtests.into_iter().flatten().filter(|(_, failure)| failure.is_none()).map(|(name, _)| name.as_str())
    }

    /// How many subtests passed, and of how many.
    pub fn counts(&self) -> (usize, usize) {
        match self {
            Self::Ran { subtests, .. } => (self.passed().count(), subtests.len()),
            Self::Failed(_) => (0, 0),
        }
    }

    /// Prints what did not pass.
    pub fn print_failures(&self, test: &str) {
        match self {
            Self::Failed(reason) => println!("{test}: {reason}"),
            Self::Ran { subtests, harness } => {
                if let Some(message) = harness {
                    println!("{test}: {message}");
                }
                for (name, failure) in subtests {
                    if let Some(message) = failure {
                        println!("{test}: {name}: {message}");
                    }
                }
            }
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(reason) => write!(f, "{}", reason.lines().next().unwrap_or_default()),
            Self::Ran { .. } => {
                let (passed, all) = self.counts();
                write!(f, "{passed}/{all}")
            }
        }
    }
}
