//! A recorded invocation and its second run, side by side.

use super::run::Rerun;
use crate::cli::print;
use crate::recording::{Headers, Receipt, Recording, Response};
use serde_json::{Value, json};
use similar::TextDiff;
use std::path::PathBuf;
use std::sync::Arc;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The same program: response and bill must be the same.
    Same,
    /// Another program: the response should be, the fuel is for the author to judge.
    Changed,
}

/// Lines of a difference that are shown.
const MOST_LINES: usize = 40;

/// A recording and what came of running it again.
pub struct Comparison {
    path: PathBuf,
    recording: Arc<Recording>,
    receipt: Receipt,
    kind: Kind,
    /// What differs in the response, a line for each.
    response: Vec<String>,
    /// What differs in the bill.
    bill: Vec<String>,
    /// What the second run asked of others that the first did not.
    requests: Vec<String>,
    problem: Option<String>,
}

impl Comparison {
    pub fn new(path: PathBuf, recording: Arc<Recording>, rerun: Rerun, kind: Kind) -> Self {
        let response = differences(recording.response.as_ref(), rerun.played.response.as_ref());
        let bill = recording.receipt.as_ref().map_or_else(Vec::new, |billed| rerun.receipt.differences(billed));
        // A run that failed as it failed when it was recorded is as it should be.
        let problem = rerun.problem.filter(|_| !response.is_empty() || !bill.is_empty());
        Self {
            path,
            recording,
            receipt: rerun.receipt,
            kind,
            response,
            bill,
            requests: rerun.played.differences,
            problem,
        }
    }

    /// Whether the second run is what it should be.
    pub fn is_equal(&self) -> bool {
        match self.kind {
            Kind::Same => self.response.is_empty() && self.bill.is_empty() && self.requests.is_empty(),
            Kind::Changed => self.response.is_empty(),
        }
    }

    fn fuel(&self) -> (u64, u64) {
        (self.recording.receipt.as_ref().map_or(0, |receipt| receipt.fuel), self.receipt.fuel)
    }

    pub fn to_json(&self) -> Value {
        let (before, after) = self.fuel();
        json!({
            "file": self.path,
            "requestId": self.receipt.request_id,
            "equal": self.is_equal(),
            "fuel": {"recorded": before, "now": after},
            "response": self.response,
            "bill": self.bill,
            "requests": self.requests,
            "problem": self.problem,
            "receipt": self.receipt,
        })
    }

    pub fn to_text(&self) -> String {
        let (before, after) = self.fuel();
        let request = &self.recording.request;
        let status =
            self.recording.response.as_ref().map_or_else(|| "-".to_owned(), |response| response.status.to_string());
        let fuel = match self.kind {
            Kind::Same if before == after => format!("{} fuel", print::grouped(after)),
            _ => format!("{} -> {} fuel ({})", print::grouped(before), print::grouped(after), growth(before, after)),
        };
        let mark = if self.is_equal() { "=" } else { "≠" };
        let url = print::visible(&request.url, ' ');
        let mut lines = vec![format!("{mark} {} {url}  {status}  {fuel}", request.method)];
        let bill = if self.kind == Kind::Same { &self.bill[..] } else { &[] };
        for line in self.response.iter().chain(bill).chain(&self.requests).chain(&self.problem) {
            lines.push(format!("    {}", print::visible(line, ' ')));
        }
        lines.join("\n")
    }
}

/// `+1.5 %`, or `same`.
pub fn growth(before: u64, after: u64) -> String {
    match (before, after) {
        _ if before == after => "same".to_owned(),
        (0, _) => "new".to_owned(),
        _ => format!("{:+.2} %", (after as f64 / before as f64 - 1.0) * 100.0),
    }
}

fn differences(before: Option<&Response>, after: Option<&Response>) -> Vec<String> {
    let (before, after) = match (before, after) {
        (None, None) => return Vec::new(),
        (Some(_), None) => return vec!["no response, where there was one".to_owned()],
        (None, Some(_)) => return vec!["a response, where there was none".to_owned()],
        (Some(before), Some(after)) => (before, after),
    };
    let mut lines = Vec::new();
    if before.status != after.status {
        lines.push(format!("status {} instead of {}", after.status, before.status));
    }
    let missing = |from: &Headers, other: &Headers| -> Vec<String> {
        let lines = from.iter().filter(|line| !other.contains(line));
        lines.map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(&value.0))).collect()
    };
    lines.extend(missing(&before.headers, &after.headers).into_iter().map(|line| format!("- {line}")));
    lines.extend(missing(&after.headers, &before.headers).into_iter().map(|line| format!("+ {line}")));
    if before.sha256 != after.sha256 {
        lines.extend(body_differences(before, after));
    }
    lines
}

fn body_differences(before: &Response, after: &Response) -> Vec<String> {
    let sizes = format!("body of {} bytes instead of {}", after.bytes, before.bytes);
    let texts = (std::str::from_utf8(&before.beginning.0), std::str::from_utf8(&after.beginning.0));
    let mut lines = vec![sizes];
    match texts {
        (Ok(one), Ok(other)) if one != other => {
            let diff = TextDiff::from_lines(one, other);
            let changed = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
            lines.extend(
                changed.take(MOST_LINES).map(|change| format!("{}{}", change.tag(), change.value().trim_end())),
            );
        }
        _ => {
            let position = before.beginning.0.iter().zip(&after.beginning.0).position(|(one, other)| one != other);
            lines.extend(position.map(|position| format!("the first byte that differs is at {position}")));
        }
    }
    lines
}
