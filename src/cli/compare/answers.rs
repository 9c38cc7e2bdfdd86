//! Whether programs answer alike: status, content type and body.

use super::measure::seed;
use super::program::Program;
use crate::cli::trial::{Exchange, TrialRequest};
use anyhow::{Context, Result};
use http::header::CONTENT_TYPE;
use serde::Serialize;
use similar::{ChangeTag, TextDiff};
use std::time::Duration;

/// Lines of a difference that are shown; the rest is counted.
const MOST_LINES: usize = 60;
/// Lines around a change that are shown with it.
const CONTEXT: usize = 2;
/// Bytes of the longest text that is compared line by line.
const LONGEST_TEXT: usize = 1 << 20;
/// Time that looking for a short difference may take; after it a longer one will do.
const DIFF_TIME: Duration = Duration::from_secs(2);

/// What is compared of an answer, but for the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Head {
    pub status: u16,
    pub content_type: Option<String>,
}

impl Head {
    pub fn of(exchange: &Exchange) -> Self {
        let content_type = exchange.headers.get(CONTENT_TYPE);
        let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Self { status: exchange.status, content_type }
    }
}

/// How two bodies differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct BodyDifference {
    /// Bytes of each, that of the first program first.
    pub sizes: [usize; 2],
    /// Index of the first byte that is another.
    pub first_difference: usize,
    /// Lines with `-` for the first program's, `+` for the other's. Only for text.
    pub diff: Option<String>,
}

/// A request that two programs answered differently.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Difference {
    /// Label of the program that the other is held against.
    pub first: String,
    pub other: String,
    /// The request in words, and its index.
    pub request: String,
    pub request_index: usize,
    /// Status and content type of both, if one of these differs.
    pub heads: Option<[Head; 2]>,
    pub body: Option<BodyDifference>,
}

/// Sends every request to a program once.
pub(super) async fn ask(program: &Program, requests: &[TrialRequest]) -> Result<Vec<Exchange>> {
    let mut exchanges = Vec::with_capacity(requests.len());
    for request in requests {
        let sent = program.trial.send_seeded(request, seed(0)).await;
        exchanges.push(sent.with_context(|| format!("failed to send `{}` to `{}`", request.title(), program.label))?);
    }
    Ok(exchanges)
}

/// All differences from the first program that gave an answer. Failures are no answers, and told elsewhere.
pub(super) fn differences(
    programs: &[Program],
    requests: &[TrialRequest],
    answers: &[Vec<Exchange>],
) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (index, request) in requests.iter().enumerate() {
        let mut given = programs.iter().zip(answers).map(|(program, answers)| (&program.label, &answers[index]));
        let Some((first, expected)) = given.by_ref().find(|(_, answer)| answer.failure().is_none()) else { continue };
        for (other, found) in given.filter(|(_, answer)| answer.failure().is_none()) {
            let heads = [Head::of(expected), Head::of(found)];
            let heads = (heads[0] != heads[1]).then_some(heads);
            let body = body_difference(&expected.body, &found.body);
            if heads.is_some() || body.is_some() {
                let (first, other) = (first.clone(), other.clone());
                differences.push(Difference {
                    first,
                    other,
                    request: request.title(),
                    request_index: index,
                    heads,
                    body,
                });
            }
        }
    }
    differences
}

fn body_difference(one: &[u8], other: &[u8]) -> Option<BodyDifference> {
    if one == other {
        return None;
    }
    let common = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let diff = match (text(one), text(other)) {
        (Some(one), Some(other)) => Some(text_difference(one, other)),
        _ => None,
    };
    Some(BodyDifference { sizes: [one.len(), other.len()], first_difference: common, diff })
}

/// The bytes as text that can be compared line by line.
fn text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= LONGEST_TEXT)?;
    (!text.contains('\0')).then_some(text)
}

fn text_difference(one: &str, other: &str) -> String {
    let diff = TextDiff::configure().timeout(DIFF_TIME).diff_lines(one, other);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            lines.push("…".to_owned());
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            let end = if change.missing_newline() { " (no end of line)" } else { "" };
            lines.push(format!("{sign}{}{end}", change.value().trim_end_matches(['\r', '\n'])));
        }
    }
    if lines.len() > MOST_LINES {
        let more = lines.split_off(MOST_LINES).len();
        lines.push(format!("… and {more} more lines"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_compared_line_by_line_and_bytes_by_their_place() {
        assert_eq!(body_difference(b"same", b"same"), None);
        let found = body_difference(b"a\nb\nc\n", b"a\nx\nc").unwrap();
        assert_eq!((found.sizes, found.first_difference), ([6, 5], 2));
        assert_eq!(found.diff.unwrap(), " a\n-b\n-c\n+x\n+c (no end of line)");
        let binary = body_difference(&[1, 0, 2], &[1, 0]).unwrap();
        assert_eq!(binary, BodyDifference { sizes: [3, 2], first_difference: 2, diff: None });
    }

    #[test]
    fn a_long_difference_is_cut() {
        let (one, other) = ("a\n".repeat(500), "b\n".repeat(500));
        let diff = body_difference(one.as_bytes(), other.as_bytes()).unwrap().diff.unwrap();
        assert_eq!(diff.lines().count(), MOST_LINES + 1);
        assert!(diff.ends_with("… and 940 more lines"), "{diff}");
    }
}
