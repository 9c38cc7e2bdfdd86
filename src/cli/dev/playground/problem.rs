//! What is wrong with a program, with its place in the author's files.

use crate::build::bundle::Diagnostic;
use crate::cli::dev::project::Failure;
use serde::Serialize;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    /// What it is, and what to do about it.
    pub message: String,
    /// Where it is, the innermost place first; empty where that is not known.
    pub places: Vec<Place>,
}

/// A place in the author's files, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Place {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

impl Problem {
    /// From an error's text, whose stack has a place in each line.
    pub fn of_text(text: &str) -> Self {
        Self { message: text.to_owned(), places: text.lines().filter_map(place).collect() }
    }
}

impl From<&Diagnostic> for Problem {
    fn from(diagnostic: &Diagnostic) -> Self {
        let hint = diagnostic.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let place = diagnostic.location.as_ref().map(|location| Place {
            file: location.file.clone(),
            line: number(location.line),
            column: number(location.column),
        });
        Self { message: format!("{}{hint}", diagnostic.message), places: place.into_iter().collect() }
    }
}

/// All that a build failed for.
pub(super) fn of_failure(failure: &Failure) -> Vec<Problem> {
    if failure.diagnostics.is_empty() {
        return vec![Problem::of_text(&failure.text)];
    }
    failure.diagnostics.iter().map(Problem::from).collect()
}

/// The place that a line of a stack or of a message names: `at f (src/a.ts:1:2)`, `at a.ts:1:2`.
fn place(line: &str) -> Option<Place> {
    line.split_whitespace().rev().find_map(|word| {
        let word = word.trim_matches(|c: char| "()[],`".contains(c));
        let mut parts = word.rsplitn(3, ':');
        let (column, line, file) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
        (line > 0 && !file.is_empty()).then(|| Place { file: file.to_owned(), line, column })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_in_stacks() {
        let text = "TypeError: x is not a function\n    at run (src/a.ts:12:5)\n    at b.js:3:1\n    at native";
        let places = Problem::of_text(text).places;
        let shown: Vec<_> =
            places.iter().map(|place| format!("{} {} {}", place.file, place.line, place.column)).collect();
        assert_eq!(shown, ["src/a.ts 12 5", "b.js 3 1"]);
        assert!(Problem::of_text("no complete response within 30:00:00s at 1:0").places.is_empty());
    }
}
