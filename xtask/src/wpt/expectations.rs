//! The list of what does not pass, `tests/wpt/expectations.json`: it may only shrink.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::results::Outcome;

/// What is known not to pass, by test.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Expectations(BTreeMap<String, Known>);

/// What is known of one test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Known {
    /// Subtests that do not pass.
    Subtests(BTreeSet<String>),
    /// There are no results, or none that end; why.
    Broken(String),
}

/// How a result differs from what is known.
#[derive(Debug, PartialEq, Eq)]
pub enum Finding {
    /// A subtest that should pass does not.
    Regression { test: String, subtest: String, message: String },
    /// The whole test gives no results any more.
    Broken { test: String, reason: String },
    /// Passes now, and the list says that it does not.
    Unrecorded { test: String, subtest: String },
    /// Gives results now, and the list says that it does not.
    Mended { test: String },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Regression { test, subtest, message } => write!(f, "{test}: `{subtest}` does not pass: {message}"),
            Self::Broken { test, reason } => write!(f, "{test} gives no results: {reason}"),
            Self::Unrecorded { test, subtest } => write!(f, "{test}: `{subtest}` passes, but is listed as failing"),
            Self::Mended { test } => write!(f, "{test} gives results, but is listed as giving none"),
        }
    }
}

impl Expectations {
    /// Reads the list; an empty one where there is no file.
    pub fn read(file: &Path) -> Result<Self> {
        if !file.exists() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(file).with_context(|| format!("failed to read `{}`", file.display()))?;
        serde_json::from_str(&text).with_context(|| format!("failed to read `{}`", file.display()))
    }

    /// Writes the list.
    pub fn write(&self, file: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(file, text).with_context(|| format!("failed to write `{}`", file.display()))
    }

    /// Takes the results for what is known of these tests.
    pub fn record(&mut self, results: &[(String, &Outcome)]) {
        for (test, outcome) in results {
            match known(outcome) {
                Some(known) => drop(self.0.insert(test.clone(), known)),
                None => drop(self.0.remove(test)),
            }
        }
    }

    /// Where results differ from what is known.
    pub fn check(&self, results: &[(String, &Outcome)]) -> Vec<Finding> {
        results.iter().flat_map(|(test, outcome)| self.differences(test, outcome)).collect()
    }

    fn differences(&self, test: &str, outcome: &Outcome) -> Vec<Finding> {
        let none = BTreeSet::new();
        let expected = match (self.0.get(test), outcome) {
            (Some(Known::Broken(_)), Outcome::Failed(_)) => return Vec::new(),
            (Some(Known::Broken(_)), Outcome::Ran { .. }) => return vec![Finding::Mended { test: test.to_owned() }],
            (_, Outcome::Failed(reason)) => {
                return vec![Finding::Broken { test: test.to_owned(), reason: reason.clone() }];
            }
            (Some(Known::Subtests(expected)), Outcome::Ran { .. }) => expected,
            (None, Outcome::Ran { .. }) => &none,
        };
        let Outcome::Ran { subtests, .. } = outcome else { return Vec::new() };
        let of = |(subtest, failure): (&String, &Option<String>)| match (failure, expected.contains(subtest)) {
            (Some(message), false) => {
                Some(Finding::Regression { test: test.to_owned(), subtest: subtest.clone(), message: message.clone() })
            }
            (None, true) => Some(Finding::Unrecorded { test: test.to_owned(), subtest: subtest.clone() }),
            _ => None,
        };
        subtests.iter().filter_map(of).collect()
    }
}

/// What to remember of an outcome; nothing when all is well.
fn known(outcome: &Outcome) -> Option<Known> {
    match outcome {
        Outcome::Failed(reason) => Some(Known::Broken(reason.lines().next().unwrap_or_default().to_owned())),
        Outcome::Ran { subtests, .. } => {
            let failing: BTreeSet<_> =
                subtests.iter().filter(|(_, failure)| failure.is_some()).map(|(name, _)| name.clone()).collect();
            (!failing.is_empty()).then_some(Known::Subtests(failing))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(tests: &[(&str, u8)]) -> Outcome {
        let tests: Vec<_> = tests.iter().map(|(name, status)| (name, status, "why")).collect();
        Outcome::of(Ok(serde_json::json!({ "status": 0, "message": null, "tests": tests }).to_string()))
    }

    #[test]
    fn what_was_recorded_is_no_finding_and_all_else_is() {
        let before = ran(&[("a", 0), ("b", 1)]);
        let mut list = Expectations::default();
        list.record(&[("t".to_owned(), &before)]);
        assert_eq!(list.check(&[("t".to_owned(), &before)]), []);

        let after = ran(&[("a", 1), ("b", 0)]);
        let findings = list.check(&[("t".to_owned(), &after)]);
        assert_eq!(
            findings,
            [
                Finding::Regression { test: "t".to_owned(), subtest: "a".to_owned(), message: "why".to_owned() },
                Finding::Unrecorded { test: "t".to_owned(), subtest: "b".to_owned() },
            ]
        );
    }

    #[test]
    fn a_test_without_results_is_known_or_found() {
        let broken = Outcome::of(Err(anyhow::anyhow!("hangs")));
        let mut list = Expectations::default();
        assert_eq!(
            list.check(&[("t".to_owned(), &broken)]),
            [Finding::Broken { test: "t".to_owned(), reason: "hangs".to_owned() }]
        );
        list.record(&[("t".to_owned(), &broken)]);
        assert_eq!(list.check(&[("t".to_owned(), &broken)]), []);
        assert_eq!(list.check(&[("t".to_owned(), &ran(&[("a", 0)]))]), [Finding::Mended { test: "t".to_owned() }]);
    }
}
